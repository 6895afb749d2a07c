"""Doors for staff and programs: second factors, devices, single sign-on, and tokens of the interface for programs."""

from datetime import datetime

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cop.core.secrecy import random_word
from cop.models.base import Base, Encrypted, Id


class Passkey(Base):
    """A key that lives in a device of its owner; the service knows only its public half."""

    __tablename__ = "passkey"
    __table_args__ = (Index("ix_passkey_person", "person_id", "id"),)

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    name: Mapped[str]
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Authenticator(Base):
    """An app that shows codes. ``last_step`` is the 30 seconds of the last code used, so that none is good twice."""

    __tablename__ = "authenticator"
    __table_args__ = (Index("ix_authenticator_person", "person_id", "id"),)

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    secret: Mapped[str] = mapped_column(Encrypted)
    begun_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code for the day on which the other factors are lost; only its digest is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index("ix_recovery_code_person", "person_id", "digest"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    digest: Mapped[str]
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class FactorTry(Base):
    """One wrong second factor, so that nobody tries codes without end."""

    __tablename__ = "factor_try"
    __table_args__ = (Index("ix_factor_try_person", "person_id", "at"), Index("ix_factor_try_at", "at"))

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Device(Base):
    """One browser that is or was signed in, under an epoch of its account: a later epoch ends all of them.

    ``browser`` is what it says that it is, in words; ``seen_at`` is when it was last seen, to the hour.
    ``challenge`` is what a passkey has to sign next, once and before ``challenge_until``.
    """

    __tablename__ = "device"
    __table_args__ = (
        Index("ix_device_person", "person_id", "id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_device_seen", "seen_at"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    session_epoch: Mapped[int]
    browser: Mapped[str]
    signed_in_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary)
    challenge_until: Mapped[datetime | None]


class IdentityProvider(Base):
    """An organisation's own sign-in, by OpenID Connect, for the addresses of its domains."""

    __tablename__ = "identity_provider"
    __table_args__ = (CheckConstraint("issuer LIKE 'https://%' OR issuer LIKE 'http://%'", name="issuer_is_address"),)

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str]
    issuer: Mapped[str]
    client_id: Mapped[str]
    client_secret: Mapped[str] = mapped_column(Encrypted)
    counts_as_second: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class ExternalIdentity(Base):
    """Who somebody is to such a provider."""

    __tablename__ = "external_identity"
    __table_args__ = (
        UniqueConstraint("provider_id", "subject"),
        Index("ix_external_identity_person", "person_id"),
    )

    id: Mapped[Id]
    provider_id: Mapped[int] = mapped_column(ForeignKey("identity_provider.id"))
    subject: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    linked_at: Mapped[datetime]


class ApiToken(Base):
    """What a program shows to read. Only its digest is kept; ``prefix`` are the first characters, to tell them apart.

    It reads at most what its maker may read, of one programme or, from an admin of all, of every programme.
    ``used_at`` is when it was last used, to the hour; ``calls`` counts those of the minute ``calls_at``.
    """

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("made_at < expires_at", name="expires_later"),
        CheckConstraint("expires_at <= made_at + interval '366 days'", name="expires_within_a_year"),
        CheckConstraint("cardinality(scopes) > 0", name="for_something"),
        Index("ix_api_token_person", "person_id", "id"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    digest: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]
    name: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    calls_at: Mapped[datetime | None]
    calls: Mapped[int] = mapped_column(default=0)
    revoked_at: Mapped[datetime | None]
