"""The words that topics, resources, stories and people's offers are sorted by: ready-made lists, and changing them."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.tags import SORTERS, Tag, TagKind
from cop.services.programmes import slug_from

NAME_MOST = 80

MOST = 60
"""Words of one list: pages offer all of them."""

READY_MADE: Mapping[TagKind, Sequence[str]] = {
    TagKind.PRINCIPLE: (
        "Social partnership",
        "Democratic engagement",
        "Co-production",
        "Enterprise and social economy",
        "Maximising social value",
        "Community leadership and a new role for councillors",
        "New models of meeting priority needs",
        "Innovation",
        "Learning",
        "Walking the talk",
    ),
    TagKind.THEME: (
        "Early years",
        "Education",
        "Working conditions",
        "Income",
        "Housing",
        "Communities and environment",
        "Discrimination and exclusion",
    ),
    TagKind.METHOD: (
        "Co-production",
        "Asset-based",
        "Appreciative inquiry",
        "100-day challenge",
        "Positive deviance",
    ),
    TagKind.LEVEL: ("Civic", "Service-based", "Community-centred"),
    TagKind.SKILL: (
        "Facilitation",
        "Community organising",
        "Running a residents’ panel",
        "Participatory budgeting",
        "Peer research",
        "Evaluation and data",
        "Commissioning and procurement",
        "Writing bids",
        "Setting up a co-operative",
        "Working with health partners",
        "Working with councillors",
        "Plain language and easy read",
        "Digital inclusion",
        "Telling stories",
    ),
    TagKind.CODE: (
        "New contact",
        "New idea",
        "More confident",
        "Felt listened to",
        "Did something differently",
        "Residents took part",
        "Better for residents",
        "Something stood in the way",
        "Did not expect this",
    ),
}
"""The lists with which the service begins."""


def ensure(work: Work) -> int:
    """Add the ready-made words that are missing; how many. What was renamed or retired stays as it is."""
    if not work.actor.is_admin():
        raise NotFound
    made = insert(Tag).values([*_ready_made()]).on_conflict_do_nothing().returning(Tag.id)
    return len(work.session.scalars(made).all())


def _ready_made() -> Iterator[dict[str, object]]:
    """A word that two lists have gets its list in its address the second time."""
    taken: set[str] = set()
    for kind, names in READY_MADE.items():
        for position, name in enumerate(names, start=1):
            slug = slug_from(name)
            slug = f"{slug}-{kind}" if slug in taken else slug
            taken.add(slug)
            yield {"kind": kind, "slug": slug, "name": name, "position": position}


def add(work: Work, *, kind: TagKind, name: str) -> Tag:
    """Add a word at the end of its list. Its address is made from its name and stays."""
    if not work.actor.is_admin():
        raise NotFound
    name = _free_name(work, kind, name)
    offered = select(func.count()).where(Tag.kind == kind, Tag.retired_at.is_(None))
    if (work.session.scalar(offered) or 0) >= MOST:
        raise Refusal(marked("A list can have at most %(most)s words. Retire one first."), field="name", most=MOST)
    last = work.session.scalar(select(func.max(Tag.position)).where(Tag.kind == kind))
    tag = Tag(kind=kind, slug=_free_slug(work, kind, name), name=name, position=(last or 0) + 1)
    work.session.add(tag)
    work.session.flush()
    return tag


def rename(work: Work, *, slug: str, name: str) -> Tag:
    """Call a word something else wherever it stands; its address stays."""
    tag = _tag(work, slug)
    if tag.name != name.strip():
        tag.name = _free_name(work, tag.kind, name, but=tag.id)
        work.session.flush()
    return tag


def retire(work: Work, *, slug: str) -> Tag:
    """Offer a word no more. It stays wherever it was given."""
    tag = _tag(work, slug)
    tag.retired_at = tag.retired_at or work.now
    return tag


def offer_again(work: Work, *, slug: str) -> Tag:
    tag = _tag(work, slug)
    tag.retired_at = None
    return tag


def chosen(
    work: Work,
    tag_ids: Sequence[int],
    *,
    kept: frozenset[int] = frozenset(),
    kinds: Sequence[TagKind] = SORTERS,
) -> frozenset[int]:
    """The ids of words that may be given, ``kept`` among them even when retired; Refusal for any other."""
    wanted = frozenset(tag_ids)
    known = select(Tag.id, Tag.retired_at).where(Tag.id.in_(wanted), Tag.kind.in_(kinds))
    found = work.session.execute(known).all()
    usable = {tag_id for tag_id, retired_at in found if retired_at is None or tag_id in kept}
    if wanted - usable:
        raise Refusal(marked("One of these words is not offered any more. Choose again."), field="tags")
    return wanted


def _tag(work: Work, slug: str) -> Tag:
    if not work.actor.is_admin():
        raise NotFound
    tag = work.session.scalars(select(Tag).where(Tag.slug == slug).with_for_update()).one_or_none()
    if tag is None:
        raise NotFound
    return tag


def _free_name(work: Work, kind: TagKind, name: str, *, but: int | None = None) -> str:
    name = name.strip()
    if not name or len(name) > NAME_MOST or not slug_from(name):
        raise Refusal(marked("Enter a word or a few, with at most %(most)s characters"), field="name", most=NAME_MOST)
    same = select(Tag.id).where(Tag.kind == kind, func.lower(Tag.name) == name.lower(), Tag.id.is_distinct_from(but))
    if work.session.scalar(same) is not None:
        raise Refusal(marked("“%(name)s” is in this list already"), field="name", name=name)
    return name


def _free_slug(work: Work, kind: TagKind, name: str) -> str:
    """The words of the name, with those of its list where another list has them, and with a number after that."""
    slug = slug_from(name)
    begins = Tag.slug.startswith(slug, autoescape=True)
    taken = set(work.session.scalars(select(Tag.slug).where(begins)))
    wanted = [slug, f"{slug}-{kind}", *(f"{slug}-{kind}-{number}" for number in range(2, len(taken) + 3))]
    return next(word for word in wanted if word not in taken)
