"""Moving files from one place to another while the service runs: a copy is made and checked before anything goes."""

import hashlib
import tempfile
from collections.abc import Sequence
from typing import BinaryIO, cast

from sqlalchemy import func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.files import File
from cop.services.files import outside
from cop.services.files.stores import DatabaseStore, Store

AT_ONCE = 20
"""Files of one transaction, so that nobody waits long for one of them."""

IN_MEMORY = 4 * 1024 * 1024


def move_some(work: Work, *, source: Store, target: Store) -> Sequence[str]:
    """Copy some files to ``target`` and point to them there; their hashes, none where nothing is left.

    What lay in the database is gone from it then; what lay elsewhere stays until ``clear``.
    """
    if work.actor.via != "system":
        raise NotFound
    waiting = select(File).where(File.place == source.name).order_by(File.sha256).limit(AT_ONCE)
    found = work.session.scalars(waiting.with_for_update()).all()
    for file in found:
        _copy(work, file.sha256, source, target)
        file.place = target.name
        if isinstance(source, DatabaseStore):
            source.remove(work, file.sha256)
    work.session.flush()
    return [file.sha256 for file in found]


def _copy(work: Work, sha256: str, source: Store, target: Store) -> None:
    measured = hashlib.sha256()
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
        for piece in source.pieces(work, sha256):
            measured.update(piece)
            spool.write(piece)
        if measured.hexdigest() != sha256:
            raise Refusal(
                marked("The file %(sha256)s is damaged in its %(place)s: its content is not what it was"),
                sha256=sha256,
                place=source.name,
            )
        target.put(work, sha256, cast(BinaryIO, spool))


def clear(work: Work, *, source: Store, moved: Sequence[str]) -> None:
    """Take out of its old place what was moved and committed, once nobody copies it for a backup."""
    if isinstance(source, DatabaseStore):
        return
    work.session.execute(select(func.pg_advisory_xact_lock(outside.LOCK)))
    for sha256 in moved:
        source.remove(work, sha256)
