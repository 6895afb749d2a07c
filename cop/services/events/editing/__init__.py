"""Staff make and alter events: one function per intention.

Everyone whose plans a change touches is told in the same transaction, and their calendar entries move along. Hosts run
a visit but do not alter it.
"""

from cop.services.events.editing.days import limit_day
from cop.services.events.editing.slots import add_slots, cancel_slot, edit_slot, remove_slot, title_by_time
from cop.services.events.editing.visits import (
    cancel_event,
    choose_online,
    create_visit,
    edit_booking_rules,
    edit_details,
    edit_practicalities,
    publish_event,
    unpublish,
)

__all__ = [
    "add_slots",
    "cancel_event",
    "cancel_slot",
    "choose_online",
    "create_visit",
    "edit_booking_rules",
    "edit_details",
    "edit_practicalities",
    "edit_slot",
    "limit_day",
    "publish_event",
    "remove_slot",
    "title_by_time",
    "unpublish",
]
