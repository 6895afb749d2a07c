"""Long work: asked for once, held by one worker at a time, and given up after three tries."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core.access import Actor
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.tasks import Task, TaskState
from cop.queries import tasks as queries
from cop.services import retention, tasks
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

SECOND = timedelta(seconds=1)


@pytest.fixture
def person(make: Make) -> Person:
    return make.account()


def ask(work: Working, person: Person, kind: str = "export", **params: str) -> Task:
    with work(Actor(person.id)) as unit:
        return tasks.ask(unit, kind=kind, title="All of it", params=params)


def claim(work: Working) -> Task | None:
    with work() as unit:
        return tasks.claim(unit)


def held(work: Working) -> Task:
    task = claim(work)
    assert task is not None
    return task


def now(reading: Reads, task: Task) -> Task:
    with reading() as read:
        return read.session.get_one(Task, task.id)


def report(work: Working, task: Task, done: int, total: int | None = None) -> bool:
    with work() as unit:
        return tasks.report(unit, task=task, done=done, total=total)


def finish(work: Working, task: Task) -> bool:
    with work() as unit:
        return tasks.finish(unit, task=task, result={"name": "a.zip"}, sha256=None)


def test_tasks_are_carried_out_in_the_order_in_which_they_were_asked(work: Working, make: Make, person: Person) -> None:
    first, second = ask(work, person), ask(work, make.account())
    assert [held(work).id, held(work).id] == [first.id, second.id]
    assert claim(work) is None


def test_whoever_asks_twice_for_the_same_gets_the_same(work: Working, make: Make, person: Person) -> None:
    first = ask(work, person, of="visits")
    assert ask(work, person, of="visits").id == first.id
    assert ask(work, person, of="webinars").id != first.id
    assert ask(work, make.account(), of="visits").id != first.id
    finish(work, held(work))
    assert ask(work, person, of="visits").id != first.id


def test_nobody_asks_without_end(work: Working, make: Make, person: Person) -> None:
    for number in range(tasks.OPEN_MOST):
        ask(work, person, of=str(number))
    with pytest.raises(Refusal, match="5 of your tasks wait already"):
        ask(work, person, of="more")
    ask(work, make.account(), of="more")


def test_progress_is_noted_and_the_result_kept(
    work: Working, reading: Reads, person: Person, clock: FixedClock
) -> None:
    ask(work, person)
    task = held(work)
    assert report(work, task, 3, 10)
    assert (now(reading, task).done, now(reading, task).total) == (3, 10)
    assert finish(work, task)
    ended = now(reading, task)
    assert (ended.state, ended.done, ended.result, ended.ended_at) == (TaskState.DONE, 10, {"name": "a.zip"}, clock.at)


def test_the_task_of_a_dead_worker_goes_to_the_next(
    work: Working, reading: Reads, person: Person, clock: FixedClock
) -> None:
    ask(work, person)
    dead = held(work)
    clock.move(tasks.LEASE)
    assert claim(work) is None
    clock.move(SECOND)
    next_one = held(work)
    assert (next_one.id, next_one.attempts, next_one.done) == (dead.id, 2, 0)
    assert not report(work, dead, 1)
    assert not finish(work, dead)
    assert now(reading, dead).state is TaskState.RUNNING
    assert finish(work, next_one)


def test_each_report_keeps_the_task_for_longer(work: Working, person: Person, clock: FixedClock) -> None:
    ask(work, person)
    task = held(work)
    for done in range(4):
        clock.move(tasks.LEASE)
        assert report(work, task, done)
        assert claim(work) is None


def test_after_three_workers_died_with_it_nobody_tries_again(
    work: Working, reading: Reads, person: Person, clock: FixedClock
) -> None:
    ask(work, person)
    task = held(work)
    for _ in range(tasks.ATTEMPTS - 1):
        clock.move(tasks.LEASE + SECOND)
        held(work)
    clock.move(tasks.LEASE + SECOND)
    other = ask(work, person, of="other")
    assert held(work).id == other.id
    assert (now(reading, task).state, now(reading, task).error) == (TaskState.FAILED, tasks.GIVEN_UP)


def test_a_task_that_is_put_back_waits_a_little(work: Working, person: Person, clock: FixedClock) -> None:
    ask(work, person)
    for attempt in range(1, tasks.ATTEMPTS + 1):
        task = held(work)
        with work() as unit:
            assert tasks.put_back(unit, task=task) == (attempt < tasks.ATTEMPTS)
        assert claim(work) is None
        clock.move(tasks.RETRY_AFTER + SECOND)


def test_whoever_asked_may_stop_it_and_the_worker_notices(
    work: Working, reading: Reads, make: Make, person: Person
) -> None:
    ask(work, person)
    task = held(work)
    with pytest.raises(NotFound), work(Actor(make.account().id)) as unit:
        tasks.stop(unit, public_id=task.public_id)
    with work(Actor(person.id)) as unit:
        tasks.stop(unit, public_id=task.public_id)
    assert not report(work, task, 1)
    assert not finish(work, task)
    assert now(reading, task).state is TaskState.STOPPED
    with pytest.raises(Refusal, match="ended already"), work(Actor(person.id)) as unit:
        tasks.stop(unit, public_id=task.public_id)


def test_one_that_waits_can_be_stopped_before_it_begins(work: Working, person: Person) -> None:
    task = ask(work, person)
    with work(Actor(person.id)) as unit:
        tasks.stop(unit, public_id=task.public_id)
    assert claim(work) is None


def test_tasks_are_seen_by_whoever_asked_and_by_admins(
    work: Working, reading: Reads, make: Make, person: Person
) -> None:
    task = ask(work, person)
    for actor in (Actor(person.id), make.actor(make.admin())):
        with reading(actor) as read:
            assert queries.one(read, public_id=task.public_id).id == task.id
    with reading(Actor(make.account().id)) as read, pytest.raises(NotFound):
        queries.one(read, public_id=task.public_id)
    with reading(make.actor(make.admin())) as read:
        assert queries.own(read) == []


def test_a_task_is_forgotten_after_four_weeks(work: Working, reading: Reads, person: Person, clock: FixedClock) -> None:
    ask(work, person)
    finish(work, held(work))
    waiting = ask(work, person, of="other")
    clock.move(timedelta(days=28))
    with work() as unit:
        assert retention.purge(unit, code="tasks", limit=9) == 0
    clock.move(SECOND)
    with work() as unit:
        assert retention.purge(unit, code="tasks", limit=9) == 1
    with reading() as read:
        assert read.session.scalars(select(Task.id)).all() == [waiting.id]
