"""Sub-groups of a course: even, by hand, never overwritten unseen, and with a room that only their people enter."""

from collections import Counter
from collections.abc import Sequence

import pytest
from sqlalchemy import select

from cop.core.access import SYSTEM, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person, Sector
from cop.models.events import Booking, Event
from cop.models.forum import Space
from cop.models.rosters import Subgroup
from cop.queries import forum as rooms
from cop.queries.cohorts import subgroups as queries
from cop.services import forum
from cop.services.cohorts import subgroups
from cop.services.events import booking
from tests.support import panel
from tests.support.make import Make, Reads, Working

SECTORS = (Sector.RESIDENT, Sector.RESIDENT, Sector.HEALTH, Sector.COUNCILLOR, Sector.RESIDENT, Sector.HEALTH)


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.fixture
def people(make: Make, course: Event) -> Sequence[Person]:
    """Six with a place: three residents, two from health, a councillor."""
    found = []
    for number, sector in enumerate(SECTORS):
        person = make.account(f"Person {number}", sector=sector)
        panel.application(make, course, person=person, sector=sector)
        found.append(person)
    femi = panel.chair(make)
    panel.decide(make, femi, course, "o" * len(found))
    panel.release(make, femi, course)
    for offer in panel.offers_of(make, course):
        panel.accept(make, offer)
    return found


def groups(reading: Reads, course: Event) -> queries.Groups:
    with reading() as read:
        return queries.groups_of(read, slug=course.slug)


def split(work: Working, reading: Reads, course: Event, number: int, actor: Actor = SYSTEM) -> None:
    seen = groups(reading, course).seen
    with work(actor) as unit:
        subgroups.split(unit, event_id=course.id, number=number, seen=seen)


class TestSplitting:
    def test_is_even_in_size_and_sector(
        self, work: Working, reading: Reads, course: Event, people: Sequence[Person]
    ) -> None:
        split(work, reading, course, 2)
        found = groups(reading, course)
        assert [group.name for group in found.groups] == ["Group 1", "Group 2"]
        assert [len(group.members) for group in found.groups] == [3, 3]
        assert found.alone == []
        for group in found.groups:
            assert Counter(member.sector for member in group.members)[Sector.HEALTH] == 1

    def test_again_keeps_the_groups_and_adds_what_is_missing(
        self, work: Working, reading: Reads, course: Event, people: Sequence[Person]
    ) -> None:
        with work() as unit:
            subgroups.add_group(unit, event_id=course.id, name="Group 2")
        split(work, reading, course, 3)
        assert [group.name for group in groups(reading, course).groups] == ["Group 2", "Group 1", "Group 3"]
        split(work, reading, course, 3)
        assert [len(group.members) for group in groups(reading, course).groups] == [2, 2, 2]

    def test_into_fewer_than_there_are_or_more_than_people_is_refused(
        self, work: Working, reading: Reads, course: Event, people: Sequence[Person]
    ) -> None:
        split(work, reading, course, 3)
        with pytest.raises(Refusal, match="There are 3 sub-groups already"):
            split(work, reading, course, 2)
        with pytest.raises(Refusal, match="fewer people"):
            split(work, reading, course, 7)

    def test_of_what_somebody_changed_meanwhile_is_refused(
        self, work: Working, reading: Reads, course: Event, people: Sequence[Person]
    ) -> None:
        seen = groups(reading, course).seen
        split(work, reading, course, 2)
        with pytest.raises(Refusal, match="meanwhile"), work() as unit:
            subgroups.split(unit, event_id=course.id, number=2, seen=seen)


