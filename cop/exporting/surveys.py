"""Surveys: one row per answer, so that questionnaires of any shape and version fit the same columns."""

from collections.abc import Iterator, Sequence
from typing import Any

from cop.core.errors import marked
from cop.core.questions import Kind as Answered
from cop.core.work import Reading
from cop.exporting.columns import (
    EMAIL,
    EVENT,
    FREE_TEXT,
    NAME,
    PERSON,
    PSEUDONYM_CHARACTERS,
    Column,
    Kind,
    standing,
    standing_cells,
    who_cells,
)
from cop.models.surveys import Mode, Wave
from cop.queries.exports import Scope
from cop.queries.surveys import AnswerRow, survey_rows

COLUMNS = (
    *EVENT,
    PERSON,
    NAME,
    EMAIL,
    *standing("respondent", "on the day of booking that event"),
    Column("wave", "When, in the life of the event, the person was asked", tuple(Wave)),
    Column("questionnaire", "Code of the questions", listed=True),
    Column("version", "Version of the questions", listed=True),
    Column("mode", "Whether answers are kept with the name, under the key of a panel, or anonymous", tuple(Mode)),
    Column(
        "respondent",
        "Where there is no person: key that links what one person says in a panel over time, or that of one sheet of "
        "an anonymous survey",
    ),
    Column(
        "submitted_on",
        "Day on which the answers were sent, in a panel that on which the last of the survey were, and in an anonymous "
        "survey that of its closing, ISO 8601",
    ),
    Column("code", "Code of the question within the questionnaire", listed=True),
    Column("question", "The question in the words of that version", listed=True),
    Column("kind", "What kind of answer it takes", tuple(kind for kind in Answered if kind is not Answered.SECTION)),
    Column(
        "value",
        "The answer as it is kept: a number, or the code of a choice, with a row for each of several; when "
        "pseudonymised, free text stands here only where its author allowed it to be used",
    ),
    Column("label", "The answer in words, as the person saw it; free text as in “value”"),
)


def _rows(read: Reading, scope: Scope) -> Iterator[Sequence[Any]]:
    for row in survey_rows(read, programme_id=scope.programme_id):
        yield answer_cells(row, scope)


def answer_cells(row: AnswerRow, scope: Scope) -> Sequence[Any]:
    is_told = scope.key is None or row.kind not in FREE_TEXT or row.is_allowed
    return (
        scope.slug,
        row.event,
        row.event_kind,
        *who_cells(row, scope),
        *standing_cells(row),
        row.wave,
        row.questionnaire,
        row.version,
        row.mode,
        row.respondent[:PSEUDONYM_CHARACTERS] if row.respondent is not None else None,
        row.on,
        row.code,
        row.question,
        row.kind,
        row.value if is_told else None,
        row.label if is_told else None,
    )


SURVEYS = Kind("surveys", marked("One row per answer to a survey that was sent"), COLUMNS, _rows)
