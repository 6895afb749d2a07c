"""Answers that people give in their own calendar."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cop.models.base import Base, Encrypted, Id, word


class Participation(StrEnum):
    """The words of RFC 5545, PARTSTAT, that an answer can have."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"


class ReplyState(StrEnum):
    """``waiting`` is for staff to decide; ``old`` was about something that has changed since."""

    APPLIED = "applied"
    WAITING = "waiting"
    OLD = "old"
    REFUSED = "refused"


class CalendarReply(Base):
    """One answer that came by mail, known again by its Message-ID; ``reason`` says in one word why it was not applied.

    The addresses are the sender's and the one of the ATTENDEE, as the message has them. ``stamped_at`` is when it was
    given, by the clock of the calendar that sent it; ``proposes`` is another beginning that the answer asks for.
    """

    __tablename__ = "calendar_reply"
    __table_args__ = (
        Index("ix_calendar_reply_waiting", "id", postgresql_where=text("state = 'waiting'")),
        Index("ix_calendar_reply_booking", "booking_id"),
        Index("ix_calendar_reply_uid", "uid"),
    )

    id: Mapped[Id]
    message_id: Mapped[str] = mapped_column(unique=True)
    uid: Mapped[UUID | None]
    sequence: Mapped[int | None]
    participation: Mapped[Participation] = mapped_column(word(Participation))
    sender: Mapped[str | None] = mapped_column(Encrypted)
    attendee: Mapped[str | None] = mapped_column(Encrypted)
    stamped_at: Mapped[datetime | None]
    proposes: Mapped[datetime | None]
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"))
    state: Mapped[ReplyState] = mapped_column(word(ReplyState))
    reason: Mapped[str] = mapped_column(default="")
    came_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
