"""Reads of the words that things are sorted by."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.tags import SORTERS, Tag, TagKind


def offered(read: Reading, *kinds: TagKind, kept: Collection[int] = ()) -> Mapping[TagKind, Sequence[Tag]]:
    """What a form offers, list by list in their order; ``kept`` are ids that stand there although they are retired."""
    found = select(Tag).where(Tag.retired_at.is_(None) | Tag.id.in_(kept), Tag.kind.in_(kinds or SORTERS))
    return _by_list(read.session.scalars(found.order_by(Tag.position, Tag.id)).all())


def listed(read: Reading) -> Mapping[TagKind, Sequence[Tag]]:
    """All words, retired ones too, list by list, for whoever keeps the lists."""
    return _by_list(read.session.scalars(select(Tag).order_by(Tag.retired_at.is_not(None), Tag.position, Tag.id)).all())


def one(read: Reading, *, slug: str, kinds: Collection[TagKind] = tuple(TagKind)) -> Tag:
    tag = read.session.scalars(select(Tag).where(Tag.slug == slug, Tag.kind.in_(kinds))).one_or_none()
    if tag is None:
        raise NotFound
    return tag


def _by_list(tags: Sequence[Tag]) -> Mapping[TagKind, Sequence[Tag]]:
    """Every list in the order of ``TagKind``, without those that are empty."""
    found: defaultdict[TagKind, list[Tag]] = defaultdict(list)
    for tag in tags:
        found[tag.kind].append(tag)
    return {kind: found[kind] for kind in TagKind if kind in found}
