"""Importing organisations and people from a terminal."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from flask import Flask

import cop.demo
from cop.commands.directory import import_organisations, import_people
from cop.core.errors import Refusal
from cop.formats.tables import TableError
from cop.queries import organisations as queries
from tests.support.make import Make, Reads

MEMBERS = Path(cop.demo.__path__[0]) / "data" / "organisations.csv"


def invoke(app: Flask, command: click.Command, *arguments: str) -> Result:
    with app.app_context():
        return CliRunner().invoke(command, arguments)


def test_the_members_are_imported_row_by_row(app: Flask, reading: Reads) -> None:
    done = invoke(app, import_organisations, str(MEMBERS))
    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert lines[0] == "line 2: create Barking & Dagenham Council"
    assert lines[-1] == "90 rows: create 90, update 0, unchanged 0, refuse 0"
    with reading() as read:
        assert queries.count(read, queries.Wanted()) == 90
    again = invoke(app, import_organisations, str(MEMBERS))
    assert again.exit_code == 0
    assert again.stdout.splitlines()[-1] == "90 rows: create 0, update 0, unchanged 90, refuse 0"


def test_a_dry_run_changes_nothing(app: Flask, reading: Reads) -> None:
    done = invoke(app, import_organisations, "--dry-run", str(MEMBERS))
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "90 rows: create 90, update 0, unchanged 0, refuse 0; nothing was changed"
    with reading() as read:
        assert queries.count(read, queries.Wanted()) == 0


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_json_is_one_object_a_row_and_a_refusal_ends_with_1(
    dry: tuple[str, ...], app: Flask, make: Make, tmp_path: Path
) -> None:
    make.organisation("Demos")
    file = tmp_path / "people.csv"
    file.write_text("email,name,organisation\njo@demo.example,Jo,demos\nali@demo.example,Ali,Nowhere\n")
    done = invoke(app, import_people, "--json", *dry, str(file))
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"line": 2, "action": "create", "subject": "jo@demo.example", "reason": ""},
        {
            "line": 3,
            "action": "refuse",
            "subject": "ali@demo.example",
            "reason": "There is no organisation “Nowhere”. Add it to the directory first.",
        },
    ]
    assert done.exit_code == 1
    assert isinstance(done.exception, Refusal)
    assert str(done.exception) == "line 3: There is no organisation “Nowhere”. Add it to the directory first."


def test_a_file_that_is_no_table_ends_with_1(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "organisations.csv"
    file.write_text('name\n"open\n')
    done = invoke(app, import_organisations, str(file))
    assert done.exit_code == 1
    assert isinstance(done.exception, TableError)
    assert str(done.exception).startswith("line 2: a quotation mark")


@pytest.mark.parametrize("arguments", [(), ("/nowhere.csv",), ("--dry", "x"), (".",)])
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...], app: Flask) -> None:
    assert invoke(app, import_organisations, *arguments).exit_code == 2
