"""Rules that can be read off the source: who asks the clock, who ends a transaction, what comes first."""

import ast

import pytest

from tests.support.source import clocks_read, modules, strangers, transactions_ended

CLOCKS_ALLOWED = {
    "cop/core/clock.py": {"datetime.now", "time.monotonic"},
    "cop/demo/running.py": {"time.monotonic"},  # how long to wait for a process
    "cop/web/database.py": {"time.monotonic"},  # how long a connection lay idle
    "cop/web/requests.py": {"time.perf_counter"},  # how long a request took
    "scheduled/fetching.py": {"time.monotonic"},  # how long a site may take to answer
}

WITHOUT_A_READING = {
    "signed_in_person",  # runs before there is an actor
}


def test_only_the_clock_asks_the_machine_what_time_it_is() -> None:
    found = {path: set(clocks_read(tree)) for path, tree in modules("cop", "scheduled", "migrations")}
    assert {path: clocks for path, clocks in found.items() if clocks} == CLOCKS_ALLOWED


@pytest.mark.parametrize(
    ("source", "clock"),
    [
        ("datetime.now(UTC)", "datetime.now"),
        ("import datetime\ndatetime.datetime.now()", "datetime.now"),
        ("column(default=datetime.utcnow)", "datetime.utcnow"),
        ("date.today()", "date.today"),
        ("time.time()", "time.time"),
        ("from time import time", "time.time"),
        ("select(func.now())", "func.now"),
        ("text('select now()')", "sql"),
        ("mapped_column(server_default='CURRENT_TIMESTAMP')", "sql"),
    ],
)
def test_asking_a_clock_is_noticed(source: str, clock: str) -> None:
    assert clocks_read(ast.parse(source)) == [clock]


def test_only_a_unit_of_work_ends_a_transaction() -> None:
    found = {path for path, tree in modules("cop", "scheduled") if transactions_ended(tree)}
    assert found == {"cop/core/work.py"}


@pytest.mark.parametrize("source", ["db.session.commit()", "work.session.rollback()", "with c as x:\n    x.commit()"])
def test_ending_a_transaction_is_noticed(source: str) -> None:
    assert transactions_ended(ast.parse(source))


def test_services_are_given_the_work_first_or_a_reading_to_plan_with() -> None:
    found = {f"{path}: {name}" for path, tree in modules("cop/services") for name in strangers(tree, "work", "read")}
    assert not found


def test_queries_are_given_the_reading_first() -> None:
    found = {f"{path}: {name}" for path, tree in modules("cop/queries") for name in strangers(tree, "read")}
    assert {line for line in found if line.rpartition(" ")[2] not in WITHOUT_A_READING} == set()


@pytest.mark.parametrize(
    "source",
    [
        "def book(event_id, work): work.session.add(event_id)",
        "def book(*, work): pass",
        "def book(session): pass",
        "def book(): db.session.add(1)",
    ],
)
def test_a_service_without_its_work_is_noticed(source: str) -> None:
    assert strangers(ast.parse(source), "work") == ["book"]


def test_full_addresses_are_built_in_one_place() -> None:
    found = {path for path, tree in modules("cop", "scheduled") if "url_map.bind(" in ast.unparse(tree)}
    assert found == {"cop/web/pages.py"}


def test_what_touches_no_session_needs_none() -> None:
    assert strangers(ast.parse("def clean(text): return text.strip()\ndef _hidden(session): pass"), "work") == []
