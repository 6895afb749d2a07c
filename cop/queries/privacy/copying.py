"""Everything that we hold about somebody, as they get it: read off the tables by the plan, with names for numbers."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Select, Table, and_, or_, select
from sqlalchemy.dialects.postgresql import TSVECTOR

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.questions import read_items
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.audit import Audit, PersonKey
from cop.models.base import Base
from cop.models.cohorts import Application
from cop.models.events import Booking, Event
from cop.models.files import File
from cop.models.forum import Post, PostFile
from cop.models.outbox import Outbox
from cop.models.programmes import Programme
from cop.models.service import Observation
from cop.models.summits import Invitation
from cop.models.surveys import Questionnaire, Response
from cop.queries.audit import Read as Sensitive
from cop.queries.audit import sensitive
from cop.queries.privacy.held import Area, Held, Who, shown, who
from cop.queries.privacy.plan import BY_COLUMN, PLAN, SECRET, SECRETS, not_judging

CALLED: Mapping[str, str] = {
    "event": "title",
    "organisation": "name",
    "part": "title",
    "programme": "name",
    "questionnaire": "title",
    "resource": "title",
    "space": "name",
    "tag": "name",
}
"""Tables whose rows stand in the copy by what they are called."""

YOU, ANOTHER = "you", "somebody else"

Row = dict[str, Any]


@dataclass(frozen=True)
class CopiedTable:
    """The rows of one table; ``left_out`` says which columns are missing, and why."""

    name: str
    called: str
    rows: Sequence[Row]
    left_out: Mapping[str, str]


@dataclass(frozen=True)
class Copy:
    """``excused`` are whole tables that are left out, each with the reason."""

    person: Row
    areas: Mapping[Area, Sequence[CopiedTable]]
    changes: Sequence[Row]
    reads: Sequence[Row]
    excused: Mapping[str, str]


def own(read: Reading) -> Copy:
    """The copy for whoever acts. NotFound for anybody without a record."""
    if read.actor.person_id is None:
        raise NotFound
    return of(read, who(read, person_id=read.actor.person_id))


def of(read: Reading, somebody: Who) -> Copy:
    found: dict[str, tuple[Held, list[Row]]] = {}
    for held in PLAN:
        if held.excused or held.column in APART:
            continue
        _first, rows = found.setdefault(held.table.name, (held, []))
        rows += (row for row in _rows(read, held, somebody) if row not in rows)
    named = _Names(read, somebody, ((held.table, rows) for held, rows in found.values()))
    areas: dict[Area, list[CopiedTable]] = {}
    for held, rows in found.values():
        told = [named.row(held.table, row) for row in rows]
        if held.table.name == Response.__tablename__:
            told = _in_words(read, rows, told)
        areas.setdefault(held.area, []).append(CopiedTable(held.table.name, held.called, told, _left_out(held)))
    table = Base.metadata.tables[Person.__tablename__]
    columns = [column for column in table.columns if column.name not in {*SECRETS, "calendar_generation"}]
    me = read.session.execute(select(*columns).where(table.c.id == somebody.id)).one()
    return Copy(
        named.row(table, me._asdict()),
        areas,
        _changes(read, somebody),
        _reads(read, somebody),
        {held.called: held.excused for held in PLAN if held.excused},
    )


APART = frozenset({"audit.about_person_id", "outbox.person_id", "outbox.address"})
"""What is given in a form of its own."""


def _rows(read: Reading, held: Held, somebody: Who) -> Iterator[Row]:
    missing = {*SECRETS, *held.left_out}
    columns = [
        column for column in held.table.columns if column.name not in missing and not isinstance(column.type, TSVECTOR)
    ]
    found = select(*columns).where(shown(held, somebody, BY_COLUMN)).order_by(*held.table.primary_key.columns)
    for row in read.session.connection().execute(found):
        yield dict(zip((column.name for column in columns), row, strict=True))


def _left_out(held: Held) -> Mapping[str, str]:
    secret = {column.name: SECRET for column in held.table.columns if column.name in SECRETS}
    return secret | dict(held.left_out)


def _points(column: Column[Any]) -> str | None:
    """The table that a column points to."""
    return next((key.column.table.name for key in column.foreign_keys), None)


class _Names:
    """What the numbers in rows stand for, looked up by one statement for each table."""

    def __init__(self, read: Reading, somebody: Who, tables: Iterable[tuple[Table, Sequence[Row]]]) -> None:
        self._own = set(somebody.ids)
        wanted: dict[str, set[Any]] = {name: set() for name in CALLED}
        for table, rows in tables:
            for column in table.columns:
                target = self._target(column)
                if target in wanted:
                    wanted[target].update(row[column.name] for row in rows if row.get(column.name) is not None)
        self._called = {name: self._look_up(read, name, ids) for name, ids in wanted.items()}

    @staticmethod
    def _target(column: Column[Any]) -> str | None:
        target = _points(column)
        return "event" if target == "cohort" else target

    @staticmethod
    def _look_up(read: Reading, name: str, ids: set[Any]) -> Mapping[Any, str]:
        table = Base.metadata.tables[name]
        found = select(table.c.id, table.c[CALLED[name]]).where(table.c.id.in_(ids))
        return {row[0]: row[1] for row in read.session.execute(found)} if ids else {}

    def row(self, table: Table, row: Row) -> Row:
        return {name: self._value(table.c[name], value) for name, value in row.items()}

    def _value(self, column: Column[Any], value: Any) -> Any:
        target = self._target(column)
        if value is None:
            return None
        if target == Person.__tablename__:
            return YOU if value in self._own else ANOTHER
        return plain(self._called[target].get(value, value) if target in self._called else value)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value / timedelta(hours=1):g} hours"
    if isinstance(value, bytes):
        return value.hex()
    return value if isinstance(value, str | int | float | bool | list | dict | type(None)) else str(value)


def _in_words(read: Reading, rows: Sequence[Row], told: Sequence[Row]) -> list[Row]:
    """Answers beside their questions, as the form had them."""
    ids = {row["questionnaire_id"] for row in rows}
    asked = select(Questionnaire.id, Questionnaire.items).where(Questionnaire.id.in_(ids))
    items = {row.id: {item.code: item for item in read_items(row.items)} for row in read.session.execute(asked)}
    out = []
    for row, said in zip(rows, told, strict=True):
        known = items[row["questionnaire_id"]]
        answers = [
            {
                "question": known[code].text if code in known else code,
                "answer": known[code].in_words(answer) if code in known else answer,
            }
            for code, answer in row["answers"].items()
        ]
        out.append({**said, "answers": answers})
    return out


def _changes(read: Reading, somebody: Who) -> list[Row]:
    """What the audit says of them, decrypted; of whoever changed it only whether it was they."""
    found = (
        select(Audit, PersonKey.key)
        .outerjoin(PersonKey, PersonKey.person_id == Audit.about_person_id)
        .where(Audit.about_person_id.in_(somebody.ids), not_judging())
        .order_by(Audit.id)
    )
    people = {
        column.name
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if _points(column) == Person.__tablename__
    }
    told = []
    for audit, key in read.session.execute(found):
        text = secrecy.decrypt_under(key, audit.values) if key is not None and audit.values is not None else None
        said = json.loads(text) if text is not None else {}
        by = YOU if audit.actor_id in somebody.ids else "staff or the service"
        values = {name: value for name, value in said.items() if name not in people}
        line = {"at": plain(audit.at), "by": by, "action": audit.action, "of": audit.subject_kind}
        told.append({**line, "fields": audit.fields, "before_and_after": values, "reason": audit.reason})
    return told


def _reads(read: Reading, somebody: Who) -> list[Row]:
    """When staff opened or took away a list in which they stood, of an event or a programme; staff are not named."""
    of_events: dict[int, datetime] = {}
    programmes: dict[int, datetime] = {}
    for event_id, since, whose in (
        (Booking.event_id, Booking.booked_at, Booking.person_id),
        (Application.cohort_id, Application.started_at, Application.person_id),
        (Invitation.event_id, Invitation.invited_at, Invitation.person_id),
    ):
        found = select(event_id, since, Event.programme_id).join(Event, Event.id == event_id)
        for event, at, programme in read.session.execute(found.where(whose.in_(somebody.ids))):
            of_events[event] = min(at, of_events.get(event, at))
            programmes[programme] = min(at, programmes.get(programme, at))
    looked = (
        select(Observation.kind, Observation.subject_kind, Observation.subject_id, Observation.at)
        .where(
            sensitive(*Sensitive),
            Observation.person_id.not_in(somebody.ids),
            or_(
                and_(Observation.subject_kind == "event", Observation.subject_id.in_(of_events)),
                and_(Observation.subject_kind == "programme", Observation.subject_id.in_(programmes)),
                and_(Observation.subject_kind == "person", Observation.subject_id.in_(somebody.ids)),
            ),
        )
        .order_by(Observation.id)
    )
    titles = {
        "event": _called(read, select(Event.id, Event.title).where(Event.id.in_(of_events))),
        "programme": _called(read, select(Programme.id, Programme.name).where(Programme.id.in_(programmes))),
        "person": {},
    }
    began: Mapping[str, Mapping[int, datetime]] = {"event": of_events, "programme": programmes, "person": {}}
    return [
        {"at": plain(row.at), "what": row.kind, "of": titles[row.subject_kind].get(row.subject_id, YOU)}
        for row in read.session.execute(looked)
        if row.at >= began[row.subject_kind].get(row.subject_id, row.at)
    ]


def _called(read: Reading, found: Select[int, str]) -> Mapping[int, str]:
    return {row[0]: row[1] for row in read.session.execute(found)}


def letters(read: Reading, somebody: Who) -> Sequence[Outbox]:
    """What was sent to them, or waits to be, the oldest first."""
    found = select(Outbox).where(or_(Outbox.person_id.in_(somebody.ids), Outbox.address.in_(somebody.addresses)))
    return read.session.scalars(found.order_by(Outbox.id)).all()


def uploads(read: Reading, somebody: Who) -> Sequence[tuple[str, File]]:
    """Files that they put into the forum: a path for each in an archive, and the file."""
    found = (
        select(PostFile.public_id, PostFile.name, File)
        .join(Post, Post.id == PostFile.post_id)
        .join(File, File.sha256 == PostFile.sha256)
        .where(Post.author_id.in_(somebody.ids))
        .order_by(PostFile.id)
    )
    return [(f"files/{row.public_id}/{row.name}", row.File) for row in read.session.execute(found)]
