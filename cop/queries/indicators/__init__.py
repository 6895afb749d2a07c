"""By what a programme is judged: its indicators and what they say, what changed in people, and who answered.

``measured`` and ``paired_changes`` read what the other surfaces show too: one place for each number.
"""

from cop.queries.indicators.measures import ALL, MEASURES, QUESTIONS, Measure
from cop.queries.indicators.pairs import Answering, PairedChange, answering, paired_changes
from cop.queries.indicators.standing import (
    Listed,
    Measured,
    Page,
    Value,
    listed,
    may_change,
    measured,
    page,
    value_of,
    values,
)

__all__ = [
    "ALL",
    "MEASURES",
    "QUESTIONS",
    "Answering",
    "Listed",
    "Measure",
    "Measured",
    "Page",
    "PairedChange",
    "Value",
    "answering",
    "listed",
    "may_change",
    "measured",
    "page",
    "paired_changes",
    "value_of",
    "values",
]
