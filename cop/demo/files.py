"""Files of the demo programme: what somebody needs before a visit, and what a speaker left behind."""

from pathlib import Path

from sqlalchemy import ColumnElement, exists, select

from cop.demo.stage import Stage
from cop.models.events import Event, EventKind, EventState, Part
from cop.services.files import of_events

DATA = Path(__file__).parent / "data"

BEFORE = (("Before you come", "before-you-come.txt", True), ("Risk assessment", "risk-assessment.csv", False))
AFTERWARDS = (("Notes of the talk", "notes-for-listeners.txt", True),)


def load(stage: Stage) -> None:
    """Visits to come and webinars that are over get theirs."""
    now = stage.work.now
    _offer(stage, EventKind.VISIT, Part.starts_at > now, BEFORE)
    _offer(stage, EventKind.WEBINAR, Part.ends_at <= now, AFTERWARDS)


def _offer(
    stage: Stage, kind: EventKind, when: ColumnElement[bool], offered: tuple[tuple[str, str, bool], ...]
) -> None:
    of_programme = (Event.programme_id == stage.programme.id, Event.kind == kind)
    some_part = exists().where(Part.event_id == Event.id, when)
    found = select(Event).where(*of_programme, Event.state == EventState.PUBLISHED, some_part).order_by(Event.id)
    for event in stage.work.session.scalars(found).all():
        for title, name, public in offered:
            with (DATA / name).open("rb") as stream:
                of_events.add(stage.work, event_id=event.id, stream=stream, name=name, title=title, public=public)
