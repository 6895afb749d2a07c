"""Records that turned out to be one, and addresses that people move to."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cop.core.secrecy import random_word
from cop.models.base import Base, Id, word


class MergeKind(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"


class Merge(Base):
    """Two records became one; it can be undone.

    ``moved`` is the ledger of its rows: ``{"moved": {"table.column": [keys]}, "changed": [...], "removed": [...]}``.
    ``before`` tells what both records said, and which fields were taken from the one that is gone:
    ``{"kept": {...}, "gone": {...}, "taken": [...]}``. Access needs are in neither.
    """

    __tablename__ = "merge"
    __table_args__ = (
        CheckConstraint("kept_id <> gone_id", name="two_records"),
        Index("ix_merge_kept", "kind", "kept_id"),
        Index("ix_merge_gone", "kind", "gone_id"),
    )

    id: Mapped[Id]
    kind: Mapped[MergeKind] = mapped_column(word(MergeKind))
    kept_id: Mapped[int]
    gone_id: Mapped[int]
    moved: Mapped[dict[str, Any]] = mapped_column(JSONB)
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    merged_at: Mapped[datetime]
    merged_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class AddressChange(Base):
    """A new e-mail address that its owner has to confirm by the link sent there."""

    __tablename__ = "address_change"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower_case"),
        Index("ix_address_change_person", "person_id", "id"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    email: Mapped[str]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
