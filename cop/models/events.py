"""The engine under visits, webinars, summits and courses: events, bookings, seats and attendance.

Capacity is a promise of the database: a trigger keeps ``seats_taken`` equal to the live claims, and checks refuse
what would overflow, whatever code path tried it.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.core.secrecy import random_word
from cop.models.accounts import Person, Sector
from cop.models.base import Base, Encrypted, Id, word
from cop.models.organisations import Membership, Organisation
from cop.models.programmes import Programme, Series


class EventKind(StrEnum):
    VISIT = "visit"
    WEBINAR = "webinar"
    SUMMIT = "summit"
    COHORT = "cohort"
    MEET_UP = "meet-up"


class EventState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Visibility(StrEnum):
    """Who sees an event: everybody; whoever has its address; whoever was asked to come; alumni of its programme."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    INVITED = "invited"
    ALUMNI = "alumni"


FOR_ANYBODY = (Visibility.PUBLIC, Visibility.UNLISTED)
"""Events that nobody has to be somebody to see. What a stranger is shown asks for one of these, and for no less."""


class Choice(StrEnum):
    """How many parts a booking takes: one of the slots, all half-days, any of the breakouts."""

    ONE = "one"
    ALL = "all"
    ANY = "any"


class Queue(StrEnum):
    """Who gets a place that becomes free: nobody is asked; whoever waits longest, or nobody; whoever fits."""

    NONE = "none"
    STRICT = "strict"
    FIT = "fit"


class PartState(StrEnum):
    PLANNED = "planned"
    CANCELLED = "cancelled"


class BookingState(StrEnum):
    LIVE = "live"
    CANCELLED = "cancelled"


class BookingSource(StrEnum):
    SELF = "self"
    STAFF = "staff"
    INVITATION = "invitation"
    OFFER = "offer"
    WALK_IN = "walk-in"
    IMPORT = "import"


class EntryStatus(StrEnum):
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class Attendance(StrEnum):
    ATTENDED = "attended"
    PARTIAL = "partial"
    ABSENT = "absent"
    EXCUSED = "excused"


CAME = (Attendance.ATTENDED, Attendance.PARTIAL)
"""Whoever is marked so was there, for the whole of it or for a part."""


class MarkSource(StrEnum):
    CHECK_IN = "check-in"
    SELF_CHECK_IN = "self-check-in"
    ROSTER = "roster"
    IMPORT = "import"


EVENT_WORDS = text("to_tsvector('english'::regconfig, (title || ' '::text) || summary)")
"""What a search for events looks through; index and query must say the same."""


def _queue_of_kind(context: DefaultExecutionContext) -> Queue:
    """A panel names the next person of a course; everything else has a waiting list."""
    values = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return Queue.NONE if values["kind"] is EventKind.COHORT else Queue.STRICT


