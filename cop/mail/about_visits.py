"""Messages about visits: the pack before the day, what follows a cancellation, and what hosts are asked."""

from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace

from cop.core import secrecy
from cop.core.work import Reading
from cop.mail import about_bookings
from cop.mail.kinds import Values, is_preview
from cop.models.events import Event, EventState, Part
from cop.models.outbox import Outbox
from cop.queries import alternatives, bookings, no_shows, rota
from cop.web import EVENT_PAGES, address

OTHER_TIMES_SHOWN = 5


def visit_pack(read: Reading, row: Outbox) -> Values | None:
    """Pointless once the booking was cancelled or holds another time: that one has its own pack."""
    values = about_bookings.live_booking(read, row)
    if values is None:
        return None
    parts = [part for part in values["parts"] if part.id == row.params["part_id"]]
    if not parts or (parts[0].starts_at <= read.now and not is_preview(row)):
        return None
    token = secrecy.sign("booking", values["booking"].public_id, values["booking"].link_generation)
    return {**values, "part": parts[0], "pack_link": address("hosting.pack_by_link", token=token)}


def cancelled_by_staff(read: Reading, row: Outbox) -> Values | None:
    """With what there is instead: another date, other times of the same visit, or something online."""
    values = about_bookings.ended_booking(read, row)
    if values is None:
        return None
    event, booking = values["event"], values["booking"]
    times: Sequence[Part] = ()
    if row.params.get("offer_others"):
        times = alternatives.other_times(read, event, size=booking.party_size)[:OTHER_TIMES_SHOWN]
    found = {
        "instead": alternatives.instead(read, event),
        "online": alternatives.online_alternative(read, event),
    }
    links = {f"{name}_link": _page_of(other) if other is not None else None for name, other in found.items()}
    book_link = address("visits.book", slug=event.slug) if times else None
    return {**values, **found, **links, "times": times, "book_link": book_link}


def _page_of(event: alternatives.Alternative) -> str:
    return address(EVENT_PAGES[event.kind], slug=event.slug)


def missed(read: Reading, row: Outbox) -> Values | None:
    """Pointless once the mark was corrected."""
    booking = bookings.booking_by_id(read, row.params["booking_id"])
    if not no_shows.is_missed(read, booking_id=booking.id) and not is_preview(row):
        return None
    return {
        "event": booking.event,
        "parts": bookings.held_parts(booking),
        "visits_link": address("visits.index"),
        "contact_link": address("pages.contact"),
    }


def host_asked(read: Reading, row: Outbox) -> Values | None:
    """Pointless once nothing that they were asked for is open."""
    event = read.session.get(Event, row.params["event_id"])
    if event is None or event.state is EventState.CANCELLED:
        return None
    asked = rota.slots_of(read, event_id=event.id, person_id=row.person_id)
    open_slots = [one.part for one in asked if one.accepted is None]
    if not open_slots:
        return None
    return {"event": event, "parts": open_slots, "link": address("hosting.own_slots", slug=event.slug)}


def host_not_needed(read: Reading, row: Outbox) -> Values | None:
    event = read.session.get_one(Event, row.params["event_id"])
    times = {name: datetime.fromisoformat(row.params[name]) for name in ("starts_at", "ends_at")}
    return {"event": event, "part": SimpleNamespace(**times), "link": address("visits.visit", slug=event.slug)}
