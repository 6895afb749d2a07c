"""Collections: resources that belong together, in an order."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.toolkit import Collection, CollectionResource, Resource
from cop.queries import toolkit as queries
from cop.services.programmes import free_slug
from cop.services.toolkit.shared import refuse_unseen

MOST_HELD = 100
"""Resources of one collection: its page shows them all."""


def create_collection(work: Work, *, programme_id: int, title: str, about: str, slug: str = "") -> Collection:
    """Begin a collection at the end of the programme's; nobody sees it while it holds nothing."""
    if not work.actor.may(*queries.EDITORS, programme_id=programme_id):
        raise NotFound
    last = work.session.scalar(select(func.max(Collection.position)).where(Collection.programme_id == programme_id))
    collection = Collection(
        programme_id=programme_id,
        slug=free_slug(work, Collection, slug=slug, name=title),
        title=title,
        about=about,
        position=(last or 0) + 1,
    )
    work.session.add(collection)
    work.session.flush()
    return collection


def edit_collection(
    work: Work, *, collection_id: int, title: str, about: str, position: int, seen: int | None = None
) -> Collection:
    """Change what it is called, what it is about, and its place among the collections."""
    collection = _to_edit(work, collection_id, seen)
    collection.title, collection.about, collection.position = title, about, position
    _touch(work, collection)
    return collection


def delete_collection(work: Work, *, collection_id: int, seen: int | None = None) -> None:
    """The collection goes; what it held stays in the toolkit."""
    collection = _to_edit(work, collection_id, seen)
    own = CollectionResource.collection_id == collection.id
    work.session.execute(delete(CollectionResource).where(own))
    work.session.delete(collection)
    work.session.flush()


def add_to_collection(work: Work, *, collection_id: int, resource_slug: str, seen: int | None = None) -> Resource:
    """Put a resource at the end, in whatever state it is; people see it there once they may see it at all."""
    collection = _to_edit(work, collection_id, seen)
    known = select(Resource).where(Resource.slug == resource_slug, Resource.programme_id == collection.programme_id)
    resource = work.session.scalars(known).one_or_none()
    if resource is None:
        raise Refusal(marked("Choose a resource from the list"), field="resource_slug")
    held = _held(work, collection)
    if any(row.resource_id == resource.id for row in held):
        raise Refusal(marked("“%(title)s” is in this collection already"), field="resource_slug", title=resource.title)
    if len(held) >= MOST_HELD:
        raise Refusal(marked("A collection can hold at most %(most)s resources"), field="resource_slug", most=MOST_HELD)
    position = max((row.position for row in held), default=0) + 1
    work.session.add(CollectionResource(collection_id=collection.id, resource_id=resource.id, position=position))
    _touch(work, collection)
    return resource


def move_up_in_collection(work: Work, *, collection_id: int, resource_id: int, seen: int | None = None) -> None:
    collection = _to_edit(work, collection_id, seen)
    held = _held(work, collection)
    place = held.index(_one(held, resource_id))
    if place:
        before, row = held[place - 1], held[place]
        before.position, row.position = row.position, before.position
        _touch(work, collection)


def remove_from_collection(work: Work, *, collection_id: int, resource_id: int, seen: int | None = None) -> None:
    collection = _to_edit(work, collection_id, seen)
    work.session.delete(_one(_held(work, collection), resource_id))
    _touch(work, collection)


def _to_edit(work: Work, collection_id: int, seen: int | None) -> Collection:
    collection = work.session.get(Collection, collection_id, with_for_update=True, populate_existing=True)
    if collection is None or not queries.may_edit(work.actor, collection):
        raise NotFound
    refuse_unseen(collection.revision, seen)
    return collection


def _touch(work: Work, collection: Collection) -> None:
    collection.revision += 1
    work.session.flush()


def _held(work: Work, collection: Collection) -> Sequence[CollectionResource]:
    own = select(CollectionResource).where(CollectionResource.collection_id == collection.id)
    return work.session.scalars(own.order_by(CollectionResource.position, CollectionResource.resource_id)).all()


def _one(held: Sequence[CollectionResource], resource_id: int) -> CollectionResource:
    for row in held:
        if row.resource_id == resource_id:
            return row
    raise NotFound
