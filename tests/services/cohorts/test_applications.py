"""Applying: begun once, saved page by page, submitted once, numbered in order, taken back, and never told too early."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from cop.core.access import VISITOR
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person, Sector
from cop.models.cohorts import Application, ApplicationState, Decision, DecisionOutcome
from cop.models.events import Event, Visibility
from cop.models.organisations import Membership, Organisation
from cop.models.outbox import Outbox
from cop.models.surveys import Response, ResponseState
from cop.queries.cohorts.applications import OwnApplication, Status, own_application
from cop.services import accounts
from cop.services.cohorts import applications
from cop.services.events import editing
from tests.support import cohorts
from tests.support.clock import START, FixedClock
from tests.support.cohorts import ANSWERS, DAY
from tests.support.make import Make, Reads, Working

Posted = Callable[..., Sequence[Outbox]]


class Applying:
    """One course, one person, and short ways for them to act."""

    def __init__(self, work: Working, reading: Reads, make: Make) -> None:
        self._work, self._reading, self.make = work, reading, make
        self.event: Event = cohorts.course(work, make)
        self.council = make.organisation("Swindon Borough Council", joined_on=START.date() - timedelta(days=400))
        self.person: Person = make.account("Amina", organisation=self.council, sector=Sector.RESIDENT)

    def do(self, command: Callable[..., Any], *, who: Person | None = None, **values: Any) -> Any:
        with self._work(self.make.actor(who or self.person)) as unit:
            return command(unit, event_id=self.event.id, **values)

    def save(self, seen: int = 0, **answers: Any) -> Any:
        return self.do(applications.save, answers=answers, seen=seen)

    def apply(self, who: Person | None = None) -> Application:
        return cohorts.apply(self._work, self.make, who or self.person, self.event)

    def own(self, who: Person | None = None) -> OwnApplication:
        with self._reading(self.make.actor(who or self.person)) as read:
            found = own_application(read, self.event)
        assert found is not None
        return found

    def status(self, at: Any) -> Status:
        return self.own().status(self.make.event(self.event.id), at)

    def rows(self) -> int:
        with self._reading() as read:
            return read.session.scalar(select(func.count()).select_from(Application)) or 0

    def response(self) -> Response:
        return self.own().application.response


@pytest.fixture
def applying(work: Working, reading: Reads, make: Make) -> Applying:
    return Applying(work, reading, make)


class TestStarting:
    def test_makes_a_draft_and_mails_the_way_back(self, applying: Applying, outbox: Posted) -> None:
        made = applying.do(applications.start)
        assert (made.state, made.number) == (ApplicationState.DRAFT, None)
        (mail,) = outbox("application_started")
        assert mail.person_id == applying.person.id
        assert mail.useless_after == applying.event.closes_at

    def test_again_finds_the_same_draft(self, applying: Applying, outbox: Posted) -> None:
        assert applying.do(applications.start).id == applying.do(applications.start).id
        assert applying.rows() == 1
        assert len(outbox("application_started")) == 1

    @pytest.mark.parametrize(
        ("moved", "words"), [(timedelta(days=-2), "have not opened yet"), (timedelta(days=14), "have closed")]
    )
    def test_outside_the_window_is_refused(
        self, applying: Applying, clock: FixedClock, moved: timedelta, words: str
    ) -> None:
        clock.move(moved)
        with pytest.raises(Refusal, match=words):
            applying.do(applications.start)
        assert applying.rows() == 0

    def test_for_a_cancelled_course_is_refused(self, applying: Applying, work: Working) -> None:
        with work() as unit:
            editing.cancel_event(unit, event_id=applying.event.id, reason="Too few rooms")
        with pytest.raises(Refusal, match="has been cancelled"):
            applying.do(applications.start)

    def test_finds_no_course_in_a_draft_or_behind_an_invitation(self, applying: Applying, work: Working) -> None:
        for values in ({"visibility": Visibility.INVITED}, {"state": "draft"}):
            with work() as unit:
                event = unit.session.get_one(Event, applying.event.id)
                for name, value in values.items():
                    setattr(event, name, value)
            with pytest.raises(NotFound):
                applying.do(applications.start)

    def test_finds_no_course_in_a_visit_or_for_a_stranger(self, applying: Applying, work: Working) -> None:
        with pytest.raises(NotFound), work(applying.make.actor(applying.person)) as unit:
            applications.start(unit, event_id=applying.make.visit().id)
        with pytest.raises(NotFound), work(VISITOR) as unit:
            applications.start(unit, event_id=applying.event.id)


class TestSaving:
    def test_keeps_each_page_beside_the_others(self, applying: Applying) -> None:
        applying.do(applications.start)
        applying.save(challenge="Damp")
        applying.save(seen=1, change="Dry", nominated_by=None)
        assert applying.response().answers == {"challenge": "Damp", "change": "Dry"}

    def test_from_a_stale_window_is_refused_and_changes_nothing(self, applying: Applying) -> None:
        applying.do(applications.start)
        applying.save(challenge="Damp")
        with pytest.raises(Refusal, match="another window"):
            applying.save(challenge="Mould")
        assert applying.response().answers == {"challenge": "Damp"}

    def test_of_too_many_words_names_the_question(self, applying: Applying) -> None:
        applying.do(applications.start)
        with pytest.raises(Refusal, match="250 words or fewer; you have used 251") as refused:
            applying.save(challenge="word " * 251)
        assert refused.value.field == "challenge"

    def test_after_the_close_is_refused(self, applying: Applying, clock: FixedClock) -> None:
        applying.do(applications.start)
        clock.move(14 * DAY)
        with pytest.raises(Refusal, match="nothing more can be saved"):
            applying.save(challenge="Late")

    def test_reaches_nobody_elses_application(self, applying: Applying) -> None:
        applying.do(applications.start)
        with pytest.raises(NotFound):
            applying.do(applications.save, who=applying.make.account("Ben"), answers={"challenge": "x"}, seen=0)

    def test_of_a_submitted_application_keeps_it_submitted_and_whole(self, applying: Applying) -> None:
        number = applying.apply().number
        applying.save(seen=2, challenge="Another challenge")
        assert applying.own().application.state is ApplicationState.SUBMITTED
        assert applying.own().application.number == number
        assert applying.response().state is ResponseState.SUBMITTED
        assert applying.response().answers["challenge"] == "Another challenge"
        with pytest.raises(Refusal, match="Answer this question") as refused:
            applying.save(seen=3, challenge=None)
        assert refused.value.field == "challenge"
        assert applying.response().answers["challenge"] == "Another challenge"


class TestSubmitting:
    def test_numbers_in_order_and_confirms(self, applying: Applying, outbox: Posted, clock: FixedClock) -> None:
        others = [applying.make.account(name, sector=Sector.HEALTH) for name in ("Ben", "Cem")]
        assert [applying.apply(who).number for who in (others[0], applying.person, others[1])] == [1, 2, 3]
        assert [row.person_id for row in outbox("application_submitted")] == [
            others[0].id,
            applying.person.id,
            others[1].id,
        ]
        assert applying.own().application.submitted_at == clock.now()

    def test_again_changes_nothing(self, applying: Applying, outbox: Posted, clock: FixedClock) -> None:
        first = applying.apply()
        clock.move(DAY)
        again = applying.do(applications.submit)
        assert (again.number, again.submitted_at) == (first.number, first.submitted_at)
        assert len(outbox("application_submitted")) == 1

    def test_keeps_who_they_were_that_day(self, applying: Applying, work: Working) -> None:
        applying.apply()
        with work(applying.make.actor(applying.person)) as unit:
            accounts.join_organisation(unit, organisation_id=None)
        kept = applying.own().application
        assert kept.organisation_id == applying.council.id
        assert (kept.sector, kept.membership, kept.newer_member) == (Sector.RESIDENT, Membership.FULL, True)

    def test_keeps_the_region_when_the_organisation_moves_to_another(self, applying: Applying, work: Working) -> None:
        with work() as unit:
            unit.session.get_one(Organisation, applying.council.id).region = "South West"
        applying.apply()
        with work() as unit:
            unit.session.get_one(Organisation, applying.council.id).region = "Wales"
        assert applying.own().application.region == "South West"

    def test_names_every_question_that_is_open(self, applying: Applying) -> None:
        applying.do(applications.start)
        applying.save(**{code: answer for code, answer in ANSWERS.items() if code not in {"challenge", "heard"}})
        with pytest.raises(Refusal, match=r"What is the challenge .*; How did you hear"):
            applying.do(applications.submit)
        assert applying.own().application.state is ApplicationState.DRAFT

    def test_needs_to_know_how_they_come_to_us(self, applying: Applying, work: Working, make: Make) -> None:
        nobody = make.account("Nia")
        cohorts.begin(work, make, nobody, applying.event, **ANSWERS)
        with pytest.raises(Refusal, match="About you"):
            applying.do(applications.submit, who=nobody)

    def test_after_the_close_is_refused(self, applying: Applying, work: Working, make: Make, clock: FixedClock) -> None:
        cohorts.begin(work, make, applying.person, applying.event, **ANSWERS)
        clock.move(14 * DAY)
        with pytest.raises(Refusal, match="have closed"):
            applying.do(applications.submit)

    def test_without_an_application_finds_none(self, applying: Applying) -> None:
        with pytest.raises(NotFound):
            applying.do(applications.submit)


class TestWithdrawing:
    def test_ends_a_draft_or_a_submitted_one_and_confirms(self, applying: Applying, outbox: Posted) -> None:
        applying.apply()
        applying.do(applications.withdraw)
        assert applying.own().application.state is ApplicationState.WITHDRAWN
        assert len(outbox("application_withdrawn")) == 1
        with pytest.raises(NotFound):
            applying.save(seen=2, challenge="Too late")

    def test_lets_them_apply_again_under_a_new_number(self, applying: Applying) -> None:
        first = applying.apply()
        applying.do(applications.withdraw)
        second = applying.apply()
        assert (first.number, second.number) == (1, 2)
        assert applying.own().application.id == second.id

    def test_works_after_the_close_until_they_are_told(
        self, applying: Applying, work: Working, clock: FixedClock
    ) -> None:
        made = applying.apply()
        clock.move(20 * DAY)
        decide(work, applying, made, DecisionOutcome.OFFER, released=False)
        applying.do(applications.withdraw)
        assert applying.status(clock.now()) is Status.WITHDRAWN

    def test_after_they_were_told_is_refused(self, applying: Applying, work: Working, clock: FixedClock) -> None:
        made = applying.apply()
        clock.move(20 * DAY)
        decide(work, applying, made, DecisionOutcome.DECLINE, released=True)
        with pytest.raises(Refusal, match="told our decision"):
            applying.do(applications.withdraw)


def decide(work: Working, applying: Applying, made: Application, outcome: DecisionOutcome, *, released: bool) -> None:
    with work() as unit:
        unit.session.merge(
            Decision(
                application_id=made.id,
                outcome=outcome,
                reserve_rank=1 if outcome is DecisionOutcome.RESERVE else None,
                decided_by=applying.person.id,
                decided_at=unit.now,
                released_at=unit.now if released else None,
            )
        )


class TestTheStatus:
    def test_follows_the_application(self, applying: Applying, work: Working, make: Make) -> None:
        closes = applying.event.closes_at
        assert closes is not None
        cohorts.begin(work, make, applying.person, applying.event, **ANSWERS)
        assert applying.status(START) is Status.DRAFT
        assert applying.status(closes) is Status.NOT_SENT
        applying.do(applications.submit)
        assert applying.status(START) is Status.SUBMITTED
        assert applying.status(closes) is Status.IN_REVIEW

    @pytest.mark.parametrize(
        ("outcome", "told"),
        [
            (DecisionOutcome.OFFER, Status.OFFER),
            (DecisionOutcome.RESERVE, Status.RESERVE),
            (DecisionOutcome.DECLINE, Status.NOT_THIS_TIME),
        ],
    )
    def test_shows_no_decision_before_its_release(
        self, applying: Applying, work: Working, outcome: DecisionOutcome, told: Status
    ) -> None:
        made = applying.apply()
        after = START + 20 * DAY
        decide(work, applying, made, outcome, released=False)
        assert applying.own().outcome is None
        assert applying.status(after) is Status.IN_REVIEW
        decide(work, applying, made, outcome, released=True)
        assert applying.status(after) is told
