"""What the figures are about: the demo programme and more beside it, and what visitors do there."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import chain, repeat
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import Engine, event, func, insert, select

from bench.load import PROCESSES, Answer, Journey, WrongAnswer, get, post
from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.demo import programme
from cop.models.accounts import Account, Person
from cop.models.events import Event, EventKind, EventState, Part
from cop.models.programmes import Programme, Series
from cop.services.events import editing
from cop.web import ports, run

DEMO_VISIT = "healthy-hub-stevenage"
BOOKED_VISIT = "many-bookings"
FEED = "two-hundred"
FEED_EVENTS = 200
PEOPLE = 6_000
SLOTS = 8
SLOT_PLACES = 1_000

TOKEN = re.compile(rb'name="csrf_token"[^>]* value="([^"]+)"')
OK, FOUND, UNCHANGED = 200, 302, 304


@dataclass(frozen=True)
class Page:
    """The same page again and again."""

    path: str
    headers: tuple[str, ...] = ()
    status: int = OK

    def journeys(self, process: int) -> Iterator[Journey]:
        request = get(self.path, *self.headers)
        return (self._journey(request) for _ in repeat(None))

    def _journey(self, request: bytes) -> Journey:
        _expect(self.status, (yield request))


@dataclass(frozen=True)
class Bookings:
    """One person after the other books a place: form, button, and the page after it."""

    path: str
    slots: tuple[int, ...]
    cookies: tuple[str, ...]

    def journeys(self, process: int) -> Iterator[Journey]:
        mine = self.cookies[process::PROCESSES]
        return (self._journey(cookie, self.slots[number % len(self.slots)]) for number, cookie in enumerate(mine))

    def _journey(self, cookie: str, slot: int) -> Journey:
        form = yield get(self.path, f"Cookie: {cookie}")
        _expect(OK, form)
        cookie = _cookie(form) or cookie
        token = TOKEN.search(form.body)
        if token is None:
            raise WrongAnswer(f"{self.path} holds no form")
        fields = {"csrf_token": token[1].decode(), "slot": slot, "party_size": 1, "names": ""}
        done = yield post(self.path, urlencode(fields), f"Cookie: {cookie}")
        _expect(FOUND, done)
        _expect(OK, (yield get(done.header("Location"), f"Cookie: {_cookie(done) or cookie}")))


def _cookie(answer: Answer) -> str:
    return answer.header("Set-Cookie").partition(";")[0]


def _expect(status: int, answer: Answer) -> None:
    if answer.status != status:
        raise WrongAnswer(f"{answer.status} instead of {status}: {answer.body[:200]!r}")


@dataclass(frozen=True)
class Stage:
    """What was loaded, as far as scenes need to know it."""

    demo_day: str
    slots: tuple[int, ...]
    cookies: tuple[str, ...]


def load(app: Flask) -> Stage:
    """Fill the empty database; every person of ours gets the cookie of somebody who is signed in."""
    with app.app_context():
        programme.load(lambda step: None)
        slots = run(_add, SYSTEM)
        people, demo_day = run(_people, SYSTEM), run(_demo_day, SYSTEM)
    return Stage(demo_day, tuple(slots), tuple(cookie_of(app, person) for person in people))


def cookie_of(app: Flask, person_id: int) -> str:
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own sessions
    seen = int(time.time())  # noqa: TID251  sessions stay on real time
    value = serializer.dumps({"_user_id": f"{person_id}.0", "_fresh": True, "_permanent": True, "seen": seen})
    return f"{app.config['SESSION_COOKIE_NAME']}={value}"


def _add(work: Work) -> list[int]:
    """A programme of its own, so that the home page stays as the demonstration has it."""
    today = work.now.date()
    made = Programme(
        slug="bench", name="Figures", summary="Only figures.", starts_on=today, ends_on=today + timedelta(days=300)
    )
    work.session.add(made)
    work.session.flush()
    series = Series(programme_id=made.id, slug=FEED, name="Two hundred", summary="As many as a feed is asked for.")
    work.session.add(series)
    work.session.flush()
    _feed(work, series)
    return _booked_visit(work, made)


def _feed(work: Work, series: Series) -> None:
    """Public visits, one a day; they also fill the list of visits."""
    shared = {
        "programme_id": series.programme_id,
        "series_id": series.id,
        "kind": EventKind.VISIT,
        "state": EventState.PUBLISHED,
        "place": "Healthy Hub, Stevenage",
        "summary": "A morning at the Healthy Hub in Stevenage, with the people who run it and use it.",
        "changed_at": work.now,
    }
    events = [{**shared, "slug": f"feed-{number}", "title": f"Morning {number}"} for number in range(FEED_EVENTS)]
    ids = work.session.scalars(insert(Event).returning(Event.id, sort_by_parameter_order=True), events).all()
    parts = []
    for number, event_id in enumerate(ids):
        starts_at = work.now + timedelta(days=30 + number)
        times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2)}
        more = {"title": "Morning", "kind": "slot", "capacity": 20, "changed_at": work.now}
        parts.append({"event_id": event_id, **times, **more})
    work.session.execute(insert(Part), parts)


def _booked_visit(work: Work, made: Programme) -> list[int]:
    visit = editing.create_visit(
        work, programme_id=made.id, slug=BOOKED_VISIT, title="Many bookings", summary="Room for everybody."
    )
    slots = editing.add_slots(
        work,
        event_id=visit.id,
        on_date=work.now.date() + timedelta(days=40),
        first_start=programme.time(9),
        length_minutes=45,
        gap_minutes=15,
        count=SLOTS,
        capacity=SLOT_PLACES,
        zone=ports().settings.timezone,
    )
    editing.publish_event(work, event_id=visit.id)
    return [slot.id for slot in slots]


def _people(work: Work) -> Sequence[int]:
    people = [
        {"name": f"Person {number}", "email": f"person-{number}@bench.example", "created_at": work.now}
        for number in range(PEOPLE)
    ]
    ids = work.session.scalars(insert(Person).returning(Person.id), people).all()
    work.session.execute(insert(Account), [{"person_id": found, "email_verified_at": work.now} for found in ids])
    return ids


def _demo_day(work: Work) -> str:
    first = select(func.min(Part.starts_at)).join(Event, Event.id == Part.event_id).where(Event.slug == DEMO_VISIT)
    found = work.session.scalars(first).one()
    return found.astimezone(ports().settings.timezone).date().isoformat()


def statements(app: Flask, journey: Journey) -> list[int]:
    """SQL statements of each request of one journey, without what begins, ends or checks a connection."""
    client, counts = app.test_client(use_cookies=False), []
    answer: Answer | None = None
    while True:
        try:
            request = next(journey) if answer is None else journey.send(answer)
        except StopIteration:
            return counts
        with _counting() as count:
            answer = _answer(client, request)
        counts.append(count())
