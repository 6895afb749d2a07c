"""The directory of members: who stands in it by their own consent, for members alone.

Somebody is listed while three things hold: they agreed to it, they said what is shown, and they are a member. Whatever
they do not show is not searched either, and nobody can be found by it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, exists, func, or_, select

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person
from cop.models.members import Leaning, Profile, ProfileTag
from cop.models.organisations import Organisation
from cop.models.regions import Region
from cop.models.tags import Tag, TagKind
from cop.models.telling import Consent, Purpose
from cop.queries.consents import stands
from cop.queries.forum.entering import PERSON, is_member, who

HELP_KINDS = (TagKind.SKILL, TagKind.THEME)
"""The lists that somebody chooses from to say what they can help with, and what they would like help with."""

MOST_WORDS = 8
MOST_PLACES = 500
"""Organisations that the filter offers."""


def is_listed(person: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether a person, as a column or a value, stands in the directory; needs ``now`` among the values."""
    return and_(
        exists().where(Profile.person_id == person).correlate_except(Profile),
        stands(person, Purpose.DIRECTORY).correlate_except(Consent),
        is_member(person),
    )


def may_look(read: Reading) -> bool:
    """Whether the actor is a member, and so may look into the directory."""
    return bool(read.session.scalar(select(is_member(PERSON)), who(read)))


@dataclass(frozen=True)
class Wanted:
    """Whom a list shows; what is left out does not matter. ``tag`` and ``organisation`` are slugs."""

    words: str = ""
    tag: str = ""
    organisation: str = ""
    region: Region | None = None


@dataclass(frozen=True)
class Member:
    """What somebody shows of themselves; what they do not show is None here too."""

    id: int
    public_id: str
    name: str
    about: str
    organisation: str | None
    organisation_slug: str | None
    region: str | None
    role: str | None
    takes_letters: bool
    offers: Sequence[str] = field(default=())
    seeks: Sequence[str] = field(default=())


_PLACE: ColumnElement[str | None] = case(
    (Profile.shows_organisation, func.coalesce(Organisation.name, Affiliation.organisation_text))
)
_PLACE_SLUG: ColumnElement[str | None] = case((Profile.shows_organisation, Organisation.slug))
_REGION: ColumnElement[str | None] = case((Profile.shows_organisation, Organisation.region))
_ROLE: ColumnElement[str | None] = case((Profile.shows_role, Affiliation.role_title))


def _members(*columns: Any) -> Select[*tuple[Any, ...]]:
    """These columns of everybody who is listed, with what they show."""
    lives = and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))
    return (
        select(*columns)
        .select_from(Person)
        .join(Profile, Profile.person_id == Person.id)
        .outerjoin(Affiliation, lives)
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(is_listed(Person.id))
    )


_SHOWN = (
    Person.id,
    Person.public_id,
    Person.name,
    Profile.about,
    _PLACE,
    _PLACE_SLUG,
    _REGION,
    _ROLE,
    Profile.takes_letters,
)


def listed(read: Reading, wanted: Wanted, *, offset: int = 0, limit: int = 20) -> Sequence[Member]:
    """By name, ``limit`` + 1 of them so that the caller knows of a next page; NotFound for who is no member."""
    _only_members(read)
    found = _members(*_SHOWN).where(*_conditions(wanted)).order_by(Person.name, Person.id)
    return _with_tags(read, read.session.execute(found.offset(offset).limit(limit + 1), who(read)).all())


def count(read: Reading, wanted: Wanted) -> int:
    return read.session.scalar(_members(func.count()).where(*_conditions(wanted)), who(read)) or 0


def member(read: Reading, *, public_id: str) -> Member:
    """One person of the directory; NotFound for who is not listed, and for who is no member."""
    _only_members(read)
    rows = read.session.execute(_members(*_SHOWN).where(Person.public_id == public_id), who(read)).all()
    if not rows:
        raise NotFound
    return _with_tags(read, rows)[0]


def places(read: Reading) -> Sequence[tuple[str, str]]:
    """Slug and name of the organisations from which somebody who shows theirs is listed, by name."""
    shown = _members(Organisation.slug, Organisation.name).where(Profile.shows_organisation, Organisation.id > 0)
    rows = read.session.execute(shown.distinct().order_by(Organisation.name).limit(MOST_PLACES), who(read))
    return [(slug, name) for slug, name in rows]


@dataclass(frozen=True)
class Helper(Member):
    """``shared`` are the words that both name."""

    shared: Sequence[str] = field(default=())


