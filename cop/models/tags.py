"""The words that topics, resources, stories and people's offers are sorted by: one list for the whole service."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cop.models.base import Base, Id, word


class TagKind(StrEnum):
    """The lists. ``theme`` holds the social determinants of health, ``level`` the level of an intervention, and
    ``code`` what evaluators sort free answers by.
    """

    PRINCIPLE = "principle"
    THEME = "theme"
    METHOD = "method"
    LEVEL = "level"
    SKILL = "skill"
    CODE = "code"


SORTERS = tuple(kind for kind in TagKind if kind is not TagKind.CODE)
"""The lists that topics, resources, stories and offers are sorted by; codes are for the evaluation alone."""


class Tag(Base):
    """One word of a list. A retired one stays where it was given, and is offered no more."""

    __tablename__ = "tag"
    __table_args__ = (
        UniqueConstraint("slug"),
        UniqueConstraint("kind", "name"),
        CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="slug_is_words"),
        Index("ix_tag_kind", "kind", "position", "id"),
    )

    id: Mapped[Id]
    kind: Mapped[TagKind] = mapped_column(word(TagKind))
    slug: Mapped[str]
    name: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]
