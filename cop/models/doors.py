"""The door: codes for checking oneself in, and what telephones noted while they had no connection."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from cop.models.base import Base, Id, word
from cop.models.events import Attendance


class DoorCode(Base):
    """A short code on a slide, good for one part and for a while; whoever booked checks themselves in with it."""

    __tablename__ = "door_code"
    __table_args__ = (
        CheckConstraint("opens_at < closes_at", name="opens_before_it_closes"),
        Index("ix_door_code_part", "part_id", "id"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class DoorTry(Base):
    """One attempt to check in with a code by an e-mail address, so that nobody tries addresses without end."""

    __tablename__ = "door_try"
    __table_args__ = (Index("ix_door_try_asked_from", "asked_from", "at"),)

    id: Mapped[Id]
    code_id: Mapped[int] = mapped_column(ForeignKey("door_code.id"))
    asked_from: Mapped[str]
    at: Mapped[datetime]


class Synced(StrEnum):
    """What came of a press that arrived late."""

    MARKED = "marked"
    KNOWN = "known"
    OLDER = "older"
    REFUSED = "refused"


class DoorPress(Base):
    """One press at the door by the telephone's own count, so that one that is sent twice counts once.

    ``pressed_at`` is what the telephone says, ``arrived_at`` when it reached the service. ``status`` is empty where a
    mark was taken back.
    """

    __tablename__ = "door_press"
    __table_args__ = (Index("ix_door_press_part", "part_id", "seat_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    status: Mapped[Attendance | None] = mapped_column(word(Attendance))
    pressed_at: Mapped[datetime]
    arrived_at: Mapped[datetime]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[Synced] = mapped_column(word(Synced))
