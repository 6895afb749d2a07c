"""Versions: the next one is begun as a copy, filled, and published with a word about what changed."""

from sqlalchemy import delete, func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.toolkit import (
    CollectionResource,
    Resource,
    ResourceItem,
    ResourceState,
    ResourceTag,
    ResourceVersion,
)
from cop.queries import toolkit as queries
from cop.services.toolkit.shared import draft_of, to_edit, touch


def begin_version(work: Work, *, resource_id: int, seen: int | None = None) -> ResourceVersion:
    """Begin the next version as a copy of the published one; people go on seeing that one."""
    resource = to_edit(work, resource_id, seen)
    if draft_of(work, resource) is not None:
        raise Refusal(marked("The next version is begun already. Look at it again."))
    own = ResourceVersion.resource_id == resource.id
    last = work.session.scalar(select(func.max(ResourceVersion.number)).where(own)) or 0
    version = ResourceVersion(resource_id=resource.id, number=last + 1, made_at=work.now)
    work.session.add(version)
    work.session.flush()
    published = select(ResourceVersion.id).where(own, ResourceVersion.number == resource.version)
    for item in queries.items_of(work, work.session.scalars(published).one()):
        work.session.add(
            ResourceItem(
                version_id=version.id,
                kind=item.kind,
                position=item.position,
                title=item.title,
                sha256=item.sha256,
                name=item.name,
                url=item.url,
                body=item.body,
                html=item.html,
                accessible=item.accessible,
                accessible_note=item.accessible_note,
                failures=item.failures,
                checked_at=item.checked_at,
            )
        )
    touch(work, resource)
    return version


def publish(work: Work, *, resource_id: int, changes: str = "", seen: int | None = None) -> ResourceVersion:
    """Show the version that was made in place of the one before.

    The first needs something to show: an item, or a result in its own words. Later ones say what changed, because
    people who took the one before are told.
    """
    resource = to_edit(work, resource_id, seen)
    version = draft_of(work, resource)
    if version is None:
        raise Refusal(marked("There is no new version to publish. Begin one first."))
    if not (resource.result or queries.items_of(work, version.id)):
        raise Refusal(marked("Add a file, an address or some words first: there is nothing to show yet."))
    if resource.version and not changes:
        raise Refusal(marked("Say what changed: people who took the version before are told"), field="changes")
    version.changes, version.published_at, version.published_by = changes, work.now, work.actor.person_id
    resource.state, resource.version, resource.published_at = ResourceState.PUBLISHED, version.number, work.now
    touch(work, resource)
    return version


def drop_version(work: Work, *, resource_id: int, seen: int | None = None) -> Resource | None:
    """Give up the version that is being made. What was never published goes as a whole, and None is what is left."""
    resource = to_edit(work, resource_id, seen)
    version = draft_of(work, resource)
    if version is None:
        raise NotFound
    for item in queries.items_of(work, version.id):
        work.session.delete(item)
    work.session.flush()
    work.session.delete(version)
    work.session.flush()
    if resource.version:
        touch(work, resource)
        return resource
    for table in (ResourceTag, CollectionResource):
        work.session.execute(delete(table).where(table.resource_id == resource.id))
    work.session.delete(resource)
    work.session.flush()
    return None


def withdraw(work: Work, *, resource_id: int, reason: str, seen: int | None = None) -> Resource:
    """Take it out of the toolkit. Its address answers with "not found"; all that is known of its use stays."""
    resource = to_edit(work, resource_id, seen)
    if resource.state is not ResourceState.PUBLISHED:
        raise Refusal(marked("It is not published, so there is nothing to withdraw. Look at it again."))
    work.because(reason)
    resource.state = ResourceState.WITHDRAWN
    touch(work, resource)
    return resource


def bring_back(work: Work, *, resource_id: int, seen: int | None = None) -> Resource:
    """Show a withdrawn resource again, in the version that was the last."""
    resource = to_edit(work, resource_id, seen)
    if resource.state is not ResourceState.WITHDRAWN:
        raise Refusal(marked("It is not withdrawn. Look at it again."))
    resource.state = ResourceState.PUBLISHED
    touch(work, resource)
    return resource
