"""Invitations: who was asked to come, by a personal link, and what they answered."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.core.secrecy import random_word
from cop.models.accounts import Person
from cop.models.base import Base, Id, word
from cop.models.events import Event


class Answer(StrEnum):
    """An answer to an invitation; only ``yes`` makes a booking."""

    NONE = "none"
    YES = "yes"
    NO = "no"
    TENTATIVE = "tentative"


class Invitation(Base):
    """One person invited to one event. Raising ``generation`` makes the links that were mailed worthless."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id"),
        CheckConstraint("(response = 'none') = (answered_at IS NULL)", name="answered_at_some_time"),
        Index("ix_invitation_person", "person_id"),
        Index("ix_invitation_event_response", "event_id", "response", "id"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    response: Mapped[Answer] = mapped_column(word(Answer), default=Answer.NONE)
    generation: Mapped[int] = mapped_column(default=0)
    invited_at: Mapped[datetime]
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])
