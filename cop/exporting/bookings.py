"""Bookings: one row for each, whatever became of it."""

from cop.core.errors import marked
from cop.exporting.columns import EMAIL, EVENT, NAME, PERSON, Column, Kind, standing
from cop.models.events import BookingSource, BookingState
from cop.models.summits import Answer
from cop.queries.exports.bookings import booking_rows

COLUMNS = (
    *EVENT,
    PERSON,
    NAME,
    EMAIL,
    *standing("booker", "on the day of booking"),
    Column("booking", "Word of the booking in its address; a stable key when pseudonymised", key="booking"),
    Column("state", "What became of the booking", tuple(BookingState)),
    Column("source", "How the booking came about", tuple(BookingSource)),
    Column("party_size", "Seats of the booking, the booker’s among them"),
    Column("sessions", "Titles of the dated parts that it holds, or held when it was cancelled, joined by semicolons"),
    Column("booked_at", "When it was made, ISO 8601 with offset"),
    Column("cancelled_at", "When it was cancelled, ISO 8601 with offset; empty while it is live"),
    Column("invited_at", "When the booker was invited to the event, ISO 8601 with offset; empty without an invitation"),
    Column("invitation", "What the booker has answered to the invitation", tuple(Answer)),
)


BOOKINGS = Kind("bookings", marked("One row per booking, with the answer to its invitation"), COLUMNS, booking_rows)
