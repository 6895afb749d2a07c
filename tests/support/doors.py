"""The door of an event on its day: its host, and codes with which people check themselves in."""

from cop.models.accounts import Person
from cop.models.doors import DoorCode
from cop.models.events import Event, Part
from cop.services.events import self_check_in
from tests.support.make import Make, Working


def open_code(
    make: Make, work: Working, event: Event, host: Person, part: Part | None = None, *, minutes: int = 20
) -> DoorCode:
    """A code for the event's first part, or for ``part``, for twenty minutes."""
    chosen = part or event.parts[0]
    with work(make.actor(host)) as opened:
        return self_check_in.open_code(opened, event_id=event.id, part_id=chosen.id, minutes=minutes)
