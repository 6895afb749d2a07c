"""Rows of the export of surveys: one for each answer that was sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import aliased

from cop.core.questions import Item, Kind, asked, read_items
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Event, EventKind
from cop.models.organisations import Organisation
from cop.models.surveys import Ask, Questionnaire, Response, ResponseState, Subject, Wave
from cop.queries.exports import Who, streamed, who


@dataclass(frozen=True)
class AnswerRow(Who):
    """One answer of one person; each tick of a question with several has a row of its own.

    ``kind`` tells free text (``line``, ``text``) from the rest. ``label`` is the answer in words, and for numbers and
    free text the answer itself.
    """

    event: str
    event_kind: EventKind
    wave: Wave
    questionnaire: str
    version: int
    code: str
    kind: Kind
    question: str
    value: str
    label: str
    submitted_at: datetime


def survey_rows(read: Reading, *, programme_id: int) -> Iterator[AnswerRow]:
    """The answers of a programme by event, wave and response, in the order of the questions. The caller has checked
    that the actor may.
    """
    known: dict[int, tuple[Item, ...]] = {}
    for row in streamed(read, _submitted(programme_id)):
        answers: Mapping[str, Any] = row.pop("answers")
        questionnaire_id, raw = row.pop("questionnaire_id"), row.pop("items")
        if questionnaire_id not in known:
            known[questionnaire_id] = read_items(raw)
        for item in asked(known[questionnaire_id], answers):
            given = answers.get(item.code)
            for value in given if isinstance(given, list) else [given] if given is not None else []:
                yield AnswerRow(
                    **row,
                    code=item.code,
                    kind=item.kind,
                    question=item.text,
                    value=str(value),
                    label=item.label_of(value),
                )


def _submitted(programme_id: int) -> Select[*tuple[Any, ...]]:
    """A row for each response that was sent, with who its author was by their booking of the event."""
    other = aliased(Booking)
    booking_id = (
        select(other.id)
        .where(other.event_id == Ask.subject_id, other.person_id == Ask.person_id)
        .order_by((other.state == BookingState.LIVE).desc(), other.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            *who(Booking),
            Event.slug.label("event"),
            Event.kind.label("event_kind"),
            Ask.wave,
            Questionnaire.id.label("questionnaire_id"),
            Questionnaire.code.label("questionnaire"),
            Questionnaire.version,
            Questionnaire.items,
            Response.answers,
            Response.submitted_at,
        )
        .select_from(Ask)
        .join(Response, and_(Response.ask_id == Ask.id, Response.state == ResponseState.SUBMITTED))
        .join(Questionnaire, Questionnaire.id == Ask.questionnaire_id)
        .join(Event, and_(Event.id == Ask.subject_id, Ask.subject_kind == Subject.EVENT))
        .join(Person, Person.id == Ask.person_id)
        .outerjoin(Booking, Booking.id == booking_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(Event.programme_id == programme_id)
        .order_by(Event.slug, Ask.wave, Response.id)
    )
