"""What the search finds in the toolkit: resources by their own words, or by those of what stands in them."""

from typing import Any

from sqlalchemy import BigInteger, Select, String, and_, cast, func, null, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on

from cop.core.work import Reading
from cop.models.toolkit import ITEM_WORDS, RESOURCE_WORDS, Resource, ResourceItem, ResourceVersion
from cop.queries.search_page.shared import LIMIT, OFFSET, asked, excerpt, vector
from cop.queries.toolkit import may_see


def resources(read: Reading) -> Select[*tuple[Any, ...]]:
    """Each resource once: by what fits best of it and of the items of its published version."""
    own, other = vector(RESOURCE_WORDS), vector(ITEM_WORDS)
    of_itself = select(
        Resource.id.label("id"), cast(null(), BigInteger).label("item_id"), func.ts_rank(own, asked()).label("rank")
    ).where(own.op("@@")(asked()))
    items = (
        select(ResourceItem.id, ResourceItem.version_id, func.ts_rank(other, asked()).label("rank"))
        .where(other.op("@@")(asked()))
        .subquery("items")
    )
    published = and_(ResourceVersion.resource_id == Resource.id, ResourceVersion.number == Resource.version)
    of_items = (
        select(Resource.id, items.c.id, items.c.rank)
        .join(ResourceVersion, published)
        .join(items, items.c.version_id == ResourceVersion.id)
    )
    fits = union_all(of_itself, of_items).subquery("fits")
    each = select(fits).ext(distinct_on(fits.c.id)).order_by(fits.c.id, fits.c.rank.desc(), fits.c.item_id).subquery()
    best = (
        select(each.c.id, each.c.item_id, each.c.rank)
        .join(Resource, Resource.id == each.c.id)
        .where(may_see(read))
        .order_by(each.c.rank.desc(), each.c.id.desc())
        .limit(LIMIT)
        .offset(OFFSET)
        .subquery("best")
    )
    words = func.coalesce(ResourceItem.title + ". " + ResourceItem.body, Resource.summary)
    return (
        select(Resource.title, cast(Resource.kind, String), excerpt(words), Resource.slug.label("slug"))
        .join(best, best.c.id == Resource.id)
        .outerjoin(ResourceItem, ResourceItem.id == best.c.item_id)
        .order_by(best.c.rank.desc(), Resource.id.desc())
    )
