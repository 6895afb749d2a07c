"""One store for all answers: versions of questionnaires, drafts that no window overwrites unseen, one submission."""

from typing import Any

import pytest
from sqlalchemy import func, select

from cop.core.errors import NotFound, Refusal
from cop.models.surveys import Questionnaire, Response, ResponseState
from cop.services import answers
from tests.support.clock import FixedClock
from tests.support.make import Reads, Working

ITEMS: list[dict[str, Any]] = [
    {
        "code": "liking",
        "kind": "choice",
        "text": "Did you like it?",
        "options": [["yes", "Yes"], ["no", "No"]],
        "required": True,
    },
    {
        "code": "why",
        "kind": "line",
        "text": "Why not?",
        "required": True,
        "only_if": {"code": "liking", "values": ["no"]},
    },
    {"code": "more", "kind": "text", "text": "What more?", "words": 3},
]


@pytest.fixture
def draft(work: Working) -> int:
    with work() as unit:
        asked = answers.publish_questionnaire(unit, code="pulse", title="Pulse", items=ITEMS)
        return answers.start(unit, questionnaire_id=asked.id).id


def stored(reading: Reads, response_id: int) -> Response:
    with reading() as read:
        return read.session.get_one(Response, response_id)


class TestPublishing:
    def test_the_same_again_is_the_same_version(self, work: Working, reading: Reads) -> None:
        versions = []
        for title in ("Pulse", "Pulse", "A better pulse"):
            with work() as unit:
                versions.append(answers.publish_questionnaire(unit, code="pulse", title=title, items=ITEMS).version)
        assert versions == [1, 1, 2]
        with reading() as read:
            assert read.session.scalar(select(func.count()).select_from(Questionnaire)) == 2

    def test_of_the_wrong_shape_is_an_error(self, work: Working) -> None:
        with pytest.raises(ValueError, match="needs options"), work() as unit:
            answers.publish_questionnaire(unit, code="pulse", title="Pulse", items=[{**ITEMS[0], "options": []}])


class TestSaving:
    def test_adds_page_to_page_and_takes_back(self, work: Working, reading: Reads, draft: int) -> None:
        for page in ({"liking": "no", "why": "Too long"}, {"more": "Tea"}, {"more": None}):
            with work() as unit:
                answers.save(unit, response_id=draft, answers=page)
        found = stored(reading, draft)
        assert (found.answers, found.revision) == ({"liking": "no", "why": "Too long"}, 3)

    def test_forgets_what_is_no_longer_asked(self, work: Working, reading: Reads, draft: int) -> None:
        for page in ({"liking": "no", "why": "Too long"}, {"liking": "yes"}):
            with work() as unit:
                answers.save(unit, response_id=draft, answers=page)
        assert stored(reading, draft).answers == {"liking": "yes"}

    def test_checks_an_answer_whose_condition_stands_on_another_page(
        self, work: Working, reading: Reads, draft: int
    ) -> None:
        with work() as unit:
            answers.save(unit, response_id=draft, answers={"liking": "no"})
        with pytest.raises(Refusal) as refused, work() as unit:
            answers.save(unit, response_id=draft, answers={"why": "a" * 201})
        assert refused.value.field == "why"
        assert stored(reading, draft).answers == {"liking": "no"}

    def test_of_a_stale_page_is_refused(self, work: Working, reading: Reads, draft: int) -> None:
        with work() as unit:
            answers.save(unit, response_id=draft, answers={"more": "First"}, seen=0)
        with pytest.raises(Refusal, match="another window"), work() as unit:
            answers.save(unit, response_id=draft, answers={"more": "Second"}, seen=0)
        assert stored(reading, draft).answers == {"more": "First"}

    def test_ignores_codes_that_it_does_not_know(self, work: Working, reading: Reads, draft: int) -> None:
        with work() as unit:
            answers.save(unit, response_id=draft, answers={"admin": "yes"})
        assert stored(reading, draft).answers == {}

    def test_of_nothing_that_exists_is_not_found(self, work: Working) -> None:
        with pytest.raises(NotFound), work() as unit:
            answers.save(unit, response_id=987, answers={})


class TestSubmitting:
    def test_needs_all_that_is_asked(self, work: Working, reading: Reads, draft: int) -> None:
        with work() as unit:
            answers.save(unit, response_id=draft, answers={"liking": "no"})
        with pytest.raises(Refusal, match="Answer this question") as refused, work() as unit:
            answers.submit(unit, response_id=draft)
        assert refused.value.field == "why"
        assert stored(reading, draft).state is ResponseState.DRAFT

    def test_happens_once(self, work: Working, reading: Reads, draft: int, clock: FixedClock) -> None:
        with work() as unit:
            answers.save(unit, response_id=draft, answers={"liking": "yes"})
            first = answers.submit(unit, response_id=draft).submitted_at
        with work() as unit:
            again = answers.submit(unit, response_id=draft)
        assert first == again.submitted_at == clock.now()
        assert stored(reading, draft).revision == 2


class TestAChangeAfterwards:
    @pytest.fixture
    def submitted(self, work: Working, draft: int) -> int:
        with work() as unit:
            answers.save(unit, response_id=draft, answers={"liking": "yes"})
            answers.submit(unit, response_id=draft)
        return draft

    def test_is_saved_and_stays_submitted(self, work: Working, reading: Reads, submitted: int) -> None:
        with work() as unit:
            answers.save(unit, response_id=submitted, answers={"more": "Tea"})
        found = stored(reading, submitted)
        assert (found.state, found.answers["more"]) == (ResponseState.SUBMITTED, "Tea")

    def test_that_would_leave_it_incomplete_is_refused(self, work: Working, reading: Reads, submitted: int) -> None:
        with pytest.raises(Refusal, match="Answer this question"), work() as unit:
            answers.save(unit, response_id=submitted, answers={"liking": None})
        with pytest.raises(Refusal, match="“Why not\\?” needs one too"), work() as unit:
            answers.save(unit, response_id=submitted, answers={"liking": "no"})
        assert stored(reading, submitted).answers == {"liking": "yes"}
        with work() as unit:
            answers.save(unit, response_id=submitted, answers={"liking": "no", "why": "Too long"})
        assert stored(reading, submitted).answers == {"liking": "no", "why": "Too long"}
