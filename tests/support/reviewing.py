"""Panels at work: shares, copies without names, and reviews by many."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import insert

from cop.models.accounts import Affiliation, Person, Relation, Sector
from cop.models.cohorts import Application, ApplicationState, Cohort, Endorsement, EndorsementKind, Redaction
from cop.models.events import Event
from cop.models.surveys import Response, ResponseState
from cop.queries.cohorts import panel as panels
from cop.queries.cohorts import redactions as copies
from cop.queries.cohorts import reviewing as queries
from cop.queries.cohorts.reviewing import Progress
from cop.queries.cohorts.sharing import Plan, plan_of
from cop.services.cohorts import redactions, reviewing
from tests.support.make import Make, reading, working


def wanting(make: Make, event: Event, reviews: int | None = 2, *, spread: float = 1.5, redacting: bool = False) -> None:
    """Let each application have so many reviews, and so on."""
    with working(make._app) as work:
        cohort = work.session.get_one(Cohort, event.id)
        cohort.reviews_wanted, cohort.spread_flag, cohort.redacting = reviews, spread, redacting


def plan(make: Make, who: Person, event: Event) -> Plan:
    with reading(make._app, make.actor(who)) as read:
        return plan_of(read, panels.course_of_chair(read, slug=event.slug))


def share_out(make: Make, who: Person, event: Event) -> int:
    """As the plan of now says."""
    seen = plan(make, who, event).version
    with working(make._app, make.actor(who)) as work:
        return reviewing.share_out(work, cohort_id=event.id, seen=seen)


def assign(make: Make, who: Person, event: Event, number: int, people: Collection[Person]) -> None:
    """Let these score it, and nobody else."""
    with working(make._app, make.actor(who)) as work:
        cohort = panels.course_of_chair(work, slug=event.slug)
        seen = queries.choice_of(work, cohort, number=number).version
        ids = [person.id for person in people]
        reviewing.assign(work, cohort_id=event.id, number=number, reviewer_ids=ids, seen=seen)


def redact(make: Make, who: Person, event: Event, number: int, **copy: str) -> Redaction:
    with working(make._app, make.actor(who)) as work:
        found = copies.to_redact(work, panels.course_of_chair(work, slug=event.slug), number=number)
        return redactions.redact(
            work, cohort_id=event.id, number=number, copy={**found.words, **copy}, seen=found.version
        )


def progress(make: Make, who: Person, event: Event) -> Progress:
    with reading(make._app, make.actor(who)) as read:
        return queries.progress(read, panels.course_of_chair(read, slug=event.slug))


def pile(make: Make, who: Person, event: Event) -> Sequence[int]:
    """The numbers of what somebody is to score."""
    with reading(make._app, make.actor(who)) as read:
        return [item.number for item in panels.pile(read, panels.course_of_panel(read, slug=event.slug)).items]


def endorsement(make: Make, application: Application, email: str, name: str = "Enid Endorser") -> Endorsement:
    with working(make._app) as work:
        made = Endorsement(
            application_id=application.id,
            kind=EndorsementKind.MANAGER,
            name=name,
            email=email,
            asked_at=work.now - timedelta(days=5),
        )
        work.session.add(made)
    return made


def many(make: Make, event: Event, number: int) -> None:
    """So many submitted applications of as many people from twenty councils, written by a few statements."""
    councils = [make.organisation().id for _ in range(20)]
    with working(make._app) as work:
        now = work.now
        cohort = work.session.get_one(Cohort, event.id)
        people = [
            {"name": f"Applicant {place}", "public_id": f"many{place:08}", "created_at": now} for place in range(number)
        ]
        ids = work.session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), people).all()
        answers = {"challenge": "Damp flats and asthma", "confident": 7}
        response = {
            "questionnaire_id": cohort.questionnaire_id,
            "answers": answers,
            "state": ResponseState.SUBMITTED,
            "saved_at": now,
            "submitted_at": now,
        }
        written = insert(Response).returning(Response.id, sort_by_parameter_order=True)
        responses = work.session.scalars(written, [response] * number).all()
        work.session.execute(
            insert(Application),
            [
                {
                    "public_id": f"many{place:08}",
                    "cohort_id": event.id,
                    "person_id": person_id,
                    "number": place + 1,
                    "state": ApplicationState.SUBMITTED,
                    "response_id": response_id,
                    "started_at": now,
                    "submitted_at": now,
                    "organisation_id": councils[place % len(councils)],
                    "sector": Sector.RESIDENT,
                }
                for place, (person_id, response_id) in enumerate(zip(ids, responses, strict=True))
            ],
        )
        work.session.execute(
            insert(Affiliation),
            [
                {
                    "person_id": person_id,
                    "organisation_id": councils[place % len(councils)],
                    "relation": Relation.SUPPORTED_BY,
                    "sector": Sector.RESIDENT,
                    "from_on": now.date(),
                }
                for place, person_id in enumerate(ids)
            ],
        )