class Event(Base):
    """Anything that people book, of any kind.

    ``per_organisation``: places that one organisation may hold in one part, until ``fair_share_until`` or, without it,
    for good. ``offer_hours``: working hours in which an offer from the waiting list is answered. ``online_event_id``:
    where to go for those who cannot come; ``instead_event_id``: another date for those whose visit was cancelled.
    ``safety`` goes out with the visit pack, ``host_notes`` are for those who run the event alone.
    """

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("0 <= seats_taken AND (capacity IS NULL OR seats_taken <= capacity)", name="seats_fit"),
        CheckConstraint("party_max BETWEEN 1 AND 100", name="party_max_sensible"),
        CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="slug_is_words"),
        CheckConstraint("join_opens_minutes BETWEEN 0 AND 10080", name="join_opens_within_a_week"),
        CheckConstraint("kind <> 'cohort' OR queue = 'none'", name="courses_have_no_queue"),
        CheckConstraint("per_organisation > 0", name="share_of_somebody"),
        CheckConstraint("offer_hours BETWEEN 1 AND 100", name="offer_hours_sensible"),
        Index("ix_event_programme_kind", "programme_id", "kind"),
        Index("ix_event_series", "series_id"),
        Index("ix_event_words", EVENT_WORDS, postgresql_using="gin"),
    )

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    kind: Mapped[EventKind] = mapped_column(word(EventKind))
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    getting_there: Mapped[str] = mapped_column(default="")
    step_free: Mapped[str] = mapped_column(default="")
    bring: Mapped[str] = mapped_column(default="")
    map_url: Mapped[str] = mapped_column(default="", server_default="")
    parking: Mapped[str] = mapped_column(default="", server_default="")
    safety: Mapped[str] = mapped_column(default="", server_default="")
    contact: Mapped[str] = mapped_column(default="", server_default="")
    host_notes: Mapped[str] = mapped_column(default="", server_default="")
    online_event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    instead_event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    state: Mapped[EventState] = mapped_column(word(EventState), default=EventState.DRAFT)
    visibility: Mapped[Visibility] = mapped_column(word(Visibility), default=Visibility.PUBLIC)
    choice: Mapped[Choice] = mapped_column(word(Choice), default=Choice.ONE)
    capacity: Mapped[int | None]
    seats_taken: Mapped[int] = mapped_column(default=0, server_default="0")
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    change_until: Mapped[datetime | None]
    needs_until: Mapped[datetime | None]
    join_opens_minutes: Mapped[int] = mapped_column(default=60, server_default="60")
    party_max: Mapped[int] = mapped_column(default=1)
    per_organisation: Mapped[int | None]
    fair_share_until: Mapped[datetime | None]
    queue: Mapped[Queue] = mapped_column(word(Queue), default=_queue_of_kind, server_default="strict")
    offer_hours: Mapped[int] = mapped_column(default=10, server_default="10")
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]

    programme: Mapped[Programme] = relationship(lazy="raise")
    series: Mapped[Series | None] = relationship(lazy="raise")
    parts: Mapped[list["Part"]] = relationship(back_populates="event", lazy="raise", order_by="Part.starts_at, Part.id")


class DayLimit(Base):
    """How many people one day of an event can take over all its slots."""

    __tablename__ = "day_limit"
    __table_args__ = (
        CheckConstraint("0 <= seats_taken AND seats_taken <= capacity", name="seats_fit"),
        UniqueConstraint("event_id", "on_date"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    on_date: Mapped[date]
    capacity: Mapped[int]
    seats_taken: Mapped[int] = mapped_column(default=0, server_default="0")


class Part(Base):
    """A dated piece of an event: a slot, a half-day, a breakout."""

    __tablename__ = "part"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("0 <= seats_taken AND (capacity IS NULL OR seats_taken <= capacity)", name="seats_fit"),
        Index("ix_part_event", "event_id", "starts_at"),
        Index("ix_part_starts_at", "starts_at"),
        Index("ix_part_changed_at", "changed_at"),
    )

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    day_limit_id: Mapped[int | None] = mapped_column(ForeignKey("day_limit.id"))
    kind: Mapped[str] = mapped_column(default="slot")
    title: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(default="")
    join_url: Mapped[str | None] = mapped_column(Encrypted)
    capacity: Mapped[int | None]
    seats_taken: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[PartState] = mapped_column(word(PartState), default=PartState.PLANNED)
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]

    event: Mapped[Event] = relationship(back_populates="parts", lazy="raise")
    day_limit: Mapped[DayLimit | None] = relationship(lazy="raise")

    @property
    def places_left(self) -> int | None:
        """Places that nobody has claimed, by the tighter of slot and day; None where neither is limited."""
        left = [
            unit.capacity - unit.seats_taken for unit in (self, self.day_limit) if unit and unit.capacity is not None
        ]
        return min(left, default=None)


