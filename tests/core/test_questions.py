"""Questions as data: what a questionnaire may be, what is asked of whom, and what counts as an answer."""

from typing import Any

import pytest

from cop.core.questions import (
    CODE,
    TAKEN,
    Item,
    Kind,
    asked,
    check,
    faults,
    read_item,
    read_items,
    sections,
)
from cop.forms.answers import AnswersForm

LIKING: dict[str, Any] = {
    "code": "liking",
    "kind": "choice",
    "text": "Did you like it?",
    "options": [["yes", "Yes"], ["no", "No"]],
}
WHY = {
    "code": "why",
    "kind": "line",
    "text": "Why not?",
    "required": True,
    "only_if": {"code": "liking", "values": ["no"]},
}
MORE = {"code": "more", "kind": "text", "text": "What more?", "only_if": {"code": "why", "values": ["x"]}}


def item(kind: str, **values: Any) -> Item:
    (found,) = read_items([{"code": "a", "kind": kind, "text": "A?", **values}])
    return found


def problem(of: Item, answer: Any) -> str:
    """What stands against one answer; empty where nothing does."""
    _clean, problems = check([of], {"a": answer}, whole=False)
    return " ".join(each.message % each.params if each.params else each.message for each in problems)


def kept(of: Item, answer: Any) -> Any:
    clean, problems = check([of], {"a": answer}, whole=False)
    assert not problems
    return clean.get("a")


RATING = item("rating", labels=["poor", "fair", "good"])
CHOICE = item("choice", options=[["1", "One"], ["2", "Two"]])
CHOICES = item("choices", options=[["1", "One"], ["2", "Two"], ["3", "Three"]])


class TestReading:
    @pytest.mark.parametrize(
        ("raw", "words"),
        [
            ([{"code": "A", "kind": "line", "text": "?"}], "is not a code"),
            ([{"kind": "line", "text": "?"}], "is not a code"),
            ([{"code": "a" * 41, "kind": "line", "text": "?"}], "is not a code"),
            ([{"code": "submit", "kind": "line", "text": "?"}], "is not a code"),
            ([{"code": "a", "kind": "poem", "text": "?"}], "poem"),
            ([{"code": "a", "kind": "line"}], "text"),
            ([{"code": "a", "kind": "line", "text": "?", "words": "many"}], "many"),
            ([{"code": "a", "kind": "choice", "text": "?"}], "needs options"),
            ([{"code": "a", "kind": "choice", "text": "?", "options": [["one"]]}], "not enough values"),
            ([{"code": "a", "kind": "rating", "text": "?", "labels": ["one"]}], "needs labels"),
            ([LIKING, LIKING], "same code"),
            ([WHY, LIKING], "names no earlier item"),
            ([{**WHY, "only_if": {"code": "liking"}}], "values"),
        ],
    )
    def test_refuses_what_has_the_wrong_shape(self, raw: list[dict[str, Any]], words: str) -> None:
        with pytest.raises(ValueError, match=words):
            read_items(raw)

    def test_knows_every_code_that_a_form_has_for_itself(self) -> None:
        assert {name for name in dir(AnswersForm) if CODE.fullmatch(name)} <= TAKEN

    def test_gathers_items_under_their_headings(self) -> None:
        raw = [
            {"code": "early", "kind": "line", "text": "?"},
            {"code": "one", "kind": "section", "text": "One", "hint": "Hint"},
            LIKING,
            WHY,
            {"code": "two", "kind": "section", "text": "Two"},
        ]
        found = [
            (part.code, part.title, part.hint, [each.code for each in part.items]) for part in sections(read_items(raw))
        ]
        assert found == [("start", "", "", ["early"]), ("one", "One", "Hint", ["liking", "why"])]


class TestWhatIsAsked:
    @pytest.mark.parametrize(
        ("answers", "codes"),
        [
            ({}, ["liking"]),
            ({"liking": "yes"}, ["liking"]),
            ({"liking": "no"}, ["liking", "why"]),
            ({"liking": "no", "why": "x"}, ["liking", "why", "more"]),
            ({"liking": "yes", "why": "x"}, ["liking"]),
        ],
    )
    def test_hangs_on_earlier_answers(self, answers: dict[str, Any], codes: list[str]) -> None:
        assert [each.code for each in asked(read_items([LIKING, WHY, MORE]), answers)] == codes

    def test_may_hang_on_one_of_several_choices(self) -> None:
        many: dict[str, Any] = {**LIKING, "kind": "choices"}
        assert len(asked(read_items([many, WHY]), {"liking": ["yes", "no"]})) == 2

    def test_is_all_that_is_kept(self) -> None:
        items = read_items([LIKING, WHY])
        clean, problems = check(items, {"liking": "yes", "why": "\x00", "else": 1}, whole=True)
        assert (clean, list(problems)) == ({"liking": "yes"}, [])

    def test_is_needed_at_the_end_only(self) -> None:
        items = read_items([LIKING, WHY])
        assert not check(items, {"liking": "no"}, whole=False)[1]
        assert [each.code for each in check(items, {"liking": "no"}, whole=True)[1]] == ["why"]

    def test_is_named_once_where_it_is_wrong(self) -> None:
        items = read_items([LIKING, WHY])
        (only,) = check(items, {"liking": "no", "why": "a\x00"}, whole=True)[1]
        assert "control characters" in only.message


