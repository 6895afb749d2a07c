"""What staff can put to the people of an event by hand, and to how many of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from cop.core.work import Reading
from cop.models.cohorts import Application, ApplicationState, Decision, DecisionOutcome
from cop.models.events import CAME, Mark, Part, PartState, Seat
from cop.models.surveys import Among, Mode, Questionnaire

OF_CALLS = "application-"
"""How the codes of the questions begin that applicants answer: nobody else is asked those."""


@dataclass(frozen=True)
class Choosable:
    """The newest version under a code."""

    code: str
    title: str
    mode: Mode


def choosable(read: Reading) -> Sequence[Choosable]:
    """Every questionnaire that was published, by its title; those of calls for applications are none."""
    newest = (
        select(Questionnaire.code, Questionnaire.title, Questionnaire.mode)
        .where(~Questionnaire.code.startswith(OF_CALLS))
        .ext(distinct_on(Questionnaire.code))
        .order_by(Questionnaire.code, Questionnaire.version.desc())
    )
    found = [Choosable(*row) for row in read.session.execute(newest)]
    return sorted(found, key=lambda each: (each.title, each.code))


def people_among(read: Reading, *, event_id: int) -> Mapping[Among, int]:
    """How many people of the event are known, by who of them is meant. The caller has checked who asks."""
    counts = [select(func.count()).select_from(among(event_id, who).subquery()).scalar_subquery() for who in Among]
    return dict(zip(Among, read.session.execute(select(*counts)).one(), strict=True))


def among(event_id: int, who: Among) -> Select[Any]:
    """The ids of those people: who has a seat of their own or is known by their address, once each."""
    if who is Among.UNSUCCESSFUL:
        return unsuccessful(event_id).distinct()
    seats = select(Seat.person_id).where(Seat.event_id == event_id, Seat.live, Seat.person_id.is_not(None))
    if who is Among.ATTENDED:
        seats = seats.join(
            Mark, and_(Mark.seat_id == Seat.id, Mark.superseded_at.is_(None), Mark.status.in_(CAME))
        ).join(Part, and_(Part.id == Mark.part_id, Part.state == PartState.PLANNED))
    return seats.distinct()


def unsuccessful(course_id: Any) -> Select[int]:
    """Whose application to the course was declined, and who were told so. ``course_id`` may be a column."""
    told = and_(
        Decision.application_id == Application.id,
        Decision.outcome == DecisionOutcome.DECLINE,
        Decision.released_at.is_not(None),
    )
    return (
        select(Application.person_id)
        .join(Decision, told)
        .where(Application.cohort_id == course_id, Application.state == ApplicationState.SUBMITTED)
    )
