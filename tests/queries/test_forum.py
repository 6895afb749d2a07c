"""Who gets into which space, however they came to the programme."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop.core.access import SYSTEM, Actor, Role
from cop.core.errors import NotFound
from cop.core.work import Read
from cop.models.accounts import RoleGrant
from cop.models.events import Attendance, Booking, BookingState, Event, Mark
from cop.models.forum import Space
from cop.queries import forum as queries
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working

FOR_ALL, OF_FIRST, OF_SECOND = "for-all", "of-the-first", "of-the-second"


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def first(forum: MakeForum) -> Event:
    return forum.course()


@pytest.fixture
def second(forum: MakeForum) -> Event:
    return forum.course()


@pytest.fixture
def entered(reading: Reads, make: Make, forum: MakeForum, first: Event, second: Event) -> Callable[[Actor], set[str]]:
    """The spaces that somebody gets into: of the programme, of two of its courses, of another programme."""
    forum.space("For all", slug=FOR_ALL)
    forum.space("Of the first", course=first, slug=OF_FIRST)
    forum.space("Of the second", course=second, slug=OF_SECOND)
    elsewhere = make.programme("elsewhere")
    forum.space("Elsewhere", programme=elsewhere)
    forum.space("Of a course elsewhere", course=forum.course(programme=elsewhere))

    def slugs(actor: Actor) -> set[str]:
        with reading(actor) as read:
            listed = {space.slug for space in queries.spaces(read)}
            every = read.session.scalars(select(Space.slug)).all()
            opened = {slug for slug in every if _opens(read, slug)}
            ids = read.session.scalars(queries.spaces_entered(), queries.who(read)).all()
        assert listed == opened
        assert len(ids) == len(listed)
        return listed

    return slugs


def _opens(read: Read, slug: str) -> bool:
    try:
        return queries.space_page(read, slug=slug).slug == slug
    except NotFound:
        return False


Entered = Callable[[Actor], set[str]]


class TestAlumni:
    def test_get_into_the_spaces_for_all_and_that_of_their_course(
        self, forum: MakeForum, make: Make, first: Event, entered: Entered
    ) -> None:
        person = make.account()
        forum.join(person, first)
        assert entered(make.actor(person)) == {FOR_ALL, OF_FIRST}

    def test_of_two_courses_get_into_both(
        self, forum: MakeForum, make: Make, first: Event, second: Event, entered: Entered
    ) -> None:
        person = make.account()
        forum.join(person, first)
        forum.join(person, second)
        assert entered(make.actor(person)) == {FOR_ALL, OF_FIRST, OF_SECOND}

    def test_are_those_who_came_to_enough_half_days(
        self, forum: MakeForum, make: Make, first: Event, entered: Entered
    ) -> None:
        person = make.account()
        forum.join(person, first, half_days=2)
        assert entered(make.actor(person)) == set()

    def test_are_so_from_the_end_of_the_last_half_day(
        self, forum: MakeForum, make: Make, entered: Entered, clock: FixedClock
    ) -> None:
        person = make.account()
        forum.course(person, days_ago=-1)
        assert entered(make.actor(person)) == set()
        clock.move(timedelta(days=1))
        assert entered(make.actor(person)) == {FOR_ALL}

    def test_are_out_again_when_a_mark_was_wrong_or_the_booking_is_cancelled(
        self, forum: MakeForum, make: Make, work: Working, first: Event, entered: Entered
    ) -> None:
        for wrong in (
            update(Mark).values(status=Attendance.PARTIAL),
            update(Booking).values(state=BookingState.CANCELLED),
        ):
            person = make.account()
            forum.join(person, first)
            assert entered(make.actor(person)) == {FOR_ALL, OF_FIRST}
            with work() as unit:
                unit.session.execute(wrong)
            assert entered(make.actor(person)) == set()

    def test_do_not_come_by_a_link_in_a_mail(
        self, forum: MakeForum, make: Make, first: Event, entered: Entered
    ) -> None:
        person = make.account()
        forum.join(person, first)
        assert entered(Actor(person.id, via="link")) == set()


class TestStaff:
    @pytest.mark.parametrize("role", [Role.ADMIN, Role.FACILITATOR])
    def test_of_the_programme_get_into_all_of_it(self, make: Make, entered: Entered, role: Role) -> None:
        person = make.account()
        make.grant(person, role, programme=make.programme())
        assert entered(make.actor(person)) == {FOR_ALL, OF_FIRST, OF_SECOND}

    def test_of_one_course_get_into_its_space_and_those_for_all(
        self, make: Make, first: Event, entered: Entered
    ) -> None:
        person = make.account()
        make.grant(person, Role.FACILITATOR, event=first)
        assert entered(make.actor(person)) == {FOR_ALL, OF_FIRST}

    def test_of_everything_get_in_everywhere(self, make: Make, entered: Entered) -> None:
        assert len(entered(make.actor(make.admin()))) == 5
        assert len(entered(SYSTEM)) == 5

    def test_are_out_again_without_their_grant(self, make: Make, work: Working, entered: Entered) -> None:
        person = make.account()
        make.grant(person, Role.FACILITATOR, programme=make.programme())
        with work() as unit:
            unit.session.execute(update(RoleGrant).values(revoked_at=unit.now))
        assert entered(make.actor(person)) == set()


class TestOthers:
    def test_get_in_nowhere(self, make: Make, first: Event, entered: Entered) -> None:
        programme, organisation = make.programme(), make.organisation()
        visit = make.visit()
        grants: list[dict[str, Any]] = [
            {},
            {"role": Role.HOST, "programme": programme},
            {"role": Role.EVALUATOR, "programme": programme},
            {"role": Role.REVIEWER, "programme": programme},
            {"role": Role.REVIEWER, "event": first},
            {"role": Role.HOST, "event": first},
            {"role": Role.FACILITATOR, "event": visit},
            {"role": Role.LEAD, "organisation": organisation},
        ]
        for grant in grants:
            person = make.account()
            if grant:
                make.grant(person, **grant)
            assert entered(make.actor(person)) == set(), grant
        assert entered(Actor()) == set()
