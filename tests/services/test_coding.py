"""Free answers: who reads which of them, codes given by hand, and quotations at the consent given."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.evidence import AnswerCode, Quotation
from cop.models.programmes import Programme
from cop.models.surveys import Mode, Response
from cop.models.tags import Tag, TagKind
from cop.queries import coding as queries
from cop.services import coding, tags
from cop.services.coding import Which
from cop.services.surveys.closing import close_due
from tests.support.clock import FixedClock
from tests.support.evidence import Evidence
from tests.support.make import Make, Reads, Working
from tests.support.surveys import Surveys

PERMISSION = {
    "code": "permission",
    "kind": "choice",
    "text": "May we tell others?",
    "options": [["name", "With my name"], ["council", "With my council"], ["anonymous", "No names"], ["no", "No"]],
}
WHAT = {"code": "did", "kind": "text", "text": "What did you do?"}
ASKED, NOT_ASKED = (WHAT, PERMISSION), (WHAT,)

WORDS = "We began small. We asked residents first, and it was worth it."


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def evaluator(make: Make) -> Actor:
    person = make.account("Eva Evaluator")
    make.grant(person, Role.EVALUATOR, programme=make.programme())
    return make.actor(person)


@pytest.fixture
def event(make: Make) -> Event:
    return make.visit("A morning", capacity=None)


class Field:
    """What somebody answered, and reading it as somebody."""

    def __init__(self, make: Make, surveys: Surveys, reading: Reads, work: Working, event: Event) -> None:
        self._make, self._surveys, self._reading, self._work = make, surveys, reading, work
        self.event = event
        self._councils = count()

    def answered(
        self,
        given: Sequence[Mapping[str, Any]],
        *,
        mode: Mode = Mode.NAMED,
        items: Sequence[Mapping[str, Any]] = ASKED,
        event: Event | None = None,
    ) -> Sequence[Person]:
        """As many people as there are sheets, each with their own."""
        event = event or self.event
        people = [
            self._make.person(
                f"Person {number}", organisation=self._make.organisation(f"Council of {next(self._councils)}")
            )
            for number in range(len(given))
        ]
        for person in people:
            self._make.booking(person, event)
        for waiting, sheet in zip(self._surveys.put(people, event, mode, items=items), given, strict=True):
            self._surveys.answer(waiting, **sheet)
        return people

    def all(self, actor: Actor, questionnaire: str = "asked-named", **wanted: str) -> Sequence[queries.Answer]:
        with self._reading(actor) as read:
            return queries.answers(
                read,
                self.programme,
                questionnaire=questionnaire,
                item="did",
                wanted=queries.Wanted(**wanted),
                limit=100,
            )

    def which(self, answer: queries.Answer, questionnaire: str = "asked-named") -> Which:
        return Which(self.programme.id, questionnaire, "did", answer.key)

    @property
    def programme(self) -> Programme:
        return self._make.programme()

    def quotations(self, actor: Actor) -> list[tuple[str, str]]:
        with self._reading(actor) as read:
            return [(one.words, one.by) for one in queries.quotations(read, self.programme)]

    def code(self, name: str) -> Tag:
        with self._work() as unit:
            return tags.add(unit, kind=TagKind.CODE, name=name)


@pytest.fixture
def field(make: Make, surveys: Surveys, reading: Reads, work: Working, event: Event) -> Field:
    return Field(make, surveys, reading, work, event)


def sheets(*permissions: str, words: str = WORDS) -> Sequence[Mapping[str, Any]]:
    return [{"did": f"{words} {number}.", "permission": said} for number, said in enumerate(permissions)]


ALL_ALLOWED = sheets(*["anonymous"] * 5)


class TestReading:
    def test_shows_only_what_was_allowed_where_that_was_asked(self, field: Field, evaluator: Actor) -> None:
        field.answered(sheets("name", "council", "anonymous", "no", "no"))
        assert sorted(one.words[-2:] for one in field.all(evaluator)) == ["0.", "1.", "2."]

    def test_shows_all_where_nobody_was_asked(self, field: Field, evaluator: Actor) -> None:
        field.answered([{"did": "Nothing yet"}] * 5, items=NOT_ASKED)
        found = field.all(evaluator)
        assert len(found) == 5
        assert not any(one.is_allowed for one in found)

    def test_shows_nothing_of_fewer_than_five_who_wrote(self, field: Field, evaluator: Actor, reading: Reads) -> None:
        field.answered([*ALL_ALLOWED[:4], {"permission": "name"}])
        assert field.all(evaluator) == []
        with reading(evaluator) as read:
            assert queries.questions(read, field.programme) == []

    def test_counts_five_in_each_survey_by_itself(self, field: Field, evaluator: Actor, make: Make) -> None:
        field.answered(ALL_ALLOWED)
        field.answered(ALL_ALLOWED[:4], event=make.visit("An afternoon", capacity=None))
        assert {one.event for one in field.all(evaluator)} == {"A morning"}

    def test_shows_panels_and_anonymous_ones_once_they_are_closed(
        self, field: Field, evaluator: Actor, work: Working, clock: FixedClock
    ) -> None:
        field.answered(ALL_ALLOWED, mode=Mode.PANEL)
        field.answered(ALL_ALLOWED, mode=Mode.ANONYMOUS)
        assert len(field.all(evaluator, "asked-panel")) == 5
        assert field.all(evaluator, "asked-anonymous") == []
        clock.move(timedelta(days=90))
        with work() as unit:
            close_due(unit, limit=10)
        assert len(field.all(evaluator, "asked-anonymous")) == 5

    def test_never_shows_applications(self, app: Flask, make: Make, reading: Reads, evaluator: Actor) -> None:
        evidence = Evidence(app, make)
        course = evidence.course()
        for number in range(6):
            evidence.application(make.person(f"Person {number}"), course, answers={"why": "To learn"})
        with reading(evaluator) as read:
            assert queries.questions(read, make.programme()) == []

    def test_leaves_out_what_only_some_had_to_answer(self, field: Field, evaluator: Actor) -> None:
        asked = {"code": "any", "kind": "choice", "text": "Any?", "options": [["yes", "Yes"], ["no", "No"]]}
        page = {"code": "more", "kind": "section", "text": "More"}
        condition = {"code": "any", "values": ["yes"]}
        items = (asked, page, {**WHAT, "required": True, "only_if": condition})
        field.answered([{"any": "yes", "did": "This"}] * 5, items=items)
        assert field.all(evaluator) == []

    def test_is_for_evaluators_and_admins_of_the_programme(self, field: Field, make: Make, reading: Reads) -> None:
        field.answered(ALL_ALLOWED)
        for role in (Role.REVIEWER, Role.FACILITATOR):
            other = make.account()
            make.grant(other, role, programme=make.programme())
            with pytest.raises(NotFound):
                field.all(make.actor(other))
        elsewhere = make.account()
        make.grant(elsewhere, Role.EVALUATOR, programme=make.programme("another"))
        for look in (queries.questions, queries.quotations):
            with pytest.raises(NotFound), reading(make.actor(elsewhere)) as read:
                look(read, make.programme())
        admin = make.account()
        make.grant(admin, Role.ADMIN, programme=make.programme())
        assert len(field.all(make.actor(admin))) == 5

    def test_keeps_an_order_that_does_not_tell_who_came_first(self, field: Field, evaluator: Actor) -> None:
        field.answered(sheets(*["anonymous"] * 12))
        found = field.all(evaluator)
        assert found == field.all(evaluator)
        assert [one.response_id for one in found] != sorted(one.response_id or 0 for one in found)

    def test_is_narrowed_to_one_event(self, field: Field, evaluator: Actor, make: Make) -> None:
        other = make.visit("An afternoon", capacity=None)
        field.answered(ALL_ALLOWED)
        field.answered(ALL_ALLOWED, event=other)
        assert {one.event for one in field.all(evaluator, event=other.slug)} == {"An afternoon"}
        with pytest.raises(NotFound):
            field.all(make.actor(make.account()), event=other.slug)


class TestCodes:
    def test_are_given_taken_and_counted(self, field: Field, evaluator: Actor, work: Working, reading: Reads) -> None:
        field.answered(ALL_ALLOWED)
        new, old = field.code("New idea"), field.code("Old idea")
        first, second, *others = field.all(evaluator)
        for one in (first, second):
            with work(evaluator) as unit:
                coding.give(unit, field.which(one), chosen=[new.id, old.id], seen=[])
        with work(evaluator) as unit:
            coding.give(unit, field.which(second), chosen=[new.id], seen=[new.id, old.id])
        with reading(evaluator) as read:
            counts = queries.code_counts(read, field.programme, hide=False)
            (asked,) = queries.questions(read, field.programme)
        assert [(count.tag.name, count.answers.value) for count in counts] == [("New idea", 2), ("Old idea", 1)]
        assert (asked.answers, asked.coded) == (5, 2)
        assert {one.key for one in field.all(evaluator, code=queries.NOT_CODED)} == {one.key for one in others}
        assert [one.key for one in field.all(evaluator, code=old.slug)] == [first.key]

    def test_that_somebody_else_gave_meanwhile_stay(self, field: Field, evaluator: Actor, work: Working) -> None:
        field.answered(ALL_ALLOWED)
        mine, theirs = field.code("Mine"), field.code("Theirs")
        one, *_others = field.all(evaluator)
        with work(evaluator) as unit:
            coding.give(unit, field.which(one), chosen=[theirs.id], seen=[])
        for _twice in range(2):
            with work(evaluator) as unit:
                coding.give(unit, field.which(one), chosen=[mine.id], seen=[])
        (now, *_others) = [answer for answer in field.all(evaluator) if answer.key == one.key]
        assert {tag.name for tag in now.codes} == {"Mine", "Theirs"}

    def test_are_none_of_the_other_lists_and_not_retired(self, field: Field, evaluator: Actor, work: Working) -> None:
        field.answered(ALL_ALLOWED)
        one, *_others = field.all(evaluator)
        with work() as unit:
            skill = tags.add(unit, kind=TagKind.SKILL, name="Juggling")
        gone = field.code("Gone")
        with work() as unit:
            tags.retire(unit, slug=gone.slug)
        for wrong in (skill.id, gone.id, 10**9):
            with pytest.raises(Refusal), work(evaluator) as unit:
                coding.give(unit, field.which(one), chosen=[wrong], seen=[])

    def test_below_five_are_hidden_from_who_does_not_read_the_answers(
        self, field: Field, evaluator: Actor, work: Working, reading: Reads
    ) -> None:
        field.answered(ALL_ALLOWED)
        often, seldom = field.code("Often"), field.code("Seldom")
        for number, one in enumerate(field.all(evaluator)):
            chosen = [often.id, seldom.id] if number < 4 else [often.id]
            with work(evaluator) as unit:
                coding.give(unit, field.which(one), chosen=chosen, seen=[])
        with reading(evaluator) as read:
            counts = queries.code_counts(read, field.programme, hide=True)
        assert [(count.tag.name, count.answers.value) for count in counts] == [("Often", 5), ("Seldom", None)]

    def test_can_be_given_to_no_answer_that_may_not_be_read(
        self, field: Field, evaluator: Actor, work: Working, make: Make, reading: Reads
    ) -> None:
        field.answered(ALL_ALLOWED)
        code = field.code("New idea")
        one, *_others = field.all(evaluator)
        for wrong in ("0" * 16, one.key[:-1], ""):
            with pytest.raises(NotFound), work(evaluator) as unit:
                coding.give(unit, Which(field.programme.id, "asked-named", "did", wrong), chosen=[code.id], seen=[])
        other = make.account()
        make.grant(other, Role.FACILITATOR, programme=make.programme())
        which = field.which(one)
        acts: Sequence[Callable[[Work], None]] = (
            partial(coding.give, which=which, chosen=[code.id], seen=[]),
            partial(coding.pick, which=which, words="We began small."),
            partial(coding.drop, which=which),
        )
        for act in acts:
            with pytest.raises(NotFound), work(make.actor(other)) as unit:
                act(unit)
        with reading() as read:
            assert read.session.scalar(select(func.count()).select_from(AnswerCode)) == 0


class TestQuotations:
    def test_are_shown_with_the_name_that_was_allowed(self, field: Field, evaluator: Actor, work: Working) -> None:
        field.answered(sheets("name", "council", "anonymous", "anonymous", "no"))
        for one in field.all(evaluator):
            with work(evaluator) as unit:
                coding.pick(unit, field.which(one), words=one.words)
        assert sorted(field.quotations(evaluator)) == [
            (f"{WORDS} 0.", "Person 0, Council of 0"),
            (f"{WORDS} 1.", "Council of 1"),
            (f"{WORDS} 2.", ""),
            (f"{WORDS} 3.", ""),
        ]

    def test_of_a_panel_have_no_name_whatever_was_allowed(self, field: Field, evaluator: Actor, work: Working) -> None:
        field.answered(sheets(*["name"] * 5), mode=Mode.PANEL)
        one, *_others = field.all(evaluator, "asked-panel")
        with work(evaluator) as unit:
            coding.pick(unit, field.which(one, "asked-panel"), words="We began small.")
        assert field.quotations(evaluator) == [("We began small.", "")]

    def test_are_asked_anew_each_time(self, field: Field, evaluator: Actor, work: Working) -> None:
        field.answered(sheets(*["name"] * 5))
        one, *_others = field.all(evaluator)
        with work(evaluator) as unit:
            coding.pick(unit, field.which(one), words="We began small.")
        assert len(field.quotations(evaluator)) == 1

        def say(**changed: str) -> None:
            with work() as unit:
                said = unit.session.get_one(Response, one.response_id)
                said.answers = {**said.answers, **changed}

        say(permission="anonymous")
        assert field.quotations(evaluator) == [("We began small.", "")]
        say(permission="no")
        assert field.quotations(evaluator) == []
        say(permission="name", did="Something else.")
        assert field.quotations(evaluator) == []

    def test_name_nobody_who_was_erased(self, field: Field, evaluator: Actor, work: Working) -> None:
        people = field.answered(sheets(*["name"] * 5))
        for one in field.all(evaluator):
            with work(evaluator) as unit:
                coding.pick(unit, field.which(one), words="We began small.")
        with work() as unit:
            unit.session.execute(update(Person).where(Person.id == people[0].id).values(erased_at=unit.now, email=None))
        shown = [by for _words, by in field.quotations(evaluator)]
        assert "" in shown
        assert not any("Person 0" in by or "Council of 0" in by for by in shown)

    def test_need_permission(self, field: Field, evaluator: Actor, work: Working) -> None:
        field.answered([{"did": WORDS}] * 5, items=NOT_ASKED)
        one, *_others = field.all(evaluator)
        with pytest.raises(Refusal, match="Nobody was asked"), work(evaluator) as unit:
            coding.pick(unit, field.which(one), words="We began small.")

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            ("We began big.", "stand in the answer"),
            ("e began small.", "stand in the answer"),
            ("residents first […] We began small.", "stand in the answer"),
            ("  ", "Enter the words"),
            ("[…]", "stand in the answer"),
            ("We " * 400, "at most 1000"),
        ],
    )
    def test_are_words_of_the_answer(
        self, field: Field, evaluator: Actor, work: Working, words: str, message: str
    ) -> None:
        field.answered(ALL_ALLOWED)
        one, *_others = field.all(evaluator)
        with pytest.raises(Refusal, match=message), work(evaluator) as unit:
            coding.pick(unit, field.which(one), words=words)

    def test_can_leave_out_something_be_changed_and_dropped(
        self, field: Field, evaluator: Actor, work: Working, reading: Reads
    ) -> None:
        field.answered(ALL_ALLOWED)
        one, *_others = field.all(evaluator)
        for words in ("We began small.", "We began small. […] it was\nworth it."):
            with work(evaluator) as unit:
                coding.pick(unit, field.which(one), words=words)
        assert field.quotations(evaluator) == [("We began small. […] it was\nworth it.", "")]
        for _twice in range(2):
            with work(evaluator) as unit:
                coding.drop(unit, field.which(one))
        assert field.quotations(evaluator) == []
        with reading() as read:
            assert read.session.scalar(select(func.count()).select_from(Quotation)) == 0


@given(st.lists(st.sampled_from(["we", "began", "small", "(and)", "a+b", "slowly."]), min_size=3), st.data())
def test_any_run_of_whole_words_is_a_passage(words: list[str], data: st.DataObject) -> None:
    said = "  \n".join(words)
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    assert queries.is_passage(" ".join(words[first : last + 1]), said)
    assert queries.is_passage(f"{words[0]} […] {words[-1]}", said)
    assert not queries.is_passage(" ".join([*words, words[0]]), said)
