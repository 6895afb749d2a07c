"""Remind of offers two days before their deadline, let those lapse whose deadline has passed, and see to the
waiting lists: shares lift and slots go by without anybody doing anything.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, and_, select

from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.models.offers import Offer, OfferState
from cop.models.waiting import Waiting, WaitingState
from cop.queries.timetable import OFFER_AHEAD, offer_to_be_reminded_of
from cop.services import offers
from cop.services.events import waiting
from cop.web import unit_of_work

BATCH = 200


def run() -> str:
    lapsed = _each(lambda work: offers.is_over(work.now), lambda work, offer_id: offers.lapse(work, offer_id=offer_id))
    reminded = _each(_to_remind, lambda work, offer_id: offers.remind(work, offer_id=offer_id))
    tended = sum(_tend(event_id) for event_id in _waited_for())
    return f"{lapsed} offers lapsed, {reminded} reminders posted, {tended} parties offered places or let go"


def _waited_for() -> Sequence[int]:
    with unit_of_work(SYSTEM) as work:
        found = select(Waiting.event_id).where(Waiting.state == WaitingState.WAITING).distinct()
        return work.session.scalars(found.order_by(Waiting.event_id)).all()


def _tend(event_id: int) -> int:
    with unit_of_work(SYSTEM) as work:
        return waiting.tend(work, event_id=event_id)


def _to_remind(work: Work) -> ColumnElement[bool]:
    """Near their end and not reminded of."""
    near = (Offer.expires_at <= work.now + OFFER_AHEAD, Offer.expires_at > work.now)
    return and_(*near, offer_to_be_reminded_of())


def _each(due: Callable[[Work], ColumnElement[bool]], act: Callable[[Work, int], object]) -> int:
    """Carry out ``act`` for the open offers that are due, each in a unit of work of its own; how many they were."""
    done = 0
    while offer_ids := _ids(due):
        for offer_id in offer_ids:
            with unit_of_work(SYSTEM) as work:
                act(work, offer_id)
        done += len(offer_ids)
    return done


def _ids(due: Callable[[Work], ColumnElement[bool]]) -> Sequence[int]:
    with unit_of_work(SYSTEM) as work:
        found = select(Offer.id).where(Offer.state == OfferState.OPEN, due(work)).order_by(Offer.id).limit(BATCH)
        return work.session.scalars(found).all()
