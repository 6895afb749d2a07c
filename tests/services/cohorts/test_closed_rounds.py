"""Applications of long ago: drafts are deleted, and those without a place become nobody's and keep their statistics."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import String, cast, func, or_, select

from cop.core.place import months_after
from cop.models.accounts import FORMER_APPLICANT, Person
from cop.models.audit import Audit
from cop.models.base import Base
from cop.models.cohorts import (
    Application,
    ApplicationState,
    Cohort,
    Conflict,
    Decision,
    DecisionOutcome,
    Endorsement,
    EndorsementKind,
    Moderation,
    Reconsideration,
    Redaction,
    Review,
)
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.models.surveys import Response
from cop.services import outbox
from cop.services.cohorts import reviews
from scheduled import purge_expired
from tests.support import cohorts, panel
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

DAY = timedelta(days=1)
MARK = "Marker-of-a-word"
"""Stands in everything that anybody wrote about an application."""


@pytest.fixture
def event(make: Make, work: Working) -> Event:
    """A round that was released: number 1 has a place, 2 let the offer lapse, 3 is a reserve, 4 was declined."""
    event = panel.course(make, slug="round")
    who, chair = panel.reviewer(make), panel.chair(make)
    for number in range(1, 5):
        place = make.organisation(region="Wales") if number == 4 else make.organisation()
        panel.application(make, event, f"{MARK} {number}", organisation=place, challenge=MARK, newer_member=True)
        with work(make.actor(who)) as unit:
            reviews.save_review(
                unit,
                cohort_id=event.id,
                number=number,
                scores=panel.scores(4, MARK),
                comment=MARK,
                seen=0,
                submit=True,
            )
    panel.moderate(make, chair, event, 4, 2.5)
    panel.decide(make, chair, event, "oord")
    panel.release(make, chair, event)
    panel.accept(make, panel.offers_of(make, event)[0])
    with work() as unit:
        for application in unit.session.scalars(select(Application).where(Application.number > 1)):
            of_it: Mapping[str, Any] = {"application_id": application.id}
            unit.session.add_all(
                [
                    Endorsement(
                        **of_it,
                        kind=EndorsementKind.MANAGER,
                        name=MARK,
                        email=f"{MARK.lower()}@one.example",
                        words=MARK,
                        asked_at=unit.now,
                    ),
                    Redaction(**of_it, answers={"challenge": MARK}, by_person_id=chair.id, saved_at=unit.now),
                    Reconsideration(**of_it, words=MARK, asked_at=unit.now, answer=MARK),
                    Conflict(**of_it, reviewer_id=chair.id, reason=MARK, declared_at=unit.now),
                    Moderation(**of_it, reason=MARK, by_person_id=chair.id, at=unit.now),
                ]
            )
            decision = unit.session.get_one(Decision, application.id)
            decision.reason = decision.feedback = MARK
    return event


def run(make: Make) -> str:
    with make._app.app_context():
        return purge_expired.run()


def a_year_later(clock: FixedClock) -> None:
    clock.set(months_after(clock.now(), 12) + timedelta(seconds=1))


def rows_with(read: Any, word: str) -> dict[str, int]:
    """In how many rows of which tables the word can be read, whatever the column."""
    found = {}
    for table in Base.metadata.sorted_tables:
        texts = [cast(column, String).contains(word) for column in table.columns]
        count = read.session.scalar(select(func.count()).select_from(table).where(or_(*texts)))
        if count:
            found[table.name] = count
    return found


class TestClosedRounds:
    def test_whoever_got_no_place_loses_words_and_person(
        self, make: Make, event: Event, clock: FixedClock, reading: Reads
    ) -> None:
        a_year_later(clock)
        assert "3 applications" in run(make)
        with reading() as read:
            assert rows_with(read, MARK) == {"person": 4, "response": 1, "review": 1}  # people stay, and number 1
            assert read.session.scalar(select(func.count(Endorsement.id))) == 0
            applications = read.session.scalars(select(Application).order_by(Application.number)).all()
            nobody = read.session.scalars(select(Person).where(Person.public_id == FORMER_APPLICANT)).one()
        assert nobody.name == "Former applicant"
        assert nobody.email is None
        assert [application.person_id == nobody.id for application in applications] == [False, True, True, True]
        assert event.id == applications[0].cohort_id

    def test_statistics_stay(self, make: Make, event: Event, clock: FixedClock, reading: Reads) -> None:
        a_year_later(clock)
        run(make)
        with reading() as read:
            last = read.session.scalars(select(Application).where(Application.number == 4)).one()
            decision = read.session.get_one(Decision, last.id)
            scored = read.session.scalars(select(Review).where(Review.application_id == last.id)).one()
            moderated = read.session.scalars(
                select(Moderation.score).where(Moderation.application_id == last.id, Moderation.score.is_not(None))
            ).one()
            answers = read.session.get_one(Response, last.response_id).answers
        assert (last.cohort_id, last.state, last.sector) == (event.id, ApplicationState.SUBMITTED, "resident")
        assert (last.region, last.organisation_id, last.newer_member, last.membership) == ("Wales", None, True, "full")
        assert decision.outcome is DecisionOutcome.DECLINE
        assert scored.total == 4
        assert scored.scores == {"c1": {"score": 4}, "c2": {"score": 4}}
        assert moderated == 2.5
        assert answers == {}

    def test_the_evaluation_counts_as_many_applications_as_before(
        self, make: Make, event: Event, clock: FixedClock, browse: Browse
    ) -> None:
        def steps() -> list[str]:
            page = browse.sign_in(make.admin()).get("/evaluation/reach")
            return [cell.get_text(strip=True) for cell in page.soup.select("div[aria-labelledby=courses] tbody td")]

        before = steps()
        assert [before[0], *before[2:4]] == ["4", "2", "1"]
        a_year_later(clock)
        run(make)
        assert steps() == before
        assert event.id

    def test_no_letter_says_any_more_whose_they_were(
        self, make: Make, event: Event, work: Working, clock: FixedClock, reading: Reads
    ) -> None:
        with work() as unit:
            for application in unit.session.scalars(select(Application)):
                person = unit.session.get_one(Person, application.person_id)
                outbox.post(
                    unit,
                    key=f"reviewed:{application.id}",
                    to=person,
                    template="decision_reviewed",
                    application_id=application.id,
                    came_of="stays",
                )
            support = unit.session.scalars(select(Endorsement).order_by(Endorsement.id)).first()
            assert support is not None
            outbox.post(unit, key="asked", to=support.email, template="endorsement_asked", endorsement_id=support.id)
        with reading() as read:
            placed = read.session.scalars(select(Application.person_id).where(Application.number == 1)).one()
            assert set(read.session.scalars(select(Outbox.template))) >= {"offer_made", "application_declined"}
        a_year_later(clock)
        run(make)
        with reading() as read:
            assert set(read.session.scalars(select(Outbox.person_id))) == {placed}
            assert set(read.session.scalars(select(Outbox.template))) >= {"offer_made", "decision_reviewed"}
        assert event.id

    def test_the_audit_forgets_whose_they_were(
        self, make: Make, event: Event, clock: FixedClock, reading: Reads
    ) -> None:
        with reading() as read:
            ids = dict(read.session.execute(select(Application.number, Application.id)).all())
            about = select(Audit.subject_id).where(Audit.subject_kind == "application")
            assert {str(ids[2]), str(ids[4])} <= set(read.session.scalars(about))
        a_year_later(clock)
        run(make)
        with reading() as read:
            assert set(read.session.scalars(about)) <= {str(ids[1])}
            offers = select(Audit.subject_id).where(Audit.subject_kind == "offer")
            assert set(read.session.scalars(offers)) == {str(panel.offers_of(make, event)[0].id)}

    def test_a_day_before_the_year_is_over_nothing_happens(
        self, make: Make, event: Event, clock: FixedClock, reading: Reads
    ) -> None:
        a_year_later(clock)
        clock.move(-DAY)
        assert " applications" not in run(make)
        with reading() as read:
            anonymised = select(func.count()).where(Application.anonymised_at.is_not(None))
            assert read.session.scalar(anonymised.where(Application.cohort_id == event.id)) == 0

    def test_a_second_time_changes_nothing(self, make: Make, event: Event, clock: FixedClock, reading: Reads) -> None:
        a_year_later(clock)
        run(make)
        with reading() as read:
            first = read.session.scalars(select(Application.anonymised_at).order_by(Application.id)).all()
        clock.move(DAY)
        assert " applications" not in run(make)
        with reading() as read:
            assert read.session.scalars(select(Application.anonymised_at).order_by(Application.id)).all() == first
            people = select(func.count(Person.id)).where(Person.name == "Former applicant")
            assert read.session.scalar(people) == 1
        assert event.id

    def test_a_round_that_was_never_released_counts_from_its_close(
        self, make: Make, clock: FixedClock, reading: Reads
    ) -> None:
        event = panel.course(make, closes_in=timedelta(hours=-1))
        panel.applications(make, event, 2)
        a_year_later(clock)
        run(make)
        with reading() as read:
            assert read.session.scalar(select(func.count()).where(Application.anonymised_at.is_not(None))) == 2

    def test_all_lists_still_work(self, make: Make, event: Event, clock: FixedClock, browse: Browse) -> None:
        a_year_later(clock)
        run(make)
        admin = browse.sign_in(make.admin())
        assert "Former applicant" in admin.get(f"/admin/cohorts/{event.slug}/applications").text
        assert "Former applicant" in admin.get(f"/cohorts/{event.slug}/selection").text
        page = admin.get(f"/cohorts/{event.slug}/selection/4")
        assert page.status == 200
        assert MARK not in page.text
        assert admin.get(f"/cohorts/{event.slug}/fairness").status == 200
        for kind in ("applications", "bookings"):
            exported = admin.client.get(f"/evaluation/exports/{kind}.csv?programme=health-inequalities")
            assert exported.status_code == 200
            assert exported.get_data(as_text=True)
        reviewer = browse.another().sign_in(panel.reviewer(make, "Another Reviewer"))
        assert reviewer.get(f"/cohorts/{event.slug}/reviews/4").status == 200

    def test_the_nameless_record_is_no_person_of_the_directory(
        self, make: Make, event: Event, clock: FixedClock, browse: Browse
    ) -> None:
        a_year_later(clock)
        run(make)
        admin = browse.sign_in(make.admin())
        assert "Former applicant" not in admin.get("/admin/people/").text
        assert admin.get(f"/admin/people/{FORMER_APPLICANT}").status == 404
        assert event.id

    def test_whoever_applied_then_has_no_application_any_more(
        self, make: Make, event: Event, clock: FixedClock, browse: Browse, reading: Reads
    ) -> None:
        with reading() as read:
            person = read.session.scalars(select(Person).where(Person.name == f"{MARK} 4")).one()
        a_year_later(clock)
        run(make)
        page = browse.sign_in(person).get(f"/cohorts/{event.slug}/application")
        assert page.path == f"/cohorts/{event.slug}"


class TestDrafts:
    def test_ninety_days_after_the_close_they_are_deleted_whole(
        self, make: Make, work: Working, clock: FixedClock, reading: Reads
    ) -> None:
        event = cohorts.course(work, make)
        draft = cohorts.begin(work, make, make.person(), event, challenge=MARK)
        sent = cohorts.apply(work, make, make.person(sector="resident"), event)  # type: ignore[arg-type]
        with work() as unit:
            unit.session.add(
                Endorsement(
                    application_id=draft.id,
                    kind=EndorsementKind.MANAGER,
                    name=MARK,
                    email="manager@one.example",
                    asked_at=unit.now,
                )
            )
        clock.move(timedelta(days=14 + 90))
        assert " drafts" not in run(make)
        clock.move(timedelta(seconds=1))
        assert "1 drafts" in run(make)
        with reading() as read:
            assert read.session.scalars(select(Application.id)).all() == [sent.id]
            assert read.session.scalar(select(func.count(Response.id))) == 1
            assert rows_with(read, MARK) == {}
            assert read.session.get(Cohort, event.id) is not None
