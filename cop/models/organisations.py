"""Councils and partners of the network."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
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

    domains: Mapped[list["OrganisationDomain"]] = relationship(
        back_populates="organisation", lazy="raise", order_by="OrganisationDomain.domain"
    )


class OrganisationDomain(Base):
    """An e-mail domain that tells where somebody works."""

    __tablename__ = "organisation_domain"

    domain: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)

    organisation: Mapped[Organisation] = relationship(back_populates="domains", lazy="raise")
