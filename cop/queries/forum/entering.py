"""Who gets into the forum: one condition under every page, search, mail and service.

The programme's alumni, its facilitators and admins get into the spaces for all alumni; into those for members get the
people of member organisations too, and into those for facilitators its facilitators and admins alone. Into the space of
one course get its alumni, its own facilitators, and the facilitators and admins of the programme; into that of a
sub-group, its people in the place of the alumni, while the course lasts and after. Nobody is put on a list: who
completed a course, belongs to a member, has a place on a course or holds a grant is asked each time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    exists,
    or_,
    outerjoin,
    select,
    true,
)
from sqlalchemy.orm import aliased

from cop.core.access import Actor, Role
from cop.core.work import Reading
from cop.models.accounts import Account, Affiliation, RoleGrant
from cop.models.cohorts import Cohort
from cop.models.events import Booking, Event
from cop.models.forum import Audience, RulesAccepted, Space
from cop.models.organisations import Organisation
from cop.models.programmes import Programme
from cop.models.rosters import SubgroupMember
from cop.queries.alumni import alumni
from cop.queries.cohorts.roster import HAS_PLACE

MODERATORS = (Role.ADMIN, Role.FACILITATOR)

RULES_VERSION = 1
"""Of the house rules in templates/forum/house_rules.html; raise it with a change that people have to agree to anew."""

PERSON = bindparam("person_id", type_=BigInteger())
_EVERYWHERE = bindparam("everywhere", type_=Boolean())
_IN_FORCE = bindparam("in_force", value=True, type_=Boolean())


def who(read: Reading) -> Mapping[str, Any]:
    """The values for statements that hold ``may_enter()`` or ``PERSON``. A link in a mail lets nobody in."""
    actor = read.actor
    return {
        "person_id": actor.person_id if actor.via != "link" else None,
        "everywhere": actor.via == "system",
        "in_force": not actor.withheld,
        "now": read.now,
    }


@cache
def may_enter() -> ColumnElement[bool]:
    """Whether the actor gets into a ``Space``, as a condition; its values come from ``who``."""
    return or_(_EVERYWHERE, gets_in(PERSON))


@cache
def spaces_entered() -> Select[int]:
    """The ids of all spaces that the actor gets into."""
    return select(Space.id).where(may_enter()).correlate(None)


def gets_in(person: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether a person, as a column or a value, gets into a ``Space``; needs ``now`` among the values."""
    done = alumni().subquery("completed")
    for_alumni = and_(Space.cohort_id.is_(None), Space.audience != Audience.FACILITATORS)
    of_programme = and_(for_alumni, done.c.programme_id == Space.programme_id)
    of_course = and_(Space.subgroup_id.is_(None), done.c.event_id == Space.cohort_id)
    completed = exists().where(done.c.person_id == person, or_(of_course, of_programme))
    return or_(
        and_(Space.cohort_id.is_(None), facilitates(person, Space.programme_id)),
        and_(Space.cohort_id.is_not(None), _facilitates_course(person)),
        completed.correlate_except(done),  # once for both sorts of space: planning it takes longer than answering it
        and_(Space.subgroup_id.is_not(None), _in_group(person).where(SubgroupMember.subgroup_id == Space.subgroup_id)),
        and_(Space.audience == Audience.MEMBERS, _of_a_member(person)),
    )


def is_member(person: SQLColumnExpression[int], programme_id: Any = None) -> ColumnElement[bool]:
    """Whether a person is a member, for a programme or, without one, for any; needs ``now`` among the values.

    Members are the people of member organisations who have an account, all alumni, and the facilitators and admins.
    """
    done = alumni().subquery("completed")
    of_it = true() if programme_id is None else done.c.programme_id == programme_id
    completed = exists().where(done.c.person_id == person, of_it).correlate_except(done)
    return or_(_of_a_member(person), facilitates(person, programme_id), completed)


