"""The dashboard: what narrows it and what that may tell, the rows behind it, and figures that are counted at night."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import SYSTEM, Role
from cop.models.accounts import Person, Sector
from cop.models.cohorts import DecisionOutcome
from cop.models.commitments import Commitment, CommitmentCheck, CommitmentKind, CommitmentState
from cop.models.events import Arrangement, Attendance, Event, EventKind
from cop.models.evidence import KeptFigures
from cop.models.organisations import Membership, OrganisationKind
from cop.models.outbox import Outbox, OutboxState
from cop.models.service import Observation
from cop.models.summits import Answer, Invitation
from cop.models.surveys import Mode
from cop.queries import evaluation as queries
from cop.queries.evaluation import kept
from cop.queries.evaluation.filters import Filters, Quarter, quarter_of
from cop.queries.summits import OPENED
from cop.services import evaluation as services
from scheduled import keep_figures
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.evidence import Evidence
from tests.support.make import Make, Reads, Working
from tests.support.surveys import Surveys
from tests.support.visiting import walk_in

SLUG = "health-inequalities"
REGIONS = ("London", "North West", "Wales")


@pytest.fixture
def evidence(app: Flask, make: Make) -> Evidence:
    return Evidence(app, make)


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


def granted(make: Make, role: Role) -> Person:
    person = make.account(f"Some {role}")
    make.grant(person, role, programme=make.programme())
    return person


@pytest.fixture
def admin(make: Make) -> Person:
    return granted(make, Role.ADMIN)


@pytest.fixture
def evaluator(make: Make) -> Person:
    return granted(make, Role.EVALUATOR)


def table(page: Browse, heading: str) -> list[list[str]]:
    """The rows of the table under the heading of this id."""
    found = page.soup.select(f"div[aria-labelledby={heading}] table tbody tr")
    return [[" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")] for row in found]


def tables(page: Browse) -> set[tuple[str, ...]]:
    """All rows of all tables, each with the id of its heading."""
    ids = [str(one["aria-labelledby"]) for one in page.soup.select("div.cop-scroll[aria-labelledby]")]
    return {(heading, *row) for heading in ids for row in table(page, heading)}


class Crowd:
    """People of three regions and three roles at two visits."""

    def __init__(self, make: Make, evidence: Evidence, clock: FixedClock) -> None:
        self.first = make.visit("First visit", capacity=None)
        later = clock.now() + timedelta(days=100)
        self.second = make.visit("Second visit", capacity=None, slots=[later])
        for number in range(24):
            place = make.organisation(
                region=REGIONS[number % 3],
                kind=OrganisationKind.HEALTH if number % 8 == 0 else OrganisationKind.COUNCIL,
                membership=Membership.FULL if number % 2 else Membership.AFFILIATE,
            )
            sector = (Sector.RESIDENT, Sector.COUNCIL_OFFICER, Sector.VCSE)[number % 7 % 3]
            person = make.person(f"Person {number}", organisation=place, sector=sector)
            held = make.booking(person, self.first)
            evidence.mark(held, self.first.parts[0], Attendance.ABSENT if number % 11 == 0 else Attendance.ATTENDED)
            if number % 3:
                make.booking(person, self.second)


@pytest.fixture
def crowd(make: Make, evidence: Evidence, clock: FixedClock) -> Crowd:
    return Crowd(make, evidence, clock)


NARROWED = [
    {"region": "London"},
    {"sector": "resident"},
    {"membership": "affiliate"},
    {"kind": "health body"},
    {"newer": "newer"},
    {"period": "2026-q1"},
    {"region": "London", "sector": "resident"},
    {"region": "Wales", "kind": "health body", "period": "2026-q2"},
]


class TestNarrowing:
    def test_counts_anew_for_admins(self, browse: Browse, admin: Person, crowd: Crowd) -> None:
        browse.sign_in(admin)
        assert table(browse.get("/evaluation/reach"), "by-region")[-1][4:] == ["24", "21"]
        assert table(browse.get("/evaluation/reach", region="London"), "by-region")[-1][4:] == ["8", "7"]
        both = browse.get("/evaluation/reach", region="London", sector="resident")
        assert int(table(both, "by-region")[-1][4]) < 8
        assert [row[0] for row in table(browse.get("/evaluation/events", event=crowd.second.slug), "events")] == [
            "Second visit"
        ]
        assert table(browse.get("/evaluation/events", region="London"), "events")[-1][4] == "8"
        assert [row[0] for row in table(browse.get("/evaluation/events", period="2026-q2"), "events")] == [
            "Second visit"
        ]

    @pytest.mark.parametrize("asked", NARROWED, ids=str)
    @pytest.mark.parametrize("path", ["reach", "events"])
    @pytest.mark.usefixtures("crowd")
    def test_tells_an_evaluator_nothing_that_was_not_told(
        self, browse: Browse, evaluator: Person, path: str, asked: dict[str, str]
    ) -> None:
        """So there is nothing to subtract, whatever is compared with whatever."""
        everything = tables(browse.sign_in(evaluator).get(f"/evaluation/{path}"))
        narrowed = tables(browse.get(f"/evaluation/{path}", **asked))
        assert narrowed <= everything
        assert len(narrowed) <= len(everything)

    @pytest.mark.usefixtures("crowd")
    def test_picks_for_an_evaluator_the_rows_that_fit(self, browse: Browse, evaluator: Person) -> None:
        page = browse.sign_in(evaluator).get("/evaluation/reach", region="Wales")
        assert [row[0] for row in table(page, "by-region")] == ["Wales"]
        assert table(page, "by-kind") == []
        assert "brings out no new numbers" in page.text

    def test_stays_in_the_address_and_is_undone(self, browse: Browse, admin: Person, crowd: Crowd) -> None:
        page = browse.sign_in(admin).get("/evaluation/reach").submit(region="London", programme=SLUG)
        assert page.soup.select("select#region option[selected]")[0]["value"] == "London"
        assert len(table(page, "by-region")) == 2
        assert len(table(page.click("Show everything"), "by-region")) == 4

    @pytest.mark.parametrize("name", ["event", "period", "sector", "region", "membership", "kind", "newer"])
    @pytest.mark.parametrize("value", ["nonsense", "'", "🌻", "2026-q9", "x" * 5_000])
    def test_takes_nonsense_as_not_asked(
        self, browse: Browse, admin: Person, make: Make, name: str, value: str
    ) -> None:
        make.booking(make.person(), make.visit())
        whole = tables(browse.sign_in(admin).get("/evaluation/reach"))
        assert tables(browse.get("/evaluation/reach", **{name: value})) == whole

    def test_by_an_event_of_another_programme_is_nonsense(self, browse: Browse, admin: Person, make: Make) -> None:
        other = make.visit("Elsewhere", programme=make.programme("another"))
        make.booking(make.person(), make.visit("Here"))
        page = browse.sign_in(admin).get("/evaluation/events", event=other.slug, programme=SLUG)
        assert [row[0] for row in table(page, "events")] == ["Here"]

    def test_knows_quarters(self, clock: FixedClock) -> None:
        assert str(quarter_of(clock.now().date())) == "2026-q1"
        begins, ends = Quarter(2026, 4).bounds
        assert (begins.isoformat(), ends.isoformat()) == ("2026-09-30T23:00:00+00:00", "2027-01-01T00:00:00+00:00")
        assert not Filters()
        assert Filters(quarter=Quarter(2026, 4))


class TestTheRowsBehind:
    @pytest.mark.usefixtures("crowd")
    def test_are_for_admins_with_names_and_noted(self, browse: Browse, admin: Person, reading: Reads) -> None:
        page = browse.sign_in(admin).get("/evaluation/reach")
        page = page.click("London")
        names = [row[0] for row in table(page, "people")]
        assert len(names) == 8
        assert set(names) <= {f"Person {number}" for number in range(0, 24, 3)}
        with reading() as read:
            seen = read.session.scalars(select(Observation).where(Observation.kind == "people behind figures read"))
            assert [one.person_id for one in seen] == [admin.id]

    @pytest.mark.usefixtures("crowd")
    def test_are_paged(self, browse: Browse, admin: Person) -> None:
        page = browse.sign_in(admin).get("/evaluation/people")
        assert len(table(page, "people")) == 40
        assert "Nobody stands here" in browse.get("/evaluation/people", sector="business").text

    @pytest.mark.usefixtures("crowd")
    def test_are_nothing_for_evaluators(self, browse: Browse, evaluator: Person, make: Make) -> None:
        assert browse.sign_in(evaluator).get("/evaluation/people").status == 404
        for path in ("", "reach", "events", "learning", "actions", "community"):
            page = browse.get(f"/evaluation/{path}")
            assert page.status == 200
            assert "Person " not in page.text
            assert not page.soup.select("main table a[href*='/events/'], main table a[href*='/people']")
        elsewhere = make.account()
        make.grant(elsewhere, Role.ADMIN, programme=make.programme("another"))
        assert browse.sign_in(elsewhere).get("/evaluation/people", programme=SLUG).status == 404

    def test_lead_from_each_event_to_its_bookings(self, browse: Browse, admin: Person, crowd: Crowd) -> None:
        page = browse.sign_in(admin).get("/evaluation/events").click("First visit")
        assert page.path.startswith(f"/events/{crowd.first.slug}/bookings")
        assert page.status == 200


class TestTheFunnel:
    def test_goes_from_the_invitation_to_what_people_did(
        self, browse: Browse, admin: Person, make: Make, evidence: Evidence, surveys: Surveys, work: Working
    ) -> None:
        summit = evidence.event(EventKind.SUMMIT, "Summit")
        people = [make.person(f"Guest {number}") for number in range(4)]
        invited = [evidence.invitation(person, summit) for person in people[:3]]
        answered = evidence.invitation(people[3], summit, Answer.NO)
        held = surveys.place(people[0], summit)
        asked = evidence.ask(people[0], summit, {"used": "several"})
        evidence.ask(people[1], summit, {"used": "not yet"})
        with work() as unit:
            unit.session.add_all(
                [
                    Observation(kind=OPENED, subject_kind="invitation", subject_id=invited[0].id, at=unit.now),
                    Observation(kind=OPENED, subject_kind="invitation", subject_id=invited[0].id, at=unit.now),
                    Arrangement(booking_id=held.id, access="BSL", saved_at=unit.now, forget_at=unit.now),
                    _reminder(unit.now, people[0].id, held.id),
                    _promise(unit.now, people[2].id, summit.id, CommitmentState.UNDER_WAY),
                    _promise(unit.now, people[3].id, summit.id, CommitmentState.PLANNED),
                ]
            )
            unit.session.get_one(Invitation, invited[1].id).reminded_at = unit.now
        page = browse.sign_in(admin).get("/evaluation/events")
        ((_title, _day, *counts),) = table(page, "events")
        assert counts == ["4", "2", "1", "2", "0", "0", "1", "0", "0", "2", "2", "2"]
        assert (answered.id, asked.id) > (0, 0)

    def test_draws_one_event_step_by_step(self, browse: Browse, admin: Person, crowd: Crowd) -> None:
        page = browse.sign_in(admin).get("/evaluation/events", event=crowd.first.slug)
        assert "First visit, step by step" in page.text

    def test_tells_how_many_dropped_off(self, browse: Browse, admin: Person, crowd: Crowd, clock: FixedClock) -> None:
        clock.move(timedelta(days=30))
        page = browse.sign_in(admin).get("/evaluation/events")
        assert table(page, "drop-off") == [["First visit", "0", "24", "21", "12%"]]

    def test_hides_from_evaluators_who_hardly_any_did_not_open(
        self, browse: Browse, evaluator: Person, make: Make, evidence: Evidence
    ) -> None:
        summit = evidence.event(EventKind.SUMMIT, "Summit")
        for number in range(12):
            evidence.invitation(make.person(f"Guest {number}"), summit, Answer.NO if number else Answer.NONE)
        ((_title, _day, *counts),) = table(browse.sign_in(evaluator).get("/evaluation/events"), "events")
        assert counts[:2] == ["12", "not shown"]


class TestOneEventBesideTheOthers:
    """Everybody counts once on the page of reach: what is hidden of one event is not what the others leave over."""

    @pytest.fixture
    def sizes(self, make: Make, evidence: Evidence, clock: FixedClock, work: Working) -> Callable[..., Sequence[Event]]:
        """Events with so many seats, and of the last one so many who walked in."""

        def make_them(*sizes: tuple[str, int], course: int = 0, walk_ins: int = 0) -> Sequence[Event]:
            events = [make.visit(title, capacity=None) for title, _size in sizes]
            for event, (title, size) in zip(events, sizes, strict=True):
                for number in range(size):
                    make.booking(make.person(f"{title} {number}"), event)
            if course:
                held = evidence.course("Course")
                for number in range(course):
                    evidence.participant(make.person(f"Course {number}"), held)
            if walk_ins:
                clock.move(events[-1].parts[0].starts_at - clock.now())
            for number in range(walk_ins):
                walk_in(work, events[-1], f"Walked in {number}")
            return events

        return make_them

    @staticmethod
    def booked(browse: Browse, who: Person) -> dict[str, tuple[str, str]]:
        rows = table(browse.sign_in(who).get("/evaluation/events"), "events")
        return {row[0]: (row[4], row[9]) for row in rows}

    def test_goes_with_the_smallest_other(
        self, browse: Browse, evaluator: Person, admin: Person, sizes: Callable[..., Sequence[Event]]
    ) -> None:
        sizes(("Few", 3), ("Ten", 10), ("Also ten", 10), ("Twelve", 12))
        seen = self.booked(browse, evaluator)
        assert {title: booked for title, (booked, _in) in seen.items()} == {
            "Few": "not shown",
            "Ten": "not shown",
            "Also ten": "not shown",
            "Twelve": "12",
        }
        assert {booked for booked, _in in self.booked(browse, admin).values()} == {"3", "10", "12"}

    def test_goes_alone_with_the_only_other(
        self, browse: Browse, evaluator: Person, sizes: Callable[..., Sequence[Event]]
    ) -> None:
        events = sizes(("Ten", 10), ("Few", 3))
        assert {booked for booked, _in in self.booked(browse, evaluator).values()} == {"not shown"}
        for event in events:
            (row,) = table(browse.get("/evaluation/events", event=event.slug), "events")
            of_booking, of_survey = row[4:9], row[11:13]
            assert {*of_booking, *of_survey} == {"not shown"}

    def test_counts_those_who_walked_in(
        self, browse: Browse, evaluator: Person, sizes: Callable[..., Sequence[Event]]
    ) -> None:
        sizes(("Twelve", 12), ("Ten", 10), walk_ins=2)
        assert self.booked(browse, evaluator) == {"Twelve": ("12", "0"), "Ten": ("not shown", "not shown")}

    def test_spares_courses_while_it_can(
        self, browse: Browse, evaluator: Person, sizes: Callable[..., Sequence[Event]]
    ) -> None:
        sizes(("Few", 3), ("Twenty", 20), course=6)
        assert {title: booked for title, (booked, _in) in self.booked(browse, evaluator).items()} == {
            "Few": "not shown",
            "Twenty": "not shown",
            "Course": "6",
        }

    def test_takes_a_course_with_its_half_days(
        self, browse: Browse, evaluator: Person, clock: FixedClock, sizes: Callable[..., Sequence[Event]]
    ) -> None:
        sizes(("Few", 3), course=6)
        clock.move(timedelta(days=60))
        assert {booked for booked, _in in self.booked(browse, evaluator).values()} == {"not shown"}
        page = browse.get("/evaluation/reach")
        assert {cell for row in table(page, "half-days") for cell in row[3:]} == {"not shown"}
        assert [row[-2:] for row in table(page, "courses")] == [["not shown", "not shown"]]

    def test_hides_nothing_where_nothing_is_small(
        self, browse: Browse, evaluator: Person, sizes: Callable[..., Sequence[Event]]
    ) -> None:
        sizes(("Five", 5), ("Ten", 10))
        assert {booked for booked, _in in self.booked(browse, evaluator).values()} == {"5", "10"}


def _reminder(now: object, person_id: int, booking_id: int) -> Outbox:
    return Outbox(
        key=f"reminder {booking_id}",
        person_id=person_id,
        channel="email",
        urgency="timely",
        template="reminder",
        params={"booking_id": booking_id},
        posted_at=now,
        due_at=now,
        state=OutboxState.SENT,
        message_id=f"<{booking_id}@cop.example>",
    )


def _promise(now: object, person_id: int, event_id: int, state: CommitmentState, **columns: object) -> Commitment:
    made = {"kind": CommitmentKind.ACTION, "source_kind": "event", "what": "Begin", **columns}
    return Commitment(person_id=person_id, source_id=event_id, state=state, made_at=now, changed_at=now, **made)


class TestAnswers:
    ITEMS: Sequence[dict[str, object]] = (
        {"code": "e1_2", "kind": "rating", "text": "How relevant was it?", "labels": ["Not", "A bit", "Very"]},
        {
            "code": "barriers",
            "kind": "choices",
            "text": "What stood in the way?",
            "options": [["time", "Time"], ["x", "X"]],
        },
    )

    def _answered(self, make: Make, surveys: Surveys, people: int) -> Event:
        event = make.visit("A morning", capacity=None)
        asked = [make.person(f"Participant {number}") for number in range(people)]
        waiting = surveys.put(asked, event, Mode.NAMED, items=self.ITEMS)
        for number, one in enumerate(waiting):
            surveys.answer(one, e1_2=2 if number else 3, barriers=["time"])
        return event

    def test_are_medians_by_event_of_five_at_least(
        self, browse: Browse, evaluator: Person, make: Make, surveys: Surveys
    ) -> None:
        self._answered(make, surveys, 4)
        browse.sign_in(evaluator)
        assert table(browse.get("/evaluation/learning"), "rated-e1_2") == []
        event = self._answered(make, surveys, 6)
        page = browse.get("/evaluation/learning")
        assert table(page, "rated-e1_2") == [["A morning, just after", "6", "A bit"]]
        assert len(table(browse.get("/evaluation/learning", event=event.slug), "rated-e1_2")) == 1

    def test_are_counted_unless_few_chose_them(
        self, browse: Browse, evaluator: Person, admin: Person, make: Make, surveys: Surveys
    ) -> None:
        event = make.visit("A morning", capacity=None)
        asked = [make.person(f"Participant {number}") for number in range(12)]
        for number, one in enumerate(surveys.put(asked, event, Mode.NAMED, items=self.ITEMS)):
            surveys.answer(one, barriers=["time"] if number < 10 else ["x"])
        page = browse.sign_in(admin).get("/evaluation/actions")
        assert table(page, "barriers") == [["Time", "10"], ["X", "2"]]
        assert table(browse.sign_in(evaluator).get("/evaluation/actions"), "barriers") == []

    def test_show_how_applicants_heard_of_it(
        self, browse: Browse, evaluator: Person, admin: Person, make: Make, evidence: Evidence, work: Working
    ) -> None:
        course = evidence.course()
        for number in range(9):
            evidence.application(make.person(f"Applicant {number}"), course, answers={"heard": "a" if number else "b"})
        page = browse.sign_in(admin).get("/evaluation/reach")
        assert table(page, "heard") == []  # this course does not ask
        assert "Nobody has been asked this" in page.text


class TestPlans:
    def test_are_counted_by_state_and_review(
        self, browse: Browse, admin: Person, make: Make, evidence: Evidence, work: Working, clock: FixedClock
    ) -> None:
        course = evidence.course("Change makers")
        people = [make.person(f"Participant {number}") for number in range(4)]
        for person in people:
            evidence.participant(person, course)
        due = clock.now().date() - timedelta(days=1)
        with work() as unit:
            plans = [
                _promise(unit.now, person.id, course.id, state, kind=CommitmentKind.PLAN, check_on=due)
                for person, state in zip(people, (CommitmentState.DONE, CommitmentState.STUCK), strict=False)
            ]
            unit.session.add_all(plans)
            unit.session.flush()
            unit.session.add(
                CommitmentCheck(
                    commitment_id=plans[0].id,
                    on_date=due,
                    state=CommitmentState.DONE,
                    by_person_id=people[0].id,
                    at=unit.now,
                )
            )
        page = browse.sign_in(admin).get("/evaluation/actions")
        assert table(page, "plans") == [["Change makers", "4", "2", "0", "0", "1", "1", "0", "2", "1"]]
        assert page.click("Change makers").path == f"/cohorts/{course.slug}/plans"

    def test_of_few_are_hidden_from_evaluators(
        self, browse: Browse, evaluator: Person, make: Make, evidence: Evidence
    ) -> None:
        course = evidence.course("Change makers")
        for number in range(3):
            evidence.participant(make.person(f"Participant {number}"), course)
        ((_title, people, without, *_more),) = table(browse.sign_in(evaluator).get("/evaluation/actions"), "plans")
        assert (people, without) == ("fewer than 5", "fewer than 5")


class TestTheReserve:
    def test_counts_who_was_told(self, browse: Browse, admin: Person, make: Make, evidence: Evidence) -> None:
        course = evidence.course("Change makers")
        waiting = evidence.application(make.person(), course)
        evidence.decision(waiting, admin, DecisionOutcome.RESERVE, rank=1)
        browse.sign_in(admin)
        assert table(browse.get("/evaluation/reach"), "courses") == [["Change makers", "1", "0", "0", "0", "0"]]
        evidence.release(course)
        assert table(browse.get("/evaluation/reach"), "courses") == [["Change makers", "1", "1", "0", "0", "0"]]


class TestLargeProgrammes:
    @pytest.fixture(autouse=True)
    def large_from_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(kept, "LARGE", 1)

    def test_are_counted_at_night_and_shown_as_they_were(
        self, app: Flask, browse: Browse, admin: Person, make: Make, crowd: Crowd, clock: FixedClock, reading: Reads
    ) -> None:
        with app.app_context():
            assert keep_figures.run() == "figures of 1 programmes counted"
            assert keep_figures.run() == "figures of 0 programmes counted"
        before = {path: tables(browse.sign_in(admin).get(f"/evaluation/{path}")) for path in ("reach", "events")}
        make.booking(make.person(), crowd.first)
        for path, shown in before.items():
            page = browse.get(f"/evaluation/{path}")
            assert tables(page) == shown
            assert "This programme is large" in page.text
        assert table(browse.get("/evaluation/events", event=crowd.first.slug), "events")[0][4] == "25"
        clock.move(timedelta(days=1))
        with app.app_context():
            assert keep_figures.run() == "figures of 1 programmes counted"
        assert table(browse.get("/evaluation/events"), "events")[-1][4] == "25"

    def test_are_the_same_counted_at_night_or_by_day(
        self, app: Flask, browse: Browse, admin: Person, crowd: Crowd
    ) -> None:
        live = {path: tables(browse.sign_in(admin).get(f"/evaluation/{path}")) for path in ("reach", "events")}
        with app.app_context():
            keep_figures.run()
        for path, shown in live.items():
            assert tables(browse.get(f"/evaluation/{path}")) == shown

    def test_are_counted_anew_for_the_system(
        self, app: Flask, make: Make, crowd: Crowd, reading: Reads, admin: Person
    ) -> None:
        with app.app_context():
            keep_figures.run()
        make.booking(make.person(), crowd.first)
        booked = []
        for actor in (SYSTEM, make.actor(admin)):
            with reading(actor) as read:
                found = queries.event_funnels(read, make.programme(), withheld=None)
                booked.append(found[-1].booked.value)
        assert booked == [25, 24]

    def test_that_are_large_no_more_are_forgotten(
        self, app: Flask, crowd: Crowd, work: Working, reading: Reads, make: Make
    ) -> None:
        with work() as unit:
            services.keep(unit, programme_id=make.programme().id)
        with work() as unit:
            services.forget(unit, programme_ids=[])
        with reading() as read:
            assert read.session.scalars(select(KeptFigures)).all() == []
