"""Remind of offers two days before their deadline, and let those lapse whose deadline has passed."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, func, select

from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.models.offers import Offer, OfferState
from cop.models.outbox import Outbox
from cop.services.cohorts import offers
from cop.web import unit_of_work

BATCH = 200
REMIND_BEFORE = timedelta(days=2)


def run() -> str:
    lapsed = _each(
        lambda work: Offer.expires_at <= work.now, lambda work, offer_id: offers.lapse(work, offer_id=offer_id)
    )
    reminded = _each(_to_remind, lambda work, offer_id: offers.remind(work, offer_id=offer_id))
    return f"{lapsed} offers lapsed, {reminded} reminders posted"


def _to_remind(work: Work) -> ColumnElement[bool]:
    """Near their end and not reminded of; whoever was offered a place within those two days knows."""
    posted = exists().where(Outbox.key == func.concat("offer-reminder:", Offer.id))
    return and_(
        Offer.expires_at <= work.now + REMIND_BEFORE,
        Offer.expires_at > work.now,
        Offer.offered_at <= Offer.expires_at - REMIND_BEFORE,
        ~posted,
    )


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
