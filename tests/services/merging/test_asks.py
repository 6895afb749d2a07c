"""What two records of one person were asked, when they become one."""

import pytest
from flask import Flask
from sqlalchemy import select

from cop.models.events import Event
from cop.models.evidence import AnswerCode, Quotation
from cop.models.surveys import Mode, Response, Wave
from cop.models.tags import TagKind
from cop.services import tags
from tests.support.clock import FixedClock
from tests.support.make import Make, Working
from tests.support.merging import Merging
from tests.support.surveys import FEW, Surveys

OTHER = [{**FEW[0], "text": "How sure are you now?"}]


@pytest.fixture
def merges(app: Flask) -> Merging:
    return Merging(app)


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit()


@pytest.mark.parametrize("wave", [Wave.PULSE, Wave.ONCE])
@pytest.mark.parametrize("answers", ["kept", "gone"])
def test_of_two_versions_in_one_wave_the_one_that_was_answered_stays(
    wave: Wave, answers: str, make: Make, merges: Merging, surveys: Surveys, visit: Event
) -> None:
    people = {"kept": make.person("Amina"), "gone": make.person("Amina")}
    asked = {
        "kept": surveys.put([people["kept"]], visit, Mode.NAMED, wave=wave)[0],
        "gone": surveys.put([people["gone"]], visit, Mode.NAMED, wave=wave, items=OTHER)[0],
    }
    surveys.answer(asked[answers])
    before = merges.rows()
    merge = merges.people(people["kept"], people["gone"])
    assert [(ask.id, ask.person_id) for ask in surveys.asks()] == [(asked[answers].id, people["kept"].id)]
    merges.undo(merge)
    assert merges.rows() == before


def test_three_asks_of_one_wave_become_one_and_come_back(
    make: Make, merges: Merging, surveys: Surveys, visit: Event
) -> None:
    kept, gone = make.person("Amina"), make.person("Amina")
    surveys.put([kept], visit, Mode.NAMED)
    surveys.put([kept], visit, Mode.NAMED, items=OTHER)
    [answered] = surveys.put([gone], visit, Mode.NAMED)
    surveys.answer(answered)
    before = merges.rows()
    merge = merges.people(kept, gone)
    assert [ask.id for ask in surveys.asks()] == [answered.id]
    merges.undo(merge)
    assert merges.rows() == before


def test_codes_and_quotations_go_with_the_answer_that_goes_and_come_back(
    make: Make, merges: Merging, surveys: Surveys, visit: Event, work: Working
) -> None:
    kept, gone = make.person("Amina"), make.person("Amina")
    for person in (kept, gone):
        surveys.answer(surveys.put([person], visit, Mode.NAMED)[0])
    with work() as opened:
        code = tags.add(opened, name="Trust", kind=TagKind.CODE)
        opened.session.flush()
        for answer in opened.session.scalars(select(Response).order_by(Response.id)).all():
            of_answer = {"response_id": answer.id, "item": "confidence"}
            opened.session.add(AnswerCode(tag_id=code.id, by_person_id=kept.id, at=opened.now, **of_answer))
            opened.session.add(
                Quotation(
                    programme_id=visit.programme_id, words="Sure.", picked_by=kept.id, picked_at=opened.now, **of_answer
                )
            )
    before = merges.rows()
    merge = merges.people(kept, gone)
    with work() as opened:
        assert len(opened.session.scalars(select(AnswerCode)).all()) == 1
        assert len(opened.session.scalars(select(Quotation)).all()) == 1
    merges.undo(merge)
    assert merges.rows() == before


def test_other_questions_that_were_asked_by_hand_stay_beside_one_another(
    make: Make, merges: Merging, surveys: Surveys, visit: Event
) -> None:
    kept, gone = make.person("Amina"), make.person("Amina")
    surveys.put([kept], visit, Mode.NAMED, wave=Wave.ONCE)
    surveys.put([gone], visit, Mode.PANEL, wave=Wave.ONCE)
    merges.people(kept, gone)
    assert [ask.person_id for ask in surveys.asks()] == [kept.id, kept.id]
