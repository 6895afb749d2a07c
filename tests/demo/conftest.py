"""The demo programme is loaded once by each worker; every test that looks at it gets a copy of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from flask import Flask
from psycopg import Connection, sql

from cop.demo.programme import load
from cop.models.base import Base
from cop.web import db

COUNTERS = "SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL"


@dataclass(frozen=True)
class Rows:
    """All rows by table, as COPY writes them, and how far each sequence has counted."""

    tables: Mapping[str, bytes]
    counters: Sequence[tuple[str, int]]


@pytest.fixture(scope="session")
def kept() -> list[Rows]:
    """What the first test of this worker loaded, and nothing before that."""
    return []


@pytest.fixture
def loaded(app: Flask, kept: list[Rows]) -> None:
    """The tables hold the demo programme as it is at the instant at which tests begin."""
    with app.app_context():
        if not kept:
            load(lambda _step: None)
        with db.engine.begin() as engaged:
            connection = engaged.connection.driver_connection
            assert isinstance(connection, Connection)
            if kept:
                _put(connection, kept[0])
            else:
                kept.append(_taken(connection))


def _taken(connection: Connection) -> Rows:
    tables = {}
    with connection.cursor() as cursor:
        for table in Base.metadata.sorted_tables:
            with cursor.copy(sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(table.name))) as copy:
                tables[table.name] = b"".join(map(bytes, copy))
        return Rows(tables, cursor.execute(COUNTERS).fetchall())


def _put(connection: Connection, rows: Rows) -> None:
    """Our triggers keep still: what they would count and check stands in the rows already."""
    with connection.cursor() as cursor:
        for name, content in rows.tables.items():  # tables that others point to come first
            table = sql.Identifier(name)
            cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
            with cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(table)) as copy:
                copy.write(content)
            cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))
        cursor.executemany("SELECT setval(%s::regclass, %s)", rows.counters)
