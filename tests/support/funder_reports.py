"""Reports to funders in tests: one with every sort of part, and each format read back into words."""

import io
from collections.abc import Sequence
from typing import Any

import docx
from bs4 import BeautifulSoup
from flask import Flask

from cop.exporting.funder_report.parts import bullets, count, few, hidden, number, percent, section, table, text
from cop.models.evidence import FunderReport
from cop.models.programmes import Programme
from cop.services import funder_reports as services
from tests.support import pdf
from tests.support.make import working

STRANGE = "Zoë’s 100% & <b>more</b> – “really”."

Table = tuple[str, list[list[str]]]
"""The title of a table, and its rows, with the headings first."""


def keep_report(app: Flask, programme: Programme, attended: int = 12) -> FunderReport:
    """A report of the day, in whose figures nothing depends on what there is."""
    with working(app) as work:
        return services.keep(
            work,
            programme_id=programme.id,
            title="Report to funders: Tackling health inequalities",
            as_of=work.now.date(),
            content=content(attended),
        )


def content(attended: int = 12) -> dict[str, Any]:
    """What a report holds, with what is hard to write among it."""
    return {
        "programme": {"name": "Tackling health inequalities", "slug": "health-inequalities"},
        "language": "en-GB",
        "sections": [
            section(
                "about", "About this report", "", text("A first paragraph.", "Zoë’s 100% & <b>more</b> – “really”.")
            ),
            section(
                "reach",
                "1. Reach",
                "Who came?",
                table(
                    "by-kind",
                    "By kind of organisation",
                    ["Kind", "Booked", "Came"],
                    [
                        ["Council", count(15), count(attended)],
                        ["Health", few(), hidden()],
                        ["All", count(1_234), hidden()],
                    ],
                    notes=["Came counts people once."],
                    bars=[("Council", count(attended), count(15)), ("Health", hidden(), few())],
                ),
                table(
                    "changes",
                    "Change in confidence",
                    ["What", "Change", "Share", "Interval"],
                    [["Confidence, over eight questions", number(1.5), percent(33.3), "+0.5 to +2.5"]],
                ),
            ),
            section("limits", "Limits", "", bullets(["Groups are small.", "Nobody checked it."])),
        ],
    }


def tables_of_content(found: dict[str, Any]) -> list[Table]:
    """What all formats have to say."""
    return [
        (
            part["title"],
            [
                part["headings"],
                *([cell["text"] if isinstance(cell, dict) else cell for cell in row] for row in part["rows"]),
            ],
        )
        for one in found["sections"]
        for part in one["parts"]
        if part["kind"] == "table"
    ]


def tables_of_html(body: bytes | str) -> list[Table]:
    """Each table of a page with the heading that names it."""
    page = BeautifulSoup(body, "html.parser")
    found = []
    for region in page.select("div[role=region]"):
        titles = page.select(f"#{region['aria-labelledby']}")
        assert len(titles) == 1
        found.append(
            (_words(titles[0]), [[_words(cell) for cell in row.select("th, td")] for row in region.select("tr")])
        )
    return found


def _words(tag: Any) -> str:
    return " ".join(tag.get_text(" ").split())


def tables_of_docx(body: bytes) -> list[Table]:
    """Each table of a Word document with the name that readers of screens hear."""
    found = docx.Document(io.BytesIO(body))
    return [
        (
            each._tbl.tblPr.find(f"{{{WORD}}}tblCaption").get(f"{{{WORD}}}val"),
            [[cell.text for cell in row.cells] for row in each.rows],
        )
        for each in found.tables
    ]


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def missing_in_pdf(body: bytes, tables: Sequence[Table]) -> list[str]:
    """The rows of these tables that do not stand in the PDF, whole and in this order.

    A line may end after a hyphen, so a space after one counts for nothing.
    """
    said, at, missing = pdf.words(body).replace("- ", "-"), 0, []
    for title, rows in tables:
        for words in (title, *(" ".join(" ".join(row).split()) for row in rows)):
            found = said.find(words.replace("- ", "-"), at)
            if found < 0:
                missing.append(words)
            else:
                at = found + len(words)
    return missing
