"""What every alteration of an event begins and ends with: locks, rights, and telling those who booked."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from cop.core.access import EVENT_EDITORS
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import (
    Booking,
    BookingState,
    Choice,
    Claim,
    DayLimit,
    Entry,
    EntryStatus,
    Event,
    EventKind,
    EventState,
    Part,
    PartState,
    Visibility,
)
from cop.models.programmes import Programme, Series
from cop.models.webinars import Speaker
from cop.queries.events import revision
from cop.queries.staff_events import may_edit
from cop.services import outbox
from cop.services.events.booking import end_booking, give_up_parts
from cop.services.events.locking import lock_event_to_edit, lock_parts
from cop.services.events.rota import ask_hosts_again, dismiss_hosts
from cop.services.programmes import free_slug

ADDRESS_MOST = 2_000
"""Characters of a web address."""


def new_event(
    work: Work,
    *,
    programme_id: int,
    kind: EventKind,
    choice: Choice,
    title: str,
    summary: str,
    slug: str = "",
    description: str = "",
    series_id: int | None = None,
    visibility: Visibility = Visibility.PUBLIC,
    **columns: Any,
) -> Event:
    """A draft without dates, which only staff see. A blank slug is made from the title and stays for good."""
    if (
        not work.actor.may(*EVENT_EDITORS, programme_id=programme_id)
        or work.session.get(Programme, programme_id) is None
    ):
        raise NotFound
    refuse_foreign_series(work, programme_id, series_id)
    event = Event(
        programme_id=programme_id,
        series_id=series_id,
        kind=kind,
        choice=choice,
        slug=free_slug(work, Event, slug=slug, name=title),
        title=title,
        summary=summary,
        description=description,
        visibility=visibility,
        changed_at=work.now,
        **columns,
    )
    work.session.add(event)
    work.session.flush()
    return event


def refuse_foreign_series(work: Work, programme_id: int, series_id: int | None) -> None:
    if series_id is None:
        return
    series = work.session.get(Series, series_id)
    if series is None or series.programme_id != programme_id:
        raise Refusal(marked("Choose a series of this programme"), field="series_id")


def event_to_edit(work: Work, event_id: int) -> Event:
    """The locked event, for those who may alter it. A cancelled one stays as those who booked remember it."""
    event = lock_event_to_edit(work, event_id)
    if not may_edit(work.actor, event):
        raise NotFound
    if event.state is EventState.CANCELLED:
        raise Refusal(marked("“%(title)s” has been cancelled and cannot be changed"), title=event.title)
    return event


def event_as_seen(work: Work, event_id: int, seen: int) -> Event:
    """The same, unless somebody else changed it since the page showed it: ``seen`` is its revision then."""
    event = event_to_edit(work, event_id)
    if seen != revision(event):
        raise Refusal(
            marked(
                "Somebody else changed this event while you had the page open. Look at it in another window, and "
                "save again if yours is to stand."
            )
        )
    return event


def slot_to_edit(work: Work, part_id: int) -> tuple[Event, Part]:
    """A planned slot with its event, all locked."""
    event_id = work.session.scalar(select(Part.event_id).where(Part.id == part_id))
    if event_id is None:
        raise NotFound
    event = event_to_edit(work, event_id)
    lock_days(work, event)
    found = lock_parts(work, event.id, [part_id])
    if not found:  # removed while we waited for the lock
        raise NotFound
    if found[0].state is PartState.CANCELLED:
        raise Refusal(marked("“%(title)s” has been cancelled and cannot be changed"), title=found[0].title)
    return event, found[0]


def lock_days(work: Work, event: Event) -> dict[date, DayLimit]:
    days = select(DayLimit).where(DayLimit.event_id == event.id).order_by(DayLimit.id).with_for_update(key_share=True)
    found = work.session.scalars(days.execution_options(populate_existing=True))
    return {limit.on_date: limit for limit in found}


def lock_all_parts(work: Work, event: Event) -> Sequence[Part]:
    return lock_parts(work, event.id, work.session.scalars(select(Part.id).where(Part.event_id == event.id)).all())


def touch(work: Work, event: Event, *parts: Part) -> None:
    """Note that calendars and pages of the event have something new to show; without parts, in all of them."""
    event.changed_at = work.now
    for part in parts:
        part.changed_at = work.now
    if not parts:
        work.session.execute(update(Part).where(Part.event_id == event.id).values(changed_at=work.now))


def seats_claimed(work: Work, event: Event, part: Part | None = None) -> int:
    """Seats that are held now; counted anew, because nothing keeps count where there is no capacity."""
    held = select(func.coalesce(func.sum(Claim.seats), 0)).where(Claim.released_at.is_(None))
    if part is None:
        held = held.where(Claim.event_id == event.id, Claim.part_id.is_(None))
    else:
        held = held.where(Claim.part_id == part.id)
    return int(work.session.scalars(held).one())


def refuse_below(taken: int, capacity: int | None) -> None:
    if capacity is not None and capacity < taken:
        raise Refusal(
            marked("%(taken)s places are taken already, so there cannot be fewer"), field="capacity", taken=taken
        )


def announce_move(work: Work, parts: Sequence[Part], *, was: datetime | None = None, note: str = "") -> None:
    """The parts happen at another time or place: renew their calendar entries and tell each party once.

    ``was`` is when they began before, where that has changed; ``note`` is what staff would like them to know. Whoever
    was to receive the visitors is asked anew.
    """
    for part in parts:
        part.sequence, part.changed_at = part.sequence + 1, work.now
    part_of = {part.id: part for part in parts}
    held = (
        select(Entry, Person)
        .join(Booking, Booking.id == Entry.booking_id)
        .join(Person, Person.id == Booking.person_id)
        .where(Entry.part_id.in_(list(part_of)), Entry.status == EntryStatus.CONFIRMED)
        .order_by(Entry.booking_id, Entry.position)
    )
    told = set()
    before: dict[str, Any] = {"was": was.isoformat()} if was is not None else {}
    before |= {"note": note} if note else {}
    for entry, person in work.session.execute(held).all():
        entry.sequence, entry.changed_at = entry.sequence + 1, work.now
        part = part_of[entry.part_id]
        if entry.booking_id not in told and part.ends_at > work.now:
            told.add(entry.booking_id)
            key = f"slot-moved:{part.id}:{part.sequence}:{entry.booking_id}"
            outbox.post(work, key=key, to=person, template="booking_changed", booking_id=entry.booking_id, **before)
    work.session.flush()
    ask_hosts_again(work, [part for part in parts if part.starts_at > work.now])


def call_off(work: Work, parts: Sequence[Part], *, reason: str, offer_others: bool = False) -> int:
    """Cancel the parts and whatever was booked on them, and tell each booker why; how many bookings that ended.

    Of a meet-up, whoever holds other dates keeps those, past ones too, and counts as well.

    With ``offer_others`` the message names the other times of the event that have places left.
    """
    work.because(reason)
    for part in parts:
        part.state, part.sequence, part.changed_at = PartState.CANCELLED, part.sequence + 1, work.now
    held = select(Entry.booking_id).where(
        Entry.part_id.in_([part.id for part in parts]), Entry.status == EntryStatus.CONFIRMED
    )
    live = (
        select(Booking, Person)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.id.in_(held), Booking.state == BookingState.LIVE)
        .order_by(Booking.id)
        .with_for_update(of=Booking, key_share=True)
    )
    found = work.session.execute(live.execution_options(populate_existing=True)).all()
    entries = _entries_of(work, [booking.id for booking, _ in found])
    more: dict[str, Any] = {"offer_others": True} if offer_others else {}
    dropped = {part.id for part in parts}
    is_meet_up = bool(parts) and work.session.get_one(Event, parts[0].event_id).kind is EventKind.MEET_UP
    for booking, person in found:
        if is_meet_up and _holds_more(entries[booking.id], dropped):
            _drop_dates(
                work, booking, person, [entry for entry in entries[booking.id] if entry.part_id in dropped], reason
            )
            continue
        end_booking(work, booking, entries[booking.id])
        outbox.post(
            work,
            key=f"booking-cancelled-by-staff:{booking.id}",
            to=person,
            template="booking_cancelled_by_staff",
            booking_id=booking.id,
            reason=reason,
            **more,
        )
    dismiss_hosts(work, parts)
    if parts:
        give_up_parts(work, work.session.get_one(Event, parts[0].event_id), parts)
    return len(found)


def _holds_more(entries: Sequence[Entry], dropped: Collection[int]) -> bool:
    return any(entry.status is EntryStatus.CONFIRMED and entry.part_id not in dropped for entry in entries)


def _drop_dates(work: Work, booking: Booking, person: Person, entries: Sequence[Entry], reason: str) -> None:
    """Take these dates out of a booking that goes on, and tell the person."""
    part_ids = [entry.part_id for entry in entries if entry.status is EntryStatus.CONFIRMED]
    for entry in entries:
        if entry.status is EntryStatus.CONFIRMED:
            entry.status, entry.sequence, entry.changed_at = EntryStatus.CANCELLED, entry.sequence + 1, work.now
    released = update(Claim).where(
        Claim.booking_id == booking.id, Claim.part_id.in_(part_ids), Claim.released_at.is_(None)
    )
    work.session.execute(released.values(released_at=work.now))
    outbox.post(
        work,
        key=f"part-cancelled:{part_ids[0]}:{booking.id}",
        to=person,
        template="part_cancelled",
        booking_id=booking.id,
        part_id=part_ids[0],
        reason=reason,
    )


def _entries_of(work: Work, booking_ids: Sequence[int]) -> dict[int, list[Entry]]:
    by_booking = defaultdict(list)
    found = select(Entry).where(Entry.booking_id.in_(booking_ids)).order_by(Entry.booking_id, Entry.position)
    for entry in work.session.scalars(found.execution_options(populate_existing=True)):
        by_booking[entry.booking_id].append(entry)
    return by_booking


def delete_part(work: Work, part: Part) -> None:
    """Whoever was to speak in it speaks at the event all the same."""
    work.session.execute(update(Speaker).where(Speaker.part_id == part.id).values(part_id=None))
    work.session.delete(part)


def https_address(text: str, *, field: str) -> str:
    """The address, if a browser can be sent there: encrypted, with a host, and in one piece."""
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    in_one_piece = text.isprintable() and " " not in text and "\\" not in text and len(text) <= ADDRESS_MOST
    if not (in_one_piece and parts.scheme == "https" and parts.hostname and not parts.username):
        raise Refusal(marked("Enter a whole web address that begins with https://"), field=field)
    return text


def instant_of(on_date: date, at: time, zone: ZoneInfo, *, field: str) -> datetime:
    """The instant of a local time; Refusal in the hour that is skipped when the clocks go forward."""
    wall = datetime.combine(on_date, at)
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != wall:
        raise Refusal(
            marked("The clocks go forward that night, so there is no %(time)s"), field=field, time=f"{at:%H:%M}"
        )
    return instant
