"""Courses with few places: the call, applications, reviews, the choice, and offers."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.core.secrecy import random_word
from cop.models.accounts import Person, Sector
from cop.models.base import Base, Encrypted, Id, word
from cop.models.events import BookingSource, Event
from cop.models.organisations import Membership, Organisation
from cop.models.surveys import Questionnaire, Response


class Endorsing(StrEnum):
    """Whether somebody else has to support an application: the applicant's line manager, or who nominated them."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class SelectionPolicy(StrEnum):
    """How the places are given to those who are good enough: by lot within the targets, or to the highest scores."""

    LOTTERY = "lottery"
    HIGHEST_SCORES = "highest-scores"


class Cohort(Base):
    """What a course has beside an event. Its half-days are the event's parts, its places the event's capacity, and
    applications are open from the event's ``opens_at`` to its ``closes_at``.

    ``screening``: ``[{"question", "needed": "yes"|"no", "otherwise"}]``.
    ``criteria``: ``[{"code", "title", "about", "weight", "levels": ["poor", …, "strong"]}]``, levels from 1 up.
    ``targets``: ``[{"attribute": "sector"|"region"|"membership"|"newer_member"|"rural", "value", "minimum",
    "maximum"}]``, the bounds whole numbers or NULL.
    ``half_days_needed`` to complete the course; NULL means three of each four (``queries.alumni``).
    ``choice_revision`` rises with every change of the choice, so that two chairs cannot overwrite each other unseen.

    ``reviews_wanted`` of each application; NULL means that everybody on the panel scores all. Reviews that lie
    ``spread_flag`` or more apart ask for a word of the panel. Whoever has a score from ``threshold`` up is appointable.
    While ``redacting``, reviewers see an application once somebody has looked through it for names.
    ``letters``: ``{"offer"|"reserve"|"decline": words}``, what staff add to every letter of that kind.
    ``sealed_seed`` is half of the draw's chance, which nobody sees before the draw, as hexadecimal words.
    ``asks_gender_identity`` adds that question to those about equality.
    """

    __tablename__ = "cohort"
    __table_args__ = (
        CheckConstraint("minimum >= 1", name="minimum_of_somebody"),
        CheckConstraint("offer_days BETWEEN 1 AND 60", name="offer_days_sensible"),
        CheckConstraint("reviews_wanted BETWEEN 1 AND 9", name="reviews_sensible"),
        CheckConstraint("spread_flag > 0", name="spread_of_something"),
        CheckConstraint("threshold BETWEEN 1 AND 5", name="threshold_is_a_score"),
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
    endorsing: Mapped[Endorsing] = mapped_column(word(Endorsing), default=Endorsing.OPTIONAL)
    reviews_wanted: Mapped[int | None]
    spread_flag: Mapped[float] = mapped_column(Numeric(4, 2, asdecimal=False), default=1.5)
    redacting: Mapped[bool] = mapped_column(default=False)
    threshold: Mapped[float | None] = mapped_column(Numeric(4, 2, asdecimal=False))
    policy: Mapped[SelectionPolicy] = mapped_column(word(SelectionPolicy), default=SelectionPolicy.LOTTERY)
    sealed_seed: Mapped[str | None] = mapped_column(Encrypted)
    letters: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    asks_gender_identity: Mapped[bool] = mapped_column(default=False)
    choice_revision: Mapped[int] = mapped_column(default=0)
    released_at: Mapped[datetime | None]
    equality_closed_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship(lazy="raise")
    questionnaire: Mapped[Questionnaire | None] = relationship(lazy="raise")


class ApplicationState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"


class Application(Base):
    """One person's application to one course; answers lie in ``response``, and who they were is a snapshot.

    ``number`` counts the applications of a course as they are submitted: reviewers know them by it. ``equality_key``
    leads to what the person told us for equality statistics, until the counting is over. From ``anonymised_at`` on the
    application is nobody's: it keeps what statistics need.
    """

    __tablename__ = "application"
    __table_args__ = (
        Index(
            "uq_application_one_live_per_person",
            "cohort_id",
            "person_id",
            unique=True,
            postgresql_where=text("state <> 'withdrawn' AND anonymised_at IS NULL"),
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
    region: Mapped[str | None]
    equality_key: Mapped[str | None] = mapped_column(Encrypted)
    anonymised_at: Mapped[datetime | None]

    cohort: Mapped[Cohort] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])
    organisation: Mapped[Organisation | None] = relationship(lazy="raise")
    response: Mapped[Response] = relationship(lazy="raise")


class EndorsementKind(StrEnum):
    MANAGER = "manager"
    NOMINATOR = "nominator"


class EndorsementState(StrEnum):
    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"


class Endorsement(Base):
    """Somebody whom the applicant named is asked to support the application, by a link to their address (lower case).

    From ``replaced_at`` on somebody else is asked as the same sort of supporter: the link has ended, and what was said
    stays on record, as does that this person has to do with the application.
    """

    __tablename__ = "endorsement"
    __table_args__ = (
        Index(
            "uq_endorsement_one_of_a_kind",
            "application_id",
            "kind",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
        ),
        CheckConstraint("(state = 'asked') = (answered_at IS NULL)", name="answered_at_some_time"),
        Index("ix_endorsement_email", "email"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    kind: Mapped[EndorsementKind] = mapped_column(word(EndorsementKind))
    name: Mapped[str]
    email: Mapped[str]
    state: Mapped[EndorsementState] = mapped_column(word(EndorsementState), default=EndorsementState.ASKED)
    words: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship(lazy="raise")


class Redaction(Base):
    """What reviewers read in place of answers that name somebody: ``{question code: text}``; the others as they are."""

    __tablename__ = "redaction"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True, autoincrement=False)
    answers: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    revision: Mapped[int] = mapped_column(default=0)
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    saved_at: Mapped[datetime]


class Assignment(Base):
    """Who is to score which application; ``by_person_id`` is empty where the service shared them out."""

    __tablename__ = "assignment"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True, autoincrement=False)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False, index=True)
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    assigned_at: Mapped[datetime]


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
    """What the chair chose for one application; the applicant learns of it when all decisions are released.

    ``feedback`` is what the letter tells this person about their own application. ``feedback_read_at`` is when somebody
    last looked it over for this outcome; words that nobody looked over are never sent.
    """

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("(outcome = 'reserve') = (reserve_rank IS NOT NULL)", name="reserves_are_ranked"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True, autoincrement=False)
    outcome: Mapped[DecisionOutcome] = mapped_column(word(DecisionOutcome))
    reserve_rank: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="")
    feedback: Mapped[str] = mapped_column(default="")
    feedback_read_at: Mapped[datetime | None]
    decided_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]
    released_at: Mapped[datetime | None]


