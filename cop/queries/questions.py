"""Reads about what people who registered would like to be talked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState
from cop.models.organisations import Organisation
from cop.models.webinars import AdvanceQuestion


@dataclass(frozen=True)
class Question:
    """``public_id`` is that of the booking."""

    id: int
    words: str
    name: str
    organisation: str | None
    public_id: str
    asked_at: datetime
    taken_at: datetime | None


@dataclass(frozen=True)
class Count:
    """How many there are, and how many of them nobody has passed on or answered."""

    all: int
    open: int


def of_event(read: Reading, event_id: int, *, offset: int = 0, limit: int = 50) -> Sequence[Question]:
    """Those of people who come, ``limit`` + 1 of them: first what is still open, in the order in which they came.

    The caller has checked that staff ask.
    """
    rows = read.session.execute(
        select(
            AdvanceQuestion.id,
            AdvanceQuestion.words,
            Person.name,
            Organisation.name.label("organisation"),
            Booking.public_id,
            AdvanceQuestion.asked_at,
            AdvanceQuestion.taken_at,
        )
        .join(Booking, _of_who_comes())
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(AdvanceQuestion.event_id == event_id)
        .order_by(AdvanceQuestion.taken_at.is_not(None), AdvanceQuestion.id)
        .offset(offset)
        .limit(limit + 1)
    )
    return [Question(**row._asdict()) for row in rows]


def count_of(read: Reading, event_id: int) -> Count:
    counted = (
        select(func.count(), func.count().filter(AdvanceQuestion.taken_at.is_(None)))
        .select_from(AdvanceQuestion)
        .join(Booking, _of_who_comes())
        .where(AdvanceQuestion.event_id == event_id)
    )
    return Count(*read.session.execute(counted).one())


def _of_who_comes() -> ColumnElement[bool]:
    return and_(Booking.id == AdvanceQuestion.booking_id, Booking.state == BookingState.LIVE)
