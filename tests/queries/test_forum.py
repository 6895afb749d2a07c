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
from cop.models.accounts import Affiliation, Person, RoleGrant
from cop.models.events import Attendance, Booking, BookingState, Event, Mark
from cop.models.forum import Audience, Space
from cop.models.organisations import Membership
from cop.models.programmes import Programme
from cop.queries import forum as queries
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working

FOR_ALL, OF_FIRST, OF_SECOND = "for-all", "of-the-first", "of-the-second"
OF_MEMBERS, OF_STAFF, MEMBERS_ELSEWHERE = "of-members", "of-staff", "members-elsewhere"


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


class TestAudiences:
    """Spaces for members and for facilitators, of the programme and of another."""

    @pytest.fixture
    def audiences(self, forum: MakeForum, make: Make, entered: Entered) -> Entered:
        elsewhere = make.programme("elsewhere")
        forum.space("Of members", slug=OF_MEMBERS, audience=Audience.MEMBERS)
        forum.space("Of staff", slug=OF_STAFF, audience=Audience.FACILITATORS)
        forum.space("Members elsewhere", slug=MEMBERS_ELSEWHERE, programme=elsewhere, audience=Audience.MEMBERS)
        forum.space("Staff elsewhere", slug="staff-elsewhere", programme=elsewhere, audience=Audience.FACILITATORS)
        return entered

    def test_of_members_is_entered_by_people_of_member_organisations(self, make: Make, audiences: Entered) -> None:
        member = make.organisation("Brent Council", membership=Membership.FULL)
        person = make.account(organisation=member)
        assert audiences(make.actor(person)) == {OF_MEMBERS, MEMBERS_ELSEWHERE}

    def test_of_members_is_not_entered_without_membership_an_account_or_a_place_today(
        self, make: Make, audiences: Entered, work: Working
    ) -> None:
        member = make.organisation("Brent Council", membership=Membership.FULL)
        no_member = make.organisation("Stevenage Trust", membership=None)
        left = make.account(organisation=member)
        with work() as unit:
            unit.session.execute(update(Affiliation).values(to_on=unit.now.date()))
        assert audiences(make.actor(left)) == set()
        assert audiences(make.actor(make.account(organisation=no_member))) == set()
        unproven = make.person("Una Unproven", organisation=member)
        assert audiences(Actor(unproven.id)) == set()
        assert audiences(Actor(make.account(organisation=member).id, via="link")) == set()

    def test_of_members_is_entered_by_the_alumni_of_its_programme(
        self, forum: MakeForum, make: Make, first: Event, audiences: Entered
    ) -> None:
        person = make.account()
        forum.join(person, first)
        assert audiences(make.actor(person)) == {FOR_ALL, OF_FIRST, OF_MEMBERS}

    def test_of_facilitators_is_entered_by_them_alone(self, make: Make, first: Event, audiences: Entered) -> None:
        of_programme, of_course = make.account(), make.account()
        make.grant(of_programme, Role.FACILITATOR, programme=make.programme())
        make.grant(of_course, Role.FACILITATOR, event=first)
        assert OF_STAFF in audiences(make.actor(of_programme))
        assert audiences(make.actor(of_course)) == {FOR_ALL, OF_FIRST, OF_MEMBERS, OF_STAFF}

    def test_makes_members_belong_to_a_forum_that_has_a_space_for_them(
        self, make: Make, forum: MakeForum, reading: Reads
    ) -> None:
        person = make.account(organisation=make.organisation("Brent Council", membership=Membership.SUPPORTER))

        def belongs() -> list[int]:
            with reading(make.actor(person)) as read:
                return [each.programme_id for each in queries.memberships(read)]

        forum.space("For all")
        assert belongs() == []
        forum.space("Of members", audience=Audience.MEMBERS)
        assert belongs() == [make.programme().id]


class TestMembers:
    """``is_member``, on which the directory, the toolkit and the search rely too."""

    @pytest.fixture
    def members(self, reading: Reads) -> Callable[..., set[int]]:
        def found(programme: Programme | None = None) -> set[int]:
            with reading() as read:
                of_it = queries.is_member(Person.id, programme.id if programme else None)
                return set(read.session.scalars(select(Person.id).where(of_it), {"now": read.now}))

        return found

    def test_are_alumni_facilitators_admins_and_people_of_member_organisations(
        self, forum: MakeForum, make: Make, first: Event, members: Callable[..., set[int]]
    ) -> None:
        elsewhere = make.programme("elsewhere")
        of_member = make.account(organisation=make.organisation("Brent Council", membership=Membership.ASSOCIATE))
        alumna, facilitator, other_alumna, other_staff = (make.account() for _each in range(4))
        forum.join(alumna, first)
        forum.join(other_alumna, forum.course(programme=elsewhere))
        make.grant(facilitator, Role.FACILITATOR, event=first)
        make.grant(other_staff, Role.ADMIN, programme=elsewhere)
        admin, stranger, host = make.admin(), make.account(), make.account()
        make.grant(host, Role.FACILITATOR, event=make.visit())
        of_it = {of_member.id, alumna.id, facilitator.id, admin.id}
        assert members(make.programme()) == of_it
        assert members() == of_it | {other_alumna.id, other_staff.id}
        assert stranger.id not in members()
        assert host.id not in members()


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
