"""What the service remembers about itself and about what was looked at."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cop.models.accounts import Sector
from cop.models.base import Base, Id, word


class Setting(Base):
    """A value that every process has to agree on, such as how far the clock was moved on."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)


class Observation(Base):
    """What was viewed, joined or downloaded; append-only. ``value`` says how far, where that is a question.

    ``organisation_id`` and ``sector`` are those of the person on that day, where use is counted by them.
    """

    __tablename__ = "observation"
    __table_args__ = (
        Index("ix_observation_subject", "kind", "subject_kind", "subject_id"),
        Index("ix_observation_kind", "kind", "id"),
        Index(
            "ix_observation_person",
            "person_id",
            "kind",
            "subject_id",
            "value",
            postgresql_where=text("person_id IS NOT NULL"),
        ),
        Index("ix_observation_organisation", "organisation_id", postgresql_where=text("organisation_id IS NOT NULL")),
        Index(
            "ix_observation_taken",
            "at",
            postgresql_where=text("kind IN ('downloaded', 'resource opened') AND person_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    value: Mapped[int | None]
    at: Mapped[datetime]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    sector: Mapped[Sector | None] = mapped_column(word(Sector))
