"""How far organisations got with co-operative ways of working, in their own words, and stories of what changed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cop.core.secrecy import random_word
from cop.models.base import Base, Id, word

STORY_WORDS = text(
    "to_tsvector('english'::regconfig, (((((((((title || ' '::text) || activity) || ' '::text) || insight)"
    " || ' '::text) || application) || ' '::text) || result) || ' '::text) || change)"
)
"""What a search looks through for stories; index and query must say the same."""


TITLE_MOST = 120
STEP_MOST = 3_000
WHY_MOST = 500
EXAMPLE_MOST = 1_000
"""Characters in the title of a story, in one of its steps, in the reason why one is hidden, and in an example."""


class RatingWave(StrEnum):
    BASELINE = "baseline"
    FOLLOW_UP = "follow-up"


class SelfRating(Base):
    """How an organisation rates itself on the ten principles, once at the beginning and once later.

    ``answers``: ``{slug of the principle: {"level": 1 to 5, "example": words}}``. ``done_at`` is when its lead said
    that it is complete.
    """

    __tablename__ = "self_rating"
    __table_args__ = (UniqueConstraint("organisation_id", "programme_id", "wave"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    wave: Mapped[RatingWave] = mapped_column(word(RatingWave))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    revision: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class StoryConsent(StrEnum):
    """Who may read a story: its teller alone, the network, or everybody; and with the teller's name or without."""

    PRIVATE = "private"
    NETWORK = "network"
    PUBLIC = "public"


class Story(Base):
    """From an activity to what changed, in five steps. Without a name it stands without the organisation too."""

    __tablename__ = "story"
    __table_args__ = (
        CheckConstraint("told_at IS NOT NULL OR consent = 'private'", name="told_before_shown"),
        Index("ix_story_person", "person_id", "id"),
        Index("ix_story_words", STORY_WORDS, postgresql_using="gin"),
        Index("ix_story_told", "programme_id", "told_at", "id", postgresql_where=text("told_at IS NOT NULL")),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    title: Mapped[str]
    activity: Mapped[str] = mapped_column(default="")
    insight: Mapped[str] = mapped_column(default="")
    application: Mapped[str] = mapped_column(default="")
    result: Mapped[str] = mapped_column(default="")
    change: Mapped[str] = mapped_column(default="")
    consent: Mapped[StoryConsent] = mapped_column(word(StoryConsent), default=StoryConsent.PRIVATE)
    named: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    hidden_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    hidden_why: Mapped[str] = mapped_column(default="")


class StoryLink(Base):
    """What a story came from: an event, a resource, a topic or a promise."""

    __tablename__ = "story_link"
    __table_args__ = (
        CheckConstraint("num_nonnulls(event_id, resource_id, topic_id, commitment_id) = 1", name="of_one_thing"),
        UniqueConstraint(
            "story_id", "event_id", "resource_id", "topic_id", "commitment_id", postgresql_nulls_not_distinct=True
        ),
    )

    id: Mapped[Id]
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"), index=True)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"), index=True)
    commitment_id: Mapped[int | None] = mapped_column(ForeignKey("commitment.id"), index=True)
