"""People, the accounts of those who sign in, where they belong and what they were granted."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.core.access import Role
from cop.core.secrecy import random_word
from cop.models.base import Base, Encrypted, Id, word
from cop.models.organisations import Organisation


class Channel(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    POST = "post"


class Sector(StrEnum):
    """Who a person is in the room."""

    RESIDENT = "resident"
    COUNCIL_OFFICER = "council officer"
    COUNCILLOR = "councillor"
    VCSE = "VCSE"
    HEALTH = "health"
    OTHER_PUBLIC_SERVICE = "other public service"
    BUSINESS = "business"


class Relation(StrEnum):
    WORKS_FOR = "works for"
    ELECTED_TO = "elected to"
    SUPPORTED_BY = "supported by"


PERSON_WORDS = text("to_tsvector('simple'::regconfig, (name || ' '::text) || COALESCE(email, ''::text))")
"""What a search for people looks through; index and query must say the same."""

NAME_KEY = text("regexp_replace(lower(name), '[[:space:][:punct:]’]+'::text, ''::text, 'g'::text)")
ADDRESS_KEY = text("regexp_replace(split_part(email, '@'::text, 1), '[^a-z]+'::text, ''::text, 'g'::text)")
PHONE_KEY = text(
    "regexp_replace(regexp_replace(phone, '[^0-9]+'::text, ''::text, 'g'::text), '^(00)?44'::text, '0'::text)"
)
"""By what two records of one person are found: the letters of the name, those of the address before the @, and the
digits of the phone number; index and query must say the same."""


FORMER_APPLICANT = "former-applicant"
"""The public id of the one record to whom applications of long ago belong, when nobody may know whose they were."""


class Person(Base):
    """Somebody the programme knows; an account and an e-mail address are optional.

    ``merged_into`` marks a record that was a double of another: nothing points to it any more. ``erased_at`` is when
    all that tells who it was went, at their wish.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower_case"),
        CheckConstraint("erased_at IS NULL OR num_nonnulls(email, phone, needs) = 0", name="erased_says_nothing"),
        Index("ix_person_name", "name", "id"),
        Index("ix_person_words", PERSON_WORDS, postgresql_using="gin"),
        Index("ix_person_name_key", NAME_KEY),
        Index("ix_person_address_key", ADDRESS_KEY),
        Index("ix_person_phone_key", PHONE_KEY),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    name: Mapped[str]
    email: Mapped[str | None] = mapped_column(unique=True)
    phone: Mapped[str | None]
    prefers: Mapped[Channel] = mapped_column(word(Channel), default=Channel.EMAIL)
    timezone: Mapped[str] = mapped_column(default="Europe/London")
    needs: Mapped[str | None] = mapped_column(Encrypted)
    calendar_generation: Mapped[int] = mapped_column(default=0)
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    erased_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    account: Mapped["Account | None"] = relationship(back_populates="person", lazy="raise")
    affiliations: Mapped[list["Affiliation"]] = relationship(back_populates="person", lazy="raise")


class Account(Base):
    """The proof that a person confirmed their address by signing in."""

    __tablename__ = "account"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    email_verified_at: Mapped[datetime]
    session_epoch: Mapped[int] = mapped_column(default=0)

    person: Mapped[Person] = relationship(back_populates="account", lazy="raise")


class Affiliation(Base):
    """Where a person belonged from one day to another; people change councils.

    ``organisation_text`` is what they typed where the directory does not know the name.
    """

    __tablename__ = "affiliation"
    __table_args__ = (
        Index(
            "uq_affiliation_live_primary",
            "person_id",
            unique=True,
            postgresql_where=text("is_primary AND to_on IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    organisation_text: Mapped[str | None]
    relation: Mapped[Relation] = mapped_column(word(Relation), default=Relation.WORKS_FOR)
    sector: Mapped[Sector | None] = mapped_column(word(Sector))
    role_title: Mapped[str | None]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    is_primary: Mapped[bool] = mapped_column(default=True)

    person: Mapped[Person] = relationship(back_populates="affiliations", lazy="raise")
    organisation: Mapped[Organisation | None] = relationship(lazy="raise")


class RoleGrant(Base):
    """A role over everything, a programme, an event or an organisation; live until it is revoked."""

    __tablename__ = "grant"
    __table_args__ = (
        CheckConstraint("num_nonnulls(programme_id, event_id, organisation_id) <= 1", name="one_scope"),
        CheckConstraint(
            "role = 'admin' OR num_nonnulls(programme_id, event_id, organisation_id) = 1", name="scope_unless_admin"
        ),
        CheckConstraint("(role = 'lead') = (organisation_id IS NOT NULL)", name="leads_lead_organisations"),
        Index(
            "uq_grant_live",
            "person_id",
            "role",
            "programme_id",
            "event_id",
            "organisation_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role] = mapped_column(word(Role))
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    granted_at: Mapped[datetime]
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    revoked_at: Mapped[datetime | None]


class SignIn(Base):
    """One request to sign in. The link and the code are derived from the row, so neither is stored."""

    __tablename__ = "sign_in"
    __table_args__ = (
        Index("uq_sign_in_live", "email", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("ix_sign_in_email", "email", "asked_at"),
        Index("ix_sign_in_asked_from", "asked_from", "asked_at"),
        Index("ix_sign_in_asked_at", "asked_at"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    email: Mapped[str]
    next_path: Mapped[str]
    browser: Mapped[str | None]
    asked_from: Mapped[str | None]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    closed_at: Mapped[datetime | None]
