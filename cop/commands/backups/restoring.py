"""Reading a backup back, in one transaction: either all of it is there afterwards, or everything is as it was."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import alembic.command
import psycopg
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import current_app
from psycopg import sql
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from cop.commands.backups.backing_up import FORMAT
from cop.commands.backups.tables import (
    SAME_EVERYWHERE,
    Table,
    carry_out,
    counters_of,
    foreign_keys_of,
    has_rows,
    revision_of,
    rows_in,
    tables_of,
)
from cop.core import secrecy
from cop.core.access import SYSTEM
from cop.core.clock import SystemClock
from cop.core.errors import Refusal
from cop.core.work import Read, Work
from cop.demo.running import MIGRATIONS
from cop.formats.archives import ArchiveError, ArchiveReader, Entry
from cop.models.files import File
from cop.queries.soundness import unsound
from cop.services.files import stores
from cop.web import db, ports

Say = Callable[[str], None]

IN_MEMORY = 1024 * 1024

PATIENCE = "10s"
"""How long to wait for somebody else who uses the database."""

IN_USE = "somebody is using the database: stop the web server and the jobs first"

WAITING = text("SELECT count(*) FROM outbox WHERE state IN ('pending', 'leased') AND channel = 'email'")


@dataclass(frozen=True)
class Stored:
    """One table of the backup."""

    table: Table
    rows: int
    entry: Entry


@dataclass(frozen=True)
class Contents:
    """What the manifest of a backup says."""

    revision: str
    encrypted_under: frozenset[str]
    tables: Sequence[Stored]
    counters: Mapping[tuple[str, str], int | None]
    files: Mapping[str, Entry]


def restore(path: Path, *, replace: bool, without_keys: bool, say: Say) -> None:
    """Verify the backup, load it, and bring it up to this version; Refusal leaves everything as it was."""
    with ArchiveReader(path) as archive:
        contents = _contents(archive, path)
        config: Config = current_app.extensions["migrate"].migrate.get_config(str(MIGRATIONS))
        _refuse_what_cannot_be_read(contents, config, without_keys=without_keys)
        say("verifying")
        _verify(archive, contents)
        try:
            with db.engine.begin() as connection:
                config.attributes["connection"] = connection
                connection.execute(text(f"{SAME_EVERYWHERE}; SET LOCAL lock_timeout TO '{PATIENCE}'"))
                _make_room(connection, config, replace=replace)
                alembic.command.upgrade(config, contents.revision)
                _load(connection, archive, contents, say)
                say("bringing the tables up to this version")
                alembic.command.upgrade(config, "head")
                _put_files(connection, archive, contents, say)
                _learn_sizes(connection)
                warnings = _warnings(connection)
        except (psycopg.Error, DBAPIError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            if isinstance(cause, LockNotAvailable):
                raise Refusal(IN_USE) from error
            raise Refusal(f"the backup cannot be loaded: {str(cause).splitlines()[0]}") from error
    for warning in warnings:
        say(warning)


def _contents(archive: ArchiveReader, path: Path) -> Contents:
    said = archive.manifest
    if said.get("format", 0) > FORMAT:
        raise Refusal(f"{path} was written by a newer version of this service: update it first")
    try:
        return Contents(
            said["revision"],
            frozenset(said["encrypted_under"]),
            [
                Stored(Table(each["name"], tuple(each["columns"])), each["rows"], Entry(each["size"], each["sha256"]))
                for each in said["tables"]
            ],
            {(each["table"], each["column"]): each["last"] for each in said["counters"]},
            {each["name"]: Entry(each["size"], each["sha256"]) for each in said["files"]},
        )
    except (KeyError, TypeError) as error:
        raise ArchiveError(f"{path} is damaged, or it is not a backup of this service") from error


def _refuse_what_cannot_be_read(contents: Contents, config: Config, *, without_keys: bool) -> None:
    if contents.revision not in _known_revisions(config):
        raise Refusal(
            f"the backup is of a newer version of this service, whose tables stand at {contents.revision}: "
            "update this one first"
        )
    missing = contents.encrypted_under - {secrecy.fingerprint(key) for key in ports().settings.encryption_keys}
    if missing and not without_keys:
        raise Refusal(
            f"you need the keys of {', '.join(sorted(missing))}, which COP_ENCRYPTION_KEYS does not hold; with "
            "--without-keys what was encrypted under them stays unreadable"
        )


def _known_revisions(config: Config) -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(config).walk_revisions())


def _verify(archive: ArchiveReader, contents: Contents) -> None:
    """Read everything once before anything is changed."""
    for stored in contents.tables:
        archive.verify(f"tables/{stored.table.name}", stored.entry)
    for name, entry in contents.files.items():
        archive.verify(f"files/{name}", entry)


def _make_room(connection: Connection, config: Config, *, replace: bool) -> None:
    """Take our own tables away by our own migrations; what is not ours is not touched."""
    tables, revision = tables_of(connection), revision_of(connection)
    if not tables:
        return
    if revision is None:
        raise Refusal("the database holds tables that are not of this service: give it an empty one")
    if revision not in _known_revisions(config):
        raise Refusal(f"the database is of a newer version of this service, at {revision}: give it an empty one")
    if not replace and any(has_rows(connection, table) for table in tables):
        raise Refusal("the database is not empty: --replace deletes what is in it and restores the backup")
    _empty(connection, tables)
    alembic.command.downgrade(config, "base")
    if left := tables_of(connection):
        raise Refusal(f"the database holds tables that are not of this service, such as {left[0].name}")


def _empty(connection: Connection, tables: Sequence[Table]) -> None:
    names = sql.SQL(", ").join(sql.Identifier(table.name) for table in tables)
    carry_out(connection, sql.SQL("TRUNCATE {}").format(names))


def _load(connection: Connection, archive: ArchiveReader, contents: Contents, say: Say) -> None:
    expected = {table.name: frozenset(table.columns) for table in tables_of(connection)}
    if expected != {stored.table.name: frozenset(stored.table.columns) for stored in contents.tables}:
        raise Refusal(f"the backup does not hold the tables of version {contents.revision}")
    _empty(connection, [stored.table for stored in contents.tables])  # of what a migration put there
    with _without_triggers(connection), _without_foreign_keys(connection):
        for stored in contents.tables:
            name = stored.table.name
            rows = rows_in(connection, stored.table, archive.pieces(f"tables/{name}"))
            if rows != stored.rows:
                raise Refusal(f"the backup says that {name} has {stored.rows} rows, and {rows} came in")
            say(f"{name}: {rows:,} rows")
    _set_counters(connection, contents)


@contextmanager
def _without_triggers(connection: Connection) -> Iterator[None]:
    """Our own triggers would count seats a second time; an owner may put them aside."""
    names = [sql.Identifier(table.name) for table in tables_of(connection)]
    for name in names:
        carry_out(connection, sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
    yield
    for name in names:
        carry_out(connection, sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(name))


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Tables point to one another in circles, and rows to rows of their own table: no order would do.

    Each key is made anew afterwards from its own definition, which checks every row.
    """
    keys = foreign_keys_of(connection)
    for key in keys:
        names = (sql.Identifier(key.table), sql.Identifier(key.name))
        carry_out(connection, sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(*names))
    yield
    for key in keys:
        names = (sql.Identifier(key.table), sql.Identifier(key.name))
        added = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(*names, sql.SQL(key.definition))
        carry_out(connection, added)


