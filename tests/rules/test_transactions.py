"""Outside a unit of work PostgreSQL itself refuses to write, by whatever path."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import InternalError

from cop.core.access import SYSTEM
from cop.models.organisations import Organisation
from cop.models.service import Observation, Setting
from cop.web import db, observe, read, unit_of_work
from tests.support.make import Make, Working

VALUES = {"name": "a", "value": 1}


def an_object() -> None:
    db.session.add(Setting(**VALUES))
    db.session.flush()


def an_object_committed() -> None:
    db.session.add(Setting(**VALUES))
    db.session.commit()


def a_changed_object() -> None:
    db.session.scalars(select(Organisation)).one().name = "Changed"
    db.session.flush()


def a_statement() -> None:
    db.session.execute(insert(Setting).values(**VALUES))


def a_bulk_update() -> None:
    db.session.execute(update(Organisation).values(name="Changed"))


def a_bulk_delete() -> None:
    db.session.execute(delete(Organisation))


def raw_sql() -> None:
    db.session.execute(text("DELETE FROM organisation"))


def a_bare_connection() -> None:
    db.session.connection().execute(insert(Setting).values(**VALUES))


def through_a_query() -> None:
    read(SYSTEM).session.execute(insert(Setting).values(**VALUES))


@pytest.mark.parametrize(
    "write",
    [
        an_object,
        an_object_committed,
        a_changed_object,
        a_statement,
        a_bulk_update,
        a_bulk_delete,
        raw_sql,
        a_bare_connection,
        through_a_query,
    ],
)
def test_a_write_outside_a_unit_of_work_is_refused(write: Callable[[], None], app: Flask, make: Make) -> None:
    make.organisation()
    with pytest.raises(InternalError, match="read-only transaction"), app.app_context():
        write()


def test_a_unit_of_work_writes_and_then_nobody_does(app: Flask) -> None:
    with app.app_context():
        with unit_of_work(SYSTEM) as work:
            work.session.add(Setting(**VALUES))
        with pytest.raises(InternalError, match="read-only transaction"):
            an_object()
        db.session.rollback()
        assert db.session.scalars(select(Setting.value)).all() == [1]


def test_a_read_before_a_unit_of_work_does_not_make_it_read_only(app: Flask) -> None:
    with app.app_context():
        assert db.session.scalars(select(Setting)).all() == []
        with unit_of_work(SYSTEM):
            an_object()
        assert db.session.scalars(select(Setting.value)).all() == [1]


def test_a_unit_of_work_that_fails_leaves_nothing(work: Working, app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), work() as opened:
        opened.session.execute(insert(Setting).values(**VALUES))
        _ = 1 / 0
    with app.app_context():
        assert db.session.scalars(select(Setting)).all() == []


def test_units_of_work_do_not_nest(app: Flask) -> None:
    with (
        app.app_context(),
        pytest.raises(RuntimeError, match="do not nest"),
        unit_of_work(SYSTEM),
        unit_of_work(SYSTEM),
    ):
        pass


def test_an_observation_is_the_one_thing_that_a_get_may_add(app: Flask) -> None:
    with app.test_request_context("/"):
        db.session.scalars(select(Setting)).all()
        observe("download", "event", 7)
        assert [(seen.kind, seen.subject_id) for seen in db.session.scalars(select(Observation))] == [("download", 7)]
