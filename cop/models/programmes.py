"""Programmes and their series of events."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.core.secrecy import random_word
from cop.models.base import Base, Encrypted, Id


class Programme(Base):
    __tablename__ = "programme"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    summary: Mapped[str]
    is_current: Mapped[bool] = mapped_column(default=False)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    pseudonym_key: Mapped[str] = mapped_column(Encrypted, default=lambda: random_word(40), deferred=True)


class Series(Base):
    __tablename__ = "series"

    id: Mapped[Id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    summary: Mapped[str]

    programme: Mapped[Programme] = relationship(lazy="raise")
