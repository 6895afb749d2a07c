"""Rows of the export of surveys: one for each answer that was sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

from sqlalchemy import Select, Subquery, Text, and_, cast, func, null, select

from cop.core.place import day_of
from cop.core.questions import Item, Kind, asked, read_items
from cop.core.small_numbers import LEAST
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Booking, Event, EventKind
from cop.models.organisations import Organisation
from cop.models.surveys import AnonymousResponse, Ask, Mode, Questionnaire, Response, ResponseState, Subject, Wave
from cop.queries.exports import Who, streamed, who
from cop.queries.surveys.results import PERMISSION, Use, asks_permission
from cop.queries.surveys.sheets import booking_of, is_of_round


@dataclass(frozen=True)
class AnswerRow(Who):
    """One answer of one person; each tick of a question with several has a row of its own.

    ``kind`` tells free text (``line``, ``text``) from the rest; ``is_allowed`` whether its author was asked how their
    words may be used, and allowed them to be shown. ``label`` is the answer in words, and for numbers and
    free text the answer itself. Where there is no person, ``respondent`` links what one says in a panel, or stands for
    one sheet of an anonymous survey; ``on`` is then the same for all: the day on which the last of the panel was sent,
    or on which the anonymous survey was closed.
    """

    event: str
    event_kind: EventKind
    wave: Wave
    questionnaire: str
    version: int
    mode: Mode
    respondent: str | None
    code: str
    kind: Kind
    question: str
    value: str
    label: str
    on: date
    is_allowed: bool


def survey_rows(read: Reading, *, programme_id: int) -> Iterator[AnswerRow]:
    """The answers of a programme by event, wave and response, in the order of the questions: first those with names,
    then panels, then anonymous ones, in an order that tells nothing. The caller has checked that the actor may.

    What fewer than five sent to a panel's survey is left out, so that nobody guesses whose key it is.
    """
    found = (
        named(programme_id).order_by(Event.slug, Ask.wave, Response.id),
        of_panels(programme_id).order_by(Event.slug, Response.wave, Questionnaire.id, Response.panel_key),
        anonymous(programme_id).order_by(Event.slug, AnonymousResponse.wave, Questionnaire.id, AnonymousResponse.key),
    )
    known: dict[int, tuple[Item, ...]] = {}
    for row in chain.from_iterable(streamed(read, wanted) for wanted in found):
        yield from answers_of(row, known)


def answers_of(row: dict[str, Any], known: dict[int, tuple[Item, ...]]) -> Iterator[AnswerRow]:
    """What was answered on one sheet, a row of the selects below, whose dictionary is used up.

    ``known`` keeps the questions of each questionnaire from one sheet to the next.
    """
    answers: Mapping[str, Any] = row.pop("answers")
    if isinstance(row["on"], datetime):
        row["on"] = day_of(row["on"])
    questionnaire_id, raw = row.pop("questionnaire_id"), row.pop("items")
    if questionnaire_id not in known:
        known[questionnaire_id] = read_items(raw)
    is_asked = any(map(asks_permission, known[questionnaire_id]))
    is_allowed = is_asked and answers.get(PERMISSION) in set(Use)
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
                is_allowed=is_allowed,
            )


def _about() -> tuple[Any, ...]:
    """What every row says, from an event and a questionnaire."""
    return (
        Event.slug.label("event"),
        Event.kind.label("event_kind"),
        Questionnaire.id.label("questionnaire_id"),
        Questionnaire.code.label("questionnaire"),
        Questionnaire.version,
        Questionnaire.mode,
        Questionnaire.items,
    )


def named(programme_id: int) -> Select[*tuple[Any, ...]]:
    """A row for each response that was sent, with who its author was by their booking of the event; in no order."""
    return (
        select(
            *who(Booking),
            *_about(),
            Ask.wave,
            cast(null(), Text).label("respondent"),
            Response.answers,
            Response.submitted_at.label("on"),
        )
        .select_from(Ask)
        .join(Response, and_(Response.ask_id == Ask.id, Response.state == ResponseState.SUBMITTED))
        .join(Questionnaire, and_(Questionnaire.id == Ask.questionnaire_id, Questionnaire.mode == Mode.NAMED))
        .join(Event, and_(Event.id == Ask.subject_id, Ask.subject_kind == Subject.EVENT))
        .join(Person, Person.id == Ask.person_id)
        .outerjoin(Booking, Booking.id == booking_of())
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(Event.programme_id == programme_id)
    )


def _of_enough() -> Subquery:
    """The surveys to which enough people sent answers under keys; ``last`` is when the last did."""
    survey = (Response.subject_kind, Response.subject_id, Response.wave, Response.questionnaire_id)
    sent = select(*survey, func.max(Response.submitted_at).label("last"))
    sent = sent.where(Response.panel_key.is_not(None), Response.state == ResponseState.SUBMITTED).group_by(*survey)
    return sent.having(func.count() >= LEAST).subquery("enough")


def _nobody() -> tuple[Any, ...]:
    return tuple(null().label(name) for name in Who.__dataclass_fields__)


def of_panels(programme_id: int) -> Select[*tuple[Any, ...]]:
    """A row for each sheet that was sent under the key of a panel, where enough were; in no order."""
    enough = _of_enough()
    return (
        select(
            *_nobody(),
            *_about(),
            Response.wave,
            Response.panel_key.label("respondent"),
            Response.answers,
            enough.c.last.label("on"),
        )
        .select_from(Response)
        .join(enough, is_of_round(Response, enough))
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .join(Event, and_(Event.id == Response.subject_id, Response.subject_kind == Subject.EVENT))
        .where(
            Event.programme_id == programme_id,
            Response.panel_key.is_not(None),
            Response.state == ResponseState.SUBMITTED,
        )
    )


def anonymous(programme_id: int) -> Select[*tuple[Any, ...]]:
    """A row for each anonymous sheet; in no order."""
    return (
        select(
            *_nobody(),
            *_about(),
            AnonymousResponse.wave,
            AnonymousResponse.key.label("respondent"),
            AnonymousResponse.answers,
            AnonymousResponse.closed_on.label("on"),
        )
        .select_from(AnonymousResponse)
        .join(Questionnaire, Questionnaire.id == AnonymousResponse.questionnaire_id)
        .join(Event, and_(Event.id == AnonymousResponse.subject_id, AnonymousResponse.subject_kind == Subject.EVENT))
        .where(Event.programme_id == programme_id)
    )
