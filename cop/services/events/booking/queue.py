"""The waiting list at work: newcomers may not pass those who wait, and what becomes free is offered to the next."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from cop.algorithms.queueing import Placed, Why
from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.core.working_hours import after_working_hours
from cop.models.accounts import Person
from cop.models.events import Claim, Event, EventState, Part, PartState
from cop.models.offers import Offer, OfferState
from cop.models.outbox import OFFER_LETTER, OutboxChannel, OutboxClass
from cop.models.waiting import Waiting, WaitingState
from cop.queries import reach
from cop.queries.waiting import LIVE, Line, line_of, somebody_waits
from cop.services import outbox
from cop.services.events.booking.holding import end_offer, hold
from cop.services.events.locking import lock_event_to_edit, lock_parts

ANSWER_BEFORE = timedelta(hours=1)
"""An offer is answered at the latest so long before its part begins."""


LETTER_KEY = "place-offered:"
"""How the key of an offer's letter begins; the offer's id follows."""


class KeptForOthers(Refusal):
    """There are places, but those who wait come first, or the newcomer's organisation has its share."""


def refuse_to_pass(work: Work, event: Event, parts: Iterable[Part], *, seats: int, organisation_id: int | None) -> None:
    """Refuse a newcomer who would take what somebody in the line could use, or more than their organisation's share.

    The event is locked. That places are left at all has been checked before.
    """
    line = _lock_line(work, event)
    part_ids = [part.id for part in parts]
    newcomer = line.newcomer(size=seats, organisation_id=organisation_id, part_ids=part_ids)
    outcome = line.served(newcomer)[-1]
    if isinstance(outcome, Placed):
        return
    if outcome.why is Why.SHARE:
        raise KeptForOthers(_share_message(event), field="party_size", share=event.per_organisation)
    raise KeptForOthers(
        marked("Others are waiting for the places that are left. Join the waiting list, and your turn will come."),
        field="slot",
    )


def _share_message(event: Event) -> str:
    if event.fair_share_until is None:
        return marked("Your organisation may hold %(share)s places at one time here, so that others can come too")
    return marked(
        "For now your organisation may hold %(share)s places at one time here, so that others can come too. "
        "Nearer the date, what is left is free for all."
    )


def _lock_line(work: Work, event: Event) -> Line:
    """The line, with everything locked that it counts. The counters are read anew: triggers move them."""
    work.session.flush()
    event = lock_event_to_edit(work, event.id)
    planned = select(Part.id).where(Part.event_id == event.id, Part.state == PartState.PLANNED)
    lock_parts(work, event.id, work.session.scalars(planned).all())
    return line_of(work, event)


def advance(work: Work, event: Event) -> int:
    """Offer what is free to those whose turn it is, in the transaction that freed it; how many offers were made.

    The event is locked, exclusively if anybody waits. Asking once more changes nothing.
    """
    if event.state is not EventState.PUBLISHED or not somebody_waits(work, event.id):
        return 0
    line = _lock_line(work, event)
    placed = [outcome for outcome in line.served() if isinstance(outcome, Placed)]
    for outcome in placed:
        _offer(work, line, outcome)
    return len(placed)


def _offer(work: Work, line: Line, outcome: Placed) -> None:
    entry = work.session.get_one(Waiting, outcome.entrant.key)
    person = work.session.get_one(Person, entry.person_id)
    parts = line.parts_of(outcome.option)
    way = reach.way(work, person, OFFER_LETTER)
    offer = hold(
        work,
        line.event,
        parts,
        person_id=person.id,
        seats=outcome.seats,
        expires_at=answer_by(work, line.event, parts) if way.channel is OutboxChannel.EMAIL else None,
        waiting_id=entry.id,
    )
    entry.state = WaitingState.OFFERED
    work.session.flush()
    outbox.post(
        work,
        key=f"{LETTER_KEY}{offer.id}",
        to=person,
        template=OFFER_LETTER,
        urgency=OutboxClass.TIMELY,
        useless_after=offer.expires_at or latest_answer(parts),
        way=way,
        offer_id=offer.id,
    )


def answer_by(work: Work, event: Event, parts: Sequence[Part]) -> datetime:
    """When an offer ends whose time begins now: after the event's working hours, or when its part is near."""
    return min(after_working_hours(work.now, event.offer_hours), latest_answer(parts))


def latest_answer(parts: Sequence[Part]) -> datetime:
    return min(part.starts_at for part in parts) - ANSWER_BEFORE


def leave_line(work: Work, event: Event, person_id: int, *, state: WaitingState) -> None:
    """Take a person who books otherwise, or cancels, off the list; the event is locked.

    What that frees is offered by the caller's :func:`advance`. Places that are held for them are answered first.
    """
    found = select(Waiting).where(Waiting.event_id == event.id, Waiting.person_id == person_id, Waiting.state.in_(LIVE))
    for entry in work.session.scalars(found.with_for_update().execution_options(populate_existing=True)).all():
        if entry.state is WaitingState.OFFERED and state is WaitingState.BOOKED:
            raise Refusal(marked("Places are held here already, by an offer from the waiting list. Answer that first."))
        end_entry(work, entry, state)


def end_entry(work: Work, entry: Waiting, state: WaitingState) -> None:
    """End a locked entry for good, and the offer that it has."""
    open_offers = select(Offer).where(Offer.waiting_id == entry.id, Offer.state == OfferState.OPEN)
    for offer in work.session.scalars(open_offers.with_for_update().execution_options(populate_existing=True)).all():
        end_offer(work, offer, OfferState.WITHDRAWN)
    entry.state, entry.ended_at = state, work.now
    work.session.flush()


def end_hopeless(work: Work, event: Event) -> int:
    """Tell those who can get nothing any more that their waiting is over; how many that were. The event is locked."""
    work.session.flush()
    line = line_of(work, event)
    is_on = event.state is EventState.PUBLISHED
    hopeless = [entrant.key for entrant in line.entrants if not (is_on and entrant.options)]
    for entry_id in hopeless:
        entry = work.session.get_one(Waiting, entry_id, with_for_update=True)
        end_entry(work, entry, WaitingState.LAPSED)
        _tell(work, entry, "waiting_ended", key=f"waiting-ended:{entry.id}", waiting_id=entry.id)
    return len(hopeless)


def _tell(work: Work, entry: Waiting, template: str, *, key: str, **params: Any) -> None:
    outbox.post(work, key=key, to=work.session.get_one(Person, entry.person_id), template=template, **params)


def give_up_parts(work: Work, event: Event, parts: Sequence[Part]) -> None:
    """The parts are called off: open offers of them are taken back, and whoever has nothing left to wait for is told.

    Whoever has other slots on their wish goes on waiting, in the same place.
    """
    held = (
        select(Offer)
        .where(Offer.event_id == event.id, Offer.state == OfferState.OPEN, Offer.waiting_id.is_not(None))
        .where(Offer.id.in_(select(Claim.offer_id).where(Claim.part_id.in_([part.id for part in parts]))))
    )
    for offer in work.session.scalars(held.with_for_update()).all():
        end_offer(work, offer, OfferState.WITHDRAWN)
        entry = work.session.get_one(Waiting, offer.waiting_id)
        entry.state = WaitingState.WAITING
        _tell(work, entry, "place_offer_withdrawn", key=f"place-offer-withdrawn:{offer.id}", offer_id=offer.id)
    end_hopeless(work, event)
    advance(work, event)
