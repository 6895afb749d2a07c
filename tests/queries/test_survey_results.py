"""What the results tell: enough to learn from, and of nobody; and who has not answered, for those who may know."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.questions import Item, Kind, Option
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.surveys import Mode, Wave
from cop.queries.surveys import ItemResult, results, rounds, silent, survey_rows
from cop.queries.surveys.results import Hidden, Quote, _counts
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads
from tests.support.surveys import Surveys

DAY = timedelta(days=1)


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit(slots=1, capacity=None)


@pytest.fixture
def people(make: Make) -> Sequence[Person]:
    council = make.organisation("Stevenage")
    return [make.person(f"Guest {number:02}", organisation=council) for number in range(12)]


@pytest.mark.parametrize(("labels", "most"), [("abc", 14), ("abcde", 9)])
def test_no_number_below_five_can_be_worked_out_from_all_that_is_shown_of_a_question(labels: str, most: int) -> None:
    """For all answers of up to so many people: counts or bands, median, range and mean fit several of them, even for a
    reader who knows how we choose what to show.
    """
    item = Item("e", Kind.RATING, "?", labels=tuple(labels))
    seen: dict[Any, list[tuple[int, ...]]] = {}
    for counts in product(range(most + 1), repeat=len(labels)):
        if 5 <= sum(counts) <= most:
            told = _counts(item, [value for value, count in enumerate(counts, start=1) for _ in range(count)])
            seen.setdefault((told.n, tuple(told.counts), told.median, told.range, told.mean), []).append(counts)
    assert len(seen) > 50
    for fitting in seen.values():
        for place in range(len(labels)):
            values = {counts[place] for counts in fitting}
            assert len(values) > 1 or not values & {1, 2, 3, 4}, fitting


class TestOneQuestion:
    def test_on_a_scale_is_counted_in_bands_where_few_gave_each_answer(self) -> None:
        item = Item("se1", Kind.SCALE, "How sure?")
        told = _counts(item, [0, 1, 2, 3, 3, 7, 7, 8, 8, 9, 10, 10])
        assert told.counts == [("0 to 3", 5), ("4 to 6", 0), ("7 to 10", 7)]
        assert (told.median, told.range, told.mean) == ("7", ("0", "10"), None)

    def test_has_a_mean_where_nothing_is_left_out(self) -> None:
        told = _counts(Item("se1", Kind.SCALE, "How sure?"), [2] * 5 + [8] * 6)
        assert told.mean == pytest.approx(58 / 11)
        assert (told.median, told.lacks) == ("8", False)

    def test_that_four_answered_is_not_shown(self) -> None:
        told = _counts(Item("se1", Kind.SCALE, "How sure?"), [2] * 4)
        assert (told.hidden, told.counts, told.median) == (Hidden.FEW, (), "")

    def test_with_several_answers_hides_those_that_all_but_a_few_chose_too(self) -> None:
        options = {"a": 12, "b": 11, "c": 6, "d": 2, "e": 0}
        item = Item("b", Kind.CHOICES, "Which?", options=tuple(Option(value, value) for value in options))
        told = _counts(item, [[v for v, count in options.items() if number < count] for number in range(12)])
        assert told.counts == [("a", 12), ("b", None), ("c", 6), ("d", None), ("e", 0)]

    def test_of_numbers_tells_no_number_that_somebody_gave(self) -> None:
        told = _counts(Item("n1", Kind.NUMBER, "How many?"), [0, 0, 0, 0, 0, 7, 7, 7, 7, 7, 7, 640])
        assert (told.median, told.range) == ("6 to 10", ("0", "101 to 1,000"))
        assert "640" not in str(told)


ASKING: Sequence[Mapping[str, Any]] = (
    {"code": "used", "kind": "choice", "text": "Used it?", "options": [["yes", "Yes"], ["no", "No"]], "required": True},
    {"code": "more", "kind": "section", "text": "More"},
    {
        "code": "sure",
        "kind": "scale",
        "text": "How sure are you?",
        "required": True,
        "only_if": {"code": "used", "values": ["yes"]},
    },
    {"code": "did", "kind": "text", "text": "What did you do?", "only_if": {"code": "used", "values": ["yes"]}},
)

PERMITTED: Sequence[Mapping[str, Any]] = (
    {"code": "did", "kind": "text", "text": "What did you do?"},
    {
        "code": "permission",
        "kind": "choice",
        "text": "May we tell others?",
        "options": [["name", "With my name"], ["council", "With my council"], ["anonymous", "Yes"], ["no", "No"]],
    },
)


class Told:
    """What the results say, question by question, after so many people answered."""

    def __init__(self, surveys: Surveys, reading: Reads) -> None:
        self._surveys, self._reading = surveys, reading

    def __call__(
        self,
        people: Sequence[Person],
        event: Event,
        answers: Sequence[Mapping[str, Any]],
        items: Sequence[Mapping[str, Any]],
        mode: Mode = Mode.NAMED,
    ) -> dict[str, ItemResult]:
        asked = self._surveys.put(people, event, mode, items=items)
        for ask, given in zip(asked, answers, strict=True):
            self._surveys.answer(ask, **given)
        with self._reading() as read:
            _, sections = results(read, round_id=asked[0].id)
        return {result.item.code: result for section in sections for result in section.items}


@pytest.fixture
def told(surveys: Surveys, reading: Reads) -> Told:
    return Told(surveys, reading)


class TestQuestionsThatHangOnAnAnswer:
    @pytest.mark.parametrize(("said_no", "is_told"), [(0, True), (2, False), (4, False), (5, True)])
    def test_are_counted_where_it_is_shown_how_many_gave_it(
        self, said_no: int, is_told: bool, told: Told, people: Sequence[Person], visit: Event  # noqa: FBT001
    ) -> None:  # fmt: skip
        answers = [
            {"used": "no"} if number < said_no else {"used": "yes", "sure": 7, "did": f"Words {number}"}
            for number in range(12)
        ]
        found = told(people, visit, answers, ASKING)
        assert found["used"].lacks is not is_told
        assert found["sure"].hidden is (None if is_told else Hidden.TELLS_ANOTHER)
        assert found["sure"].n == (12 - said_no if is_told else 0)
        assert len(found["did"].quotes) == 12 - said_no


class TestWords:
    ANSWERS = (
        *({"did": f"Named {number}", "permission": "name"} for number in range(3)),
        *({"did": f"Council {number}", "permission": "council"} for number in range(3)),
        *({"did": f"Nobody {number}", "permission": "anonymous"} for number in range(3)),
        *({"did": f"Secret {number}", "permission": "no"} for number in range(2)),
        {"did": "Said nothing of it"},
    )

    def quotes(self, found: dict[str, ItemResult]) -> set[tuple[str, str]]:
        return {(quote.text[:-2], quote.by) for quote in found["did"].quotes}

    def test_are_shown_as_far_as_people_allow_it(
        self, told: Told, surveys: Surveys, make: Make, people: Sequence[Person], visit: Event
    ) -> None:
        for person in people:
            make.booking(person, visit)
        found = told(people, visit, self.ANSWERS, PERMITTED)
        assert {(text, by.partition(" ")[0], by.partition(", ")[2]) for text, by in self.quotes(found)} == {
            ("Named", "Guest", "Stevenage"),
            ("Council", "Stevenage", ""),
            ("Nobody", "", ""),
        }
        assert (found["did"].n, found["did"].allowed_only) == (9, True)

    def test_of_a_panel_are_by_nobody(self, told: Told, people: Sequence[Person], visit: Event) -> None:
        found = told(people, visit, self.ANSWERS, PERMITTED, Mode.PANEL)
        assert self.quotes(found) == {("Named", ""), ("Council", ""), ("Nobody", "")}

    def test_of_a_survey_that_asks_for_no_permission_are_by_nobody(
        self, told: Told, people: Sequence[Person], visit: Event
    ) -> None:
        found = told(people, visit, [{"did": "Words"}] * 12, PERMITTED[:1])
        assert found["did"].quotes == [Quote("Words")] * 12
        assert not found["did"].allowed_only

    @pytest.mark.parametrize(
        "asked",
        [
            {"kind": "line"},
            {"kind": "choices", "options": [["name", "My name"], ["council", "My council"]]},
            {"kind": "choice", "options": [["yes", "Yes"], ["no", "No"]]},
        ],
    )
    def test_of_a_survey_whose_permission_is_another_question_are_by_nobody(
        self, asked: Mapping[str, Any], told: Told, people: Sequence[Person], visit: Event
    ) -> None:
        """Only its code is the same."""
        items = [PERMITTED[0], {"code": "permission", "text": "Who gave you permission?", **asked}]
        answer = {"line": "name", "choices": ["name"], "choice": "yes"}[asked["kind"]]
        found = told(people, visit, [{"did": "Words", "permission": answer}] * 12, items)
        assert found["did"].quotes == [Quote("Words")] * 12
        assert not found["did"].allowed_only


class TestPanels:
    def test_are_counted_and_exported_under_a_key(
        self, told: Told, people: Sequence[Person], visit: Event, make: Make, reading: Reads
    ) -> None:
        items = [{"code": "sure", "kind": "scale", "text": "How sure?", "required": True}]
        found = told(people, visit, [{"sure": 6}] * 12, items, Mode.PANEL)
        assert (found["sure"].n, found["sure"].mean) == (12, 6)
        with reading() as read:
            rows = list(survey_rows(read, programme_id=make.programme().id))
        assert len({row.respondent for row in rows}) == len(rows) == 12
        assert {(row.mode, row.person_id, row.name, row.sector, row.on.isoformat()) for row in rows} == {
            (Mode.PANEL, None, None, None, "2026-03-02")
        }


class TestWhoIsSilent:
    @pytest.fixture
    def round_id(self, surveys: Surveys, people: Sequence[Person], visit: Event) -> int:
        asked = surveys.put(people, visit, Mode.NAMED)
        surveys.answer(asked[0])
        return asked[0].id

    def test_is_named_in_order(self, round_id: int, reading: Reads, clock: FixedClock) -> None:
        with reading() as read:
            found, names = silent(read, round_id=round_id, offset=1, limit=3)
        assert [person.name for person in names] == [f"Guest {number:02}" for number in (2, 3, 4, 5)]
        assert (found.asked, found.answered, names[0].asked_at) == (12, 1, clock.now())

    @pytest.mark.parametrize(
        ("role", "may"),
        [(Role.ADMIN, True), (Role.FACILITATOR, True), (Role.EVALUATOR, False), (Role.HOST, False)],
    )
    @pytest.mark.parametrize("scope", ["programme", "event", "other"])
    def test_is_told_to_those_who_run_it_and_never_to_evaluators(
        self, role: Role, may: bool, scope: str, round_id: int, visit: Event, make: Make, reading: Reads  # noqa: FBT001
    ) -> None:  # fmt: skip
        scopes: dict[str, dict[str, Any]] = {
            "programme": {"programme": make.programme()},
            "event": {"event": visit},
            "other": {"programme": make.programme("another")},
        }
        person = make.account()
        make.grant(person, role, **scopes[scope])
        with reading(make.actor(person)) as read:
            if may and scope != "other":
                assert len(silent(read, round_id=round_id)[1]) == 11
            else:
                with pytest.raises(NotFound):
                    silent(read, round_id=round_id)

    def test_is_not_told_once_all_have_answered_or_an_anonymous_survey_has_closed(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, reading: Reads, clock: FixedClock
    ) -> None:
        asked = surveys.put(people, visit, Mode.ANONYMOUS, wave=Wave.REFLECTION)
        surveys.answer(asked[0])
        full = surveys.put(people[:1], visit, Mode.NAMED)
        surveys.answer(full[0])
        with reading() as read:
            assert len(silent(read, round_id=asked[0].id)[1]) == 11
            with pytest.raises(NotFound):
                silent(read, round_id=full[0].id)
        clock.move(14 * DAY)
        with reading() as read, pytest.raises(NotFound):
            silent(read, round_id=asked[0].id)


def test_the_list_says_how_answers_are_kept(
    surveys: Surveys, people: Sequence[Person], visit: Event, reading: Reads, clock: FixedClock
) -> None:
    began: datetime = clock.now()
    for mode in Mode:
        surveys.put(people[:1], visit, mode)
        clock.move(timedelta(hours=1))
    with reading() as read:
        found = rounds(read)
    assert [each.mode for each in found] == [Mode.ANONYMOUS, Mode.PANEL, Mode.NAMED]
    assert found[-1].asked_at == began
