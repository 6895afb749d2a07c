"""Questions that staff put to the people of an event by hand: to whom, until when, and by whom."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from cop.core.access import SYSTEM, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.cohorts import ApplicationState, DecisionOutcome
from cop.models.events import Attendance, Event, EventState
from cop.models.outbox import Outbox
from cop.models.surveys import Among, Mode, Wave
from cop.queries.surveys import choosable, people_among
from cop.services import surveys as services
from cop.services.answers import publish_questionnaire
from scheduled import close_surveys
from tests.support.clock import FixedClock
from tests.support.evidence import Evidence
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.surveys import FEW, Surveys

DAY = timedelta(days=1)

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def people(make: Make) -> Sequence[Person]:
    return [make.person(f"Guest {number}", f"guest{number}@council.example") for number in range(6)]


@pytest.fixture
def visit(make: Make, people: Sequence[Person]) -> Event:
    """On Monday 9 March; six people have a place, and one of them brings a guest whom nobody knows."""
    visit = make.visit(slots=1, capacity=None, slug="healthy-hub")
    for number, person in enumerate(people):
        make.booking(person, visit, party_size=1 if number else 2)
    return visit


@pytest.fixture(autouse=True)
def published(work: Working) -> None:
    with work() as unit:
        for mode in Mode:
            publish_questionnaire(unit, code=f"some-{mode}", title=f"Some {mode}", items=FEW, mode=mode)
        publish_questionnaire(unit, code="application-course", title="Application", items=FEW)


@pytest.fixture
def ask(work: Working, visit: Event) -> Callable[..., int]:
    def command(actor: Actor = SYSTEM, **more: Any) -> int:
        given = {"questionnaire": "some-named", "who": Among.BOOKED, "closes_on": date(2026, 3, 16), **more}
        with work(actor) as unit:
            return services.ask_by_hand(unit, event_id=visit.id, **given)

    return command


def test_everybody_with_a_place_is_asked_once(
    ask: Callable[..., int], surveys: Surveys, people: Sequence[Person], outbox: Posted, mailbox: Mailbox
) -> None:
    assert ask() == 6
    assert {(asked.wave, asked.closes_at) for asked in surveys.asks()} == {
        (Wave.ONCE, datetime(2026, 3, 16, 23, 59, tzinfo=UTC))
    }
    assert {asked.person_id for asked in surveys.asks()} == {person.id for person in people}
    assert len(outbox("survey_invitation")) == 6
    with pytest.raises(Refusal, match="asked these questions already"):
        ask()
    letters = [mail for mail in mailbox.deliver() if "a few questions" in mail.subject]
    assert letters[0].subject == "“A morning at the Healthy Hub”: a few questions"


def test_those_who_came_are_asked_alone(
    ask: Callable[..., int], surveys: Surveys, make: Make, visit: Event, clock: FixedClock, reading: Reads
) -> None:
    late = make.booking(make.person("Late"), visit)
    missed = make.booking(make.person("Missed"), visit)
    clock.set(visit.parts[0].ends_at)
    surveys.mark(late, visit.parts[0], Attendance.PARTIAL)
    surveys.mark(missed, visit.parts[0], Attendance.ABSENT)
    with reading() as read:
        assert people_among(read, event_id=visit.id) == {Among.BOOKED: 8, Among.ATTENDED: 1, Among.UNSUCCESSFUL: 0}
    assert ask(who=Among.ATTENDED) == 1
    assert [asked.person.name for asked in surveys.asks()] == ["Late"]
    assert ask(who=Among.BOOKED) == 7


def test_a_new_version_is_not_put_to_those_who_were_asked_the_old_one(
    ask: Callable[..., int], work: Working, make: Make, visit: Event
) -> None:
    ask()
    with work() as unit:
        publish_questionnaire(unit, code="some-named", title="Other words", items=FEW)
    make.booking(make.person("New"), visit)
    assert ask() == 1


def test_those_who_are_silent_are_reminded_after_four_and_nine_days_and_not_who_gave_up_the_place(
    ask: Callable[..., int], surveys: Surveys, clock: FixedClock, outbox: Posted, visit: Event
) -> None:
    asked_at = clock.now()
    ask()
    surveys.answer(surveys.asks()[0])
    seen = []
    for day in range(1, 15):
        before = len(outbox("survey_reminder"))
        surveys.at(asked_at + day * DAY)
        seen += [day] * (len(outbox("survey_reminder")) > before)
    assert seen == [4, 9]
    assert len(outbox("survey_reminder")) == 10


@pytest.mark.parametrize("day", [date(2026, 3, 2), date(2026, 6, 1)])
def test_the_last_day_is_within_three_months(ask: Callable[..., int], day: date) -> None:
    with pytest.raises(Refusal, match="after today and within 90 days") as refused:
        ask(closes_on=day)
    assert refused.value.field == "closes_on"


@pytest.mark.parametrize("code", ["application-course", "no-such"])
def test_only_what_is_published_for_asking_is_asked(ask: Callable[..., int], code: str, reading: Reads) -> None:
    with reading() as read:
        assert [each.code for each in choosable(read)] == ["some-anonymous", "some-named", "some-panel"]
    with pytest.raises(Refusal, match="Choose the questions"):
        ask(questionnaire=code)


def test_an_event_that_is_cancelled_asks_nobody(ask: Callable[..., int], work: Working, visit: Event) -> None:
    with work() as unit:
        unit.session.execute(update(Event).where(Event.id == visit.id).values(state=EventState.CANCELLED))
    with pytest.raises(Refusal, match="that is published"):
        ask()


@pytest.mark.parametrize(
    ("role", "scope", "may"),
    [
        (Role.ADMIN, "programme", True),
        (Role.FACILITATOR, "programme", True),
        (Role.FACILITATOR, "event", True),
        (Role.FACILITATOR, "other", False),
        (Role.HOST, "event", False),
        (Role.EVALUATOR, "programme", False),
    ],
)
def test_who_may_ask(role: Role, scope: str, may: bool, ask: Callable[..., int], make: Make, visit: Event) -> None:  # noqa: FBT001
    scopes: dict[str, dict[str, Any]] = {
        "programme": {"programme": make.programme()},
        "event": {"event": visit},
        "other": {"programme": make.programme("another")},
    }
    person = make.account()
    make.grant(person, role, **scopes[scope])
    if may:
        assert ask(make.actor(person)) == 6
    else:
        with pytest.raises(NotFound):
            ask(make.actor(person))


class TestWithoutNames:
    def test_fewer_than_five_are_not_asked(self, work: Working, make: Make, ask: Callable[..., int]) -> None:
        small = make.visit("Small", slots=1, slug="small")
        for number in range(4):
            make.booking(make.person(f"Visitor {number}"), small)
        with pytest.raises(Refusal, match="Fewer than 5 people would be asked"), work() as unit:
            services.ask_by_hand(
                unit,
                event_id=small.id,
                questionnaire="some-anonymous",
                who=Among.BOOKED,
                closes_on=date(2026, 3, 16),
            )

    def test_nobody_is_asked_after_it_has_closed(
        self, ask: Callable[..., int], app: Flask, make: Make, visit: Event, clock: FixedClock, surveys: Surveys
    ) -> None:
        assert ask(questionnaire="some-anonymous") == 6
        for asked in surveys.asks():
            surveys.answer(asked)
        make.booking(make.person("In time"), visit)
        assert ask(questionnaire="some-anonymous") == 1
        make.booking(make.person("Too late"), visit)
        clock.set(datetime(2026, 3, 17, 1, tzinfo=UTC))
        with app.app_context():
            assert close_surveys.run() == "1 anonymous surveys closed"
        with pytest.raises(Refusal, match="would stand alone"):
            ask(questionnaire="some-anonymous", closes_on=date(2026, 3, 30))
        assert len(surveys.asks()) == 7


class TestThoseWhoWereDeclined:
    @pytest.fixture
    def evidence(self, app: Flask, make: Make) -> Evidence:
        return Evidence(app, make)

    @pytest.fixture
    def course(self, evidence: Evidence, make: Make) -> Event:
        """Five were declined; others are in reserve, have an offer, withdrew, or are not decided upon."""
        course, chair = evidence.course(), make.person("Chair")
        outcomes = {
            **{f"Declined {number}": DecisionOutcome.DECLINE for number in range(5)},
            "Reserve": DecisionOutcome.RESERVE,
            "Offered": DecisionOutcome.OFFER,
            "Withdrew": DecisionOutcome.DECLINE,
        }
        for name, outcome in outcomes.items():
            state = ApplicationState.WITHDRAWN if name == "Withdrew" else ApplicationState.SUBMITTED
            applied = evidence.application(make.person(name), course, state)
            evidence.decision(applied, chair, outcome, rank=1 if outcome is DecisionOutcome.RESERVE else None)
        evidence.application(make.person("Undecided"), course)
        return course

    def ask(self, work: Working, course: Event) -> int:
        with work() as unit:
            return services.ask_by_hand(
                unit,
                event_id=course.id,
                questionnaire="some-anonymous",
                who=Among.UNSUCCESSFUL,
                closes_on=date(2026, 3, 16),
            )

    def test_are_asked_once_they_were_told(
        self, work: Working, surveys: Surveys, evidence: Evidence, course: Event, reading: Reads
    ) -> None:
        with reading() as read:
            assert people_among(read, event_id=course.id)[Among.UNSUCCESSFUL] == 0
        with pytest.raises(Refusal, match="asked these questions already"):
            self.ask(work, course)
        evidence.release(course)
        assert self.ask(work, course) == 5
        assert [asked.person.name for asked in surveys.asks()] == [f"Declined {number}" for number in range(5)]

    def test_are_reminded_though_they_have_no_place(
        self, work: Working, surveys: Surveys, evidence: Evidence, course: Event, clock: FixedClock, outbox: Posted
    ) -> None:
        evidence.release(course)
        self.ask(work, course)
        surveys.at(clock.now() + 4 * DAY)
        assert len(outbox("survey_reminder")) == 5
