"""Councils and partners of the network."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.models.base import Base, Id, word


class Membership(StrEnum):
    FULL = "full"
    ASSOCIATE = "associate"
    AFFILIATE = "affiliate"
    SUPPORTER = "supporter"


class OrganisationKind(StrEnum):
    COUNCIL = "council"
    TOWN_OR_PARISH = "town or parish council"
    POLITICAL_GROUP = "political group"
    PARTNER = "partner organisation"
    HEALTH = "health body"
    OTHER = "other"


ORGANISATION_WORDS = text("to_tsvector('simple'::regconfig, name)")
"""What a search for organisations looks through; index and query must say the same."""


class Organisation(Base):
    """A council or partner. ``code`` is the ONS's nine-character code of the area. ``merged_into`` marks a record
    that was a double of another; ``ended_on`` the day on which a council itself ceased to be.
    """

    __tablename__ = "organisation"
    __table_args__ = (Index("ix_organisation_words", ORGANISATION_WORDS, postgresql_using="gin"),)
    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[OrganisationKind] = mapped_column(word(OrganisationKind))
    membership: Mapped[Membership | None] = mapped_column(word(Membership))
    region: Mapped[str | None]
    rural: Mapped[bool | None]
    joined_on: Mapped[date | None]
    source: Mapped[str | None]
    code: Mapped[str | None]
    ended_on: Mapped[date | None]
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)

    domains: Mapped[list["OrganisationDomain"]] = relationship(
        back_populates="organisation", lazy="raise", order_by="OrganisationDomain.domain"
    )


class OrganisationDomain(Base):
    """An e-mail domain that tells where somebody works."""

    __tablename__ = "organisation_domain"

    domain: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)

    organisation: Mapped[Organisation] = relationship(back_populates="domains", lazy="raise")


class OrganisationSuccession(Base):
    """One council took over from another, wholly or in part, on a day: local government is reorganised.

    ``moves_domains``: whether e-mail domains go along. ``carried_out_at`` is empty until the day has come.
    """

    __tablename__ = "organisation_succession"
    __table_args__ = (
        CheckConstraint("predecessor_id <> successor_id", name="not_of_itself"),
        Index("ix_organisation_succession_successor", "successor_id"),
        Index("ix_organisation_succession_due", "on_date", postgresql_where=text("carried_out_at IS NULL")),
    )

    predecessor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, autoincrement=False)
    successor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, autoincrement=False)
    on_date: Mapped[date]
    moves_domains: Mapped[bool]
    carried_out_at: Mapped[datetime | None]
