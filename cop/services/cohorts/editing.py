"""Staff prepare a course: what its call says, its places and half-days, and the lists of which it is made."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select, update

from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.questions import read_items
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import Application, Cohort, Endorsing
from cop.models.events import (
    Booking,
    BookingState,
    Choice,
    Claim,
    Entry,
    EntryStatus,
    Event,
    EventKind,
    Mark,
    Part,
    PartState,
)
from cop.queries.cohorts.drawing import Reach, chain_of
from cop.queries.cohorts.panel import call_is_over
from cop.queries.cohorts.preparing import Listing, entries_of, is_locked, version_of, version_of_call
from cop.queries.plans import check_after_course
from cop.services import outbox, plans
from cop.services.answers import publish_questionnaire
from cop.services.cohorts import defaults
from cop.services.events.editing.shared import (
    announce_move,
    delete_part,
    event_to_edit,
    instant_of,
    lock_all_parts,
    new_event,
    refuse_below,
    seats_claimed,
    slot_to_edit,
    touch,
)

HALF_DAY = "half-day"
"""The kind of a course's parts."""

CHANGED_MEANWHILE = marked(
    "Somebody else changed this meanwhile. What you typed is below: look at what is saved, then save again."
)


def create_course(work: Work, *, programme_id: int, title: str, summary: str, capacity: int, slug: str = "") -> Event:
    """A draft without half-days and dates, with questions and criteria to begin from."""
    event = new_event(
        work,
        programme_id=programme_id,
        kind=EventKind.COHORT,
        choice=Choice.ALL,
        title=title,
        summary=summary,
        slug=slug,
        capacity=capacity,
        party_max=1,
    )
    cohort = Cohort(
        event_id=event.id,
        involves=defaults.INVOLVES,
        eligibility=defaults.ELIGIBILITY,
        selecting=defaults.SELECTING,
        screening=[dict(entry) for entry in defaults.SCREENING],
        criteria=[dict(entry) for entry in defaults.CRITERIA],
    )
    work.session.add(cohort)
    _publish_questions(work, event, cohort, defaults.QUESTIONS)
    work.session.flush()
    return event


def edit_call(
    work: Work,
    *,
    event_id: int,
    involves: str,
    eligibility: str,
    selecting: str,
    decisions_on: date | None,
    offer_days: int,
    half_days_needed: int | None,
    seen: str,
) -> Cohort:
    """What the call says. ``seen`` is the version of it that the page was made from."""
    event, cohort = _course_to_edit(work, event_id)
    if version_of_call(cohort) != seen:
        raise Refusal(CHANGED_MEANWHILE)
    planned = len(_planned(lock_all_parts(work, event)))
    if half_days_needed is not None and half_days_needed > planned:
        raise Refusal(marked("There are only %(planned)s half-days"), field="half_days_needed", planned=planned)
    if decisions_on is not None and event.closes_at is not None and decisions_on < day_of(event.closes_at):
        raise Refusal(marked("You cannot decide before applications close"), field="decisions_on")
    cohort.involves, cohort.eligibility, cohort.selecting = involves, eligibility, selecting
    cohort.decisions_on, cohort.offer_days = decisions_on, offer_days
    cohort.half_days_needed = half_days_needed
    touch(work, event)
    return cohort


def edit_support(work: Work, *, event_id: int, endorsing: Endorsing, seen: str) -> Cohort:
    """Whether somebody else has to support an application. What was submitted before stays submitted."""
    event, cohort = _course_to_edit(work, event_id)
    if cohort.endorsing != seen:
        raise Refusal(CHANGED_MEANWHILE)
    cohort.endorsing = endorsing
    touch(work, event)
    return cohort


def edit_places(work: Work, *, event_id: int, capacity: int, minimum: int) -> Event:
    """How many people can come, never fewer than hold a place or an offer; and from how many on it takes place."""
    event, cohort = _course_to_edit(work, event_id)
    if minimum > capacity:
        raise Refusal(marked("The course cannot need more people than it has places"), field="minimum")
    refuse_below(seats_claimed(work, event), capacity)
    event.capacity, cohort.minimum = capacity, minimum
    touch(work, event)
    work.session.flush()
    work.session.refresh(event)  # a trigger begins the count of places
    return event


def edit_window(work: Work, *, event_id: int, opens_at: datetime | None, closes_at: datetime | None) -> Event:
    """When people can apply; they can change and submit an application until the close.

    Once somebody has begun an application there is a close, for all that comes after waits for it. Once a draw is begun
    it stays closed: whom the draw is among is on record. After the release nothing changes.
    """
    event, cohort = _course_to_edit(work, event_id)
    if cohort.released_at is not None and (opens_at, closes_at) != (event.opens_at, event.closes_at):
        raise Refusal(marked("The decisions have been released, so these dates stay as they are"))
    if opens_at is not None and closes_at is not None and closes_at <= opens_at:
        raise Refusal(marked("Applications must close after they open"), field="closes_at")
    planned = _planned(lock_all_parts(work, event))
    if closes_at is not None and planned and closes_at >= planned[0].starts_at:
        raise Refusal(marked("Applications must close before the first half-day"), field="closes_at")
    if closes_at is not None and cohort.decisions_on is not None and cohort.decisions_on < day_of(closes_at):
        raise Refusal(
            marked("The call promises decisions on %(day)s, so applications must close by then"),
            field="closes_at",
            day=f"{cohort.decisions_on.day} {cohort.decisions_on:%B %Y}",
        )
    event.opens_at, event.closes_at = opens_at, closes_at
    if not call_is_over(event, work.now) and chain_of(work, event.id).reach is not Reach.OPEN:
        raise Refusal(
            marked("A draw is begun among those who have applied, so applications stay closed"), field="closes_at"
        )
    begun = exists().where(Application.cohort_id == event.id)
    if closes_at is None and work.session.scalar(select(begun)):
        raise Refusal(marked("Somebody has begun an application, so say when applications close"), field="closes_at")
    touch(work, event)
    return event


