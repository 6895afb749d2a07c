"""Courses with few places: the call, applications, reviews, the choice, and offers."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.core.secrecy import random_word
from cop.models.accounts import Person, Sector
from cop.models.base import Base, Id, word
from cop.models.events import BookingSource, Event
from cop.models.organisations import Membership, Organisation
from cop.models.surveys import Questionnaire, Response


class Cohort(Base):
    """What a course has beside an event. Its half-days are the event's parts, its places the event's capacity, and
    applications are open from the event's ``opens_at`` to its ``closes_at``.

    ``screening``: ``[{"question", "needed": "yes"|"no", "otherwise"}]``.
    ``criteria``: ``[{"code", "title", "about", "weight", "levels": ["poor", …, "strong"]}]``, levels from 1 up.
    ``targets``: ``[{"attribute": "sector"|"region"|"newer_member", "value", "minimum", "maximum"}]``.
    ``half_days_needed`` to complete the course; NULL means all of them. ``choice_revision`` rises with every change of
    the choice, so that two chairs cannot overwrite each other unseen.
    """

    __tablename__ = "cohort"
    __table_args__ = (
        CheckConstraint("minimum >= 1", name="minimum_of_somebody"),
        CheckConstraint("offer_days BETWEEN 1 AND 60", name="offer_days_sensible"),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True, autoincrement=False)
    minimum: Mapped[int] = mapped_column(default=1)
    eligibility: Mapped[str] = mapped_column(default="")
    involves: Mapped[str] = mapped_column(default="")
    selecting: Mapped[str] = mapped_column(default="")
    screening: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    questionnaire_id: Mapped[int | None] = mapped_column(ForeignKey("questionnaire.id"))
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    targets: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    decisions_on: Mapped[date | None]
    offer_days: Mapped[int] = mapped_column(default=7)
    half_days_needed: Mapped[int | None]
    choice_revision: Mapped[int] = mapped_column(default=0)
    released_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship(lazy="raise")
    questionnaire: Mapped[Questionnaire | None] = relationship(lazy="raise")


class ApplicationState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"


class Application(Base):
    """One person's application to one course; answers lie in ``response``, and who they were is a snapshot.

    ``number`` counts the applications of a course as they are submitted: reviewers know them by it.
    """

    __tablename__ = "application"
    __table_args__ = (
        Index(
            "uq_application_one_live_per_person",
            "cohort_id",
            "person_id",
            unique=True,
            postgresql_where=text("state <> 'withdrawn'"),
        ),
        UniqueConstraint("cohort_id", "number"),
        CheckConstraint("state <> 'submitted' OR (submitted_at IS NOT NULL AND number IS NOT NULL)", name="numbered"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at_some_time"),
        Index("ix_application_person", "person_id", "id"),
        Index("ix_application_cohort_state", "cohort_id", "state", "id"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.event_id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    number: Mapped[int | None]
    state: Mapped[ApplicationState] = mapped_column(word(ApplicationState), default=ApplicationState.DRAFT)
    source: Mapped[BookingSource] = mapped_column(word(BookingSource), default=BookingSource.SELF)
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    response_id: Mapped[int] = mapped_column(ForeignKey("response.id"), unique=True)
    started_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    sector: Mapped[Sector | None] = mapped_column(word(Sector))
    membership: Mapped[Membership | None] = mapped_column(word(Membership))
    newer_member: Mapped[bool | None]

    cohort: Mapped[Cohort] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])
    organisation: Mapped[Organisation | None] = relationship(lazy="raise")
    response: Mapped[Response] = relationship(lazy="raise")


class ReviewState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"


class Review(Base):
    """One reviewer's scores of one application: ``{criterion code: {"score": 1-5, "reason": "..."}}``.

    ``total`` is the weighted mean of the scores, from 1 to 5, once the review is submitted.
    """

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("application_id", "reviewer_id"),
        CheckConstraint("(state = 'submitted') = (total IS NOT NULL)", name="submitted_with_a_total"),
        Index("ix_review_reviewer", "reviewer_id"),
    )

    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    scores: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    comment: Mapped[str] = mapped_column(default="")
    state: Mapped[ReviewState] = mapped_column(word(ReviewState), default=ReviewState.DRAFT)
    total: Mapped[float | None] = mapped_column(Numeric(4, 2, asdecimal=False))
    revision: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]


class Conflict(Base):
    """A reviewer said that they should not judge this application. Colleagues need not say so: the service knows."""

    __tablename__ = "conflict"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True, autoincrement=False)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False, index=True)
    reason: Mapped[str]
    declared_at: Mapped[datetime]


class Moderation(Base):
    """What the panel said about an application's scores, and the score that it set; append-only."""

    __tablename__ = "moderation"
    __table_args__ = (Index("ix_moderation_application", "application_id", "id"),)

    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    score: Mapped[float | None] = mapped_column(Numeric(4, 2, asdecimal=False))
    reason: Mapped[str]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class DecisionOutcome(StrEnum):
    OFFER = "offer"
    RESERVE = "reserve"
    DECLINE = "decline"


class Decision(Base):
    """What the chair chose for one application; the applicant learns of it when all decisions are released."""

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("(outcome = 'reserve') = (reserve_rank IS NOT NULL)", name="reserves_are_ranked"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True, autoincrement=False)
    outcome: Mapped[DecisionOutcome] = mapped_column(word(DecisionOutcome))
    reserve_rank: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
