"""A form from questions that are data: a field for each, what was answered before, and what stands against it now."""

from collections.abc import Mapping
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from cop.core.questions import read_items
from cop.forms.answers import AnswersForm, answers_form
from tests.support.html import parse

ITEMS = read_items(
    [
        {"code": "line", "kind": "line", "text": "A line?", "hint": "Short.", "required": True},
        {"code": "text", "kind": "text", "text": "A text?", "words": 5},
        {"code": "number", "kind": "number", "text": "A number?"},
        {"code": "scale", "kind": "scale", "text": "How much?", "required": True},
        {"code": "rating", "kind": "rating", "text": "How good?", "labels": ["poor", "good"]},
        {"code": "choice", "kind": "choice", "text": "Which?", "options": [["a", "One"], ["b", "Other"]]},
        {"code": "choices", "kind": "choices", "text": "Which ones?", "options": [["a", "One"], ["b", "Other"]]},
    ]
)
BEFORE: Mapping[str, Any] = {
    "line": "x",
    "text": "y",
    "number": 3,
    "scale": 0,
    "rating": 2,
    "choice": "b",
    "choices": ["a"],
}


def drawn(form: AnswersForm) -> BeautifulSoup:
    return parse("".join(str(form[item.code]()) for item in form.ITEMS))


def posted(app: Flask, answers: Mapping[str, Any], **more: Any) -> tuple[AnswersForm, bool]:
    """The form as it is after somebody sent these answers, and whether it was accepted."""
    with app.test_request_context(method="POST", data={"revision": "4", **answers}):
        app.config["WTF_CSRF_ENABLED"] = False
        try:
            form = answers_form(more.pop("items", ITEMS), more.pop("saved", {}), revision=1, **more)
            return form, bool(form.validate_on_submit())
        finally:
            app.config["WTF_CSRF_ENABLED"] = True


def test_it_shows_what_was_answered_before(app: Flask) -> None:
    with app.test_request_context():
        page = drawn(answers_form(ITEMS, BEFORE, revision=7))
        assert {tag["name"]: tag["value"] for tag in page.select("input[checked]")} == {
            "scale": "0",
            "rating": "2",
            "choice": "b",
            "choices": "a",
        }
        assert page.select_one("[name=line]")["value"] == "x"  # type: ignore[index]
        assert page.select_one("textarea").get_text().strip() == "y"  # type: ignore[union-attr]
        assert len(page.select("[name=scale]")) == 11


def test_it_says_what_is_optional_and_how_many_words_there_are(app: Flask) -> None:
    with app.test_request_context():
        page = drawn(answers_form(ITEMS, {}, revision=0))
    assert page.select_one("label[for=line]").get_text(strip=True) == "A line?"  # type: ignore[union-attr]
    assert page.select_one("label[for=text]").get_text(strip=True) == "A text? (optional)"  # type: ignore[union-attr]
    assert page.select_one("[data-maxwords]")["data-maxwords"] == "5"  # type: ignore[index]


@pytest.mark.parametrize(("kind", "tag"), [("line", "input"), ("text", "textarea")])
def test_characters_are_counted_where_there_is_a_limit(kind: str, tag: str, app: Flask) -> None:
    items = read_items([{"code": "short", "kind": kind, "text": "In short?", "characters": 80}])
    with app.test_request_context():
        page = parse(answers_form(items, {}, revision=0)["short"]())
    assert page.select_one("[data-maxlength]")["data-maxlength"] == "80"  # type: ignore[index]
    assert page.select_one(f"{tag}.govuk-js-character-count")["aria-describedby"] == "short-info"  # type: ignore[index]
    assert page.select_one("#short-info").get_text(strip=True) == "You can enter up to 80 characters"  # type: ignore[union-attr]


def test_an_answer_in_words_names_all_that_describes_it(app: Flask) -> None:
    with app.test_request_context():
        form = answers_form(ITEMS, {}, revision=0)
        form.text.errors = ["Too long"]
        page = drawn(form)
    described = {tag["name"]: tag.get("aria-describedby") for tag in page.select("textarea, input[type=text]")}
    assert described == {"line": "line-hint", "text": "text-info text-error", "number": None}
    assert page.select_one("#text-error").get_text(strip=True) == "Error:Too long"  # type: ignore[union-attr]
    assert page.select_one("#text-info").get_text(strip=True) == "You can enter up to 5 words"  # type: ignore[union-attr]
    assert page.select_one("#number")["inputmode"] == "numeric"  # type: ignore[index]


def test_it_takes_answers_of_every_kind(app: Flask) -> None:
    form, accepted = posted(app, {**BEFORE, "choices": ["a", "b"]})
    assert accepted
    assert form.answers() == {
        **{code: str(answer) for code, answer in BEFORE.items()},
        "choices": ["a", "b"],
    }
    assert form.revision.data == 4


def test_nothing_is_an_answer_taken_back(app: Flask) -> None:
    form, accepted = posted(app, {"line": "  "})
    assert accepted
    assert set(form.answers().values()) == {None}


@pytest.mark.parametrize(
    ("code", "answer", "words"),
    [
        ("text", "one two three four five six", "5 words or fewer; you have used 6"),
        ("scale", "11", "from 0 to 10"),
        ("choice", "c", "Choose from the list"),
        ("choices", ["a", "c"], "Choose from the list"),
        ("number", "many", "whole number"),
    ],
)
def test_what_does_not_fit_stands_at_its_field(app: Flask, code: str, answer: Any, words: str) -> None:
    form, accepted = posted(app, {code: answer})
    assert not accepted
    assert set(form.errors) == {code}
    assert words in form.errors[code][0]


def test_a_whole_page_misses_what_is_required(app: Flask) -> None:
    form, accepted = posted(app, {}, whole=True)
    assert not accepted
    assert set(form.errors) == {"line", "scale"}


def test_a_page_knows_the_questions_of_the_others(app: Flask) -> None:
    """Whether an item is asked may hang on another page."""
    items = read_items(
        [
            {"code": "liking", "kind": "choice", "text": "Liked it?", "options": [["yes", "Yes"], ["no", "No"]]},
            {"code": "why", "kind": "line", "text": "Why not?", "only_if": {"code": "liking", "values": ["no"]}},
        ]
    )
    for saved, accepted in (({"liking": "no"}, False), ({"liking": "yes"}, True)):
        _form, fits = posted(app, {"why": "a" * 201}, items=items[1:], among=items, saved=saved)
        assert fits is accepted


def test_a_button_may_say_something_else(app: Flask) -> None:
    with app.test_request_context():
        assert answers_form(ITEMS, {}, revision=0, button="Send").submit.label.text == "Send"
