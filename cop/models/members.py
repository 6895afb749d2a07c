"""The directory of members: what people say of themselves there, and letters that the service carries between them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cop.core.secrecy import random_word
from cop.models.base import Base, Encrypted, Id, word

ABOUT_MOST = 600
TAGS_MOST = 12
LETTER_MOST = 3_000
REASON_MOST = 1_000
"""Characters of what somebody says of themselves, words that they choose of each sort, characters of a letter, and of
the reason for reporting it.
"""


class Profile(Base):
    """What somebody shows to other members while their consent to the directory stands."""

    __tablename__ = "profile"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    about: Mapped[str] = mapped_column(default="")
    shows_organisation: Mapped[bool] = mapped_column(default=True)
    shows_role: Mapped[bool] = mapped_column(default=True)
    takes_letters: Mapped[bool] = mapped_column(default=True)
    revision: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]


class Leaning(StrEnum):
    """Whether somebody can help with it or would like help."""

    OFFERS = "offers"
    SEEKS = "seeks"


class ProfileTag(Base):
    __tablename__ = "profile_tag"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True, autoincrement=False, index=True)
    leaning: Mapped[Leaning] = mapped_column(word(Leaning), primary_key=True)


class Relay(Base):
    """A letter from one member to another that the service carried. Nobody but the two reads it; it goes after a while.

    ``answers`` is the letter that it answers. Admins read one that its recipient reported, until they have handled it.
    """

    __tablename__ = "relay"
    __table_args__ = (
        CheckConstraint("(reported_at IS NULL) = (reported_why IS NULL)", name="reported_for_a_reason"),
        CheckConstraint("handled_at IS NULL OR reported_at IS NOT NULL", name="handled_when_reported"),
        Index("ix_relay_from", "from_person_id", "sent_at"),
        Index("ix_relay_to", "to_person_id", "id"),
        Index("ix_relay_sent", "sent_at"),
        Index("ix_relay_reported", "id", postgresql_where=text("reported_at IS NOT NULL AND handled_at IS NULL")),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    from_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    to_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    body: Mapped[str | None] = mapped_column(Encrypted)
    answers: Mapped[int | None] = mapped_column(ForeignKey("relay.id", ondelete="SET NULL"), index=True)
    sent_at: Mapped[datetime]
    reported_at: Mapped[datetime | None]
    reported_why: Mapped[str | None] = mapped_column(Encrypted)
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
