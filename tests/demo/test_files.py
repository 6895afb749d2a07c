"""The demo programme has files to look at."""

import pytest
from sqlalchemy import select

from cop.models.events import Event, EventKind
from cop.models.files import EventFile
from tests.support.make import Reads


@pytest.mark.usefixtures("loaded")
def test_visits_to_come_and_webinars_that_are_over_have_theirs(reading: Reads) -> None:
    found = select(Event.kind, EventFile.title, EventFile.public).join(Event, Event.id == EventFile.event_id)
    with reading() as read:
        files = {tuple(row) for row in read.session.execute(found)}
    assert files == {
        (EventKind.VISIT, "Before you come", True),
        (EventKind.VISIT, "Risk assessment", False),
        (EventKind.WEBINAR, "Notes of the talk", True),
    }
