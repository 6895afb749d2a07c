"""What is known not to be accessible yet: the list of which the accessibility statement is made."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from cop.models.base import Base, Id, word


class Exemption(StrEnum):
    """Why something does not meet the standard, in the three ways that the law knows."""

    NON_COMPLIANCE = "non-compliance"
    BURDEN = "disproportionate burden"
    OUT_OF_SCOPE = "out of scope"


class KnownIssue(Base):
    """Something that keeps somebody from using a page, and what they can do meanwhile."""

    __tablename__ = "known_issue"
    __table_args__ = (
        CheckConstraint("mended_on IS NULL OR found_on <= mended_on", name="mended_after_it_was_found"),
        Index("ix_known_issue_found", "found_on", "id"),
    )

    id: Mapped[Id]
    what: Mapped[str]
    who: Mapped[str] = mapped_column(default="")
    criterion: Mapped[str] = mapped_column(default="")
    why: Mapped[Exemption] = mapped_column(word(Exemption), default=Exemption.NON_COMPLIANCE)
    instead: Mapped[str] = mapped_column(default="")
    found_on: Mapped[date]
    planned_on: Mapped[date | None]
    mended_on: Mapped[date | None]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class StatementReview(Base):
    """Somebody looked the statement through, and how it was tested; rows are only added. The first is its preparation.

    The audit says who.
    """

    __tablename__ = "statement_review"

    id: Mapped[Id]
    on_date: Mapped[date]
    tested: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
