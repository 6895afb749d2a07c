"""Scoring applications, and saying that one should not."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from cop.core.criteria import SCORES, Criterion, Score, read_criteria, total_of
from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.models.cohorts import Assignment, Conflict, Review, ReviewState
from cop.queries.cohorts.panel import is_chair
from cop.services.cohorts.panel import (
    acting_person,
    application_to_judge,
    application_to_score,
    course_of_panel,
    course_to_review,
    refuse_unless_judging,
)

SCORED_ELSEWHERE = marked(
    "You changed this review in another window. What you typed is below: look at the saved review, then save again."
)


def save_review(
    work: Work, *, cohort_id: int, number: int, scores: Mapping[str, Score], comment: str, seen: int, submit: bool
) -> Review:
    """Keep the acting reviewer's scores of one application, as a draft or for the chair to count.

    ``seen`` is the revision that the page showed, 0 for none. Once it was submitted a review stays so: saving it again
    asks for all of it again.
    """
    event, cohort = course_to_review(work, cohort_id)
    refuse_unless_judging(work, event, cohort)
    application = application_to_score(work, cohort_id, number)
    review = _locked_review(work, application.id)
    if review.revision != seen:
        raise Refusal(SCORED_ELSEWHERE)
    criteria = read_criteria(cohort.criteria)
    if not criteria:
        raise Refusal(marked("This course has no criteria to score by yet"))
    kept = {criterion.code: scores.get(criterion.code, Score()) for criterion in criteria}
    _refuse_impossible(kept)
    if submit or review.state is ReviewState.SUBMITTED:
        _refuse_half_done(criteria, kept)
        review.total, review.state, review.submitted_at = total_of(criteria, kept), ReviewState.SUBMITTED, work.now
    review.scores = {
        code: {"score": given.score, "reason": given.reason}
        for code, given in kept.items()
        if given.score is not None or given.reason
    }
    review.comment, review.revision, review.saved_at = comment, review.revision + 1, work.now
    work.session.flush()
    return review


def _locked_review(work: Work, application_id: int) -> Review:
    """The actor's review of the application, begun now where there was none."""
    reviewer_id = acting_person(work)
    work.session.execute(
        insert(Review)
        .values(
            application_id=application_id,
            reviewer_id=reviewer_id,
            scores={},
            comment="",
            state=ReviewState.DRAFT,
            revision=0,
            saved_at=work.now,
        )
        .on_conflict_do_nothing(index_elements=["application_id", "reviewer_id"])
    )
    own = select(Review).where(Review.application_id == application_id, Review.reviewer_id == reviewer_id)
    return work.session.scalars(own.with_for_update().execution_options(populate_existing=True)).one()


def _refuse_impossible(scores: Mapping[str, Score]) -> None:
    for code, given in scores.items():
        if given.score is not None and given.score not in SCORES:
            raise Refusal(marked("Choose one of the scores"), field=f"score_{code}")


def _refuse_half_done(criteria: Sequence[Criterion], scores: Mapping[str, Score]) -> None:
    for criterion in criteria:
        given = scores[criterion.code]
        if given.score is None:
            raise Refusal(
                marked("Choose a score for “%(title)s”"), field=f"score_{criterion.code}", title=criterion.title
            )
        if not given.reason:
            raise Refusal(
                marked("Give your reason for the score of “%(title)s”"),
                field=f"reason_{criterion.code}",
                title=criterion.title,
            )


def declare_conflict(work: Work, *, cohort_id: int, number: int, reason: str) -> None:
    """The actor should not judge this application; from now on they see nothing of it, and their review counts no more.
    A share of it goes back: the chair finds the application among those that lack a reviewer.

    Nobody takes that back: whoever has said it once stays away.
    """
    event, _cohort = course_of_panel(work, cohort_id)
    find = application_to_judge if is_chair(work.actor, event) else application_to_score
    application, person_id = find(work, cohort_id, number), acting_person(work)
    work.session.add(
        Conflict(application_id=application.id, reviewer_id=person_id, reason=reason, declared_at=work.now)
    )
    share = work.session.get(Assignment, (application.id, person_id))
    if share is not None:
        work.session.delete(share)
    work.session.flush()
