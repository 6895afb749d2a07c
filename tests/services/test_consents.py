"""What people agree to: each by itself, in the words of that day, and ended as easily."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import VISITOR, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.outbox import MailTopic
from cop.models.telling import Consent, How, Purpose
from cop.queries import consents as queries
from cop.queries import reach
from cop.queries.consents import WORDING, Ledger
from cop.queries.merging.rules import What
from cop.services import consents, preferences
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.merging import Merging


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", "amina@council.example")


@pytest.fixture
def ada(make: Make) -> Person:
    return make.admin("Ada Admin")


@pytest.fixture
def merges(app: Flask) -> Merging:
    return Merging(app)


def give(work: Working, make: Make, person: Person, purpose: Purpose = Purpose.NEWS) -> None:
    with work(make.actor(person)) as unit:
        consents.give(unit, purpose=purpose)


def withdraw(work: Working, make: Make, person: Person, purpose: Purpose = Purpose.NEWS) -> None:
    with work(make.actor(person)) as unit:
        consents.withdraw(unit, purpose=purpose)


def ledger(reading: Reads, make: Make, person: Person) -> Ledger:
    with reading(make.actor(person)) as read:
        return queries.own(read)


def test_nobody_agrees_to_anything_by_saying_nothing(reading: Reads, make: Make, amina: Person) -> None:
    assert ledger(reading, make, amina) == Ledger({}, [])


def test_every_purpose_has_words_that_say_what_may_be_done() -> None:
    assert set(WORDING) == set(Purpose)
    assert len(set(WORDING.values())) == len(Purpose)


def test_each_is_agreed_to_by_itself_in_the_words_of_the_day(
    work: Working, reading: Reads, make: Make, amina: Person, clock: FixedClock
) -> None:
    give(work, make, amina, Purpose.QUOTES)
    (given,) = ledger(reading, make, amina).standing.values()
    assert (given.purpose, given.wording, given.given_at) == (Purpose.QUOTES, WORDING[Purpose.QUOTES], clock.now())
    assert (given.how, given.noted_by, given.withdrawn_at) == (How.FORM, None, None)


def test_twice_is_once(work: Working, reading: Reads, make: Make, amina: Person, clock: FixedClock) -> None:
    first = clock.now()
    give(work, make, amina)
    clock.move(timedelta(days=1))
    give(work, make, amina)
    found = ledger(reading, make, amina)
    assert [given.given_at for given in found.standing.values()] == [first]
    assert found.ended == []


def test_what_is_withdrawn_stays_in_the_ledger(
    work: Working, reading: Reads, make: Make, amina: Person, clock: FixedClock
) -> None:
    give(work, make, amina)
    give(work, make, amina, Purpose.RESEARCH)
    clock.move(timedelta(days=1))
    withdraw(work, make, amina)
    withdraw(work, make, amina)
    withdraw(work, make, amina, Purpose.QUOTES)
    found = ledger(reading, make, amina)
    assert list(found.standing) == [Purpose.RESEARCH]
    assert [(given.purpose, given.withdrawn_at, given.withdrawn_by) for given in found.ended] == [
        (Purpose.NEWS, clock.now(), "Amina Yusuf")
    ]
    give(work, make, amina)
    assert set(ledger(reading, make, amina).standing) == {Purpose.RESEARCH, Purpose.NEWS}


def test_staff_note_what_was_said_elsewhere(
    work: Working, reading: Reads, make: Make, amina: Person, ada: Person
) -> None:
    with work(make.actor(ada)) as unit:
        consents.note(unit, public_id=amina.public_id, purpose=Purpose.PHOTOGRAPHS, how=How.PAPER)
    (given,) = ledger(reading, make, amina).standing.values()
    assert (given.how, given.noted_by) == (How.PAPER, "Ada Admin")
    with work(make.actor(ada)) as unit:
        consents.note_withdrawal(unit, public_id=amina.public_id, purpose=Purpose.PHOTOGRAPHS)
    (ended,) = ledger(reading, make, amina).ended
    assert ended.withdrawn_by == "Ada Admin"


def test_staff_note_nothing_twice_and_nothing_as_if_it_were_said_here(
    work: Working, make: Make, amina: Person, ada: Person
) -> None:
    give(work, make, amina)
    with work(make.actor(ada)) as unit:
        with pytest.raises(Refusal, match="agrees to that already"):
            consents.note(unit, public_id=amina.public_id, purpose=Purpose.NEWS, how=How.PAPER)
        with pytest.raises(Refusal, match="telephone or on paper"):
            consents.note(unit, public_id=amina.public_id, purpose=Purpose.QUOTES, how=How.FORM)


def test_only_admins_note_and_read_those_of_others(work: Working, reading: Reads, make: Make, amina: Person) -> None:
    facilitator = make.account("Femi")
    make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
    for person in (amina, facilitator):
        with work(make.actor(person)) as unit, pytest.raises(NotFound):
            consents.note(unit, public_id=amina.public_id, purpose=Purpose.NEWS, how=How.PAPER)
        with work(make.actor(person)) as unit, pytest.raises(NotFound):
            consents.note_withdrawal(unit, public_id=amina.public_id, purpose=Purpose.NEWS)
        with reading(make.actor(person)) as read, pytest.raises(NotFound):
            queries.of_person(read, person_id=amina.id)
    with work(VISITOR) as unit:
        for act in (consents.give, consents.withdraw):
            with pytest.raises(NotFound):
                act(unit, purpose=Purpose.NEWS)
    with reading(VISITOR) as read, pytest.raises(NotFound):
        queries.own(read)


def test_nobody_unknown_is_noted(work: Working, make: Make, ada: Person) -> None:
    with work(make.actor(ada)) as unit, pytest.raises(NotFound):
        consents.note(unit, public_id="nobody", purpose=Purpose.NEWS, how=How.PAPER)


def test_who_agrees_to_news_turns_them_on_again(work: Working, reading: Reads, make: Make, amina: Person) -> None:
    with work(make.actor(amina)) as unit:
        preferences.choose(unit, wanted=[MailTopic.SURVEYS])
    give(work, make, amina, Purpose.QUOTES)
    with reading(make.actor(amina)) as read:
        assert reach.wanted(read) == [MailTopic.SURVEYS]
    give(work, make, amina)
    with reading(make.actor(amina)) as read:
        assert set(reach.wanted(read)) == {MailTopic.SURVEYS, MailTopic.NEWS}


class TestTwoRecordsOfOnePerson:
    @pytest.fixture
    def kept(self, amina: Person) -> Person:
        return amina

    @pytest.fixture
    def gone(self, make: Make) -> Person:
        return make.account("A Yusuf", "a@home.example")

    def test_agree_once_and_what_was_said_last_stands(
        self,
        work: Working,
        reading: Reads,
        make: Make,
        kept: Person,
        gone: Person,
        merges: Merging,
        clock: FixedClock,
    ) -> None:
        give(work, make, kept)
        clock.move(timedelta(days=1))
        give(work, make, gone)
        said = clock.now()
        before = merges.rows("account")
        clock.move(timedelta(days=1))
        assert [clash.what for clash in merges.preview(kept, gone).clashes if clash.what is What.CONSENT]
        merge = merges.people(kept, gone)
        found = ledger(reading, make, kept)
        assert [given.given_at for given in found.standing.values()] == [said]
        assert [given.withdrawn_at for given in found.ended] == [clock.now()]
        merges.undo(merge)
        assert merges.rows("account") == before

    def test_do_not_agree_to_what_one_of_them_withdrew_later(
        self,
        work: Working,
        reading: Reads,
        make: Make,
        kept: Person,
        gone: Person,
        merges: Merging,
        clock: FixedClock,
    ) -> None:
        give(work, make, kept)
        give(work, make, gone)
        clock.move(timedelta(days=1))
        withdraw(work, make, gone)
        before = merges.rows("account")
        clock.move(timedelta(days=1))
        assert What.CONSENT_WITHDRAWN in {clash.what for clash in merges.preview(kept, gone).clashes}
        assert What.CONSENT_WITHDRAWN in {clash.what for clash in merges.preview(gone, kept).clashes}
        merge = merges.people(kept, gone)
        assert not ledger(reading, make, kept).standing
        merges.undo(merge)
        assert merges.rows("account") == before

    def test_agree_where_it_was_said_after_it_was_withdrawn(
        self, work: Working, reading: Reads, make: Make, kept: Person, gone: Person, merges: Merging, clock: FixedClock
    ) -> None:
        give(work, make, gone)
        withdraw(work, make, gone)
        clock.move(timedelta(days=1))
        give(work, make, kept)
        assert What.CONSENT_WITHDRAWN not in {clash.what for clash in merges.preview(kept, gone).clashes}
        merges.people(kept, gone)
        assert list(ledger(reading, make, kept).standing) == [Purpose.NEWS]


def test_the_words_are_kept_though_they_change_later(
    work: Working, reading: Reads, make: Make, amina: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(work, make, amina)
    before = WORDING[Purpose.NEWS]
    monkeypatch.setitem(WORDING, Purpose.NEWS, "Other words")
    assert ledger(reading, make, amina).standing[Purpose.NEWS].wording == before
    with reading() as read:
        assert read.session.scalars(select(Consent.wording)).all() == [before]
