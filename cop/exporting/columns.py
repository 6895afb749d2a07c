"""What every export is made of: columns with their meaning, and cells that say who somebody is or hide it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Protocol

from cop.core import secrecy
from cop.core.questions import Kind as Answered
from cop.core.work import Reading
from cop.models.accounts import Sector
from cop.models.events import EventKind
from cop.models.organisations import Membership, OrganisationKind
from cop.models.regions import Region
from cop.queries.exports import Scope, Who

PSEUDONYM_CHARACTERS = 16

Cell = str | int | float

NUMBERS = frozenset({int, float})


@dataclass(frozen=True)
class Column:
    """``values`` lists what can stand in the column, where that is a closed list.

    ``listed`` tells that few words stand there which nobody knows beforehand, so that the codebook lists those found.
    ``key`` says what kind of row it is the id of where the export is pseudonymised: the id never leaves us.
    """

    name: str
    meaning: str
    values: tuple[str, ...] = ()
    listed: bool = False
    key: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of export: what a row is, its columns, and the rows in the order of those, before ``keyed``."""

    name: str
    a_row: str
    columns: tuple[Column, ...]
    rows: Callable[[Reading, Scope], Iterator[Sequence[Any]]]


YES_NO = ("yes", "no")

FREE_TEXT = frozenset({Answered.LINE, Answered.TEXT})
"""Kinds of answers in somebody's own words: they are in no pseudonymised export."""

EVENT = (
    Column("programme", "Address word of the programme"),
    Column("event", "Address word of the event, unique over all kinds"),
    Column("event_kind", "What was booked", tuple(EventKind)),
)

PERSON = Column("person", "Stable key of the person", key="person")
NAME = Column("name", "Name of the person; empty when pseudonymised")
EMAIL = Column("email", "E-mail address of the person; empty when none is known or when pseudonymised")


def standing(whose: str, day: str) -> tuple[Column, ...]:
    """The columns on somebody's organisation and sector, in the words of one export."""
    return (
        Column(
            "organisation", f"Organisation of the {whose} {day}; a stable key when pseudonymised", key="organisation"
        ),
        Column("organisation_kind", "Kind of that organisation", tuple(OrganisationKind)),
        Column("membership", f"Its membership {day}", tuple(Membership)),
        Column("region", "Region or nation of that organisation", tuple(Region)),
        Column("newer_member", "Whether it had joined the network within the three years before", YES_NO),
        Column("sector", f"Who the {whose} is in the room", tuple(Sector)),
    )


def standing_cells(row: Who) -> tuple[Any, ...]:
    return row.organisation_kind, row.membership, row.region, row.newer_member, row.sector


class Told(Protocol):
    """What a row has to tell of a person and their organisation."""

    @property
    def person_id(self) -> int | None: ...
    @property
    def public_id(self) -> str | None: ...
    @property
    def name(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...
    @property
    def organisation_id(self) -> int | None: ...
    @property
    def organisation(self) -> str | None: ...


def who_cells(row: Told, scope: Scope) -> tuple[Any, ...]:
    """Person, name, e-mail and organisation, or the ids of person and organisation alone."""
    if scope.key is None:
        return row.public_id, row.name, row.email, row.organisation
    return row.person_id, None, None, row.organisation_id


def keyed(columns: Sequence[Column], rows: Iterable[Sequence[Any]], scope: Scope) -> Iterable[Sequence[Any]]:
    """The rows with keys in the place of ids, where the export is pseudonymised: a key stands for a row within the
    programme and tells nothing of it.
    """
    if scope.key is None:
        return rows
    keys = [(place, column.key) for place, column in enumerate(columns) if column.key]
    return (_hidden(row, keys, scope.key) for row in rows)


def _hidden(row: Sequence[Any], keys: Sequence[tuple[int, str]], key: str) -> Sequence[Any]:
    cells = list(row)
    for place, kind in keys:
        if cells[place] is not None:
            cells[place] = _digest(kind, cells[place], key)
    return cells


@lru_cache(maxsize=50_000)
def _digest(kind: str, row_id: int, key: str) -> str:
    """The same people and organisations come again and again."""
    return secrecy.digest(kind, row_id, key=key)[:PSEUDONYM_CHARACTERS]


def written(cells: Iterable[Any]) -> list[str]:
    """Cells as text: nothing is empty, instants in ISO 8601 with their offset, yes and no in words."""
    return [cell if type(cell) is str else _written(cell) for cell in cells]


def _written(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return YES_NO[not cell]
    if isinstance(cell, float):
        return f"{cell:.2f}"
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def plain(cells: Iterable[Any]) -> list[Cell]:
    """Cells for formats that know numbers: those stay what they are, everything else is text as above."""
    return [cell if type(cell) in NUMBERS else f"{cell}" if isinstance(cell, str) else _written(cell) for cell in cells]
