from typing import Any

import pytest
from sqlalchemy import select

from cop.core.access import SYSTEM, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.outbox import Outbox, OutboxState
from cop.services import messages, outbox, preferences
from tests.support.clock import START
from tests.support.make import Make, Reads, Working


def posted(work: Working, to: Person | str, **values: Any) -> int:
    with work() as unit:
        outbox.post(unit, key=str(to), to=to, template="booking_changed", booking_id=1)
        row = unit.session.scalars(select(Outbox)).one()
        for name, value in values.items():
            setattr(row, name, value)
        return row.id


def state_of(reading: Reads, outbox_id: int) -> OutboxState:
    with reading() as read:
        return read.session.get_one(Outbox, outbox_id).state


def test_a_dead_letter_goes_back_into_the_queue_once(work: Working, reading: Reads, make: Make) -> None:
    outbox_id = posted(work, make.person(), state=OutboxState.DEAD, attempts=8, last_error="no such user")
    with work() as unit:
        messages.retry(unit, outbox_id=outbox_id)
    with reading() as read:
        row = read.session.get_one(Outbox, outbox_id)
        assert (row.state, row.attempts, row.due_at) == (OutboxState.PENDING, 0, START)
    with pytest.raises(Refusal, match="no longer"), work() as unit:
        messages.retry(unit, outbox_id=outbox_id)


def test_whoever_was_told_leaves_the_list(work: Working, reading: Reads, make: Make) -> None:
    outbox_id = posted(work, make.person(email=None))
    with work() as unit:
        messages.mark_told(unit, outbox_id=outbox_id)
    with reading() as read:
        row = read.session.get_one(Outbox, outbox_id)
        assert (row.state, row.sent_at) == (OutboxState.SENT, START)
    with pytest.raises(Refusal, match="already"), work() as unit:
        messages.mark_told(unit, outbox_id=outbox_id)


def test_what_goes_by_mail_is_not_said(work: Working, reading: Reads, make: Make) -> None:
    outbox_id = posted(work, make.person())
    with pytest.raises(NotFound), work() as unit:
        messages.mark_told(unit, outbox_id=outbox_id)
    assert state_of(reading, outbox_id) is OutboxState.PENDING


@pytest.mark.parametrize("command", [messages.retry, messages.retry_alike, messages.mark_told])
def test_only_admins_of_the_service(work: Working, reading: Reads, make: Make, command: Any) -> None:
    outbox_id = posted(work, make.person(email=None), state=OutboxState.DEAD)
    person = make.account()
    make.grant(person, Role.ADMIN, programme=make.programme())
    with pytest.raises(NotFound), work(make.actor(person)) as unit:
        command(unit, outbox_id=outbox_id)
    with pytest.raises(NotFound), work() as unit:
        command(unit, outbox_id=99)
    assert state_of(reading, outbox_id) is OutboxState.DEAD


def test_a_test_goes_to_nobody_for_whom_no_admin_asks(work: Working, reading: Reads, make: Make) -> None:
    amina = make.person()
    person = make.account()
    make.grant(person, Role.ADMIN, programme=make.programme())
    for actor in (make.actor(person), SYSTEM):
        with pytest.raises(NotFound), work(actor) as unit:
            messages.send_test(unit, kind="booking_confirmed", for_person=amina.id, about={"booking_id": 1})
    with reading() as read:
        assert read.session.scalars(select(Outbox)).all() == []


def test_a_test_is_sent_to_an_admin_who_turned_all_mail_off(work: Working, reading: Reads, make: Make) -> None:
    admin, amina = make.admin(), make.person()
    with work(make.actor(admin)) as unit:
        preferences.choose(unit, wanted=[])
        messages.send_test(unit, kind="survey_invitation", for_person=amina.id, about={"ask_id": 1})
    with reading() as read:
        row = read.session.scalars(select(Outbox)).one()
    assert (row.person_id, row.state, row.template) == (admin.id, OutboxState.PENDING, "test")
    assert row.params == {"kind": "survey_invitation", "for_person": amina.id, "about": {"ask_id": 1}}
