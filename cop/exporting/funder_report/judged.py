"""The indicators of a programme: a row for each with its definition, baseline, target, result, n and source."""

from collections.abc import Mapping, Sequence
from datetime import date

from flask_babel import gettext as _

from cop.core.small_numbers import Figure
from cop.exporting.funder_report.parts import (
    NOTHING,
    Cell,
    Part,
    Section,
    count,
    hidden,
    number,
    on,
    section,
    table,
    text,
)
from cop.models.evidence import Unit
from cop.queries.indicators import Measured

Beside = Mapping[str, Sequence[Figure]]
"""By the code of a measure, the figures of the report of which it is the sum, or which it repeats."""


class Judged:
    """Indicators as the report may show them.

    An indicator by itself may be large enough to be shown, and yet be the sum of figures in a table of the report of
    which one is hidden: then it is not shown either.
    """

    def __init__(self, found: Sequence[Measured], beside: Beside) -> None:
        self._found, self._beside = found, beside

    def of(self, question: int) -> Part | None:
        """The results that help to answer one question."""
        rows = [self._result(one) for one in self._found if one.question == question]
        if not rows:
            return None
        headings = [_("Indicator"), _("Baseline"), _("Target"), _("Result"), _("n"), _("As of"), _("Target reached")]
        return table(
            "indicators",
            _("Indicators of this question"),
            headings,
            rows,
            notes=[_("Section 14 says how each is defined and where it comes from.")],
        )

    def all(self) -> Section:
        rows = [
            [
                one.name,
                _("%(definition)s Source: %(source)s.", definition=one.definition, source=one.source.rstrip(".")),
                _dated(self._baseline(one), one.baseline_on),
                _dated(number_of(one.unit, one.target), one.target_on),
                self._value(one),
                self._n(one),
                on(one.on),
            ]
            for one in self._found
        ]
        headings = [
            _("Indicator"),
            _("Definition and source"),
            _("Baseline and its day"),
            _("Target and by when"),
            _("Result"),
            _("n"),
            _("As of"),
        ]
        return section(
            "indicators",
            _("14. All indicators"),
            _("What are the definition, baseline and date, target, result, n and source of each indicator?"),
            table(
                "all",
                _("Indicators"),
                headings,
                rows,
                notes=[
                    _(
                        "n is out of how many, or from how many people, as the definition says. What the service "
                        "counts by itself is of the night before the day that stands beside it, so it may differ a "
                        "little from the tables above."
                    )
                ],
            )
            if rows
            else text(_("No indicator is set up yet.")),
        )

    def _result(self, one: Measured) -> Sequence[Cell]:
        return [
            one.name,
            self._baseline(one),
            number_of(one.unit, one.target),
            self._value(one),
            self._n(one),
            on(one.on),
            self._reached(one),
        ]

    def _is_hidden(self, one: Measured) -> bool:
        return one.hidden or any(figure.value is None for figure in self._beside.get(one.measure or "", ()))

    def _value(self, one: Measured) -> Cell:
        return hidden() if self._is_hidden(one) else number_of(one.unit, one.value)

    def _n(self, one: Measured) -> Cell:
        if self._is_hidden(one):
            return hidden()
        return count(one.n) if one.n is not None else NOTHING

    def _baseline(self, one: Measured) -> Cell:
        return hidden() if one.baseline_hidden else number_of(one.unit, one.baseline)

    def _reached(self, one: Measured) -> str:
        if self._is_hidden(one) or one.reached is None:
            return NOTHING
        return str(_("Yes") if one.reached else _("No"))


def _dated(cell: Cell, day: date | None) -> Cell:
    """The same number with the day to which it belongs."""
    if day is None or not isinstance(cell, dict):
        return cell
    return {**cell, "text": _("%(number)s, %(day)s", number=cell["text"], day=on(day))}


def number_of(unit: Unit, value: object) -> Cell:
    """A result in its unit, or a dash."""
    if value is None:
        return NOTHING
    return number(float(str(value)), "%" if unit is Unit.PERCENT else "")
