"""Who wants to hear of the next round, as they see it themselves."""

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, select
from sqlalchemy.orm import joinedload

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.telling import Interest

PURPOSE = "interest"
"""The purpose of links that confirm an address, and of those that leave the list again."""

LINK_LIVES = timedelta(hours=24)


class Stage(StrEnum):
    """Where somebody's wish to be told is; ``spent`` has waited too long for its owner."""

    WAITING = "waiting"
    SPENT = "spent"
    LISTED = "listed"
    LEFT = "left"


def stage_of(read: Reading, interest: Interest) -> Stage:
    if interest.ended_at is not None:
        return Stage.LEFT
    if interest.confirmed_at is not None:
        return Stage.LISTED
    return Stage.WAITING if read.now < interest.asked_at + LINK_LIVES else Stage.SPENT


def token_of(interest: Interest) -> str:
    return secrecy.sign(PURPOSE, interest.public_id, interest.generation)


def of_link(read: Reading, *, token: str) -> Interest:
    """What a mailed link stands for, with its programme; NotFound for one that is forged or was replaced."""
    public_id, generation = secrecy.read_signed(PURPOSE, token) or ("", 0)
    found = select(Interest).where(Interest.public_id == public_id, Interest.generation == generation)
    interest = read.session.scalars(found.options(joinedload(Interest.programme))).one_or_none()
    if interest is None:
        raise NotFound
    return interest


def of_person(read: Reading, *, programme_id: int, person_id: int | None) -> Interest | None:
    """Somebody's place on the list of a programme."""
    if person_id is None:
        return None
    live = (Interest.programme_id == programme_id, Interest.person_id == person_id, Interest.ended_at.is_(None))
    return read.session.scalars(select(Interest).where(*live)).one_or_none()


def is_interested(person: SQLColumnExpression[int], programme_id: int) -> ColumnElement[bool]:
    """Whether a person, as a column or a value, stands on the list of a programme."""
    return exists().where(
        Interest.person_id == person,
        Interest.programme_id == programme_id,
        Interest.confirmed_at.is_not(None),
        Interest.ended_at.is_(None),
    )
