"""What webinars have beside other events: speakers, questions, what is left afterwards, registrations by e-mail."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cop.core.secrecy import random_word
from cop.models.base import Base, Encrypted, Id, word


class Speaker(Base):
    """Somebody who speaks at an event, in the order of the programme; in one part of its agenda if ``part_id`` says so.

    With an ``email`` they can be asked by a link, whose signature has ``public_id`` and ``generation``, to write about
    themselves and their talk (``abstract``), to send a photo (``photo``, a file by its content, with words for those
    who do not see it), and whether they may be recorded (``may_record``; None until they say).
    """

    __tablename__ = "speaker"
    __table_args__ = (
        Index("ix_speaker_event", "event_id", "position"),
        CheckConstraint("email = lower(email)", name="email_lower_case"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    position: Mapped[int]
    name: Mapped[str]
    role_title: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    timezone: Mapped[str | None]
    part_id: Mapped[int | None] = mapped_column(ForeignKey("part.id"), index=True)
    email: Mapped[str | None]
    abstract: Mapped[str] = mapped_column(default="")
    photo: Mapped[str | None] = mapped_column(ForeignKey("file.sha256"), index=True)
    photo_alt: Mapped[str] = mapped_column(default="")
    may_record: Mapped[bool | None]
    generation: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]


class LinkKind(StrEnum):
    RECORDING = "recording"
    RESOURCE = "resource"


class EventLink(Base):
    """A recording or a resource that an event leaves behind."""

    __tablename__ = "event_link"
    __table_args__ = (Index("ix_event_link_event", "event_id", "position"),)

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    kind: Mapped[LinkKind] = mapped_column(word(LinkKind))
    position: Mapped[int]
    title: Mapped[str]
    url: Mapped[str]
    added_at: Mapped[datetime]


class Registration(Base):
    """Somebody asked to come by e-mail, name and organisation; nobody is known and nothing booked until they confirm.

    ``wanted`` is ``{"event_ids": [...], "timezone": "Europe/London"}``. The link is signed over ``public_id``, and
    ``confirmed_at`` makes it good for one use.
    """

    __tablename__ = "registration"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower_case"),
        Index("ix_registration_email", "email", "asked_at"),
        Index("ix_registration_asked_from", "asked_from", "asked_at"),
        Index("ix_registration_expires_at", "expires_at"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    email: Mapped[str]
    name: Mapped[str]
    organisation_text: Mapped[str] = mapped_column(default="")
    needs: Mapped[str | None] = mapped_column(Encrypted)
    question: Mapped[str] = mapped_column(default="")
    wanted: Mapped[dict[str, Any]] = mapped_column(JSONB)
    asked_from: Mapped[str | None]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class AdvanceQuestion(Base):
    """What somebody who registered would like to be talked about. ``taken_at``: staff passed it on or answered it."""

    __tablename__ = "advance_question"
    __table_args__ = (Index("ix_advance_question_event", "event_id", "id"),)

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), unique=True)
    words: Mapped[str]
    asked_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
