"""Promises that people or organisations make, and what became of them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cop.core.secrecy import random_word
from cop.models.base import Base, Id, word


class CommitmentKind(StrEnum):
    """The plan of somebody on a course, what somebody takes home from a summit, or an organisation's pledge."""

    PLAN = "plan"
    ACTION = "action"
    PLEDGE = "pledge"


class CommitmentState(StrEnum):
    """How it stands, as its owner said last."""

    PLANNED = "planned"
    UNDER_WAY = "under way"
    STUCK = "stuck"
    DONE = "done"
    GIVEN_UP = "given up"


class Commitment(Base):
    """A promise of a person or of an organisation, made at what ``source_kind`` and ``source_id`` name.

    ``challenge`` is what it is to change, ``what`` the promise itself, ``confidence`` from 0 to 10 that it will be
    kept. ``by_on`` is the day by which the first step is to be done, ``check_on`` the day on which its owner is asked.
    """

    __tablename__ = "commitment"
    __table_args__ = (
        CheckConstraint("num_nonnulls(person_id, organisation_id) = 1", name="one_owner"),
        CheckConstraint("confidence BETWEEN 0 AND 10", name="confidence_of_ten"),
        Index(
            "uq_commitment_plan",
            "person_id",
            "source_kind",
            "source_id",
            unique=True,
            postgresql_where=text("kind = 'plan'"),
        ),
        Index("ix_commitment_source", "source_kind", "source_id", "id"),
        Index("ix_commitment_person", "person_id", "id"),
        Index("ix_commitment_check_on", "check_on", postgresql_where=text("state NOT IN ('done', 'given up')")),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    kind: Mapped[CommitmentKind] = mapped_column(word(CommitmentKind))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    source_kind: Mapped[str]
    source_id: Mapped[int]
    challenge: Mapped[str] = mapped_column(default="")
    what: Mapped[str]
    first_step: Mapped[str] = mapped_column(default="")
    helpers: Mapped[str] = mapped_column(default="")
    confidence: Mapped[int | None]
    by_on: Mapped[date | None]
    check_on: Mapped[date | None]
    state: Mapped[CommitmentState] = mapped_column(word(CommitmentState), default=CommitmentState.PLANNED)
    revision: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class CommitmentCheck(Base):
    """How a promise stood on one day, in its owner's words; append-only."""

    __tablename__ = "commitment_check"
    __table_args__ = (Index("ix_commitment_check_commitment", "commitment_id", "id"),)

    id: Mapped[Id]
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"))
    on_date: Mapped[date]
    state: Mapped[CommitmentState] = mapped_column(word(CommitmentState))
    what_happened: Mapped[str] = mapped_column(default="")
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
