"""Messages that were promised together with a change and are delivered after it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text, literal_column, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cop.models.base import Base, Id, word


class OutboxChannel(StrEnum):
    EMAIL = "email"
    TELL = "tell"


class OutboxClass(StrEnum):
    """``now`` answers an act within seconds; ``timely`` may go at any hour but never when useless; ``routine`` waits
    for a working hour and comes seldom.
    """

    NOW = "now"
    TIMELY = "timely"
    ROUTINE = "routine"


class OutboxState(StrEnum):
    PENDING = "pending"
    LEASED = "leased"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"


class Dropped(StrEnum):
    """Why a message was not sent after all; it stands in the place of an error."""

    TOO_LATE = "too late"
    POINTLESS = "pointless"
    TURNED_OFF = "turned off"
    UNREACHABLE = "unreachable"


MAY_COME_AGAIN = (Dropped.POINTLESS, Dropped.TOO_LATE)
"""Why a message was dropped that is worth sending when its time comes again."""

OFFER_LETTER = "place_offered"
"""The message of an offer. The time to answer begins with it, or when staff have told whom no mail reaches."""


class MailTopic(StrEnum):
    """What somebody can turn off. Messages of no topic are necessary: they answer an act, or change what was agreed."""

    REMINDERS = "reminders"
    SURVEYS = "surveys"
    NOTES = "notes"
    FORUM = "forum"
    TOOLKIT = "toolkit"
    NEWS = "news"


TOPICS: Mapping[str, MailTopic] = {
    "reminder": MailTopic.REMINDERS,
    "invitation_reminder": MailTopic.REMINDERS,
    "application_closing_soon": MailTopic.REMINDERS,
    "survey_invitation": MailTopic.SURVEYS,
    "survey_reminder": MailTopic.SURVEYS,
    "plan_check": MailTopic.SURVEYS,
    "action_check": MailTopic.SURVEYS,
    "pledge_check": MailTopic.SURVEYS,
    "rating_invitation": MailTopic.SURVEYS,
    "visit_missed": MailTopic.NOTES,
    "event_reminder": MailTopic.REMINDERS,
    "event_note": MailTopic.NOTES,
    "forum_news": MailTopic.FORUM,
    "forum_post": MailTopic.FORUM,
    "forum_answered": MailTopic.FORUM,
    "forum_match": MailTopic.FORUM,
    "resource_used": MailTopic.TOOLKIT,
    "resource_changed": MailTopic.TOOLKIT,
    "announcement": MailTopic.NEWS,
}
"""The topic of each message that has one."""

AT_THEIR_PACE = frozenset({"forum_news"})
"""Routine messages that come as often as their recipient chose: they wait for working hours and for no other mail, and
no other mail waits for them.
"""


IS_ANNOUNCEMENT = text("template = 'announcement'")
ANNOUNCEMENT_ID = literal_column("(params ->> 'announcement_id'::text)", Text)
"""Letters of an announcement and which one; index and query must say the same."""

IS_OF_A_RULE = text("template IN ('event_reminder', 'event_note')")
RULE_ID = literal_column("(params ->> 'rule_id'::text)", Text)
"""Messages that rules sent and which one; index and query must say the same."""


class Outbox(Base):
    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("num_nonnulls(person_id, address) = 1", name="one_recipient"),
        Index(
            "ix_outbox_due",
            "class",
            "due_at",
            "id",
            postgresql_where=text("state IN ('pending', 'leased') AND channel = 'email'"),
        ),
        Index("ix_outbox_person", "person_id", "id"),
        Index("ix_outbox_address", "address", postgresql_where=text("address IS NOT NULL")),
        Index("ix_outbox_state", "state", "id"),
        Index(
            "ix_outbox_routine_sent",
            "person_id",
            "sent_at",
            postgresql_where=text("class = 'routine' AND state = 'sent'"),
        ),
        Index("ix_outbox_rule", RULE_ID, "person_id", postgresql_where=IS_OF_A_RULE),
        Index("ix_outbox_announcement", ANNOUNCEMENT_ID, "person_id", postgresql_where=IS_ANNOUNCEMENT),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    address: Mapped[str | None]
    channel: Mapped[OutboxChannel] = mapped_column(word(OutboxChannel))
    urgency: Mapped[OutboxClass] = mapped_column("class", word(OutboxClass))
    template: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    posted_at: Mapped[datetime]
    due_at: Mapped[datetime]
    useless_after: Mapped[datetime | None]
    state: Mapped[OutboxState] = mapped_column(word(OutboxState), default=OutboxState.PENDING)
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    last_error: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    message_id: Mapped[str] = mapped_column(unique=True)


class Preference(Base):
    """Whether somebody wants mail of one topic. Without a row they do: leaving is one press, and so is coming back."""

    __tablename__ = "preference"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    topic: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[bool]
    changed_at: Mapped[datetime]


class Bounce(Base):
    """A mail server said that it could not deliver. While a hard one stands, nothing more is sent there."""

    __tablename__ = "bounce"
    __table_args__ = (
        CheckConstraint("address = lower(address)", name="address_lower_case"),
        Index("ix_bounce_standing", "address", postgresql_where=text("hard AND lifted_at IS NULL")),
    )

    id: Mapped[Id]
    address: Mapped[str]
    hard: Mapped[bool]
    status: Mapped[str] = mapped_column(default="")
    diagnostic: Mapped[str] = mapped_column(default="")
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="SET NULL"), index=True)
    report_id: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
