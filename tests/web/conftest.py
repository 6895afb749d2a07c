"""The application with a few routes of our own, each of which fails in its own way."""

from collections.abc import Iterator

import pytest
from flask import Flask, abort
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError

from cop import create_app
from cop.core.access import EVENT_STAFF_ONLY, PUBLIC, SIGNED_IN
from cop.core.errors import NotFound, Refusal, marked
from cop.core.settings import Settings
from cop.web import Area, current_actor, db
from tests.conftest import empty_tables
from tests.support.clock import FixedClock

area = Area("trial", __name__, url_prefix="/trial")


@area.get("/missing", access=PUBLIC)
def missing() -> ResponseReturnValue:
    raise NotFound


@area.form("/refused", access=PUBLIC)
def refused() -> ResponseReturnValue:
    raise Refusal(marked("Only %(left)s places are left"), field="party_size", left=2)


@area.form("/broken", access=PUBLIC)
def broken() -> ResponseReturnValue:
    return str(1 / 0)


@area.get("/away", access=PUBLIC)
def away() -> ResponseReturnValue:
    raise OperationalError("SELECT secret FROM person", {}, Exception("connection refused"))


@area.get("/status/<int:code>", access=PUBLIC)
def status(code: int) -> ResponseReturnValue:
    abort(code)


@area.get("/me", access=PUBLIC)
def me() -> ResponseReturnValue:
    return {"person": current_actor().person_id}


@area.form("/closed", access=SIGNED_IN)
def closed() -> ResponseReturnValue:
    return {"person": current_actor().person_id}


@area.post("/closed/act", access=SIGNED_IN)
def act() -> ResponseReturnValue:
    return {"person": current_actor().person_id}


@area.get("/staff", access=EVENT_STAFF_ONLY)
def staff() -> ResponseReturnValue:
    return {"person": current_actor().person_id}


@pytest.fixture(scope="session")
def worker_trial_app(settings: Settings, worker_clock: FixedClock) -> Iterator[Flask]:
    app = create_app(settings, clock=worker_clock)
    app.register_blueprint(area)
    app.config["PROPAGATE_EXCEPTIONS"] = False  # a fault ends in the page that a visitor would see
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(worker_trial_app: Flask, clock: FixedClock) -> Iterator[Flask]:
    assert clock is not None
    yield worker_trial_app
    empty_tables(worker_trial_app)
