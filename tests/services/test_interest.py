"""The list of those who want to hear of the next round: by account, by a confirmed address, and off it again."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core import secrecy
from cop.core.access import VISITOR
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.outbox import MailTopic, Outbox, Preference
from cop.models.programmes import Programme
from cop.models.telling import Interest
from cop.queries import interest as queries
from cop.queries.interest import Stage
from cop.services import interest, preferences
from cop.services.interest import REQUESTS_A_NETWORK, Asked
from scheduled import purge_expired
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.merging import Merging

Posted = Callable[..., Sequence[Outbox]]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def programme(make: Make) -> Programme:
    return make.programme()


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", "amina@council.example")


def ask(work: Working, programme: Programme, email: str = "new@council.example", network: str = "192.0.2.1") -> Asked:
    with work(VISITOR) as unit:
        return interest.ask(unit, programme_id=programme.id, email=email, network=network)


def rows(reading: Reads) -> Sequence[Interest]:
    with reading() as read:
        return read.session.scalars(select(Interest).order_by(Interest.id)).all()


def token(reading: Reads) -> str:
    return queries.token_of(rows(reading)[-1])


def confirm(work: Working, link: str) -> None:
    with work(VISITOR) as unit:
        interest.confirm(unit, token=link)


def listed(reading: Reads, programme: Programme) -> set[str]:
    with reading() as read:
        found = select(Person.email).where(queries.is_interested(Person.id, programme.id))
        return {str(email) for email in read.session.scalars(found)}


class TestWithAnAccount:
    def test_one_press_is_enough_and_twice_is_once(
        self, work: Working, reading: Reads, make: Make, programme: Programme, amina: Person, outbox: Posted
    ) -> None:
        for _ in range(2):
            with work(make.actor(amina)) as unit:
                interest.join(unit, programme_id=programme.id)
        assert listed(reading, programme) == {"amina@council.example"}
        assert len(rows(reading)) == 1
        assert not outbox()

    def test_leaving_is_one_too_and_joining_again(
        self, work: Working, reading: Reads, make: Make, programme: Programme, amina: Person
    ) -> None:
        for act, expected in ((interest.join, 1), (interest.leave, 0), (interest.leave, 0), (interest.join, 1)):
            with work(make.actor(amina)) as unit:
                act(unit, programme_id=programme.id)
            assert len(listed(reading, programme)) == expected
        assert [row.ended_at is None for row in rows(reading)] == [False, True]

    def test_brings_back_news_that_were_turned_off(
        self, work: Working, make: Make, reading: Reads, programme: Programme, amina: Person
    ) -> None:
        with work(make.actor(amina)) as unit:
            preferences.choose(unit, wanted=[])
        with work(make.actor(amina)) as unit:
            interest.join(unit, programme_id=programme.id)
        with reading() as read:
            assert read.session.get_one(Preference, (amina.id, MailTopic.NEWS)).wanted

    def test_each_programme_has_its_own_list(
        self, work: Working, reading: Reads, make: Make, programme: Programme, amina: Person
    ) -> None:
        other = make.programme("another")
        with work(make.actor(amina)) as unit:
            interest.join(unit, programme_id=other.id)
            interest.leave(unit, programme_id=programme.id)
        assert not listed(reading, programme)
        assert listed(reading, other) == {"amina@council.example"}

    def test_is_needed(self, work: Working, programme: Programme) -> None:
        with work(VISITOR) as unit:
            for act in (interest.join, interest.leave):
                with pytest.raises(NotFound):
                    act(unit, programme_id=programme.id)

    def test_no_programme_no_list(self, work: Working, make: Make, amina: Person) -> None:
        with work(make.actor(amina)) as unit, pytest.raises(NotFound):
            interest.join(unit, programme_id=1)


class TestByEMail:
    def test_an_address_counts_once_its_owner_pressed(
        self, work: Working, reading: Reads, programme: Programme, outbox: Posted
    ) -> None:
        assert ask(work, programme, " New@Council.example ") is Asked.NOTED
        (message,) = outbox()
        assert (message.template, message.address) == ("interest_confirm", "new@council.example")
        assert not listed(reading, programme)
        confirm(work, token(reading))
        assert listed(reading, programme) == {"new@council.example"}
        (row,) = rows(reading)
        assert (row.address, row.asked_from) == (None, None)

    def test_a_press_makes_nobody_twice(
        self, work: Working, reading: Reads, programme: Programme, amina: Person
    ) -> None:
        ask(work, programme, "amina@council.example")
        confirm(work, token(reading))
        confirm(work, token(reading))
        assert [row.person_id for row in rows(reading)] == [amina.id]
        with reading() as read:
            assert [person.name for person in read.session.scalars(select(Person))] == ["Amina Yusuf"]

    def test_whoever_joined_with_their_account_meanwhile_stays_once(
        self, work: Working, reading: Reads, make: Make, programme: Programme, amina: Person
    ) -> None:
        ask(work, programme, "amina@council.example")
        link = token(reading)
        with work(make.actor(amina)) as unit:
            interest.join(unit, programme_id=programme.id)
        confirm(work, link)
        assert listed(reading, programme) == {"amina@council.example"}
        assert [row.ended_at is None for row in rows(reading)] == [False, True]

    def test_who_is_on_the_list_gets_no_mail_and_the_same_answer(
        self, work: Working, make: Make, programme: Programme, amina: Person, outbox: Posted
    ) -> None:
        with work(make.actor(amina)) as unit:
            interest.join(unit, programme_id=programme.id)
        assert ask(work, programme, "amina@council.example") is Asked.NOTED
        assert not outbox()

    def test_asking_again_fills_no_mailbox_and_ends_the_link_before(
        self, work: Working, reading: Reads, programme: Programme, clock: FixedClock, outbox: Posted
    ) -> None:
        ask(work, programme)
        first = token(reading)
        clock.move(14 * MINUTE)
        ask(work, programme)
        assert (len(outbox()), token(reading)) == (1, first)
        clock.move(2 * MINUTE)
        ask(work, programme)
        assert len(outbox()) == 2
        with work(VISITOR) as unit, pytest.raises(NotFound):
            interest.confirm(unit, token=first)
        confirm(work, token(reading))
        assert listed(reading, programme) == {"new@council.example"}

    def test_one_network_cannot_ask_for_everybody(
        self, work: Working, programme: Programme, outbox: Posted, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert REQUESTS_A_NETWORK == 300
        monkeypatch.setattr(interest, "REQUESTS_A_NETWORK", 2)
        answers = [ask(work, programme, f"{name}@council.example") for name in "abc"]
        assert answers == [Asked.NOTED, Asked.NOTED, Asked.NETWORK_IS_BUSY]
        assert ask(work, programme, "d@council.example", "198.51.100.1") is Asked.NOTED
        assert len(outbox()) == 3
        clock.move(HOUR)
        assert ask(work, programme, "c@council.example") is Asked.NOTED

    def test_only_a_digest_of_the_network_is_kept(self, work: Working, reading: Reads, programme: Programme) -> None:
        ask(work, programme, network="192.0.2.77")
        (row,) = rows(reading)
        assert row.asked_from == secrecy.digest("network", "192.0.2.77")

    def test_what_is_no_address_is_refused(self, work: Working, programme: Programme) -> None:
        with pytest.raises(Refusal, match="correct format"):
            ask(work, programme, "new@")

    def test_no_programme_no_list(self, work: Working) -> None:
        with work(VISITOR) as unit, pytest.raises(NotFound):
            interest.ask(unit, programme_id=1, email="a@b.example", network="")


class TestTheLink:
    def test_works_for_a_day(self, work: Working, reading: Reads, programme: Programme, clock: FixedClock) -> None:
        ask(work, programme)
        clock.move(24 * HOUR)
        with reading() as read:
            assert queries.stage_of(read, queries.of_link(read, token=token(reading))) is Stage.SPENT
        with pytest.raises(Refusal, match="does not work any more"):
            confirm(work, token(reading))

    def test_takes_off_the_list_whoever_holds_it_and_not_on_again(
        self, work: Working, reading: Reads, programme: Programme
    ) -> None:
        ask(work, programme)
        link = token(reading)
        confirm(work, link)
        for _ in range(2):
            with work(VISITOR) as unit:
                interest.leave_by_link(unit, token=link)
            assert not listed(reading, programme)
        with pytest.raises(Refusal):
            confirm(work, link)

    @pytest.mark.parametrize("purpose", ["registration", "unsubscribe", "booking"])
    def test_of_another_sort_is_none(self, work: Working, reading: Reads, programme: Programme, purpose: str) -> None:
        ask(work, programme)
        forged = secrecy.sign(purpose, rows(reading)[0].public_id)
        for act in (interest.confirm, interest.leave_by_link):
            with work(VISITOR) as unit, pytest.raises(NotFound):
                act(unit, token=forged)


def test_what_nobody_confirmed_goes(
    app: Flask, work: Working, reading: Reads, make: Make, programme: Programme, amina: Person, clock: FixedClock
) -> None:
    with work(make.actor(amina)) as unit:
        interest.join(unit, programme_id=programme.id)
    ask(work, programme)
    for days, expected in ((timedelta(days=2), 2), (timedelta(seconds=1), 1), (timedelta(days=300), 1)):
        clock.move(days)
        with app.app_context():
            purge_expired.run()
        assert len(rows(reading)) == expected


def test_two_records_of_one_person_stand_on_the_list_once(
    app: Flask, work: Working, reading: Reads, make: Make, programme: Programme, amina: Person, clock: FixedClock
) -> None:
    double, merges = make.account("A Yusuf"), Merging(app)
    for person in (double, amina):
        with work(make.actor(person)) as unit:
            interest.join(unit, programme_id=programme.id)
        clock.move(HOUR)
    before = merges.rows("account")
    merge = merges.people(amina, double)
    assert [(row.person_id, row.ended_at is None) for row in rows(reading)] == [(amina.id, True), (amina.id, False)]
    merges.undo(merge)
    assert merges.rows("account") == before
