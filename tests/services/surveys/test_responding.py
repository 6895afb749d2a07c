"""Who may answer, until when, and that answers are sent once whatever happens at the same moment."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from cop.core.access import SYSTEM, VISITOR, Actor, Grant, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.surveys import Ask, Response, ResponseState, Wave
from cop.services import answers as store
from cop.services import surveys as services
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.surveys import Surveys

WELL: dict[str, Any] = {"e1_1": 5, "e1_2": 4, "e1_3": 4, "e1_4": 9, "e1_5": "no"}

Does = Callable[..., object]


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def amina(make: Make) -> Person:
    return make.person("Amina")


@pytest.fixture
def ask(surveys: Surveys, amina: Person) -> Ask:
    surveys.pulse([amina])
    return surveys.ask_of(amina)


@pytest.fixture
def holder(ask: Ask) -> Actor:
    return Actor(ask.person_id, via="link")


def responses(reading: Reads) -> list[Response]:
    with reading() as read:
        return list(read.session.scalars(select(Response)).all())


class TestWhoMayAnswer:
    @pytest.mark.parametrize(
        "actor", [VISITOR, SYSTEM, Actor(999), Actor(999, (Grant(Role.EVALUATOR),)), Actor(999, (Grant(Role.HOST),))]
    )
    def test_nobody_but_the_person_and_who_runs_the_event(self, actor: Actor, ask: Ask, work: Working) -> None:
        for command in (
            lambda unit: services.save(unit, ask_id=ask.id, answers={"e1_1": 5}, seen=0),
            lambda unit: services.save_and_send(unit, ask_id=ask.id, answers=WELL, seen=0),
            lambda unit: services.send(unit, ask_id=ask.id, seen=0),
        ):
            with pytest.raises(NotFound), work(actor) as unit:
                command(unit)

    def test_the_person_signed_in_as_by_the_link(self, ask: Ask, work: Working, make: Make, amina: Person) -> None:
        with work(make.actor(amina)) as unit:
            assert services.save(unit, ask_id=ask.id, answers={"e1_1": 5}, seen=0).answers == {"e1_1": 5}


class TestSaving:
    def test_keeps_what_other_pages_hold(self, ask: Ask, holder: Actor, work: Working) -> None:
        with work(holder) as unit:
            services.save(unit, ask_id=ask.id, answers={"e1_1": 5}, seen=0)
            kept = services.save(unit, ask_id=ask.id, answers={"e1_6": "Tea"}, seen=1)
        assert (kept.answers, kept.revision) == ({"e1_1": 5, "e1_6": "Tea"}, 2)

    def test_refuses_what_another_window_has_changed(self, ask: Ask, holder: Actor, work: Working) -> None:
        with work(holder) as unit:
            services.save(unit, ask_id=ask.id, answers={"e1_1": 5}, seen=0)
        with pytest.raises(Refusal, match="another window"), work(holder) as unit:
            services.save(unit, ask_id=ask.id, answers={"e1_1": 1}, seen=0)

    def test_ends_when_the_questions_close(
        self, ask: Ask, holder: Actor, work: Working, clock: FixedClock, reading: Reads
    ) -> None:
        clock.set(ask.closes_at - timedelta(seconds=1))
        with work(holder) as unit:
            services.save(unit, ask_id=ask.id, answers=WELL, seen=0)
        clock.set(ask.closes_at)
        for command in (
            lambda unit: services.save(unit, ask_id=ask.id, answers={"e1_1": 1}, seen=1),
            lambda unit: services.send(unit, ask_id=ask.id, seen=1),
        ):
            with pytest.raises(Refusal, match="the last day has passed"), work(holder) as unit:
                command(unit)
        assert responses(reading)[0].state is ResponseState.DRAFT

    def test_ends_with_sending(self, ask: Ask, holder: Actor, work: Working, reading: Reads) -> None:
        with work(holder) as unit:
            services.save_and_send(unit, ask_id=ask.id, answers=WELL, seen=0)
        with pytest.raises(Refusal, match="already"), work(holder) as unit:
            services.save(unit, ask_id=ask.id, answers={"e1_1": 1}, seen=2)
        assert responses(reading)[0].answers == WELL


class TestTwoWindows:
    def test_begin_at_once_and_one_is_told(self, ask: Ask, holder: Actor, work: Working, reading: Reads) -> None:
        """The second waits for the first, and then knows what that has begun."""
        together, refused = Barrier(6), []

        def save(number: int) -> None:
            together.wait()
            try:
                with work(holder) as unit:
                    services.save(unit, ask_id=ask.id, answers={"e1_6": f"Window {number}"}, seen=0)
            except Refusal as refusal:
                refused.append(refusal.message)

        windows = [Thread(target=save, args=[number]) for number in range(6)]
        for window in windows:
            window.start()
        for window in windows:
            window.join()
        assert refused == [store.CHANGED_ELSEWHERE] * 5
        assert [kept.revision for kept in responses(reading)] == [1]


class TestSending:
    def test_closes_the_answers_and_tells_the_day(
        self, ask: Ask, holder: Actor, work: Working, surveys: Surveys, reading: Reads, clock: FixedClock
    ) -> None:
        with work(holder) as unit:
            services.save_and_send(unit, ask_id=ask.id, answers=WELL, seen=0)
        assert surveys.asks()[0].done_on == clock.now().date()
        (sent,) = responses(reading)
        assert (sent.state, sent.submitted_at) == (ResponseState.SUBMITTED, clock.now())

    def test_needs_an_answer_to_all_that_is_required(self, ask: Ask, holder: Actor, work: Working) -> None:
        with work(holder) as unit:
            services.save(unit, ask_id=ask.id, answers={"e1_1": 5}, seen=0)
        with pytest.raises(Refusal) as refused, work(holder) as unit:
            services.send(unit, ask_id=ask.id, seen=1)
        assert str(refused.value) == ("This question still needs an answer: How relevant was it to your work?")

    def test_refuses_what_changed_since_the_page_was_read(self, ask: Ask, holder: Actor, work: Working) -> None:
        with work(holder) as unit:
            services.save(unit, ask_id=ask.id, answers=WELL, seen=0)
        with pytest.raises(Refusal, match="Read them again"), work(holder) as unit:
            services.send(unit, ask_id=ask.id, seen=0)

    def test_again_changes_nothing(
        self, ask: Ask, holder: Actor, work: Working, reading: Reads, clock: FixedClock
    ) -> None:
        with work(holder) as unit:
            services.save_and_send(unit, ask_id=ask.id, answers=WELL, seen=0)
        (sent,) = responses(reading)
        clock.move(timedelta(days=1))
        with work(holder) as unit:
            services.save_and_send(unit, ask_id=ask.id, answers=WELL, seen=0)
            services.send(unit, ask_id=ask.id, seen=0)
        (again,) = responses(reading)
        assert (again.revision, again.submitted_at) == (sent.revision, sent.submitted_at)

    @pytest.mark.parametrize("same", [True, False])
    def test_from_many_windows_at_once_is_one_response(
        self,
        same: bool,  # noqa: FBT001
        ask: Ask,
        holder: Actor,
        work: Working,
        reading: Reads,
    ) -> None:
        """The same answers all arrive; of different ones the first, and the others are told."""
        together, refused = Barrier(6), []

        def send(number: int) -> None:
            together.wait()
            try:
                with work(holder) as unit:
                    more = {} if same else {"e1_6": f"Window {number}"}
                    services.save_and_send(unit, ask_id=ask.id, answers={**WELL, **more}, seen=0)
            except Refusal as refusal:
                refused.append(refusal.message)

        windows = [Thread(target=send, args=[number]) for number in range(6)]
        for window in windows:
            window.start()
        for window in windows:
            window.join()
        (sent,) = responses(reading)
        assert sent.revision == 2
        assert len(refused) == (0 if same else 5)


def test_below_the_services_one_ask_has_one_response(ask: Ask, work: Working) -> None:
    with pytest.raises(IntegrityError, match="uq_response_ask_id"), work() as unit:
        for _ in range(2):
            store.begun(unit, questionnaire_id=ask.questionnaire_id, ask_id=ask.id)


def test_below_the_services_nobody_is_asked_twice(ask: Ask, work: Working) -> None:
    with pytest.raises(IntegrityError, match="uq_ask_once"), work() as unit:
        unit.session.add(
            Ask(
                questionnaire_id=ask.questionnaire_id,
                person_id=ask.person_id,
                subject_kind=ask.subject_kind,
                subject_id=ask.subject_id,
                wave=Wave.PULSE,
                opens_at=unit.now,
                closes_at=unit.now,
            )
        )
