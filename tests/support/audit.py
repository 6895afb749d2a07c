"""What the audit says, as an admin would read it."""

from collections.abc import Sequence

from cop.queries import audit
from cop.queries.audit import Line
from tests.support.make import Reads


def lines(reading: Reads, kind: str | None = None, subject_id: int | None = None) -> Sequence[Line]:
    """The whole audit, or the history of one record; the oldest first."""
    with reading() as read:
        if kind is None or subject_id is None:
            found = audit.listed(read, audit.Wanted(kind=kind), limit=1_000)
        else:
            found = audit.history(read, kind, subject_id, limit=1_000).lines
    return found[::-1]