def add_half_day(
    work: Work, *, event_id: int, title: str, on_date: date, start: time, end: time, place: str, zone: ZoneInfo
) -> Part:
    """Plan a half-day; refused once anybody holds a place, because they agreed to those that there were."""
    event, _cohort = _course_to_edit(work, event_id)
    others = lock_all_parts(work, event)
    if seats_claimed(work, event):
        raise Refusal(marked("People hold places on this course already. Move one of its half-days instead."))
    starts_at, ends_at = _times(work, others, on_date, start, end, zone)
    part = Part(
        event_id=event.id,
        kind=HALF_DAY,
        title=title,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        changed_at=work.now,
    )
    work.session.add(part)
    touch(work, event, part)
    work.session.flush()
    return part


def edit_half_day(
    work: Work,
    *,
    part_id: int,
    title: str,
    on_date: date,
    start: time,
    end: time,
    place: str,
    zone: ZoneInfo,
    note: str = "",
) -> Part:
    """Alter a half-day; another time or place is told to all who hold a place on the course."""
    event, part = slot_to_edit(work, part_id)
    before = (part.starts_at, part.ends_at, part.place or event.place)
    wanted = instant_of(on_date, start, zone, field="start"), instant_of(on_date, end, zone, field="end")
    if wanted != before[:2]:
        if part.starts_at <= work.now:
            raise Refusal(marked("This half-day has begun already, so its times stay as they are"), field="start")
        parts = lock_all_parts(work, event)
        asked_on = check_after_course(parts)
        others = [other for other in parts if other is not part]
        part.starts_at, part.ends_at = _times(work, others, on_date, start, end, zone)
        plans.move_checks(work, event, before=asked_on, after=check_after_course(parts))
    part.title, part.place = title, place
    touch(work, event, part)
    if (part.starts_at, part.ends_at, place or event.place) != before:
        announce_move(work, [part], was=before[0] if before[0] != part.starts_at else None, note=note)
    work.session.flush()
    return part


def cancel_half_day(work: Work, *, part_id: int, reason: str) -> int:
    """Call off one half-day: the bookings stay, without it, and whoever has one is told why; how many were told."""
    event, part = slot_to_edit(work, part_id)
    cohort = work.session.get_one(Cohort, event.id)
    if part.ends_at <= work.now:
        raise Refusal(marked("This half-day is over and cannot be cancelled"))
    planned = _planned(lock_all_parts(work, event))
    left = [other for other in planned if other is not part]
    if not left:
        raise Refusal(marked("This is the last half-day. Cancel the whole course instead."))
    work.because(reason)
    plans.move_checks(work, event, before=check_after_course(planned), after=check_after_course(left))
    part.state, part.sequence = PartState.CANCELLED, part.sequence + 1
    if cohort.half_days_needed is not None:
        cohort.half_days_needed = min(cohort.half_days_needed, len(left))
    held = update(Claim).where(Claim.part_id == part.id, Claim.released_at.is_(None))
    work.session.execute(held.values(released_at=work.now))
    touch(work, event, part)
    entries = (
        select(Entry, Person)
        .join(Booking, Booking.id == Entry.booking_id)
        .join(Person, Person.id == Booking.person_id)
        .where(Entry.part_id == part.id, Entry.status == EntryStatus.CONFIRMED, Booking.state == BookingState.LIVE)
        .order_by(Entry.booking_id)
    )
    found = work.session.execute(entries).all()
    for entry, person in found:
        entry.status, entry.sequence, entry.changed_at = EntryStatus.CANCELLED, entry.sequence + 1, work.now
        key = f"half-day-cancelled:{part.id}:{entry.booking_id}"
        outbox.post(work, key=key, to=person, template="booking_changed", booking_id=entry.booking_id, note=reason)
    work.session.flush()
    return len(found)


def remove_half_day(work: Work, *, part_id: int) -> None:
    """Delete a half-day as if it had never been planned; refused once anybody held a place in it."""
    event, part = slot_to_edit(work, part_id)
    held = or_(*(exists().where(table.part_id == part.id) for table in (Claim, Entry, Mark)))
    if work.session.scalar(select(held)):
        raise Refusal(marked("Somebody has held a place in this half-day. Cancel it instead of removing it."))
    delete_part(work, part)
    touch(work, event)
    work.session.flush()


