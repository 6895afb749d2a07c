"""Applications: one row for each. What the panel decided is in it once everybody was told.

An admin with a conflict of interest gets neither that nor the answers.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cop.core.errors import marked
from cop.core.work import Reading
from cop.exporting.columns import (
    EMAIL,
    EVENT,
    FREE_TEXT,
    NAME,
    PERSON,
    Column,
    Kind,
    standing,
    standing_cells,
    who_cells,
)
from cop.models.cohorts import ApplicationState, DecisionOutcome
from cop.models.events import BookingSource
from cop.models.offers import OfferState
from cop.queries.exports import Scope
from cop.queries.exports.applications import ApplicationRow, Asked, application_questions, application_rows

WHEN = "ISO 8601 with offset, or the day alone when pseudonymised"

COLUMNS = (
    *EVENT,
    PERSON,
    NAME,
    EMAIL,
    *standing("applicant", "on the day of submitting (when pseudonymised, of those alone who took a place)"),
    Column("application", "Word of the application in addresses; a stable key when pseudonymised", key="application"),
    Column(
        "number",
        "Number of the application within its course, by which reviewers know it; empty for drafts and when "
        "pseudonymised",
    ),
    Column("state", "What the applicant made of it", tuple(ApplicationState)),
    Column("source", "How the application came about", tuple(BookingSource)),
    Column("started_at", f"When it was begun, {WHEN}"),
    Column("submitted_at", f"When it was submitted, {WHEN}; empty for drafts"),
    Column("withdrawn_at", f"When it was withdrawn, {WHEN}"),
    Column("reviews", "Reviews that count; empty until all applicants were told"),
    Column(
        "mean_score", "Mean of their totals, from 1 to 5; empty without reviews, and until all applicants were told"
    ),
    Column(
        "moderated_score",
        "The last score that the panel set in place of the mean, from 1 to 5; empty until all applicants were told",
    ),
    Column("outcome", "What the panel decided; empty until all applicants were told", tuple(DecisionOutcome)),
    Column("reserve_rank", "Rank among the reserves; empty until all applicants were told"),
    Column("offer", "What became of the last offer of a place", tuple(OfferState)),
    Column("questionnaire", "Code and version of the questions", listed=True),
    Column(
        "answers",
        "Answers as JSON by the code of the question; empty for drafts; words that the applicant wrote freely are left "
        "out when pseudonymised",
    ),
)


def _rows(read: Reading, scope: Scope) -> Iterator[Sequence[Any]]:
    asked = application_questions(read, programme_id=scope.programme_id)
    for row in application_rows(read, scope):
        yield (
            scope.slug,
            row.event,
            row.event_kind,
            *who_cells(row, scope),
            *standing_cells(row),
            row.application_id if scope.key else row.application_word,
            row.number,
            row.state,
            row.source,
            row.started_at,
            row.submitted_at,
            row.withdrawn_at,
            row.reviews,
            row.mean_score,
            row.moderated_score,
            row.outcome,
            row.reserve_rank,
            row.offer,
            asked[row.questionnaire_id].name,
            _answers(row, asked, free_text=scope.key is None),
        )


def _answers(row: ApplicationRow, asked: Mapping[int, Asked], *, free_text: bool) -> str:
    """What was submitted, in the order of the questions; a draft is its writer's alone."""
    if row.submitted_at is None or row.answers is None:
        return ""
    items = [item for item in asked[row.questionnaire_id].items if free_text or item.kind not in FREE_TEXT]
    given = {item.code: row.answers[item.code] for item in items if item.code in row.answers}
    return json.dumps(given, ensure_ascii=False)


APPLICATIONS = Kind("applications", marked("One row per application to a course, with its scores"), COLUMNS, _rows)
