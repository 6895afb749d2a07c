"""No table can be forgotten when two records become one: everything is read off the tables, and compared here."""

import re

import pytest
from flask import Flask
from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, MetaData, Table, inspect, text

from cop.models.base import Base
from cop.models.merging import MergeKind
from cop.queries.merging.references import STAYS, TABLES, Key, name_of, references, unique_keys
from cop.queries.merging.rules import RULES, What
from cop.web import db

WHOLE = ("account", "affiliation", "ask", "booking", "grant", "seat", "waiting", "application")
"""Tables whose rows are changed, or handled by name, and never removed whole without their children."""


@pytest.mark.parametrize("kind", MergeKind)
def test_every_column_that_points_to_a_record_passes_over_or_is_named_as_history(kind: MergeKind, app: Flask) -> None:
    with app.app_context():
        looked = inspect(db.engine)
        pointing = {
            f"{table}.{key['constrained_columns'][0]}"
            for table in looked.get_table_names()
            for key in looked.get_foreign_keys(table)
            if key["referred_table"] == TABLES[kind].name
        }
    passing = {name_of(column) for column in references(kind)}
    assert passing
    assert passing <= pointing
    assert pointing - passing <= STAYS


def test_history_is_the_only_thing_that_stays() -> None:
    assert {name.partition(".")[0] for name in STAYS} == {"audit", "erasure", "person_key"}


@pytest.mark.parametrize("kind", MergeKind)
def test_no_promise_can_be_broken_without_a_rule(kind: MergeKind) -> None:
    assert {key.name for key in unique_keys(kind)} <= set(RULES)


def test_every_rule_is_about_a_promise() -> None:
    assert set(RULES) == {key.name for kind in MergeKind for key in unique_keys(kind)}


def test_a_promise_that_is_new_is_noticed() -> None:
    """A key is found in a table's own list, so a table that is added has its keys among them."""
    metadata = MetaData()
    record = Table("person", metadata, Column("id", BigInteger, primary_key=True))
    late = Table("late", metadata, Column("person_id", ForeignKey(record.c.id), primary_key=True))
    assert Key("pk_late", late.c.person_id, []).rows(1, "kept").c.keys() == ["person_id"]
    assert late.primary_key.name not in RULES


@pytest.mark.parametrize("kind", MergeKind)
def test_the_database_lets_nothing_begin_to_point_to_a_merged_record(kind: MergeKind, app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        made = connection.execute(
            text("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname ~ '^refuse_merged_'")
        )
        shape = re.compile(r"UPDATE OF (\w+) ON (?:public\.)?\"?(\w+)\"?.*refuse_merged\('(\w+)', '(\w+)'\)")
        guarded = {
            (found[3], f"{found[2]}.{found[1]}")
            for (line,) in made
            if (found := shape.search(line)) and found[1] == found[4]
        }
    own = {name_of(column) for column in references(kind) if column.table is not TABLES[kind]}
    assert {name for target, name in guarded if target == TABLES[kind].name} == own


def test_what_is_removed_holds_nothing_encrypted() -> None:
    """What is removed is kept as JSON to be undone: secrets would lie there in the clear of nobody's care."""
    removed = {key.column.table for kind in MergeKind for key in unique_keys(kind)} | {Base.metadata.tables["response"]}
    for table in removed:
        encrypted = [column.name for column in table.columns if isinstance(column.type, LargeBinary)]
        assert not encrypted, table.name


def test_what_is_removed_has_no_children_but_those_that_go_with_it() -> None:
    handled = {What.ACCOUNT, What.AFFILIATION, What.APPLICATION, What.BOOKING, What.GRANT, What.WAITING, What.ASK}
    handled |= {What.CONSENT, What.INTEREST, What.INVITATION, What.PLAN}
    removed = {
        key.column.table.name
        for kind in MergeKind
        for key in unique_keys(kind)
        if RULES[key.name][0] not in handled | {What.SEAT}
    }
    children = {
        f"{table.name} points to {key.column.table.name}"
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in removed
    }
    assert removed
    assert not children
    assert not removed & set(WHOLE)
