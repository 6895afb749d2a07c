"""Places offered: to those whom a panel chose, and to whoever is next on a waiting list."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.core.secrecy import random_word
from cop.models.accounts import Person
from cop.models.base import Base, Id, word
from cop.models.cohorts import Application
from cop.models.events import Event
from cop.models.waiting import Waiting


class OfferState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class Offer(Base):
    """Places held for somebody who applied or waits, until they answer or ``expires_at`` comes.

    While open it claims its seats. ``expires_at`` is empty until somebody without e-mail has been told: only then
    does their time begin.
    """

    __tablename__ = "offer"
    __table_args__ = (
        Index("uq_offer_open", "application_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("uq_offer_open_waiting", "waiting_id", unique=True, postgresql_where=text("state = 'open'")),
        CheckConstraint("num_nonnulls(application_id, waiting_id) = 1", name="one_origin"),
        CheckConstraint("party_size > 0", name="party_of_somebody"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_unless_open"),
        Index("ix_offer_event", "event_id", "id"),
        Index("ix_offer_person", "person_id", "id"),
        Index("ix_offer_expires_at", "expires_at", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"))
    waiting_id: Mapped[int | None] = mapped_column(ForeignKey("waiting.id"))
    party_size: Mapped[int] = mapped_column(default=1)
    state: Mapped[OfferState] = mapped_column(word(OfferState), default=OfferState.OPEN)
    generation: Mapped[int] = mapped_column(default=0)
    offered_at: Mapped[datetime]
    offered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    application: Mapped[Application | None] = relationship(lazy="raise")
    waiting: Mapped[Waiting | None] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])
    event: Mapped[Event] = relationship(lazy="raise")

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be answered; the job that ends offers may come a minute late."""
        return self.state is OfferState.OPEN and (self.expires_at is None or now < self.expires_at)
