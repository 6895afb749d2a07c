"""Answers from people's calendars: the address that takes them, and those that wait for staff."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import aliased

from cop.core import secrecy
from cop.core.access import EVENT_STAFF
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Booking, BookingSource, BookingState, Choice, Entry, EntryStatus, Event, EventKind, Part
from cop.models.replies import CalendarReply, Participation, ReplyState
from cop.models.summits import PartKind
from cop.queries.staff_events import granted

NAMED = re.compile(r"\+([a-z0-9]{12})([0-9a-f]{16})@")
"""A booking and its signature in an address. Mail servers may change the case of letters, so it has one case only."""


def reply_address(address: str, public_id: str) -> str:
    """Where calendars answer about one booking: a sub-address that nobody else can guess, the same for good.

    A calendar takes an update from nobody but the organizer that it knows.
    """
    name, _, domain = address.rpartition("@")
    return f"{name}+{public_id}{_signature(public_id)}@{domain}"


def bookings_named(addresses: Iterable[str]) -> frozenset[str]:
    """The bookings that genuine addresses of that kind name, by their random words."""
    found = [match.groups() for address in addresses for match in NAMED.finditer(address)]
    return frozenset(public_id for public_id, signature in found if secrecy.same(signature, _signature(public_id)))


def _signature(public_id: str) -> str:
    return secrecy.digest("calendar reply", public_id)[:16]


class Doubt(StrEnum):
    """Why an answer was not simply carried out: one word in its ``reason``."""

    STRANGER = "stranger"
    COUNTER = "counter"
    SOME = "some"
    UNDECIDED = "undecided"
    LATE = "late"
    UNKNOWN = "unknown"
    ENDED = "ended"
    SEQUENCE = "sequence"
    OVERTAKEN = "overtaken"


class Effect(StrEnum):
    """What carrying out an answer does: end the booking, give one of its dates back, take back a yes, or nothing."""

    END = "end"
    DROP = "drop"
    UNDECIDED = "undecided"
    NOTHING = "nothing"


def effect_of(said: Participation, source: BookingSource, event: Event, part: Part, *, dates: int) -> Effect:
    """``dates`` is how many the booking holds. Chosen dates can be given back one by one, all others only together."""
    if said is Participation.DECLINED:
        is_chosen = event.choice is Choice.ANY and part.kind != PartKind.AGENDA
        return Effect.DROP if is_chosen and dates > 1 else Effect.END
    if said is Participation.TENTATIVE and source is BookingSource.INVITATION:
        return Effect.UNDECIDED
    return Effect.NOTHING


@dataclass(frozen=True)
class Answered:
    """An answer with what it is about; ``dates`` is how many the booking holds now, ``seen`` its state in a word."""

    reply: CalendarReply
    booking: Booking
    entry: Entry
    part: Part
    event: Event
    name: str
    email: str | None
    phone: str | None
    dates: int

    @property
    def kind(self) -> EventKind:
        return self.event.kind

    @property
    def effect(self) -> Effect:
        return effect_of(self.reply.participation, self.booking.source, self.event, self.part, dates=self.dates)

    @property
    def is_open(self) -> bool:
        """Whether staff can still decide: the booking stands, and with it the date that was answered."""
        stands = self.booking.state is BookingState.LIVE and self.entry.status is EntryStatus.CONFIRMED
        return self.reply.state is ReplyState.WAITING and stands

    @property
    def seen(self) -> int:
        """A number that grows whenever the date moves or ends, so that a form can tell which one its page showed."""
        return self.entry.sequence


def _answered(read: Reading) -> Select[*tuple[Any, ...]]:
    held = aliased(Entry)
    dates = (
        select(func.count(held.id))
        .where(held.booking_id == Booking.id, held.status == EntryStatus.CONFIRMED)
        .scalar_subquery()
    )
    return (
        select(CalendarReply, Booking, Entry, Part, Event, Person.name, Person.email, Person.phone, dates)
        .join(Booking, Booking.id == CalendarReply.booking_id)
        .join(Entry, and_(Entry.booking_id == Booking.id, Entry.uid == CalendarReply.uid))
        .join(Part, Part.id == Entry.part_id)
        .join(Event, Event.id == Booking.event_id)
        .join(Person, Person.id == Booking.person_id)
        .where(granted(read.actor, EVENT_STAFF))
    )


def _waits(read: Reading) -> tuple[ColumnElement[bool], ...]:
    """What staff still have to decide; once a date is over or given back, nothing is left to decide."""
    return (
        CalendarReply.state == ReplyState.WAITING,
        Booking.state == BookingState.LIVE,
        Entry.status == EntryStatus.CONFIRMED,
        Part.ends_at > read.now,
    )


def waiting(read: Reading, *, before: int | None = None, limit: int = 50) -> Sequence[Answered]:
    """The newest first, ``limit`` + 1 of them; ``before`` continues below that id."""
    return _listed(read, _waits(read), before, limit)


def decided(read: Reading, *, before: int | None = None, limit: int = 50) -> Sequence[Answered]:
    """All that came and does not wait, in the same way."""
    return _listed(read, (CalendarReply.state != ReplyState.WAITING,), before, limit)


def _listed(
    read: Reading, conditions: Iterable[ColumnElement[bool]], before: int | None, limit: int
) -> Sequence[Answered]:
    found = _answered(read).where(*conditions).order_by(CalendarReply.id.desc()).limit(limit + 1)
    if before is not None:
        found = found.where(CalendarReply.id < before)
    return [Answered(*row) for row in read.session.execute(found)]


def count_waiting(read: Reading) -> int:
    rows = _answered(read).where(*_waits(read)).with_only_columns(func.count())
    return read.session.scalar(rows) or 0


def answered(read: Reading, *, reply_id: int) -> Answered:
    """One of them, for the staff of its event."""
    row = read.session.execute(_answered(read).where(CalendarReply.id == reply_id)).one_or_none()
    if row is None:
        raise NotFound
    return Answered(*row)


def latest_stamp(read: Reading, *, uid: Any) -> datetime | None:
    """When the newest answer about a date was given that was carried out."""
    return read.session.scalar(
        select(func.max(CalendarReply.stamped_at)).where(
            CalendarReply.uid == uid, CalendarReply.state == ReplyState.APPLIED, CalendarReply.reason == ""
        )
    )
