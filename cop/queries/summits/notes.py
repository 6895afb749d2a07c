"""Reads about what the tables of a summit wrote down, for its staff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.seating import SeatingPlan, TableNote


@dataclass(frozen=True)
class Note:
    """What one table wrote down in one round; both are counted from 0. Empty where nothing is written yet."""

    round: int
    table: int
    name: str
    words: str = ""
    revision: int = 0
    written_at: datetime | None = None
    written_by: str | None = None


@dataclass(frozen=True)
class Notes:
    event: Event
    rounds: Sequence[Sequence[Note]]

    @property
    def written(self) -> int:
        return sum(bool(note.words) for round_ in self.rounds for note in round_)

    def at(self, round_: int, table: int) -> Note | None:
        """None where there is no such table."""
        if not 0 <= round_ < len(self.rounds):
            return None
        return next((note for note in self.rounds[round_] if note.table == table), None)


def notes_of(read: Reading, event: Event) -> Notes:
    """One for each table and round that is set up, and for those that are not any more if something is written.

    The caller has checked that staff ask.
    """
    plan = read.session.get(SeatingPlan, event.id)
    names = [str(table["name"]) for table in plan.tables] if plan is not None else []
    rows = read.session.execute(
        select(TableNote, Person.name)
        .outerjoin(Person, Person.id == TableNote.written_by)
        .where(TableNote.event_id == event.id)
        .order_by(TableNote.round, TableNote.table_number)
    ).all()
    found = {(note.round, note.table_number): (note, name) for note, name in rows}
    rounds = max([plan.rounds if plan is not None else 0, *(round_ + 1 for round_, _ in found)])
    return Notes(
        event,
        [
            [
                _note(round_, table, names[table] if table < len(names) else str(table + 1), found)
                for table in sorted({*range(len(names)), *(table for other, table in found if other == round_)})
            ]
            for round_ in range(rounds)
        ],
    )


def _note(round_: int, table: int, name: str, found: Mapping[tuple[int, int], tuple[TableNote, str | None]]) -> Note:
    note, by = found.get((round_, table), (None, None))
    if note is None:
        return Note(round_, table, name)
    return Note(round_, table, name, note.words, note.revision, note.written_at, by)
