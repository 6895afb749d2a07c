"""The tables as they are typed, and as they are shown to be typed again."""

import pytest
from flask import Flask

from cop.forms.seating import SetTables, written


def typed(app: Flask, text: str) -> SetTables:
    with app.test_request_context(method="POST", data={"tables": text, "rounds": "1", "seen": "0"}):
        app.config["WTF_CSRF_ENABLED"], before = False, app.config.get("WTF_CSRF_ENABLED", True)
        try:
            form = SetTables()
            form.validate()
            return form
        finally:
            app.config["WTF_CSRF_ENABLED"] = before


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("3 x 8", [("Table 1", 8), ("Table 2", 8), ("Table 3", 8)]),
        ("Top table: 10\n\n 2×6 ", [("Top table", 10), ("Table 2", 6), ("Table 3", 6)]),
        ("1 x 4\nBy the window : 3\n1 X 5", [("Table 1", 4), ("By the window", 3), ("Table 3", 5)]),
    ],
)
def test_lines_become_tables_and_tables_lines(app: Flask, text: str, tables: list[tuple[str, int]]) -> None:
    form = typed(app, text)
    assert not form.errors
    assert form.named() == tables
    assert typed(app, written(tables)).named() == tables


@pytest.mark.parametrize("text", ["8", "Top table", "Top table: many", "1 x 2000", ": 4", f"{'a' * 41}: 4"])
def test_other_lines_are_named(app: Flask, text: str) -> None:
    assert str(typed(app, f"2 x 2\n{text}").errors["tables"][0]).startswith("Line 2")
