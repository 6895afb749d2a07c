"""Rows for the export of surveys: every answer that was sent, with who gave it, as they were."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask import Flask

from cop.core.questions import Kind
from cop.models.accounts import Person, Sector
from cop.models.events import EventKind
from cop.models.surveys import Mode, Wave
from cop.queries.surveys import AnswerRow, survey_rows
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads
from tests.support.surveys import Surveys


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def amina(make: Make) -> Person:
    council = make.organisation("Stevenage", region="East of England")
    return make.person("Amina", "amina@council.example", organisation=council, sector=Sector.COUNCILLOR)


@pytest.fixture
def rows(make: Make, reading: Reads) -> "Rows":
    return Rows(make, reading)


class Rows:
    def __init__(self, make: Make, reading: Reads) -> None:
        self._make, self._reading = make, reading

    def __call__(self, programme: str = "health-inequalities") -> Sequence[AnswerRow]:
        programme_id = self._make.programme(programme).id
        with self._reading() as read:
            return list(survey_rows(read, programme_id=programme_id))


def test_a_row_is_one_answer_with_its_words(surveys: Surveys, amina: Person, rows: Rows, clock: FixedClock) -> None:
    surveys.pulse([amina], slug="healthy-hub")
    surveys.answer(surveys.ask_of(amina), e1_1=4, e1_6="More tea")
    found = {row.code: row for row in rows()}
    assert list(found) == ["e1_1", "e1_2", "e1_3", "e1_4", "e1_5", "e1_6"]
    assert (found["e1_1"].kind, found["e1_1"].value, found["e1_1"].label) == (Kind.RATING, "4", "Satisfied")
    assert found["e1_1"].question == "Overall, how satisfied were you?"
    assert (found["e1_4"].value, found["e1_4"].label) == ("5", "5")
    assert (found["e1_5"].value, found["e1_5"].label) == ("yes", "Yes")
    assert (found["e1_6"].kind, found["e1_6"].value, found["e1_6"].label) == (Kind.TEXT, "More tea", "More tea")
    row = found["e1_1"]
    assert (row.event, row.event_kind, row.wave) == ("healthy-hub", EventKind.VISIT, Wave.PULSE)
    assert (row.questionnaire, row.version, row.on) == ("event-pulse", 1, clock.now().date())
    assert (row.mode, row.respondent) == (Mode.NAMED, None)
    assert (row.person_id, row.public_id, row.name) == (amina.id, amina.public_id, "Amina")
    assert (row.organisation, row.region, row.sector) == ("Stevenage", "East of England", Sector.COUNCILLOR)


def test_each_tick_has_a_row(surveys: Surveys, amina: Person, rows: Rows, clock: FixedClock) -> None:
    course = surveys.course(clock.now() + timedelta(days=1))
    surveys.answer(surveys.asked(amina, course, Wave.MONTHS_3), enablers=["time", "data"])
    assert [(row.value, row.label) for row in rows() if row.code == "enablers"] == [("time", "Time"), ("data", "Data")]


def test_who_has_no_booking_has_no_organisation(surveys: Surveys, amina: Person, rows: Rows, clock: FixedClock) -> None:
    course = surveys.course(clock.now() + timedelta(days=1))
    surveys.answer(surveys.asked(amina, course, Wave.MONTHS_3))
    assert {(row.name, row.organisation) for row in rows()} == {("Amina", None)}


def test_what_was_not_sent_is_left_out(surveys: Surveys, make: Make, amina: Person, rows: Rows) -> None:
    surveys.pulse([amina, make.person("Ben")])
    surveys.answer(surveys.ask_of(amina))
    assert {row.name for row in rows()} == {"Amina"}


def test_another_programme_is_left_out(surveys: Surveys, make: Make, amina: Person, rows: Rows) -> None:
    surveys.pulse([amina], programme=make.programme("another"))
    surveys.answer(surveys.ask_of(amina))
    assert rows() == []
    assert {row.name for row in rows("another")} == {"Amina"}


@pytest.mark.parametrize(("sent", "shown"), [(4, {Mode.NAMED}), (5, {Mode.NAMED, Mode.PANEL})])
def test_what_fewer_than_five_sent_to_a_panel_is_left_out(
    sent: int, shown: set[Mode], surveys: Surveys, make: Make, rows: Rows
) -> None:
    """Each survey for itself: another wave, which all answered, helps nobody in this one."""
    people, visit = [make.person(f"Guest {number}") for number in range(6)], make.visit()
    for mode in (Mode.NAMED, Mode.PANEL):
        for ask in surveys.put(people, visit, mode, wave=Wave.PULSE)[:sent]:
            surveys.answer(ask)
        for ask in surveys.put(people, visit, mode, wave=Wave.ONCE):
            surveys.answer(ask)
    found = rows()
    assert {row.mode for row in found if row.wave is Wave.PULSE} == shown
    assert len([row for row in found if row.wave is Wave.ONCE]) == 12


def test_of_a_panel_nobody_has_a_day_of_their_own(surveys: Surveys, make: Make, rows: Rows, clock: FixedClock) -> None:
    people, visit = [make.person(f"Guest {number}") for number in range(5)], make.visit()
    for ask in surveys.put(people, visit, Mode.PANEL):
        surveys.answer(ask)
        clock.move(timedelta(days=1))
    assert [row.on.isoformat() for row in rows()] == ["2026-03-06"] * 5
