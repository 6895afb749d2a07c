from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from cop.forms import dates
from cop.forms.base import Form
from tests.support.html import faults, parse

LONDON = ZoneInfo("Europe/London")

Answered = Callable[..., Any]


class Asked(Form):
    on = dates.day("When?", called="Visit date", required="Enter the date of the visit")
    at = dates.time_of_day("Begins at", called="The beginning", required="Enter when it begins")
    opens = dates.moment("When does booking open?", called="The opening")


GOOD: dict[str, Any] = {"on-day": "1", "on-month": "12", "on-year": "2026", "at": "10:30"}


@pytest.fixture
def answered(worker_app: Flask) -> Answered:
    """The form after a POST with these values."""

    def post(**values: str) -> Asked:
        with worker_app.test_request_context(method="POST", data=values):
            form = Asked(meta={"csrf": False})
            form.validate()
            return form

    return post


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("10:30", time(10, 30)),
        ("10.30", time(10, 30)),
        ("9:05", time(9, 5)),
        ("10am", time(10)),
        ("2:30 pm", time(14, 30)),
        ("2.30PM", time(14, 30)),
        (" 14:00 ", time(14)),
        ("12am", time(0)),
        ("12pm", time(12)),
        ("12:15am", time(0, 15)),
        ("0:00", time(0)),
        ("midday", time(12)),
        ("Noon", time(12)),
        ("midnight", time(0)),
    ],
)
def test_times_as_people_type_them(text: str, meant: time) -> None:
    assert dates.time_from(text) == meant


@pytest.mark.parametrize(
    "text", ["", "10", "24:00", "10:60", "13pm", "0am", "10:3", "half ten", "10:30:00", "-1:00", "١٠:٣٠", "10:30\x00"]
)
def test_what_is_no_time(text: str) -> None:
    assert dates.time_from(text) is None


def test_a_date_and_a_time_are_read(answered: Answered) -> None:
    form = answered(**GOOD)
    assert (form.errors, form.on.data, form.at.data, form.opens.data) == ({}, date(2026, 12, 1), time(10, 30), None)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (("31", "2", "2027"), "Visit date must be a real date"),
        (("1", "13", "2027"), "Visit date must be a real date"),
        (("x", "1", "2027"), "Visit date must be a real date"),
        (("1_0", "1", "2027"), "Visit date must be a real date"),
        (("-1", "1", "2027"), "Visit date must be a real date"),
        (("²", "1", "2027"), "Visit date must be a real date"),
        (("9" * 5000, "1", "2027"), "Visit date must be a real date"),
        (("1", "2", ""), "Visit date must include a year"),
        (("1", "", "2027"), "Visit date must include a month"),
        (("", "2", "2027"), "Visit date must include a day"),
        (("1", "2", "27"), "Visit date must have a year of 4 numbers"),
        (("1", "2", "20270"), "Visit date must have a year of 4 numbers"),
        (("1", "2", "0027"), "Visit date must be between 1900 and 2199"),
        (("1", "2", "9999"), "Visit date must be between 1900 and 2199"),
        (("", "", ""), "Enter the date of the visit"),
        (("\x00", "1", "2027"), "Visit date must be a real date"),
    ],
)
def test_one_clear_error_says_what_to_mend(answered: Answered, typed: tuple[str, str, str], message: str) -> None:
    form = answered(**GOOD | dict(zip(("on-day", "on-month", "on-year"), typed, strict=True)))
    assert (form.errors, form.on.data) == ({"on": [message]}, None)


def test_boxes_that_are_missing_from_the_answer_are_empty_ones(answered: Answered) -> None:
    assert answered(at="10am").errors == {"on": ["Enter the date of the visit"]}


def test_a_time_that_is_none(answered: Answered) -> None:
    assert answered(**GOOD | {"at": "ten"}).errors == {"at": ["The beginning must be a time, like 10:30 or 2pm"]}
    assert answered(**GOOD | {"at": " "}).errors == {"at": ["Enter when it begins"]}


def moment(day: str = "", month: str = "", year: str = "", time: str = "") -> dict[str, str]:
    return {f"opens-{part}": value for part, value in zip(dates.MOMENT_PARTS, (day, month, year, time), strict=True)}


def test_a_moment_is_a_wall_clock_time(answered: Answered) -> None:
    assert answered(**GOOD, **moment("1", "7", "2026", "2pm")).opens.data == datetime(2026, 7, 1, 14)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (moment("1", "7", "2026"), "The opening must include a time"),
        (moment(time="2pm"), "The opening must include a day"),
        (moment("1", "7", "2026", "two"), "The opening must have a time like 10:30 or 2pm"),
    ],
)
def test_a_moment_is_whole_or_left_out(answered: Answered, typed: dict[str, str], message: str) -> None:
    assert answered(**GOOD, **typed).errors == {"opens": [message]}


def test_wall_clocks_and_instants_are_turned_into_one_another() -> None:
    summer, winter = datetime(2026, 7, 1, 13, tzinfo=UTC), datetime(2026, 12, 1, 13, tzinfo=UTC)
    assert dates.on_the_wall(summer, LONDON) == datetime(2026, 7, 1, 14)  # noqa: DTZ001
    assert [dates.instant_of(dates.on_the_wall(at, LONDON), LONDON) for at in (summer, winter)] == [summer, winter]
    assert (dates.on_the_wall(None, LONDON), dates.instant_of(None, LONDON)) == (None, None)


def html(app: Flask, data: dict[str, Any] | None = None, **typed: Any) -> Any:
    method = "POST" if typed else "GET"
    with app.test_request_context(method=method, data=typed or None):
        form = Asked(meta={"csrf": False}, data=data)
        if typed:
            form.validate()
        body = "".join(str(field()) for field in form)
    return parse(f'<html lang="en"><title>T</title><h1>H</h1>{body}</html>')


def test_what_is_known_stands_in_the_boxes(worker_app: Flask) -> None:
    known = {"on": date(2026, 12, 1), "at": time(9, 5), "opens": datetime(2026, 7, 1, 14)}  # noqa: DTZ001
    page = html(worker_app, known)
    shown = {tag["name"]: tag.get("value") for tag in page.select("input")}
    assert shown == {
        "on-day": "1",
        "on-month": "12",
        "on-year": "2026",
        "at": "09:05",
        **moment("1", "7", "2026", "14:00"),
    }
    assert faults(page) == []


def test_what_was_typed_stays_in_the_boxes(worker_app: Flask) -> None:
    page = html(worker_app, {"on": date(2026, 12, 1)}, **GOOD | {"on-day": "<31>", "on-month": "2", "at": "ten"})
    shown = {tag["name"]: tag.get("value") for tag in page.select("input")}
    assert (shown["on-day"], shown["on-month"], shown["at"]) == ("<31>", "2", "ten")
    assert faults(page) == []


def test_the_error_leads_to_the_box_to_mend(worker_app: Flask) -> None:
    page = html(worker_app, **GOOD | {"on-year": ""})
    faulty = page.select_one("#on")
    assert faulty is not None
    assert faulty["name"] == "on-year"
    assert [tag["name"] for tag in page.select(".govuk-input--error")] == ["on-year"]
    assert faults(page) == []
