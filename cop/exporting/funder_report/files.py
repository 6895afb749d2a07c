"""A report as a file: a Word document, a tagged PDF, and a page that can be read without the service."""

from collections.abc import Callable, Mapping

from flask import current_app
from flask_babel import gettext as _

from cop.exporting.funder_report.document import Document, Part
from cop.formats import pdf
from cop.formats.documents import MEDIA_TYPE, Column, WordDocument
from cop.models.evidence import FunderReport

CHART_CENTIMETRES = 15.5


def as_docx(report: FunderReport, found: Document) -> bytes:
    made = WordDocument(title=found.title, author=found.service, made_at=report.made_at)
    made.paragraph(found.programme)
    made.paragraph(found.made)
    for notice in found.notices:
        made.paragraph(notice, is_strong=True)
    for words in found.introduction:
        made.paragraph(words)
    for section in found.sections:
        made.heading(section.title, 1)
        if section.question:
            made.paragraph(section.question, is_strong=True)
        for part in section.parts:
            _PARTS[part["kind"]](made, part)
    return made.content()


def _text(made: WordDocument, part: Part) -> None:
    for words in part["lines"]:
        made.paragraph(words)


def _list(made: WordDocument, part: Part) -> None:
    for words in part["lines"]:
        made.bullet(words)


def _comment(made: WordDocument, part: Part) -> None:
    made.heading(part["title"], 2)
    _text(made, part)


def _quotations(made: WordDocument, part: Part) -> None:
    for quote in part["quotes"]:
        made.quotation(quote["words"], quote["by"])


def _table(made: WordDocument, part: Part) -> None:
    made.heading(part["title"], 2)
    if part["bars"]:
        made.picture(pdf.picture("chart", {"bars": part["bars"]}), words=part["alt"], centimetres=CHART_CENTIMETRES)
    columns = [Column(*each) for each in zip(part["headings"], part["numbers"], strict=True)]
    made.table(part["title"], columns, part["rows"])
    for words in part["notes"]:
        made.paragraph(words, is_note=True)


_PARTS: Mapping[str, Callable[[WordDocument, Part], None]] = {
    "text": _text,
    "list": _list,
    "comment": _comment,
    "quotations": _quotations,
    "table": _table,
}


def as_pdf(_report: FunderReport, found: Document) -> bytes:
    return pdf.typeset("funder", {**found.as_data(), "contents": _("Contents")})


def as_html(_report: FunderReport, found: Document) -> bytes:
    """A page on its own; ``style.css`` may lie beside it, and it can be read without."""
    return current_app.jinja_env.get_template("funder_reports/file.html").render(found=found).encode()


def style() -> bytes:
    return current_app.jinja_env.get_template("funder_reports/style.css").render().encode()


FORMATS: Mapping[str, tuple[Callable[[FunderReport, Document], bytes], str]] = {
    "html": (as_html, "text/html; charset=utf-8"),
    "docx": (as_docx, MEDIA_TYPE),
    "pdf": (as_pdf, "application/pdf"),
}
"""How a report is written in each, and what a browser is told that it is."""
