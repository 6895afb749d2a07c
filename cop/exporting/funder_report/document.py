"""A report as it is read: what was frozen, what staff wrote around it, and the quotations that may still be shown.

Every format is made of this, so that all say the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from cop.exporting.funder_report.parts import Cell
from cop.models.evidence import FunderReport
from cop.queries.funder_reports import Quote
from cop.services.funder_reports import INTRODUCTION, WITHDRAWN
from cop.web.templating import month_day

Part = dict[str, Any]
"""As it is drawn: ``text``, ``list`` and ``comment`` with ``lines``; ``quotations`` with ``quotes``; ``table`` with its
``id``, and everything in it as words.
"""


@dataclass(frozen=True)
class Section:
    """``question`` is empty where the section answers none."""

    key: str
    title: str
    question: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Document:
    """``notices`` stand above everything else; ``made`` says of which day the figures are."""

    service: str
    title: str
    programme: str
    made: str
    notices: Sequence[str]
    introduction: Sequence[str]
    sections: Sequence[Section]

    def as_data(self) -> dict[str, Any]:
        """The same for a template that is given JSON."""
        return asdict(self)


def document_of(report: FunderReport, quotes: Mapping[int, Quote]) -> Document:
    """``quotes`` are the words that may be shown today, by the number of their quotation."""
    content, words = report.content, report.words
    return Document(
        current_app.config["SERVICE_NAME"],
        report.title,
        content["programme"]["name"],
        _("Figures of %(day)s. They do not change afterwards.", day=month_day(report.as_of)),
        list(_notices(report)),
        paragraphs(words.get(INTRODUCTION, "")),
        [_section(one, words.get(one["key"], ""), quotes) for one in content["sections"]],
    )


def _notices(report: FunderReport) -> Iterator[str]:
    if report.withdrawn_at is not None:
        yield _("This report was withdrawn on %(day)s. Do not rely on it.", day=month_day(report.withdrawn_at))
        yield from paragraphs(report.words.get(WITHDRAWN, ""))


def paragraphs(words: str) -> Sequence[str]:
    """What somebody typed, by the empty lines in it."""
    return [" ".join(each.split()) for each in words.split("\n\n") if each.strip()]


def _section(frozen: Mapping[str, Any], comment: str, quotes: Mapping[int, Quote]) -> Section:
    parts = [_part(frozen["key"], part, quotes) for part in frozen["parts"]]
    if comment:
        parts.append({"kind": "comment", "title": _("Comment"), "lines": paragraphs(comment)})
    return Section(frozen["key"], frozen["title"], frozen["question"], parts)


def _part(section: str, frozen: Mapping[str, Any], quotes: Mapping[int, Quote]) -> Part:
    if frozen["kind"] == "quotations":
        return {"kind": "quotations", "quotes": [_quote(quotes.get(number)) for number, _use in frozen["ids"]]}
    if frozen["kind"] != "table":
        return dict(frozen)
    rows = frozen["rows"]
    return {
        "kind": "table",
        "id": f"{section}-{frozen['key']}",
        "title": frozen["title"],
        "headings": frozen["headings"],
        "numbers": [any(_is_number(row[place]) for row in rows) for place in range(len(frozen["headings"]))],
        "rows": [[text_of(cell) for cell in row] for row in rows],
        "notes": frozen["notes"],
        "bars": frozen["bars"],
        "alt": _("Chart: %(title)s. The table has the numbers.", title=frozen["title"]),
    }


def _quote(found: Quote | None) -> dict[str, str]:
    if found is None:
        return {
            "words": _("This quotation is not shown any more: whoever said it, or who picked it, took it back."),
            "by": "",
        }
    about = _("about %(event)s", event=found.from_what)
    return {"words": found.words, "by": ", ".join(filter(None, [found.by, about]))}


def text_of(cell: Cell) -> str:
    return str(cell["text"]) if isinstance(cell, Mapping) else cell


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, Mapping)