class Booking(Base):
    """One person's agreement to come, for a party, with who they were on that day."""

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("party_size > 0", name="party_of_somebody"),
        Index(
            "uq_booking_one_live_per_person",
            "event_id",
            "person_id",
            unique=True,
            postgresql_where=text("state = 'live'"),
        ),
        Index("ix_booking_person", "person_id", "id"),
        Index("ix_booking_event", "event_id", "id"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    party_size: Mapped[int]
    state: Mapped[BookingState] = mapped_column(word(BookingState), default=BookingState.LIVE)
    source: Mapped[BookingSource] = mapped_column(word(BookingSource), default=BookingSource.SELF)
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    booked_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    link_generation: Mapped[int] = mapped_column(default=0)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    sector: Mapped[Sector | None] = mapped_column(word(Sector))
    membership: Mapped[Membership | None] = mapped_column(word(Membership))
    newer_member: Mapped[bool | None]

    event: Mapped[Event] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])
    organisation: Mapped[Organisation | None] = relationship(lazy="raise")
    seats: Mapped[list["Seat"]] = relationship(back_populates="booking", lazy="raise", order_by="Seat.position")
    entries: Mapped[list["Entry"]] = relationship(back_populates="booking", lazy="raise", order_by="Entry.position")


class Seat(Base):
    """One human in a booking, named or not yet."""

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("booking_id", "position"),
        Index(
            "uq_seat_one_live_per_person",
            "event_id",
            "person_id",
            unique=True,
            postgresql_where=text("live AND person_id IS NOT NULL"),
        ),
        Index("ix_seat_person", "person_id", postgresql_where=text("person_id IS NOT NULL")),
    )

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    position: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str | None]
    live: Mapped[bool] = mapped_column(default=True)

    booking: Mapped[Booking] = relationship(back_populates="seats", lazy="raise")
    person: Mapped[Person | None] = relationship(lazy="raise")


class Arrangement(Base):
    """What somebody needs for one booking: health data, so it is encrypted and forgotten when it has served.

    ``diet`` is JSON: ``{"allergens": [...], "diets": [...], "other": "..."}``.
    """

    __tablename__ = "arrangement"
    __table_args__ = (Index("ix_arrangement_forget_at", "forget_at"),)

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True, autoincrement=False)
    access: Mapped[str | None] = mapped_column(Encrypted)
    diet: Mapped[str | None] = mapped_column(Encrypted)
    emergency_contact: Mapped[str | None] = mapped_column(Encrypted)
    travel: Mapped[str | None] = mapped_column(Encrypted)
    saved_at: Mapped[datetime]
    forget_at: Mapped[datetime]


class Claim(Base):
    """Seats that a booking or an open offer holds, until released: on an event (``part_id`` empty) or on a part."""

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("seats > 0", name="seats_positive"),
        CheckConstraint("num_nonnulls(booking_id, offer_id) = 1", name="one_holder"),
        Index(
            "uq_claim_live",
            "booking_id",
            "offer_id",
            "part_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("released_at IS NULL"),
        ),
        Index("ix_claim_part_live", "part_id", postgresql_where=text("released_at IS NULL")),
        Index("ix_claim_booking", "booking_id"),
        Index("ix_claim_offer", "offer_id", postgresql_where=text("offer_id IS NOT NULL")),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    part_id: Mapped[int | None] = mapped_column(ForeignKey("part.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"))
    seats: Mapped[int]
    released_at: Mapped[datetime | None]


class Entry(Base):
    """The calendar entry a person holds: its UID outlives every change of slot."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("booking_id", "position"),
        Index("ix_entry_part", "part_id", postgresql_where=text("status = 'confirmed'")),
    )

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    position: Mapped[int]
    uid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"))
    sequence: Mapped[int] = mapped_column(default=0)
    status: Mapped[EntryStatus] = mapped_column(word(EntryStatus), default=EntryStatus.CONFIRMED)
    changed_at: Mapped[datetime]

    booking: Mapped[Booking] = relationship(back_populates="entries", lazy="raise")
    part: Mapped[Part] = relationship(lazy="raise")


class Mark(Base):
    """One statement about one seat's attendance of one part; a correction supersedes, nothing is overwritten."""

    __tablename__ = "mark"
    __table_args__ = (
        Index("uq_mark_current", "part_id", "seat_id", unique=True, postgresql_where=text("superseded_at IS NULL")),
        Index("ix_mark_seat", "seat_id"),
    )

    id: Mapped[Id]
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    status: Mapped[Attendance] = mapped_column(word(Attendance))
    minutes: Mapped[int | None]
    source: Mapped[MarkSource] = mapped_column(word(MarkSource))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("attendance_import.id"), index=True)
    superseded_at: Mapped[datetime | None]
