"""What a programme is judged by: indicators and their values, codes given to free text, quotations, dated reports."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, SmallInteger, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cop.core.secrecy import random_word
from cop.models.base import Base, Id, word


class Unit(StrEnum):
    """What the number of an indicator is; of a median or a mean ``n`` tells from how many."""

    COUNT = "count"
    PERCENT = "percent"
    MEDIAN = "median"
    MEAN = "mean"
    HOURS = "hours"


class Indicator(Base):
    """One number that a programme is judged by. ``measure`` names what the service counts by itself; without it staff
    note the values. ``question`` is the question of the evaluation that it helps to answer.
    """

    __tablename__ = "indicator"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        CheckConstraint("code ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="code_is_words"),
        CheckConstraint("(baseline IS NULL) = (baseline_on IS NULL)", name="baseline_has_its_day"),
    )

    id: Mapped[Id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    code: Mapped[str]
    name: Mapped[str]
    definition: Mapped[str]
    unit: Mapped[Unit] = mapped_column(word(Unit))
    measure: Mapped[str | None]
    source: Mapped[str]
    question: Mapped[int | None] = mapped_column(SmallInteger)
    baseline: Mapped[Decimal | None] = mapped_column(Numeric)
    baseline_on: Mapped[date | None]
    target: Mapped[Decimal | None] = mapped_column(Numeric)
    target_on: Mapped[date | None]
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]


class IndicatorValue(Base):
    """What an indicator was on one day: noted by staff, or counted by the service at night (``recorded_by`` empty)."""

    __tablename__ = "indicator_value"
    __table_args__ = (UniqueConstraint("indicator_id", "on_date"),)

    id: Mapped[Id]
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    on_date: Mapped[date]
    value: Mapped[Decimal] = mapped_column(Numeric)
    n: Mapped[int | None]
    note: Mapped[str] = mapped_column(default="")
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class KeptFigures(Base):
    """What the dashboard shows of a large programme, as it was counted at night: the rows that a statement found."""

    __tablename__ = "kept_figures"

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(primary_key=True)
    rows: Mapped[list[list[Any]]] = mapped_column(JSONB)
    counted_at: Mapped[datetime]


ONE_ANSWER = "num_nonnulls(response_id, anonymous_key) = 1"


class AnswerCode(Base):
    """A code that somebody gave by hand to what was answered to one item."""

    __tablename__ = "answer_code"
    __table_args__ = (
        CheckConstraint(ONE_ANSWER, name="of_one_answer"),
        UniqueConstraint("response_id", "anonymous_key", "item", "tag_id", postgresql_nulls_not_distinct=True),
        Index("ix_answer_code_tag", "tag_id", "id"),
    )

    id: Mapped[Id]
    response_id: Mapped[int | None] = mapped_column(ForeignKey("response.id"))
    anonymous_key: Mapped[str | None] = mapped_column(ForeignKey("anonymous_response.key"), index=True)
    item: Mapped[str]
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"))
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Quotation(Base):
    """Words of an answer, picked for reports. Whether and how they may be shown is asked each time of the answer."""

    __tablename__ = "quotation"
    __table_args__ = (
        CheckConstraint(ONE_ANSWER, name="of_one_answer"),
        UniqueConstraint("response_id", "anonymous_key", "item", postgresql_nulls_not_distinct=True),
    )

    id: Mapped[Id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    response_id: Mapped[int | None] = mapped_column(ForeignKey("response.id"))
    anonymous_key: Mapped[str | None] = mapped_column(ForeignKey("anonymous_response.key"), index=True)
    item: Mapped[str]
    words: Mapped[str]
    picked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    picked_at: Mapped[datetime]


class FunderReport(Base):
    """A report as it was on one day: ``content`` holds every figure with its definition, and never changes.

    ``words`` are what staff wrote around the figures, by section. Every format is made of these two.
    """

    __tablename__ = "funder_report"
    __table_args__ = (Index("ix_funder_report_programme", "programme_id", "id"),)

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    title: Mapped[str]
    as_of: Mapped[date]
    words: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
