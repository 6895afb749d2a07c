"""What the programme is judged by: one row per indicator, with all that is needed to read its number."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from cop.core.errors import marked
from cop.core.work import Reading
from cop.exporting.columns import YES_NO, Column, Kind
from cop.models.evidence import Unit
from cop.queries.exports import Scope
from cop.queries.exports.indicators import indicator_rows

AUTOMATIC, BY_HAND = "automatic", "by hand"

COLUMNS = (
    Column("programme", "Address word of the programme"),
    Column("indicator", "Address word of the indicator, unique in the programme"),
    Column("name", "What is counted, in a few words"),
    Column("definition", "Who or what counts, when, and out of how many"),
    Column("unit", "What the numbers are: a count, per cent, a median, a mean, or hours", tuple(Unit)),
    Column("counted", "Whether the service counts it every night, or staff note the values", (AUTOMATIC, BY_HAND)),
    Column("question", "Number of the question of the evaluation, from 1 to 14, that it helps to answer"),
    Column("source", "Where the numbers come from"),
    Column("baseline", "What it was before; empty where nobody knows, and when pseudonymised where it is below five"),
    Column("baseline_on", "Day of the baseline"),
    Column("target", "What it is to reach; empty where there is no target"),
    Column("target_on", "Day by which it is to be reached"),
    Column("result", "The newest value; empty where there is none yet, or where it is hidden"),
    Column("n", "Out of how many, or from how many people, as the definition says"),
    Column("as_of", "Day of the newest value"),
    Column(
        "hidden",
        "Whether there is a value that is not told, because fewer than five people or organisations stand behind it or "
        "behind the difference to another; only when pseudonymised",
        YES_NO,
    ),
    Column("note", "What was written beside the newest value; empty when pseudonymised"),
)


def _rows(read: Reading, scope: Scope) -> Iterator[Sequence[Any]]:
    for one in indicator_rows(read, scope):
        yield (
            scope.slug,
            one.code,
            one.name,
            one.definition,
            one.unit,
            AUTOMATIC if one.is_automatic else BY_HAND,
            one.question,
            one.source,
            _number(one.baseline),
            one.baseline_on,
            _number(one.target),
            one.target_on,
            _number(one.value),
            one.n,
            one.on,
            one.hidden,
            None if scope.key else one.note,
        )


def _number(value: Decimal | None) -> int | float | None:
    """Whole numbers without decimals."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


INDICATORS = Kind(
    "indicators",
    marked("One row per indicator, with its definition, baseline, target, newest value, number and source"),
    COLUMNS,
    _rows,
)
