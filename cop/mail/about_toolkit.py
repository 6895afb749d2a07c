"""Messages about resources of the toolkit: to those who took one, and to those who look after it."""

from sqlalchemy import select

from cop.core.place import day_of
from cop.core.work import Reading
from cop.mail.kinds import Values, is_preview
from cop.models.outbox import Outbox
from cop.models.toolkit import Resource, ResourceItem, ResourceState, ResourceTaken, ResourceVersion, Step
from cop.queries import toolkit_use
from cop.web import address


def used(read: Reading, row: Outbox) -> Values | None:
    """Pointless once they have told what came of it, do not want to be asked any more, or cannot see it now."""
    taken = _taken(read, row)
    if taken is None or not (taken.ask_at is not None or is_preview(row)):
        return None
    token = toolkit_use.link_token(taken)
    told = toolkit_use.of_link(read, token=token)
    if Step.RESULT in told.steps and not is_preview(row):
        return None
    return {"resource": told.resource, "taken_at": taken.taken_at, "link": address("toolkit_use.by_link", token=token)}


def changed(read: Reading, row: Outbox) -> Values | None:
    """Pointless once they do not want to hear of it any more, or cannot see it now."""
    taken = _taken(read, row)
    if taken is None or not (taken.wants_news or is_preview(row)):
        return None
    resource = read.session.get_one(Resource, taken.resource_id)
    newer = select(ResourceVersion).where(
        ResourceVersion.resource_id == resource.id,
        ResourceVersion.number > row.params["since"],
        ResourceVersion.published_at.is_not(None),
    )
    versions = read.session.scalars(newer.order_by(ResourceVersion.number.desc())).all()
    return {
        "resource": resource,
        "versions": versions,
        "link": address("toolkit.resource", slug=resource.slug),
        "wishes_link": address("toolkit_use.wishes", slug=resource.slug),
    }


def review(read: Reading, row: Outbox) -> Values | None:
    """Pointless once it was looked at and given another day, or withdrawn."""
    resource = read.session.get(Resource, row.params["resource_id"])
    if resource is None or resource.state is not ResourceState.PUBLISHED or resource.review_on is None:
        return None
    if resource.review_on > day_of(read.now) and not is_preview(row):
        return None
    return {"resource": resource, "link": address("admin_toolkit.overview", slug=resource.slug)}


def link_broken(read: Reading, row: Outbox) -> Values | None:
    """Pointless once the address answers again, was changed, or is shown no more."""
    found = (
        select(ResourceItem, Resource)
        .join(ResourceVersion, ResourceVersion.id == ResourceItem.version_id)
        .join(Resource, Resource.id == ResourceVersion.resource_id)
        .where(
            ResourceItem.id == row.params["item_id"],
            Resource.version == ResourceVersion.number,
            Resource.state == ResourceState.PUBLISHED,
        )
    )
    pair = read.session.execute(found).one_or_none()
    if pair is None or not (pair[0].failures or is_preview(row)):
        return None
    link = address("admin_toolkit.overview", slug=pair[1].slug)
    return {"item": pair[0], "resource": pair[1], "reason": row.params["why"], "link": link}


def _taken(read: Reading, row: Outbox) -> ResourceTaken | None:
    """What somebody took, where they have not changed their mind wholly and still see it."""
    taken = read.session.get(ResourceTaken, row.params["taken_id"])
    is_theirs = taken is not None and taken.person_id == row.person_id
    return taken if taken is not None and is_theirs and toolkit_use.seen_by_taker(read, taken) else None
