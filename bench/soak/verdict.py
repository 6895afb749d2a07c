"""Whether every promise was kept: at each instant that was looked at, and when everything has come to rest."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from itertools import pairwise
from pathlib import Path
from threading import Event as Signal
from time import sleep

from flask import Flask
from sqlalchemy import and_, func, or_, select
from sqlalchemy.exc import DBAPIError

from bench.soak.crowd import Stands, Visitor
from cop.core.access import SYSTEM
from cop.core.work import Reading
from cop.models.events import Booking, BookingState, Claim, Entry, EntryStatus, Event, Part
from cop.models.offers import Offer, OfferState
from cop.models.outbox import OFFER_LETTER, Outbox, OutboxChannel, OutboxState
from cop.queries.soundness import unsound
from cop.web import read

MESSAGE_ID = re.compile(r"<?([^@>]+)")
PAUSE = 0.05


@dataclass
class Witness:
    """Looks at the database again and again while others are at work."""

    looks: int = 0
    broken: list[str] = field(default_factory=list)

    def watch(self, app: Flask, stop: Signal) -> None:
        while not stop.is_set():
            try:
                with app.app_context():
                    self.broken += unsound(read(SYSTEM), at_rest=False)
                self.looks += 1
            except DBAPIError:  # the database is dead at the moment
                sleep(PAUSE)
            sleep(PAUSE)


@dataclass(frozen=True)
class Arrived:
    """The mail server's files: when each Message-ID came, in seconds of the machine's clock, oldest first."""

    times: Mapping[str, Sequence[float]]

    @property
    def messages(self) -> int:
        return sum(map(len, self.times.values()))

    @property
    def doubles(self) -> Mapping[str, Sequence[float]]:
        return {found: times for found, times in self.times.items() if len(times) > 1}


def arrived(folder: Path) -> Arrived:
    times: dict[str, list[float]] = {}
    for file in sorted(folder.glob("*.eml"), key=lambda file: int(file.stem)):
        found = MESSAGE_ID.match(message_from_bytes(file.read_bytes())["Message-ID"])
        assert found is not None
        times.setdefault(found[1], []).append(int(file.stem) / 1e9)
    return Arrived(times)


def at_rest(read: Reading, visitors: Iterable[Visitor], mails: Arrived, kills: Sequence[float]) -> list[str]:
    """One line for each promise that is not kept when nobody does anything any more."""
    return [*unsound(read), *_bookings(read, visitors), *_promised_mails(read), *of_mails(read, mails, kills)]


def of_mails(read: Reading, mails: Arrived, kills: Sequence[float]) -> list[str]:
    """One line for each message that is left, was lost, or came again without a death that explains it."""
    return [*_unsent(read), *_log_and_files(read, mails), *_doubles(mails, kills)]


def _bookings(read: Reading, visitors: Iterable[Visitor]) -> Iterable[str]:
    """Nobody's booking is lost, invented, or other than they were told."""
    live = (
        select(Booking.person_id, Event.slug, Booking.party_size, func.array_agg(Claim.part_id).label("parts"))
        .join(Event, Event.id == Booking.event_id)
        .join(Claim, and_(Claim.booking_id == Booking.id, Claim.released_at.is_(None), Claim.part_id.is_not(None)))
        .where(Booking.state == BookingState.LIVE)
        .group_by(Booking.id, Event.slug)
    )
    held = {(row.person_id, row.slug): (row.party_size, row.parts) for row in read.session.execute(live)}
    for visitor in visitors:
        for visit, told in visitor.told.items():
            who = f"{visit.slug}, person {visitor.guest.person_id}"
            found = held.pop((visitor.guest.person_id, visit.slug), None)
            if (found is not None) is not (told.stands is Stands.BOOKED):
                yield f"{who}: was told “{told.stands.value}”, the database holds {found}"
            elif found is not None and told.size is not None and found != (told.size, [told.slot]):
                yield f"{who}: was told {told.size} people in part {told.slot}, the database holds {found}"
    yield from (f"{slug}, person {person}: a booking that nobody made" for person, slug in held)


