"""Meet-ups of alumni: dates that come again, and the meeting that each of them leads into.

Their alumni see them and nobody else, whatever a page asks for; each date is booked, moved and called off by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from cop.algorithms.repeating import DATES_MOST, Repetition, Rhythm, days, is_last_in_month, number_in_month
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.core.working_hours import bank_holiday
from cop.models.events import Choice, Event, EventKind, Part, PartState, Queue, Visibility
from cop.services.events.editing.shared import (
    announce_move,
    event_as_seen,
    event_to_edit,
    https_address,
    instant_of,
    lock_all_parts,
    new_event,
    slot_to_edit,
    touch,
)
from cop.services.events.editing.slots import title_by_time

PLACE = "Online"

DATE = "date"
"""The kind of part that a meet-up has many of."""

IN_EVERY_MONTH = 4
"""Some months have a fifth Tuesday, and all have a fourth."""


@dataclass(frozen=True)
class Planned:
    """The days that a repetition adds, those that it leaves out with the name of the bank holiday, and those on which
    the meet-up takes place at that time already.
    """

    days: Sequence[date]
    holidays: Sequence[tuple[date, str]]
    standing: Sequence[date]


def create_meet_up(work: Work, *, programme_id: int, title: str, summary: str, slug: str = "") -> Event:
    """A draft without dates, which only staff see. A blank slug is made from the title and stays for good."""
    return new_event(
        work,
        programme_id=programme_id,
        kind=EventKind.MEET_UP,
        choice=Choice.ANY,
        title=title,
        summary=summary,
        slug=slug,
        visibility=Visibility.ALUMNI,
        place=PLACE,
        party_max=1,
        queue=Queue.NONE,
    )


def add_dates(
    work: Work,
    *,
    event_id: int,
    repetition: Repetition,
    start: time,
    end: time,
    join_url: str,
    zone: ZoneInfo,
    sure: bool,
) -> Planned:
    """Plan the dates of a repetition, all with the same clock time and meeting. Who is not ``sure`` only sees which.

    Planned again, it adds what is not there yet.
    """
    event = event_to_edit(work, event_id)
    _refuse_others(event)
    address = https_address(join_url, field="join_url") if join_url else None
    if end <= start:
        raise Refusal(marked("It must end after it begins"), field="end")
    found, holidays = _days_of(repetition)
    standing = {part.starts_at for part in lock_all_parts(work, event) if part.state is PartState.PLANNED}
    instants = {day: instant_of(day, start, zone, field="start") for day in found}
    new = [day for day in found if instants[day] not in standing]
    if new and instants[new[0]] <= work.now:
        raise Refusal(marked("The first date must be in the future"), field="first")
    if sure:
        _add(work, event, new, start, end, address, zone)
    return Planned(new, holidays, [day for day in found if day not in new])


def _add(
    work: Work, event: Event, new: Sequence[date], start: time, end: time, join_url: str | None, zone: ZoneInfo
) -> None:
    parts = [
        Part(
            event_id=event.id,
            kind=DATE,
            title=title_by_time(instant_of(day, start, zone, field="start"), zone),
            starts_at=instant_of(day, start, zone, field="start"),
            ends_at=instant_of(day, end, zone, field="end"),
            join_url=join_url,
            changed_at=work.now,
        )
        for day in new
    ]
    work.session.add_all(parts)
    event.changed_at = work.now
    work.session.flush()


def _days_of(wanted: Repetition) -> tuple[Sequence[date], Sequence[tuple[date, str]]]:
    _refuse_repetition(wanted)
    found: list[date] = []
    holidays: list[tuple[date, str]] = []
    for day in days(wanted.first, wanted.rhythm, weeks=wanted.weeks):
        if (wanted.until is not None and day > wanted.until) or len(found) == wanted.times:
            break
        name = bank_holiday(day)
        if name is not None and not wanted.on_holidays:
            holidays.append((day, name))
            continue
        if len(found) == DATES_MOST:
            raise Refusal(
                marked("That would be more than %(most)s dates. Plan fewer now, and the others later."),
                field="times" if wanted.until is None else "until",
                most=DATES_MOST,
            )
        found.append(day)
    if not found:
        raise Refusal(marked("All of these days are bank holidays. Choose another first date."), field="first")
    return found, holidays


def _refuse_repetition(wanted: Repetition) -> None:
    if wanted.until is None and wanted.times is None:
        raise Refusal(marked("Say how many times it takes place, or until when"), field="times")
    if wanted.until is not None and wanted.until < wanted.first:
        raise Refusal(marked("The last day must not be before the first date"), field="until")
    if wanted.rhythm is Rhythm.MONTHS and number_in_month(wanted.first) > IN_EVERY_MONTH:
        raise Refusal(
            marked("Not every month has a fifth %(weekday)s. Choose the last one of each month instead."),
            field="rhythm",
            weekday=f"{wanted.first:%A}",
        )
    if wanted.rhythm is Rhythm.MONTHS_LAST and not is_last_in_month(wanted.first):
        raise Refusal(
            marked("The first date is not the last %(weekday)s of its month"),
            field="rhythm",
            weekday=f"{wanted.first:%A}",
        )


def edit_date(
    work: Work,
    *,
    part_id: int,
    seen: int,
    on_date: date,
    start: time,
    end: time,
    join_url: str,
    zone: ZoneInfo,
    note: str = "",
) -> Part:
    """Alter one date; another time is told to all who come to it. ``seen`` is its sequence as the page showed it."""
    event, part = slot_to_edit(work, part_id)
    _refuse_others(event)
    if seen != part.sequence:
        raise Refusal(marked("Somebody else moved this date a moment ago. Look at the list of dates again."))
    address = https_address(join_url, field="join_url") if join_url else None
    starts_at = instant_of(on_date, start, zone, field="start")
    ends_at = instant_of(on_date, end, zone, field="end")
    before = (part.starts_at, part.ends_at)
    if (starts_at, ends_at) != before:
        _refuse_times(work, event, part, starts_at, ends_at)
    part.starts_at, part.ends_at, part.join_url = starts_at, ends_at, address
    part.title = title_by_time(starts_at, zone)
    touch(work, event, part)
    if (starts_at, ends_at) != before:
        announce_move(work, [part], was=before[0] if before[0] != starts_at else None, note=note)
    work.session.flush()
    return part


def _refuse_times(work: Work, event: Event, part: Part, starts_at: datetime, ends_at: datetime) -> None:
    if part.starts_at <= work.now:
        raise Refusal(marked("It has begun already, so its time stays as it is"), field="start")
    if ends_at <= starts_at:
        raise Refusal(marked("It must end after it begins"), field="end")
    if starts_at <= work.now:
        raise Refusal(marked("It must begin in the future"), field="on_date")
    others = [other for other in lock_all_parts(work, event) if other is not part and other.state is PartState.PLANNED]
    if any(other.starts_at < ends_at and starts_at < other.ends_at for other in others):
        raise Refusal(marked("Another date of this meet-up is at that time already"), field="on_date")


def set_joining(work: Work, *, event_id: int, seen: int, join_url: str, join_opens_minutes: int) -> Event:
    """One meeting for all dates to come, and from when people can join; nobody has to be told."""
    event = event_as_seen(work, event_id, seen)
    _refuse_others(event)
    address = https_address(join_url, field="join_url") if join_url else None
    coming = [part for part in lock_all_parts(work, event) if part.ends_at > work.now]
    for part in coming:
        part.join_url = address
    event.join_opens_minutes = join_opens_minutes
    event.changed_at = work.now
    work.session.flush()
    return event


def _refuse_others(event: Event) -> None:
    if event.kind is not EventKind.MEET_UP:
        raise NotFound
