"""A webinar: its one session and how to join it, what access there is, and what it leaves behind.

``seen`` is the revision of the webinar that the page showed: when somebody else was quicker, the change is refused
rather than theirs lost.
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.events import Choice, Event, EventKind, Part, PartState, Visibility
from cop.models.webinars import EventLink, LinkKind
from cop.queries.speakers import consents, of_event
from cop.services.events.editing.shared import (
    announce_move,
    event_as_seen,
    https_address,
    instant_of,
    lock_all_parts,
    new_event,
    touch,
)

PLACE = "Online"

SESSION = "webinar"
"""The kind of part that a webinar has one of."""


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
    note: str = "",
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
        announce_move(work, [part], was=before[0] if before[0] != starts_at else None, note=note)
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


def add_link(
    work: Work, *, event_id: int, seen: int, kind: LinkKind, title: str, url: str, sure: bool = False
) -> EventLink:
    """A recording or a resource; visitors see it once the webinar is over.

    Whoever is not ``sure`` cannot add a recording where somebody who spoke does not want to be recorded.
    """
    event = _webinar_to_edit(work, event_id, seen)
    address = https_address(url, field="url")
    _refuse_recording(work, event, kind, sure=sure)
    last = work.session.scalar(select(func.max(EventLink.position)).where(EventLink.event_id == event.id))
    position = 0 if last is None else last + 1
    link = EventLink(event_id=event.id, kind=kind, position=position, title=title, url=address, added_at=work.now)
    work.session.add(link)
    return _saved(work, event, link)


def edit_link(
    work: Work, *, event_id: int, seen: int, link_id: int, kind: LinkKind, title: str, url: str, sure: bool = False
) -> EventLink:
    event = _webinar_to_edit(work, event_id, seen)
    link = _one(work, event, link_id)
    if (kind, url) != (link.kind, link.url):
        _refuse_recording(work, event, kind, sure=sure)
    link.kind, link.title, link.url = kind, title, https_address(url, field="url")
    return _saved(work, event, link)


def _refuse_recording(work: Work, event: Event, kind: LinkKind, *, sure: bool) -> None:
    refused = consents(of_event(work, event.id)).refused
    if kind is LinkKind.RECORDING and refused and not sure:
        raise Refusal(
            marked("%(names)s said no to being recorded. Say that this recording may stand here all the same."),
            field="sure",
            names=", ".join(refused),
        )


def remove_link(work: Work, *, event_id: int, seen: int, link_id: int) -> None:
    event = _webinar_to_edit(work, event_id, seen)
    work.session.delete(_one(work, event, link_id))
    event.changed_at = work.now
    work.session.flush()


def _webinar_to_edit(work: Work, event_id: int, seen: int) -> Event:
    event = event_as_seen(work, event_id, seen)
    if event.kind is not EventKind.WEBINAR:
        raise NotFound
    return event


def _one(work: Work, event: Event, link_id: int) -> EventLink:
    link = work.session.get(EventLink, link_id)
    if link is None or link.event_id != event.id:
        raise NotFound
    return link


def _saved(work: Work, event: Event, link: EventLink) -> EventLink:
    event.changed_at = work.now
    work.session.flush()
    return link
