"""Places held for somebody who has to answer first."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update

from cop.core.work import Work
from cop.models.events import Claim, Event, Part
from cop.models.offers import Offer, OfferState
from cop.services.events.booking.places import claim


def hold(
    work: Work,
    event: Event,
    parts: Sequence[Part],
    *,
    person_id: int,
    seats: int,
    expires_at: datetime | None,
    application_id: int | None = None,
    waiting_id: int | None = None,
) -> Offer:
    """Make an offer that claims its places; the event and the parts are locked, and the caller has seen that they fit.

    Telling the person is the caller's business.
    """
    offer = Offer(
        event_id=event.id,
        person_id=person_id,
        application_id=application_id,
        waiting_id=waiting_id,
        party_size=seats,
        state=OfferState.OPEN,
        offered_at=work.now,
        offered_by=work.actor.person_id,
        expires_at=expires_at,
    )
    work.session.add(offer)
    work.session.flush()
    claim(work, event, parts, seats, offer_id=offer.id)
    return offer


def end_offer(work: Work, offer: Offer, state: OfferState) -> None:
    """End an open offer and give back what it held; the event is locked."""
    held = update(Claim).where(Claim.offer_id == offer.id, Claim.released_at.is_(None))
    work.session.execute(held.values(released_at=work.now))
    offer.state, offer.ended_at = state, work.now
    work.session.flush()
