"""Rows of the export of indicators: one for each that stands, with what it was last."""

from collections.abc import Iterator

from cop.core.work import Reading
from cop.models.programmes import Programme
from cop.queries.exports import Scope
from cop.queries.indicators import Measured, measured


def indicator_rows(read: Reading, scope: Scope) -> Iterator[Measured]:
    """In their order. Where names are hidden, small numbers are too, with what would give them away."""
    programme = read.session.get_one(Programme, scope.programme_id)
    yield from measured(read, programme, hide=scope.key is not None)
