"""Reads about surveys: one's own, what came of them, and rows for the export."""

from cop.queries.surveys.asks import (
    AskedEvent,
    Survey,
    Waiting,
    ask_with_event,
    survey_of_link,
    token_of,
    waiting_asks,
)
from cop.queries.surveys.results import FEWEST, ItemResult, Round, SectionResult, results, rounds
from cop.queries.surveys.rows import AnswerRow, survey_rows

__all__ = [
    "FEWEST",
    "AnswerRow",
    "AskedEvent",
    "ItemResult",
    "Round",
    "SectionResult",
    "Survey",
    "Waiting",
    "ask_with_event",
    "results",
    "rounds",
    "survey_of_link",
    "survey_rows",
    "token_of",
    "waiting_asks",
]
