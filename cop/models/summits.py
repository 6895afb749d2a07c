"""Invitations: who was asked to come, by a personal link, what they answered, whom they sent, and what came of it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.core.secrecy import random_word
from cop.models.accounts import Person
from cop.models.base import Base, Id, word
from cop.models.events import Event


class Answer(StrEnum):
    """An answer to an invitation; only ``yes`` makes a booking."""

    NONE = "none"
    YES = "yes"
    NO = "no"
    TENTATIVE = "tentative"


class PartKind(StrEnum):
    """The agenda belongs to everybody who comes; breakouts are chosen."""

    AGENDA = "agenda"
    BREAKOUT = "breakout"


class Allergen(StrEnum):
    """The fourteen that food law in the UK names."""

    CELERY = "celery"
    GLUTEN = "cereals with gluten"
    CRUSTACEANS = "crustaceans"
    EGGS = "eggs"
    FISH = "fish"
    LUPIN = "lupin"
    MILK = "milk"
    MOLLUSCS = "molluscs"
    MUSTARD = "mustard"
    PEANUTS = "peanuts"
    SESAME = "sesame"
    SOYA = "soya"
    SULPHITES = "sulphur dioxide and sulphites"
    TREE_NUTS = "tree nuts"


class WayOfEating(StrEnum):
    VEGETARIAN = "vegetarian"
    VEGAN = "vegan"
    HALAL = "halal"
    KOSHER = "kosher"


class Need(StrEnum):
    """What is asked for most often; whatever else somebody needs, they write."""

    STEP_FREE = "step-free access"
    HEARING_LOOP = "hearing loop"
    BSL = "BSL interpreter"
    INTERPRETER = "interpreter for another language"
    LARGE_PRINT = "large print"
    EASY_READ = "easy read"
    QUIET_SPACE = "quiet space"
    ASSISTANT = "place for somebody who assists me"
    TRAVEL = "help with travel"
    CHILDCARE = "help with childcare"


class Invitation(Base):
    """One person invited to one event. Raising ``generation`` makes the links that were mailed worthless.

    ``substitute_for`` is the invitation of whoever sent them in their place.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id"),
        CheckConstraint("(response = 'none') = (answered_at IS NULL)", name="answered_at_some_time"),
        Index("ix_invitation_person", "person_id"),
        Index("ix_invitation_event_response", "event_id", "response", "id"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    response: Mapped[Answer] = mapped_column(word(Answer), default=Answer.NONE)
    generation: Mapped[int] = mapped_column(default=0)
    invited_at: Mapped[datetime]
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    substitute_for: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"), index=True)

    event: Mapped[Event] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])


class SubstitutionState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    TAKEN_BACK = "taken back"


class Substitution(Base):
    """Somebody who was invited proposes another person in their place; nobody is known of them until it is approved."""

    __tablename__ = "substitution"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower_case"),
        CheckConstraint("(state IN ('approved', 'declined')) = (decided_at IS NOT NULL)", name="decided_at_some_time"),
        Index("uq_substitution_proposed", "invitation_id", unique=True, postgresql_where=text("state = 'proposed'")),
    )

    id: Mapped[Id]
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"))
    name: Mapped[str]
    email: Mapped[str]
    organisation_text: Mapped[str] = mapped_column(default="")
    state: Mapped[SubstitutionState] = mapped_column(word(SubstitutionState), default=SubstitutionState.PROPOSED)
    reason: Mapped[str] = mapped_column(default="")
    proposed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class OutcomeKind(StrEnum):
    REPORT = "report"
    DECISION = "decision"


class Outcome(Base):
    """What an event led to: a report about it, or a decision that somebody took, with what it ``follows`` from."""

    __tablename__ = "outcome"
    __table_args__ = (Index("ix_outcome_event", "event_id", "id"),)

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    kind: Mapped[OutcomeKind] = mapped_column(word(OutcomeKind))
    follows: Mapped[int | None] = mapped_column(ForeignKey("outcome.id"), index=True)
    title: Mapped[str]
    words: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    on_date: Mapped[date | None]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    added_at: Mapped[datetime]
    added_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
