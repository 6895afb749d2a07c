"""What visits have beside events: who hosts which slot, and days on which nobody can be received."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.models.accounts import Person
from cop.models.base import Base, Id
from cop.models.events import Part


class SlotHost(Base):
    """Somebody who was asked to receive the visitors of one slot; ``accepted`` is empty until they answer."""

    __tablename__ = "slot_host"
    __table_args__ = (UniqueConstraint("part_id", "person_id"), Index("ix_slot_host_person", "person_id"))

    id: Mapped[Id]
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    accepted: Mapped[bool | None]
    answered_at: Mapped[datetime | None]

    part: Mapped[Part] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])


class Blackout(Base):
    """Days from first to last, both included, on which no slot is planned: of one visit, or of a whole programme."""

    __tablename__ = "blackout"
    __table_args__ = (
        CheckConstraint("first_on <= last_on", name="ends_after_it_begins"),
        Index("ix_blackout_programme", "programme_id", "last_on"),
    )

    id: Mapped[Id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
    added_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
