"""The practice forum: spaces, topics, posts with their history, who follows what, and reports."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Computed, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.core.secrecy import random_word
from cop.models.accounts import Person
from cop.models.base import Base, Id, word
from cop.models.files import File
from cop.models.programmes import Programme

POST_MOST = 10_000
"""Characters of a post."""


class Audience(StrEnum):
    """Who gets into a space beside facilitators: alumni (of one course, where it names one), members, or nobody else.

    Members are the people of member organisations and all alumni of the programme.
    """

    ALUMNI = "alumni"
    MEMBERS = "members"
    FACILITATORS = "facilitators"


class Space(Base):
    """A room of the forum: for all alumni of the programme, (``cohort_id`` set) for those of one course,
    (``subgroup_id`` set too) for a sub-group of that course, or for another ``audience``.

    ``ready_made`` names the ready-made space that it began as, ``tag_id`` the theme that it is about. A space that is
    closed can be read, and nobody writes in it.
    """

    __tablename__ = "space"
    __table_args__ = (
        UniqueConstraint("slug"),
        CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="slug_is_words"),
        Index("ix_space_programme", "programme_id", "position"),
        CheckConstraint("subgroup_id IS NULL OR cohort_id IS NOT NULL", name="subgroup_of_a_course"),
        CheckConstraint("cohort_id IS NULL OR audience = 'alumni'", name="course_has_alumni"),
        UniqueConstraint("programme_id", "ready_made"),
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
    audience: Mapped[Audience] = mapped_column(word(Audience), default=Audience.ALUMNI)
    ready_made: Mapped[str | None]
    tag_id: Mapped[int | None] = mapped_column(ForeignKey("tag.id"), index=True)
    closed_at: Mapped[datetime | None]

    programme: Mapped[Programme] = relationship(lazy="raise")


class TopicKind(StrEnum):
    """What a topic is there for. A proposal asks for a webinar or a visit; offers and asks wait for each other."""

    TALK = "talk"
    QUESTION = "question"
    PROPOSAL = "proposal"
    OFFER = "offer"
    ASK = "ask"


class Topic(Base):
    """A question or a story with its replies; ``posts`` counts all that were ever written, so numbers never change.

    ``starter`` names the template that it began with. ``answer_number`` is the post that answered a question,
    ``settled_at`` when a proposal was decided, or an offer or ask was taken up or taken back. ``nudged_at`` is when a
    facilitator was told that it waits, ``asked_at`` when its author was asked whether a reply answered it. Posts of a
    topic that was merged stand in ``merged_into``; it is hidden as well, so that it is left out wherever those are.
    """

    __tablename__ = "topic"
    __table_args__ = (
        CheckConstraint("posts >= 0", name="posts_counted"),
        CheckConstraint("answer_number >= 1", name="answered_by_a_post"),
        CheckConstraint("merged_into <> id", name="merged_into_another"),
        Index("ix_topic_space_last", "space_id", "last_post_at", "id"),
        Index("ix_topic_pinned", "space_id", "pinned_at", postgresql_where=text("pinned_at IS NOT NULL")),
        Index(
            "ix_topic_unanswered",
            "space_id",
            "made_at",
            "id",
            postgresql_where=text(
                "kind = 'question' AND answer_number IS NULL AND hidden_at IS NULL AND merged_into IS NULL"
            ),
        ),
        Index(
            "ix_topic_waiting",
            "kind",
            "made_at",
            "id",
            postgresql_where=text("kind IN ('proposal', 'offer', 'ask') AND settled_at IS NULL"),
        ),
        Index("ix_topic_author", "author_id"),
        Index("ix_topic_hidden", "id", postgresql_where=text("hidden_at IS NOT NULL")),
        Index("ix_topic_words", "words", postgresql_using="gin"),
    )
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012  SQLAlchemy's own; nobody waits for the words

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
    kind: Mapped[TopicKind] = mapped_column(word(TopicKind), default=TopicKind.TALK)
    starter: Mapped[str] = mapped_column(default="")
    pinned_at: Mapped[datetime | None]
    answer_number: Mapped[int | None]
    answered_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    nudged_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("topic.id"), index=True)
    words: Mapped[str] = mapped_column(
        TSVECTOR, Computed("to_tsvector('english'::regconfig, title)", persisted=True), deferred=True
    )

    space: Mapped[Space] = relationship(lazy="raise")
    author: Mapped[Person] = relationship(lazy="raise", foreign_keys=[author_id])


class PostSource(StrEnum):
    WEB = "web"
    EMAIL = "e-mail"


class Post(Base):
    """One contribution, by its number within the topic from 1. ``html`` is drawn from ``body`` when it is written.

    Deleted by its author or hidden by a facilitator, it stays in its place, and its words stay with the record.
    ``helped`` and ``me_too`` count the reactions to it. A search looks through ``words``: those of ``body``, and the
    space as one more (``space=12``), so that one index tells what fits and who may see it. A trigger keeps them.
    """

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("topic_id", "number"),
        CheckConstraint("helped >= 0 AND me_too >= 0", name="reactions_counted"),
        CheckConstraint("number >= 1", name="numbered_from_one"),
        Index("ix_post_author", "author_id", "id"),
        Index("ix_post_words", "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012  SQLAlchemy's own; nobody waits for the words

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
    source: Mapped[PostSource] = mapped_column(word(PostSource), default=PostSource.WEB)
    helped: Mapped[int] = mapped_column(default=0)
    me_too: Mapped[int] = mapped_column(default=0)
    words: Mapped[str] = mapped_column(TSVECTOR, server_default=text("''"), deferred=True)

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


class ReactionKind(StrEnum):
    HELPED = "helped me"
    ME_TOO = "me too"


class Reaction(Base):
    """Somebody was helped by a post, or has the same question or story."""

    __tablename__ = "reaction"

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False, index=True)
    kind: Mapped[ReactionKind] = mapped_column(word(ReactionKind), primary_key=True)
    at: Mapped[datetime]


class Mention(Base):
    """A post names somebody who may read it."""

    __tablename__ = "mention"

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False, index=True)


class PostFile(Base):
    """A file that a post brings."""

    __tablename__ = "post_file"
    __table_args__ = (Index("ix_post_file_post", "post_id", "position"),)

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)
    name: Mapped[str]
    position: Mapped[int]
    added_at: Mapped[datetime]

    file: Mapped[File] = relationship(lazy="raise")


class TopicTag(Base):
    __tablename__ = "topic_tag"

    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"), primary_key=True, autoincrement=False)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True, autoincrement=False, index=True)


class TopicLink(Base):
    """What a topic is about: an event, a resource of the toolkit, or somebody's own plan."""

    __tablename__ = "topic_link"
    __table_args__ = (
        CheckConstraint("num_nonnulls(event_id, resource_id, commitment_id) = 1", name="of_one_thing"),
        UniqueConstraint("topic_id", "event_id", "resource_id", "commitment_id", postgresql_nulls_not_distinct=True),
    )

    id: Mapped[Id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"), index=True)
    commitment_id: Mapped[int | None] = mapped_column(ForeignKey("commitment.id"), index=True)


class ProposalOf(StrEnum):
    WEBINAR = "webinar"
    VISIT = "visit"


class Proposal(Base):
    """What a topic proposes, and what was decided: planned (with its event, when that is made), or not, and why."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint(
            "planned IS NOT NULL OR (event_id IS NULL AND decided_at IS NULL)", name="planned_by_a_decision"
        ),
    )

    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"), primary_key=True, autoincrement=False)
    of: Mapped[ProposalOf] = mapped_column(word(ProposalOf))
    planned: Mapped[bool | None]
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)
    answer: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class SpaceSeen(Base):
    """Somebody said that they have seen all that was written in a space until then."""

    __tablename__ = "space_seen"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"), primary_key=True, autoincrement=False)
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


class Act(StrEnum):
    """What facilitators do to keep order, and how it is taken back."""

    POST_HIDDEN = "post hidden"
    POST_SHOWN = "post shown"
    HIDDEN = "topic hidden"
    SHOWN = "topic shown"
    LOCKED = "topic locked"
    UNLOCKED = "topic unlocked"
    PINNED = "topic pinned"
    UNPINNED = "topic unpinned"
    MOVED = "topic moved"
    MOVED_BACK = "topic moved back"
    MERGED = "topics merged"
    PARTED = "topics parted"
    CLOSED = "space closed"
    REOPENED = "space reopened"


class ForumAct(Base):
    """One thing that was done in a space to keep order; rows are added, and never changed but for ``undone_at``.

    A topic was moved to ``space_id`` from ``other_space_id``. One that was merged is ``topic_id``, and went into
    ``other_topic_id``. ``posts`` is how many posts stood then in the topic that was moved, or in the one that took the
    others in: what can be taken back depends on it. ``undone_at`` is when it was.
    """

    __tablename__ = "forum_act"
    __table_args__ = (
        Index("ix_forum_act_at", "at", "id"),
        Index("ix_forum_act_topic", "topic_id", "id"),
        Index("ix_forum_act_post", "post_id", postgresql_where=text("post_id IS NOT NULL")),
    )

    id: Mapped[Id]
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    what: Mapped[Act] = mapped_column(word(Act))
    why: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    other_space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id"))
    other_topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    posts: Mapped[int | None]
    undone_at: Mapped[datetime | None]


class RulesAccepted(Base):
    """Somebody agreed to a version of the house rules of a programme's forum."""

    __tablename__ = "rules_accepted"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
