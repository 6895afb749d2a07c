"""What the letters of a release say beside the words that all courses share: a paragraph of the course's own for each
outcome, and feedback to each person. A proposal for that is never kept: only what somebody looked over and saved is.
"""

from collections.abc import Mapping

from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.models.cohorts import Cohort, Decision, DecisionOutcome
from cop.queries.cohorts.letters import version_of_feedback, version_of_letters
from cop.services.cohorts.panel import application_to_judge, course_of_chair, refuse_unless_judging

CHANGED_MEANWHILE = marked(
    "Somebody else changed this meanwhile. What you typed is below: look at what is saved, then save again."
)


def write_paragraphs(work: Work, *, cohort_id: int, paragraphs: Mapping[DecisionOutcome, str], seen: str) -> Cohort:
    """Add these words to every letter of each outcome; empty ones add nothing. ``seen`` is the version on the page."""
    event, cohort = course_of_chair(work, cohort_id)
    refuse_unless_judging(work, event, cohort)
    if version_of_letters(cohort) != seen:
        raise Refusal(CHANGED_MEANWHILE)
    cohort.letters = {str(outcome): words for outcome, words in paragraphs.items() if words}
    work.session.flush()
    return cohort


def write_feedback(work: Work, *, cohort_id: int, number: int, words: str, seen: str) -> Decision:
    """Keep what the letter tells one person about their application, and that somebody looked it over.

    No words leave the feedback out on purpose.
    """
    event, cohort = course_of_chair(work, cohort_id)
    refuse_unless_judging(work, event, cohort)
    application = application_to_judge(work, cohort_id, number)
    decision = work.session.get(Decision, application.id, populate_existing=True)
    if decision is None:
        raise Refusal(marked("Decide on application %(number)s first"), number=number)
    if version_of_feedback(decision) != seen:
        raise Refusal(CHANGED_MEANWHILE)
    decision.feedback, decision.feedback_read_at = words, work.now
    work.session.flush()
    return decision
