"""Booking, changing and cancelling, for a party whose names may come later.

Visits and webinars are booked by those who come. A place at a summit follows from an invitation
(:func:`book_invited`), one on a course from an offer (:func:`book_offered`).
"""

from cop.services.events.booking.changing import cancel, change, end_booking
from cop.services.events.booking.making import BOOKED_FREELY, book, book_for, book_invited
from cop.services.events.booking.offered import book_offered, hold_for_offer, release_offer
from cop.services.events.booking.parties import STAFF_PARTY_MAX, Guest, Party
from cop.services.events.booking.places import AGENDA

__all__ = [
    "AGENDA",
    "BOOKED_FREELY",
    "STAFF_PARTY_MAX",
    "Guest",
    "Party",
    "book",
    "book_for",
    "book_invited",
    "book_offered",
    "cancel",
    "change",
    "end_booking",
    "hold_for_offer",
    "release_offer",
]