class Reconsideration(Base):
    """Somebody asked for a review of the decision on their application, once; and what came of it."""

    __tablename__ = "reconsideration"
    __table_args__ = (CheckConstraint("(answered_at IS NULL) = (changed IS NULL)", name="answered_with_an_outcome"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True, autoincrement=False)
    words: Mapped[str]
    asked_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    changed: Mapped[bool | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]


class SelectionStep(StrEnum):
    FROZEN = "frozen"
    SEALED = "sealed"
    DRAWN = "drawn"
    OVERRIDDEN = "overridden"
    REPLACED = "replaced"


class Selection(Base):
    """One step of the choice of people for a course. Steps are only ever added: a trigger refuses everything else.

    ``body`` is JSON in canonical form, and names applications by their numbers only. ``hash`` is the SHA-256, in
    hexadecimal words, of what :func:`cop.core.chain.link` makes of ``previous`` (the hash of the step before, empty for
    the first) and the rest. ``by_person_id`` is empty where the service drew a replacement by itself.
    """

    __tablename__ = "selection"
    __table_args__ = (
        UniqueConstraint("cohort_id", "number"),
        UniqueConstraint("cohort_id", "previous"),
        CheckConstraint("number >= 1", name="numbered_from_one"),
    )

    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.event_id"))
    number: Mapped[int]
    step: Mapped[SelectionStep] = mapped_column(word(SelectionStep))
    body: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class EqualityAnswer(Base):
    """What somebody told us for equality statistics: nothing here leads to them. ``answers`` is JSON.

    ``version`` is that of the questions and their options in :mod:`cop.core.equality`.
    """

    __tablename__ = "equality_answer"

    key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str]
    answers: Mapped[str] = mapped_column(Encrypted)


class EqualityStage(StrEnum):
    APPLIED = "applied"
    APPOINTABLE = "appointable"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    COMPLETED = "completed"


class EqualityCount(Base):
    """How many of a coarse group got to a stage of one course; ``people`` is empty where it would tell too much."""

    __tablename__ = "equality_count"

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.event_id"), primary_key=True, autoincrement=False)
    question: Mapped[str] = mapped_column(primary_key=True)
    group: Mapped[str] = mapped_column(primary_key=True)
    stage: Mapped[EqualityStage] = mapped_column(word(EqualityStage), primary_key=True)
    people: Mapped[int | None]
    counted_at: Mapped[datetime]
