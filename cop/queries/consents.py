"""What people agreed to: which consents stand, what they said, and what was withdrawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, select
from sqlalchemy.orm import aliased

from cop.core.errors import NotFound, marked
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.telling import Consent, How, Purpose

WORDING: Mapping[Purpose, Any] = {
    Purpose.NEWS: marked(
        "You may send me news of the programme by e-mail: new rounds of the course, events and what came of them."
    ),
    Purpose.PHOTOGRAPHS: marked(
        "You may take photographs in which I can be recognised at events that I come to, and use them to tell others "
        "about the programme."
    ),
    Purpose.DIRECTORY: marked(
        "You may show me in the directory of members: my name, and what I choose to show of my role, my organisation "
        "and myself. Members are the people of member organisations, people who completed a course, and facilitators."
    ),
    Purpose.QUOTES: marked(
        "You may quote what I say about the programme with my name, once I have seen the quotation."
    ),
    Purpose.RESEARCH: marked(
        "Researchers who evaluate the programme may ask me whether I would talk to them. I can say no each time."
    ),
}
"""What somebody agrees to, today. What they agreed to earlier is in their own consent, letter for letter."""


def stands(person: SQLColumnExpression[int], purpose: Purpose) -> ColumnElement[bool]:
    """Whether a person, as a column or a value, agrees to something now."""
    return exists().where(Consent.person_id == person, Consent.purpose == purpose, Consent.withdrawn_at.is_(None))


@dataclass(frozen=True)
class Given:
    """A consent, and how it ended. ``noted_by`` is who wrote it down where it was said by telephone or on paper."""

    purpose: Purpose
    wording: str
    given_at: datetime
    how: How
    noted_by: str | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None


@dataclass(frozen=True)
class Ledger:
    """``standing`` has what is agreed to now, by purpose; ``ended`` what was withdrawn, the latest first."""

    standing: Mapping[Purpose, Given]
    ended: Sequence[Given]


def own(read: Reading) -> Ledger:
    """That of the acting person."""
    if read.actor.person_id is None:
        raise NotFound
    return _ledger(read, read.actor.person_id)


def of_person(read: Reading, *, person_id: int) -> Ledger:
    """That of anybody, for staff."""
    if not read.actor.is_admin():
        raise NotFound
    return _ledger(read, person_id)


def _ledger(read: Reading, person_id: int) -> Ledger:
    noter, ender = aliased(Person), aliased(Person)
    rows = read.session.execute(
        select(
            Consent.purpose,
            Consent.wording,
            Consent.given_at,
            Consent.how,
            noter.name,
            Consent.withdrawn_at,
            ender.name,
        )
        .outerjoin(noter, noter.id == Consent.noted_by)
        .outerjoin(ender, ender.id == Consent.withdrawn_by)
        .where(Consent.person_id == person_id)
        .order_by(Consent.withdrawn_at.desc(), Consent.id.desc())
    )
    found = [Given(*row) for row in rows]
    standing = {item.purpose: item for item in found if item.withdrawn_at is None}
    return Ledger(standing, [item for item in found if item.withdrawn_at is not None])
