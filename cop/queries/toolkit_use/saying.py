"""What somebody said of a resource: on its page, or by the link that they were mailed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.toolkit import Resource, ResourceState, ResourceTaken, ResourceUse, Step, Usefulness
from cop.queries.forum.entering import who
from cop.queries.toolkit import may_see

TOLD = "resource-told"
"""The purpose under which the link is signed by which somebody says what came of a resource."""


@dataclass(frozen=True)
class Own:
    """What somebody said of a resource that they see: whether it was useful, each step, and what they want to hear."""

    resource: Resource
    useful: Usefulness | None
    steps: Mapping[Step, ResourceUse]
    taken: ResourceTaken | None


def own(read: Reading, *, slug: str) -> Own:
    """The resource and what the actor said of it; nothing where they are signed out. NotFound if they do not see it."""
    found = select(Resource).where(Resource.slug == slug, may_see(read))
    resource = read.session.scalars(found, who(read)).one_or_none()
    if resource is None:
        raise NotFound
    return _own(read, resource, read.actor.person_id)


def of_link(read: Reading, *, token: str) -> Own:
    """What the holder of a mailed link says of a resource that they took; NotFound for a forged one."""
    signed = secrecy.read_signed(TOLD, token)
    if signed is None:
        raise NotFound
    found = select(ResourceTaken, Resource).join(Resource, Resource.id == ResourceTaken.resource_id)
    row = read.session.execute(found.where(ResourceTaken.public_id == signed[0])).one_or_none()
    if row is None or row[1].state is not ResourceState.PUBLISHED:
        raise NotFound
    return _own(read, row[1], row[0].person_id)


def link_token(taken: ResourceTaken) -> str:
    return secrecy.sign(TOLD, taken.public_id)


def _own(read: Reading, resource: Resource, person_id: int | None) -> Own:
    if person_id is None:
        return Own(resource, None, {}, None)
    uses = read.session.scalars(_of(ResourceUse, resource.id, person_id)).all()
    return Own(
        resource,
        read.session.scalars(_of(Usefulness, resource.id, person_id)).one_or_none(),
        {told.step: told for told in uses},
        read.session.scalars(_of(ResourceTaken, resource.id, person_id)).one_or_none(),
    )


def _of(model: type[Any], resource_id: int, person_id: int) -> Select[Any]:
    return select(model).where(model.resource_id == resource_id, model.person_id == person_id)
