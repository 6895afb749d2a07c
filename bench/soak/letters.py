"""Ten thousand invitations to a survey through two schedulers and a mail server that puts off one in ten."""

import random
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

from flask import Flask
from sqlalchemy import func, insert, select

from bench.figures import table
from bench.soak import verdict
from bench.soak.deaths import Deaths, Reaper, come_to_rest
from bench.soak.parts import Installation, Say, until
from bench.soak.stage import next_monday
from cop.core.access import SYSTEM
from cop.core.secrecy import random_word
from cop.core.work import Reading, Work
from cop.demo import running
from cop.models.accounts import Person
from cop.models.events import Attendance, Booking, Event, EventKind, EventState, Mark, MarkSource, Part, Seat
from cop.models.outbox import Outbox, OutboxState
from cop.models.programmes import Programme
from cop.models.surveys import Ask
from cop.web import db, ports, read, run
from scheduled.jobs import JOBS

PEOPLE = 10_000
PUTS_OFF = 10
SEED = 4
NUMBERS = {"a scheduler": 20, "the mail server": 14, "a process of the database": 8, "the database": 8}

Rows = list[dict[str, Any]]


def soak(installed: Installation, app: Flask, say: Say) -> tuple[str, list[str]]:
    """The report, and a line for each promise that was broken."""
    chance = random.Random(SEED)  # noqa: S311  the same order of deaths each time
    say(f"loading a webinar to which {PEOPLE:,} people came")
    with app.app_context():
        run(partial(running.move_clock_on, to=next_monday(ports().clock.now())), SYSTEM)
        run(_load, SYSTEM)
    reaper = Reaper(installed, app, chance)
    say("starting two schedulers and a mail server")
    with installed.running():
        plan = reaper.plan(NUMBERS)
        for number, what in enumerate(plan, start=1):
            say(f"{number} of {len(plan)}: death of {what}; {len(list(installed.mails.iterdir())):,} letters so far")
            reaper.strike(what)
        say("waiting until everything is at rest")
        until(lambda: _asked(app) == PEOPLE, "everybody being asked", patience=2 * JOBS["ask_surveys"].every.seconds)
        come_to_rest(installed, app)
    mails = verdict.arrived(installed.mails)
    with app.app_context():
        found = read(SYSTEM)
        broken = [*_missed(found), *verdict.of_mails(found, mails, reaper.deaths.times)]
        db.session.remove()
    return _report(reaper.deaths, mails), broken


def _load(work: Work) -> None:
    """A webinar that is over, with everybody marked as having come."""
    ended = work.now - timedelta(hours=2)
    programme = Programme(
        slug="letters",
        name="Letters",
        summary="Only for figures.",
        starts_on=ended.date(),
        ends_on=ended.date() + timedelta(days=100),
    )
    work.session.add(programme)
    work.session.flush()
    event = Event(
        programme_id=programme.id,
        kind=EventKind.WEBINAR,
        slug="ten-thousand",
        title="Ten thousand at once",
        summary="Everybody came.",
        state=EventState.PUBLISHED,
        changed_at=work.now,
    )
    work.session.add(event)
    work.session.flush()
    part = Part(
        event_id=event.id, title="Webinar", starts_at=ended - timedelta(hours=1), ends_at=ended, changed_at=work.now
    )
    work.session.add(part)
    work.session.flush()
    numbers = range(PEOPLE)
    people = _add(
        work,
        Person,
        [{"name": f"Guest {n}", "email": f"g{n}@soak.example", "created_at": work.now} for n in numbers],
    )
    shared = {"event_id": event.id, "party_size": 1, "booked_at": work.now}
    bookings = _add(work, Booking, [{**shared, "person_id": person, "public_id": random_word()} for person in people])
    seats = _add(
        work,
        Seat,
        [
            {"booking_id": booking, "event_id": event.id, "position": 0, "person_id": person}
            for booking, person in zip(bookings, people, strict=True)
        ],
    )
    mark = {"part_id": part.id, "status": Attendance.ATTENDED, "source": MarkSource.IMPORT, "recorded_at": work.now}
    _add(work, Mark, [{**mark, "seat_id": seat} for seat in seats])


def _add(work: Work, model: type[Person | Booking | Seat | Mark], rows: Rows) -> list[int]:
    made = insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(work.session.scalars(made, rows))


def _asked(app: Flask) -> int:
    with app.app_context():
        return read(SYSTEM).session.scalar(select(func.count()).select_from(Ask)) or 0


def _missed(read: Reading) -> Iterable[str]:
    """Nobody was missed, and nobody was asked twice."""
    sent = select(Ask.id).join(
        Outbox, (Outbox.key == func.concat("survey-invitation:", Ask.id)) & (Outbox.state == OutboxState.SENT)
    )
    people = select(func.count(), func.count(Ask.person_id.distinct())).where(Ask.id.in_(sent))
    letters, persons = read.session.execute(people).one()
    if (letters, persons) != (PEOPLE, PEOPLE):
        yield f"{PEOPLE:,} people came, {letters:,} letters went to {persons:,} people"


def _report(deaths: Deaths, mails: verdict.Arrived) -> str:
    rows = [["what died", "times", "median s until it was there again"]]
    rows += [[what, str(len(found)), f"{median(found):.1f}"] for what, found in deaths.seconds.items()]
    figures = [
        ["figure", "found"],
        ["people to invite", f"{PEOPLE:,}"],
        ["deaths by kill -9", str(len(deaths.times))],
        ["letters in the mail server's files", f"{mails.messages:,}"],
        ["of them second copies, with the same Message-ID", str(mails.messages - len(mails.times))],
    ]
    return f"{table(rows)}\n\n{table(figures)}"
