"""What the panel did in the demo programme, as it stands once it is loaded."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from cop.demo.cohorts import FINISHED, IN_SELECTION
from cop.demo.roles import ROLES
from cop.models.accounts import Person
from cop.models.cohorts import Application, Cohort, Moderation, Review, ReviewState
from cop.models.events import Event
from cop.models.offers import Offer, OfferState
from cop.models.outbox import Outbox, OutboxState
from cop.queries import alumni
from cop.queries.cohorts import drawing, letters, panel, roster, selection
from cop.queries.soundness import unsound
from tests.support.browse import Browse
from tests.support.make import Make, Reads

pytestmark = pytest.mark.usefixtures("loaded")


def test_fifteen_came_to_the_first_course_and_completed_it(reading: Reads) -> None:
    with reading() as read:
        found = roster.roster(read, slug=FINISHED)
        assert len(found.members) == 15
        assert found.count("completed") == 15
        assert all(mark is not None for member in found.members for mark in member.marks)
        alma = read.session.scalars(select(Person).where(Person.email == ROLES["alumna"])).one()
        assert [course.slug for course in alumni.courses_completed(read, person_id=alma.id)] == [FINISHED]
        states = Counter(read.session.scalars(select(Offer.state).where(Offer.application_id.is_not(None))))
        assert states == {OfferState.ACCEPTED: 15, OfferState.DECLINED: 1}
        assert unsound(read) == []
        released = read.session.scalars(
            select(Cohort.released_at).join(Event).where(Event.slug == FINISHED, Cohort.released_at.is_not(None))
        ).one()
        assert released is not None
        assert released < found.half_days[0].starts_at


def test_each_of_the_sixty_was_scored_twice_or_more(reading: Reads) -> None:
    with reading() as read:
        counts = read.session.execute(
            select(Application.id, func.count(Review.id))
            .join(Event, Event.id == Application.cohort_id)
            .outerjoin(Review, (Review.application_id == Application.id) & (Review.state == ReviewState.SUBMITTED))
            .where(Event.slug == IN_SELECTION)
            .group_by(Application.id)
        ).all()
        assert len(counts) == 60
        assert {count for _id, count in counts} <= {1, 2, 3, 4}
        assert sum(count >= 2 for _id, count in counts) >= 55


def test_the_chair_of_the_second_is_half_way_through(make: Make, reading: Reads) -> None:
    with reading() as read:
        chair = read.session.scalars(select(Person).where(Person.email == ROLES["facilitator"])).one()
    with reading(make.actor(chair)) as read:
        cohort = panel.course_of_chair(read, slug=IN_SELECTION)
        found = selection.selection(read, cohort)
        assert cohort.released_at is None
        assert (found.count("offer"), found.count("reserve"), found.count("decline")) == (11, 5, 8)
        assert found.undecided == 60 - 24
        assert read.session.scalar(select(func.count()).select_from(Moderation)) == 4
        assert any(one.moderated is not None for one in found.candidates)


def test_the_second_is_ready_to_be_drawn(make: Make, reading: Reads) -> None:
    with reading() as read:
        chair = read.session.scalars(select(Person).where(Person.email == ROLES["facilitator"])).one()
    with reading(make.actor(chair)) as read:
        found = drawing.standing(read, panel.course_of_chair(read, slug=IN_SELECTION))
        assert (found.chain.reach, found.unscored, found.trouble) == (drawing.Reach.OPEN, 0, None)
        assert 15 < found.good < 60
        assert found.pool is not None


def test_reviewers_have_conflicts_and_work_left(make: Make, reading: Reads) -> None:
    hidden, todo = [], []
    with reading() as read:
        team = read.session.scalars(select(Person).join(Review, Review.reviewer_id == Person.id).distinct()).all()
    for who in team:
        with reading(make.actor(who)) as read:
            pile = panel.pile(read, panel.course_of_panel(read, slug=IN_SELECTION))
        hidden.append(sum(pile.hidden.values()))
        todo.append(len(pile.items) - pile.done)
    assert len(team) == 4
    assert sum(hidden) >= 3
    assert sorted(todo) == [0, 0, 0, 5]


def test_letters_of_the_first_say_what_was_strong_and_one_decision_was_looked_at_again(
    make: Make, reading: Reads
) -> None:
    with reading(make.actor(make.admin())) as read:
        found = letters.letters(read, panel.course_of_chair(read, slug=FINISHED))
        assert found.with_feedback("missing") == 0
        assert found.with_feedback("written") == found.count("reserve") + found.count("decline") + 1
        assert (found.reviews_asked, found.reviews_waiting) == (1, 0)
        assert {line.message for line in found.lines} == {OutboxState.SENT}
        second = letters.letters(read, panel.course_of_chair(read, slug=IN_SELECTION))
        assert second.with_feedback("written") == 3
        assert second.next_after() is not None


def test_nothing_of_the_past_waits_to_be_sent(reading: Reads) -> None:
    with reading() as read:
        past = select(Outbox.state).where(
            Outbox.template.in_(["offer_made", "application_declined", "decision_reviewed", "roster_message"])
        )
        assert set(read.session.scalars(past)) == {OutboxState.SENT}


def test_its_pages_are_sound(make: Make, browse: Browse, reading: Reads) -> None:
    with reading() as read:
        people = {
            role: read.session.scalars(select(Person).where(Person.email == ROLES[role])).one()
            for role in ("reviewer", "facilitator", "host")
        }
        decline = select(func.count()).where(Outbox.template == "application_declined")
        assert read.session.scalar(decline) == 19
    reviewer = browse.sign_in(people["reviewer"]).get(f"/cohorts/{IN_SELECTION}/reviews")
    assert "of 30 done" in reviewer.text
    chair = browse.another().sign_in(people["facilitator"]).get(f"/cohorts/{IN_SELECTION}/selection")
    assert "11 of 15 chosen, 5 reserves, 36 undecided" in chair.text
    assert "1 application that you may not see" in chair.get(f"/cohorts/{FINISHED}/selection").text
    host = browse.another().sign_in(people["host"]).get(f"/cohorts/{FINISHED}/roster")
    assert "15 completed the course" in host.text
