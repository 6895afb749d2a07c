"""What facilitators keep for the people of an event: notes, sub-groups, and records of attendance."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cop.models.base import Base, Encrypted, Id


class RosterNote(Base):
    """What a facilitator wrote down about somebody on the roster, for the staff of the event only."""

    __tablename__ = "roster_note"
    __table_args__ = (Index("ix_roster_note_event_person", "event_id", "person_id", "id"),)

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    body: Mapped[str] = mapped_column(Encrypted)
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Subgroup(Base):
    """Some of the people on a roster who work together."""

    __tablename__ = "subgroup"
    __table_args__ = (UniqueConstraint("event_id", "name"), UniqueConstraint("id", "event_id"))

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    name: Mapped[str]


class SubgroupMember(Base):
    """Somebody is in one sub-group of an event at most."""

    __tablename__ = "subgroup_member"
    __table_args__ = (ForeignKeyConstraint(["subgroup_id", "event_id"], ["subgroup.id", "subgroup.event_id"]),)

    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False, index=True)
    subgroup_id: Mapped[int] = mapped_column(index=True)


class AttendanceRecord(Base):
    """The paper that says what somebody took part in; whoever has its ``code`` can ask whether it is true."""

    __tablename__ = "attendance_record"
    __table_args__ = (Index("ix_attendance_record_event_person", "event_id", "person_id"),)

    code: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    issued_at: Mapped[datetime]
