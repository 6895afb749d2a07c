"""People at the waiting list: joining, answering and leaving, each in a unit of work of its own; and what must hold."""

from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select, text

from cop.core.access import SYSTEM
from cop.core.work import Read
from cop.models.accounts import Person
from cop.models.events import Booking, Event
from cop.models.offers import Offer, OfferState
from cop.models.waiting import Waiting, WaitingState
from cop.queries.waiting import LAST_CALL
from cop.services import offers
from cop.services.events import waiting
from cop.services.events.waiting import Wish
from tests.support.make import Make, reading, working


class Line:
    """The waiting list of one event."""

    def __init__(self, app: Flask, make: Make, event: Event) -> None:
        self._app, self._make, self.event = app, make, event

    def join(self, person: Person, slots: Collection[int] = (0,), size: int = 1, *, split_ok: bool = False) -> Waiting:
        """Join for the slots of these numbers."""
        wish = Wish([self.event.parts[number].id for number in slots], size, split_ok)
        with working(self._app, self._make.actor(person)) as work:
            return waiting.join(work, event_id=self.event.id, wish=wish)

    def leave(self, entry: Waiting, who: Person | None = None) -> None:
        person_id = who.id if who else entry.person_id
        with working(self._app, self._make.actor(self._person(person_id))) as work:
            waiting.leave(work, public_id=entry.public_id)

    def accept(self, offer: Offer) -> Booking:
        with working(self._app, self._make.actor(self._person(offer.person_id))) as work:
            return offers.accept(work, public_id=offer.public_id)

    def decline(self, offer: Offer) -> None:
        with working(self._app, self._make.actor(self._person(offer.person_id))) as work:
            offers.decline(work, public_id=offer.public_id)

    def lapse(self, offer: Offer) -> bool:
        with working(self._app, SYSTEM) as work:
            return offers.lapse(work, offer_id=offer.id)

    def tend(self) -> int:
        with working(self._app, SYSTEM) as work:
            return waiting.tend(work, event_id=self.event.id)

    def offers(self, state: OfferState = OfferState.OPEN) -> Sequence[Offer]:
        found = select(Offer).where(Offer.event_id == self.event.id, Offer.state == state).order_by(Offer.id)
        with reading(self._app) as read:
            return read.session.scalars(found).all()

    def offer_of(self, person: Person) -> Offer:
        """The open offer of this person, of whom there is one."""
        return next(offer for offer in self.offers() if offer.person_id == person.id)

    def states(self) -> list[tuple[str, WaitingState]]:
        """Names and states of all entries in their order."""
        found = select(Person.name, Waiting.state).join(Person, Person.id == Waiting.person_id)
        with reading(self._app) as read:
            ordered = found.where(Waiting.event_id == self.event.id).order_by(Waiting.id)
            return [(name, state) for name, state in read.session.execute(ordered)]

    def waiting(self) -> list[str]:
        """The names of those who wait, in their order."""
        return [name for name, state in self.states() if state is WaitingState.WAITING]

    def _person(self, person_id: int) -> Person:
        with reading(self._app) as read:
            return read.session.get_one(Person, person_id)


LONDON = ZoneInfo("Europe/London")


BROKEN = {
    "more than there is": """
        SELECT 'event ' || id FROM event WHERE seats_taken > capacity
        UNION ALL SELECT 'part ' || id FROM part WHERE seats_taken > capacity
        UNION ALL SELECT 'day ' || id FROM day_limit WHERE seats_taken > capacity
    """,
    "two bookings, or a booking and a place in the line": """
        SELECT person_id::text FROM booking WHERE state = 'live' GROUP BY event_id, person_id HAVING count(*) > 1
    """,
    "an offer without its claims": """
        SELECT offer.id::text FROM offer WHERE state = 'open' AND (
            SELECT count(*) FROM claim WHERE offer_id = offer.id AND released_at IS NULL AND part_id IS NULL
                AND claim.seats = offer.party_size) <> 1
    """,
    "claims of an offer that has ended": """
        SELECT claim.id::text FROM claim JOIN offer ON offer.id = claim.offer_id
        WHERE claim.released_at IS NULL AND offer.state <> 'open'
    """,
    "an entry offered without an offer, or the other way round": """
        SELECT waiting.id::text FROM waiting WHERE (waiting.state = 'offered') <> EXISTS (
            SELECT FROM offer WHERE offer.waiting_id = waiting.id AND offer.state = 'open')
    """,
    "somebody who booked and waits whole": """
        SELECT waiting.id::text FROM waiting JOIN booking USING (event_id, person_id)
        WHERE booking.state = 'live' AND waiting.state IN ('waiting', 'offered') AND NOT waiting.split_ok
    """,
    "somebody waits who would fit": """
        SELECT waiting.id::text FROM waiting JOIN event ON event.id = waiting.event_id
        JOIN waiting_part ON waiting_part.waiting_id = waiting.id
        JOIN part ON part.id = waiting_part.part_id AND part.state = 'planned' AND part.starts_at > :soon
        LEFT JOIN day_limit day ON day.id = part.day_limit_id
        WHERE waiting.state = 'waiting' AND event.choice = 'one' AND event.state = 'published'
        AND (event.queue = 'fit' OR waiting.id = (
            SELECT min(first.id) FROM waiting first WHERE first.event_id = event.id AND first.state = 'waiting'))
        AND event.per_organisation IS NULL
        AND least(event.capacity - event.seats_taken, part.capacity - part.seats_taken,
            day.capacity - day.seats_taken) >= CASE WHEN waiting.split_ok THEN 1 ELSE waiting.party_size END
    """,
}
"""What may never be, at rest and, but for the last, at any instant: rows that show it."""


def broken(read: Read) -> list[str]:
    """One line for each promise of the waiting list that is not kept now."""
    soon = read.now + LAST_CALL
    return [
        f"{what}: {row[0]}"
        for what, statement in BROKEN.items()
        for row in read.session.execute(text(statement), {"soon": soon} if ":soon" in statement else {})
    ]
