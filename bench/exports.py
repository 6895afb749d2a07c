"""What an export of 100,000 rows takes, each time in a process of its own: how long, and how much memory more.

``python -m bench.exports 1000000`` measures it alone, with so many rows of attendance as CSV.
"""

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, text

from bench.servers import database, resident, settings_for
from cop import create_app, exporting
from cop.core.access import SYSTEM
from cop.core.settings import Settings
from cop.core.work import Work
from cop.demo import running
from cop.exporting import Format
from cop.models.accounts import Person
from cop.models.events import Choice, Event, EventKind, EventState, Part
from cop.models.organisations import Membership, Organisation, OrganisationKind
from cop.models.programmes import Programme
from cop.web import db, read, run

PROGRAMME = "many-rows"
COURSES, PEOPLE, HALF_DAYS = 5, 5_000, 4
ROWS = COURSES * PEOPLE * HALF_DAYS

ROUNDS = 3
"""How often it is measured when it is measured alone."""

BOOKED = (
    """INSERT INTO booking (public_id, event_id, person_id, party_size, state, source, booked_at, link_generation,
        organisation_id, sector, membership, newer_member)
    SELECT 'many' || e.id || 'x' || p.id, e.id, p.id, 1, 'live', 'self', e.changed_at, 0,
        o.id, 'council officer', o.membership, p.n % 3 = 0
    FROM event e
    CROSS JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM person
        WHERE erased_at IS NULL ORDER BY id LIMIT :people) p
    LEFT JOIN (SELECT id, membership, row_number() OVER (ORDER BY id) AS n FROM organisation) o ON o.n = p.n % 100
    WHERE e.programme_id = :programme""",
    """INSERT INTO seat (booking_id, event_id, position, person_id, live)
    SELECT b.id, b.event_id, 1, b.person_id, true
    FROM booking b JOIN event e ON e.id = b.event_id WHERE e.programme_id = :programme""",
    """INSERT INTO entry (booking_id, position, uid, part_id, sequence, status, changed_at)
    SELECT b.id, row_number() OVER (PARTITION BY b.id ORDER BY p.id), gen_random_uuid(), p.id, 0, 'confirmed',
        b.booked_at
    FROM booking b JOIN event e ON e.id = b.event_id JOIN part p ON p.event_id = e.id
    WHERE e.programme_id = :programme""",
    """INSERT INTO mark (part_id, seat_id, status, minutes, source, recorded_at)
    SELECT p.id, s.id, 'attended', 55, 'roster', p.ends_at
    FROM seat s JOIN event e ON e.id = s.event_id JOIN part p ON p.event_id = e.id
    WHERE e.programme_id = :programme""",
    "ANALYZE booking, seat, entry, mark",
)
"""What four half-days of five large courses leave behind, written by the database: a service would take an hour."""


@dataclass(frozen=True)
class Taken:
    seconds: float
    megabytes: float


def main() -> None:
    """So many rows as the command says, in a database of its own."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    people = rows // (COURSES * HALF_DAYS)
    with database() as url:
        settings = settings_for(url)
        app = create_app(settings)
        with app.app_context():
            upgrade(directory=str(running.MIGRATIONS))
            run(partial(_people, people), SYSTEM)
        load(app, people)
        with app.app_context():
            db.engine.dispose()
        for taken in measure(settings, Format.CSV, ROUNDS):
            print(f"{rows / taken.seconds:,.0f} rows a second, {taken.megabytes:.1f} MB more")


def _people(people: int, work: Work) -> None:
    """Somebody to book, from a hundred councils."""
    council = {"kind": OrganisationKind.COUNCIL, "membership": Membership.FULL, "region": "London"}
    councils = [{**council, "slug": f"many-{number}", "name": f"Council {number}"} for number in range(100)]
    work.session.execute(insert(Organisation), councils)
    numbers = range(people)
    persons = [{"name": f"Person {each}", "email": f"{each}@many.example", "created_at": work.now} for each in numbers]
    work.session.execute(insert(Person), persons)


def load(app: Flask, people: int = PEOPLE) -> None:
    """The rows, for people and organisations that are there."""
    with app.app_context():
        programme_id = run(_courses, SYSTEM)
        with db.engine.begin() as connection:
            for statement in BOOKED:
                connection.execute(text(statement), {"programme": programme_id, "people": people})


def _courses(work: Work) -> int:
    today = work.now.date()
    programme = Programme(slug=PROGRAMME, name="Many rows", summary="Only figures.", starts_on=today, ends_on=today)
    work.session.add(programme)
    work.session.flush()
    shared = {
        "programme_id": programme.id,
        "kind": EventKind.COHORT,
        "state": EventState.PUBLISHED,
        "choice": Choice.ALL,
        "changed_at": work.now,
    }
    courses = [{**shared, "slug": f"many-rows-{number}", "title": f"Course {number}"} for number in range(COURSES)]
    for event_id in work.session.scalars(insert(Event).returning(Event.id), courses).all():
        begins = [work.now - timedelta(days=30 + number) for number in range(HALF_DAYS)]
        half_days = [
            {"title": f"Half-day {number}", "starts_at": begin, "ends_at": begin + timedelta(hours=3)}
            for number, begin in enumerate(begins, 1)
        ]
        more = {"event_id": event_id, "kind": "half-day", "changed_at": work.now}
        work.session.execute(insert(Part), [{**half_day, **more} for half_day in half_days])
    return programme.id


def measure(settings: Settings, format_: Format, times: int = 1) -> Sequence[Taken]:
    """Export the attendance so many times, each in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as executor:
        return list(executor.map(_export, [settings] * times, [format_] * times))


def _export(settings: Settings, format_: Format) -> Taken:
    with create_app(settings).app_context(), Path(os.devnull).open("wb") as nowhere:
        read(SYSTEM).session.connection()
        before = resident(os.getpid())
        Path("/proc/self/clear_refs").write_text("5")  # the highest point is counted from here
        began = perf_counter()
        asked = {"kind": "attendance", "programme_slug": PROGRAMME, "pseudonymised": False}
        nowhere.writelines(exporting.table(read(SYSTEM), format_=format_, **asked))  # type: ignore[arg-type]
        seconds = perf_counter() - began
        return Taken(seconds, resident(os.getpid(), "VmHWM") - before)


if __name__ == "__main__":
    main()
