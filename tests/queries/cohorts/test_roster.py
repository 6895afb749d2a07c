"""The roster: who has a place, how each stands to the rule, and what is known of their needs."""

from datetime import timedelta

import pytest

from cop.core.access import Actor, Role
from cop.core.errors import NotFound
from cop.models.accounts import Sector
from cop.models.events import Attendance, Event, Part
from cop.queries.cohorts import roster as queries
from cop.queries.cohorts.roster import Progress
from cop.services.cohorts import offers
from cop.services.events.arrangements import Diet
from tests.support import panel
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

MARKS = {"a": Attendance.ATTENDED, "p": Attendance.PARTIAL, "x": Attendance.ABSENT, "-": None}


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.mark.parametrize(
    ("marks", "over", "needed", "progress"),
    [
        ("----", 0, 4, Progress.ON_COURSE),
        ("aa--", 2, 4, Progress.ON_COURSE),
        ("ax--", 2, 4, Progress.MISSED),
        ("ax--", 2, 3, Progress.ON_COURSE),
        ("a---", 2, 4, Progress.UNMARKED),
        ("aaaa", 4, 4, Progress.COMPLETED),
        ("aaap", 4, 4, Progress.MISSED),
        ("aaax", 4, 3, Progress.COMPLETED),
        ("aaa-", 3, 3, Progress.ON_COURSE),
        ("aaa-", 4, 4, Progress.UNMARKED),
    ],
)
def test_how_somebody_stands(marks: str, over: int, needed: int, progress: Progress) -> None:
    now = panel.at(2026, 5, 1)
    half_days = [
        Part(ends_at=now - timedelta(hours=1) if number < over else now + timedelta(hours=1)) for number in range(4)
    ]
    assert queries.progress_of([MARKS[mark] for mark in marks], half_days, needed, now) is progress


class TestTheRoster:
    def test_lists_those_with_a_place_and_how_they_came(
        self, make: Make, course: Event, reading: Reads, clock: FixedClock
    ) -> None:
        council = make.organisation("Leeds City Council")
        panel.application(make, course, "Zoe", organisation=council, sector=Sector.COUNCIL_OFFICER)
        panel.application(make, course, "Amina")
        panel.application(make, course, "Without a place")
        femi = panel.chair(make)
        panel.decide(make, femi, course, "oor")
        panel.release(make, femi, course)
        zoe, amina = panel.offers_of(make, course)
        for offer in (zoe, amina):
            panel.accept(make, offer)
        clock.set(course.parts[1].ends_at)
        panel.mark(make, course, zoe.person_id, "px--")
        with reading(make.actor(femi)) as read:
            found = queries.roster(read, slug=course.slug)
        assert [member.name for member in found.members] == ["Amina", "Zoe"]
        member = found.members[1]
        assert (member.organisation, member.sector) == ("Leeds City Council", Sector.COUNCIL_OFFICER)
        assert member.marks == (Attendance.PARTIAL, Attendance.ABSENT, None, None)
        assert (member.attended, member.progress, found.needed) == (0, Progress.MISSED, 3)
        assert found.count("unmarked") == 1

    def test_names_the_courses_that_somebody_completed_before(
        self, make: Make, course: Event, reading: Reads, clock: FixedClock
    ) -> None:
        later = panel.course(make, "Later", slug="later", starts_in=timedelta(days=90))
        person = make.person(email="alma@council.example")
        femi = panel.chair(make)
        for event in (course, later):
            panel.application(make, event, person=person)
            panel.decide(make, femi, event, "o")
            panel.release(make, femi, event)
            panel.accept(make, panel.offers_of(make, event)[0])
        clock.set(course.parts[-1].ends_at)
        panel.mark(make, course, person.id, "aaaa")
        with reading(make.actor(femi)) as read:
            assert queries.roster(read, slug=later.slug).members[0].earlier == ["Change Makers"]
            assert queries.roster(read, slug=course.slug).members[0].earlier == []

    def test_counts_needs_and_tells_them_one_step_further(
        self, make: Make, work: Working, course: Event, reading: Reads
    ) -> None:
        first, second = panel.offered(make, course, "oo")
        for offer in (first, second):
            panel.accept(make, offer)
        with work(Actor(first.person_id, via="link")) as opened:
            offers.arrange(
                opened,
                public_id=first.public_id,
                access="A ramp",
                diet=Diet(ways=["vegan"]),
                emergency_contact="Sam, 01632 960 001",
                travel="",
            )
        with reading(make.actor(make.admin())) as read:
            needs = queries.roster(read, slug=course.slug).needs
            _event, told = queries.arrangements(read, slug=course.slug)
        assert needs == queries.Needs(answered=1, access=1, diet=1, emergency_contact=1, travel=0)
        assert [(one.access, one.diet["ways"], one.travel) for one in told] == [("A ramp", ["vegan"], None)]

    def test_takes_the_same_statements_however_many_there_are(self, make: Make, course: Event, reading: Reads) -> None:
        for offer in panel.offered(make, course, "ooo"):
            panel.accept(make, offer)
            break
        admin, counts = make.admin(), []
        for offer in panel.offers_of(make, course):
            panel.accept(make, offer)
            with reading(make.actor(admin)) as read, count_queries() as statements:
                queries.roster(read, slug=course.slug)
            counts.append(len(statements))
        assert len(set(counts)) == 1

    def test_is_for_the_staff_of_the_course(self, make: Make, course: Event, reading: Reads) -> None:
        host = make.account("Hana")
        make.grant(host, Role.HOST, event=course)
        with reading(make.actor(host)) as read:
            assert queries.roster(read, slug=course.slug).members == []
        visit = make.visit()
        other = make.account("Other host")
        make.grant(other, Role.HOST, event=visit)
        for who in (other, panel.reviewer(make), make.account()):
            with reading(make.actor(who)) as read:
                with pytest.raises(NotFound):
                    queries.roster(read, slug=course.slug)
                with pytest.raises(NotFound):
                    queries.arrangements(read, slug=course.slug)
        with reading(make.actor(make.admin())) as read, pytest.raises(NotFound):
            queries.roster(read, slug=visit.slug)
