"""Reads about organisations: the public list of members, the directory of admins, the chooser of accounts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased, selectinload

from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.core.work import Reading
from cop.models.accounts import Affiliation
from cop.models.organisations import ORGANISATION_WORDS, Membership, Organisation, OrganisationDomain, OrganisationKind
from cop.models.regions import Region
from cop.models.service import Setting
from cop.queries.accounts import NEWER_MEMBER_YEARS, is_newer_member
from cop.queries.search import matching


@dataclass(frozen=True)
class Wanted:
    """Which organisations a list shows; what is left out does not matter. Members have some membership."""

    words: str = ""
    kind: OrganisationKind | None = None
    membership: Membership | None = None
    region: Region | None = None
    members_only: bool = False


@dataclass(frozen=True)
class Listed:
    """A row of a list; ``is_newer`` is None while nobody knows when they joined."""

    slug: str
    name: str
    kind: OrganisationKind
    membership: Membership | None
    region: str | None
    joined_on: date | None
    ended_on: date | None
    is_newer: bool | None


def listed(read: Reading, wanted: Wanted, *, offset: int = 0, limit: int = 50) -> Sequence[Listed]:
    """By name, ``limit`` + 1 of them so that the caller knows of a next page."""
    years = select(Setting.value).where(Setting.name == "newer_member_years").scalar_subquery()
    found = select(
        Organisation.slug,
        Organisation.name,
        Organisation.kind,
        Organisation.membership,
        Organisation.region,
        Organisation.joined_on,
        Organisation.ended_on,
        years,
    ).where(*_conditions(read, wanted))
    rows = read.session.execute(found.order_by(Organisation.name, Organisation.id).offset(offset).limit(limit + 1))
    return [
        Listed(slug, name, kind, membership, region, joined_on, ended_on, _is_newer(read, joined_on, setting))
        for slug, name, kind, membership, region, joined_on, ended_on, setting in rows
    ]


def count(read: Reading, wanted: Wanted) -> int:
    return read.session.scalar(select(func.count()).select_from(Organisation).where(*_conditions(read, wanted))) or 0


def exists_today(read: Reading) -> ColumnElement[bool]:
    """Whether an organisation is none that was merged with another, and none that has ended."""
    has_not_ended = or_(Organisation.ended_on.is_(None), Organisation.ended_on > day_of(read.now))
    return and_(Organisation.merged_into.is_(None), has_not_ended)


def _conditions(read: Reading, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield Organisation.merged_into.is_(None)
    if wanted.words:
        yield matching(Organisation.id, ORGANISATION_WORDS, wanted.words)
    if wanted.kind:
        yield Organisation.kind == wanted.kind
    if wanted.membership:
        yield Organisation.membership == wanted.membership
    if wanted.region:
        yield Organisation.region == wanted.region
    if wanted.members_only:
        yield and_(Organisation.membership.is_not(None), exists_today(read))


def _is_newer(read: Reading, joined_on: date | None, years: int | None) -> bool | None:
    return None if joined_on is None else is_newer_member(joined_on, read.now.date(), years or NEWER_MEMBER_YEARS)


@dataclass(frozen=True)
class Profile:
    """One organisation for its page, with its e-mail domains; never its people, only how many belong to it now."""

    organisation: Organisation
    is_newer: bool | None
    people: int


def profile(read: Reading, *, slug: str) -> Profile:
    years = select(Setting.value).where(Setting.name == "newer_member_years").scalar_subquery()
    people = (
        select(func.count())
        .select_from(Affiliation)
        .where(Affiliation.organisation_id == Organisation.id, Affiliation.is_primary, Affiliation.to_on.is_(None))
        .scalar_subquery()
    )
    row = read.session.execute(
        select(Organisation, years, people)
        .where(Organisation.slug == slug, Organisation.merged_into.is_(None))
        .options(selectinload(Organisation.domains))
    ).one_or_none()
    if row is None:
        raise NotFound
    organisation, setting, belonging = row
    return Profile(organisation, _is_newer(read, organisation.joined_on, setting), belonging)


def kept_slug(read: Reading, *, slug: str) -> str:
    """The slug of the record that one was merged into; NotFound where it was not."""
    kept = aliased(Organisation)
    found = select(kept.slug).join(Organisation, Organisation.merged_into == kept.id).where(Organisation.slug == slug)
    slug_of_kept = read.session.scalar(found)
    if slug_of_kept is None:
        raise NotFound
    return slug_of_kept


def search(read: Reading, *, words: str, limit: int) -> Sequence[Organisation]:
    """The first organisations of today whose words begin so; none for a blank search."""
    return read.session.scalars(
        select(Organisation)
        .where(matching(Organisation.id, ORGANISATION_WORDS, words), exists_today(read))
        .order_by(Organisation.name, Organisation.id)
        .limit(limit)
    ).all()


def proposed_for(read: Reading, *, email: str) -> Organisation | None:
    """The organisation that the address belongs to: the one with the longest matching e-mail domain."""
    domains = list(_with_parents(email.rpartition("@")[2].lower()))
    return read.session.scalars(
        select(Organisation)
        .join(OrganisationDomain, OrganisationDomain.organisation_id == Organisation.id)
        .where(OrganisationDomain.domain.in_(domains), exists_today(read))
        .order_by(func.length(OrganisationDomain.domain).desc())
        .limit(1)
    ).one_or_none()


def _with_parents(domain: str) -> Iterator[str]:
    """a.b.gov.uk, then b.gov.uk, then gov.uk."""
    while "." in domain:
        yield domain
        domain = domain.partition(".")[2]


def named(read: Reading, text: str) -> Organisation | None:
    """The organisation of exactly this name, in any case, or of this slug; for a double, what it was merged into."""
    known = aliased(Organisation)
    same_name = func.lower(known.name) == func.lower(text)
    return read.session.scalars(
        select(Organisation)
        .join(known, Organisation.id == func.coalesce(known.merged_into, known.id))
        .where(or_(same_name, known.slug == text.lower()))
        .order_by(same_name.desc(), known.merged_into.is_not(None), known.id)
        .limit(1)
    ).one_or_none()
