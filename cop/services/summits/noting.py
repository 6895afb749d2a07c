"""What the tables of a summit write down, entered by hosts and facilitators during the day."""

from sqlalchemy import select

from cop.core.access import EVENT_STAFF
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.events import EventKind
from cop.models.seating import TableNote
from cop.queries.summits import notes_of
from cop.services.events.locking import lock_event_to_edit


def write_note(work: Work, *, event_id: int, round_: int, table: int, words: str, seen: int) -> TableNote | None:
    """Keep what a table wrote down in one round, or forget it where nothing is left; both are counted from 0.

    ``seen`` is the revision that the page showed, 0 where nothing was written.
    """
    event = lock_event_to_edit(work, event_id)
    runs = work.actor.may(*EVENT_STAFF, programme_id=event.programme_id, event_id=event.id)
    if not runs or event.kind is not EventKind.SUMMIT or notes_of(work, event).at(round_, table) is None:
        raise NotFound
    found = select(TableNote).where(
        TableNote.event_id == event.id, TableNote.round == round_, TableNote.table_number == table
    )
    note = work.session.scalars(found.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if words == (note.words if note is not None else ""):
        return note
    if seen != (note.revision if note is not None else 0):
        raise Refusal(
            marked(
                "Somebody else wrote something here meanwhile. It stands below: put both together, then save again."
            ),
            field="words",
        )
    if not words:
        work.session.delete(note)
        work.session.flush()
        return None
    if note is None:
        note = TableNote(event_id=event.id, round=round_, table_number=table, revision=0)
        work.session.add(note)
    note.words, note.revision = words, note.revision + 1
    note.written_at, note.written_by = work.now, work.actor.person_id
    work.session.flush()
    return note
