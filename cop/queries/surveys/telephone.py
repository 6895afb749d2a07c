"""Answers that staff write down for somebody on the telephone."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, select

from cop.core.access import EVENT_EDITORS
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.surveys import Ask, Response, Subject
from cop.queries.surveys.asks import Survey, survey_of


@dataclass(frozen=True)
class Call:
    """Somebody who was asked, and their answers as far as staff have written them down.

    ``is_begun_alone``: they have begun by their own link. What they said there is not for staff, so it is not here.
    """

    public_id: str
    survey: Survey
    name: str
    phone: str | None
    asked_at: datetime
    is_begun_alone: bool


def call(read: Reading, *, round_id: int, public_id: str) -> Call:
    """One of those who were asked in a round, for whoever runs its event."""
    first = select(Ask.subject_id, Ask.wave, Ask.questionnaire_id).where(Ask.id == round_id).subquery("first")
    row = read.session.execute(
        select(Ask.generation, Ask.opens_at, Person.name, Person.phone, Event.id, Event.programme_id)
        .add_columns(Response.revision, Response.entered_by)
        .join(Person, Person.id == Ask.person_id)
        .join(Event, and_(Event.id == Ask.subject_id, Ask.subject_kind == Subject.EVENT))
        .join(
            first,
            and_(
                Ask.subject_id == first.c.subject_id,
                Ask.wave == first.c.wave,
                Ask.questionnaire_id == first.c.questionnaire_id,
            ),
        )
        .outerjoin(Response, Response.ask_id == Ask.id)
        .where(Ask.public_id == public_id)
    ).one_or_none()
    if row is None or not read.actor.may(*EVENT_EDITORS, programme_id=row.programme_id, event_id=row.id):
        raise NotFound
    survey = survey_of(read, public_id=public_id, generation=row.generation)
    is_begun_alone = bool(row.revision) and row.entered_by is None
    if is_begun_alone or survey.done_on is not None:
        survey = replace(survey, answers={}, revision=0)
    return Call(
        public_id=public_id,
        survey=survey,
        name=row.name,
        phone=row.phone,
        asked_at=row.opens_at,
        is_begun_alone=is_begun_alone,
    )
