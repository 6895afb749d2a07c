"""Checking oneself in: staff open a code for a while, and whoever booked says with it that they are here."""

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, select

from cop.core import secrecy
from cop.core.access import EVENT_STAFF
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.doors import DoorCode, DoorTry
from cop.models.events import CAME, Attendance, Event, Mark, MarkSource, Part, PartState, Seat
from cop.queries.self_check_in import LENGTH, code_in, own_seat
from cop.services import accounts
from cop.services.events.attendance import part_to_mark
from cop.services.events.locking import lock_event
from cop.services.events.walk_ins import refuse_what_does_not_happen

LONGEST = timedelta(hours=4)

WINDOW = timedelta(minutes=15)

TRIES_A_NETWORK = 300
"""Attempts by e-mail address from one network within WINDOW: above what a full room behind one address needs."""

MOMENT = timedelta(microseconds=1)


def open_code(work: Work, *, event_id: int, part_id: int, minutes: int) -> DoorCode:
    """A code for the part. One that is open already stays, for as long as either of the two openings says."""
    part, event = part_to_mark(work, part_id)
    if event.id != event_id:
        raise NotFound
    event = lock_event(work, event.id)
    work.session.refresh(part)
    refuse_what_does_not_happen(event, part)
    length = timedelta(minutes=minutes)
    if not MOMENT < length <= LONGEST:
        raise Refusal(marked("Choose for how long the code is open"), field="minutes")
    until = work.now + length
    found = select(DoorCode).where(DoorCode.part_id == part.id, DoorCode.closes_at > work.now)
    code = work.session.scalars(found.with_for_update()).first()
    if code is not None:
        code.closes_at = max(code.closes_at, until)
        return code
    code = DoorCode(
        code=secrecy.random_word(LENGTH),
        event_id=event.id,
        part_id=part.id,
        opens_at=work.now,
        closes_at=until,
        made_at=work.now,
        made_by=work.actor.person_id,
    )
    work.session.add(code)
    work.session.flush()
    return code


def close_code(work: Work, *, event_id: int, code: str) -> None:
    """End it now; what was said with it stands."""
    event = work.session.get(Event, event_id)
    found = select(DoorCode).where(DoorCode.event_id == event_id, DoorCode.code == code).with_for_update()
    door = work.session.scalars(found).one_or_none()
    if event is None or door is None:
        raise NotFound
    if not work.actor.may(*EVENT_STAFF, programme_id=event.programme_id, event_id=event.id):
        raise NotFound
    if door.closes_at > work.now:
        door.closes_at = max(work.now, door.opens_at + MOMENT)


def check_oneself_in(work: Work, *, code: str) -> None:
    """The acting person says that they are here. Said again, it changes nothing."""
    if work.actor.person_id is None:
        raise NotFound
    door = _open(work, code)
    _say_here(work, door, work.actor.person_id)


class Tried(StrEnum):
    """What a caller may know of an attempt by e-mail address: never whether somebody has that address."""

    TAKEN = "taken"
    NETWORK_IS_BUSY = "network is busy"


def check_in_by_email(work: Work, *, code: str, email: str, network: str) -> Tried:
    """Whoever booked with this address is here; nothing happens where nobody did, or a host knows better.

    ``network`` is the client's address, of which only a keyed digest is kept.
    """
    address = accounts.clean_email(email)
    door = _open(work, code)
    asked_from = secrecy.digest("network", network)
    lately = (
        select(func.count())
        .select_from(DoorTry)
        .where(DoorTry.asked_from == asked_from, DoorTry.at > work.now - WINDOW)
    )
    if (work.session.scalar(lately) or 0) >= TRIES_A_NETWORK:
        return Tried.NETWORK_IS_BUSY
    work.session.add(DoorTry(code_id=door.id, asked_from=asked_from, at=work.now))
    person_id = work.session.scalar(select(Person.id).where(Person.email == address))
    if person_id is not None and _may_say_so(work, door, person_id):
        _say_here(work, door, person_id)
    return Tried.TAKEN


def _may_say_so(work: Work, door: DoorCode, person_id: int) -> bool:
    try:
        _seat_of(work, door, person_id)
    except Refusal:
        return False
    return True


def _open(work: Work, code: str) -> DoorCode:
    found = select(DoorCode).where(
        DoorCode.code == code_in(code), DoorCode.opens_at <= work.now, DoorCode.closes_at > work.now
    )
    door = work.session.scalars(found).one_or_none()
    part = work.session.get(Part, door.part_id) if door is not None else None
    if door is None or part is None or part.state is PartState.CANCELLED:
        raise Refusal(marked("This code is closed. Ask a host for the one that is open now, or to check you in."))
    return door


def _seat_of(work: Work, door: DoorCode, person_id: int) -> tuple[Seat, Mark | None]:
    """The person's seat, locked, with what stands about it; Refusal where they cannot say that they are here."""
    seat_id = own_seat(work, part_id=door.part_id, person_id=person_id)
    if seat_id is None:
        raise Refusal(marked("You have no booking for this. Speak to a host, who can write you down."))
    seat = work.session.scalars(select(Seat).where(Seat.id == seat_id).with_for_update(key_share=True)).one()
    current = work.session.scalars(
        select(Mark).where(Mark.part_id == door.part_id, Mark.seat_id == seat.id, Mark.superseded_at.is_(None))
    ).one_or_none()
    by_host = current is not None and current.source in {MarkSource.CHECK_IN, MarkSource.ROSTER}
    if current is not None and by_host and current.status not in CAME:
        raise Refusal(marked("A host has written down something else about you. Speak to them."))
    return seat, current


def _say_here(work: Work, door: DoorCode, person_id: int) -> None:
    seat, current = _seat_of(work, door, person_id)
    if current is not None:
        if current.status in CAME:
            return
        current.superseded_at = work.now
        work.session.flush()
    work.session.add(
        Mark(
            part_id=door.part_id,
            seat_id=seat.id,
            status=Attendance.ATTENDED,
            source=MarkSource.SELF_CHECK_IN,
            recorded_at=work.now,
            recorded_by=work.actor.person_id,
        )
    )
    work.session.flush()
