"""What other services reported of who came: files read, the people in them, and when each was there."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cop.core.secrecy import random_word
from cop.models.base import Base, Encrypted, Id, word


class ReportKind(StrEnum):
    TEAMS = "teams"
    ZOOM_WEBINAR = "zoom webinar"
    ZOOM_MEETING = "zoom meeting"
    EVENTBRITE = "eventbrite"
    TABLE = "table"


class ImportState(StrEnum):
    """A draft has marked nobody; what was taken back has its marks superseded."""

    DRAFT = "draft"
    APPLIED = "applied"
    TAKEN_BACK = "taken back"


class Match(StrEnum):
    """How somebody in a report was found among those who booked."""

    EMAIL = "email"
    NAME = "name"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


class AttendanceImport(Base):
    """One report of one part. ``sha256`` knows the same file again; the file itself is not kept.

    ``met_from`` and ``met_until`` are the meeting's own times, where the report has them.
    """

    __tablename__ = "attendance_import"
    __table_args__ = (
        CheckConstraint("(state = 'draft') = (applied_at IS NULL)", name="applied_at_some_time"),
        Index(
            "uq_attendance_import_applied", "part_id", "sha256", unique=True, postgresql_where=text("state = 'applied'")
        ),
        Index("ix_attendance_import_part", "part_id", "id"),
        Index("ix_attendance_import_drafts", "made_at", postgresql_where=text("state = 'draft'")),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"))
    sha256: Mapped[str]
    filename: Mapped[str]
    kind: Mapped[ReportKind] = mapped_column(word(ReportKind))
    met_from: Mapped[datetime | None]
    met_until: Mapped[datetime | None]
    state: Mapped[ImportState] = mapped_column(word(ImportState), default=ImportState.DRAFT)
    revision: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    applied_at: Mapped[datetime | None]


class ReportedPerson(Base):
    """One human of a report, rejoins merged. ``line`` is the first in the file that speaks of them, from 1.

    ``skipped`` says why they are none of those who attended: an organiser, a host, a telephone number, or that somebody
    left them out. ``also`` are other names that the report has for them, one a line. ``minutes`` is what the report
    says where it has no intervals. ``seat_id`` is whom they turned out to be; ``decided_by`` says who found that out,
    and is empty where the address did. Who was decided about and has no seat came without a booking.
    """

    __tablename__ = "reported_person"
    __table_args__ = (
        Index("ix_reported_person_import", "import_id", "line"),
        Index("ix_reported_person_seat", "seat_id", postgresql_where=text("seat_id IS NOT NULL")),
        CheckConstraint("line > 0", name="line_from_one"),
    )

    id: Mapped[Id]
    import_id: Mapped[int] = mapped_column(ForeignKey("attendance_import.id"))
    line: Mapped[int]
    name: Mapped[str | None] = mapped_column(Encrypted)
    email: Mapped[str | None] = mapped_column(Encrypted)
    also: Mapped[str | None] = mapped_column(Encrypted)
    organisation_text: Mapped[str] = mapped_column(default="")
    came: Mapped[bool]
    minutes: Mapped[int | None]
    skipped: Mapped[str] = mapped_column(default="")
    match: Mapped[Match] = mapped_column(word(Match), default=Match.NONE)
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]


class ReportedInterval(Base):
    """From when until when somebody was in the meeting; kept, so that a second report of it adds up."""

    __tablename__ = "reported_interval"
    __table_args__ = (
        CheckConstraint("joined_at <= left_at", name="joined_before_leaving"),
        Index("ix_reported_interval_person", "reported_person_id"),
    )

    id: Mapped[Id]
    reported_person_id: Mapped[int] = mapped_column(ForeignKey("reported_person.id"))
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime]
