"""Who completed a course: a query over bookings and marks, and never a flag."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cop.core.access import Actor
from cop.models.accounts import Person
from cop.models.events import Event
from cop.queries import alumni
from cop.services.events import booking
from tests.support import panel
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working


@pytest.fixture
def completed(reading: Reads) -> Callable[[Person], list[str]]:
    """The slugs of the courses that somebody completed."""

    def look(person: Person) -> list[str]:
        with reading() as read:
            return [course.slug for course in alumni.courses_completed(read, person_id=person.id)]

    return look


Completed = Callable[[Person], list[str]]


def attend(make: Make, clock: FixedClock, course: Event, marks: str, name: str = "Alma") -> Person:
    """Somebody who accepted a place, and how they came to each half-day, at the end of the last."""
    made = panel.application(make, course, name)
    who = panel.chair(make)
    with_letters = "-" * ((made.number or 1) - 1) + "o"
    panel.decide(make, who, course, with_letters)
    panel.release(make, who, course)
    panel.accept(make, panel.offers_of(make, course)[-1])
    clock.set(course.parts[-1].ends_at)
    panel.mark(make, course, made.person_id, marks)
    return made.person


def test_whoever_came_to_all_half_days_did(make: Make, clock: FixedClock, completed: Completed, reading: Reads) -> None:
    course = panel.course(make)
    person = attend(make, clock, course, "aaaa")
    assert completed(person) == [course.slug]
    with reading() as read:
        (found,) = alumni.courses_completed(read, person_id=person.id)
        assert (found.title, found.ended_at) == (course.title, course.parts[-1].ends_at)
        assert alumni.is_alumnus(read, programme_id=course.programme_id, person_id=person.id)
        assert not alumni.is_alumnus(read, programme_id=course.programme_id + 1, person_id=person.id)


@pytest.mark.parametrize("marks", ["aaax", "aaap", "aaa-"])
def test_to_come_in_part_or_not_at_all_does_not_count(
    make: Make, clock: FixedClock, completed: Completed, marks: str
) -> None:
    assert completed(attend(make, clock, panel.course(make, needed=4), marks)) == []


def test_three_of_four_half_days_are_enough_unless_the_course_says_otherwise(
    make: Make, clock: FixedClock, completed: Completed
) -> None:
    assert completed(attend(make, clock, panel.course(make), "xaaa")) == ["change-makers"]
    assert completed(attend(make, clock, panel.course(make, "B", slug="b"), "xxaa")) == []
    assert completed(attend(make, clock, panel.course(make, "C", needed=2, slug="c"), "xxaa")) == ["c"]


@pytest.mark.parametrize(("half_days", "needed"), [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (8, 6)])
def test_one_of_each_four_can_be_missed(half_days: int, needed: int) -> None:
    assert alumni.usually_needed(half_days) == needed


def test_nobody_did_before_the_last_half_day_is_over(make: Make, clock: FixedClock, completed: Completed) -> None:
    course = panel.course(make, needed=2)
    person = attend(make, clock, course, "aaaa")
    clock.set(course.parts[-1].ends_at - timedelta(seconds=1))
    assert completed(person) == []


def test_a_cancelled_booking_completes_nothing(
    make: Make, work: Working, clock: FixedClock, completed: Completed
) -> None:
    course = panel.course(make)
    offer = panel.offered(make, course)[0]
    booked = panel.accept(make, offer)
    with work(Actor(offer.person_id)) as opened:
        booking.cancel(opened, public_id=booked.public_id)
        person = opened.session.get_one(Person, offer.person_id)
    clock.set(course.parts[-1].ends_at)
    assert completed(person) == []


def test_a_mark_that_was_corrected_counts_no_more(make: Make, clock: FixedClock, completed: Completed) -> None:
    course = panel.course(make)
    person = attend(make, clock, course, "aaaa")
    panel.mark(make, course, person.id, "xx--")
    assert completed(person) == []


def test_a_visit_makes_nobody_an_alumnus(make: Make, clock: FixedClock, completed: Completed) -> None:
    visit = make.visit(slots=1)
    person = make.account()
    make.booking(person, visit)
    clock.set(visit.parts[0].ends_at)
    panel.mark(make, visit, person.id, "a")
    assert completed(person) == []


def test_courses_of_many_people_come_latest_first_and_but_one(make: Make, clock: FixedClock, reading: Reads) -> None:
    early, late = panel.course(make), panel.course(make, "Late", slug="late", starts_in=timedelta(days=60))
    person = make.person(email="alma@council.example")
    who = panel.chair(make)
    for course in (early, late):
        panel.application(make, course, person=person)
        panel.decide(make, who, course, "o")
        panel.release(make, who, course)
        panel.accept(make, panel.offers_of(make, course)[0])
    clock.set(late.parts[-1].ends_at)
    for course in (early, late):
        panel.mark(make, course, person.id, "aaaa")
    with reading() as read:
        found = alumni.courses_of(read, person_ids=[person.id, who.id])
        others = alumni.courses_of(read, person_ids=[person.id], but=late.id)
    assert {key: [course.slug for course in courses] for key, courses in found.items()} == {
        person.id: ["late", "change-makers"]
    }
    assert [course.slug for course in others[person.id]] == ["change-makers"]
