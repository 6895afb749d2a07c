"""The toolkit: resources in versions, what stands in them, and what people say of their use."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.core.secrecy import random_word
from cop.models.accounts import Sector
from cop.models.base import Base, Id, word
from cop.models.events import Event
from cop.models.files import File
from cop.models.organisations import Organisation
from cop.models.programmes import Programme

RESOURCE_WORDS = text(
    "to_tsvector('english'::regconfig, (((((title || ' '::text) || summary) || ' '::text) || place) || ' '::text)"
    " || result)"
)
ITEM_WORDS = text("to_tsvector('english'::regconfig, (title || ' '::text) || body)")
"""What a search of the toolkit looks through; index and query must say the same."""


class ResourceState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ResourceAudience(StrEnum):
    """Everybody, the people of member organisations and alumni, or the alumni of one course."""

    PUBLIC = "public"
    MEMBERS = "members"
    COHORT = "cohort"


class ItemKind(StrEnum):
    GUIDE = "guide"
    TOOL = "tool"
    TEMPLATE = "template"
    RECORDING = "recording"
    CASE_STUDY = "case study"
    REPORT = "report"


class Accessible(StrEnum):
    """What is known of a file: whether people can use it with whatever they use to read."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNKNOWN = "not checked"


class Resource(Base):
    """Something that councils can use, as a bundle of items; ``version`` is the published one, 0 before the first.

    ``licence`` is a code of ``cop.queries.toolkit``. ``source`` and ``year`` say where it comes from if not from the
    network itself. ``review_on`` is the day by which its owner looks whether it still holds; ``reminded_on`` the last
    such day of which they were reminded.
    """

    __tablename__ = "resource"
    __table_args__ = (
        UniqueConstraint("slug"),
        CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="slug_is_words"),
        CheckConstraint("(audience = 'cohort') = (cohort_id IS NOT NULL)", name="course_of_its_audience"),
        CheckConstraint("state = 'draft' OR version >= 1", name="published_in_a_version"),
        Index("ix_resource_programme", "programme_id", "state", "title"),
        Index("ix_resource_published", "published_at", "id", postgresql_where=text("state = 'published'")),
        Index("ix_resource_words", RESOURCE_WORDS, postgresql_using="gin"),
    )

    id: Mapped[Id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    slug: Mapped[str]
    title: Mapped[str]
    summary: Mapped[str]
    kind: Mapped[ItemKind] = mapped_column(word(ItemKind))
    audience: Mapped[ResourceAudience] = mapped_column(word(ResourceAudience), default=ResourceAudience.PUBLIC)
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.event_id"), index=True)
    state: Mapped[ResourceState] = mapped_column(word(ResourceState), default=ResourceState.DRAFT)
    version: Mapped[int] = mapped_column(default=0)
    licence: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)
    place: Mapped[str] = mapped_column(default="")
    sector: Mapped[str] = mapped_column(default="")
    result: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    year: Mapped[int | None]
    review_on: Mapped[date | None]
    reminded_on: Mapped[date | None]
    revision: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]

    programme: Mapped[Programme] = relationship(lazy="raise")
    organisation: Mapped[Organisation | None] = relationship(lazy="raise")
    event: Mapped[Event | None] = relationship(lazy="raise")


class ResourceVersion(Base):
    """One state of a resource's items. A published one never changes: the next one is made instead."""

    __tablename__ = "resource_version"
    __table_args__ = (
        UniqueConstraint("resource_id", "number"),
        Index("uq_resource_version_draft", "resource_id", unique=True, postgresql_where=text("published_at IS NULL")),
    )

    id: Mapped[Id]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    number: Mapped[int]
    changes: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    resource: Mapped[Resource] = relationship(lazy="raise")


