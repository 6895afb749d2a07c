"""What the chairs of the demonstration wrote to people, and one review of a decision."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from cop.core.access import Actor
from cop.core.criteria import Criterion, read_criteria
from cop.core.work import Work
from cop.models.cohorts import Application, Cohort, DecisionOutcome
from cop.models.events import Event
from cop.queries.cohorts import letters as queries
from cop.queries.cohorts import panel
from cop.services.cohorts import letters, reconsidering

WORDS_FOR_ALL = {
    DecisionOutcome.OFFER: "We look forward to meeting you. Keep the four half-days free from today on.",
    DecisionOutcome.RESERVE: "In the last round one place in fifteen went to somebody on the reserve list.",
    DecisionOutcome.DECLINE: (
        "Every application was read by two people at least, who did not know your name. We saw how much work people "
        "put into theirs."
    ),
}

ASKED = (
    "One of the questions was about work with residents. I wrote about the tenants’ group in two places, and I am not "
    "sure that the second one was read. Could somebody look at both together?"
)
ANSWERED = (
    "Two people who had not scored your application read both answers side by side. They saw the tenants’ group in "
    "both, and so had the panel: it is what your application did best. The scores for the other criteria are why "
    "others came before you. We hope that you apply again."
)


def write_for_all(work: Work, event: Event) -> None:
    seen = queries.version_of_letters(work.session.get_one(Cohort, event.id))
    letters.write_paragraphs(work, cohort_id=event.id, paragraphs=WORDS_FOR_ALL, seen=seen)


def write_feedback(work: Work, event: Event, numbers: Iterable[int]) -> None:
    """To each of these what was strongest in their application, and what to work on."""
    cohort = panel.course_of_chair(work, slug=event.slug)
    criteria = read_criteria(cohort.criteria)
    for number in numbers:
        found = queries.letter(work, cohort, criteria, number=number)
        if found.decision is None:
            continue
        words = _words(found.portrait.strongest, found.portrait.to_work_on) if found.portrait else ""
        seen = queries.version_of_feedback(found.decision)
        letters.write_feedback(work, cohort_id=event.id, number=number, words=words, seen=seen)


def _words(strongest: Iterable[Criterion], to_work_on: Iterable[Criterion]) -> str:
    liked = [f"What the panel liked most was “{criterion.title}”." for criterion in strongest]
    asked = [f"To work on: “{criterion.title}”. {criterion.about}" for criterion in to_work_on]
    return "\n\n".join([" ".join(liked), *asked]).strip()


def review(work: Work, event: Event, number: int) -> None:
    """Somebody who was declined asked for a review, and it was answered four days later: the decision stayed."""
    found = select(Application).where(Application.cohort_id == event.id, Application.number == number)
    application = work.session.scalars(found).one()
    asking = replace(work, actor=Actor(application.person_id, via="link"))
    reconsidering.ask(asking, public_id=application.public_id, words=ASKED)
    answering = replace(work, now=work.now + timedelta(days=4))
    reconsidering.answer(answering, cohort_id=event.id, number=number, changed=False, words=ANSWERED)
