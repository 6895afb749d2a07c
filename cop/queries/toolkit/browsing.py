"""Lists of resources: found by words, narrowed by facets, in an order; and collections.

Each of them asks the same number of statements, however much there is.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import REGCONFIG, TSQUERY, TSVECTOR
from sqlalchemy.sql.elements import TextClause

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.tags import Tag, TagKind
from cop.models.toolkit import (
    ITEM_WORDS,
    RESOURCE_WORDS,
    Collection,
    CollectionResource,
    ItemKind,
    Resource,
    ResourceAudience,
    ResourceItem,
    ResourceTag,
    ResourceVersion,
)
from cop.queries.forum.entering import who
from cop.queries.search import MOST_CHARACTERS
from cop.queries.toolkit.seeing import may_see

FACETS = (TagKind.THEME, TagKind.PRINCIPLE, TagKind.METHOD, TagKind.LEVEL)
"""The lists of words by which resources are sorted, in the order of the page."""


LONG_COUNTS_LESS = 1
"""For ts_rank: the rank is divided by the logarithm of the length."""


class Sort(StrEnum):
    BEST = "best"
    NEWEST = "newest"
    TITLE = "title"


@dataclass(frozen=True)
class Wanted:
    """Which resources a list shows. ``tags`` holds the slug of the word that was chosen of each list."""

    words: str = ""
    kind: ItemKind | None = None
    tags: Mapping[TagKind, str] = field(default_factory=dict)
    sort: Sort = Sort.NEWEST


@dataclass(frozen=True)
class Listed:
    """A row of a list. ``themes`` are names."""

    id: int
    slug: str
    title: str
    summary: str
    kind: ItemKind
    audience: ResourceAudience
    place: str
    result: str
    year: int | None
    version: int
    published_at: datetime | None
    themes: Sequence[str] = ()


@dataclass(frozen=True)
class Facets:
    """How many resources each answer would show, the other answers being as they are.

    ``kinds``: (kind, count); ``tags``: (slug, name, count) of each list, in its order.
    """

    kinds: Sequence[tuple[ItemKind, int]]
    tags: Mapping[TagKind, Sequence[tuple[str, str, int]]]


COLUMNS = (
    Resource.id,
    Resource.slug,
    Resource.title,
    Resource.summary,
    Resource.kind,
    Resource.audience,
    Resource.place,
    Resource.result,
    Resource.year,
    Resource.version,
    Resource.published_at,
)


def listed(read: Reading, wanted: Wanted, *, offset: int = 0, limit: int = 20) -> Sequence[Listed]:
    """In the order that is asked for, ``limit`` + 1 of them so that the caller knows of a next page."""
    found = select(*COLUMNS).where(*_conditions(read, wanted)).order_by(*_order(wanted))
    return _rows(read, found.offset(offset).limit(limit + 1))


def count(read: Reading, wanted: Wanted) -> int:
    counted = select(func.count()).select_from(Resource).where(*_conditions(read, wanted))
    return read.session.scalar(counted, who(read)) or 0


def facets(read: Reading, wanted: Wanted) -> Facets:
    """What each answer of each facet would show: a facet leaves its own answer out when it counts."""
    own = _conditions(read, replace(wanted, kind=None))
    kinds = select(
        literal("kind", String).label("facet"),
        cast(Resource.kind, String).label("value"),
        cast(Resource.kind, String).label("name"),
        literal(0, Integer).label("position"),
        func.count().label("found"),
    )
    each = [kinds.where(*own).group_by(Resource.kind), *(_counted(read, wanted, kind) for kind in FACETS)]
    rows = union_all(*each).subquery("counted")
    found = select(rows.c.facet, rows.c.value, rows.c.name, rows.c.found)
    counts: list[tuple[ItemKind, int]] = []
    tags: dict[TagKind, list[tuple[str, str, int]]] = defaultdict(list)
    ordered = found.order_by(rows.c.facet, rows.c.position, rows.c.name)
    for facet, value, name, number in read.session.execute(ordered, who(read)):
        if facet == "kind":
            counts.append((ItemKind(value), number))
        else:
            tags[TagKind(facet)].append((value, name, number))
    return Facets(counts, tags)


def _counted(read: Reading, wanted: Wanted, kind: TagKind) -> Select[*tuple[Any, ...]]:
    """The words of one list that anything would be found by, and the chosen one even where nothing is."""
    others = {other: slug for other, slug in wanted.tags.items() if other is not kind}
    fits = and_(Resource.id == ResourceTag.resource_id, *_conditions(read, replace(wanted, tags=others)))
    return (
        select(
            literal(kind.value, String).label("facet"),
            Tag.slug.label("value"),
            Tag.name.label("name"),
            Tag.position.label("position"),
            func.count(Resource.id).label("found"),
        )
        .outerjoin(ResourceTag, ResourceTag.tag_id == Tag.id)
        .outerjoin(Resource, fits)
        .where(Tag.kind == kind)
        .group_by(Tag.id)
        .having(or_(func.count(Resource.id) > 0, Tag.slug == wanted.tags.get(kind, "")))
    )


def _conditions(read: Reading, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield may_see(read)
    if wanted.words:
        yield _holds(wanted.words)
    if wanted.kind:
        yield Resource.kind == wanted.kind
    for kind, slug in wanted.tags.items():
        yield (
            exists()
            .where(ResourceTag.resource_id == Resource.id, Tag.id == ResourceTag.tag_id)
            .where(Tag.kind == kind, Tag.slug == slug)
            .correlate_except(ResourceTag, Tag)
        )


def _holds(words: str) -> ColumnElement[bool]:
    """Whether the resource, or something that stands in its published version, holds all these words."""
    asked = _asked(words)
    of_itself = select(Resource.id).where(_vector(RESOURCE_WORDS).op("@@")(asked)).correlate(None)
    items = select(ResourceItem.version_id).where(_vector(ITEM_WORDS).op("@@")(asked)).correlate(None)
    of_items = exists().where(
        ResourceVersion.resource_id == Resource.id,
        ResourceVersion.number == Resource.version,
        ResourceVersion.id.in_(items),
    )
    return or_(Resource.id.in_(of_itself), of_items.correlate_except(ResourceVersion))


def _order(wanted: Wanted) -> Sequence[ColumnElement[Any]]:
    newest = (Resource.published_at.desc(), Resource.id.desc())
    if wanted.sort is Sort.TITLE:
        return (func.lower(Resource.title).asc(), Resource.id.asc())
    if wanted.sort is Sort.BEST and wanted.words:
        rest = func.concat_ws(" ", Resource.summary, Resource.place, Resource.result)
        words = [_weighed(Resource.title, "A"), _weighed(rest, "C")]
        rank = func.ts_rank(words[0].op("||")(words[1]), _asked(wanted.words), LONG_COUNTS_LESS)
        return (rank.desc(), *newest)
    return newest


def _weighed(words: Any, weight: str) -> ColumnElement[Any]:
    return func.setweight(func.to_tsvector(_english(), words), literal_column(f"'{weight}'"), type_=TSVECTOR)


def _asked(words: str) -> ColumnElement[Any]:
    return func.websearch_to_tsquery(_english(), literal(words[:MOST_CHARACTERS]), type_=TSQUERY)


def _english() -> ColumnElement[Any]:
    return cast(literal("english"), REGCONFIG)


def _vector(words: TextClause) -> ColumnElement[Any]:
    """The expression of an index. It names plain columns, so it stands in a statement about one table alone."""
    return literal_column(words.text, TSVECTOR)


def _rows(read: Reading, found: Select[*tuple[Any, ...]]) -> Sequence[Listed]:
    """The rows with the names of their themes, in two statements."""
    rows = [Listed(*row) for row in read.session.execute(found, who(read))]
    named = (
        select(ResourceTag.resource_id, Tag.name)
        .join(Tag, Tag.id == ResourceTag.tag_id)
        .where(ResourceTag.resource_id.in_([row.id for row in rows]), Tag.kind == TagKind.THEME)
        .order_by(Tag.position, Tag.name)
    )
    themes: dict[int, list[str]] = defaultdict(list)
    for resource_id, name in read.session.execute(named) if rows else ():
        themes[resource_id].append(name)
    return [replace(row, themes=themes.get(row.id, ())) for row in rows]


def collections(read: Reading) -> Sequence[tuple[Collection, int]]:
    """The collections in which the actor sees anything, in their order, and how much."""
    seen = func.count(Resource.id)
    found = (
        select(Collection, seen)
        .join(CollectionResource, CollectionResource.collection_id == Collection.id)
        .join(Resource, and_(Resource.id == CollectionResource.resource_id, may_see(read)))
        .group_by(Collection.id)
        .order_by(Collection.position, Collection.title, Collection.id)
    )
    return [(collection, number) for collection, number in read.session.execute(found, who(read))]


def of_collection(read: Reading, *, slug: str) -> tuple[Collection, Sequence[Listed]]:
    """A collection with what the actor sees of it, in its order; NotFound where that is nothing."""
    collection = read.session.scalars(select(Collection).where(Collection.slug == slug)).one_or_none()
    if collection is None:
        raise NotFound
    found = (
        select(*COLUMNS)
        .join(CollectionResource, CollectionResource.resource_id == Resource.id)
        .where(CollectionResource.collection_id == collection.id, may_see(read))
        .order_by(CollectionResource.position, Resource.id)
    )
    rows = _rows(read, found)
    if not rows:
        raise NotFound
    return collection, rows
