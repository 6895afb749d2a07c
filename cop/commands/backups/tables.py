"""What the database itself says of its tables: their columns, keys, counters and rows. No list of them is kept here."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection as Driver
from psycopg import sql
from sqlalchemy import Connection, text

PIECE = 256 * 1024

SAME_EVERYWHERE = """
    SET LOCAL client_encoding TO 'UTF8'; SET LOCAL datestyle TO 'ISO'; SET LOCAL intervalstyle TO 'postgres';
    SET LOCAL extra_float_digits TO 3; SET LOCAL bytea_output TO 'hex'; SET LOCAL timezone TO 'UTC'
"""
"""Values are written in one way, whatever the server was told."""

VERSION_TABLE = "alembic_version"

TABLES = text("""
    SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '')
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname <> :version
    GROUP BY c.relname ORDER BY c.relname
""")

COUNTERS = text("""
    SELECT t.relname, a.attname, s.relname, pg_sequence_last_value(s.oid)
    FROM pg_class s
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype IN ('a', 'i')
    JOIN pg_class t ON t.oid = d.refobjid
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    WHERE s.relkind = 'S' AND t.relnamespace = current_schema()::regnamespace ORDER BY t.relname, a.attname
""")

FOREIGN_KEYS = text("""
    SELECT t.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
    WHERE k.contype = 'f' AND t.relnamespace = current_schema()::regnamespace ORDER BY t.relname, k.conname
""")


@dataclass(frozen=True)
class Table:
    """``columns`` are those whose values are stored and not computed."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Counter:
    """What gives a column its next value; ``last`` is the one given last, None before the first."""

    table: str
    column: str
    sequence: str
    last: int | None


@dataclass(frozen=True)
class ForeignKey:
    table: str
    name: str
    definition: str


def tables_of(connection: Connection) -> Sequence[Table]:
    return [Table(name, tuple(columns)) for name, columns in connection.execute(TABLES, {"version": VERSION_TABLE})]


def counters_of(connection: Connection) -> Sequence[Counter]:
    return [Counter(*row) for row in connection.execute(COUNTERS)]


def foreign_keys_of(connection: Connection) -> Sequence[ForeignKey]:
    return [ForeignKey(*row) for row in connection.execute(FOREIGN_KEYS)]


def revision_of(connection: Connection) -> str | None:
    """The migration that the tables stand at; None where there are none of ours."""
    if connection.scalar(text("SELECT to_regclass(:version)"), {"version": VERSION_TABLE}) is None:
        return None
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608  our own word
    return found


def has_rows(connection: Connection, table: Table) -> bool:
    asked = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table.name))
    return bool(carry_out(connection, asked))


def carry_out(connection: Connection, statement: sql.Composed) -> Any:
    """Carry out a statement that names tables and columns; the first value of its answer, if it has one."""
    with driver(connection).cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def rows_out(connection: Connection, table: Table, told: Callable[[int], None]) -> Iterator[bytes]:
    """All rows in PostgreSQL's own text format, one a line, in pieces; ``told`` is given the number of rows."""
    statement = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table.name), _names(table.columns))
    rows, buffer = 0, bytearray()
    with driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for data in copy:
            buffer += data
            if len(buffer) >= PIECE:
                rows += buffer.count(b"\n")
                yield bytes(buffer)
                buffer.clear()
    yield bytes(buffer)
    told(rows + buffer.count(b"\n"))


def rows_in(connection: Connection, table: Table, pieces: Iterable[bytes]) -> int:
    """Add rows in that format; how many."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), _names(table.columns))
    with driver(connection).cursor() as cursor:
        with cursor.copy(statement) as copy:
            for piece in pieces:
                copy.write(piece)
        return cursor.rowcount


def _names(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def driver(connection: Connection) -> Driver[tuple[Any, ...]]:
    found: Driver[tuple[Any, ...]] = connection.connection.driver_connection  # type: ignore[assignment]  # it is psycopg
    return found
