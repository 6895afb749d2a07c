"""What those who run an event write down for one another."""

from cop.core.access import EVENT_STAFF
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.events import Event
from cop.queries.hosting import notes_revision
from cop.services.events.locking import lock_event_to_edit


def write_host_notes(work: Work, *, event_id: int, notes: str, seen: str) -> Event:
    """Keep notes that visitors never see. ``seen`` is the revision of the notes that the page showed."""
    event = lock_event_to_edit(work, event_id)
    if not work.actor.may(*EVENT_STAFF, programme_id=event.programme_id, event_id=event.id):
        raise NotFound
    if seen != notes_revision(event):
        raise Refusal(
            marked("Somebody else has changed these notes meanwhile. Theirs stand below yours: bring both together."),
            field="notes",
        )
    event.host_notes = notes
    work.session.flush()
    return event
