"""Reports of who came: whom they find, what they mark, what people decide, and how all of it is taken back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.formats.tables import TableError
from cop.models.attendance_reports import AttendanceImport, ImportState, ReportedInterval, ReportedPerson
from cop.models.events import Attendance, Booking, BookingState, Event, EventState, Mark, MarkSource, Part
from cop.queries.soundness import unsound
from cop.services.events import attendance as marking
from cop.services.imports import attendance
from cop.services.imports.attendance.matching import Holder, proposals
from scheduled import purge_expired
from tests.support.attendance_reports import LONDON, Reports, said, zoom
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.merging import Merging
from tests.support.waiting import Line

BEGINS = datetime(2026, 3, 9, 10, tzinfo=UTC)
AFTER = datetime(2026, 3, 9, 13, tzinfo=UTC)
AMINA, BEN = "amina@council.example", "ben@council.example"


@pytest.fixture
def reports(make: Make, work: Working, reading: Reads) -> Reports:
    return Reports(make, work, reading)


@pytest.fixture
def meeting(make: Make, clock: FixedClock) -> Event:
    """An hour from 10, which Amina and Ben have booked, and which is over."""
    event = make.visit(slots=[BEGINS])
    for name, email in (("Amina Khan", AMINA), ("Ben Okafor", BEN)):
        make.booking(make.account(name, email), event)
    clock.set(AFTER)
    return event


def mark_by_hand(work: Working, event: Event, seat_id: int, status: Attendance, source: MarkSource) -> None:
    with work() as unit:
        marking.mark(unit, part_id=event.parts[0].id, seat_id=seat_id, status=status, source=source)


def test_who_is_found_by_their_address_is_marked_by_their_minutes(reports: Reports, meeting: Event) -> None:
    kept = reports.keep(meeting, ("Amina K", AMINA, "09:58", "11:00"), ("Ben Okafor", BEN.upper(), "10:00", "10:30"))
    assert reports.said(kept) == ["2 email mark", "3 email mark"]
    assert reports.marks(meeting) == []
    reports.read(meeting, ("Amina K", AMINA, "09:58", "11:00"), ("Ben Okafor", BEN.upper(), "10:00", "10:30"))
    assert reports.marks(meeting) == ["attended 62 import", "partial 30 import"]
    assert reports.said(kept) == ["2 email none: marked so already", "3 email none: marked so already"]


@pytest.mark.parametrize(("minutes", "status"), [(44, "partial"), (45, "attended"), (0, "partial"), (None, "attended")])
def test_three_quarters_of_the_time_is_attendance(minutes: int | None, status: str, meeting: Event) -> None:
    assert marking.status_by_minutes(meeting.parts[0], minutes) == status


def test_a_stranger_with_an_address_comes_without_a_booking_and_without_is_left(
    reports: Reports, meeting: Event, reading: Reads, make: Make
) -> None:
    make.person("Known Elsewhere", "known@council.example")
    rows = (
        ("Nia Rees", "nia@health.example", "10:00", "11:00"),
        ("Known Elsewhere", "known@council.example", "10:00", "11:00"),
        ("iPhone", "", "10:00", "11:00"),
        ("Odd", "odd@nowhere..example", "10:00", "11:00"),
    )
    kept = reports.keep(meeting, *rows)
    assert reports.said(kept) == [
        "2 none walk-in: had not booked",
        "3 email walk-in: had not booked",
        "4 none none: no e-mail address, and nobody of this name has booked",
        "5 none none: the e-mail address cannot be right",
    ]
    reports.read(meeting, *rows)
    assert reports.marks(meeting) == ["attended 60 import"] * 2
    with reading() as read:
        made = read.session.scalars(select(Booking).where(Booking.source == "walk-in")).all()
        assert len(made) == 2
        assert unsound(read) == []
    assert reports.said(kept)[:2] == ["2 none none: marked so already", "3 email none: marked so already"]


def test_a_name_alone_is_a_question_and_two_of_a_name_are_too_many(
    reports: Reports, meeting: Event, make: Make, clock: FixedClock
) -> None:
    clock.set(BEGINS - timedelta(days=3))
    for email in ("one@council.example", "two@council.example"):
        make.booking(make.account("Jo Marsh", email), meeting)
    clock.set(AFTER)
    kept = reports.keep(
        meeting,
        ("AMINA  KHÀN", "", "10:00", "11:00"),
        ("Jo Marsh", "", "10:00", "11:00"),
        ("Ben Okafor", "ben.at.home@mail.example", "10:00", "11:00"),
    )
    assert reports.said(kept) == [
        "2 name confirm: found by the name alone: a person decides",
        "3 ambiguous confirm: more than one person has this name or this address: a person decides",
        "4 name confirm: found by the name alone: a person decides",
    ]
    with reports.work() as work:
        attendance.apply(work, event_id=meeting.id, public_id=kept.public_id)
    assert reports.marks(meeting) == []


def test_people_of_one_party_with_one_address_are_told_apart_by_their_names(
    reports: Reports, make: Make, clock: FixedClock
) -> None:
    event = make.visit(slots=[BEGINS])
    make.booking(make.account("Amina Khan", AMINA), event, party_size=3, names=["Sami Khan"])
    clock.set(AFTER)
    with reports.work() as work:
        kept = attendance.keep_report(
            work,
            event_id=event.id,
            part_id=event.parts[0].id,
            data=f"Name,Email,Attended\nSami Khan,{AMINA},yes\nAmina Khan,{AMINA},yes\nA Friend,{AMINA},yes\n".encode(),
            filename="list.csv",
            zone=LONDON,
        )
    assert reports.said(kept) == [
        "2 email mark",
        "3 email mark",
        "4 ambiguous confirm: more than one person has this name or this address: a person decides",
    ]
    with reports.work() as work:
        attendance.apply(work, event_id=event.id, public_id=kept.public_id)
    assert reports.marks(event) == ["attended None import"] * 2
    reports.decide(event, kept, 2, walk_in=True)
    assert reports.marks(event) == ["attended None import"] * 3
    assert len(reports.seats(event)) == 4


def test_the_address_of_a_merged_record_leads_to_the_one_that_was_kept(
    app: object, reports: Reports, meeting: Event, make: Make, reading: Reads
) -> None:
    with reading() as read:
        amina = read.session.scalars(select(Booking.person_id).order_by(Booking.id)).first()
    old = make.person("A Khan", "a.khan@old.example")
    with reading() as read:
        kept_one = read.session.get_one(type(old), amina)
    Merging(app).people(kept_one, old)  # type: ignore[arg-type]
    kept = reports.read(meeting, ("A K", "a.khan@old.example", "10:00", "10:30"), ("Amina", AMINA, "10:20", "11:00"))
    assert reports.marks(meeting) == ["attended 60 import"]
    assert [person.match for person in reports.people(kept)] == ["email", "email"]


def test_the_same_file_again_changes_nothing(reports: Reports, meeting: Event, reading: Reads) -> None:
    rows = (("Amina", AMINA, "10:00", "11:00"), ("Nia", "nia@health.example", "10:00", "10:10"))
    first = reports.read(meeting, *rows)
    again = reports.read(meeting, *rows)
    assert first.id == again.id
    with reading() as read:
        plan = attendance.plan_file(
            read,
            read.session.get_one(Part, meeting.parts[0].id),
            reports.file(meeting, *rows),
            zone=LONDON,
        )
        assert len(read.session.scalars(select(Mark)).all()) == 2
    assert said(plan) == ["2 email none: marked so already", "3 none none: marked so already"]


def test_a_second_report_of_the_same_meeting_adds_to_the_first(
    reports: Reports, meeting: Event, reading: Reads
) -> None:
    first = reports.read(meeting, ("Amina", AMINA, "10:00", "10:20"), ("Ben", BEN, "10:00", "10:20"))
    assert reports.marks(meeting) == ["partial 20 import"] * 2
    second = reports.read(meeting, ("Amina", AMINA, "10:15", "11:00"))
    assert reports.marks(meeting) == ["attended 60 import", "partial 20 import"]
    reports.take_back(meeting, first)
    assert reports.marks(meeting) == ["attended 45 import"]
    reports.take_back(meeting, second)
    assert reports.marks(meeting) == []
    with reading() as read:
        history = read.session.scalars(select(Mark).order_by(Mark.id)).all()
    assert len(history) == 4
    assert all(mark.superseded_at is not None for mark in history)


def test_what_somebody_marked_stands_and_the_difference_is_settled_by_a_person(
    reports: Reports, meeting: Event, work: Working, reading: Reads, clock: FixedClock, make: Make
) -> None:
    amina, ben = reports.seats(meeting)
    mark_by_hand(work, meeting, amina, Attendance.ABSENT, MarkSource.CHECK_IN)
    mark_by_hand(work, meeting, ben, Attendance.ATTENDED, MarkSource.SELF_CHECK_IN)
    clock.move(timedelta(hours=1))
    kept = reports.read(meeting, ("Amina", AMINA, "10:00", "11:00"), ("Ben", BEN, "10:00", "11:00"))
    assert reports.marks(meeting) == ["absent None check-in", "attended None self-check-in"]
    assert reports.said(kept) == [
        "2 email none: checked in at the door as absent, which stands",
        "3 email none: checked themselves in as attended, which stands",
    ]
    (differs,) = differences(reading, make, meeting)
    assert (differs.name, differs.by_hand, differs.by_report, differs.minutes) == (
        "Amina Khan",
        Attendance.ABSENT,
        Attendance.ATTENDED,
        60,
    )
    admin = make.actor(make.admin())
    settle = {"event_id": meeting.id, "part_id": differs.part.id, "seat_id": amina, "seen": differs.mark_id}
    with pytest.raises(Refusal, match="Somebody else"), work(admin) as unit:
        attendance.reconcile(unit, **{**settle, "seen": 999}, by_report=True)
    with work(admin) as unit:
        attendance.reconcile(unit, **settle, by_report=False)
    assert reports.marks(meeting)[0] == "absent None roster"
    assert differences(reading, make, meeting) == []


def test_the_word_of_the_report_may_be_taken(
    reports: Reports, meeting: Event, work: Working, reading: Reads, make: Make, clock: FixedClock
) -> None:
    amina, _ = reports.seats(meeting)
    mark_by_hand(work, meeting, amina, Attendance.ABSENT, MarkSource.ROSTER)
    clock.move(timedelta(hours=1))
    reports.read(meeting, ("Amina", AMINA, "10:00", "10:20"))
    (differs,) = differences(reading, make, meeting)
    with work(make.actor(make.admin())) as unit:
        attendance.reconcile(
            unit,
            event_id=meeting.id,
            part_id=differs.part.id,
            seat_id=amina,
            seen=differs.mark_id,
            by_report=True,
        )
    assert reports.marks(meeting) == ["partial 20 import"]


def differences(reading: Reads, make: Make, event: Event) -> list[attendance.Difference]:
    with reading() as read:
        return list(attendance.differences(read, make.event(event.id)))


def test_decisions_count_when_the_report_is_applied_and_at_once_afterwards(
    reports: Reports, meeting: Event, reading: Reads
) -> None:
    amina, ben = reports.seats(meeting)
    kept = reports.keep(
        meeting,
        ("Amina Khan", "", "10:00", "11:00"),
        ("B O", "", "10:00", "11:00"),
        ("Somebody", "", "10:00", "11:00"),
        ("A Machine", "bot@notes.example", "10:00", "11:00"),
    )
    reports.decide(meeting, kept, 0, seat_id=amina)
    reports.decide(meeting, kept, 3, leave_out=True)
    assert reports.said(kept)[0] == "2 name mark"
    assert reports.said(kept)[3] == "5 none skip: left out by hand"
    assert reports.marks(meeting) == []
    with reports.work() as work:
        attendance.apply(work, event_id=meeting.id, public_id=kept.public_id)
    assert reports.marks(meeting) == ["attended 60 import"]
    reports.decide(meeting, kept, 1, seat_id=ben)
    reports.decide(meeting, kept, 2, walk_in=True)
    assert reports.marks(meeting) == ["attended 60 import"] * 3
    reports.decide(meeting, kept, 2)
    reports.decide(meeting, kept, 1, leave_out=True)
    assert reports.marks(meeting) == ["attended 60 import"]
    assert len(reports.seats(meeting)) == 2
    with reading() as read:
        assert unsound(read) == []


def test_two_who_decide_at_once_do_not_overwrite_each_other(reports: Reports, meeting: Event) -> None:
    amina, ben = reports.seats(meeting)
    kept = reports.keep(meeting, ("A K", "", "10:00", "11:00"))
    reports.decide(meeting, kept, 0, seat_id=amina)
    with pytest.raises(Refusal, match="Somebody else"):
        reports.decide(meeting, kept, 0, seat_id=ben, seen=0)
    with pytest.raises(Refusal, match="Somebody else"), reports.work() as work:
        attendance.apply(work, event_id=meeting.id, public_id=kept.public_id, seen=0)


def test_a_seat_of_another_event_or_one_that_was_cancelled_is_nobodys(
    reports: Reports, meeting: Event, make: Make, clock: FixedClock
) -> None:
    clock.set(BEGINS - timedelta(days=5))
    other = make.visit(slots=[BEGINS])
    make.booking(make.account("Far", "far@council.example"), other)
    clock.set(AFTER)
    kept = reports.keep(meeting, ("A K", "", "10:00", "11:00"))
    with pytest.raises(Refusal, match="cancelled meanwhile"):
        reports.decide(meeting, kept, 0, seat_id=reports.seats(other)[0])
    with pytest.raises(NotFound):
        reports.decide(other, kept, 0, seat_id=reports.seats(other)[0])


def test_taking_an_import_back_ends_those_who_came_without_a_booking(
    reports: Reports, meeting: Event, reading: Reads
) -> None:
    kept = reports.read(meeting, ("Nia", "nia@health.example", "10:00", "11:00"), ("Amina", AMINA, "10:00", "11:00"))
    reports.take_back(meeting, kept)
    assert reports.marks(meeting) == []
    with reading() as read:
        ended = read.session.scalars(select(Booking).where(Booking.source == "walk-in")).one()
        assert ended.state is BookingState.CANCELLED
        assert unsound(read) == []
    assert reports.again(kept).state is ImportState.TAKEN_BACK
    with pytest.raises(Refusal, match="Somebody else"):
        reports.take_back(meeting, kept)
    anew = reports.read(meeting, ("Nia", "nia@health.example", "10:00", "11:00"), ("Amina", AMINA, "10:00", "11:00"))
    assert anew.id != kept.id
    assert len(reports.marks(meeting)) == 2


def test_a_draft_is_thrown_away_whole(reports: Reports, meeting: Event, reading: Reads) -> None:
    kept = reports.keep(meeting, ("Nia", "nia@health.example", "10:00", "11:00"))
    reports.take_back(meeting, kept)
    with reading() as read:
        for table in (AttendanceImport, ReportedPerson, ReportedInterval):
            assert read.session.scalars(select(table)).all() == []


def test_who_waited_and_came_waits_no_more(app: object, reports: Reports, make: Make, clock: FixedClock) -> None:
    event = make.visit(slots=[BEGINS], capacity=1)
    make.booking(make.account("Amina Khan", AMINA), event)
    entry = Line(app, make, event).join(make.account("Wen", "wen@council.example"))  # type: ignore[arg-type]
    clock.set(AFTER)
    reports.read(event, ("Wen", "wen@council.example", "10:00", "11:00"))
    with reports.reading() as read:
        assert read.session.get_one(type(entry), entry.id).state == "left"
        assert unsound(read) == []


def test_only_staff_of_the_event_read_reports_and_only_from_the_day_on(
    reports: Reports, meeting: Event, make: Make, clock: FixedClock
) -> None:
    host = make.account("Host")
    make.grant(host, Role.HOST, event=meeting)
    row = ("Amina", AMINA, "10:00", "11:00")
    for stranger in (Actor(), make.actor(make.account("Stranger"))):
        with pytest.raises(NotFound):
            reports.keep(meeting, row, actor=stranger)
    kept = reports.keep(meeting, row, actor=make.actor(host))
    with pytest.raises(NotFound):
        reports.decide(meeting, kept, 0, actor=make.actor(make.account("Other")), walk_in=True)
    clock.set(BEGINS - timedelta(days=1))
    with pytest.raises(Refusal, match="from the day itself"):
        reports.keep(meeting, ("Ben", BEN, "10:00", "11:00"))


def test_what_does_not_happen_and_what_is_of_another_day_is_refused(
    reports: Reports, meeting: Event, work: Working
) -> None:
    with pytest.raises(TableError, match="line 2"), work() as unit:
        attendance.keep_report(
            unit,
            event_id=meeting.id,
            part_id=meeting.parts[0].id,
            data=zoom((BEGINS - timedelta(days=40)).date(), ("Amina", AMINA, "10:00", "11:00")),
            filename="",
            zone=LONDON,
        )
    with work() as unit:
        unit.session.execute(update(Event).where(Event.id == meeting.id).values(state=EventState.CANCELLED))
    with pytest.raises(Refusal, match="has been cancelled"):
        reports.keep(meeting, ("Amina", AMINA, "10:00", "11:00"))


def test_formats_of_the_house_are_read_whole(reports: Reports, make: Make, clock: FixedClock) -> None:
    event = make.visit(slots=[datetime(2026, 9, 22, 14, tzinfo=UTC)])
    make.booking(make.account("Amina Khan", "amina.khan@brent.example"), event)
    clock.set(datetime(2026, 9, 22, 16, tzinfo=UTC))
    data = Path("tests/formats/attendance_reports/teams-meeting.csv").read_bytes()
    with reports.work() as work:
        plan = attendance.import_at_once(work, part=event.parts[0], data=data, filename="t.csv", zone=LONDON)
    assert [line.action for line in plan.lines] == ["skip", "mark", "walk-in", "walk-in", "none", "skip"]


def test_names_are_forgotten_after_a_month_and_times_stay(
    app: object, reports: Reports, meeting: Event, clock: FixedClock
) -> None:
    kept = reports.read(meeting, ("Amina", AMINA, "10:00", "10:20"), ("Lee", "", "10:00", "11:00"))
    draft = reports.keep(meeting, ("Ben", BEN, "10:00", "10:20"))
    clock.move(timedelta(days=31))
    assert "2 report-names" in run_purge(app)
    assert [(person.name, person.email) for person in reports.people(kept)] == [(None, None)] * 2
    assert reports.people(draft) == []
    with pytest.raises(Refusal, match="no longer kept"):
        reports.decide(meeting, kept, 1, seat_id=reports.seats(meeting)[0])
    reports.read(meeting, ("Amina", AMINA, "10:20", "11:00"))
    assert reports.marks(meeting) == ["attended 60 import"]


def run_purge(app: object) -> str:
    with app.app_context():  # type: ignore[attr-defined]
        return purge_expired.run()


def test_names_that_come_near_are_proposed_the_nearest_first() -> None:
    names = ["Amina Khan", "Ben Okafor", None, "Joanna Marsh", "Jo Marshall", "Bronwen Evans"]
    holders = [Holder(number, number, name, name or "x") for number, name in enumerate(names)]
    assert [holder.name for holder in proposals(["Jo Marsh"], holders)] == ["Jo Marshall", "Joanna Marsh"]
    assert [holder.name for holder in proposals(["okafor, ben (Guest)"], holders)] == ["Ben Okafor"]
    assert proposals(["", "Zed"], holders) == []
