"""The rights of the people in it: notices, requests with their clocks, what was erased, how long things are kept."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cop.core.secrecy import random_word
from cop.models.base import Base, Encrypted, Id, word


class Notice(Base):
    """One version of the privacy notice for one place of the service, such as a form; a new wording is a new version.

    ``summary`` is what stands beside the form, ``body`` (Markdown) the layer behind it.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("place", "version"),
        CheckConstraint("place ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="place_is_words"),
    )

    id: Mapped[Id]
    place: Mapped[str]
    version: Mapped[int]
    summary: Mapped[str]
    body: Mapped[str]
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class RequestKind(StrEnum):
    """What somebody may ask for by law."""

    ACCESS = "access"
    CORRECTION = "correction"
    ERASURE = "erasure"
    OBJECTION = "objection"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    COMPLAINT = "complaint"


class RequestWay(StrEnum):
    """How a request came."""

    ACCOUNT = "account"
    FORM = "form"
    EMAIL = "email"
    PHONE = "phone"
    LETTER = "letter"
    IN_PERSON = "in person"


class StoppedFor(StrEnum):
    """What the clock of a request waits for."""

    CLARIFICATION = "clarification"
    IDENTITY = "identity"


class RequestState(StrEnum):
    OPEN = "open"
    STOPPED = "stopped"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class PrivacyRequest(Base):
    """What somebody asked for or complains of, with the day by which it is due.

    Who has no record here gives a name and how to reach them: by ``email``, or in another way (``contact``).
    ``acknowledge_by`` is for complaints. ``due_on`` moves by the days on which the clock stood still
    (``stopped_days``, once it goes on) and may be put off once. ``asked_from`` and
    ``asked_as`` are keyed digests of a network's address and of an e-mail address, for a day.
    """

    __tablename__ = "privacy_request"
    __table_args__ = (
        CheckConstraint("person_id IS NOT NULL OR name IS NOT NULL", name="from_somebody"),
        CheckConstraint("(state = 'stopped') = (stopped_on IS NOT NULL)", name="stopped_on_a_day"),
        CheckConstraint("(stopped_on IS NULL) = (stopped_for IS NULL)", name="stopped_for_a_reason"),
        CheckConstraint("(state IN ('open', 'stopped')) = (closed_at IS NULL)", name="closed_once_ended"),
        Index(
            "ix_privacy_request_asked_from",
            "asked_from",
            "received_at",
            postgresql_where=text("asked_from IS NOT NULL"),
        ),
        Index(
            "ix_privacy_request_asked_as",
            "asked_as",
            "received_at",
            postgresql_where=text("asked_as IS NOT NULL"),
        ),
        Index("ix_privacy_request_open", "due_on", "id", postgresql_where=text("state IN ('open', 'stopped')")),
        Index("ix_privacy_request_received", "received_at", "id"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    kind: Mapped[RequestKind] = mapped_column(word(RequestKind))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str | None] = mapped_column(Encrypted)
    email: Mapped[str | None] = mapped_column(Encrypted)
    contact: Mapped[str | None] = mapped_column(Encrypted)
    came_by: Mapped[RequestWay] = mapped_column(word(RequestWay))
    asked_from: Mapped[str | None]
    asked_as: Mapped[str | None]
    asked_for: Mapped[str] = mapped_column(Encrypted)
    received_at: Mapped[datetime]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    acknowledge_by: Mapped[date | None]
    acknowledged_at: Mapped[datetime | None]
    due_on: Mapped[date]
    stopped_on: Mapped[date | None]
    stopped_for: Mapped[StoppedFor | None] = mapped_column(word(StoppedFor))
    stopped_days: Mapped[int] = mapped_column(default=0)
    extended_on: Mapped[date | None]
    state: Mapped[RequestState] = mapped_column(word(RequestState), default=RequestState.OPEN)
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str | None] = mapped_column(Encrypted)
    closed_at: Mapped[datetime | None]


class StepKind(StrEnum):
    """What was done about a request."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    GIVEN = "given"
    STOPPED = "stopped"
    RESUMED = "resumed"
    EXTENDED = "extended"
    NOTED = "noted"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RequestStep(Base):
    """One step of dealing with a request; append-only."""

    __tablename__ = "privacy_request_step"
    __table_args__ = (Index("ix_privacy_request_step_request", "request_id", "id"),)

    id: Mapped[Id]
    request_id: Mapped[int] = mapped_column(ForeignKey("privacy_request.id"))
    at: Mapped[datetime]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    what: Mapped[StepKind] = mapped_column(word(StepKind))
    note: Mapped[str | None] = mapped_column(Encrypted)


class Erasure(Base):
    """That a person was erased, at whose wish, and what was removed, made nameless and left: in counts."""

    __tablename__ = "erasure"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("privacy_request.id"), index=True)
    at: Mapped[datetime]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    effects: Mapped[dict[str, Any]] = mapped_column(JSONB)


class RetentionRule(Base):
    """For how many days one kind of data is kept, where staff chose otherwise than the service's own default."""

    __tablename__ = "retention_rule"
    __table_args__ = (CheckConstraint("days > 0", name="days_positive"),)

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(unique=True)
    days: Mapped[int]
    why: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class RetentionRun(Base):
    """How many rows of each kind one run removed, and of which kinds it could not; a run without any leaves no row."""

    __tablename__ = "retention_run"
    __table_args__ = (Index("ix_retention_run_at", "at"),)

    id: Mapped[Id]
    at: Mapped[datetime]
    removed: Mapped[dict[str, Any]] = mapped_column(JSONB)
    failed: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)


class BreachRisk(StrEnum):
    """How likely it is that somebody comes to harm: a risk is reported to the ICO, of a high one people are told."""

    UNLIKELY = "unlikely"
    RISK = "risk"
    HIGH = "high"


class Breach(Base):
    """Personal data that got lost, out, or wrong: the log that the law asks for, with its 72 hours."""

    __tablename__ = "breach"
    __table_args__ = (Index("ix_breach_noticed", "noticed_at", "id"),)

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    happened_at: Mapped[datetime | None]
    noticed_at: Mapped[datetime]
    what: Mapped[str]
    effects: Mapped[str] = mapped_column(default="")
    measures: Mapped[str] = mapped_column(default="")
    people: Mapped[int | None]
    risk: Mapped[BreachRisk | None] = mapped_column(word(BreachRisk))
    why_risk: Mapped[str] = mapped_column(default="")
    reported_at: Mapped[datetime | None]
    why_not_reported: Mapped[str] = mapped_column(default="")
    people_told_at: Mapped[datetime | None]
    why_not_told: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Processing(Base):
    """One entry of the records of processing: what for, on which basis, whose data, who gets them, how long.

    ``code`` names entries that came ready-made.
    """

    __tablename__ = "processing"

    id: Mapped[Id]
    code: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str]
    basis: Mapped[str]
    people: Mapped[str]
    data: Mapped[str]
    recipients: Mapped[str] = mapped_column(default="")
    transfers: Mapped[str] = mapped_column(default="")
    kept: Mapped[str] = mapped_column(default="")
    safeguards: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    reviewed_on: Mapped[date | None]
    review_on: Mapped[date | None]
    retired_at: Mapped[datetime | None]