class ResourceItem(Base):
    """A file, an address elsewhere, or words that are read on the page (``html`` is drawn from ``body``).

    ``accessible_note`` says what somebody may stumble over. ``failures`` counts the checks in a row in which the
    address did not answer.
    """

    __tablename__ = "resource_item"
    __table_args__ = (
        CheckConstraint("num_nonnulls(sha256, url) <= 1", name="file_or_address"),
        CheckConstraint("sha256 IS NOT NULL OR url IS NOT NULL OR body <> ''", name="of_something"),
        Index("ix_resource_item_version", "version_id", "position"),
        Index("ix_resource_item_url", "checked_at", "id", postgresql_where=text("url IS NOT NULL")),
        Index("ix_resource_item_words", ITEM_WORDS, postgresql_using="gin"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    version_id: Mapped[int] = mapped_column(ForeignKey("resource_version.id"))
    kind: Mapped[ItemKind] = mapped_column(word(ItemKind))
    position: Mapped[int]
    title: Mapped[str]
    sha256: Mapped[str | None] = mapped_column(ForeignKey("file.sha256"), index=True)
    name: Mapped[str] = mapped_column(default="")
    url: Mapped[str | None]
    body: Mapped[str] = mapped_column(default="")
    html: Mapped[str] = mapped_column(default="")
    accessible: Mapped[Accessible] = mapped_column(word(Accessible), default=Accessible.UNKNOWN)
    accessible_note: Mapped[str] = mapped_column(default="")
    failures: Mapped[int] = mapped_column(default=0)
    checked_at: Mapped[datetime | None]

    version: Mapped[ResourceVersion] = relationship(lazy="raise")
    file: Mapped[File | None] = relationship(lazy="raise")


class ResourceTag(Base):
    __tablename__ = "resource_tag"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True, autoincrement=False)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True, autoincrement=False, index=True)


class Collection(Base):
    """Resources that belong together, in an order and with a few words about why."""

    __tablename__ = "collection"
    __table_args__ = (
        UniqueConstraint("slug"),
        CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="slug_is_words"),
    )

    id: Mapped[Id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    slug: Mapped[str]
    title: Mapped[str]
    about: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)


class CollectionResource(Base):
    __tablename__ = "collection_resource"

    collection_id: Mapped[int] = mapped_column(ForeignKey("collection.id"), primary_key=True, autoincrement=False)
    resource_id: Mapped[int] = mapped_column(
        ForeignKey("resource.id"), primary_key=True, autoincrement=False, index=True
    )
    position: Mapped[int]


class RecentLook(Base):
    """What somebody looked at or answered within the last minutes, so that pressing twice counts once. Nobody is named:
    a visitor is a hash under a key of the day, and the row is gone soon.
    """

    __tablename__ = "recent_look"
    __table_args__ = (Index("ix_recent_look_at", "at"),)

    visitor: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class ResourceTaken(Base):
    """Somebody downloaded a resource and wants to hear of it: when it changes, and whether it was of use."""

    __tablename__ = "resource_taken"
    __table_args__ = (
        UniqueConstraint("person_id", "resource_id"),
        Index("ix_resource_taken_ask", "ask_at", postgresql_where=text("ask_at IS NOT NULL AND asked_at IS NULL")),
        Index("ix_resource_taken_resource", "resource_id", "id"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    version: Mapped[int]
    taken_at: Mapped[datetime]
    wants_news: Mapped[bool]
    ask_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    told_version: Mapped[int | None]


class Step(StrEnum):
    """How far somebody got with a resource, beyond looking at it and taking it."""

    USED = "used"
    ADAPTED = "adapted"
    RESULT = "result"


class ResourceUse(Base):
    """Somebody tells that they used a resource, adapted it, or what came of it.

    ``organisation_id`` and ``sector`` are theirs on that day.
    """

    __tablename__ = "resource_use"
    __table_args__ = (
        UniqueConstraint("person_id", "resource_id", "step"),
        Index("ix_resource_use_resource", "resource_id", "id"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    sector: Mapped[Sector | None] = mapped_column(word(Sector))
    step: Mapped[Step] = mapped_column(word(Step))
    words: Mapped[str] = mapped_column(default="")
    version: Mapped[int]
    at: Mapped[datetime]


class Usefulness(Base):
    """An answer to "Was this useful?", with a word or without. Whoever is signed out has no name here."""

    __tablename__ = "usefulness"
    __table_args__ = (
        UniqueConstraint("person_id", "resource_id"),
        Index("ix_usefulness_resource", "resource_id", "id"),
    )

    id: Mapped[Id]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    useful: Mapped[bool]
    words: Mapped[str] = mapped_column(default="")
    version: Mapped[int]
    at: Mapped[datetime]
