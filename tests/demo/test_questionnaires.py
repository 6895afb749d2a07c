"""The questionnaires of the demonstration: one in force that nobody was asked, and a draft that could be published."""

import pytest

from cop.demo import questionnaires
from cop.queries import questionnaires as queries
from tests.support.make import Reads


@pytest.mark.usefixtures("loaded")
def test_there_is_a_draft_that_could_be_published_and_a_questionnaire_to_ask(reading: Reads) -> None:
    with reading() as read:
        listed = {each.code: each for each in queries.listed(read)}
        draft = queries.draft(read, code=questionnaires.DRAFT)
    assert (listed["community-pulse"].version, listed["community-pulse"].asked) == (1, 0)
    assert listed[questionnaires.DRAFT].is_drafted
    assert draft is not None
    assert not draft.faults
    assert any(item.only_if for item in draft.items)