def _of_a_member(person: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether a person with an account belongs today to an organisation that is a member of the network."""
    return (
        exists()
        .where(
            Affiliation.person_id == person,
            Affiliation.to_on.is_(None),
            Organisation.id == Affiliation.organisation_id,
            Organisation.membership.is_not(None),
            Account.person_id == Affiliation.person_id,
        )
        .correlate_except(Affiliation, Organisation, Account)
    )


def _in_group(person: SQLColumnExpression[int]) -> Any:
    """Whether a person with a place on the course is in a sub-group of it."""
    return (
        exists()
        .where(
            SubgroupMember.person_id == person,
            Booking.event_id == SubgroupMember.event_id,
            Booking.person_id == SubgroupMember.person_id,
            *HAS_PLACE,
        )
        .correlate_except(SubgroupMember, Booking)
    )


def _belongs_to(person: SQLColumnExpression[int], programme_id: Any) -> ColumnElement[bool]:
    done = alumni().subquery("completed")
    completed = exists().where(done.c.person_id == person, done.c.programme_id == programme_id)
    room, shared = aliased(Space), aliased(Space)
    opened = exists().where(shared.programme_id == programme_id, shared.audience == Audience.MEMBERS)
    grouped = _in_group(person).where(room.subgroup_id == SubgroupMember.subgroup_id, room.programme_id == programme_id)
    return or_(
        facilitates(person, programme_id),
        completed.correlate_except(done),
        grouped.correlate_except(SubgroupMember, Booking, room),
        and_(opened.correlate_except(shared), _of_a_member(person)),
    )


def facilitates(person: SQLColumnExpression[int], programme_id: Any = None) -> ColumnElement[bool]:
    """Whether a person is a facilitator or an admin of the programme, or of one of its courses; without a programme, of
    any.
    """
    with_course = outerjoin(
        outerjoin(RoleGrant, Cohort, Cohort.event_id == RoleGrant.event_id), Event, Event.id == Cohort.event_id
    )
    if programme_id is None:
        covers = or_(_over_everything(), RoleGrant.programme_id.is_not(None), Event.id.is_not(None))
    else:
        covers = or_(_over_everything(), RoleGrant.programme_id == programme_id, Event.programme_id == programme_id)
    found = exists().select_from(with_course).where(_granted(person), covers)
    return found.correlate_except(RoleGrant, Cohort, Event)


def _facilitates_course(person: SQLColumnExpression[int]) -> ColumnElement[bool]:
    covers = or_(
        _over_everything(), RoleGrant.programme_id == Space.programme_id, RoleGrant.event_id == Space.cohort_id
    )
    return exists().where(_granted(person), covers).correlate_except(RoleGrant)


def _granted(person: SQLColumnExpression[int]) -> ColumnElement[bool]:
    a_role = or_(*(RoleGrant.role == role for role in MODERATORS))
    held = and_(RoleGrant.person_id == person, RoleGrant.revoked_at.is_(None), a_role)
    return and_(held, _IN_FORCE) if person is PERSON else held


def _over_everything() -> ColumnElement[bool]:
    return and_(RoleGrant.programme_id.is_(None), RoleGrant.event_id.is_(None))


def moderates(actor: Actor, space: Any) -> bool:
    """Whether the actor keeps order there; ``space`` is anything with its programme_id and cohort_id."""
    return actor.may(*MODERATORS, programme_id=space.programme_id, event_id=space.cohort_id)


def moderated_by(actor: Actor) -> ColumnElement[bool]:
    """The spaces that the actor moderates, as a condition on ``Space``."""
    if actor.may(*MODERATORS):
        return true()
    grants = [grant for grant in actor.grants if grant.role in MODERATORS]
    return or_(
        Space.programme_id.in_([grant.programme_id for grant in grants if grant.programme_id is not None]),
        Space.cohort_id.in_([grant.event_id for grant in grants if grant.event_id is not None]),
    )


@dataclass(frozen=True)
class Membership:
    """A programme to whose forum the actor belongs, and whether they accepted its house rules as they are now."""

    programme_id: int
    programme: str
    accepted: bool


def memberships(read: Reading) -> Sequence[Membership]:
    """The programmes to whose forum the actor belongs; none for a stranger."""
    if read.actor.person_id is None:
        return ()
    return [Membership(*row) for row in read.session.execute(_memberships(), who(read))]


@cache
def _memberships() -> Select[int, str, bool]:
    return (
        select(Programme.id, Programme.name, has_accepted(Programme.id))
        .where(or_(_EVERYWHERE, _belongs_to(PERSON, Programme.id)))
        .order_by(Programme.is_current.desc(), Programme.starts_on.desc(), Programme.id)
    )


def has_accepted(programme_id: Any) -> ColumnElement[bool]:
    """Whether the actor accepted the present house rules of the programme."""
    return exists().where(
        RulesAccepted.person_id == PERSON,
        RulesAccepted.programme_id == programme_id,
        RulesAccepted.version == RULES_VERSION,
    )
