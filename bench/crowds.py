"""Many people at once, around one webinar and at one door: what they do, and whether all that was answered was kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from flask import Flask
from sqlalchemy import distinct, func, insert, select

from bench.journeys import FOUND, SEE_OTHER, Presses
from cop.core import secrecy
from cop.core.access import SYSTEM, Role
from cop.core.secrecy import random_word
from cop.core.work import Work
from cop.models.accounts import Person, RoleGrant
from cop.models.events import Booking, Choice, Claim, Event, EventKind, EventState, Mark, Part, Seat
from cop.models.programmes import Programme
from cop.models.service import Observation
from cop.models.webinars import Registration
from cop.queries.joining import JOINED
from cop.web import run

WEBINAR, ASKED_ABOUT, DOOR = "many-viewers", "many-registrations", "many-arrivals"
EACH = 1_500
"""Registrations, confirmations, viewers and guests."""

DEVICES = 10


@dataclass(frozen=True)
class Stage:
    """Paths of links that confirm a registration, and that lead into a meeting, with the part that it is; the hosts at
    the door, the part there, and its guests, each a seat and a name.
    """

    confirmations: Sequence[str]
    joins: Sequence[str]
    session: int
    devices: Sequence[int]
    part: int
    guests: tuple[tuple[int, str], ...]


def load(work: Work, *, people: Sequence[int]) -> Stage:
    """A webinar to register for, one that begins in half an hour, and a visit whose guests come now."""
    programme_id = work.session.scalars(select(Programme.id).where(Programme.slug == "bench")).one()
    asked_about, _ = _event(work, programme_id, ASKED_ABOUT, EventKind.WEBINAR, begins=timedelta(days=7))
    webinar, session = _event(work, programme_id, WEBINAR, EventKind.WEBINAR, begins=timedelta(minutes=30))
    visit, slot = _event(work, programme_id, DOOR, EventKind.VISIT, begins=timedelta(minutes=1))
    viewers, guests, hosts = people[:EACH], people[EACH : 2 * EACH], people[2 * EACH : 2 * EACH + DEVICES]
    grants = [{"person_id": host, "role": Role.HOST, "event_id": visit, "granted_at": work.now} for host in hosts]
    work.session.execute(insert(RoleGrant), grants)
    held, _seats = _book(work, webinar, session, viewers)
    return Stage(
        confirmations=[f"/confirm/{token}" for token in _registrations(work, asked_about)],
        joins=[f"/webinars/{WEBINAR}/join?t={secrecy.sign('join', public_id, 0)}" for public_id in held],
        session=session,
        devices=hosts,
        part=slot,
        guests=tuple(zip(_book(work, visit, slot, guests)[1], _names(work, guests), strict=True)),
    )


def _event(work: Work, programme_id: int, slug: str, kind: EventKind, *, begins: timedelta) -> tuple[int, int]:
    event = Event(
        programme_id=programme_id,
        slug=slug,
        kind=kind,
        title=slug.replace("-", " ").capitalize(),
        summary="Room for everybody.",
        state=EventState.PUBLISHED,
        choice=Choice.ONE if kind is EventKind.VISIT else Choice.ALL,
        join_opens_minutes=60,
        changed_at=work.now,
    )
    work.session.add(event)
    work.session.flush()
    part = Part(
        event_id=event.id,
        kind="slot" if kind is EventKind.VISIT else "session",
        title="All of it",
        starts_at=work.now + begins,
        ends_at=work.now + begins + timedelta(hours=2),
        join_url="https://meet.example/room",
        changed_at=work.now,
    )
    work.session.add(part)
    work.session.flush()
    return event.id, part.id


def _names(work: Work, people: Sequence[int]) -> Sequence[str]:
    rows = work.session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
    called: dict[int, str] = dict(rows.tuples().all())
    return [called[person] for person in people]


def _registrations(work: Work, event_id: int) -> Sequence[str]:
    words = [random_word() for _ in range(EACH)]
    rows = [
        {
            "public_id": word,
            "email": f"confirms-{number}@crowd.example",
            "name": f"Viewer {number}",
            "wanted": {"event_ids": [event_id], "timezone": "Europe/London"},
            "asked_at": work.now,
            "expires_at": work.now + timedelta(days=1),
        }
        for number, word in enumerate(words)
    ]
    work.session.execute(insert(Registration), rows)
    return [secrecy.sign("registration", word) for word in words]


def _book(work: Work, event_id: int, part_id: int, people: Sequence[int]) -> tuple[Sequence[str], Sequence[int]]:
    """Public ids of the bookings, and their seats."""
    words = [random_word() for _ in people]
    shared = {"event_id": event_id, "party_size": 1, "booked_at": work.now}
    rows = [{**shared, "public_id": word, "person_id": person} for word, person in zip(words, people, strict=True)]
    bookings = work.session.scalars(insert(Booking).returning(Booking.id, sort_by_parameter_order=True), rows).all()
    seats = [
        {"booking_id": booking, "event_id": event_id, "position": 1, "person_id": person, "live": True}
        for booking, person in zip(bookings, people, strict=True)
    ]
    made = work.session.scalars(insert(Seat).returning(Seat.id, sort_by_parameter_order=True), seats).all()
    claims = [
        {"event_id": event_id, "part_id": part, "booking_id": booking, "seats": 1}
        for booking in bookings
        for part in (None, part_id)
    ]
    work.session.execute(insert(Claim), claims)
    return words, made


def joining(stage: Stage, number: int, of: int) -> Presses:
    return Presses(tuple(stage.joins[number::of]), SEE_OTHER)


def confirming(stage: Stage, number: int, of: int) -> Presses:
    return Presses(tuple(stage.confirmations[number::of]), FOUND)


Kept = Callable[[Work], tuple[int, int]]
"""How many rows came of a crowd, and of how many people: the same, if nothing was doubled."""


def kept(app: Flask, of: Kept) -> tuple[int, int]:
    with app.app_context():
        return run(of, SYSTEM)


def registrations_kept(work: Work) -> tuple[int, int]:
    counted = select(func.count(), func.count(distinct(Registration.email)))
    return _pair(work, counted.where(Registration.email.startswith("registers-")))


def confirmations_kept(work: Work) -> tuple[int, int]:
    counted = select(func.count(), func.count(distinct(Person.email))).join(Booking, Booking.person_id == Person.id)
    return _pair(work, counted.where(Person.email.startswith("confirms-")))


def joins_kept(work: Work, *, part: int) -> tuple[int, int]:
    counted = select(func.count(), func.count(distinct(Observation.person_id)))
    return _pair(work, counted.where(Observation.kind == JOINED, Observation.subject_id == part))


def marks_kept(work: Work, *, part: int) -> tuple[int, int]:
    counted = select(func.count(), func.count(distinct(Mark.seat_id)))
    return _pair(work, counted.where(Mark.part_id == part))


def joins_of(stage: Stage) -> Kept:
    return partial(joins_kept, part=stage.session)


def marks_of(stage: Stage) -> Kept:
    return partial(marks_kept, part=stage.part)


def _pair(work: Work, counted: object) -> tuple[int, int]:
    rows, people = work.session.execute(counted).one()  # type: ignore[call-overload]
    return int(rows), int(people)
