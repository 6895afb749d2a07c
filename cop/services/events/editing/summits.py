"""A summit: its agenda, which belongs to everybody who comes, and breakouts that guests choose."""

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, insert, select, update

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import (
    Booking,
    BookingSource,
    BookingState,
    Choice,
    Claim,
    Entry,
    EntryStatus,
    Event,
    EventKind,
    Part,
    PartState,
    Visibility,
)
from cop.models.offers import Offer, OfferState
from cop.models.outbox import Outbox
from cop.models.summits import Answer, Invitation, PartKind
from cop.services import outbox
from cop.services.events.booking import advance
from cop.services.events.editing.shared import (
    announce_move,
    event_to_edit,
    instant_of,
    lock_all_parts,
    new_event,
    refuse_below,
    seats_claimed,
    slot_to_edit,
    touch,
)


def create_summit(
    work: Work,
    *,
    programme_id: int,
    title: str,
    summary: str,
    slug: str = "",
    description: str = "",
    visibility: Visibility = Visibility.PUBLIC,
) -> Event:
    """A draft without an agenda, which only staff see. A blank slug is made from the title and stays for good."""
    return new_event(
        work,
        programme_id=programme_id,
        kind=EventKind.SUMMIT,
        choice=Choice.ANY,
        title=title,
        summary=summary,
        slug=slug,
        description=description,
        visibility=visibility,
        party_max=1,
    )


def add_part(
    work: Work,
    *,
    event_id: int,
    kind: PartKind,
    title: str,
    on_date: date,
    start: time,
    end: time,
    place: str,
    capacity: int | None,
    zone: ZoneInfo,
) -> Part:
    """Add an item for everybody, or a breakout to choose; whoever has said yes already gets a new item as well."""
    event = event_to_edit(work, event_id)
    if event.kind is not EventKind.SUMMIT:
        raise NotFound
    starts_at, ends_at = _times(on_date, start, end, zone)
    if starts_at <= work.now:
        raise Refusal(marked("It must begin in the future"), field="on_date")
    _refuse_limited_agenda(kind, capacity)
    _refuse_twin(lock_all_parts(work, event), title, starts_at)
    part = Part(
        event_id=event.id,
        kind=kind.value,
        title=title,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        capacity=capacity,
        changed_at=work.now,
    )
    work.session.add(part)
    touch(work, event, part)
    work.session.flush()
    if kind is PartKind.AGENDA:
        _give_to_all(work, event, part)
    return part


def _give_to_all(work: Work, event: Event, part: Part) -> None:
    """A new item of the agenda belongs to those, too, who had booked before it was planned; each is told.

    Whoever has an open offer sees it when they answer, and gets it with the rest.
    """
    offered = select(Offer.id, Offer.party_size).where(Offer.event_id == event.id, Offer.state == OfferState.OPEN)
    claims = [
        {"event_id": event.id, "part_id": part.id, "offer_id": offer.id, "seats": offer.party_size}
        for offer in work.session.execute(offered.order_by(Offer.id))
    ]
    if claims:
        work.session.execute(insert(Claim), claims)
    live = (
        select(Booking, Person)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Booking.event_id == event.id,
            Booking.state == BookingState.LIVE,
            Booking.source != BookingSource.WALK_IN,
        )
        .order_by(Booking.id)
    )
    bookings = work.session.execute(live).all()
    if not bookings:
        return
    ids = [booking.id for booking, _person in bookings]
    entries = select(Entry.booking_id, func.count()).where(Entry.booking_id.in_(ids)).group_by(Entry.booking_id)
    positions = {row[0]: row[1] for row in work.session.execute(entries)}
    work.session.execute(
        insert(Claim),
        [
            {"event_id": event.id, "part_id": part.id, "booking_id": booking.id, "seats": booking.party_size}
            for booking, _person in bookings
        ],
    )
    work.session.execute(
        insert(Entry),
        [
            {
                "booking_id": booking_id,
                "position": positions.get(booking_id, 0),
                "part_id": part.id,
                "changed_at": work.now,
            }
            for booking_id in ids
        ],
    )
    for booking, person in bookings:
        key = f"part-added:{part.id}:{booking.id}"
        outbox.post(work, key=key, to=person, template="booking_changed", booking_id=booking.id)


