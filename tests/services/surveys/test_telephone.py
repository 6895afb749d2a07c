"""Staff write down what somebody tells them: who may, whose answers they are, and what staff never read."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Actor, Grant, Role
from cop.core.errors import NotFound, Refusal
from cop.models.surveys import Ask, Response, ResponseState
from cop.queries.surveys import Call, call
from cop.services import surveys as services
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.surveys import Surveys

WELL: dict[str, Any] = {"e1_1": 5, "e1_2": 4, "e1_3": 4, "e1_4": 9, "e1_5": "no"}


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def ask(surveys: Surveys, make: Make) -> Ask:
    """Amina, who was asked how a visit was and has a telephone and no e-mail."""
    amina = make.person("Amina", None)
    surveys.pulse([amina])
    return surveys.ask_of(amina)


@pytest.fixture
def fay(make: Make) -> Actor:
    """A facilitator of the programme."""
    person = make.account("Fay")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return make.actor(person)


@pytest.fixture
def amina(ask: Ask) -> Actor:
    return Actor(ask.person_id, via="link")


def kept(reading: Reads) -> Response:
    with reading() as read:
        return read.session.scalars(select(Response)).one()


def called(reading: Reads, ask: Ask, actor: Actor) -> Call:
    with reading(actor) as read:
        return call(read, round_id=ask.id, public_id=ask.public_id)


class TestWritingDown:
    def test_is_noted_and_sent_in_the_name_of_who_was_asked(
        self, ask: Ask, fay: Actor, work: Working, reading: Reads, surveys: Surveys
    ) -> None:
        with work(fay) as unit:
            services.save_and_send(unit, ask_id=ask.id, answers=WELL, seen=0)
        found = kept(reading)
        assert (found.ask_id, found.entered_by, found.state) == (ask.id, fay.person_id, ResponseState.SUBMITTED)
        assert surveys.asks()[0].done_on is not None

    def test_twice_is_one_response(self, ask: Ask, fay: Actor, work: Working, reading: Reads) -> None:
        for _ in range(2):
            with work(fay) as unit:
                services.save_and_send(unit, ask_id=ask.id, answers=WELL, seen=0)
        assert kept(reading).revision == 2

    def test_page_by_page_is_for_the_next_of_the_staff_to_go_on_with(
        self, ask: Ask, fay: Actor, work: Working, make: Make, reading: Reads
    ) -> None:
        with work(fay) as unit:
            services.save(unit, ask_id=ask.id, answers={"e1_1": 5}, seen=0)
        admin = make.actor(make.admin())
        assert called(reading, ask, admin).survey.answers == {"e1_1": 5}
        with work(admin) as unit:
            services.save(unit, ask_id=ask.id, answers={"e1_2": 5}, seen=1)
        assert kept(reading).entered_by == admin.person_id

    def test_does_not_go_on_with_what_somebody_has_begun_alone(
        self, ask: Ask, fay: Actor, amina: Actor, work: Working, reading: Reads
    ) -> None:
        with work(amina) as unit:
            services.save(unit, ask_id=ask.id, answers={"e1_6": "Between us"}, seen=0)
        found = called(reading, ask, fay)
        assert found.is_begun_alone
        assert found.survey.answers == {}
        for command in (services.save, services.save_and_send):
            with pytest.raises(Refusal, match="begun to answer by themselves"), work(fay) as unit:
                command(unit, ask_id=ask.id, answers=WELL, seen=1)
        with pytest.raises(Refusal, match="begun to answer by themselves"), work(fay) as unit:
            services.send(unit, ask_id=ask.id, seen=1)
        assert kept(reading).answers == {"e1_6": "Between us"}

    def test_becomes_their_own_when_they_go_on_by_their_link(
        self, ask: Ask, fay: Actor, amina: Actor, work: Working, reading: Reads
    ) -> None:
        with work(fay) as unit:
            services.save(unit, ask_id=ask.id, answers=WELL, seen=0)
        with work(amina) as unit:
            services.save(unit, ask_id=ask.id, answers={"e1_6": "And tea"}, seen=1)
        found = called(reading, ask, fay)
        assert (found.is_begun_alone, found.survey.answers) == (True, {})
        assert kept(reading).entered_by is None

    def test_tells_nothing_of_what_was_sent(
        self, ask: Ask, fay: Actor, amina: Actor, work: Working, reading: Reads
    ) -> None:
        """Not even by trying: the same answers are refused like any others."""
        with work(amina) as unit:
            services.save_and_send(unit, ask_id=ask.id, answers=WELL, seen=0)
        assert called(reading, ask, fay).survey.answers == {}
        with pytest.raises(Refusal, match="were sent already"), work(fay) as unit:
            services.save_and_send(unit, ask_id=ask.id, answers=WELL, seen=0)

    def test_ends_when_the_questions_close(self, ask: Ask, fay: Actor, work: Working, clock: FixedClock) -> None:
        clock.set(ask.closes_at)
        with pytest.raises(Refusal, match="the last day has passed"), work(fay) as unit:
            services.save(unit, ask_id=ask.id, answers=WELL, seen=0)


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.HOST, Role.REVIEWER, Role.LEAD])
def test_others_neither_see_nor_write(role: Role, ask: Ask, work: Working, reading: Reads) -> None:
    actor = Actor(ask.person_id + 1, (Grant(role),))
    with pytest.raises(NotFound):
        called(reading, ask, actor)
    with pytest.raises(NotFound), work(actor) as unit:
        services.save(unit, ask_id=ask.id, answers=WELL, seen=0)


def test_a_facilitator_of_another_programme_neither_sees_nor_writes(
    ask: Ask, make: Make, work: Working, reading: Reads
) -> None:
    person = make.account("Olu")
    make.grant(person, Role.FACILITATOR, programme=make.programme("another"))
    with pytest.raises(NotFound):
        called(reading, ask, make.actor(person))
    with pytest.raises(NotFound), work(make.actor(person)) as unit:
        services.save(unit, ask_id=ask.id, answers=WELL, seen=0)


def test_an_ask_of_another_round_is_not_found(ask: Ask, surveys: Surveys, make: Make, reading: Reads) -> None:
    ben = make.person("Ben")
    surveys.pulse([ben], "Another visit")
    with reading(make.actor(make.admin())) as read, pytest.raises(NotFound):
        call(read, round_id=surveys.ask_of(ben).id, public_id=ask.public_id)
