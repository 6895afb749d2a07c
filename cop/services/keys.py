"""Encrypting anew, under the newest of the service's keys, what lies under older ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, and_, type_coerce, update

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Work
from cop.queries.keys import Sealed


@dataclass(frozen=True)
class Step:
    """One step of a walk through a column: how many values were encrypted anew, and the last row that was seen."""

    renewed: int
    last: Sequence[Any] | None


def renew_some(work: Work, *, column: Sealed, after: Sequence[Any] | None) -> Step:
    """Encrypt the next values of a column anew; ``last`` is None at its end. What lies under the newest key is left.

    Whoever is interrupted begins again, and finds the rest. The rows change in nothing that anybody could see, so the
    audit notes nothing.
    """
    if not work.actor.is_admin():
        raise NotFound
    rows = work.session.execute(column.some(after=after).with_for_update(key_share=True)).all()
    table, count = column.column.table, 0
    for token, *key in rows:
        anew = secrecy.renewed(token)
        if anew is not None:
            this = and_(*(part == value for part, value in zip(column.keys, key, strict=True)))
            value = type_coerce(anew, LargeBinary)
            work.session.execute(update(table).where(this).values({column.column: value}))
            count += 1
    return Step(count, rows[-1][1:] if rows else None)
