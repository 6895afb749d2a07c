"""Writing a backup: all tables as they were at one instant, and the files outside the database. Never a key."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

from cop.commands.backups.tables import SAME_EVERYWHERE, counters_of, revision_of, rows_out, tables_of
from cop.core import secrecy
from cop.core.access import SYSTEM
from cop.core.clock import SystemClock
from cop.core.errors import Refusal
from cop.core.work import Read
from cop.formats.archives import ArchiveWriter
from cop.services.files import outside, stores
from cop.web import db, ports

FORMAT = 1

OUTSIDE_FILES = text("SELECT sha256, place FROM file WHERE place <> :database ORDER BY sha256")

Say = Callable[[str], None]


def back_up(path: Path, *, force: bool, say: Say) -> None:
    """Write the backup beside its place and rename it, so that no half of one is ever taken for a whole."""
    if path.exists() and not force:
        raise Refusal(f"{path} exists already: choose another name, or --force to write over it")
    draft = path.with_name(f"{path.name}.part")
    with suppress(FileNotFoundError):
        draft.unlink()  # of a backup that was broken off
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _write(file, say)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    stores.sync(path.parent)


def _write(file: BinaryIO, say: Say) -> None:
    frozen = db.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with db.engine.begin() as guard:
        guard.execute(select(func.pg_advisory_xact_lock_shared(outside.LOCK)))  # no file goes meanwhile
        with frozen.connect() as connection, connection.begin():
            now = SystemClock().now()
            with ArchiveWriter(file, now) as archive:
                _write_all(connection, archive, now, say)


def _write_all(connection: Connection, archive: ArchiveWriter, now: datetime, say: Say) -> None:
    connection.execute(text(SAME_EVERYWHERE))
    revision = revision_of(connection)
    if revision is None:
        raise Refusal("the database holds no tables of this service: there is nothing to back up")
    manifest = {
        "format": FORMAT,
        "revision": revision,
        "service": version("cop"),
        "postgresql": connection.scalar(text("SHOW server_version")),
        "made_at": now.isoformat(),
        "encrypted_under": [secrecy.fingerprint(key) for key in ports().settings.encryption_keys],
        "tables": _tables(connection, archive, say),
        "counters": [
            {"table": each.table, "column": each.column, "last": each.last} for each in counters_of(connection)
        ],
        "files": _files(connection, archive, say),
    }
    archive.describe(manifest)


def _tables(connection: Connection, archive: ArchiveWriter, say: Say) -> list[dict[str, Any]]:
    written: list[dict[str, Any]] = []
    for table in tables_of(connection):
        rows: list[int] = []
        entry = archive.add(f"tables/{table.name}", rows_out(connection, table, rows.append))
        written.append(
            {
                "name": table.name,
                "columns": table.columns,
                "rows": rows[0],
                "size": entry.size,
                "sha256": entry.sha256,
            }
        )
        say(f"{table.name}: {rows[0]:,} rows")
    return written


def _files(connection: Connection, archive: ArchiveWriter, say: Say) -> list[dict[str, Any]]:
    """The files of a folder or a bucket; those of the database are rows of a table."""
    if not connection.scalar(text("SELECT to_regclass('file')")):
        return []
    kept = connection.execute(OUTSIDE_FILES, {"database": stores.DatabaseStore.name}).all()
    written: list[dict[str, Any]] = []
    with Session(connection) as session:
        read = Read(session, SystemClock().now(), SYSTEM)
        for sha256, place in kept:
            entry = archive.add(f"files/{sha256}", _bytes_of(read, sha256, place))
            if entry.sha256 != sha256:
                raise Refusal(f"the file {sha256} is damaged in its {place}: its content is not what it was")
            written.append({"name": sha256, "size": entry.size, "sha256": entry.sha256})
    if written:
        say(f"{len(written):,} files from outside the database")
    return written


def _bytes_of(read: Read, sha256: str, place: str) -> Iterator[bytes]:
    try:
        yield from stores.of(place).pieces(read, sha256)
    except FileNotFoundError as error:
        where = error.filename or error
        raise Refusal(f"{where} is missing: the database knows a file that is not in its {place}") from None
