"""Who sees a resource: one condition under every page, search, mail and service, and who edits it."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, or_, true

from cop.core.access import Actor, Role
from cop.core.work import Reading
from cop.models.toolkit import Resource, ResourceAudience, ResourceState
from cop.queries.alumni import alumni
from cop.queries.forum.entering import PERSON, facilitates, is_member

EDITORS = (Role.ADMIN, Role.FACILITATOR)


def may_see(read: Reading) -> ColumnElement[bool]:
    """Whether the actor sees a ``Resource``, which has to be published; the values come from ``forum.who``.

    A link in a mail opens what is for everybody, and no more.
    """
    actor = read.actor
    if actor.via == "system":
        return Resource.state == ResourceState.PUBLISHED
    if actor.person_id is None or actor.via == "link":
        return and_(Resource.state == ResourceState.PUBLISHED, Resource.audience == ResourceAudience.PUBLIC)
    return _seen_by_actor()


@cache
def _seen_by_actor() -> ColumnElement[bool]:
    return seen_by(PERSON)


def seen_by(person: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether a person, as a column or a value, sees a ``Resource``; needs ``now`` among the values."""
    done = alumni().subquery("course_done")
    completed = exists().where(done.c.person_id == person, done.c.event_id == Resource.cohort_id).correlate_except(done)
    return and_(
        Resource.state == ResourceState.PUBLISHED,
        or_(
            Resource.audience == ResourceAudience.PUBLIC,
            and_(Resource.audience == ResourceAudience.MEMBERS, is_member(person)),
            and_(Resource.audience == ResourceAudience.COHORT, completed),
            facilitates(person, Resource.programme_id),
        ),
    )


def may_edit(actor: Actor, resource: Any) -> bool:
    """Whether the actor may alter it; ``resource`` is anything with its ``programme_id``."""
    return actor.may(*EDITORS, programme_id=resource.programme_id)


def edited_by(actor: Actor, programme_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """The same as a condition on the column that holds the programme."""
    if actor.may(*EDITORS):
        return true()
    ids = [grant.programme_id for grant in actor.grants if grant.role in EDITORS and grant.programme_id is not None]
    return programme_id.in_(ids)
