"""Figures about the forum, month by month."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cop.models.base import Base


class ForumMonth(Base):
    """What happened in the forum of a programme in one month, as numbers without names; ``month`` is its first day."""

    __tablename__ = "forum_month"

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(primary_key=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    counted_at: Mapped[datetime]