class TestArranging:
    def test_moves_some_and_leaves_the_others(
        self, work: Working, reading: Reads, course: Event, people: Sequence[Person]
    ) -> None:
        split(work, reading, course, 2)
        before = groups(reading, course)
        first, second = before.groups
        moved, out = first.members[0], second.members[0]
        with work() as unit:
            subgroups.arrange(
                unit, event_id=course.id, groups={moved.public_id: second.id, out.public_id: None}, seen=before.seen
            )
        after = groups(reading, course)
        assert {one.name for one in after.groups[0].members} == {one.name for one in first.members[1:]}
        assert moved.name in {one.name for one in after.groups[1].members}
        assert [one.name for one in after.alone] == [out.name]
        with pytest.raises(Refusal, match="meanwhile"), work() as unit:
            subgroups.arrange(unit, event_id=course.id, groups={}, seen=before.seen)

    def test_of_strangers_or_groups_of_others_is_refused(
        self, make: Make, work: Working, reading: Reads, course: Event, people: Sequence[Person]
    ) -> None:
        other = panel.course(make, "Another", slug="another")
        with work() as unit:
            elsewhere = subgroups.add_group(unit, event_id=other.id, name="Elsewhere")
        seen = groups(reading, course).seen
        for wanted in ({people[0].public_id: elsewhere.id}, {make.account("Stranger").public_id: None}):
            with pytest.raises(NotFound), work() as unit:
                subgroups.arrange(unit, event_id=course.id, groups=wanted, seen=seen)


class TestTheirRoom:
    @pytest.fixture
    def room(self, work: Working, reading: Reads, course: Event, people: Sequence[Person]) -> Space:
        """That of the first of two groups."""
        split(work, reading, course, 2)
        with work() as unit:
            return subgroups.open_space(unit, event_id=course.id, group_id=groups(reading, course).groups[0].id)

    def enters(self, make: Make, reading: Reads, person: Person, room: Space) -> bool:
        with reading(make.actor(person)) as read:
            listed = room.slug in {space.slug for space in rooms.spaces(read)}
            belongs = bool(rooms.memberships(read))
            try:
                rooms.space_page(read, slug=room.slug)
            except NotFound:
                assert not listed
                return False
        assert listed
        assert belongs
        return True

    def test_is_made_once(self, work: Working, course: Event, room: Space) -> None:
        assert room.subgroup_id is not None
        with work() as unit:
            again = subgroups.open_space(unit, event_id=course.id, group_id=room.subgroup_id)
        assert (again.id, again.cohort_id) == (room.id, course.id)

    def test_is_entered_by_its_people_and_the_facilitators_alone(
        self, make: Make, reading: Reads, course: Event, people: Sequence[Person], room: Space
    ) -> None:
        inside = {member.public_id for member in groups(reading, course).groups[0].members}
        for person in people:
            assert self.enters(make, reading, person, room) == (person.public_id in inside)
        host, other = make.account("Hana Host"), panel.course(make, "Another", slug="another")
        make.grant(host, Role.HOST, event=course)
        assert not self.enters(make, reading, host, room)
        assert not self.enters(make, reading, panel.chair(make, "Elsewhere", event=other), room)
        assert self.enters(make, reading, panel.chair(make, "Own", event=course), room)

    def test_is_not_entered_by_those_who_completed_the_course_in_another_group(
        self, make: Make, reading: Reads, course: Event, people: Sequence[Person], room: Space, clock: object
    ) -> None:
        clock.set(course.parts[-1].ends_at)  # type: ignore[attr-defined]
        inside = {member.public_id for member in groups(reading, course).groups[0].members}
        outsider = next(person for person in people if person.public_id not in inside)
        panel.mark(make, course, outsider.id, "aaaa")
        assert not self.enters(make, reading, outsider, room)

    def test_closes_for_whoever_leaves_the_group_or_the_course(
        self, make: Make, work: Working, reading: Reads, course: Event, people: Sequence[Person], room: Space
    ) -> None:
        found = groups(reading, course)
        by_key = {person.public_id: person for person in people}
        first, second = (by_key[member.public_id] for member in found.groups[0].members[:2])
        with work() as unit:
            subgroups.arrange(unit, event_id=course.id, groups={first.public_id: None}, seen=found.seen)
            held = unit.session.scalars(select(Booking.public_id).where(Booking.person_id == second.id)).one()
            booking.cancel(unit, public_id=held)
        assert not self.enters(make, reading, first, room)
        assert not self.enters(make, reading, second, room)

    def test_keeps_its_group_once_somebody_wrote_there(
        self, make: Make, work: Working, reading: Reads, course: Event, people: Sequence[Person], room: Space
    ) -> None:
        assert room.subgroup_id is not None
        inside = {member.public_id for member in groups(reading, course).groups[0].members}
        person = next(one for one in people if one.public_id in inside)
        with work(make.actor(person)) as unit:
            forum.accept_rules(unit, version=rooms.RULES_VERSION)
            forum.open_topic(unit, space_id=room.id, title="Hello", body="Who brings cake?")
        with pytest.raises(Refusal, match="People have written"), work() as unit:
            subgroups.remove_group(unit, event_id=course.id, group_id=room.subgroup_id)

    def test_goes_with_its_group_while_it_is_empty(
        self, work: Working, reading: Reads, course: Event, room: Space
    ) -> None:
        assert room.subgroup_id is not None
        with work() as unit:
            subgroups.remove_group(unit, event_id=course.id, group_id=room.subgroup_id)
        found = groups(reading, course)
        assert (len(found.groups), len(found.alone)) == (1, 3)
        with reading() as read:
            assert read.session.scalars(select(Space)).all() == []

    def test_goes_by_the_name_of_its_group(self, work: Working, reading: Reads, course: Event, room: Space) -> None:
        assert room.subgroup_id is not None
        with work() as unit:
            subgroups.rename_group(unit, event_id=course.id, group_id=room.subgroup_id, name="Homes")
        with reading() as read:
            assert read.session.get_one(Space, room.id).name == "Homes"

    def test_does_not_stand_in_the_way_of_the_room_of_the_course(
        self, work: Working, course: Event, room: Space
    ) -> None:
        with work() as unit:
            whole = forum.ensure_cohort_space(unit, course.id)
            assert whole.id != room.id
            assert forum.ensure_cohort_space(unit, course.id).id == whole.id


