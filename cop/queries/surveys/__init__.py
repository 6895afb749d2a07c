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
from cop.queries.surveys.by_hand import Choosable, choosable, people_among
from cop.queries.surveys.results import FEWEST, ItemResult, Round, SectionResult, Silent, results, rounds, silent
from cop.queries.surveys.rows import AnswerRow, survey_rows
from cop.queries.surveys.telephone import Call, call

__all__ = [
    "FEWEST",
    "AnswerRow",
    "AskedEvent",
    "Call",
    "Choosable",
    "ItemResult",
    "Round",
    "SectionResult",
    "Silent",
    "Survey",
    "Waiting",
    "ask_with_event",
    "call",
    "choosable",
    "people_among",
    "results",
    "rounds",
    "silent",
    "survey_of_link",
    "survey_rows",
    "token_of",
    "waiting_asks",
]