def _set_counters(connection: Connection, contents: Contents) -> None:
    """Go on where the backed-up database would have gone on, so that no number is given twice."""
    for counter in counters_of(connection):
        table, column = sql.Identifier(counter.table), sql.Identifier(counter.column)
        highest = carry_out(connection, sql.SQL("SELECT max({}) FROM {}").format(column, table))
        last = max(highest or 0, contents.counters.get((counter.table, counter.column)) or 0)
        if last:
            connection.execute(
                text("SELECT setval(quote_ident(:sequence), :last)"), {"sequence": counter.sequence, "last": last}
            )


def _put_files(connection: Connection, archive: ArchiveReader, contents: Contents, say: Say) -> None:
    """Files that lay in a folder go into the folder of this process, or into the database where it has none."""
    if not contents.files:
        return
    store = stores.for_new()
    with Session(connection) as session:
        work = Work(session, SystemClock().now(), SYSTEM)  # the service's own clock waits for its table
        for name in contents.files:
            with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
                for piece in archive.pieces(f"files/{name}"):
                    spool.write(piece)
                store.put(work, name, spool)  # type: ignore[arg-type]  # it does what a file does
            session.execute(update(File).where(File.sha256 == name).values(place=store.name))
    say(f"{len(contents.files):,} files")


def _learn_sizes(connection: Connection) -> None:
    """Tell the planner what is there now: until it looks by itself, every page would be slow."""
    names = sql.SQL(", ").join(sql.Identifier(table.name) for table in tables_of(connection))
    carry_out(connection, sql.SQL("ANALYZE {}").format(names))


def _warnings(connection: Connection) -> list[str]:
    """What an operator should look at before the service starts again."""
    waiting = connection.scalar(WAITING) or 0
    with Session(connection) as session:
        broken = unsound(Read(session, SystemClock().now(), SYSTEM), at_rest=False)
    return [
        *broken,
        *([f"{waiting:,} messages wait to be sent: see the messages page before you start the jobs"] * bool(waiting)),
    ]
