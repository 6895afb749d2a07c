"""Sub-groups of a course: made, split evenly, arranged by hand, and given a room of their own in the forum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from cop.algorithms.mixing import One, mixed
from cop.core.access import EVENT_EDITORS
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person, Sector
from cop.models.events import Booking, Event, EventKind
from cop.models.forum import Follow, Space, Topic
from cop.models.organisations import Organisation
from cop.models.rosters import Subgroup, SubgroupMember
from cop.queries.cohorts.roster import HAS_PLACE
from cop.queries.cohorts.subgroups import version_of
from cop.services.events.locking import lock_event_to_edit
from cop.services.forum import create_space

MOST = 12


@dataclass(frozen=True)
class _Placed:
    id: int
    public_id: str
    sector: Sector | None
    organisation: str | None


CHANGED_MEANWHILE = marked(
    "Somebody else changed the sub-groups meanwhile. Look at how they are now, then save yours again."
)


def add_group(work: Work, *, event_id: int, name: str) -> Subgroup:
    event = _course_to_group(work, event_id)
    if len(_groups(work, event)) >= MOST:
        raise Refusal(marked("A course has %(most)s sub-groups at most"), most=MOST)
    made = Subgroup(event_id=event.id, name=name)
    work.session.add(made)
    work.session.flush()
    return made


def rename_group(work: Work, *, event_id: int, group_id: int, name: str) -> Subgroup:
    """Its room in the forum goes by the new name, under the address that it has."""
    found = _group(work, _course_to_group(work, event_id), group_id)
    found.name = name
    work.session.flush()
    space = _space(work, found)
    if space is not None:
        space.name = name
    return found


def remove_group(work: Work, *, event_id: int, group_id: int) -> None:
    """Its people are in no group then. What was written in its room would be lost with it, so that stays."""
    found = _group(work, _course_to_group(work, event_id), group_id)
    space = _space(work, found)
    if space is not None:
        if work.session.scalar(select(func.count()).where(Topic.space_id == space.id)):
            raise Refusal(marked("People have written in its space in the forum, so the sub-group has to stay"))
        work.session.execute(delete(Follow).where(Follow.space_id == space.id))
        work.session.delete(space)
        work.session.flush()
    for member in work.session.scalars(select(SubgroupMember).where(SubgroupMember.subgroup_id == found.id)):
        work.session.delete(member)
    work.session.flush()
    work.session.delete(found)


def split(work: Work, *, event_id: int, number: int, seen: str) -> None:
    """Put everybody with a place into so many groups, each with a mix of sectors; colleagues apart as far as that goes.

    Groups that are there already are kept with their names and rooms, and their people dealt anew.
    """
    event = _course_to_group(work, event_id)
    _refuse_unseen(work, event, seen)
    groups = _groups(work, event)
    if len(groups) > number:
        raise Refusal(
            marked("There are %(groups)s sub-groups already. Remove some first, or split into that many."),
            field="number",
            groups=len(groups),
        )
    people = _people(work, event)
    if len(people) < number:
        raise Refusal(marked("There are fewer people than that"), field="number")
    taken, count = {group.name for group in groups}, 0
    while len(groups) < number:
        count += 1
        if (name := f"Group {count}") not in taken:
            groups.append(Subgroup(event_id=event.id, name=name))
    work.session.add_all(groups)
    work.session.flush()
    dealt = mixed([One(row.id, row.sector, row.organisation or "") for row in people], number)
    _put(work, event, {one: group.id for group, ids in zip(groups, dealt, strict=True) for one in ids})


def arrange(work: Work, *, event_id: int, groups: Mapping[str, int | None], seen: str) -> None:
    """Put each of these people, by ``public_id``, into a group or into none; the others stay where they are."""
    event = _course_to_group(work, event_id)
    _refuse_unseen(work, event, seen)
    known = {group.id for group in _groups(work, event)}
    ids = {row.public_id: row.id for row in _people(work, event)}
    if not (set(groups) <= set(ids) and set(groups.values()) <= {None, *known}):
        raise NotFound
    within = select(SubgroupMember.person_id, SubgroupMember.subgroup_id).where(SubgroupMember.event_id == event.id)
    wanted: dict[int, int | None] = {row.person_id: row.subgroup_id for row in work.session.execute(within)}
    wanted |= {ids[public_id]: group_id for public_id, group_id in groups.items()}
    _put(work, event, {person_id: group_id for person_id, group_id in wanted.items() if group_id is not None})


def open_space(work: Work, *, event_id: int, group_id: int) -> Space:
    """The room of a sub-group in the forum, for its people and the facilitators alone; made the first time."""
    event = _course_to_group(work, event_id)
    found = _group(work, event, group_id)
    space = _space(work, found)
    if space is not None:
        return space
    return create_space(
        work,
        programme_id=event.programme_id,
        cohort_id=event.id,
        subgroup_id=found.id,
        name=found.name,
        about="For this sub-group of the course and its facilitators. Others cannot read it.",
        slug=f"{event.slug}-{found.id}",
    )


def _course_to_group(work: Work, event_id: int) -> Event:
    """The locked event of a course, for its facilitators: one of them changes its groups at a time."""
    event = lock_event_to_edit(work, event_id)
    if event.kind is not EventKind.COHORT:
        raise NotFound
    if not work.actor.may(*EVENT_EDITORS, programme_id=event.programme_id, event_id=event.id):
        raise NotFound
    return event


def _refuse_unseen(work: Work, event: Event, seen: str) -> None:
    if seen != version_of(work, event.id):
        raise Refusal(CHANGED_MEANWHILE)


def _groups(work: Work, event: Event) -> list[Subgroup]:
    return list(work.session.scalars(select(Subgroup).where(Subgroup.event_id == event.id).order_by(Subgroup.id)))


def _group(work: Work, event: Event, group_id: int) -> Subgroup:
    found = work.session.get(Subgroup, group_id)
    if found is None or found.event_id != event.id:
        raise NotFound
    return found


def _space(work: Work, group: Subgroup) -> Space | None:
    return work.session.scalars(select(Space).where(Space.subgroup_id == group.id)).one_or_none()


def _people(work: Work, event: Event) -> Sequence[_Placed]:
    rows = work.session.execute(
        select(Person.id, Person.public_id, Booking.sector, Organisation.name.label("organisation"))
        .join(Booking, Booking.person_id == Person.id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(Booking.event_id == event.id, *HAS_PLACE)
        .order_by(Person.id)
    )
    return [_Placed(*row) for row in rows]


def _put(work: Work, event: Event, wanted: Mapping[int, int]) -> None:
    """Let these people be in these groups, and nobody else of the course in any."""
    members = work.session.scalars(select(SubgroupMember).where(SubgroupMember.event_id == event.id))
    known = {member.person_id: member for member in members}
    for person_id, member in known.items():
        if person_id not in wanted:
            work.session.delete(member)
        else:
            member.subgroup_id = wanted[person_id]
    work.session.add_all(
        SubgroupMember(event_id=event.id, person_id=person_id, subgroup_id=group_id)
        for person_id, group_id in wanted.items()
        if person_id not in known
    )
    work.session.flush()
