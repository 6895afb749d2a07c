"""Calendars of other makers: what their libraries read in our streams, and a real one that subscribes to a feed."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select
from werkzeug.serving import BaseWSGIServer

from cop.core.access import Actor
from cop.models.accounts import Person
from cop.models.events import Booking, Event
from cop.models.summits import Answer
from cop.queries import calendars as queries
from cop.services.events import booking as bookings
from cop.services.events import editing
from tests.support import panel
from tests.support.calendars import IcalJs, Seen, by_icalendar, by_vobject, in_order, streams
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working, reading, working
from tests.support.summits import answer, breakouts_of, invitation_of, invite, make_summit
from tests.support.webinars import Webinars

HARD = "Damp, mould; and what helps: “A\\B” 🎉 – ein Besuch für Ältere, avec une très longue suite de mots"

VDIRSYNCER = Path(sys.executable).parent / "vdirsyncer"

PAIR = """[general]
status_path = "{folder}/status"

[pair programme]
a = "feed"
b = "here"
collections = null

[storage feed]
type = "http"
url = "{url}"

[storage here]
type = "filesystem"
path = "{folder}/events"
fileext = ".ics"
"""


@pytest.fixture
def ical_js(browser: Browser) -> Iterator[IcalJs]:
    page = browser.new_page()
    yield IcalJs(page)
    page.close()


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account('Amina "Ami" Yusuf', "amina@council.example")


def feed(app: Flask, path: str) -> bytes:
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    return bytes(answer.data)


def own_feed(app: Flask, person: Person) -> bytes:
    with reading(app, Actor(person.id)) as read:
        token = queries.address_token(read)
    return feed(app, f"/calendar/{token}.ics")


def booked_everywhere(app: Flask, make: Make, work: Working, reads: Reads, amina: Person) -> list[Event]:
    """A place at an event of each kind: a visit, a webinar, a summit with a breakout, and a course."""
    visit = make.visit(HARD, slots=2, place="Healthy Hub; Stevenage, SG1 1EP\nLevel 2")
    make.booking(amina, visit, party_size=2, names=["Ben"])
    webinars = Webinars(make, partial(working, app))
    webinar = webinars.webinar()
    webinars.register(amina, webinar)
    summit = make_summit(make, work)
    invite(work, summit, amina)
    answer(work, invitation_of(reads, summit, amina), Answer.YES, breakouts_of(summit)[0])
    course = panel.course(make, "A course", slug="a-course", places=1)
    panel.application(make, course, person=amina)
    chair = panel.chair(make)
    panel.decide(make, chair, course, "o")
    panel.release(make, chair, course)
    panel.accept(make, panel.offers_of(make, course)[0])
    return [visit, webinar, summit, course]


def test_three_libraries_read_the_same_in_every_letter_and_feed(
    app: Flask,
    make: Make,
    work: Working,
    reading: Reads,
    amina: Person,
    mailbox: Mailbox,
    clock: FixedClock,
    ical_js: IcalJs,
) -> None:
    events = booked_everywhere(app, make, work, reading, amina)
    letters = mailbox.deliver()
    clock.move(timedelta(hours=1))
    visit = events[0]
    with work(make.actor(amina)) as unit:
        held = unit.session.scalars(select(Booking.public_id).where(Booking.event_id == visit.id)).one()
        bookings.change(unit, public_id=held, part_ids=[visit.parts[1].id], party=bookings.Party(1))
    letters += mailbox.deliver()
    with work() as unit:
        editing.cancel_event(unit, event_id=events[2].id, reason="The hall is flooded.")
    letters += mailbox.deliver()
    with work(make.actor(amina)) as unit:
        bookings.cancel(unit, public_id=held)
    letters += mailbox.deliver()

    sent = [stream for mail in letters for stream in streams(mail)]
    feeds = [
        feed(app, "/calendar.ics"),
        own_feed(app, amina),
        *(feed(app, f"/events/{event.slug}.ics") for event in events),
    ]
    read: list[Seen] = []
    for stream in [*sent, *feeds]:
        found = by_icalendar(stream)
        assert by_vobject(stream) == found
        assert ical_js(stream) == found
        read += found
    assert {entry.method for entry in read} == {"REQUEST", "CANCEL", "PUBLISH"}
    assert {entry.status for entry in read} == {"CONFIRMED", "CANCELLED"}
    assert any(entry.title == HARD for entry in read)
    assert any(entry.place == "Healthy Hub; Stevenage, SG1 1EP\nLevel 2" for entry in read)
    visit_by_mail = [entry for stream in sent for entry in by_icalendar(stream) if entry.title.endswith(HARD)]
    assert [entry.sequence for entry in visit_by_mail] == sorted(entry.sequence for entry in visit_by_mail)
    assert len({entry.uid for entry in visit_by_mail}) == 1


class Subscriber:
    """vdirsyncer, a program for people's own machines, with a subscription to one address.

    Of what it reads over HTTP it knows each entry by its content, so what moves is a new entry in place of the old.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        (folder / "events").mkdir()
        (folder / "config").write_text(PAIR.format(folder=folder, url=url))
        self._run("discover")

    def look(self) -> list[Seen]:
        """What stands in the calendar after it has asked again."""
        self._run("sync", "--force-delete")
        files = (self._folder / "events").glob("*.ics")
        return in_order(entry for file in files for entry in _without_method(file.read_bytes()))

    def _run(self, *words: str) -> None:
        command = [str(VDIRSYNCER), "--config", str(self._folder / "config"), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, input="y\n")  # noqa: S603  a command of ours
        assert done.returncode == 0, done.stdout + done.stderr


def _without_method(stream: bytes) -> list[Seen]:
    """A file of one entry, from which the program has taken the method out."""
    return by_icalendar(stream.replace(b"BEGIN:VCALENDAR", b"BEGIN:VCALENDAR\nMETHOD:PUBLISH", 1))


def test_a_real_calendar_subscribes_and_sees_a_move_and_a_cancellation(
    make: Make, work: Working, clock: FixedClock, server: BaseWSGIServer, tmp_path: Path
) -> None:
    visit = make.visit(HARD, slots=2)
    first, second = visit.parts
    subscriber = Subscriber(tmp_path, f"http://127.0.0.1:{server.port}/calendar.ics")
    before = subscriber.look()
    assert [(entry.starts_at, entry.status) for entry in before] == [
        (first.starts_at, "CONFIRMED"),
        (second.starts_at, "CONFIRMED"),
    ]

    clock.move(timedelta(minutes=5))
    later = second.starts_at + timedelta(hours=2)
    with work() as unit:
        editing.edit_slot(
            unit,
            part_id=second.id,
            on_date=later.date(),
            start=later.time(),
            end=(second.ends_at + timedelta(hours=2)).time(),
            title=second.title,
            place="",
            capacity=10,
            zone=ZoneInfo("UTC"),
        )
    after = subscriber.look()
    assert after[0].starts_at == first.starts_at
    assert (after[1].starts_at, after[1].sequence) == (later, before[1].sequence + 1)

    clock.move(timedelta(minutes=5))
    with work() as unit:
        editing.cancel_slot(unit, part_id=first.id, reason="The hub is closed that day.")
    last = subscriber.look()
    assert [entry.status for entry in last] == ["CANCELLED", "CONFIRMED"]
    assert last[0].title.startswith("CANCELLED: ")
    assert last[0].sequence > after[0].sequence
