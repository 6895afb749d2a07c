"""What will be sent about an event: the same as the jobs send, if time passes and nothing changes."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.models.events import Attendance, Event, EventKind, EventState
from cop.models.outbox import Outbox
from cop.models.telling import Anchor, RuleAudience
from cop.queries.dry_run import Line, dry_run
from cop.services.surveys import ROUNDS
from scheduled import (
    ask_surveys,
    miss_visitors,
    remind_applicants,
    send_reminders,
    send_rules,
    send_visit_packs,
    tend_offers,
)
from tests.support import cohorts, panel
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.rules import DAY, Rules, terms
from tests.support.summits import invite, make_summit
from tests.support.surveys import Surveys

HOUR = timedelta(hours=1)
TUESDAY = datetime(2026, 3, 24, 10, tzinfo=UTC)
JOBS = (send_rules, send_reminders, send_visit_packs, remind_applicants, tend_offers, ask_surveys, miss_visitors)


def named(line: Line) -> tuple[str, str, int, int]:
    return line.what, line.which, line.reminder, line.count


def foretold(reading: Reads, event: Event) -> list[Line]:
    with reading() as read:
        found = read.session.get_one(Event, event.id)
        read.session.refresh(found, ["parts"])
        return list(dry_run(read, found, ROUNDS))


def test_a_visit_from_the_first_reminder_to_the_last(app: Flask, make: Make, clock: FixedClock, reading: Reads) -> None:
    rules = Rules(app, clock)
    visit = make.visit(slots=[TUESDAY])
    people = [make.person(name) for name in ("Amina", "Ben")]
    for person in people:
        make.booking(person, visit)
    rules.add(visit, terms(after=-2 * DAY))
    rules.add(visit, terms(RuleAudience.WAITING), active=False)
    lines = foretold(reading, visit)
    asked_once = [line for line in lines if line.what != "survey_reminder"]
    assert [(line.at, *named(line)) for line in asked_once] == [
        (TUESDAY - 7 * DAY, "reminder", "week", 0, 2),
        (TUESDAY - 3 * DAY, "visit_pack", "", 0, 2),
        (TUESDAY - DAY - 2 * HOUR, "rule", lines[2].which, 0, 2),  # Monday at 8, after a Sunday
        (TUESDAY - DAY, "reminder", "day", 0, 2),
        (TUESDAY - HOUR, "reminder", "hour", 0, 2),
        (TUESDAY + 2 * HOUR, "survey_invitation", "pulse", 0, 2),
        (TUESDAY + DAY - 2 * HOUR, "visit_missed", "", 0, 2),
        (TUESDAY + 14 * DAY + HOUR, "survey_invitation", "reflection", 0, 2),
    ]
    assert lines[0].names == ["Amina", "Ben"]
    assert {line.what for line in lines if line.at_most} == {
        "survey_invitation",
        "survey_reminder",
        "visit_missed",
    }


def test_what_is_foretold_is_what_the_jobs_send(app: Flask, make: Make, clock: FixedClock, reading: Reads) -> None:
    """At each moment that it names; that all have come is marked after the visit, so that nobody is missed."""
    visit = make.visit(slots=[TUESDAY, TUESDAY + 2 * DAY])
    held = [make.booking(make.person(), visit, slot) for slot in (0, 0, 1)]
    rules = Rules(app, clock)
    rules.add(visit)
    rules.add(visit, terms(RuleAudience.ATTENDED, DAY, Anchor.END))
    lines = [line for line in foretold(reading, visit) if line.what != "visit_missed"]
    expected = Counter({line.what: sum(other.count for other in lines if other.what == line.what) for line in lines})
    surveys, marked_at = Surveys(app, make, clock), TUESDAY + 2 * DAY + HOUR
    for moment in sorted({*(line.at for line in lines), marked_at, marked_at + DAY}):
        clock.set(moment)
        if moment == marked_at:
            for booked, slot in zip(held, (0, 0, 1), strict=True):
                surveys.mark(booked, visit.parts[slot])
        with app.app_context():
            for job in JOBS:
                job.run()
    kinds = {"event_reminder": "rule", "event_note": "rule"}
    with reading() as read:
        sent = read.session.scalars(select(Outbox.template).where(Outbox.template != "booking_confirmed"))
        assert Counter(kinds.get(kind, kind) for kind in sent) == expected


def test_who_came_and_who_did_not_may_be_all_whom_nobody_has_marked(
    app: Flask, make: Make, clock: FixedClock, reading: Reads
) -> None:
    visit = make.visit(slots=[TUESDAY])
    held = [make.booking(make.person(name), visit) for name in ("Absent", "Came", "Unmarked")]
    rules, surveys = Rules(app, clock), Surveys(app, make, clock)
    for audience in (RuleAudience.ATTENDED, RuleAudience.NO_SHOW):
        rules.add(visit, terms(audience, DAY, Anchor.END))

    def told() -> list[tuple[list[str], bool]]:
        return [(list(line.names), line.at_most) for line in foretold(reading, visit) if line.rule]

    assert told() == [(["Absent", "Came", "Unmarked"], True)] * 2
    clock.set(TUESDAY + HOUR)
    surveys.mark(held[0], visit.parts[0], Attendance.ABSENT)
    surveys.mark(held[1], visit.parts[0])
    assert told() == [(["Came", "Unmarked"], True), (["Absent", "Unmarked"], True)]
    surveys.mark(held[2], visit.parts[0])
    assert told() == [(["Came", "Unmarked"], False), (["Absent"], False)]


def test_whoever_came_once_is_no_no_show_and_is_counted_once(
    app: Flask, make: Make, clock: FixedClock, reading: Reads
) -> None:
    rules, surveys = Rules(app, clock), Surveys(app, make, clock)
    course = surveys.course(TUESDAY, TUESDAY + DAY)
    held = surveys.place(make.person(), course)
    for audience in (RuleAudience.ATTENDED, RuleAudience.NO_SHOW):
        rules.add(course, terms(audience, DAY, Anchor.END))
    clock.set(TUESDAY + HOUR)
    surveys.mark(held, course.parts[0])
    lines = [line for line in foretold(reading, course) if line.rule]
    assert [(line.rule and line.rule.audience, line.count, line.at_most) for line in lines] == [
        (RuleAudience.ATTENDED, 1, False)
    ]


@pytest.mark.parametrize(
    ("hour", "goes_at"),
    [(8, TUESDAY - 3 * DAY - 3 * HOUR), (9, TUESDAY - DAY - 2 * HOUR)],
)
def test_what_presses_is_foretold_at_the_moment_at_which_it_goes(
    app: Flask, make: Make, clock: FixedClock, reading: Reads, work: Working, hour: int, goes_at: datetime
) -> None:
    """On a Saturday, before booking closes on Monday as working hours begin, or an hour later."""
    visit, rules = make.visit(slots=[TUESDAY]), Rules(app, clock)
    make.booking(make.person(), visit)
    closes_at = (TUESDAY - DAY).replace(hour=hour)
    with work() as unit:
        unit.session.execute(update(Event).values(closes_at=closes_at))
    rules.add(visit, terms(after=-2 * DAY - HOUR, anchor=Anchor.DEADLINE))
    (line,) = [line for line in foretold(reading, visit) if line.rule]
    (sent,) = rules.at(closes_at - 2 * DAY - HOUR)
    assert line.at == sent.due_at == goes_at


def test_whoever_may_answer_until_then_gets_a_reminder_at_most(
    app: Flask, make: Make, clock: FixedClock, reading: Reads, work: Working
) -> None:
    summit = make_summit(make, work)
    invite(work, summit, make.person())
    Rules(app, clock).add(summit, terms(RuleAudience.SILENT, anchor=Anchor.DEADLINE))
    assert [(line.count, line.at_most) for line in foretold(reading, summit) if line.rule] == [(1, True)]


def test_a_survey_of_a_course_is_foretold_for_as_long_as_whoever_is_marked_late_is_asked(
    app: Flask, make: Make, clock: FixedClock, reading: Reads
) -> None:
    surveys = Surveys(app, make, clock)
    course = surveys.course(TUESDAY)
    held = surveys.place(make.person("Amina"), course)

    def asks() -> list[tuple[datetime, int, bool]]:
        found = [line for line in foretold(reading, course) if line.which == "end" and not line.reminder]
        return [(line.at, line.count, line.at_most) for line in found]

    ends = TUESDAY + HOUR
    clock.set(ends + 28 * DAY)
    assert asks() == []
    clock.set(ends + 27 * DAY)
    assert asks() == [(ends + 27 * DAY, 1, True)]
    surveys.mark(held, course.parts[0])
    assert surveys.at(clock.now()) == [("end", "Amina")]
    assert asks() == []


def test_a_course_from_drafts_to_a_year_after(
    app: Flask, make: Make, clock: FixedClock, reading: Reads, work: Working
) -> None:
    course = cohorts.course(work, make)
    cohorts.begin(work, make, make.account("Drafts"), course)
    assert [named(line) for line in foretold(reading, course)] == [("application_closing_soon", "", 0, 1)]
    chosen = panel.course(make, "Chosen", slug="chosen")
    accepted, _offered = panel.offered(make, chosen, "oo")[:2]
    panel.accept(make, accepted)
    lines = [named(line) for line in foretold(reading, chosen) if line.what != "survey_reminder"]
    waves = [which for what, which, _number, _count in lines if what == "survey_invitation"]
    assert waves == ["baseline", "end", "3 months", "6 months", "12 months"]
    assert ("offer_reminder", "", 0, 1) in lines
    assert ("reminder", "week", 0, 1) in lines


def test_whoever_took_something_along_is_asked_a_month_later(
    app: Flask, make: Make, clock: FixedClock, reading: Reads
) -> None:
    surveys, began = Surveys(app, make, clock), clock.now()
    webinar = make.visit(kind=EventKind.WEBINAR, slots=1, capacity=None)
    for name in ("Amina", "Ben"):
        surveys.take_along(make.person(name), webinar)
    month = [line for line in foretold(reading, webinar) if line.which == "30 days"]
    assert [(line.at, line.count, line.reminder) for line in month if not line.reminder] == [(began + 30 * DAY, 2, 0)]
    assert surveys.at(began + 30 * DAY) == [("30 days", "Amina"), ("30 days", "Ben")]
    assert [line.reminder for line in foretold(reading, webinar) if line.which == "30 days"] == [1, 2]


def test_whoever_was_asked_is_reminded_and_not_asked_again(
    app: Flask, make: Make, clock: FixedClock, reading: Reads
) -> None:
    surveys = Surveys(app, make, clock)
    visit = surveys.pulse([make.person("Amina"), make.person("Ben")])
    surveys.answer(surveys.asks()[0])
    pulse = [named(line) for line in foretold(reading, visit) if line.which == "pulse"]
    assert pulse == [("survey_reminder", "pulse", 1, 1), ("survey_reminder", "pulse", 2, 1)]


def test_whoever_did_not_come_is_not_asked(app: Flask, make: Make, clock: FixedClock, reading: Reads) -> None:
    visit = make.visit(slots=[TUESDAY])
    held = make.booking(make.person(), visit)
    clock.set(TUESDAY + HOUR)
    Surveys(app, make, clock).mark(held, visit.parts[0], Attendance.ABSENT)
    assert [named(line) for line in foretold(reading, visit)] == [("visit_missed", "", 0, 1)]


def test_a_draft_sends_nothing(make: Make, reading: Reads) -> None:
    assert foretold(reading, make.visit(state=EventState.DRAFT)) == []


def test_it_is_for_those_who_may_change_the_event(make: Make, reading: Reads) -> None:
    visit = make.visit()
    host, evaluator = make.account("Host"), make.account("Evaluator")
    make.grant(host, Role.HOST, event=visit)
    make.grant(evaluator, Role.EVALUATOR, programme=make.programme())
    for person in (host, evaluator, make.account("Stranger")):
        with pytest.raises(NotFound), reading(make.actor(person)) as read:
            dry_run(read, visit, ROUNDS)


def test_it_takes_as_many_statements_for_many_people(make: Make, reading: Reads) -> None:
    visit = make.visit(slots=3)
    counts = []
    for slot in (0, 1, 2):
        make.booking(make.person(), visit, slot)
        with count_queries() as statements:
            foretold(reading, visit)
        counts.append(len(statements))
    assert len(set(counts)) == 1
