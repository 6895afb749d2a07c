"""The questionnaires as data: sound, and the same question under the same code in every wave."""

import pytest

from cop.core.questions import Kind, check, faults, read_items
from cop.models.surveys import Mode, Questionnaire
from cop.services.surveys import templates
from cop.services.surveys.publishing import in_force, publish_template
from cop.services.surveys.templates import ALL, Template
from tests.support.make import Reads, Working
from tests.support.surveys import needed

PAIRED = ("se1", "se8", "k1", "k4", "n1")

FOLLOWING = (templates.END, templates.FOLLOW_UP, templates.FOLLOW_UP_YEAR)


def codes(template: Template) -> dict[str, str]:
    return {item.code: item.text for item in read_items(template.items)}


def test_the_plan_of_the_evaluation_is_there() -> None:
    names = [template.name.partition(" ")[0] for template in ALL if template.name.startswith("E")]
    assert sorted(set(names), key=lambda name: int(name[1:])) == [f"E{number}" for number in range(1, 11)]
    assert len({template.code for template in ALL}) == len(ALL)


@pytest.mark.parametrize("template", ALL, ids=lambda template: template.code)
def test_a_template_is_sound_and_can_be_answered(template: Template) -> None:
    items = read_items(template.items)
    assert not faults(items)
    _clean, problems = check(items, needed(items), whole=True)
    assert not problems
    assert template.introduction


def test_what_is_compared_is_asked_in_the_same_words() -> None:
    before = codes(templates.BASELINE)
    for template in FOLLOWING:
        shared = codes(template).keys() & before.keys()
        assert {code for code in PAIRED if code.startswith("se") or code == "n1"} <= shared
        assert [code for code in shared if codes(template)[code] != before[code]] == []
    assert set(PAIRED) <= codes(templates.END).keys()


def test_the_pulse_is_asked_at_the_end_of_a_course_too() -> None:
    assert codes(templates.PULSE).items() <= codes(templates.END).items()


def test_the_pulse_asks_in_the_words_of_the_plan() -> None:
    asked = codes(templates.PULSE)
    assert [asked[f"e1_{number}"] for number in range(1, 7)] == [
        "Overall, how satisfied were you?",
        "How relevant was it to your work?",
        "I will use something from today",
        "How likely are you to recommend it to a colleague?",
        "Was anything hard to access or take part in?",
        "One thing to change",
    ]


def test_only_after_a_year_people_are_asked_what_would_have_been_without() -> None:
    assert codes(templates.FOLLOW_UP_YEAR).keys() - codes(templates.FOLLOW_UP).keys() == {"without"}


def test_words_are_never_asked_for_in_vain() -> None:
    """Nobody has to write: only what takes a click is required."""
    for template in ALL:
        for item in read_items(template.items):
            if item.kind in {Kind.TEXT, Kind.LINE, Kind.NUMBER, Kind.CHOICES}:
                assert not item.required, item.code


class TestInForce:
    def test_is_the_template_until_staff_publish_something_else(self, work: Working, reading: Reads) -> None:
        with work() as unit:
            assert in_force(unit, templates.UNSUCCESSFUL).version == 1
            assert in_force(unit, templates.UNSUCCESSFUL).version == 1
        with reading() as read:
            kept = read.session.query(Questionnaire).one()
            assert (kept.title, kept.mode) == (templates.UNSUCCESSFUL.title, Mode.ANONYMOUS)

    def test_is_what_staff_published_last_and_a_new_template_changes_nothing(self, work: Working) -> None:
        with work() as unit:
            publish_template(unit, templates.SERVICE)
            ours = Template("service-feedback", "Ours", "Two minutes.", templates.SERVICE.items)
            publish_template(unit, ours)
            assert in_force(unit, templates.SERVICE).title == "Ours"