def _unsent(read: Reading) -> Iterable[str]:
    """Nothing is left to send."""
    unsent = select(Outbox.state, Outbox.template, func.count()).where(
        Outbox.channel == OutboxChannel.EMAIL,
        Outbox.state.in_([OutboxState.PENDING, OutboxState.LEASED, OutboxState.DEAD]),
        Outbox.due_at <= read.now,
    )
    for state, template, number in read.session.execute(unsent.group_by(Outbox.state, Outbox.template)):
        yield f"{number} messages {template} are {state}"


def _promised_mails(read: Reading) -> Iterable[str]:
    """Nobody was missed: whoever needs a message was sent one."""
    sent = select(Outbox.id).where(Outbox.state == OutboxState.SENT)
    confirmed = sent.where(
        Outbox.template == "booking_confirmed", Outbox.params["booking_id"].as_integer() == Booking.id
    )
    unconfirmed = select(Booking.id).where(Booking.state == BookingState.LIVE, ~confirmed.exists())
    yield from (f"booking {found}: no confirmation was sent" for found in read.session.scalars(unconfirmed))
    reminded = sent.where(Outbox.template == "reminder", Outbox.params["booking_id"].as_integer() == Booking.id)
    week_before = func.min(Part.starts_at) - func.make_interval(0, 0, 1)
    unreminded = (
        select(Booking.id)
        .join(Entry, and_(Entry.booking_id == Booking.id, Entry.status == EntryStatus.CONFIRMED))
        .join(Part, Part.id == Entry.part_id)
        .where(Booking.state == BookingState.LIVE, ~reminded.exists())
        .group_by(Booking.id)
        .having(and_(week_before <= read.now, func.max(Entry.changed_at) < week_before))
    )
    yield from (f"booking {found}: no reminder was sent" for found in read.session.scalars(unreminded))
    told = select(Outbox.id).where(
        Outbox.template == OFFER_LETTER,
        Outbox.params["offer_id"].as_integer() == Offer.id,
        or_(Outbox.state == OutboxState.SENT, Outbox.channel == OutboxChannel.TELL),
    )
    untold = select(Offer.id).where(Offer.state.in_([OfferState.OPEN, OfferState.LAPSED]), ~told.exists())
    yield from (f"offer {found}: nobody was told" for found in read.session.scalars(untold))


def _log_and_files(read: Reading, mails: Arrived) -> Iterable[str]:
    """The message log says what the mail server has, no more and no less.

    A letter whose first try broke off may have arrived before a second one found that nobody needs it any more.
    """
    rows = select(Outbox.message_id, Outbox.state, Outbox.attempts, Outbox.template)
    log = {row.message_id: row for row in read.session.execute(rows)}
    for message_id, row in log.items():
        if row.state is OutboxState.SENT and message_id not in mails.times:
            yield f"message {message_id}, {row.template}: in the log and not in the files"
    for message_id in mails.times:
        if message_id not in log:
            yield f"message {message_id}: in the files and not in the log"
            continue
        row = log[message_id]
        in_doubt = row.state in (OutboxState.DROPPED, OutboxState.DEAD) and row.attempts > 1
        if row.state is not OutboxState.SENT and not in_doubt:
            yield f"message {message_id}, {row.template}: in the files, and {row.state} at try {row.attempts}"


def _doubles(mails: Arrived, kills: Sequence[float]) -> Iterable[str]:
    """A message comes again only because of the death that followed its first copy, and each death doubles one."""
    causes: Counter[float | None] = Counter()
    for times in mails.doubles.values():
        for first, second in pairwise(times):
            causes[next((kill for kill in kills if first <= kill <= second), None)] += 1
    yield from (f"the death at {kill}: {number} messages came twice" for kill, number in causes.items() if number > 1)
    if None in causes:
        yield "a message came twice though nothing had died in between"
