"""Whom and what the soak is about: two visits with fewer places than people want, and those people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial

from flask import Flask
from sqlalchemy import insert

from bench.scenes import browsers, cookie_of
from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.demo import running
from cop.models.accounts import Account, Person
from cop.models.events import Queue
from cop.models.programmes import Programme
from cop.services.events import editing
from cop.services.events.editing.sharing import edit_waiting_rules
from cop.web import ports, run

PEOPLE = 240
VISITS = {"first-come": Queue.STRICT, "who-fits": Queue.FIT}
SLOTS, PLACES, PARTY_MAX = 6, 8, 4
DAYS_AHEAD = 11
"""Days until the visits: their reminders fall due, seven days before, while the soak moves its clock on."""

OFFER_HOURS = 5


@dataclass(frozen=True)
class Visit:
    slug: str
    slots: tuple[int, ...]


@dataclass(frozen=True)
class Guest:
    person_id: int
    cookie: str


def load(app: Flask) -> tuple[list[Visit], list[Guest]]:
    """Fill the empty database and set the service's clock to a Monday morning, when offers have time to run out."""
    with app.app_context():
        monday = next_monday(ports().clock.now())
        run(partial(running.move_clock_on, to=monday), SYSTEM)
        visits = [run(partial(_visit, slug=slug, queue=queue, monday=monday), SYSTEM) for slug, queue in VISITS.items()]
        people = run(_people, SYSTEM)
        run(browsers, SYSTEM)
    return visits, [Guest(person_id, cookie_of(app, person_id)) for person_id in people]


def next_monday(now: datetime) -> datetime:
    days = 7 - now.weekday()
    return datetime.combine(now.date() + timedelta(days=days), time(9), UTC)


def _visit(work: Work, *, slug: str, queue: Queue, monday: datetime) -> Visit:
    programme = Programme(
        slug=f"soak-{slug}",
        name="Soak",
        summary="Only for figures.",
        starts_on=monday.date(),
        ends_on=monday.date() + timedelta(days=100),
    )
    work.session.add(programme)
    work.session.flush()
    visit = editing.create_visit(work, programme_id=programme.id, slug=slug, title=slug, summary="Everybody comes.")
    editing.edit_practicalities(
        work, event_id=visit.id, place="Town hall", getting_there="By any bus.", step_free="All of it.", bring=""
    )
    editing.edit_booking_rules(
        work,
        event_id=visit.id,
        party_max=PARTY_MAX,
        capacity=SLOTS * PLACES - PARTY_MAX,
        opens_at=None,
        closes_at=None,
        change_until=None,
    )
    slots = editing.add_slots(
        work,
        event_id=visit.id,
        on_date=monday.date() + timedelta(days=DAYS_AHEAD),
        first_start=time(9),
        length_minutes=45,
        gap_minutes=15,
        count=SLOTS,
        capacity=PLACES,
        zone=ports().settings.timezone,
    )
    edit_waiting_rules(
        work, event_id=visit.id, queue=queue, offer_hours=OFFER_HOURS, per_organisation=None, fair_share_until=None
    )
    editing.publish_event(work, event_id=visit.id)
    return Visit(slug, tuple(slot.id for slot in slots))


def _people(work: Work) -> Sequence[int]:
    people = [
        {"name": f"Guest {number}", "email": f"guest-{number}@soak.example", "created_at": work.now}
        for number in range(PEOPLE)
    ]
    ids = work.session.scalars(insert(Person).returning(Person.id), people).all()
    work.session.execute(insert(Account), [{"person_id": found, "email_verified_at": work.now} for found in ids])
    return ids