def test_are_for_the_facilitators_of_the_course(
    make: Make, work: Working, reading: Reads, course: Event, people: Sequence[Person]
) -> None:
    with work() as unit:
        group = subgroups.add_group(unit, event_id=course.id, name="Group 1")
    host = make.account("Hana Host")
    make.grant(host, Role.HOST, event=course)
    other = panel.chair(make, "Elsewhere", event=panel.course(make, "Another", slug="another"))
    seen = groups(reading, course).seen
    for person in (host, other, people[0]):
        for command in (
            lambda unit: subgroups.add_group(unit, event_id=course.id, name="Mine"),
            lambda unit: subgroups.rename_group(unit, event_id=course.id, group_id=group.id, name="Mine"),
            lambda unit: subgroups.remove_group(unit, event_id=course.id, group_id=group.id),
            lambda unit: subgroups.split(unit, event_id=course.id, number=1, seen=seen),
            lambda unit: subgroups.arrange(unit, event_id=course.id, groups={}, seen=seen),
            lambda unit: subgroups.open_space(unit, event_id=course.id, group_id=group.id),
        ):
            with pytest.raises(NotFound), work(make.actor(person)) as unit:
                command(unit)
        with pytest.raises(NotFound), reading(make.actor(person)) as read:
            queries.groups_of(read, slug=course.slug)
    with reading() as read:
        assert read.session.scalars(select(Subgroup.name)).all() == ["Group 1"]


def test_a_group_of_another_course_is_not_there(make: Make, work: Working, course: Event) -> None:
    other = panel.course(make, "Another", slug="another")
    with work() as unit:
        group = subgroups.add_group(unit, event_id=other.id, name="Elsewhere")
    for command in (subgroups.remove_group, subgroups.open_space):
        with pytest.raises(NotFound), work() as unit:
            command(unit, event_id=course.id, group_id=group.id)
