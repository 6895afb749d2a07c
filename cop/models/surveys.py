"""Questions and answers: one store for applications, pulses and follow-ups."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.core.secrecy import random_word
from cop.models.accounts import Person
from cop.models.base import Base, Id, word


class Mode(StrEnum):
    """Whose answers they are once sent: ``named`` keeps the person; ``panel`` keeps a key that links the answers of one
    person over time and is no name; ``anonymous`` keeps nothing, from the day on which the survey closes.
    """

    NAMED = "named"
    PANEL = "panel"
    ANONYMOUS = "anonymous"


class Questionnaire(Base):
    """One version of a set of questions; a new wording is a new version, so answers keep what was asked.

    ``items`` is a list in the shape that :mod:`cop.core.questions` reads and checks.
    """

    __tablename__ = "questionnaire"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("code ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="code_is_words"),
    )

    id: Mapped[Id]
    code: Mapped[str]
    version: Mapped[int]
    title: Mapped[str]
    introduction: Mapped[str] = mapped_column(default="")
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    mode: Mapped[Mode] = mapped_column(word(Mode), default=Mode.NAMED)
    made_at: Mapped[datetime]


class QuestionnaireDraft(Base):
    """What staff are writing under a code; publishing it makes a version of the questionnaire."""

    __tablename__ = "questionnaire_draft"

    code: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    introduction: Mapped[str] = mapped_column(default="")
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    mode: Mapped[Mode] = mapped_column(word(Mode), default=Mode.NAMED)
    revision: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime]
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Wave(StrEnum):
    """When, in the life of its subject, somebody is asked."""

    PULSE = "pulse"
    BASELINE = "baseline"
    END = "end"
    MONTHS_3 = "3 months"
    MONTHS_6 = "6 months"
    MONTHS_12 = "12 months"
    REFLECTION = "reflection"
    DAYS_30 = "30 days"
    DAYS_60 = "60 days"
    ONCE = "once"


class Among(StrEnum):
    """Which people of an event staff put questions to by hand; the unsuccessful were told that they have no place."""

    BOOKED = "booked"
    ATTENDED = "attended"
    UNSUCCESSFUL = "unsuccessful"


class Subject(StrEnum):
    """What somebody is asked about; ``subject_id`` is the id of such a row."""

    EVENT = "event"


class Ask(Base):
    """One questionnaire put to one person about one thing, once. ``done_on`` is a day and no instant."""

    __tablename__ = "ask"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "wave", "person_id", "questionnaire_id", name="uq_ask_once"),
        Index("ix_ask_person", "person_id", "closes_at"),
        Index("ix_ask_silent", "closes_at", postgresql_where=text("done_on IS NULL")),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    subject_kind: Mapped[Subject] = mapped_column(word(Subject))
    subject_id: Mapped[int]
    wave: Mapped[Wave] = mapped_column(word(Wave))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    done_on: Mapped[date | None]
    generation: Mapped[int] = mapped_column(default=0)

    questionnaire: Mapped[Questionnaire] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")


class ResponseState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"


class Response(Base):
    """The answers of one person to one questionnaire, by the code of each item.

    Sent answers of a panel have a key instead of an ask, and say themselves what they are about. ``entered_by`` is
    whoever wrote down what they were told, by telephone say. ``revision`` rises with each save, so that two windows
    cannot overwrite each other unseen.
    """

    __tablename__ = "response"
    __table_args__ = (
        UniqueConstraint("ask_id"),
        CheckConstraint("num_nonnulls(ask_id, panel_key) <= 1", name="person_or_key"),
        CheckConstraint(
            "num_nonnulls(panel_key, subject_kind, subject_id, wave) IN (0, 4)", name="key_says_about_what"
        ),
        CheckConstraint("(state = 'submitted') = (submitted_at IS NOT NULL)", name="submitted_at_some_time"),
        Index("ix_response_questionnaire", "questionnaire_id", "state"),
        Index(
            "uq_response_of_panel",
            *("subject_kind", "subject_id", "wave", "questionnaire_id", "panel_key"),
            unique=True,
            postgresql_where=text("panel_key IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    ask_id: Mapped[int | None] = mapped_column(ForeignKey("ask.id"))
    panel_key: Mapped[str | None] = mapped_column(index=True)
    subject_kind: Mapped[Subject | None] = mapped_column(word(Subject))
    subject_id: Mapped[int | None]
    wave: Mapped[Wave | None] = mapped_column(word(Wave))
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    state: Mapped[ResponseState] = mapped_column(word(ResponseState), default=ResponseState.DRAFT)
    revision: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]

    questionnaire: Mapped[Questionnaire] = relationship(lazy="raise")


class AnonymousResponse(Base):
    """Answers whose ask is forgotten: copied here in an order of chance when the last of their survey has closed."""

    __tablename__ = "anonymous_response"
    __table_args__ = (Index("ix_anonymous_response_subject", "subject_kind", "subject_id", "wave"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"), index=True)
    subject_kind: Mapped[Subject] = mapped_column(word(Subject))
    subject_id: Mapped[int]
    wave: Mapped[Wave] = mapped_column(word(Wave))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    closed_on: Mapped[date]
