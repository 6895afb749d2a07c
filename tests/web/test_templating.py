"""Dates and times as people say them, and templates that are strict with us and lenient with the design system."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from jinja2.exceptions import UndefinedError

from cop.web import templating as t
from tests.support.browse import Browse


@dataclass(frozen=True)
class Slot:
    starts_at: datetime
    ends_at: datetime


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[arg-type, misc]


def slot(*when: int, minutes: int = 90) -> Slot:
    return Slot(at(*when), at(*when) + timedelta(minutes=minutes))


@pytest.fixture(autouse=True)
def _within_the_application(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        (at(2026, 12, 1, 10), "10am"),
        (at(2026, 12, 1, 9, 5), "9:05am"),
        (at(2026, 12, 1, 14, 30), "2:30pm"),
        (at(2026, 12, 1, 12), "midday"),
        (at(2026, 12, 1, 12, 1), "12:01pm"),
        (at(2026, 12, 1, 0), "midnight"),
        (at(2026, 12, 1, 0, 30), "12:30am"),
        (at(2026, 12, 1, 23, 59), "11:59pm"),
        (at(2026, 7, 1, 9), "10am"),  # summer time
        (at(2026, 7, 1, 11), "midday"),
        (at(2026, 7, 1, 23), "midnight"),
        (at(2026, 3, 29, 0, 59), "12:59am"),  # the last minute of winter time
        (at(2026, 3, 29, 1), "2am"),  # and the next
        (at(2026, 10, 25, 0, 30), "1:30am"),  # half past one comes twice
        (at(2026, 10, 25, 1, 30), "1:30am"),
    ],
)
def test_a_time_on_the_clock_of_the_place(instant: datetime, said: str) -> None:
    assert t.clock_time(instant) == said


@pytest.mark.parametrize(
    ("value", "long", "short", "plain"),
    [
        (at(2026, 12, 1, 10), "Tuesday 1 December 2026", "Tue 1 Dec", "1 December 2026"),
        (at(2026, 6, 30, 23, 30), "Wednesday 1 July 2026", "Wed 1 Jul", "1 July 2026"),
        (date(2026, 3, 2), "Monday 2 March 2026", "Mon 2 Mar", "2 March 2026"),
    ],
)
def test_a_day(value: datetime | date, long: str, short: str, plain: str) -> None:
    assert (t.day(value), t.short_day(value), t.month_day(value)) == (long, short, plain)


def test_a_moment() -> None:
    assert t.moment(at(2026, 12, 1, 12)) == "1 December 2026 at midday"


def test_when_something_happens() -> None:
    part = slot(2026, 7, 1, 9)
    assert t.times(part) == "10am to 11:30am"
    assert t.when(part) == "Wednesday 1 July 2026, 10am to 11:30am"


def test_the_times_of_a_reader_elsewhere() -> None:
    part = slot(2026, 12, 1, 15)
    assert t.in_zone(part, "America/Toronto") == "Tuesday 1 December, 10am to 11:30am in Toronto"
    assert t.in_zone(part, "Pacific/Auckland") == "Wednesday 2 December, 4am to 5:30am in Auckland"
    assert t.in_zone(part, "America/Argentina/Buenos_Aires") == "Tuesday 1 December, midday to 1:30pm in Buenos Aires"


@pytest.mark.parametrize("zone", ["Europe/London", "Europe/Lisbon", "Europe/Dublin"])
def test_a_reader_on_the_same_clock_is_told_nothing(zone: str) -> None:
    assert t.in_zone(slot(2026, 12, 1, 15), zone) is None


def test_words() -> None:
    assert (t.capital("council officer"), t.capital("VCSE"), t.capital("")) == ("Council officer", "VCSE", "")
    assert (t.people(1), t.people(3)) == ("1 person", "3 people")
    assert t.paragraphs("One\nline.\n\n\n Two. \n\n") == ["One\nline.", "Two."]


def rendered(app: Flask, source: str, **values: object) -> str:
    return app.jinja_env.from_string(source).render(**values)


@pytest.mark.parametrize(
    "source",
    [
        "{{ nothing }}",
        "{% if nothing %}{% endif %}",
        "{{ nothing.at.all }}",
        "{{ part.nothing }}",
        "{% if part.nothing %}{% endif %}",
        "{{ items[7] }}",
        "{{ nothing is defined and part.nothing or part.nothing }}",
    ],
)
def test_our_own_slips_are_faults(source: str, app: Flask) -> None:
    with pytest.raises(UndefinedError):
        rendered(app, source, part=slot(2026, 12, 1, 10), items=[1])


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ params.nothing }}", ""),
        ("{{ params.nothing.at.all }}", ""),
        ("{{ 'a' if params.nothing else 'b' }}", "b"),
        ("{{ 'a' if params['nothing'] else 'b' }}", "b"),
        ("{% for item in params.nothing %}a{% endfor %}", ""),
        ("{{ params.text }}", "Save"),
        ("{% set id = params.id if params.id else undefined %}{{ 'a' if id else 'b' }}", "b"),
    ],
)
def test_the_design_system_may_ask_for_keys_that_are_not_there(source: str, shown: str, app: Flask) -> None:
    assert rendered(app, source, params={"text": "Save"}) == shown


def test_text_of_people_is_escaped(app: Flask) -> None:
    template = app.jinja_env.select_template(["errors/422.html"])
    assert template.environment.is_async is False
    assert app.jinja_env.autoescape
    assert app.select_jinja_autoescape("visits/index.html")


def test_a_static_file_has_the_hash_of_its_content_in_its_address(app: Flask, browse: Browse) -> None:
    address = rendered(app, "{{ static_address('app.js') }}")
    assert len(address.rpartition("v=")[2]) == 12
    assert rendered(app, "{{ static_address('app.js') }}") == address
    assert "max-age=31536000" in browse.get(address).response.headers["Cache-Control"]
    assert "max-age=3600" in browse.get("/static/app.js").response.headers["Cache-Control"]
