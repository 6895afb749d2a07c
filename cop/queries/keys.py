"""Which of the service's encryption keys holds how many values."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, LargeBinary, Row, Select, select, tuple_, type_coerce

from cop.core import secrecy
from cop.core.work import Reading
from cop.models.audit import Audit
from cop.models.base import Base, Encrypted

AT_ONCE = 500
"""Values that are looked at, or encrypted anew, in one go."""


@dataclass(frozen=True)
class Sealed:
    """A column whose values lie under the service's keys."""

    column: Column[Any]

    @property
    def name(self) -> str:
        return f"{self.column.table.name}.{self.column.name}"

    @property
    def keys(self) -> Sequence[Column[Any]]:
        return list(self.column.table.primary_key.columns)

    def some(self, *, after: Sequence[Any] | None) -> Select[*tuple[Any, ...]]:
        """The next rows behind a key: the bytes as they lie there, then the columns of the key."""
        found = select(type_coerce(self.column, LargeBinary), *self.keys).where(self.column.is_not(None))
        if self.column.table.name == Audit.__tablename__:  # those about somebody lie under that person's own key
            found = found.where(self.column.table.c.about_person_id.is_(None))
        if after is not None:
            found = found.where(tuple_(*self.keys) > tuple_(*after))
        return found.order_by(*self.keys).limit(AT_ONCE)


def sealed() -> Sequence[Sealed]:
    """Every column whose values the service's keys encrypt, the keys of persons among them."""
    found = [
        Sealed(column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Encrypted)
    ]
    return [*found, Sealed(Base.metadata.tables[Audit.__tablename__].c["values"])]


def counted(read: Reading) -> Mapping[int | None, Mapping[str, int]]:
    """For the place of each key (None: no key of ours), in which columns it holds how many values."""
    found: dict[int | None, Counter[str]] = {}
    for one in sealed():
        for row in _rows(read, one):
            found.setdefault(secrecy.key_of(row[0]), Counter())[one.name] += 1
    return found


def _rows(read: Reading, one: Sealed) -> Iterator[Row[*tuple[Any, ...]]]:
    after = None
    while rows := read.session.execute(one.some(after=after)).all():
        yield from rows
        after = rows[-1][1:]
