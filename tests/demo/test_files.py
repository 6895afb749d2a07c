"""The demo programme has files to look at."""

from flask import Flask
from sqlalchemy import select

from cop.demo.programme import load
from cop.models.events import Event, EventKind
from cop.models.files import EventFile
from tests.support.make import reading


def test_visits_to_come_and_webinars_that_are_over_have_theirs(app: Flask) -> None:
    with app.app_context():
        load(lambda _step: None)
    found = select(Event.kind, EventFile.title, EventFile.public).join(Event, Event.id == EventFile.event_id)
    with reading(app) as read:
        files = {tuple(row) for row in read.session.execute(found)}
    assert files == {
        (EventKind.VISIT, "Before you come", True),
        (EventKind.VISIT, "Risk assessment", False),
        (EventKind.WEBINAR, "Notes of the talk", True),
    }
