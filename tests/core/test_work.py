"""A unit of work: one transaction, one instant, one actor."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import SYSTEM, Actor
from cop.core.work import may_write, writing
from cop.models.service import Setting
from cop.web import db, read, unit_of_work
from tests.support.clock import START, FixedClock
from tests.support.make import Working


def test_it_carries_one_instant_and_one_actor(work: Working, clock: FixedClock) -> None:
    actor = Actor(7)
    with work(actor) as opened:
        clock.move(timedelta(hours=1))
        assert (opened.now, opened.actor) == (START, actor)


def test_it_commits_at_its_end(work: Working) -> None:
    with work() as opened:
        opened.session.add(Setting(name="a", value=1))
    with work() as opened:
        assert opened.session.scalars(select(Setting.name)).all() == ["a"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_whatever_interrupts_it_undoes_it(error: type[BaseException], work: Working) -> None:
    with pytest.raises(error), work() as opened:
        opened.session.add(Setting(name="a", value=1))
        opened.session.flush()
        raise error
    with work() as opened:
        assert opened.session.scalars(select(Setting.name)).all() == []


def test_writing_ends_with_it_even_when_the_commit_fails(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        session = db.session()
        with pytest.raises(ValueError, match="naive"), writing(session, clock, SYSTEM):
            session.add(Setting(name="a", value=1))
            assert may_write(session)
            raise ValueError("naive")
        assert not may_write(session)


def test_a_request_reads_at_one_instant(app: Flask, clock: FixedClock) -> None:
    with app.test_request_context("/"):
        first = read().now
        clock.move(timedelta(hours=1))
        assert read().now == first


def test_what_is_done_in_a_request_happens_when_it_is_done(app: Flask, clock: FixedClock) -> None:
    """A unit of work asks the clock anew: rules hold at the moment of writing, not of loading the page."""
    with app.test_request_context("/"):
        read()
        clock.move(timedelta(hours=1))
        with unit_of_work(SYSTEM) as opened:
            assert opened.now == START + timedelta(hours=1)
