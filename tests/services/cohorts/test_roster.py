"""Writing to everybody with a place."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from cop.core.access import Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.services.cohorts.roster import write_to_roster
from tests.support import panel
from tests.support.clock import FixedClock
from tests.support.make import Make, Working

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


def write(make: Make, work: Working, who: Person, course: Event, body: str = "Bring a pen.") -> int:
    with work(make.actor(who)) as opened:
        return write_to_roster(opened, event_id=course.id, subject="Tomorrow", body=body)


def test_each_person_gets_one_message(make: Make, work: Working, course: Event, outbox: Posted) -> None:
    first, second, third = panel.offered(make, course, "ooo")
    panel.accept(make, first)
    panel.accept(make, second)
    assert write(make, work, make.admin(), course) == 2
    assert {row.person_id for row in outbox("roster_message")} == {first.person_id, second.person_id}
    assert third.person_id not in {row.person_id for row in outbox("roster_message")}


def test_a_second_press_sends_nothing_and_other_words_or_another_day_do(
    make: Make, work: Working, course: Event, outbox: Posted, clock: FixedClock
) -> None:
    panel.accept(make, panel.offered(make, course)[0])
    admin = make.admin()
    assert [write(make, work, admin, course) for _ in range(2)] == [1, 0]
    assert write(make, work, admin, course, "Bring two pens.") == 1
    clock.move(timedelta(days=1))
    assert write(make, work, admin, course) == 1
    assert len(outbox("roster_message")) == 3


def test_a_host_may_write_and_others_may_not(make: Make, work: Working, course: Event) -> None:
    panel.accept(make, panel.offered(make, course)[0])
    host = make.account("Hana")
    make.grant(host, Role.HOST, event=course)
    assert write(make, work, host, course) == 1
    for who in (panel.reviewer(make), make.account("A stranger")):
        with pytest.raises(NotFound):
            write(make, work, who, course)
    with pytest.raises(NotFound):
        write(make, work, make.admin(), make.visit())


def test_an_empty_roster_is_refused(make: Make, work: Working, course: Event) -> None:
    with pytest.raises(Refusal, match="nobody to write to"):
        write(make, work, make.admin(), course)
