"""Messages about bookings of any kind of event."""

from datetime import datetime, timedelta
from typing import Any

from cop.calendar_entries import join_address
from cop.core.place import day_of
from cop.core.work import Reading
from cop.mail.kinds import Values, address, is_preview
from cop.models.events import Booking, BookingState, EventKind, Part
from cop.models.outbox import Outbox
from cop.queries import bookings, summits
from cop.web import EVENT_PAGES, ports


def live_booking(read: Reading, row: Outbox) -> Values | None:
    booking = bookings.booking_by_id(read, row.params["booking_id"])
    return _of_booking(booking) if booking.state is BookingState.LIVE or is_preview(row) else None


def changed_booking(read: Reading, row: Outbox) -> Values | None:
    """With the time at which it was to begin, where the host has moved it."""
    values = live_booking(read, row)
    was = row.params.get("was")
    return {**values, "was": datetime.fromisoformat(was) if was else None} if values is not None else None


def ended_booking(read: Reading, row: Outbox) -> Values | None:
    booking = bookings.booking_by_id(read, row.params["booking_id"])
    if booking.state is not BookingState.CANCELLED and not is_preview(row):
        return None
    return {**_of_booking(booking), "reason": row.params.get("reason", "")}


def reminder(read: Reading, row: Outbox) -> Values | None:
    """Pointless once the booking was cancelled, or the time for which it was posted is no longer the time."""
    values = live_booking(read, row)
    if values is None:
        return None
    parts = [part for part in values["parts"] if part.id == row.params["part_id"]]
    if not parts or parts[0].starts_at != datetime.fromisoformat(row.params["starts_at"]):
        return None
    days = (day_of(parts[0].starts_at) - day_of(read.now)).days
    return {**values, "part": parts[0], "days": days, "hours": (parts[0].starts_at - read.now) / timedelta(hours=1)}


def _of_booking(booking: Booking) -> dict[str, Any]:
    return {
        "booking": booking,
        "event": booking.event,
        "parts": bookings.held_parts(booking),
        "others": [seat.name for seat in booking.seats if seat.position > 0 and seat.name],
        "link": address("bookings.by_link", token=bookings.link_token(booking)),
        "change_link": address("bookings.change", public_id=booking.public_id),
        "event_link": address(EVENT_PAGES[booking.event.kind], slug=booking.event.slug),
        "join_link": join_link(booking) if booking.event.kind is EventKind.WEBINAR else None,
    }


def join_link(booking: Booking) -> str:
    """The page from which this person joins the webinar."""
    return join_address(ports().settings.base_url, booking.event.slug, booking.public_id, booking.link_generation)


def cancelled_part(read: Reading, row: Outbox) -> Values | None:
    values = live_booking(read, row)
    if values is None:
        return None
    token = summits.link_token(summits.invitation_of_booking(read, values["booking"]))
    return {
        **values,
        "part": read.session.get_one(Part, row.params["part_id"]),
        "reason": row.params["reason"],
        "link": address("summits.by_link", token=token),
    }
