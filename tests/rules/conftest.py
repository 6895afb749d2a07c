"""What the rules about pages look at: the application with every area, and records that pages can show."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from flask import Flask

from cop import create_app
from cop.core import secrecy
from cop.core.access import Role
from cop.core.settings import Settings
from cop.models.accounts import Person
from cop.models.events import Booking, Event
from cop.models.organisations import Organisation
from cop.services.accounts import make_sign_in_link
from cop.web import db
from tests.conftest import empty_tables
from tests.support.clock import FixedClock
from tests.support.make import Make, working


@pytest.fixture(scope="session")
def worker_demo_app(settings: Settings, worker_clock: FixedClock) -> Iterator[Flask]:
    app = create_app(replace(settings, demo=True), clock=worker_clock)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(worker_demo_app: Flask, clock: FixedClock) -> Iterator[Flask]:
    """The application with every area that exists, those of the demonstration too."""
    assert clock is not None
    yield worker_demo_app
    empty_tables(worker_demo_app)


@dataclass(frozen=True)
class World:
    """A record of each sort, and somebody of each kind."""

    visit: Event
    booking: Booking
    organisation: Organisation
    visitors: dict[str, Person | None]
    known: list[tuple[str, str, list[str]]]
    """Part of an address, parameter, and values that name something there; the first that fits counts."""

    def values(self, rule: str, name: str) -> list[str]:
        for part, known, values in self.known:
            if part in rule and name == known:
                return values
        raise LookupError(f"tests/rules/conftest.py knows no {name} for {rule}")


@pytest.fixture
def world(app: Flask, make: Make) -> World:
    programme = make.programme()
    series = make.series(programme=programme)
    organisation = make.organisation(domains=["council.example"])
    visit = make.visit(slots=2, party_max=3, series_id=series.id)
    other = make.visit("Another visit")
    participant = make.account(organisation=organisation)
    booking = make.booking(participant, visit, party_size=2, names=["Ben"])
    people = {
        name: make.account(name.capitalize()) for name in ("stranger", "host", "facilitator", "evaluator", "lead")
    }
    make.grant(people["host"], Role.HOST, event=other)
    make.grant(people["facilitator"], Role.FACILITATOR, programme=programme)
    make.grant(people["evaluator"], Role.EVALUATOR, programme=programme)
    make.grant(people["lead"], Role.LEAD, organisation=organisation)
    administrator = make.account("Programme admin")
    make.grant(administrator, Role.ADMIN, programme=programme)
    with working(app) as work:
        sign_in = make_sign_in_link(work, email="newcomer@council.example")
    return World(
        visit,
        booking,
        organisation,
        {
            "signed out": None,
            "participant": participant,
            **people,
            "programme admin": administrator,
            "admin": make.admin(),
        },
        [
            ("/events/", "slug", [visit.slug, other.slug]),
            ("/visits/", "slug", [visit.slug, other.slug]),
            ("/organisations/", "slug", [organisation.slug]),
            ("/programmes/", "slug", [programme.slug]),
            ("/series/", "slug", [series.slug]),
            ("/series/", "series_slug", [series.slug]),
            ("/events/", "part_id", [str(visit.parts[0].id), str(other.parts[0].id)]),
            ("/events/", "day", [visit.parts[0].starts_at.date().isoformat()]),
            ("/bookings/", "public_id", [booking.public_id]),
            ("/people/", "public_id", [participant.public_id]),
            ("/people/", "grant_id", ["1"]),
            ("/messages/", "outbox_id", ["1"]),
            ("/sign-in/", "token", [sign_in]),
            ("/bookings/", "token", [secrecy.sign("booking", booking.public_id, booking.link_generation)]),
            ("/calendar/", "token", [secrecy.sign("calendar", participant.public_id, participant.calendar_generation)]),
            ("/static/", "filename", ["app.js"]),
            ("/demo/", "number", ["1"]),
            ("/demo/", "role", ["host"]),
        ],
    )
