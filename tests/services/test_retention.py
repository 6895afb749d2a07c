"""Every kind of data goes when its time is over and not a second before, by rules that admins change within limits."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from cop.core.access import SYSTEM, Actor
from cop.core.errors import NotFound, Refusal
from cop.core.work import Work
from cop.models.accounts import Person, SignIn
from cop.models.attendance_reports import AttendanceImport, ImportState, ReportedPerson, ReportKind
from cop.models.audit import Audit
from cop.models.doors import DoorCode, DoorTry
from cop.models.events import Arrangement, Event
from cop.models.files import File
from cop.models.forum_mail import ForumAnswer, MailOutcome
from cop.models.members import Relay
from cop.models.merging import AddressChange
from cop.models.outbox import Bounce, Outbox, OutboxChannel, OutboxClass, OutboxState
from cop.models.privacy import (
    Breach,
    Erasure,
    PrivacyRequest,
    RequestKind,
    RequestState,
    RequestStep,
    RequestWay,
    RetentionRule,
    RetentionRun,
    StepKind,
)
from cop.models.replies import CalendarReply, Participation, ReplyState
from cop.models.security import Device, FactorTry
from cop.models.service import Observation
from cop.models.summits import Substitution, SubstitutionState
from cop.models.tasks import Task, TaskState
from cop.models.telling import Interest
from cop.models.webinars import Registration
from cop.queries import retention as queries
from cop.queries.retention import KINDS
from cop.services import retention as services
from scheduled import purge_expired
from scheduled.one_by_one import IncompleteError
from tests.support.clock import FixedClock
from tests.support.cohorts import begin, course
from tests.support.make import Make, Reads, Working
from tests.support.summits import invitation_of, invite, make_summit

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)

SHA = "a" * 64

ELSEWHERE = {"applications", "equality"}
"""Told by the tests of closed rounds and of the statistics."""


class Stuff:
    """Rows of each kind whose time begins now."""

    def __init__(self, make: Make, work: Working, reading: Reads, clock: FixedClock) -> None:
        self.make, self.work, self.reading, self.clock = make, work, reading, clock
        self.person = make.person()

    def add(self, code: str) -> None:
        if code == "drafts":
            self._draft()
            return
        found = getattr(self, f"_{code.replace('-', '_')}")()
        with self.work() as unit:
            for row in found if isinstance(found, list) else [found]:
                unit.session.add(row(unit) if callable(row) else row)
                unit.session.flush()

    @property
    def now(self) -> Any:
        return self.clock.now()

    def _draft(self) -> None:
        event = course(self.work, self.make)
        begin(self.work, self.make, self.person, event)
        with self.work() as unit:
            unit.session.get_one(Event, event.id).closes_at = self.now

    def _needs(self) -> Arrangement:
        booked = self.make.booking(self.person, self.make.visit())
        return Arrangement(booking_id=booked.id, access="A ramp", saved_at=self.now, forget_at=self.now + 30 * DAY)

    def _outbox(self) -> Outbox:
        return Outbox(
            key="k",
            address="a@home.example",
            channel=OutboxChannel.EMAIL,
            urgency=OutboxClass.NOW,
            template="test",
            params={},
            posted_at=self.now,
            due_at=self.now,
            state=OutboxState.SENT,
            message_id="m",
        )

    def _messages(self) -> Outbox:
        return self._outbox()

    def _bounces(self) -> Bounce:
        return Bounce(address="a@home.example", hard=False, report_id="r", at=self.now)

    def _calendar_answers(self) -> CalendarReply:
        return CalendarReply(
            message_id="m", participation=Participation.ACCEPTED, state=ReplyState.APPLIED, came_at=self.now
        )

    def _forum_answers(self) -> ForumAnswer:
        return ForumAnswer(message_id="m", outcome=MailOutcome.REFUSED, came_at=self.now)

    def _letters(self) -> Relay:
        other = self.make.person()
        return Relay(from_person_id=self.person.id, to_person_id=other.id, body="Hello", sent_at=self.now)

    def _report(self, state: ImportState) -> AttendanceImport:
        visit = self.make.visit()
        applied = None if state is ImportState.DRAFT else self.now
        return AttendanceImport(
            event_id=visit.id,
            part_id=visit.parts[0].id,
            sha256=SHA,
            filename="r.csv",
            kind=next(iter(ReportKind)),
            state=state,
            made_at=self.now,
            applied_at=applied,
        )

    def _report_names(self) -> list[Any]:
        report = self._report(ImportState.APPLIED)
        return [
            report,
            lambda _unit: ReportedPerson(import_id=report.id, line=1, came=True, name="Ana", email="ana@home.example"),
        ]

    def _report_drafts(self) -> AttendanceImport:
        return self._report(ImportState.DRAFT)

    def _substitution(self, state: SubstitutionState) -> Substitution:
        summit = make_summit(self.make, self.work)
        invite(self.work, summit, self.person)
        held = invitation_of(self.reading, summit, self.person)
        decided = None if state is SubstitutionState.PROPOSED else self.now
        return Substitution(
            invitation_id=held.id,
            name="Ana",
            email="ana@home.example",
            state=state,
            proposed_at=self.now,
            decided_at=decided,
        )

    def _substitutes(self) -> Substitution:
        return self._substitution(SubstitutionState.DECLINED)

    def _substitutes_undecided(self) -> Substitution:
        return self._substitution(SubstitutionState.PROPOSED)

    def _interest(self) -> Interest:
        return Interest(programme_id=self.make.programme().id, address="ana@home.example", asked_at=self.now)

    def _registrations(self) -> Registration:
        return Registration(
            email="ana@home.example", name="Ana", wanted={}, asked_at=self.now - DAY, expires_at=self.now
        )

    def _sign_ins(self) -> SignIn:
        return SignIn(email="ana@home.example", next_path="/", asked_at=self.now, expires_at=self.now)

    def _door_tries(self) -> list[Any]:
        visit = self.make.visit()
        code = DoorCode(
            code="c",
            event_id=visit.id,
            part_id=visit.parts[0].id,
            opens_at=self.now,
            closes_at=self.now + DAY,
            made_at=self.now,
        )
        return [code, lambda _unit: DoorTry(code_id=code.id, asked_from="n", at=self.now)]

    def _factor_tries(self) -> FactorTry:
        return FactorTry(person_id=self.person.id, at=self.now)

    def _request(self, **more: Any) -> PrivacyRequest:
        return PrivacyRequest(
            **{
                "kind": RequestKind.COMPLAINT,
                "name": "Ana",
                "came_by": RequestWay.FORM,
                "asked_for": "So",
                "received_at": self.now,
                "due_on": self.now.date(),
                **more,
            }
        )

    def _request_networks(self) -> PrivacyRequest:
        return self._request(asked_from="n", asked_as="a")

    def _requests(self) -> list[Any]:
        request = self._request(state=RequestState.ANSWERED, closed_at=self.now)
        return [
            request,
            lambda _unit: RequestStep(request_id=request.id, at=self.now, what=StepKind.RECEIVED),
            lambda _unit: Erasure(person_id=self.person.id, request_id=request.id, at=self.now, effects={}),
        ]

    def _devices(self) -> Device:
        return Device(
            person_id=self.person.id, session_epoch=0, browser="Firefox", signed_in_at=self.now, seen_at=self.now
        )

    def _address_changes(self) -> AddressChange:
        return AddressChange(person_id=self.person.id, email="ana@home.example", asked_at=self.now, expires_at=self.now)

    def _looks(self) -> Observation:
        return Observation(kind="viewed", subject_kind="resource", subject_id=1, person_id=self.person.id, at=self.now)

    def _task_files(self) -> list[Any]:
        file = File(sha256=SHA, size=1, media_type="text/csv", made_at=self.now)
        return [file, self._task(sha256=SHA)]

    def _task(self, **more: Any) -> Task:
        return Task(kind="export", params={}, state=TaskState.DONE, asked_at=self.now, ended_at=self.now, **more)

    def _tasks(self) -> Task:
        return self._task()

    def _files(self) -> File:
        return File(sha256=SHA, size=1, media_type="text/csv", made_at=self.now)

    def _breaches(self) -> Breach:
        return Breach(noticed_at=self.now, what="A list went astray", closed_at=self.now, made_at=self.now)

    def _audit(self) -> list[Any]:
        return []  # what made the person of these tests

    def _reads(self) -> Observation:
        return Observation(kind="diets read", subject_kind="event", subject_id=1, person_id=None, at=self.now)

    def _nights(self) -> RetentionRun:
        return RetentionRun(at=self.now, removed={"tasks": 1}, failed=[])


@pytest.fixture
def stuff(make: Make, work: Working, reading: Reads, clock: FixedClock) -> Stuff:
    return Stuff(make, work, reading, clock)


@pytest.fixture
def admin(make: Make) -> Actor:
    return make.actor(make.admin())


@pytest.fixture
def due(reading: Reads) -> Callable[..., queries.Due]:
    """What a dry run says of a kind, for the days of its rule or for others."""

    def look(code: str, days: int | None = None) -> queries.Due:
        with reading() as read:
            return queries.due(read, KINDS[code], days or queries.days(read)[code])

    return look


@pytest.fixture
def purge(work: Working) -> Callable[[str], int]:
    def remove(code: str) -> int:
        with work() as unit:
            return services.purge(unit, code=code, limit=100)

    return remove


@pytest.mark.parametrize("code", [code for code in KINDS if code not in ELSEWHERE])
def test_a_kind_goes_a_second_after_its_time(
    code: str,
    stuff: Stuff,
    clock: FixedClock,
    due: Callable[..., queries.Due],
    purge: Callable[[str], int],
) -> None:
    begins = clock.now()
    stuff.add(code)
    clock.move(KINDS[code].days * DAY)
    assert (due(code).rows, purge(code)) == (0, 0)
    clock.move(SECOND)
    told = due(code)
    assert told.rows >= 1
    assert told.oldest == begins
    assert purge(code) == told.rows
    assert (due(code), purge(code)) == (queries.Due(0, None), 0)


class TestWhatStays:
    def test_a_look_is_counted_without_the_person(
        self, stuff: Stuff, clock: FixedClock, purge: Callable[[str], int], reading: Reads
    ) -> None:
        stuff.add("looks")
        stuff.add("reads")
        clock.move(731 * DAY)
        assert purge("looks") == 1
        with reading() as read:
            looks = select(Observation.kind, Observation.person_id).order_by(Observation.id)
            assert read.session.execute(looks).all() == [("viewed", None), ("diets read", None)]

    def test_an_open_request_is_kept_whatever_its_age(
        self, stuff: Stuff, clock: FixedClock, purge: Callable[[str], int], reading: Reads
    ) -> None:
        stuff.add("request-networks")
        clock.move(4_000 * DAY)
        assert [purge("requests"), purge("request-networks")] == [0, 1]
        with reading() as read:
            assert read.session.scalars(select(PrivacyRequest.asked_from)).all() == [None]

    def test_a_request_goes_with_its_steps_and_the_erasure_stays(
        self, stuff: Stuff, clock: FixedClock, purge: Callable[[str], int], reading: Reads
    ) -> None:
        stuff.add("requests")
        clock.move(1_096 * DAY)
        assert purge("requests") == 1
        with reading() as read:
            assert read.session.scalar(select(func.count()).select_from(RequestStep)) == 0
            assert read.session.scalars(select(Erasure.request_id)).all() == [None]

    def test_a_breach_that_is_open_and_mail_that_waits_stay(
        self, stuff: Stuff, work: Working, clock: FixedClock, purge: Callable[[str], int]
    ) -> None:
        stuff.add("breaches")
        stuff.add("messages")
        with work() as unit:
            unit.session.scalars(select(Breach)).one().closed_at = None
            unit.session.scalars(select(Outbox)).one().state = OutboxState.PENDING
        clock.move(9_000 * DAY)
        assert [purge("breaches"), purge("messages")] == [0, 0]

    def test_a_seat_in_a_report_keeps_its_minutes(
        self, stuff: Stuff, clock: FixedClock, purge: Callable[[str], int], reading: Reads
    ) -> None:
        stuff.add("report-names")
        clock.move(31 * DAY)
        assert [purge("report-names"), purge("report-drafts")] == [1, 0]
        with reading() as read:
            assert [(person.name, person.line) for person in read.session.scalars(select(ReportedPerson))] == [
                (None, 1)
            ]


class TestRules:
    def change(self, work: Working, actor: Actor, code: str = "tasks", days: int = 60, why: str = "Audits") -> None:
        with work(actor) as unit:
            services.change(unit, code=code, days=days, why=why)

    def test_hold_from_tonight_on(
        self,
        stuff: Stuff,
        work: Working,
        admin: Actor,
        clock: FixedClock,
        due: Callable[..., queries.Due],
        purge: Callable[[str], int],
    ) -> None:
        stuff.add("tasks")
        clock.move(40 * DAY)
        assert (due("tasks").rows, due("tasks", 60).rows) == (1, 0)
        self.change(work, admin)
        assert purge("tasks") == 0
        self.change(work, admin, days=39)
        assert purge("tasks") == 1

    def test_move_needs_that_were_saved_before(
        self, stuff: Stuff, work: Working, admin: Actor, clock: FixedClock, purge: Callable[[str], int]
    ) -> None:
        stuff.add("needs")
        self.change(work, admin, "needs", 7)
        clock.move(7 * DAY)
        assert purge("needs") == 0
        clock.move(SECOND)
        assert purge("needs") == 1

    @pytest.mark.parametrize("code", KINDS)
    def test_stay_within_their_limits(self, code: str, work: Working, admin: Actor) -> None:
        kind = KINDS[code]
        assert kind.least <= kind.days <= kind.most
        for days in (kind.least - 1, kind.most + 1):
            with pytest.raises(Refusal) as refused:
                self.change(work, admin, code, days)
            assert refused.value.field == "days"
        for days in (kind.least, kind.most):
            self.change(work, admin, code, days)

    @pytest.mark.parametrize("why", ["", "  ", "x" * (services.WHY_MOST + 1)])
    def test_need_a_reason(self, work: Working, admin: Actor, why: str) -> None:
        with pytest.raises(Refusal) as refused:
            self.change(work, admin, why=why)
        assert refused.value.field == "why"

    def test_go_back_to_the_service_s_own(self, work: Working, admin: Actor, reading: Reads) -> None:
        self.change(work, admin)
        with reading(admin) as read:
            told = queries.one(read, "tasks")
            assert (told.days, told.why_changed, told.changed_by) == (60, "Audits", "Ada Admin")
        for _twice in range(2):
            with work(admin) as unit:
                services.restore(unit, code="tasks")
        with reading(admin) as read:
            assert queries.one(read, "tasks") == queries.Rule(KINDS["tasks"], 28)
            assert queries.kept(read, "tasks") == 28 * DAY

    def test_are_for_admins_of_everything(self, work: Working, make: Make, reading: Reads, admin: Actor) -> None:
        outsider = make.actor(make.account())
        with pytest.raises(NotFound):
            self.change(work, outsider)
        with pytest.raises(NotFound):
            self.change(work, admin, "nonsense")
        with pytest.raises(NotFound), work(outsider) as unit:
            services.restore(unit, code="tasks")
        with pytest.raises(NotFound), work(admin) as unit:
            services.purge(unit, code="tasks", limit=1)
        with reading(outsider) as read:
            for look in (
                lambda: queries.rules(read),
                lambda: queries.due(read, KINDS["tasks"], 1),
                lambda: queries.runs(read),
            ):
                with pytest.raises(NotFound):
                    look()
        with pytest.raises(NotFound), reading(admin) as read:
            queries.one(read, "nonsense")

    def test_changed_twice_at_once_are_one_rule(self, app: Flask, work: Working, admin: Actor, reading: Reads) -> None:
        together = Barrier(2)

        def change(days: int) -> None:
            together.wait()
            with work(admin) as unit:
                services.change(unit, code="tasks", days=days, why="So")

        threads = [Thread(target=change, args=(days,)) for days in (50, 60)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with reading() as read:
            assert len(read.session.scalars(select(RetentionRule)).all()) == 1
            assert queries.days(read)["tasks"] in (50, 60)


class TestTheNight:
    def run(self, app: Flask) -> str:
        with app.app_context():
            return purge_expired.run()

    def nights(self, reading: Reads) -> list[tuple[dict[str, int], list[str]]]:
        with reading() as read:
            return [(dict(run.removed), list(run.failed)) for run in queries.runs(read)]

    def test_is_noted_with_what_it_removed(self, app: Flask, stuff: Stuff, clock: FixedClock, reading: Reads) -> None:
        assert self.run(app) == "nothing removed"
        assert self.nights(reading) == []
        stuff.add("sign-ins")
        stuff.add("tasks")
        clock.move(29 * DAY)
        assert self.run(app) == "1 sign-ins, 1 tasks removed"
        assert self.nights(reading) == [({"sign-ins": 1, "tasks": 1}, [])]
        self.run(app)
        assert len(self.nights(reading)) == 1

    def test_goes_on_where_one_kind_fails(
        self,
        app: Flask,
        stuff: Stuff,
        clock: FixedClock,
        reading: Reads,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def broken(work: Work, *_rest: Any) -> int:
            work.session.execute(delete(Person))
            return 0

        monkeypatch.setattr(services, "REMOVERS", {**services.REMOVERS, "sign-ins": broken})
        stuff.add("messages")
        stuff.add("tasks")
        clock.move(366 * DAY)
        with pytest.raises(IncompleteError, match="1 messages, 1 tasks removed, 1 kinds failed"):
            self.run(app)
        assert self.nights(reading) == [({"messages": 1, "tasks": 1}, ["sign-ins"])]
        logged = [record.__dict__["fields"] for record in caplog.records if record.name == "scheduled.purge_expired"]
        assert logged == [{"kind": "sign-ins"}]
        with reading() as read:
            assert read.session.get(Person, stuff.person.id)

    def test_works_in_batches(
        self, app: Flask, work: Working, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(purge_expired, "BATCH", 2)
        with work() as unit:
            unit.session.add_all(
                SignIn(email=f"{number}@home.example", next_path="/", asked_at=unit.now, expires_at=unit.now)
                for number in range(5)
            )
        clock.move(2 * DAY)
        assert self.run(app) == "5 sign-ins removed"

    def test_leaves_rows_that_another_night_holds(
        self, app: Flask, stuff: Stuff, work: Working, clock: FixedClock, purge: Callable[[str], int]
    ) -> None:
        stuff.add("sign-ins")
        clock.move(2 * DAY)
        counted = []

        def other() -> None:
            with app.app_context():
                counted.append(purge("sign-ins"))

        with work(SYSTEM) as unit:
            assert services.purge(unit, code="sign-ins", limit=9) == 1
            beside = Thread(target=other)
            beside.start()
            beside.join()
        assert counted == [0]
        assert purge("sign-ins") == 0


def test_the_oldest_line_of_the_audit_is_what_the_dry_run_tells(
    stuff: Stuff, clock: FixedClock, due: Callable[..., queries.Due], reading: Reads
) -> None:
    with reading() as read:
        first = read.session.scalar(select(func.min(Audit.at)))
    clock.move(2_192 * DAY)
    assert due("audit").oldest == first
