"""People at the waiting list: joining, answering and leaving, each in a unit of work of its own."""

from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select

from cop.core.access import SYSTEM
from cop.models.accounts import Person
from cop.models.events import Booking, Event
from cop.models.offers import Offer, OfferState
from cop.models.waiting import Waiting, WaitingState
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
