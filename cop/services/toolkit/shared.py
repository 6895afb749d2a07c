"""What all changes of the toolkit begin with: the locked record, for those who may alter it, as they last saw it."""

from sqlalchemy import select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.toolkit import Resource, ResourceVersion
from cop.queries.toolkit.seeing import may_edit

TAKEN_BY_PAGES = frozenset({"collections", "recordings", "t"})
"""Words that stand for a page of ours where an address names a resource or a collection."""


def to_edit(work: Work, resource_id: int, seen: int | None = None) -> Resource:
    """The locked resource; Refusal where ``seen``, its revision as the page showed it, is no longer so."""
    found = select(Resource).where(Resource.id == resource_id).with_for_update(key_share=True)
    resource = work.session.scalars(found, execution_options={"populate_existing": True}).one_or_none()
    if resource is None or not may_edit(work.actor, resource):
        raise NotFound
    refuse_unseen(resource.revision, seen)
    return resource


def refuse_unseen(revision: int, seen: int | None) -> None:
    if seen is not None and revision != seen:
        raise Refusal(
            marked("Somebody else has changed this in the meantime. Look at it again, and then save what is yours."),
            field="seen",
        )


def touch(work: Work, resource: Resource) -> None:
    """Note a change, so that nobody who has seen the resource before can write over it unseen."""
    resource.revision += 1
    resource.changed_at = work.now
    work.session.flush()


def draft_of(work: Work, resource: Resource) -> ResourceVersion | None:
    own = select(ResourceVersion).where(
        ResourceVersion.resource_id == resource.id, ResourceVersion.published_at.is_(None)
    )
    return work.session.scalars(own).one_or_none()


def refuse_taken(slug: str) -> None:
    if slug in TAKEN_BY_PAGES:
        raise Refusal(marked("“%(slug)s” is in use already. Choose another web address."), field="slug", slug=slug)
