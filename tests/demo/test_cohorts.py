"""The three courses of the demo programme as they stand once it is loaded."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from cop.core.questions import check, read_items
from cop.demo.cohorts import FINISHED, IN_SELECTION, OPEN
from cop.models.accounts import Person
from cop.models.cohorts import Application, ApplicationState, Endorsement, EndorsementState
from cop.models.events import BookingSource, Event
from cop.models.surveys import Questionnaire, Response
from cop.queries.cohorts.calls import Phase, half_days, phase_of
from tests.support.browse import Browse
from tests.support.clock import START, FixedClock
from tests.support.make import Make, Reads


@pytest.fixture
def courses(loaded: None, reading: Reads, make: Make) -> dict[str, Event]:
    with reading() as read:
        found = read.session.execute(select(Event.slug, Event.id).where(Event.kind == "cohort")).all()
    return {slug: make.event(event_id) for slug, event_id in found}


def test_three_courses_stand_at_three_points(courses: dict[str, Event]) -> None:
    assert set(courses) == {FINISHED, IN_SELECTION, OPEN}
    assert {event.capacity for event in courses.values()} == {15}
    assert {len(half_days(event)) for event in courses.values()} == {4}
    phases = {slug: phase_of(event, START) for slug, event in courses.items()}
    assert phases == {FINISHED: Phase.CLOSED, IN_SELECTION: Phase.CLOSED, OPEN: Phase.OPEN}
    assert all(part.ends_at < START for part in courses[FINISHED].parts)
    assert all(part.starts_at > START for slug in (IN_SELECTION, OPEN) for part in courses[slug].parts)


def test_each_has_its_applications(courses: dict[str, Event], reading: Reads) -> None:
    with reading() as read:
        rows = read.session.execute(
            select(Event.slug, Application.state, func.count())
            .join(Event, Event.id == Application.cohort_id)
            .group_by(Event.slug, Application.state)
        ).all()
    counted = Counter({(slug, state): number for slug, state, number in rows})
    assert counted == {
        (FINISHED, ApplicationState.SUBMITTED): 36,
        (IN_SELECTION, ApplicationState.SUBMITTED): 60,
        (OPEN, ApplicationState.SUBMITTED): 8,
        (OPEN, ApplicationState.DRAFT): 5,
        (OPEN, ApplicationState.WITHDRAWN): 1,
    }


def test_those_in_selection_are_a_mixed_crowd_with_much_to_say(courses: dict[str, Event], reading: Reads) -> None:
    with reading() as read:
        rows = read.session.execute(
            select(Application.sector, Application.organisation_id, Response.answers, Questionnaire.items)
            .join(Response, Response.id == Application.response_id)
            .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
            .where(Application.cohort_id == courses[IN_SELECTION].id)
        ).all()
    assert len({row.sector for row in rows}) == 7
    assert len({row.organisation_id for row in rows}) > 20
    assert len({(row.answers["challenge"], row.answers["change"]) for row in rows}) > 50
    assert not [problem for row in rows for problem in check(read_items(row.items), row.answers, whole=True)[1]]


def test_people_support_them_and_one_came_by_telephone(courses: dict[str, Event], reading: Reads) -> None:
    with reading() as read:
        rows = read.session.execute(
            select(Application.cohort_id, Endorsement.state, func.count())
            .join(Endorsement, Endorsement.application_id == Application.id)
            .group_by(Application.cohort_id, Endorsement.state)
        ).all()
        entered = read.session.scalars(select(Application).where(Application.source == BookingSource.STAFF)).one()
    states = Counter({(course_id, state): number for course_id, state, number in rows})
    assert all(states[courses[slug].id, state] for slug in (IN_SELECTION, OPEN) for state in EndorsementState)
    assert (entered.cohort_id, entered.state) == (courses[OPEN].id, ApplicationState.SUBMITTED)


def test_the_applicant_can_go_on_with_a_draft(
    courses: dict[str, Event], make: Make, reading: Reads, browse: Browse, clock: FixedClock
) -> None:
    with reading() as read:
        applicant = read.session.scalars(select(Person).where(Person.email == "applicant@demo.example")).one()
    page = browse.sign_in(applicant).get(f"/cohorts/{OPEN}/apply")
    assert "It is not submitted yet" in page.text
    assert "In progress" in page.text or "Complete" in page.text
    assert "Not started" in page.text