def edit_part(
    work: Work,
    *,
    part_id: int,
    title: str,
    on_date: date,
    start: time,
    end: time,
    place: str,
    capacity: int | None,
    zone: ZoneInfo,
    note: str = "",
) -> Part:
    """Alter a part; another time or place is told to all who hold it."""
    event, part = slot_to_edit(work, part_id)
    starts_at, ends_at = _times(on_date, start, end, zone)
    before = (part.starts_at, part.ends_at, part.place or event.place)
    if (starts_at, ends_at) != before[:2]:
        if part.starts_at <= work.now:
            raise Refusal(marked("This has begun already, so its times stay as they are"), field="start")
        if starts_at <= work.now:
            raise Refusal(marked("It must begin in the future"), field="on_date")
    _refuse_limited_agenda(PartKind(part.kind), capacity)
    refuse_below(seats_claimed(work, event, part), capacity)
    _refuse_twin([other for other in lock_all_parts(work, event) if other is not part], title, starts_at)
    part.title, part.starts_at, part.ends_at, part.place, part.capacity = title, starts_at, ends_at, place, capacity
    touch(work, event, part)
    if (starts_at, ends_at, place or event.place) != before:
        announce_move(work, [part], was=before[0] if before[0] != starts_at else None, note=note)
    work.session.flush()
    work.session.refresh(part)  # a trigger begins or ends the count of places
    advance(work, event)
    return part


def cancel_part(work: Work, *, part_id: int, reason: str) -> int:
    """Call off one part; everybody who held it is told, and comes to the rest of the day. How many that are."""
    event, part = slot_to_edit(work, part_id)
    if part.ends_at <= work.now:
        raise Refusal(marked("This is over and cannot be cancelled"))
    others = [other for other in lock_all_parts(work, event) if other is not part and other.state is PartState.PLANNED]
    if not others:
        raise Refusal(marked("Nothing else is planned for the day. Cancel the whole summit instead."))
    work.because(reason)
    part.state, part.sequence = PartState.CANCELLED, part.sequence + 1
    touch(work, event, part)
    held = (
        select(Entry, Person)
        .join(Booking, Booking.id == Entry.booking_id)
        .join(Person, Person.id == Booking.person_id)
        .where(Entry.part_id == part.id, Entry.status == EntryStatus.CONFIRMED)
        .order_by(Entry.booking_id)
    )
    found = work.session.execute(held).all()
    for entry, person in found:
        entry.status, entry.sequence, entry.changed_at = EntryStatus.CANCELLED, entry.sequence + 1, work.now
        outbox.post(
            work,
            key=f"part-cancelled:{part.id}:{entry.booking_id}",
            to=person,
            template="part_cancelled",
            booking_id=entry.booking_id,
            part_id=part.id,
            reason=reason,
        )
    released = update(Claim).where(Claim.part_id == part.id, Claim.released_at.is_(None))
    work.session.execute(released.values(released_at=work.now))
    work.session.flush()
    return len(found)


def _times(on_date: date, start: time, end: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    starts_at = instant_of(on_date, start, zone, field="start")
    ends_at = instant_of(on_date, end, zone, field="end")
    if ends_at <= starts_at:
        raise Refusal(marked("It must end after it begins"), field="end")
    return starts_at, ends_at


def _refuse_limited_agenda(kind: PartKind, capacity: int | None) -> None:
    if kind is PartKind.AGENDA and capacity is not None:
        raise Refusal(
            marked("The agenda is for everybody. Set the places of the whole summit under its rules instead."),
            field="capacity",
        )


def _refuse_twin(others: Iterable[Part], title: str, starts_at: datetime) -> None:
    """Breakouts lie side by side, but two of one name at one time are one that was sent twice."""
    if any((other.title, other.starts_at, other.state) == (title, starts_at, PartState.PLANNED) for other in others):
        raise Refusal(marked("There is “%(title)s” at this time already"), field="title", title=title)


def post_invitations(work: Work, event: Event) -> None:
    """Send every invitation of a published summit that waits for an answer and was not sent yet."""
    key = func.concat("invitation:", Invitation.id, ":", Invitation.generation)
    waiting = (
        select(Invitation.id, key.label("key"), Person)
        .join(Person, Person.id == Invitation.person_id)
        .where(
            Invitation.event_id == event.id,
            Invitation.withdrawn_at.is_(None),
            Invitation.response == Answer.NONE,
            ~exists().where(Outbox.key == key),
        )
        .order_by(Invitation.id)
    )
    for row in work.session.execute(waiting).all():
        outbox.post(work, key=row.key, to=row.Person, template="invitation", invitation_id=row.id)
