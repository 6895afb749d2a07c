"""Writing to people: rules that hang on dates, announcements to audiences, who asked to be told, and consents."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Interval, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.core.secrecy import random_word
from cop.models.base import Base, Id, word
from cop.models.events import Event
from cop.models.programmes import Programme


class Anchor(StrEnum):
    """What a rule counts from: the first start or the last end of the parts that somebody holds, or of all for whoever
    holds none; or the last moment to answer: the close of a call or of booking, or the end of somebody's offer.
    """

    START = "start"
    END = "end"
    DEADLINE = "deadline"


class RuleAudience(StrEnum):
    """Whom a rule writes to, by how they stand when its moment comes."""

    BOOKED = "booked"
    ATTENDED = "attended"
    NO_SHOW = "no-show"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    SILENT = "silent"
    DRAFTING = "drafting"


class MessageRule(Base):
    """One message to everybody of an audience, ``after`` its anchor; it is before where ``after`` is negative.

    It moves with what it hangs on. Each person gets it once, under the outbox key ``rule:<rule>:<event>:<person>``.
    """

    __tablename__ = "message_rule"
    __table_args__ = (Index("ix_message_rule_active", "event_id", postgresql_where=text("active")),)

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    anchor: Mapped[Anchor] = mapped_column(word(Anchor))
    after: Mapped[timedelta] = mapped_column(Interval)
    audience: Mapped[RuleAudience] = mapped_column(word(RuleAudience))
    subject: Mapped[str]
    body: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    revision: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    event: Mapped[Event] = relationship(lazy="raise")


class AnnouncementState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    STOPPED = "stopped"
    SENT = "sent"


class Announcement(Base):
    """A letter to an audience. ``stage`` people get it each hour until everybody has; NULL: all at once.

    ``audience`` is in the shape that :mod:`cop.core.audiences` reads. Who got it is in the outbox, under the key
    ``announcement:<id>:<person>``. ``stage_at`` is when letters were last posted.
    """

    __tablename__ = "announcement"
    __table_args__ = (
        CheckConstraint("stage > 0", name="stage_positive"),
        CheckConstraint("state = 'draft' OR send_at IS NOT NULL", name="scheduled_for_some_time"),
        Index("ix_announcement_under_way", "send_at", postgresql_where=text("state IN ('scheduled', 'sending')")),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    subject: Mapped[str]
    body: Mapped[str]
    audience: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    state: Mapped[AnnouncementState] = mapped_column(word(AnnouncementState), default=AnnouncementState.DRAFT)
    send_at: Mapped[datetime | None]
    stage: Mapped[int | None]
    stage_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]

    programme: Mapped[Programme] = relationship(lazy="raise")


class Interest(Base):
    """Somebody wants to hear when the next round of a programme's course opens.

    An address is a request: once its owner has confirmed it by a link, it is a person. ``asked_from`` is a keyed digest
    of the network from which an address was typed, until then.
    """

    __tablename__ = "interest"
    __table_args__ = (
        CheckConstraint("num_nonnulls(person_id, address) = 1", name="one_who_asks"),
        CheckConstraint("address = lower(address)", name="address_lower_case"),
        Index(
            "uq_interest_person", "programme_id", "person_id", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index("uq_interest_address", "programme_id", "address", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_interest_asked_from", "asked_from", "asked_at"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    address: Mapped[str | None]
    generation: Mapped[int] = mapped_column(default=0)
    asked_from: Mapped[str | None]
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    programme: Mapped[Programme] = relationship(lazy="raise")


class Purpose(StrEnum):
    """What somebody can agree to, each by itself."""

    NEWS = "news"
    PHOTOGRAPHS = "photographs"
    DIRECTORY = "directory"
    QUOTES = "quotes"
    RESEARCH = "research"


class How(StrEnum):
    """How somebody said so."""

    FORM = "form"
    TELEPHONE = "telephone"
    PAPER = "paper"


class Consent(Base):
    """What somebody agreed to, in which words, when and how. It is never changed: withdrawing ends it."""

    __tablename__ = "consent"
    __table_args__ = (
        Index(
            "uq_consent_standing", "person_id", "purpose", unique=True, postgresql_where=text("withdrawn_at IS NULL")
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[Purpose] = mapped_column(word(Purpose))
    wording: Mapped[str]
    given_at: Mapped[datetime]
    how: Mapped[How] = mapped_column(word(How))
    noted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
