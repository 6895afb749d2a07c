"""``python -m bench.dashboard``: how the dashboard of the evaluation takes it when a programme grows to a million rows
of attendance. As with the other figures, nothing else should run on the machine meanwhile.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from time import perf_counter

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import insert, text

from bench import figures, scenes
from bench.exports import BOOKED
from bench.journeys import Page
from bench.servers import database, settings_for
from bench.statements import statements
from cop import create_app
from cop.core.access import SYSTEM, Role
from cop.core.work import Work
from cop.demo import running
from cop.models.accounts import Account, Person, RoleGrant
from cop.models.cohorts import Cohort
from cop.models.events import Choice, Event, EventKind, EventState, Part
from cop.models.organisations import Membership, Organisation, OrganisationKind
from cop.models.programmes import Programme
from cop.models.regions import Region
from cop.web import db, run
from scheduled import count_indicators, keep_figures

PEOPLE, HALF_DAYS = 10_000, 4
COURSES = (2, 25)
"""Courses at which everybody takes part: 80,000 and a million marks."""

GOAL = 300.0
"""Milliseconds of server time for each page with the most marks."""

PAGES = ("", "reach", "events", "learning", "actions", "community")
NARROWED = ("reach?region=London", "events?sector=resident", "reach?event=course-1")

TIMES, WARM = 5, 2

MEMBERS = 100


@dataclass(frozen=True)
class Taken:
    milliseconds: float
    sql: int


def main() -> None:
    print(measure(lambda step: print(f"· {step}", file=sys.stderr)))


def measure(say: Callable[[str], None]) -> str:
    """The table of growth, in a database of its own."""
    with database() as url:
        app = create_app(settings_for(url))
        with app.app_context():
            upgrade(directory=str(running.MIGRATIONS))
            evaluator, programme_id = run(_people, SYSTEM)
        taken, counting, before = [], [], 0
        for courses in COURSES:
            say(f"writing {courses * PEOPLE * HALF_DAYS:,} marks")
            with app.app_context():
                _write(programme_id, range(before, courses))
                before = courses
                say("counting at night")
                began = perf_counter()
                keep_figures.run()
                count_indicators.run()
                counting.append(perf_counter() - began)
            say("reading")
            taken.append({path: _taken(app, path, evaluator) for path in (*PAGES, *NARROWED)})
            with app.app_context(), db.engine.begin() as connection:
                connection.execute(text("DELETE FROM kept_figures"))
        with app.app_context():
            db.engine.dispose()
    rows = [_row(path, [each[path] for each in taken]) for path in taken[-1]]
    sizes = [heading for courses in COURSES for heading in (f"{courses * PEOPLE * HALF_DAYS:,} marks, ms", "SQL")]
    nights = "; ".join(f"{seconds:.1f} s" for seconds in counting)
    return f"{figures.table([['page of the dashboard', *sizes, 'goal'], *rows])}\n\ncounted at night in {nights}"


def _row(path: str, each: Sequence[Taken]) -> list[str]:
    cells = (cell for taken in each for cell in (f"{taken.milliseconds:.1f}", str(taken.sql)))
    goal = figures.reached(each[-1].milliseconds, GOAL, most=True) if path in PAGES else ""
    return [f"/evaluation/{path}", *cells, goal]


def _taken(app: Flask, path: str, evaluator: int) -> Taken:
    """Server time of the whole page and its statements, as it is once a process has warmed up."""
    address, cookie = f"/evaluation/{path}", scenes.cookie_of(app, evaluator)
    client: FlaskClient = app.test_client(use_cookies=False)
    times = []
    for _time in range(WARM + TIMES):
        began = perf_counter()
        answer = client.get(address, headers={"Cookie": cookie})
        times.append(perf_counter() - began)
        if answer.status_code != 200:  # noqa: PLR2004  the one that is a page
            raise RuntimeError(f"{address} answered {answer.status_code}")
    (sql,) = statements(app, next(Page(address, (f"Cookie: {cookie}",)).journeys(0)))
    return Taken(median(times[WARM:]) * 1000, sql)


def _people(work: Work) -> tuple[int, int]:
    """An admin, who sees all figures exactly and may narrow them, and the programme."""
    first = (work.now - timedelta(days=300)).date()
    programme = Programme(slug="large", name="Large", summary="Only figures.", starts_on=first, ends_on=work.now.date())
    work.session.add(programme)
    work.session.flush()
    members = [
        {
            "slug": f"council-{number}",
            "name": f"Council {number}",
            "kind": OrganisationKind.COUNCIL,
            "membership": [*Membership][number % 4],
            "region": [*Region][number % 12].value,
            "joined_on": first - timedelta(days=400 * (number % 6)),
        }
        for number in range(MEMBERS)
    ]
    work.session.execute(insert(Organisation), members)
    people = [
        {"name": f"Person {number}", "email": f"person-{number}@bench.example", "created_at": work.now}
        for number in range(PEOPLE)
    ]
    work.session.execute(insert(Person), people)
    admin = Person(name="Ada", email="ada@bench.example", created_at=work.now)
    work.session.add(admin)
    work.session.flush()
    work.session.add(Account(person_id=admin.id, email_verified_at=work.now))
    work.session.add(RoleGrant(person_id=admin.id, role=Role.ADMIN, programme_id=programme.id, granted_at=work.now))
    work.session.flush()
    scenes.browsers(work)
    return admin.id, programme.id


def _write(programme_id: int, numbers: range) -> None:
    """Courses that everybody booked and attended, written by the database: a service would take hours."""
    ids = run(lambda work: [_course(work, programme_id, number) for number in numbers], SYSTEM)
    with db.engine.begin() as connection:
        for statement in BOOKED:
            narrowed = statement.replace("e.programme_id = :programme", "e.id = ANY(:courses)")
            connection.execute(text(narrowed), {"courses": ids, "people": PEOPLE})
        connection.execute(
            text(
                "UPDATE mark SET status = 'absent' WHERE id % 9 = 0"
                " AND part_id IN (SELECT id FROM part WHERE event_id = ANY(:courses))"
            ),
            {"courses": ids},
        )
        connection.execute(text("UPDATE booking SET sector = 'resident' WHERE id % 4 = 0"))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))  # PostgreSQL does it by itself within a minute of such a load


def _course(work: Work, programme_id: int, number: int) -> int:
    event = Event(
        programme_id=programme_id,
        kind=EventKind.COHORT,
        slug=f"course-{number}",
        title=f"Course {number}",
        state=EventState.PUBLISHED,
        choice=Choice.ALL,
        changed_at=work.now,
    )
    work.session.add(event)
    work.session.flush()
    work.session.add(Cohort(event_id=event.id))
    for half_day in range(HALF_DAYS):
        begins = work.now - timedelta(days=200 - 3 * number, hours=12 * half_day)
        work.session.add(
            Part(
                event_id=event.id,
                title=f"Half-day {half_day + 1}",
                starts_at=begins,
                ends_at=begins + timedelta(hours=3),
                changed_at=work.now,
            )
        )
    return event.id


if __name__ == "__main__":
    main()
