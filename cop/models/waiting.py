"""The waiting list: who would like a place where none is free, in the order in which they asked."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.core.secrecy import random_word
from cop.models.accounts import Person, Sector
from cop.models.base import Base, Id, word
from cop.models.events import BookingSource, Event, Part
from cop.models.organisations import Membership, Organisation


class WaitingState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    BOOKED = "booked"
    LEFT = "left"
    LAPSED = "lapsed"


class Waiting(Base):
    """One party in the queue of an event; ``id`` is the order.

    Of an event where one part is chosen, any of ``parts`` will do; of others, they are wanted together.
    With ``split_ok`` they take fewer places than ``party_size`` and go on waiting for the rest.
    """

    __tablename__ = "waiting"
    __table_args__ = (
        CheckConstraint("party_size > 0", name="party_of_somebody"),
        CheckConstraint("(state IN ('waiting', 'offered')) = (ended_at IS NULL)", name="ended_unless_live"),
        Index(
            "uq_waiting_one_live_per_person",
            "event_id",
            "person_id",
            unique=True,
            postgresql_where=text("state IN ('waiting', 'offered')"),
        ),
        Index("ix_waiting_queue", "event_id", "id", postgresql_where=text("state = 'waiting'")),
        Index("ix_waiting_event", "event_id", "id"),
        Index("ix_waiting_person", "person_id", "id"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    party_size: Mapped[int]
    split_ok: Mapped[bool] = mapped_column(default=False)
    state: Mapped[WaitingState] = mapped_column(word(WaitingState), default=WaitingState.WAITING)
    source: Mapped[BookingSource] = mapped_column(word(BookingSource), default=BookingSource.SELF)
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    joined_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    sector: Mapped[Sector | None] = mapped_column(word(Sector))
    membership: Mapped[Membership | None] = mapped_column(word(Membership))
    newer_member: Mapped[bool | None]

    event: Mapped[Event] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])
    organisation: Mapped[Organisation | None] = relationship(lazy="raise")
    parts: Mapped[list[Part]] = relationship(
        secondary="waiting_part", lazy="raise", order_by="Part.starts_at, Part.id", viewonly=True
    )


class WaitingPart(Base):
    """A part that somebody waits for."""

    __tablename__ = "waiting_part"
    __table_args__ = (Index("ix_waiting_part_part", "part_id"),)

    waiting_id: Mapped[int] = mapped_column(ForeignKey("waiting.id"), primary_key=True, autoincrement=False)
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), primary_key=True, autoincrement=False)
