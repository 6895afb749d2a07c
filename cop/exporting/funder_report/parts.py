"""What a report for funders is put together from: plain values that JSON can hold, since they are kept as they are.

A part is one of these, told apart by ``kind``:

- ``text`` and ``list``: ``lines``.
- ``table``: ``key``, ``title``, ``headings``, ``rows`` of cells, the first of which names its row; ``notes`` say how it
  was counted; ``bars`` are (label, value, whole, words) of a chart that shows nothing but what the table says.
- ``quotations``: ``ids`` are the numbers of quotations, each with the use that was allowed then.

A cell is words, or a number with its words: ``value`` is None where there is none to show, and then ``hidden`` says why
where it is one of few people (``small``), or may be one or tell of one (``other``).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _

from cop.core.small_numbers import Figure
from cop.queries.coding import Quoted
from cop.web.templating import month_day

Cell = str | dict[str, Any]
Part = dict[str, Any]
Section = dict[str, Any]

SMALL, OTHER = "small", "other"

NOTHING = "–"


def count(of: Figure | int) -> Cell:
    """How many; or why it is not told."""
    figure = of if isinstance(of, Figure) else Figure(of)
    if figure.value is not None:
        return {"text": f"{figure.value:,}", "value": figure.value}
    if figure.is_small:
        return {"text": _("fewer than 5"), "value": None, "hidden": SMALL}
    return hidden()


def hidden() -> Cell:
    """A number that is small, or would tell of another that is: which of the two, is not said."""
    return {"text": _("not shown"), "value": None, "hidden": OTHER}


def few() -> Cell:
    """A number of what fewer than five said."""
    return {"text": _("fewer than 5"), "value": None, "hidden": SMALL}


def number(value: float | None, unit: str = "") -> Cell:
    """A number that is no count, with one digit after the point where it has any; a dash where there is none."""
    if value is None:
        return {"text": NOTHING, "value": None}
    plain = round(float(value), 1)
    return {"text": f"{plain:,.0f}{unit}" if plain.is_integer() else f"{plain:,.1f}{unit}", "value": plain}


def percent(value: float | None) -> Cell:
    return number(value, "%")


def on(day: date | None) -> str:
    return month_day(day) if day is not None else NOTHING


def text(*lines: str) -> Part:
    return {"kind": "text", "lines": [str(line) for line in lines]}


def bullets(lines: Iterable[str]) -> Part:
    return {"kind": "list", "lines": [str(line) for line in lines]}


def table(
    key: str,
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    notes: Iterable[str] = (),
    bars: Iterable[tuple[str, Cell, Cell | int]] = (),
) -> Part:
    """``bars`` are (label, value, whole), drawn where both can be shown and the whole is more than nothing. The whole
    is a cell too, or the longest that a bar can be.
    """
    return {
        "kind": "table",
        "key": key,
        "title": str(title),
        "headings": [str(heading) for heading in headings],
        "rows": [list(row) for row in rows],
        "notes": [str(note) for note in notes],
        "bars": [
            [str(label), _value(value), _value(whole), _told(value, whole)]
            for label, value, whole in bars
            if _can_be_drawn(value, whole)
        ],
    }


def _value(cell: Cell | int) -> Any:
    return cell["value"] if isinstance(cell, dict) else cell


def _told(value: Cell | int, whole: Cell | int) -> str:
    """What stands at the end of a bar: both numbers where the table has both, else the one."""
    if isinstance(value, dict) and isinstance(whole, dict):
        return f"{value['text']}/{whole['text']}"
    return str(value["text"]) if isinstance(value, dict) else str(value)


def _can_be_drawn(value: Cell | int, whole: Cell | int) -> bool:
    return _value(value) is not None and bool(_value(whole))


def quotations(quoted: Iterable[Quoted]) -> Part | None:
    """The words themselves are not in the report: they are asked for each time it is read."""
    ids = [[one.id, one.use.value] for one in quoted]
    return {"kind": "quotations", "ids": ids} if ids else None


def section(key: str, title: str, question: str, *parts: Part | None) -> Section:
    """One question of the evaluation with what answers it; what is None is left out."""
    return {
        "key": key,
        "title": str(title),
        "question": str(question),
        "parts": [part for part in parts if part is not None],
    }


def with_indicators(answered: Section, judged: Part | None) -> Section:
    """The same section, with its indicators at the end."""
    return {**answered, "parts": [*answered["parts"], judged]} if judged else answered
