"""The sub-groups of a course as its facilitators see them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from cop.core import secrecy
from cop.core.access import EVENT_EDITORS
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Sector
from cop.models.events import Event
from cop.models.forum import Space, Topic
from cop.models.rosters import Subgroup, SubgroupMember
from cop.queries.cohorts.roster import Member, course_of_staff, roster


@dataclass(frozen=True)
class Group:
    """``space`` is the slug of its room in the forum, and ``topics`` what was begun there."""

    id: int
    name: str
    space: str | None
    topics: int
    members: Sequence[Member]

    def mix(self) -> Sequence[tuple[Sector, int]]:
        """How many there are of each sector, of those that there are."""
        counted = [(sector, sum(member.sector is sector for member in self.members)) for sector in Sector]
        return [(sector, count) for sector, count in counted if count]


@dataclass(frozen=True)
class Groups:
    event: Event
    groups: Sequence[Group]
    alone: Sequence[Member]
    members: Sequence[Member]
    seen: str
    """Tells one state of the groups from another, so that nobody overwrites what they have not seen."""

    def group(self, group_id: int) -> Group:
        for group in self.groups:
            if group.id == group_id:
                return group
        raise NotFound


def groups_of(read: Reading, *, slug: str) -> Groups:
    """For the facilitators of the course."""
    event = course_of_staff(read, slug=slug)
    if not read.actor.may(*EVENT_EDITORS, programme_id=event.programme_id, event_id=event.id):
        raise NotFound
    members = roster(read, slug=slug).members
    topics = select(func.count()).where(Topic.space_id == Space.id).correlate(Space).scalar_subquery()
    rows = read.session.execute(
        select(Subgroup.id, Subgroup.name, Space.slug.label("space"), func.coalesce(topics, 0).label("topics"))
        .outerjoin(Space, Space.subgroup_id == Subgroup.id)
        .where(Subgroup.event_id == event.id)
        .order_by(Subgroup.id)
    )
    groups = [
        Group(**row._asdict(), members=[member for member in members if member.group == row.name]) for row in rows
    ]
    alone = [member for member in members if member.group is None]
    return Groups(event, groups, alone, members, version_of(read, event.id))


def version_of(read: Reading, event_id: int) -> str:
    """A word for who is in which group, and for what the groups are called."""
    named = select(Subgroup.id, Subgroup.name).where(Subgroup.event_id == event_id).order_by(Subgroup.id)
    within = (
        select(SubgroupMember.person_id, SubgroupMember.subgroup_id)
        .where(SubgroupMember.event_id == event_id)
        .order_by(SubgroupMember.person_id)
    )
    found = [*read.session.execute(named), "in", *read.session.execute(within)]
    return secrecy.digest("sub-groups", event_id, *found)[:16]
