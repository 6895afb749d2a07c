"""A webinar: its one session and how to join it, what access there is, its speakers, and what it leaves behind.

``seen`` is the revision of the webinar that the page showed (``queries.webinars.revision``): when somebody else was
quicker, the change is refused rather than theirs lost.
"""

from datetime import date, datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.events import Choice, Event, EventKind, Part, PartState, Visibility
from cop.models.webinars import EventLink, LinkKind, Speaker
from cop.queries.webinars import revision
from cop.services.events.editing.shared import (
    announce_move,
    event_to_edit,
    https_address,
    instant_of,
    lock_all_parts,
    new_event,
    touch,
)

PLACE = "Online"

SESSION = "webinar"
"""The kind of part that a webinar has one of."""

Row = TypeVar("Row", Speaker, EventLink)


def create_webinar(
    work: Work,
    *,
    programme_id: int,
    title: str,
    summary: str,
    slug: str = "",
    description: str = "",
    series_id: int | None = None,
    visibility: Visibility = Visibility.PUBLIC,
) -> Event:
    """A draft without a time, which only staff see. A blank slug is made from the title and stays for good."""
    return new_event(
        work,
        programme_id=programme_id,
        kind=EventKind.WEBINAR,
        choice=Choice.ALL,
        title=title,
        summary=summary,
        slug=slug,
        description=description,
        series_id=series_id,
        visibility=visibility,
        place=PLACE,
        party_max=1,
    )


def set_session(
    work: Work,
    *,
    event_id: int,
    seen: int,
    on_date: date,
    start: time,
    end: time,
    join_url: str,
    join_opens_minutes: int,
    zone: ZoneInfo,
) -> Part:
    """Set when it is and where to join; a move is told to all who registered. The address is never shown to them."""
    event = _webinar_to_edit(work, event_id, seen)
    starts_at = instant_of(on_date, start, zone, field="start")
    ends_at = instant_of(on_date, end, zone, field="end")
    part = next((item for item in lock_all_parts(work, event) if item.state is PartState.PLANNED), None)
    before = (part.starts_at, part.ends_at) if part is not None else None
    if (starts_at, ends_at) != before:
        _refuse_times(work, part, starts_at, ends_at)
    address = https_address(join_url, field="join_url") if join_url else None
    if part is None:
        part = Part(event_id=event.id, kind=SESSION, title=event.title, changed_at=work.now)
        work.session.add(part)
    part.starts_at, part.ends_at, part.join_url = starts_at, ends_at, address
    event.join_opens_minutes = join_opens_minutes
    touch(work, event, part)
    work.session.flush()
    if before is not None and (starts_at, ends_at) != before:
        announce_move(work, [part])
    return part


def _refuse_times(work: Work, part: Part | None, starts_at: datetime, ends_at: datetime) -> None:
    if part is not None and part.starts_at <= work.now:
        raise Refusal(marked("It has begun already, so its time stays as it is"), field="start")
    if ends_at <= starts_at:
        raise Refusal(marked("It must end after it begins"), field="end")
    if starts_at <= work.now:
        raise Refusal(marked("It must begin in the future"), field="on_date")


def edit_access(work: Work, *, event_id: int, seen: int, access: str, needs_until: datetime | None) -> Event:
    """What access there is for everybody, and until when people can ask for more and count on it."""
    event = _webinar_to_edit(work, event_id, seen)
    event.step_free, event.needs_until = access, needs_until
    touch(work, event)
    return event


def add_speaker(
    work: Work,
    *,
    event_id: int,
    seen: int,
    name: str,
    role_title: str,
    organisation: str,
    about: str,
    timezone: str | None,
) -> Speaker:
    """The last in the order so far. ``timezone`` is that of where they speak from; None is that of the programme."""
    event = _webinar_to_edit(work, event_id, seen)
    _refuse_unknown_zone(timezone)
    speaker = Speaker(
        event_id=event.id,
        position=_next_position(work, Speaker, event),
        name=name,
        role_title=role_title,
        organisation=organisation,
        about=about,
        timezone=timezone,
    )
    return _save(work, event, speaker)


