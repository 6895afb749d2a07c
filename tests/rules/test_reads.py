"""Whoever takes personal data away, or opens what is sensitive, is noted: `observe()`, and a kind of `audit.Read`."""

import ast
from collections.abc import Mapping

from cop.queries.audit import Read
from tests.support.source import modules

HANDS_OUT = frozenset({"write_csv", "streamed", "pdf_page", "send_stored", "Response"})
"""What a view calls that hands out a file, and not a page."""

NOT_NOTED: Mapping[str, str] = {
    "admin_operations.metrics": "counts",
    "admin_processing.as_file": "says nothing of anybody",
    "admin_toolkit.file": "a file of the toolkit",
    "api.event": "public events",
    "api.index": "public events; other lists note themselves",
    "api.openapi": "a description",
    "bookings.calendar_file": "one's own date",
    "calendars.event": "public dates",
    "calendars.everything": "public dates",
    "calendars.mine": "one's own dates",
    "calendars.series": "public dates",
    "check_in.worker": "a script",
    "demo.mail_as_sent": "the demonstration alone",
    "drawing.record": "numbers and chances, without names",
    "drawing.report_json": "numbers and chances, without names",
    "drawing.report_pdf": "numbers and chances, without names",
    "evaluation.codebook": "columns and their meaning",
    "forum.post_file": "a file in a post that the reader may read",
    "funder_reports.file": "numbers, with small ones left out",
    "pages.security_txt": "an address of ours",
    "records.own_paper": "one's own record",
    "roster.record": "one record of attendance, to hand to whom it is about",
    "toolkit.file": "a file of the toolkit",
}
"""Views that hand out a file and note nothing, with the reason."""

OPENS = {
    "admin_directory.person",
    "admin_requests.one",
    "admin_summits.access",
    "bookings.for_event",
    "members.reported_letter",
    "panel.candidate",
    "redactions.copy",
}
"""Pages that show what is sensitive."""


def calls_of(node: ast.AST) -> set[str]:
    called = (call.func for call in ast.walk(node) if isinstance(call, ast.Call))
    return {name.id if isinstance(name, ast.Name) else getattr(name, "attr", "") for name in called}


def views_of(tree: ast.Module) -> dict[str, set[str]]:
    """What each view of a module calls, by itself and through functions of the same module."""
    functions = {item.name: item for item in tree.body if isinstance(item, ast.FunctionDef)}

    def reached(name: str, seen: set[str]) -> set[str]:
        seen.add(name)
        found = calls_of(functions[name])
        for other in (found & functions.keys()) - seen:
            found = found | reached(other, seen)
        return found

    return {name: reached(name, set()) for name, item in functions.items() if item.decorator_list}


def all_views() -> dict[str, set[str]]:
    found = {}
    for path, tree in modules("cop/blueprints"):
        area = path.split("/")[2].removesuffix(".py")
        found.update({f"{area}.{name}": calls for name, calls in views_of(tree).items()})
    return found


def test_whoever_takes_a_file_away_is_noted_or_it_says_nothing_of_people() -> None:
    silent = {name for name, calls in all_views().items() if calls & HANDS_OUT and "observe" not in calls}
    assert silent == NOT_NOTED.keys()


def test_pages_that_show_what_is_sensitive_note_who_opened_them() -> None:
    views = all_views()
    assert {name for name in OPENS if "observe" not in views.get(name, set())} == set()


def test_what_is_noted_as_sensitive_is_a_kind_that_the_audit_shows() -> None:
    """Whatever ends in “read” or “exported” is one of `Read`; a kind that is put together is of the exports."""
    noted = {
        str(call.args[0].value)
        for _path, tree in modules("cop/blueprints", "scheduled")
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "observe"
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    assert {kind for kind in noted if kind.endswith((" read", " exported"))} <= set(map(str, Read))
    assert {"person read", "application read", "request read"} <= noted


def test_a_file_that_is_handed_out_in_silence_is_noticed() -> None:
    tree = ast.parse("@area.get('/x')\ndef x():\n    return made()\n\ndef made():\n    return Response(b'')\n")
    assert views_of(tree)["x"] >= {"made", "Response"}
