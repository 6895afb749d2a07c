"""Draw who takes places that became free on courses whose places were drawn."""

import logging
from collections.abc import Sequence

from sqlalchemy import exists, select

from cop.core.access import SYSTEM
from cop.core.errors import Refusal
from cop.models.cohorts import (
    Application,
    ApplicationState,
    Cohort,
    Decision,
    DecisionOutcome,
    Selection,
    SelectionStep,
)
from cop.models.events import Event, EventState, Part, PartState
from cop.services.cohorts import drawing
from cop.web import unit_of_work
from scheduled.one_by_one import added_up

log = logging.getLogger("scheduled.replace_dropouts")


def run() -> str:
    return added_up(_replace, _with_free_places(), one="course", words="reserves offered a place")


def _with_free_places() -> Sequence[int]:
    """Courses ahead whose decisions are out, with a draw, a free place and a reserve."""
    drawn = exists().where(Selection.cohort_id == Cohort.event_id, Selection.step == SelectionStep.DRAWN)
    reserve = exists().where(
        Application.cohort_id == Cohort.event_id,
        Application.state == ApplicationState.SUBMITTED,
        Decision.application_id == Application.id,
        Decision.outcome == DecisionOutcome.RESERVE,
    )
    with unit_of_work(SYSTEM) as work:
        begun = exists().where(Part.event_id == Event.id, Part.state == PartState.PLANNED, Part.starts_at <= work.now)
        found = (
            select(Cohort.event_id)
            .join(Event, Event.id == Cohort.event_id)
            .where(
                Cohort.released_at.is_not(None),
                Event.state == EventState.PUBLISHED,
                Event.seats_taken < Event.capacity,
                drawn,
                reserve,
                ~begun,
            )
        )
        return work.session.scalars(found.order_by(Cohort.event_id)).all()


def _replace(cohort_id: int) -> int:
    """How many were offered a place: none where the chair was quicker. It fails where somebody has to look after it."""
    try:
        with unit_of_work(SYSTEM) as work:
            return len(drawing.replace_dropouts(work, cohort_id=cohort_id))
    except drawing.NoReplacementError:
        raise
    except Refusal as refusal:
        log.info("no replacement drawn", extra={"fields": {"course": cohort_id, "because": str(refusal)}})
        return 0
