"""Answers in people’s own words, for the walks over all addresses: coded and quoted by the evaluation.

One of five let their name stand beside their words.
"""

from flask import Flask

from cop.core.access import SYSTEM
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.programmes import Programme
from cop.models.surveys import Mode
from cop.models.tags import TagKind
from cop.queries import coding as queries
from cop.services import coding, tags
from tests.support.clock import FixedClock
from tests.support.make import Make, reading, working
from tests.support.surveys import Surveys

ITEMS = (
    {"code": "did", "kind": "text", "text": "What did you do?"},
    {
        "code": "permission",
        "kind": "choice",
        "text": "May we tell others?",
        "options": [["name", "With my name"], ["anonymous", "Without my name"]],
    },
)


def make_answers(
    app: Flask, make: Make, clock: FixedClock, event: Event, programme: Programme, evaluator: Person
) -> list[tuple[str, str, list[str]]]:
    """Part of an address, parameter, and values that name something there."""
    surveys, people = Surveys(app, make, clock), [make.person(f"Answering {number}") for number in range(5)]
    for number, waiting in enumerate(surveys.put(people, event, Mode.NAMED, items=ITEMS)):
        surveys.answer(waiting, did="We asked residents first.", permission="anonymous" if number else "name")
    with working(app, SYSTEM) as work:
        code = tags.add(work, kind=TagKind.CODE, name="Said to residents")
    questionnaire, item = f"asked-{Mode.NAMED}", "did"
    with reading(app, make.actor(evaluator)) as read:
        keys = [one.key for one in queries.answers(read, programme, questionnaire=questionnaire, item=item)]
    with working(app, make.actor(evaluator)) as work:
        for key in keys:
            which = coding.Which(programme.id, questionnaire, item, key)
            coding.give(work, which, chosen=[code.id], seen=[])
            coding.pick(work, which, words="residents first")
    return [
        ("/evaluation/coding/", "programme", [programme.slug]),
        ("/evaluation/coding/", "questionnaire", [questionnaire]),
        ("/evaluation/coding/", "item", [item]),
        ("/evaluation/coding/", "key", keys[:1]),
    ]
