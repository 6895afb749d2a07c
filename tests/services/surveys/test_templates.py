"""The questionnaires as data: sound, and the same question under the same code in every wave."""

import pytest

from cop.core.questions import Kind, check, read_items, sections
from cop.models.surveys import Wave
from cop.services.surveys import ROUNDS
from cop.services.surveys.templates import Template
from tests.support.surveys import needed

TEMPLATES = list({plan.template.code: plan.template for plan in ROUNDS.values()}.values())

PAIRED = ("se1", "se8", "k1", "k4", "n1")


def codes(wave: Wave) -> dict[str, str]:
    return {item.code: item.text for item in read_items(ROUNDS[wave].template.items)}


def test_every_wave_has_its_questions() -> None:
    assert set(ROUNDS) == set(Wave)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.code)
def test_a_template_is_sound_and_can_be_answered(template: Template) -> None:
    items = read_items(template.items)
    clean, problems = check(items, needed(items), whole=True)
    assert not problems
    assert clean
    assert template.introduction


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.code)
def test_what_hangs_on_an_answer_stands_on_a_later_page(template: Template) -> None:
    """Without scripts a page cannot grow while it is filled in."""
    page_of = {
        item.code: number
        for number, section in enumerate(sections(read_items(template.items)))
        for item in section.items
    }
    for item in read_items(template.items):
        if item.only_if is not None:
            assert page_of[item.only_if.code] < page_of[item.code], item.code


def test_what_is_compared_is_asked_in_the_same_words() -> None:
    for wave in (Wave.END, Wave.MONTHS_3, Wave.MONTHS_6, Wave.MONTHS_12):
        shared = codes(wave).keys() & codes(Wave.BASELINE).keys()
        assert {code for code in PAIRED if code.startswith("se") or code == "n1"} <= shared
        assert [code for code in shared if codes(wave)[code] != codes(Wave.BASELINE)[code]] == []
    assert set(PAIRED) <= codes(Wave.END).keys()


def test_the_pulse_is_asked_at_the_end_of_a_course_too() -> None:
    assert codes(Wave.PULSE).items() <= codes(Wave.END).items()


def test_only_after_a_year_people_are_asked_what_would_have_been_without() -> None:
    assert codes(Wave.MONTHS_12).keys() - codes(Wave.MONTHS_6).keys() == {"without"}


def test_words_are_never_asked_for_in_vain() -> None:
    """Nobody has to write: only what takes a click is required."""
    for template in TEMPLATES:
        for item in read_items(template.items):
            if item.kind in {Kind.TEXT, Kind.LINE, Kind.NUMBER, Kind.CHOICES}:
                assert not item.required, item.code