class TestAnswers:
    @pytest.mark.parametrize(
        ("of", "given", "stays"),
        [
            (item("line"), "  word ", "word"),
            (item("text"), "one\r\ntwo", "one\ntwo"),
            (item("text", words=3), " one  two\nthree ", "one  two\nthree"),
            (item("number"), "012", 12),
            (item("scale"), "0", 0),
            (item("scale"), 10, 10),
            (RATING, "3", 3),
            (CHOICE, "2", "2"),
            (CHOICES, ["3", "1", "3"], ["1", "3"]),
            (item("line"), "   ", None),
            (item("scale"), "", None),
            (CHOICES, [], None),
            (CHOICE, None, None),
        ],
    )
    def test_that_fit_are_kept_in_their_plainest_form(self, of: Item, given: Any, stays: Any) -> None:
        assert kept(of, given) == stays

    @pytest.mark.parametrize(
        ("of", "given", "words"),
        [
            (item("line"), "a\nb", "control characters"),
            (item("line"), "a" * 201, "200 characters"),
            (item("text"), "a" * 10_001, "10000 characters"),
            (item("text"), "a\x07", "control characters"),
            (item("text", words=3), "one two three four", "3 words or fewer; you have used 4"),
            (item("text"), ["a"], "Enter words"),
            (item("number"), "1000001", "from 0 to 1000000"),
            (item("number"), "9" * 6_000, "from 0 to 1000000"),
            (item("number"), "1_0", "whole number"),
            (item("number"), "٣", "whole number"),
            (item("number"), "-1", "whole number"),
            (item("number"), "1.5", "whole number"),
            (item("scale"), "11", "from 0 to 10"),
            (item("scale"), True, "from 0 to 10"),
            (RATING, "0", "from 1 to 3"),
            (RATING, "4", "from 1 to 3"),
            (CHOICE, "3", "Choose from the list"),
            (CHOICE, ["1", "2"], "Choose from the list"),
            (CHOICES, ["1", "x"], "Choose from the list"),
        ],
    )
    def test_that_do_not_fit_are_told_why(self, of: Item, given: Any, words: str) -> None:
        assert words in problem(of, given)

    def test_have_words_for_readers(self) -> None:
        assert RATING.in_words(2) == "fair"
        assert CHOICES.in_words(["1", "3"]) == "One; Three"
        assert CHOICE.in_words("gone") == "gone"
        assert item("scale").in_words(0) == "0"
        assert item("line").in_words(None) == ""

    @pytest.mark.parametrize("kind", list(Kind))
    def test_of_every_kind_survive_being_missing(self, kind: Kind) -> None:
        options = {"options": [["1", "One"]], "labels": ["poor", "good"]}
        assert check([item(kind, **options)], {}, whole=False) == ({}, [])


class TestLimits:
    def test_of_characters_are_those_of_the_item(self) -> None:
        assert problem(item("line", characters=5), "123456") == "Use 5 characters or fewer"
        assert problem(item("line", characters=5), "12345") == ""
        assert problem(item("text", characters=5), "123456") == "Use 5 characters or fewer"

    def test_of_words_count_in_a_line_too(self) -> None:
        assert problem(item("line", words=2), "one two three") == "Use 2 words or fewer; you have used 3"


class TestRuns:
    def test_ratings_in_a_row_with_the_same_labels_stand_together(self) -> None:
        agree, like = ["No", "Yes"], ["Bad", "Good"]
        raw: list[dict[str, Any]] = [
            {"code": "a", "kind": "rating", "text": "A", "labels": agree},
            {"code": "b", "kind": "rating", "text": "B", "labels": agree},
            {"code": "c", "kind": "rating", "text": "C", "labels": like},
            {"code": "d", "kind": "line", "text": "D"},
            {"code": "e", "kind": "line", "text": "E"},
            {"code": "f", "kind": "rating", "text": "F", "labels": agree},
        ]
        (page,) = sections(read_items(raw))
        assert [[each.code for each in run] for run in page.runs] == [["a", "b"], ["c"], ["d"], ["e"], ["f"]]


class TestFaults:
    PAGE = {"code": "page", "kind": "section", "text": "A page"}  # noqa: RUF012  never changed

    def of(self, *raw: dict[str, Any]) -> list[tuple[str, str]]:
        return [(fault.code, fault.message) for fault in faults([read_item(each) for each in raw])]

    def test_none_where_a_later_page_hangs_on_an_earlier_one(self) -> None:
        assert self.of(LIKING, self.PAGE, WHY) == []

    def test_nothing_to_ask(self) -> None:
        assert self.of() == [("", "Add a question: there is none yet")]

    def test_a_page_without_questions(self) -> None:
        assert self.of(LIKING, self.PAGE) == [("page", "Add a question to the page “%(title)s”, or remove it")]

    def test_on_the_same_page_after_it_or_on_nothing(self) -> None:
        moved = "Move “%(question)s” to a page after the question it hangs on"
        assert self.of(LIKING, WHY) == [("why", moved)]
        assert self.of(WHY, self.PAGE, LIKING) == [("why", moved)]
        assert self.of({**LIKING, "code": "other"}, self.PAGE, WHY) == [("why", moved)]

    def test_on_an_answer_that_there_is_not(self) -> None:
        other = {**LIKING, "options": [["yes", "Yes"], ["never", "Never"]]}
        assert self.of(other, self.PAGE, WHY) == [
            ("why", "“%(question)s” hangs on an answer that nobody can give any more")
        ]
