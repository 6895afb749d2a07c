"""The practice forum: spaces, topics, posts with their history, who follows what, and reports."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.core.secrecy import random_word
from cop.models.accounts import Person
from cop.models.base import Base, Id, word
from cop.models.programmes import Programme

TOPIC_WORDS = text("to_tsvector('english'::regconfig, title)")
POST_WORDS = text("to_tsvector('english'::regconfig, body)")
"""What a search of the forum looks through; index and query must say the same."""


class Space(Base):
    """A room of the forum: for all alumni of the programme, (``cohort_id`` set) for those of one course, or
    (``subgroup_id`` set too) for a sub-group of that course.
    """

    __tablename__ = "space"
    __table_args__ = (
        UniqueConstraint("slug"),
        CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="slug_is_words"),
        Index("ix_space_programme", "programme_id", "position"),
        CheckConstraint("subgroup_id IS NULL OR cohort_id IS NOT NULL", name="subgroup_of_a_course"),
        ForeignKeyConstraint(["subgroup_id", "cohort_id"], ["subgroup.id", "subgroup.event_id"]),
        Index(
            "uq_space_cohort",
            "cohort_id",
            unique=True,
            postgresql_where=text("cohort_id IS NOT NULL AND subgroup_id IS NULL"),
        ),
    )

    id: Mapped[Id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.event_id"))
    subgroup_id: Mapped[int | None] = mapped_column(unique=True)
    slug: Mapped[str]
    name: Mapped[str]
    about: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)

    programme: Mapped[Programme] = relationship(lazy="raise")


class Topic(Base):
    """A question or a story with its replies; ``posts`` counts all that were ever written, so numbers never change."""

    __tablename__ = "topic"
    __table_args__ = (
        CheckConstraint("posts >= 0", name="posts_counted"),
        Index("ix_topic_space_last", "space_id", "last_post_at", "id"),
        Index("ix_topic_author", "author_id"),
        Index("ix_topic_words", TOPIC_WORDS, postgresql_using="gin"),
    )

    id: Mapped[Id]
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    title: Mapped[str]
    slug: Mapped[str]
    posts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    last_post_at: Mapped[datetime]
    locked_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    hidden_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    hidden_why: Mapped[str] = mapped_column(default="")

    space: Mapped[Space] = relationship(lazy="raise")
    author: Mapped[Person] = relationship(lazy="raise", foreign_keys=[author_id])


class Post(Base):
    """One contribution, by its number within the topic from 1. ``html`` is drawn from ``body`` when it is written.

    Deleted by its author or hidden by a facilitator, it stays in its place, and its words stay with the record.
    """

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("topic_id", "number"),
        CheckConstraint("number >= 1", name="numbered_from_one"),
        Index("ix_post_author", "author_id", "id"),
        Index("ix_post_words", POST_WORDS, postgresql_using="gin"),
    )

    id: Mapped[Id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    number: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    body: Mapped[str]
    html: Mapped[str]
    revision: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    hidden_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    hidden_why: Mapped[str] = mapped_column(default="")

    topic: Mapped[Topic] = relationship(lazy="raise")
    author: Mapped[Person] = relationship(lazy="raise", foreign_keys=[author_id])


class PostVersion(Base):
    """What a post said before it was edited."""

    __tablename__ = "post_version"
    __table_args__ = (UniqueConstraint("post_id", "revision"),)

    id: Mapped[Id]
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    revision: Mapped[int]
    body: Mapped[str]
    until: Mapped[datetime]


class FollowLevel(StrEnum):
    FOLLOW = "follow"
    MUTE = "mute"


class Follow(Base):
    """What somebody wants to hear of by e-mail: one topic, or every new topic of a space."""

    __tablename__ = "follow"
    __table_args__ = (
        CheckConstraint("num_nonnulls(topic_id, space_id) = 1", name="of_one_thing"),
        UniqueConstraint("person_id", "topic_id"),
        UniqueConstraint("person_id", "space_id"),
        Index("ix_follow_topic", "topic_id", postgresql_where=text("level = 'follow'")),
        Index("ix_follow_space", "space_id", postgresql_where=text("level = 'follow'")),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id"))
    level: Mapped[FollowLevel] = mapped_column(word(FollowLevel))
    since: Mapped[datetime]


class ReportState(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Report(Base):
    """Somebody says that a post breaks the house rules; a facilitator looks at it."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("post_id", "reporter_id"),
        CheckConstraint("(state = 'open') = (handled_at IS NULL)", name="handled_at_some_time"),
        Index("ix_report_open", "id", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[Id]
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    reporter_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str]
    made_at: Mapped[datetime]
    state: Mapped[ReportState] = mapped_column(word(ReportState), default=ReportState.OPEN)
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(default="")


class RulesAccepted(Base):
    """Somebody agreed to a version of the house rules of a programme's forum."""

    __tablename__ = "rules_accepted"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
