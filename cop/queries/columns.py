"""Reads of plain columns, for the pages that are asked for most."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CursorResult, Select
from sqlalchemy.orm import Session


def rows(
    session: Session, found: Select[*tuple[Any, ...]], values: Mapping[str, Any]
) -> CursorResult[*tuple[Any, ...]]:
    """The rows of a statement that names columns and no objects.

    The session's own ``execute`` prepares for objects, which takes as long again as all the rest.
    """
    session.flush()  # as the session itself does first: a unit of work sees what it has changed
    return session.connection().execute(found, values)