def helpers(
    read: Reading, *, topic_tags: Sequence[int], leaning: Leaning, but: int, limit: int = 5
) -> Sequence[Helper]:
    """Who of the directory says that they can help with most of these words, or would like help with them; nobody for
    who is no member.
    """
    if not topic_tags or not may_look(read):
        return []
    names = func.array_agg(Tag.name.distinct()).label("shared")
    fits = (
        select(ProfileTag.person_id, names, func.count(Tag.id).label("size"))
        .join(Tag, Tag.id == ProfileTag.tag_id)
        .where(ProfileTag.tag_id.in_(topic_tags), ProfileTag.leaning == leaning, ProfileTag.person_id != but)
        .group_by(ProfileTag.person_id)
        .subquery("fits")
    )
    found = _members(*_SHOWN, fits.c.shared).join(fits, fits.c.person_id == Person.id)
    found = found.order_by(fits.c.size.desc(), Person.name, Person.id).limit(limit)
    rows = read.session.execute(found, who(read)).all()
    members = _with_tags(read, [row[:-1] for row in rows])
    return [Helper(**vars(one), shared=row[-1]) for one, row in zip(members, rows, strict=True)]


@dataclass(frozen=True)
class Own:
    """The acting person's own entry; ``offers`` and ``seeks`` are ids of words. ``organisation`` and ``role`` are what
    would be shown.
    """

    public_id: str
    name: str
    organisation: str | None
    role: str | None
    is_listed: bool
    profile: Profile | None
    offers: Sequence[int]
    seeks: Sequence[int]


def own(read: Reading) -> Own:
    """NotFound for who is no member."""
    _only_members(read)
    lives = and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))
    place = func.coalesce(Organisation.name, Affiliation.organisation_text)
    found = (
        select(Person.public_id, Person.name, place, Affiliation.role_title, is_listed(Person.id), Profile)
        .select_from(Person)
        .outerjoin(Profile, Profile.person_id == Person.id)
        .outerjoin(Affiliation, lives)
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(Person.id == read.actor.person_id)
    )
    public_id, name, organisation, role, is_in, profile = read.session.execute(found, who(read)).one()
    chosen = select(ProfileTag.leaning, ProfileTag.tag_id).where(ProfileTag.person_id == read.actor.person_id)
    tags: defaultdict[Leaning, list[int]] = defaultdict(list)
    for leaning, tag_id in read.session.execute(chosen.order_by(ProfileTag.tag_id)):
        tags[leaning].append(tag_id)
    return Own(public_id, name, organisation, role, is_in, profile, tags[Leaning.OFFERS], tags[Leaning.SEEKS])


def _only_members(read: Reading) -> None:
    if not may_look(read):
        raise NotFound


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    for word in wanted.words.split()[:MOST_WORDS]:
        named = exists().where(
            ProfileTag.person_id == Person.id, Tag.id == ProfileTag.tag_id, Tag.name.icontains(word, autoescape=True)
        )
        shown = (Person.name, Profile.about, _PLACE, _ROLE)
        yield or_(named, *(func.coalesce(text, "").icontains(word, autoescape=True) for text in shown))
    if wanted.tag:
        yield exists().where(
            ProfileTag.person_id == Person.id,
            ProfileTag.leaning == Leaning.OFFERS,
            Tag.id == ProfileTag.tag_id,
            Tag.slug == wanted.tag,
        )
    if wanted.organisation:
        yield _PLACE_SLUG.in_([wanted.organisation])
    if wanted.region:
        yield _REGION.in_([str(wanted.region)])


def _with_tags(read: Reading, rows: Sequence[Any]) -> Sequence[Member]:
    tags = _tags_of(read, [row[0] for row in rows])
    shown = (Member(*row) for row in rows)
    return [
        replace(one, offers=tags.get((one.id, Leaning.OFFERS), ()), seeks=tags.get((one.id, Leaning.SEEKS), ()))
        for one in shown
    ]


def _tags_of(read: Reading, person_ids: Sequence[int]) -> Mapping[tuple[int, Leaning], Sequence[str]]:
    chosen = (
        select(ProfileTag.person_id, ProfileTag.leaning, Tag.name)
        .join(Tag, Tag.id == ProfileTag.tag_id)
        .where(ProfileTag.person_id.in_(person_ids))
        .order_by(Tag.kind, Tag.position, Tag.id)
    )
    found: defaultdict[tuple[int, Leaning], list[str]] = defaultdict(list)
    for person_id, leaning, name in read.session.execute(chosen):
        found[person_id, leaning].append(name)
    return found
