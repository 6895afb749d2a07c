"""Messages about bookings of any kind of event."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cop.calendar_entries import join_address
from cop.core.place import day_of
from cop.core.work import Reading
from cop.mail.kinds import Values, is_preview
from cop.models.events import Booking, BookingState, EventKind, Part
from cop.models.outbox import Outbox
from cop.queries import bookings, summits
from cop.web import EVENT_PAGES, address, ports


def live_booking(read: Reading, row: Outbox) -> Values | None:
    booking = bookings.booking_by_id(read, row.params["booking_id"])
    return _of_booking(read, booking) if booking.state is BookingState.LIVE or is_preview(row) else None


def changed_booking(read: Reading, row: Outbox) -> Values | None:
    """With the time at which it was to begin, where the host has moved it."""
    values = live_booking(read, row)
    was = row.params.get("was")
    if values is None:
        return None
    return {**values, "was": datetime.fromisoformat(was) if was else None, "note": row.params.get("note", "")}


def ended_booking(read: Reading, row: Outbox) -> Values | None:
    booking = bookings.booking_by_id(read, row.params["booking_id"])
    if booking.state is not BookingState.CANCELLED and not is_preview(row):
        return None
    return {**_of_booking(read, booking), "reason": row.params.get("reason", "")}


def reminder(read: Reading, row: Outbox) -> Values | None:
    """Pointless once the booking was cancelled, or the time for which it was posted is no longer the time."""
    values = live_booking(read, row)
    if values is None:
        return None
    parts = [part for part in values["parts"] if part.id == row.params["part_id"]]
    if not parts or parts[0].starts_at != datetime.fromisoformat(row.params["starts_at"]):
        return None
    days = (day_of(parts[0].starts_at) - day_of(read.now)).days
    shown = parts if values["event"].kind is EventKind.MEET_UP else values["parts"]
    return {
        **values,
        "parts": shown,
        "join_link": join_link(values["booking"], parts[0]),
        "part": parts[0],
        "days": days,
        "hours": (parts[0].starts_at - read.now) / timedelta(hours=1),
    }


def _of_booking(read: Reading, booking: Booking) -> dict[str, Any]:
    return {
        "booking": booking,
        "event": booking.event,
        "parts": _parts(read, booking),
        "others": [seat.name for seat in booking.seats if seat.position > 0 and seat.name],
        "link": address("bookings.by_link", token=bookings.link_token(booking)),
        "change_link": address("bookings.change", public_id=booking.public_id),
        "event_link": address(EVENT_PAGES[booking.event.kind], slug=booking.event.slug),
        "join_link": join_link(booking),
    }


def _parts(read: Reading, booking: Booking) -> Sequence[Part]:
    """Of a meet-up, the dates to come, as long as there are any: whoever reads it was at the others."""
    parts = bookings.held_parts(booking)
    coming = [part for part in parts if part.ends_at > read.now]
    return coming if coming and booking.event.kind is EventKind.MEET_UP else parts


def join_link(booking: Booking, part: Part | None = None) -> str | None:
    """The page from which this person joins; each date of a meet-up has one of its own."""
    if booking.event.kind is EventKind.MEET_UP and part is None:
        return None
    return join_address(
        ports().settings.base_url,
        booking.event.kind,
        booking.event.slug,
        booking.public_id,
        booking.link_generation,
        part.id if part is not None else None,
    )


def cancelled_part(read: Reading, row: Outbox) -> Values | None:
    values = live_booking(read, row)
    if values is None:
        return None
    found = {**values, "part": read.session.get_one(Part, row.params["part_id"]), "reason": row.params["reason"]}
    if values["event"].kind is EventKind.MEET_UP:
        return found
    token = summits.link_token(summits.invitation_of_booking(read, values["booking"]))
    return {**found, "link": address("summits.by_link", token=token)}
