"""The rehearsal of an event: nothing of it is kept, and what it says is what the jobs send as time passes."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from cop.core import place
from cop.core.access import SYSTEM, Role
from cop.core.errors import NotFound
from cop.core.working_hours import next_working_moment
from cop.mail.planning import Rehearsed, letter_of, plan_of
from cop.models.accounts import Person
from cop.models.audit import Audit
from cop.models.events import Booking, Event, EventKind, EventState, Part
from cop.models.outbox import Outbox
from cop.models.summits import Invitation
from cop.models.surveys import Ask, Questionnaire, Wave
from cop.models.telling import Anchor, RuleAudience
from cop.queries.dry_run import Line, Remark
from cop.queries.planner import Each, Forgotten, Plan
from cop.services.events import editing
from cop.web import read
from scheduled import (
    ask_plans,
    ask_surveys,
    miss_visitors,
    remind_applicants,
    replace_dropouts,
    send_reminders,
    send_rules,
    send_visit_packs,
    tend_offers,
)
from tests.support import cohorts, plans
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.rules import DAY, Rules, terms
from tests.support.summits import make_summit
from tests.support.surveys import Surveys

HOUR = timedelta(hours=1)
TUESDAY = datetime(2026, 3, 24, 10, tzinfo=UTC)
JOBS = (
    send_rules,
    send_reminders,
    send_visit_packs,
    remind_applicants,
    tend_offers,
    replace_dropouts,
    ask_surveys,
    ask_plans,
    miss_visitors,
)
"""All that send something about an event by themselves."""


@pytest.fixture
def rehearse(app: Flask) -> Callable[[Event], Plan]:
    def find(event: Event) -> Plan:
        with app.app_context():
            return plan_of(event.slug, actor=SYSTEM)

    return find


@pytest.fixture
def draw(app: Flask) -> Callable[[Event, Line], Rehearsed]:
    def find(event: Event, line: Line) -> Rehearsed:
        with app.app_context():
            return letter_of(event.slug, key=line.key, on=line.on, actor=SYSTEM)

    return find


Rehearse = Callable[[Event], Plan]
Draw = Callable[[Event, Line], Rehearsed]
Told = tuple[str, str, date, str]
"""What was sent, which of those, on what day, and to whom."""


def lines_of(plan: Plan, each: Each) -> list[Line]:
    return [line for line in plan.lines if each in plan.each_of(line)]


def expected(plan: Plan, each: Each, names: list[str], since: datetime) -> Counter[Told]:
    """What each of these people is told by the plan, who came to be there at ``since``."""
    dated = [(line, line.at) for line in lines_of(plan, each)]
    soon = [(one.line, next_working_moment(since + one.after)) for one in plan.soon if one.each is each]
    return Counter(
        (line.template, which_of(line), place.day_of(at), name) for line, at in [*dated, *soon] for name in names
    )


def which_of(line: Line) -> str:
    return str(line.rule.id) if line.rule else f"{line.which}{line.reminder or ''}"


def sent(reading: Reads, acts: Sequence[str]) -> Counter[Told]:
    """What was posted but for what answers an act."""
    with reading() as read:
        waves = {ask.id: ask.wave for ask in read.session.scalars(select(Ask))}
        rows = read.session.execute(
            select(Outbox, Person.name).join(Person, Person.id == Outbox.person_id).where(Outbox.template.not_in(acts))
        )
        return Counter((row.template, _which(row, waves), place.day_of(row.due_at), name) for row, name in rows)


def _which(row: Outbox, waves: Mapping[int, Wave]) -> str:
    params = row.params
    if "ask_id" in params:
        number = row.key.split(":")[1] if row.template == "survey_reminder" else ""
        return f"{waves[params['ask_id']]}{number}"
    if row.template == "plan_check":
        return "again" if params["again"] else "first"
    return str(params.get("rule_id") or params.get("ahead") or "")


def live(
    app: Flask, clock: FixedClock, moments: Iterable[datetime], acts: Mapping[datetime, Callable[[], None]]
) -> None:
    """Let time pass from moment to moment with all jobs at work; first happens what ``acts`` says of a moment."""
    for moment in sorted({*moments, *acts}):
        clock.set(moment)
        acts.get(moment, lambda: None)()
        with app.app_context():
            for job in JOBS:
                job.run()


def test_a_course_from_a_draft_to_a_year_after_is_told_exactly_what_the_rehearsal_said(
    app: Flask, make: Make, clock: FixedClock, work: Working, reading: Reads, rehearse: Rehearse
) -> None:
    """The same kinds, on the same days, to the same people, and nothing else: the jobs run each day until the course is
    over, twice a month in the year after it, and at each moment that the rehearsal names.
    """
    began = clock.now()
    course = cohorts.course(work, make, published=False)
    rules = Rules(app, clock)
    rules.add(course, terms(RuleAudience.BOOKED, -14 * DAY))
    rules.add(course, terms(RuleAudience.BOOKED, -40 * DAY))  # past: whoever gets a place gets it at once
    rules.add(course, terms(RuleAudience.ACCEPTED, -3 * DAY))
    rules.add(course, terms(RuleAudience.DRAFTING, -5 * DAY, Anchor.DEADLINE))
    rules.add(course, terms(RuleAudience.ATTENDED, DAY, Anchor.END))
    rules.add(course, terms(RuleAudience.BOOKED, -7 * DAY), active=False)
    plan = rehearse(course)
    with work() as unit:
        editing.publish_event(unit, event_id=course.id)
    cohorts.begin(work, make, make.account("Dora Draft"), course)

    surveys, members = Surveys(app, make, clock), ["Alma Alumna", "Ben Okafor"]
    chosen_at = began + 15 * DAY
    people: list[Person] = []

    def choose() -> None:
        people.extend(plans.members(make, course, *members))

    def attend(part: Part) -> None:
        for person in people:
            with reading() as read:
                held = read.session.scalars(select(Booking).where(Booking.person_id == person.id)).one()
            surveys.mark(held, part)

    def write_plans() -> None:
        attend(course.parts[3])
        for person in people:
            plans.plan(make, course, person)

    ends = [part.ends_at for part in course.parts]
    acts: dict[datetime, Callable[[], None]] = {
        chosen_at: choose,
        **{end: partial(attend, part) for end, part in zip(ends[:3], course.parts, strict=False)},
        ends[3]: write_plans,
    }
    told = [line.wanted for line in plan.lines] + [line.at for line in plan.lines]
    soon = [chosen_at + one.after for one in plan.soon]
    days = [began + number * DAY for number in (*range(36), *range(36, 30 + 365 + 40, 15))]
    live(app, clock, [*told, *soon, *days], acts)

    wanted = expected(plan, Each.BOOKED, members, chosen_at) + expected(plan, Each.DRAFTING, ["Dora Draft"], began)
    assert sent(reading, plan.acts) == wanted
    assert len(wanted) > 40
    assert {what for what, *_rest in wanted} == {
        "event_reminder",
        "event_note",
        "reminder",
        "application_closing_soon",
        "survey_invitation",
        "survey_reminder",
        "plan_check",
    }


def rows(app: Flask) -> dict[str, int]:
    """How many rows each table has in which a rehearsal writes."""
    with app.app_context():
        return {
            table.__tablename__: read(SYSTEM).session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Person, Booking, Invitation, Ask, Questionnaire, Outbox, Audit)
        }


@pytest.mark.parametrize("kind", [EventKind.VISIT, EventKind.WEBINAR, EventKind.MEET_UP])
def test_nothing_of_a_rehearsal_is_kept(
    app: Flask, make: Make, reading: Reads, rehearse: Rehearse, draw: Draw, kind: EventKind
) -> None:
    draft = make.visit(slots=[TUESDAY, TUESDAY + DAY], kind=kind, state=EventState.DRAFT)
    before = rows(app)
    plan = rehearse(draft)
    for line in [*plan.lines[:3], *plan.lines[-1:], *(soon.line for soon in plan.soon)]:
        draw(draft, line)
    assert plan.lines
    assert rows(app) == before
    with reading() as found:
        assert found.session.get_one(Event, draft.id).state is EventState.DRAFT


def test_a_draft_of_a_visit_shows_what_each_person_booked_gets_and_how_it_reads(
    make: Make, rehearse: Rehearse, draw: Draw
) -> None:
    draft = make.visit("Healthy Hub", slots=[TUESDAY, TUESDAY + DAY], state=EventState.DRAFT)
    plan = rehearse(draft)
    kinds = {line.what for line in plan.lines}
    assert kinds == {"reminder", "visit_pack", "survey_invitation", "survey_reminder", "visit_missed"}
    assert all(plan.each_of(line) == [Each.BOOKED] and line.count == 0 for line in plan.lines)
    days = [(line.which, line.on) for line in plan.lines if line.what == "reminder"]
    assert days[:2] == [("week", date(2026, 3, 17)), ("week", date(2026, 3, 18))]
    for line in plan.lines:
        drawn = draw(draft, line).drawn
        assert drawn is not None, line.key
        assert "Healthy Hub" in drawn.subject + drawn.text
        assert "a person to come" in drawn.text


def test_those_who_are_known_are_named_and_counted_beside_those_who_may_come(
    make: Make, rehearse: Rehearse, draw: Draw
) -> None:
    visit = make.visit(slots=[TUESDAY])
    make.booking(make.person("Amina"), visit)
    plan = rehearse(visit)
    week = next(line for line in plan.lines if line.which == "week")
    assert (week.count, list(week.names)) == (1, ["Amina"])
    assert plan.each_of(week) == [Each.BOOKED]
    drawn = draw(visit, week).drawn
    assert drawn is not None
    assert "Amina" in drawn.text


def test_a_summit_has_those_who_were_invited_and_those_who_wait(
    app: Flask, make: Make, work: Working, clock: FixedClock, rehearse: Rehearse
) -> None:
    summit = make_summit(make, work)
    Rules(app, clock).add(summit, terms(RuleAudience.SILENT, anchor=Anchor.DEADLINE))
    Rules(app, clock).add(summit, terms(RuleAudience.WAITING, -2 * DAY))
    plan = rehearse(summit)
    told = {line.rule.audience: plan.each_of(line) for line in plan.lines if line.rule}
    assert told == {RuleAudience.SILENT: [Each.INVITED], RuleAudience.WAITING: [Each.WAITING]}


def test_what_belongs_to_no_day_follows_whoever_comes(make: Make, work: Working, rehearse: Rehearse) -> None:
    plan = rehearse(cohorts.course(work, make, published=False))
    soon = [(one.line.what, one.line.which, one.each, one.after) for one in plan.soon]
    assert soon == [
        ("survey_invitation", "baseline", Each.BOOKED, timedelta()),
        ("survey_reminder", "baseline", Each.BOOKED, 7 * DAY),
        ("survey_reminder", "baseline", Each.BOOKED, 14 * DAY),
    ]
    assert {ending.what for ending in plan.endings} == set(Forgotten)


def said(plan: Plan) -> set[Remark]:
    return {one.what for one in plan.remarks}


def test_what_is_missing_is_said(app: Flask, make: Make, clock: FixedClock, rehearse: Rehearse) -> None:
    saturday = TUESDAY + 4 * DAY
    webinar = make.visit(kind=EventKind.WEBINAR, slots=[saturday], state=EventState.DRAFT)
    rules = Rules(app, clock)
    rules.add(webinar, terms(after=-30 * DAY))
    rules.add(webinar, terms(after=-10 * DAY), active=False)
    rules.add(webinar, terms(anchor=Anchor.DEADLINE))
    assert said(rehearse(webinar)) == {
        Remark.NO_ADDRESS,
        Remark.DAY_OFF,
        Remark.BEFORE,
        Remark.SWITCHED_OFF,
        Remark.NEVER,
    }
    assert said(rehearse(make.visit(slots=[], state=EventState.DRAFT))) == {Remark.NO_DATES}


def test_two_mails_on_one_day_to_the_same_people_are_said(
    app: Flask, make: Make, clock: FixedClock, rehearse: Rehearse
) -> None:
    visit, rules = make.visit(slots=[TUESDAY], place="Stevenage"), Rules(app, clock)
    rules.add(visit, terms(after=-7 * DAY))
    found = [{line.what for line in one.lines} for one in rehearse(visit).remarks if one.what is Remark.TOGETHER]
    assert {"reminder", "rule"} in found
    assert not any("visit_missed" in pair for pair in found)  # whoever came is not missed


def test_an_event_that_is_called_off_sends_nothing(make: Make, rehearse: Rehearse) -> None:
    plan = rehearse(make.visit(slots=[TUESDAY], state=EventState.CANCELLED))
    assert (plan.lines, plan.soon, plan.remarks) == ([], [], ())


def test_a_letter_that_is_not_in_the_plan_is_not_found(app: Flask, make: Make) -> None:
    visit = make.visit(slots=[TUESDAY])
    with app.app_context(), pytest.raises(NotFound):
        letter_of(visit.slug, key="reminder-month", on=TUESDAY.date(), actor=SYSTEM)


@pytest.mark.parametrize("role", [Role.HOST, Role.EVALUATOR, Role.REVIEWER])
def test_it_is_for_those_who_may_change_the_event(app: Flask, make: Make, role: Role) -> None:
    visit, person = make.visit(slots=[TUESDAY]), make.account()
    make.grant(person, role, programme=make.programme())
    with app.app_context(), pytest.raises(NotFound):
        plan_of(visit.slug, actor=make.actor(person))


def test_it_takes_as_many_statements_for_many_people_and_slots(make: Make, rehearse: Rehearse) -> None:
    counts = []
    for number in (1, 2, 4):
        visit = make.visit(slots=[TUESDAY + day * DAY for day in range(number)])
        for _person in range(number):
            make.booking(make.person(), visit)
        with count_queries() as statements:
            rehearse(visit)
        counts.append(len(statements))
    assert len(set(counts)) == 1