def edit_speaker(
    work: Work,
    *,
    event_id: int,
    seen: int,
    speaker_id: int,
    name: str,
    role_title: str,
    organisation: str,
    about: str,
    timezone: str | None,
) -> Speaker:
    event = _webinar_to_edit(work, event_id, seen)
    _refuse_unknown_zone(timezone)
    speaker = _of_event(work, Speaker, event, speaker_id)
    speaker.name, speaker.role_title, speaker.organisation = name, role_title, organisation
    speaker.about, speaker.timezone = about, timezone
    return _save(work, event, speaker)


def move_speaker_up(work: Work, *, event_id: int, seen: int, speaker_id: int) -> None:
    """Let somebody change places with whoever speaks before them; the first stays where they are."""
    event = _webinar_to_edit(work, event_id, seen)
    _of_event(work, Speaker, event, speaker_id)
    order = select(Speaker).where(Speaker.event_id == event.id).order_by(Speaker.position, Speaker.id)
    speakers = list(work.session.scalars(order))
    place = [speaker.id for speaker in speakers].index(speaker_id)
    speakers.insert(max(place - 1, 0), speakers.pop(place))
    for position, speaker in enumerate(speakers):
        speaker.position = position
    event.changed_at = work.now
    work.session.flush()


def remove_speaker(work: Work, *, event_id: int, seen: int, speaker_id: int) -> None:
    event = _webinar_to_edit(work, event_id, seen)
    _remove(work, event, _of_event(work, Speaker, event, speaker_id))


def add_link(work: Work, *, event_id: int, seen: int, kind: LinkKind, title: str, url: str) -> EventLink:
    """A recording or a resource; visitors see it once the webinar is over."""
    event = _webinar_to_edit(work, event_id, seen)
    address = https_address(url, field="url")
    position = _next_position(work, EventLink, event)
    link = EventLink(event_id=event.id, kind=kind, position=position, title=title, url=address, added_at=work.now)
    return _save(work, event, link)


def edit_link(work: Work, *, event_id: int, seen: int, link_id: int, kind: LinkKind, title: str, url: str) -> EventLink:
    event = _webinar_to_edit(work, event_id, seen)
    link = _of_event(work, EventLink, event, link_id)
    link.kind, link.title, link.url = kind, title, https_address(url, field="url")
    return _save(work, event, link)


def remove_link(work: Work, *, event_id: int, seen: int, link_id: int) -> None:
    event = _webinar_to_edit(work, event_id, seen)
    _remove(work, event, _of_event(work, EventLink, event, link_id))


def _webinar_to_edit(work: Work, event_id: int, seen: int) -> Event:
    event = event_to_edit(work, event_id)
    if event.kind is not EventKind.WEBINAR:
        raise NotFound
    if seen != revision(event):
        raise Refusal(
            marked(
                "Somebody else changed this webinar while you had the page open. Look at it in another window, and "
                "save again if yours is to stand."
            )
        )
    return event


def _of_event(work: Work, table: type[Row], event: Event, row_id: int) -> Row:
    row = work.session.get(table, row_id)
    if row is None or row.event_id != event.id:
        raise NotFound
    return row


def _next_position(work: Work, table: type[Row], event: Event) -> int:
    last = work.session.scalar(select(func.max(table.position)).where(table.event_id == event.id))
    return 0 if last is None else last + 1


def _save(work: Work, event: Event, row: Row) -> Row:
    work.session.add(row)
    event.changed_at = work.now
    work.session.flush()
    return row


def _remove(work: Work, event: Event, row: Speaker | EventLink) -> None:
    work.session.delete(row)
    event.changed_at = work.now
    work.session.flush()


def _refuse_unknown_zone(timezone: str | None) -> None:
    if timezone is not None and timezone not in available_timezones():
        raise Refusal(marked("Choose a time zone from the list"), field="timezone")
