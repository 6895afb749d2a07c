"""What editors of the toolkit need: all resources in every state, the version that is being made, and collections."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Account, Person, RoleGrant
from cop.models.events import Event, EventKind, EventState
from cop.models.toolkit import (
    Collection,
    CollectionResource,
    Resource,
    ResourceItem,
    ResourceState,
    ResourceTag,
    ResourceVersion,
)
from cop.queries.toolkit.resources import items_of
from cop.queries.toolkit.seeing import EDITORS, edited_by, may_edit

MOST_TO_CHOOSE = 1_000
"""Lines of a list to choose from, the newest or the first by title."""


@dataclass(frozen=True)
class Draft:
    """A resource as its editors see it: the version being made, if there is one, and the published one."""

    resource: Resource
    published: ResourceVersion | None
    draft: ResourceVersion | None
    items: Sequence[ResourceItem]

    @property
    def shown(self) -> ResourceVersion:
        """The version whose items stand on the page of its editors: every resource has one of the two."""
        found = self.draft or self.published
        if found is None:
            raise NotFound
        return found


def to_edit(
    read: Reading,
    *,
    words: str = "",
    state: ResourceState | None = None,
    offset: int = 0,
    limit: int = 50,
) -> Sequence[Resource]:
    """What the actor may alter, by title, ``limit`` + 1 of them; ``words`` stand in the title or in the place."""
    found = select(Resource).where(edited_by(read.actor, Resource.programme_id))
    if words:
        found = found.where(
            or_(Resource.title.icontains(words, autoescape=True), Resource.place.icontains(words, autoescape=True))
        )
    if state is not None:
        found = found.where(Resource.state == state)
    return read.session.scalars(found.order_by(Resource.title, Resource.id).offset(offset).limit(limit + 1)).all()


def resource_to_edit(read: Reading, *, slug: str) -> Draft:
    """The resource in whatever state, for its editors; NotFound for others."""
    found = (
        select(Resource)
        .where(Resource.slug == slug)
        .options(joinedload(Resource.programme), joinedload(Resource.organisation), joinedload(Resource.event))
    )
    resource = read.session.scalars(found).one_or_none()
    if resource is None or not may_edit(read.actor, resource):
        raise NotFound
    every = versions_of(read, resource.id)
    draft = next((version for version in every if version.published_at is None), None)
    published = next((version for version in every if version.number == resource.version), None)
    shown = draft or published
    return Draft(resource, published, draft, items_of(read, shown.id) if shown else ())


def versions_of(read: Reading, resource_id: int) -> Sequence[ResourceVersion]:
    """All versions, newest first, the one that is being made too."""
    own = select(ResourceVersion).where(ResourceVersion.resource_id == resource_id)
    return read.session.scalars(own.order_by(ResourceVersion.number.desc())).all()


def tag_ids(read: Reading, resource_id: int) -> Sequence[int]:
    return read.session.scalars(select(ResourceTag.tag_id).where(ResourceTag.resource_id == resource_id)).all()


def owners(read: Reading, *, programme_id: int) -> Sequence[tuple[int, str]]:
    """Who can own a resource of the programme, and be reminded to look at it: its admins and facilitators, by name."""
    granted = (
        select(RoleGrant.person_id)
        .where(RoleGrant.role.in_(EDITORS), RoleGrant.revoked_at.is_(None), RoleGrant.event_id.is_(None))
        .where(or_(RoleGrant.programme_id.is_(None), RoleGrant.programme_id == programme_id))
    )
    found = select(Person.id, Person.name).join(Account, Account.person_id == Person.id).where(Person.id.in_(granted))
    return [(person_id, name) for person_id, name in read.session.execute(found.order_by(Person.name, Person.id))]


@dataclass(frozen=True)
class Choice:
    """An event that a resource can come out of; a course is one whose alumni it can be for."""

    id: int
    slug: str
    title: str
    kind: EventKind


def events_to_choose(read: Reading, *, programme_id: int) -> Sequence[Choice]:
    """Of the programme, the newest first; the caller has checked who asks."""
    found = (
        select(Event.id, Event.slug, Event.title, Event.kind)
        .where(Event.programme_id == programme_id, Event.state != EventState.DRAFT)
        .order_by(Event.id.desc())
        .limit(MOST_TO_CHOOSE)
    )
    return [Choice(*row) for row in read.session.execute(found)]


def resources_to_choose(read: Reading, *, programme_id: int) -> Sequence[tuple[str, str]]:
    """What a collection of the programme can hold: (slug, title), by title; the caller has checked who asks."""
    found = select(Resource.slug, Resource.title, Resource.place).where(Resource.programme_id == programme_id)
    rows = read.session.execute(found.order_by(Resource.title, Resource.id).limit(MOST_TO_CHOOSE))
    return [(slug, f"{title} ({place})" if place else title) for slug, title, place in rows]


def collections_to_edit(read: Reading) -> Sequence[Collection]:
    """The collections that the actor may alter, in their order."""
    found = select(Collection).where(edited_by(read.actor, Collection.programme_id))
    return read.session.scalars(found.order_by(Collection.position, Collection.title, Collection.id)).all()


def collection_to_edit(read: Reading, *, slug: str) -> Collection:
    collection = read.session.scalars(select(Collection).where(Collection.slug == slug)).one_or_none()
    if collection is None or not may_edit(read.actor, collection):
        raise NotFound
    return collection


def in_collection(read: Reading, collection_id: int) -> Sequence[Resource]:
    """What a collection holds, in its order, in whatever state."""
    found = (
        select(Resource)
        .join(CollectionResource, CollectionResource.resource_id == Resource.id)
        .where(CollectionResource.collection_id == collection_id)
        .order_by(CollectionResource.position, Resource.id)
    )
    return read.session.scalars(found).all()
