"""Importing reports of attendance from a terminal."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from cop.commands.attendance import import_attendance
from cop.core.errors import NotFound, Refusal
from cop.formats.attendance_reports import Refused
from cop.models.events import Event
from tests.support.attendance_reports import Reports
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

BEGINS = datetime(2026, 3, 9, 10, tzinfo=UTC)
ROWS = (
    ("Amina K", "amina@council.example", "10:00", "10:58"),
    ("Ben Okafor", "", "10:00", "11:00"),
    ("Nia Rees", "nia@health.example", "10:00", "10:20"),
    ("441632960001", "", "10:00", "10:20"),
)


@pytest.fixture
def reports(make: Make, work: Working, reading: Reads) -> Reports:
    return Reports(make, work, reading)


@pytest.fixture
def meeting(make: Make, clock: FixedClock) -> Event:
    event = make.visit(slots=[BEGINS], slug="hub")
    for name in ("Amina Khan", "Ben Okafor"):
        make.booking(make.account(name, f"{name.split()[0].lower()}@council.example"), event)
    clock.set(BEGINS.replace(hour=13))
    return event


@pytest.fixture
def file(tmp_path: Path, reports: Reports, meeting: Event) -> str:
    path = tmp_path / "report.csv"
    path.write_bytes(reports.file(meeting, *ROWS))
    return str(path)


def invoke(app: Flask, *arguments: str) -> Result:
    with app.app_context():
        return CliRunner().invoke(import_attendance, arguments)


def test_says_person_by_person_what_it_does(app: Flask, reports: Reports, meeting: Event, file: str) -> None:
    planned = invoke(app, file, "--event", "hub", "--dry-run")
    assert planned.stdout.splitlines() == [
        "line 2: mark Amina K, 58 min",
        "line 3: confirm Ben Okafor, 60 min (found by the name alone: a person decides)",
        "line 4: walk-in Nia Rees, 20 min (had not booked)",
        "line 5: skip somebody, 20 min (a telephone number, which we do not keep)",
        "4 people: mark 1, walk-in 1, confirm 1, skip 1, none 0; nothing was changed",
    ]
    assert reports.marks(meeting) == []
    done = invoke(app, file, "--event", "hub")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "4 people: mark 1, walk-in 1, confirm 1, skip 1, none 0"
    assert reports.marks(meeting) == ["attended 58 import", "partial 20 import"]
    again = invoke(app, file, "--event", "hub")
    assert again.exit_code == 0
    assert again.stdout.splitlines()[-1] == "4 people: mark 0, walk-in 0, confirm 1, skip 1, none 2"
    assert reports.marks(meeting) == ["attended 58 import", "partial 20 import"]


def test_json_is_one_object_a_person(app: Flask, file: str) -> None:
    done = invoke(app, file, "--event", "hub", "--json", "--dry-run")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["row"], line["match"], line["action"], line["minutes"]) for line in lines] == [
        (2, "email", "mark", 58),
        (3, "name", "confirm", 60),
        (4, "none", "walk-in", 20),
        (5, "none", "skip", 20),
    ]
    assert set(lines[0]) == {"row", "name", "email", "minutes", "match", "person", "action", "reason"}
    assert lines[0]["person"]
    assert (lines[2]["person"], lines[2]["email"]) == (None, "nia@health.example")
    assert (lines[3]["name"], lines[3]["email"]) == ("", "")


def test_what_is_refused_ends_with_the_line_and_the_reason(
    app: Flask, make: Make, clock: FixedClock, tmp_path: Path, file: str
) -> None:
    assert isinstance(invoke(app, file, "--event", "nowhere").exception, NotFound)
    clock.set(BEGINS.replace(day=2))
    make.visit(slots=[BEGINS, BEGINS.replace(hour=11)], slug="two")
    clock.set(BEGINS.replace(hour=13))
    assert "Name one of its sessions" in str(invoke(app, file, "--event", "two").exception)
    assert isinstance(invoke(app, file, "--event", "two", "--session", "Visit at 12:00").exception, Refusal)
    assert invoke(app, file, "--event", "two", "--session", "visit at 10:00").exit_code == 0
    other = tmp_path / "other.csv"
    other.write_text("Nothing\nof,use\n")
    refused = invoke(app, str(other), "--event", "hub").exception
    assert isinstance(refused, Refused)
    assert str(refused).startswith("line 1: ")
