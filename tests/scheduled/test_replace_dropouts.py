"""The job that draws who takes free places: what fails for one course is in the log, and holds up no other."""

import logging
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from cop.models.events import Event
from scheduled import replace_dropouts
from scheduled.one_by_one import IncompleteError
from tests.support import drawing as draws
from tests.support import panel
from tests.support.make import Make, Working

Run = Callable[[], str]


@pytest.fixture
def run(app: Flask) -> Run:
    def once() -> str:
        with app.app_context():
            return replace_dropouts.run()

    return once


def with_a_free_place(make: Make, slug: str) -> Event:
    event, chair = draws.course(make, slug=slug)
    draws.drawn(make, chair, event)
    panel.release(make, chair, event)
    panel.decline(make, panel.offers_of(make, event)[0])
    return event


def errors(caplog: pytest.LogCaptureFixture) -> list[object]:
    return [record.__dict__["fields"] for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_record_that_was_changed_is_an_error_and_holds_up_no_other_course(
    make: Make, run: Run, work: Working, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = with_a_free_place(make, "first"), with_a_free_place(make, "second")
    with work() as opened:
        opened.session.execute(text("ALTER TABLE selection DISABLE TRIGGER USER"))
        changed = text("UPDATE selection SET at = at + interval '1 second' WHERE cohort_id = :id AND number = 1")
        opened.session.execute(changed, {"id": broken.id})
        opened.session.execute(text("ALTER TABLE selection ENABLE TRIGGER USER"))
    with pytest.raises(IncompleteError, match=r"^1 reserves offered a place, 1 failed$"):
        run()
    assert errors(caplog) == [{"course": broken.id}]
    assert "Step 1 of the record of this selection is not what was recorded" in caplog.text
    assert len(panel.offers_of(make, broken)) == 3
    assert len(panel.offers_of(make, sound)) == 4


def test_a_course_without_a_free_place_is_no_error(make: Make, run: Run, caplog: pytest.LogCaptureFixture) -> None:
    event = with_a_free_place(make, "first")
    assert [run(), run()] == ["1 reserves offered a place", "0 reserves offered a place"]
    assert len(draws.chain(make, event).replacements) == 1
    assert errors(caplog) == []
