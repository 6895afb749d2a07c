"""Booking, changing and cancelling, for a party whose names may come later, and the waiting list.

Visits and webinars are booked by those who come. A place at a summit follows from an invitation
(:func:`book_invited`), one on a course or from a waiting list from an offer (:func:`book_offered`).
"""

from cop.services.events.booking.changing import cancel, change, end_booking
from cop.services.events.booking.holding import end_offer
from cop.services.events.booking.making import (
    BOOKED_FREELY,
    book,
    book_for,
    book_invited,
    person_of,
    refuse_outside_window,
    refuse_second,
)
from cop.services.events.booking.offered import book_offered, enlarge_by_offer, hold_course
from cop.services.events.booking.parties import STAFF_PARTY_MAX, Guest, Party, party_of, refuse_party
from cop.services.events.booking.passing_on import pass_on
from cop.services.events.booking.places import AGENDA, chosen_parts
from cop.services.events.booking.queue import (
    ANSWER_BEFORE,
    LETTER_KEY,
    KeptForOthers,
    advance,
    answer_by,
    end_entry,
    end_hopeless,
    give_up_parts,
    latest_answer,
    leave_line,
)
from cop.services.events.booking.shared import runs

__all__ = [
    "AGENDA",
    "ANSWER_BEFORE",
    "BOOKED_FREELY",
    "LETTER_KEY",
    "STAFF_PARTY_MAX",
    "Guest",
    "KeptForOthers",
    "Party",
    "advance",
    "answer_by",
    "book",
    "book_for",
    "book_invited",
    "book_offered",
    "cancel",
    "change",
    "chosen_parts",
    "end_booking",
    "end_entry",
    "end_hopeless",
    "end_offer",
    "enlarge_by_offer",
    "give_up_parts",
    "hold_course",
    "latest_answer",
    "leave_line",
    "party_of",
    "pass_on",
    "person_of",
    "refuse_outside_window",
    "refuse_party",
    "refuse_second",
    "runs",
]
