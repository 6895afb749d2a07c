"""What was sent in one round, wherever it is kept: with its ask, under the key of a panel, or with nothing at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, Text, and_, cast, null, select, union_all
from sqlalchemy.orm import aliased

from cop.core.questions import Answers
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Event
from cop.models.organisations import Organisation
from cop.models.surveys import AnonymousResponse, Ask, Mode, Questionnaire, Response, ResponseState, Subject


@dataclass(frozen=True)
class Sheet:
    """``key`` tells one from another, and nothing else. Who it is by is known of named ones only."""

    key: str
    answers: Answers
    name: str | None = None
    organisation: str | None = None


def booking_of(ask: type[Ask] = Ask) -> Any:
    """The booking of the event by which whoever was asked stands in the results: that which is live, or the last."""
    other = aliased(Booking)
    return (
        select(other.id)
        .where(other.event_id == ask.subject_id, other.person_id == ask.person_id)
        .order_by((other.state == BookingState.LIVE).desc(), other.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def sheets(read: Reading, *, mode: Mode, first: Subquery) -> Sequence[Sheet]:
    """All that was sent to a round, in no order that means anything; ``first`` is its first ask.

    Anonymous ones are there once they are anonymous, and not before.
    """
    found = _BY_MODE[mode](first)
    return [Sheet(str(row[0]), *row[1:]) for row in read.session.execute(found)]


def _anonymous(first: Subquery) -> Select[*tuple[Any, ...]]:
    return select(AnonymousResponse.key, AnonymousResponse.answers).join(first, is_of_round(AnonymousResponse, first))


def _of_panel(first: Subquery) -> Select[*tuple[Any, ...]]:
    return (
        select(Response.id, Response.answers)
        .join(first, is_of_round(Response, first))
        .where(Response.panel_key.is_not(None), Response.state == ResponseState.SUBMITTED)
    )


def _named(first: Subquery) -> Select[*tuple[Any, ...]]:
    return (
        select(Response.id, Response.answers, Person.name, Organisation.name)
        .select_from(Ask)
        .join(first, is_of_round(Ask, first))
        .join(Response, and_(Response.ask_id == Ask.id, Response.state == ResponseState.SUBMITTED))
        .join(Person, Person.id == Ask.person_id)
        .outerjoin(Booking, Booking.id == booking_of())
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
    )


_BY_MODE = {Mode.NAMED: _named, Mode.PANEL: _of_panel, Mode.ANONYMOUS: _anonymous}


def sent_about(programme_id: int) -> Subquery:
    """All that was sent about the events of a programme and may be read, with the person and the organisation of those
    with names. What anonymous surveys hold is not among it before they are closed.
    """
    nobody = cast(null(), BigInteger)
    named = (
        select(
            Response.id.label("response_id"),
            cast(null(), Text).label("anonymous_key"),
            Ask.questionnaire_id,
            Ask.subject_id.label("event_id"),
            cast(Ask.wave, Text).label("wave"),
            Ask.person_id.label("person_id"),
            Booking.organisation_id.label("organisation_id"),
            Response.answers,
        )
        .select_from(Ask)
        .join(Response, and_(Response.ask_id == Ask.id, Response.state == ResponseState.SUBMITTED))
        .join(Questionnaire, and_(Questionnaire.id == Ask.questionnaire_id, Questionnaire.mode == Mode.NAMED))
        .join(Event, and_(Event.id == Ask.subject_id, Ask.subject_kind == Subject.EVENT))
        .outerjoin(Booking, Booking.id == booking_of())
        .where(Event.programme_id == programme_id)
    )
    of_panels = (
        select(
            Response.id,
            cast(null(), Text),
            Response.questionnaire_id,
            Response.subject_id,
            cast(Response.wave, Text),
            nobody,
            nobody,
            Response.answers,
        )
        .join(Event, and_(Event.id == Response.subject_id, Response.subject_kind == Subject.EVENT))
        .where(
            Event.programme_id == programme_id,
            Response.panel_key.is_not(None),
            Response.state == ResponseState.SUBMITTED,
        )
    )
    anonymous = (
        select(
            nobody,
            AnonymousResponse.key,
            AnonymousResponse.questionnaire_id,
            AnonymousResponse.subject_id,
            cast(AnonymousResponse.wave, Text),
            nobody,
            nobody,
            AnonymousResponse.answers,
        )
        .join(Event, and_(Event.id == AnonymousResponse.subject_id, AnonymousResponse.subject_kind == Subject.EVENT))
        .where(Event.programme_id == programme_id)
    )
    return union_all(named, of_panels, anonymous).subquery("sheets")


def is_of_round(table: type[Ask | Response | AnonymousResponse], first: Subquery) -> ColumnElement[bool]:
    """Whether a row is about the same thing, in the same wave and version of the questions, as the ask ``first``."""
    return and_(
        table.subject_kind == first.c.subject_kind,
        table.subject_id == first.c.subject_id,
        table.wave == first.c.wave,
        table.questionnaire_id == first.c.questionnaire_id,
    )