def _times(
    work: Work, others: Sequence[Part], on_date: date, start: time, end: time, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """The instants of a half-day, which lie in the future and overlap no other."""
    starts_at = instant_of(on_date, start, zone, field="start")
    ends_at = instant_of(on_date, end, zone, field="end")
    if ends_at <= starts_at:
        raise Refusal(marked("The half-day must end after it begins"), field="end")
    if starts_at <= work.now:
        raise Refusal(marked("The half-day must begin in the future"), field="on_date")
    for other in _planned(others):
        if other.starts_at < ends_at and starts_at < other.ends_at:
            raise Refusal(marked("“%(title)s” is at the same time"), field="start", title=other.title)
    return starts_at, ends_at


def _planned(parts: Sequence[Part]) -> Sequence[Part]:
    return [part for part in parts if part.state is PartState.PLANNED]


def put_entry(
    work: Work, *, event_id: int, listing: Listing, entry: Mapping[str, Any], seen: str, position: int | None = None
) -> None:
    """Add an entry to one of the course's lists, or replace what stands at a position (from 0).

    ``seen`` is the version of the list that the page was made from.
    """
    event, cohort, entries = _list_to_edit(work, event_id, listing, seen)
    if position is None:
        entries.append(_with_code(listing, dict(entry), entries))
    else:
        _refuse_beyond(entries, position)
        entries[position] = {**entries[position], **entry}
    if listing is Listing.TARGETS:
        _refuse_twin_targets(entries)
    _keep(work, event, cohort, listing, entries)


def move_entry(work: Work, *, event_id: int, listing: Listing, position: int, up: bool, seen: str) -> None:
    """Let an entry change places with its neighbour; at the end of the list nothing changes."""
    event, cohort, entries = _list_to_edit(work, event_id, listing, seen)
    _refuse_beyond(entries, position)
    to = position - 1 if up else position + 1
    if 0 <= to < len(entries):
        entries[position], entries[to] = entries[to], entries[position]
        _keep(work, event, cohort, listing, entries)


def remove_entry(work: Work, *, event_id: int, listing: Listing, position: int, seen: str) -> None:
    event, cohort, entries = _list_to_edit(work, event_id, listing, seen)
    _refuse_beyond(entries, position)
    del entries[position]
    _keep(work, event, cohort, listing, entries)


def _course_to_edit(work: Work, event_id: int) -> tuple[Event, Cohort]:
    event = event_to_edit(work, event_id)
    cohort = work.session.get(Cohort, event.id, populate_existing=True)
    if cohort is None:
        raise NotFound
    return event, cohort


def _list_to_edit(work: Work, event_id: int, listing: Listing, seen: str) -> tuple[Event, Cohort, list[dict[str, Any]]]:
    event, cohort = _course_to_edit(work, event_id)
    if is_locked(work, cohort, listing):
        raise Refusal(
            marked("Somebody has begun an application, so the questions stay as they are")
            if listing is Listing.QUESTIONS
            else marked("Reviews have been submitted, so the criteria stay as they are")
        )
    entries = entries_of(work, cohort, listing)
    if version_of(entries) != seen:
        raise Refusal(CHANGED_MEANWHILE)
    return event, cohort, [dict(entry) for entry in entries]


def _refuse_beyond(entries: Sequence[Mapping[str, Any]], position: int) -> None:
    if not 0 <= position < len(entries):
        raise NotFound


def _refuse_twin_targets(entries: Sequence[Mapping[str, Any]]) -> None:
    named = [(entry["attribute"], entry["value"]) for entry in entries]
    if len(set(named)) != len(named):
        raise Refusal(marked("There is a target for this group already. Change that one."), field="group")


def _with_code(listing: Listing, entry: dict[str, Any], others: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A new question or criterion with a code of its own, which stays when its words change."""
    letters = {Listing.QUESTIONS: "q", Listing.CRITERIA: "c"}
    if listing not in letters:
        return entry
    taken = {other["code"] for other in others}
    number = next(number for number in range(1, len(taken) + 2) if f"{letters[listing]}{number}" not in taken)
    return {"code": f"{letters[listing]}{number}", **entry}


def _keep(work: Work, event: Event, cohort: Cohort, listing: Listing, entries: Sequence[Mapping[str, Any]]) -> None:
    kept = [dict(entry) for entry in entries]
    match listing:
        case Listing.SCREENING:
            cohort.screening = kept
        case Listing.CRITERIA:
            cohort.criteria = kept
        case Listing.TARGETS:
            cohort.targets = kept
        case Listing.QUESTIONS:
            _publish_questions(work, event, cohort, kept)
    touch(work, event)
    work.session.flush()


def _publish_questions(work: Work, event: Event, cohort: Cohort, items: Sequence[Mapping[str, Any]]) -> None:
    try:
        read_items(items)
    except ValueError:
        raise Refusal(
            marked("A later question depends on the answer to this one, so it has to stay before that")
        ) from None
    made = publish_questionnaire(work, code=f"application-{event.slug}", title=event.title, items=items)
    cohort.questionnaire_id = made.id
