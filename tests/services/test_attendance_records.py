"""Records of attendance: who may make one, and what its code stands for."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cop.core.access import SYSTEM, VISITOR, Actor, Role
from cop.core.errors import NotFound
from cop.models.events import Booking, Event
from cop.models.rosters import AttendanceRecord
from cop.queries import attendance_records as queries
from cop.services import attendance_records
from cop.services.events import booking
from tests.support import panel
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make, needed=3)


@pytest.fixture
def people(make: Make, course: Event, clock: FixedClock) -> list[int]:
    """One who completed the course, and one who missed too much."""
    found = panel.offered(make, course, "oo")
    for offer in found:
        panel.accept(make, offer)
    clock.set(course.parts[-1].ends_at)
    panel.mark(make, course, found[0].person_id, "axaa")
    panel.mark(make, course, found[1].person_id, "aapx")
    return [offer.person_id for offer in found]


def issue(work: Working, course: Event, person_id: int, actor: Actor) -> AttendanceRecord:
    with work(actor) as unit:
        return attendance_records.issue(unit, event_id=course.id, person_id=person_id)


def test_is_made_once_by_whoever_completed_the_course(
    work: Working, course: Event, people: list[int], reading: Reads
) -> None:
    first = issue(work, course, people[0], Actor(people[0]))
    assert issue(work, course, people[0], Actor(people[0])).code == first.code
    assert len(first.code) == queries.CODE_LENGTH
    with reading() as read:
        assert read.session.scalar(select(func.count()).select_from(AttendanceRecord)) == 1


def test_is_made_by_staff_for_whoever_has_no_account(
    make: Make, work: Working, course: Event, people: list[int]
) -> None:
    host = make.account("Hana Host")
    make.grant(host, Role.HOST, event=course)
    assert issue(work, course, people[0], make.actor(host)).person_id == people[0]


def test_is_made_by_nobody_else_and_for_nobody_else(
    make: Make, work: Working, course: Event, people: list[int]
) -> None:
    other = make.account("Other host")
    make.grant(other, Role.HOST, event=panel.course(make, "Another", slug="another"))
    stranger = make.account("Stranger")
    for person_id, actor in (
        (people[0], Actor(people[1])),
        (people[0], make.actor(other)),
        (people[0], VISITOR),
        (people[0], Actor(people[0], via="link")),
        (people[1], Actor(people[1])),
        (people[1], SYSTEM),
        (stranger.id, Actor(stranger.id)),
    ):
        with pytest.raises(NotFound):
            issue(work, course, person_id, actor)
    visit = make.visit()
    with pytest.raises(NotFound), work(Actor(people[0])) as unit:
        attendance_records.issue(unit, event_id=visit.id, person_id=people[0])


def test_is_not_made_before_the_last_half_day_is_over(
    make: Make, work: Working, course: Event, people: list[int], clock: FixedClock
) -> None:
    clock.set(course.parts[-1].ends_at - timedelta(minutes=1))
    with pytest.raises(NotFound):
        issue(work, course, people[0], Actor(people[0]))


@pytest.mark.parametrize("typed", ["{0}", "{1}", " {1} ", "{2}", "{2}."])
def test_its_code_is_found_however_it_is_typed(
    work: Working, course: Event, people: list[int], reading: Reads, typed: str
) -> None:
    code = issue(work, course, people[0], Actor(people[0])).code
    on_paper = queries.code_on_paper(code)
    with reading(VISITOR) as read:
        found = queries.record_by_code(read, typed=typed.format(code, on_paper, on_paper.upper()))
    assert found is not None
    assert (found.name, found.title, found.attended, len(found.half_days)) == ("Applicant 1", course.title, 3, 4)
    assert [half_day.attended for half_day in found.half_days] == [True, False, True, True]


@pytest.mark.parametrize("typed", ["", "abcd", "abcd-efgh-jkmn", "%", "a" * 500, "\u0661" * 12])
def test_another_code_stands_for_nothing(
    work: Working, course: Event, people: list[int], reading: Reads, typed: str
) -> None:
    issue(work, course, people[0], Actor(people[0]))
    with reading(VISITOR) as read:
        assert queries.record_by_code(read, typed=typed) is None


def test_it_is_not_valid_once_a_correction_shows_that_the_course_was_not_completed(
    make: Make, work: Working, course: Event, people: list[int], reading: Reads
) -> None:
    code = issue(work, course, people[0], Actor(people[0])).code
    panel.mark(make, course, people[0], "x---")
    with reading(VISITOR) as read:
        assert queries.record_by_code(read, typed=code) is None
    panel.mark(make, course, people[0], "a---")
    with reading(VISITOR) as read:
        assert queries.record_by_code(read, typed=code) is not None


def test_it_is_not_valid_without_the_place(
    make: Make, work: Working, course: Event, people: list[int], reading: Reads
) -> None:
    code = issue(work, course, people[0], Actor(people[0])).code
    with work() as unit:
        held = unit.session.scalars(select(Booking.public_id).where(Booking.person_id == people[0])).one()
        booking.cancel(unit, public_id=held)
    with reading(VISITOR) as read:
        assert queries.record_by_code(read, typed=code) is None
