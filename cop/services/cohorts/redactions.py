"""Copies of applications that name nobody, for those who score without names."""

from collections.abc import Mapping

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.cohorts import Redaction
from cop.queries.cohorts.redactions import to_redact
from cop.services.cohorts.panel import acting_person, application_to_judge, course_of_chair, refuse_unless_judging

REDACTED_MEANWHILE = marked(
    "Somebody else changed this copy, or the application itself. What you typed is below: look at what is saved, then "
    "save again."
)


def redact(work: Work, *, cohort_id: int, number: int, copy: Mapping[str, str], seen: str) -> Redaction:
    """Keep what reviewers read in the place of free answers: those in ``copy`` that differ from the application.

    Saving it says that somebody has looked the whole application through. ``seen`` is the version of answers and copy
    that the page showed.
    """
    event, cohort = course_of_chair(work, cohort_id)
    refuse_unless_judging(work, event, cohort)
    application_to_judge(work, cohort_id, number)
    found = to_redact(work, cohort, number=number)
    if found.version != seen:
        raise Refusal(REDACTED_MEANWHILE)
    if not copy.keys() <= found.words.keys():
        raise NotFound
    for code, words in copy.items():
        if found.words[code] and not words:
            raise Refusal(
                marked("Leave something for reviewers to read, “[left out]” for example"), field=f"copy_{code}"
            )
    redaction = work.session.get(Redaction, found.application_id, populate_existing=True)
    if redaction is None:
        redaction = Redaction(application_id=found.application_id, revision=0)
        work.session.add(redaction)
    redaction.answers = {code: words for code, words in copy.items() if words != found.words[code]}
    redaction.revision += 1
    redaction.by_person_id, redaction.saved_at = acting_person(work), work.now
    work.session.flush()
    return redaction
