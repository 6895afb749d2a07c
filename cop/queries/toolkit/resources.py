"""One resource as its page shows it: what stands in it, by which words it is sorted, and its earlier versions."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import contains_eager, joinedload

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.events import Event, EventState, Visibility
from cop.models.tags import Tag
from cop.models.toolkit import (
    Collection,
    CollectionResource,
    Resource,
    ResourceItem,
    ResourceTag,
    ResourceVersion,
)
from cop.queries.forum.entering import who
from cop.queries.toolkit.recordings import Recording, recordings_of
from cop.queries.toolkit.seeing import may_see


@dataclass(frozen=True)
class Shown:
    """``versions`` are the published ones, newest first; ``version`` is the one whose ``items`` are shown."""

    resource: Resource
    version: ResourceVersion
    items: Sequence[ResourceItem]
    versions: Sequence[ResourceVersion]
    tags: Sequence[Tag]
    collections: Sequence[Collection]
    recordings: Sequence[Recording]

    @property
    def event(self) -> Event | None:
        """The event that it came out of, where everybody may know of it."""
        event = self.resource.event
        known = event is not None and event.state is not EventState.DRAFT and event.visibility is Visibility.PUBLIC
        return event if known else None


def resource_page(read: Reading, *, slug: str, number: int | None = None) -> Shown:
    """The resource in its published version, or in an earlier one; NotFound for who may not see it."""
    found = (
        select(Resource)
        .where(Resource.slug == slug, may_see(read))
        .options(joinedload(Resource.organisation), joinedload(Resource.event))
    )
    resource = read.session.scalars(found, who(read)).one_or_none()
    if resource is None:
        raise NotFound
    shown = shown_as(read, resource, number=number if number is not None else resource.version)
    if shown.version.published_at is None:
        raise NotFound
    return shown


def shown_as(read: Reading, resource: Resource, *, number: int) -> Shown:
    """The page of a resource in one of its versions; the caller has checked who asks, and for a draft so too."""
    known = select(ResourceVersion).where(ResourceVersion.resource_id == resource.id)
    every = read.session.scalars(known.order_by(ResourceVersion.number.desc())).all()
    version = next((version for version in every if version.number == number), None)
    if version is None:
        raise NotFound
    of_event = recordings_of(read, event_id=resource.event_id) if resource.event_id is not None else ()
    return Shown(
        resource,
        version,
        items_of(read, version.id),
        [version for version in every if version.published_at is not None],
        _tags(read, resource.id),
        _collections(read, resource.id),
        of_event,
    )


def items_of(read: Reading, version_id: int) -> Sequence[ResourceItem]:
    """What stands in a version, in its order, with the files."""
    found = (
        select(ResourceItem)
        .where(ResourceItem.version_id == version_id)
        .options(joinedload(ResourceItem.file))
        .order_by(ResourceItem.position, ResourceItem.id)
    )
    return read.session.scalars(found).all()


def one_item(read: Reading, *, slug: str, public_id: str) -> ResourceItem:
    """A file or an address of any published version, with its version and its resource; NotFound otherwise.

    An address that somebody kept goes on leading to what it led to.
    """
    found = (
        select(ResourceItem)
        .join(ResourceVersion, ResourceVersion.id == ResourceItem.version_id)
        .join(Resource, Resource.id == ResourceVersion.resource_id)
        .where(
            ResourceItem.public_id == public_id,
            ResourceVersion.published_at.is_not(None),
            Resource.slug == slug,
            may_see(read),
        )
        .options(
            contains_eager(ResourceItem.version).contains_eager(ResourceVersion.resource),
            joinedload(ResourceItem.file),
        )
    )
    item = read.session.scalars(found, who(read)).one_or_none()
    if item is None or (item.sha256 is None and item.url is None):
        raise NotFound
    return item


def of_event(read: Reading, event_id: int) -> Sequence[tuple[str, str]]:
    """What the actor sees of the resources that came out of an event: (slug, title), by title."""
    found = select(Resource.slug, Resource.title).where(Resource.event_id == event_id, may_see(read))
    ordered = found.order_by(Resource.title, Resource.id).limit(20)
    return [(slug, title) for slug, title in read.session.execute(ordered, who(read))]


def _tags(read: Reading, resource_id: int) -> Sequence[Tag]:
    of_it = and_(ResourceTag.tag_id == Tag.id, ResourceTag.resource_id == resource_id)
    return read.session.scalars(select(Tag).join(ResourceTag, of_it).order_by(Tag.kind, Tag.position, Tag.name)).all()


def _collections(read: Reading, resource_id: int) -> Sequence[Collection]:
    holds_it = and_(CollectionResource.collection_id == Collection.id, CollectionResource.resource_id == resource_id)
    found = select(Collection).join(CollectionResource, holds_it)
    return read.session.scalars(found.order_by(Collection.position, Collection.title, Collection.id)).all()
