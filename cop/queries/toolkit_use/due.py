"""What the jobs of the toolkit look for: whom to ask and to tell, what to look at again, and which addresses to try."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Row, Select, and_, exists, func, or_, select

from cop.core.place import day_of
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.toolkit import (
    Resource,
    ResourceItem,
    ResourceState,
    ResourceTaken,
    ResourceUse,
    ResourceVersion,
    Step,
)
from cop.queries.toolkit import owners
from cop.queries.toolkit.seeing import seen_by

ASK_AFTER = timedelta(days=30)
"""How long after somebody took a resource they are asked what came of it, if they said that they may be."""

ASKED_WITHIN = timedelta(days=30)
"""How late that may still be: later, nobody remembers that they agreed to it."""

TRIED_EVERY = timedelta(days=7)
TRIED_AGAIN_AFTER = timedelta(days=1)
"""How often an address is tried, and when it is tried again that did not answer."""

BROKEN = 2
"""So many failures in a row make an address a broken one."""


def people_to_ask(read: Reading, *, limit: int) -> Sequence[Row[ResourceTaken, Person]]:
    """Rows of (ResourceTaken, Person) whose time to be asked has come, who still see the resource and have not told of
    a result already.
    """
    told = exists().where(
        ResourceUse.person_id == ResourceTaken.person_id,
        ResourceUse.resource_id == ResourceTaken.resource_id,
        ResourceUse.step == Step.RESULT,
    )
    found = _taken().where(
        ResourceTaken.ask_at <= read.now,
        ResourceTaken.ask_at > read.now - ASKED_WITHIN,
        ResourceTaken.asked_at.is_(None),
        ~told,
    )
    return read.session.execute(found.order_by(ResourceTaken.id).limit(limit), {"now": read.now}).all()


def people_to_tell(read: Reading, *, limit: int) -> Sequence[Row[ResourceTaken, Person]]:
    """Rows of (ResourceTaken, Person) who want to hear of a new version, still see it and were not told of it yet."""
    known = func.coalesce(ResourceTaken.told_version, ResourceTaken.version)
    found = _taken().where(ResourceTaken.wants_news, known < Resource.version)
    return read.session.execute(found.order_by(ResourceTaken.id).limit(limit), {"now": read.now}).all()


def _taken() -> Select[ResourceTaken, Person]:
    return (
        select(ResourceTaken, Person)
        .join(Person, Person.id == ResourceTaken.person_id)
        .join(Resource, Resource.id == ResourceTaken.resource_id)
        .where(seen_by(ResourceTaken.person_id))
    )


def resources_to_review(read: Reading, *, limit: int) -> Sequence[Resource]:
    """Resources whose day of review has come, of which nobody was reminded since."""
    found = select(Resource).where(
        Resource.state == ResourceState.PUBLISHED,
        Resource.review_on <= day_of(read.now),
        or_(Resource.reminded_on.is_(None), Resource.reminded_on < Resource.review_on),
    )
    return read.session.scalars(found.order_by(Resource.id).limit(limit)).all()


def addresses_to_try(read: Reading, *, limit: int) -> Sequence[Row[int, str | None]]:
    """Rows of (id, url) of what stands in published versions and was not tried lately, the longest ago first."""
    answered = and_(ResourceItem.failures == 0, ResourceItem.checked_at <= read.now - TRIED_EVERY)
    failed = and_(ResourceItem.failures > 0, ResourceItem.checked_at <= read.now - TRIED_AGAIN_AFTER)
    found = (
        select(ResourceItem.id, ResourceItem.url)
        .join(ResourceVersion, ResourceVersion.id == ResourceItem.version_id)
        .join(Resource, and_(Resource.id == ResourceVersion.resource_id, Resource.version == ResourceVersion.number))
        .where(
            ResourceItem.url.is_not(None),
            Resource.state == ResourceState.PUBLISHED,
            or_(ResourceItem.checked_at.is_(None), answered, failed),
        )
        .order_by(ResourceItem.checked_at.nulls_first(), ResourceItem.id)
    )
    return read.session.execute(found.limit(limit)).all()


def who_looks_after(read: Reading, resource: Resource) -> Sequence[Person]:
    """The people who are told that a resource needs care: its owner, and where it has none any more, all who could own
    it.
    """
    known = [person_id for person_id, _name in owners(read, programme_id=resource.programme_id)]
    ids = [resource.owner_id] if resource.owner_id in known else known
    return read.session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.id)).all()


def seen_by_taker(read: Reading, taken: ResourceTaken) -> bool:
    """Whether somebody who took a resource sees it still."""
    own = _taken().where(ResourceTaken.id == taken.id)
    return read.session.execute(own, {"now": read.now}).one_or_none() is not None
