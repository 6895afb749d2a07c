"""Messages about waiting lists and the places that come of them."""

from typing import Any

from cop.core.work import Reading
from cop.mail.kinds import Values, is_preview
from cop.models.offers import OfferState
from cop.models.outbox import Outbox
from cop.models.waiting import Waiting, WaitingState
from cop.queries import offers, waiting_lists
from cop.web import EVENT_PAGES, address


def joined(read: Reading, row: Outbox) -> Values | None:
    """Pointless for somebody who has been offered a place, or left, before the mail went out."""
    entry = waiting_lists.entry_by_id(read, row.params["waiting_id"])
    if entry.state is not WaitingState.WAITING and not is_preview(row):
        return None
    return {**_of_entry(entry), "turns": waiting_lists.turns_of(read, entry)}


def ended(read: Reading, row: Outbox) -> Values | None:
    entry = waiting_lists.entry_by_id(read, row.params["waiting_id"])
    return _of_entry(entry) if entry.ended_at is not None or is_preview(row) else None


def _of_entry(entry: Waiting) -> dict[str, Any]:
    return {
        "entry": entry,
        "event": entry.event,
        "link": address("waiting.by_link", token=waiting_lists.link_token(entry)),
        "event_link": address(EVENT_PAGES[entry.event.kind], slug=entry.event.slug),
    }


def open_offer(read: Reading, row: Outbox) -> Values | None:
    offer = offers.offer_by_id(read, row.params["offer_id"])
    if not offers.is_open(read, offer) and not is_preview(row):
        return None
    return {
        "offer": offer,
        "event": offer.event,
        "parts": offers.parts_of(read, offer),
        "link": address("offers.offer", token=offers.link_token(offer)),
    }


def ended_offer(read: Reading, row: Outbox) -> Values | None:
    """With whether they go on waiting, for other times than the one that was called off."""
    offer = offers.offer_by_id(read, row.params["offer_id"])
    entry = offer.waiting
    if (offer.state is OfferState.OPEN or entry is None) and not is_preview(row):
        return None
    waits = entry is not None and entry.ended_at is None
    return {
        "offer": offer,
        "event": offer.event,
        "parts": offers.parts_of(read, offer),
        "entry_link": address("waiting.by_link", token=waiting_lists.link_token(entry)) if entry and waits else None,
        "join_link": address("waiting.join", slug=offer.event.slug),
        "event_link": address(EVENT_PAGES[offer.event.kind], slug=offer.event.slug),
    }
