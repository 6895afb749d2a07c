"""Rooms of the forum: for whom they are, and those that every forum is offered."""

from datetime import date

import pytest
from sqlalchemy import select

from cop.core.access import Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.forum import Audience, Space
from cop.models.tags import Tag
from cop.services import forum as services
from cop.services.forum.spaces import READY_MADE
from cop.services.founding import found_programme
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working

CODES = [ready.code for ready in READY_MADE]


class TestASpace:
    def test_is_for_alumni_unless_it_says_otherwise(self, forum: MakeForum) -> None:
        assert forum.space().audience is Audience.ALUMNI
        assert forum.space("Ask the network", audience=Audience.MEMBERS).audience is Audience.MEMBERS

    def test_of_a_course_is_for_its_own_people_whatever_is_asked(self, forum: MakeForum) -> None:
        space = forum.space("Of a course", course=forum.course(), audience=Audience.MEMBERS)
        assert space.audience is Audience.ALUMNI

    @pytest.mark.parametrize("slug", ["tags", "offers", "proposals", "unanswered", "health"])
    def test_does_not_take_the_address_of_a_page(self, forum: MakeForum, slug: str) -> None:
        with pytest.raises(Refusal) as refused:
            forum.space("Whatever", slug=slug)
        assert refused.value.field == "slug"


class TestReadyMadeSpaces:
    def test_are_added_once_in_their_order(self, work: Working, make: Make, facilitator: Person) -> None:
        for expected in (CODES, []):
            with work(make.actor(facilitator)) as unit:
                added = services.add_ready_made(unit, programme_id=make.programme().id)
            assert [space.slug for space in added] == expected
            assert {space.audience for space in added} <= {Audience.ALUMNI}

    def test_are_not_added_beside_one_of_the_same_name(
        self, work: Working, make: Make, forum: MakeForum, facilitator: Person
    ) -> None:
        forum.space("what WORKED", slug="evidence")
        with work(make.actor(facilitator)) as unit:
            added = services.add_ready_made(unit, programme_id=make.programme().id)
        assert [space.ready_made for space in added] == CODES[:-1]

    def test_have_addresses_of_their_own_in_another_programme(self, work: Working, make: Make) -> None:
        with work() as unit:
            services.add_ready_made(unit, programme_id=make.programme().id)
        with work() as unit:
            added = services.add_ready_made(unit, programme_id=make.programme("housing").id)
        assert [space.slug for space in added] == [f"{code}-housing" for code in CODES]

    def test_are_added_by_those_who_look_after_the_whole_programme(
        self, work: Working, make: Make, forum: MakeForum, alma: Person
    ) -> None:
        of_course = make.account()
        make.grant(of_course, Role.FACILITATOR, event=forum.course())
        for person in (alma, of_course):
            with pytest.raises(NotFound), work(make.actor(person)) as unit:
                services.add_ready_made(unit, programme_id=make.programme().id)

    def test_come_with_a_new_programme_and_so_do_the_words_to_sort_by(
        self, work: Working, make: Make, reading: Reads
    ) -> None:
        first, last = date(2026, 1, 1), date(2026, 12, 31)
        with work(make.actor(make.admin())) as unit:
            made = found_programme(unit, name="Housing", summary="Warm homes.", starts_on=first, ends_on=last)
            programme_id = made.id
        with reading() as read:
            spaces = read.session.scalars(
                select(Space.ready_made).where(Space.programme_id == programme_id).order_by(Space.position)
            )
            assert list(spaces) == CODES
            assert read.session.scalars(select(Tag.slug).where(Tag.slug == "housing")).one()
