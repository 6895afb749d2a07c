"""Who sits at which table in which round, and what the tables wrote down."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cop.models.base import Base, Id, word


class SeatingPlan(Base):
    """The tables of one event. ``tables`` is ``[{"name": "Table 1", "seats": 8}, ...]``.

    ``computed_at`` is when everybody was seated last. Since ``published_at`` those who come see where they sit.
    ``revision`` rises with every change of tables, rules and places.
    """

    __tablename__ = "seating_plan"
    __table_args__ = (CheckConstraint("rounds BETWEEN 1 AND 6", name="rounds_sensible"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True, autoincrement=False)
    tables: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    rounds: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=0)
    computed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]


class Place(Base):
    """One seat at one table for one round; tables and rounds are counted from 0. ``pinned`` places stay when everybody
    else is seated anew.
    """

    __tablename__ = "seating_place"
    __table_args__ = (CheckConstraint("round >= 0 AND table_number >= 0", name="counted_from_zero"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("seating_plan.event_id"), primary_key=True, autoincrement=False)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seat_id: Mapped[int] = mapped_column(
        ForeignKey("seat.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    table_number: Mapped[int]
    pinned: Mapped[bool] = mapped_column(default=False)


class Company(StrEnum):
    APART = "apart"
    TOGETHER = "together"


class SeatingRule(Base):
    """Two people who are to sit together, or never at one table."""

    __tablename__ = "seating_rule"
    __table_args__ = (
        UniqueConstraint("event_id", "first_seat_id", "second_seat_id"),
        CheckConstraint("first_seat_id < second_seat_id", name="two_seats_in_order"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    company: Mapped[Company] = mapped_column(word(Company))
    first_seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id", ondelete="CASCADE"))
    second_seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id", ondelete="CASCADE"))


class TableNote(Base):
    """What one table wrote down in one round. ``revision`` rises with every change."""

    __tablename__ = "table_note"
    __table_args__ = (Index("uq_table_note", "event_id", "round", "table_number", unique=True),)

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    round: Mapped[int]
    table_number: Mapped[int]
    words: Mapped[str]
    revision: Mapped[int] = mapped_column(default=0)
    written_at: Mapped[datetime]
    written_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
