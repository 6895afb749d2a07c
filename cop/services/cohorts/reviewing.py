"""The chair arranges the work of the panel: how many score each application, who they are, and who is reminded."""

from collections.abc import Collection

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import Refusal, marked
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import Application, ApplicationState, Assignment, Cohort, Review
from cop.models.outbox import Outbox, OutboxClass
from cop.queries.cohorts import reviewing as queries
from cop.queries.cohorts.scores import is_taken_back
from cop.queries.cohorts.sharing import plan_of
from cop.services import outbox
from cop.services.cohorts.panel import acting_person, course_of_chair, refuse_unless_judging

CHANGED_MEANWHILE = marked("Something changed a moment ago. Nothing was saved: look at the page, then press again.")


def edit_reviewing(
    work: Work, *, cohort_id: int, reviews_wanted: int | None, spread_flag: float, redacting: bool, seen: str
) -> Cohort:
    """How the panel works. ``seen`` is the version that the page was made from.

    Where a number of reviews is set for the first time, whoever has begun one keeps that application.
    """
    _event, cohort = course_of_chair(work, cohort_id)
    if queries.version_of_reviewing(cohort) != seen:
        raise Refusal(CHANGED_MEANWHILE)
    if cohort.released_at is not None:
        raise Refusal(marked("The decisions have been released, so nothing is scored any more"))
    if reviews_wanted is not None and cohort.reviews_wanted is None:
        _keep_begun(work, cohort)
    cohort.reviews_wanted, cohort.spread_flag, cohort.redacting = reviews_wanted, spread_flag, redacting
    work.session.flush()
    return cohort


def _keep_begun(work: Work, cohort: Cohort) -> None:
    begun = (
        select(Review.application_id, Review.reviewer_id)
        .join(Application, Application.id == Review.application_id)
        .where(
            Application.cohort_id == cohort.event_id,
            Application.state == ApplicationState.SUBMITTED,
            ~is_taken_back(),
        )
    )
    _share(work, [(row.application_id, row.reviewer_id) for row in work.session.execute(begun)])


def _share(work: Work, pairs: Collection[tuple[int, int]]) -> None:
    if not pairs:
        return
    rows = [
        {
            "application_id": application_id,
            "reviewer_id": reviewer_id,
            "by_person_id": acting_person(work),
            "assigned_at": work.now,
        }
        for application_id, reviewer_id in pairs
    ]
    work.session.execute(insert(Assignment).values(rows).on_conflict_do_nothing())


def _take_back(work: Work, pairs: Collection[tuple[int, int]]) -> None:
    if pairs:
        of_pairs = tuple_(Assignment.application_id, Assignment.reviewer_id).in_(list(pairs))
        work.session.execute(delete(Assignment).where(of_pairs))


def share_out(work: Work, *, cohort_id: int, seen: str) -> int:
    """Share the applications out among the reviewers, as the plan says that the page showed; how many shares are new.

    ``seen`` is the version of that plan. What has begun stays where it is.
    """
    event, cohort = course_of_chair(work, cohort_id)
    refuse_unless_judging(work, event, cohort)
    if cohort.reviews_wanted is None:
        raise Refusal(marked("Say first how many reviews each application is to have"))
    plan = plan_of(work, cohort)
    if plan.version != seen:
        raise Refusal(CHANGED_MEANWHILE)
    if not plan.reviewers:
        raise Refusal(marked("There is no reviewer yet. Give somebody the role first."))
    _take_back(work, plan.goes)
    _share(work, plan.comes)
    return len(plan.comes)


def assign(work: Work, *, cohort_id: int, number: int, reviewer_ids: Collection[int], seen: str) -> None:
    """Let these people score one application, and nobody else who has not done so already.

    ``seen`` is the version of the choice that the page showed.
    """
    event, cohort = course_of_chair(work, cohort_id)
    refuse_unless_judging(work, event, cohort)
    if cohort.reviews_wanted is None:
        raise Refusal(marked("Everybody on the panel scores all applications, so there is nobody to choose"))
    choice = queries.choice_of(work, cohort, number=number)
    if choice.version != seen:
        raise Refusal(CHANGED_MEANWHILE)
    can = {one.person_id for one in choice.candidates if not one.is_fixed}
    wanted = set(reviewer_ids)
    if not wanted <= can | choice.chosen:
        raise Refusal(marked("Choose people who may see this application"), field="reviewers")
    _take_back(work, [(choice.application_id, person) for person in (choice.chosen & can) - wanted])
    _share(work, [(choice.application_id, person) for person in (wanted & can) - choice.chosen])


def remind(work: Work, *, cohort_id: int) -> int:
    """Write to each reviewer who still has something to score; how many messages are new.

    Nobody gets two on one day, however often somebody presses.
    """
    event, cohort = course_of_chair(work, cohort_id)
    refuse_unless_judging(work, event, cohort)
    waiting = [reviewer.person_id for reviewer in queries.progress(work, cohort).reviewers if reviewer.left > 0]
    if not waiting:
        raise Refusal(marked("Nobody has anything left to score, so there is nobody to write to"))
    prefix = f"reviews-waiting:{event.id}:{day_of(work.now).isoformat()}:"
    keys = {f"{prefix}{person_id}": person_id for person_id in waiting}
    sent = set(work.session.scalars(select(Outbox.key).where(Outbox.key.in_(list(keys)))))
    people = work.session.scalars(select(Person).where(Person.id.in_(waiting)).order_by(Person.id))
    for person in people:
        outbox.post(
            work,
            key=f"{prefix}{person.id}",
            to=person,
            template="reviews_waiting",
            urgency=OutboxClass.TIMELY,
            event_id=event.id,
        )
    return len(keys.keys() - sent)
