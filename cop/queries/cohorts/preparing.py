"""Reads for those who prepare a course: the lists of which its call is made, and whether they may still change."""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from sqlalchemy import exists, select

from cop.core.work import Reading
from cop.models.cohorts import Application, Cohort, Review, ReviewState
from cop.models.surveys import Questionnaire


class Listing(StrEnum):
    """A list that staff keep; the word stands in its address."""

    SCREENING = "screening"
    QUESTIONS = "questions"
    CRITERIA = "criteria"
    TARGETS = "targets"


Entries = Sequence[Mapping[str, Any]]


def entries_of(read: Reading, cohort: Cohort, listing: Listing) -> Entries:
    match listing:
        case Listing.SCREENING:
            return cohort.screening
        case Listing.CRITERIA:
            return cohort.criteria
        case Listing.TARGETS:
            return cohort.targets
    asked = read.session.get(Questionnaire, cohort.questionnaire_id) if cohort.questionnaire_id else None
    return asked.items if asked is not None else []


def version_of(*values: Any) -> str:
    """A word that changes when any of the values does, so that a page can tell what it was made from."""
    text = json.dumps(values, sort_keys=True, default=str)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def version_of_call(cohort: Cohort) -> str:
    return version_of(
        cohort.eligibility,
        cohort.involves,
        cohort.selecting,
        cohort.decisions_on,
        cohort.offer_days,
        cohort.half_days_needed,
    )


def is_locked(read: Reading, cohort: Cohort, listing: Listing) -> bool:
    """Questions stay as they are once anybody began to answer them, criteria once anything was scored by them."""
    of_course = Application.cohort_id == cohort.event_id
    match listing:
        case Listing.QUESTIONS:
            used = exists().where(of_course)
        case Listing.CRITERIA:
            used = exists().where(
                Review.application_id == Application.id, of_course, Review.state == ReviewState.SUBMITTED
            )
        case _:
            return False
    return bool(read.session.scalar(select(used)))
