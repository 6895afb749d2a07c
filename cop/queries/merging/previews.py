"""What merging two records would do, side by side, before anybody does it. For admins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import Generic, TypeVar

from sqlalchemy import func, literal, or_, select, union_all

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import FORMER_APPLICANT, Account, Affiliation, Channel, Person, RoleGrant, Sector
from cop.models.merging import MergeKind
from cop.models.organisations import (
    Membership,
    Organisation,
    OrganisationDomain,
    OrganisationKind,
    OrganisationSuccession,
)
from cop.queries.merging.clashes import Clash, clashes
from cop.queries.merging.references import TABLES, name_of, references


@dataclass(frozen=True)
class PersonSide:
    """One of two records of a person. Of access needs it is only said that there are any."""

    id: int
    public_id: str
    name: str
    email: str | None
    phone: str | None
    prefers: Channel
    timezone: str
    has_needs: bool
    created_at: datetime
    signed_in_at: datetime | None
    organisation: str | None
    sector: Sector | None
    role_title: str | None
    has_place: bool
    roles: Sequence[tuple[Role, bool]]
    """Live roles, and whether each is over everything."""


@dataclass(frozen=True)
class OrganisationSide:
    id: int
    slug: str
    name: str
    kind: OrganisationKind
    membership: Membership | None
    region: str | None
    rural: bool | None
    joined_on: date | None
    ended_on: date | None
    code: str | None
    source: str | None
    domains: Sequence[str]


Side = TypeVar("Side", PersonSide, OrganisationSide)

RESTLESS = frozenset({"observation.person_id", "outbox.person_id"})
"""What grows while somebody only looks: nobody has to look at the page again for that."""


@dataclass(frozen=True)
class Preview(Generic[Side]):
    """``rows`` counts by table what points to each record: the rows of the double pass over.

    ``choices`` are the fields in which the two differ, ``settled`` those of them that follow a rule and no choice, with
    whether the double's value is taken.
    """

    kept: Side
    gone: Side
    rows: Mapping[str, tuple[int, int]]
    clashes: Sequence[Clash]
    choices: Sequence[str]
    settled: Mapping[str, bool]

    @property
    def refused(self) -> Sequence[Clash]:
        return [clash for clash in self.clashes if clash.is_refused]

    @cached_property
    def seen(self) -> str:
        """A digest of all that the page shows, by which it is noticed that something has changed since."""
        rows = sorted(pair for pair in self.rows.items() if pair[0] not in RESTLESS)
        clashing = [(clash.what, clash.stays, clash.kept, clash.gone) for clash in self.clashes]
        return sha256(repr((self.kept, self.gone, rows, clashing)).encode()).hexdigest()


PERSON_FIELDS = ("name", "email", "phone", "prefers", "timezone", "needs", "place")
"""What is chosen for a person. ``needs`` are access needs, which nobody reads here; ``place`` is where they belong."""

ORGANISATION_FIELDS = ("name", "kind", "membership", "region", "rural", "joined_on", "ended_on", "code", "source")


def people(read: Reading, *, kept: str, gone: str) -> Preview[PersonSide]:
    """Two records of people by their public ids; NotFound unless both are known, different and not merged yet."""
    _only_admins(read)
    sides = _people(read, kept, gone)
    if len(sides) != 2:  # noqa: PLR2004  a record and its double
        raise NotFound
    one, other = sides[kept], sides[gone]
    settled = _settled(one, other)
    return Preview(
        one,
        other,
        _rows(read, MergeKind.PERSON, one.id, other.id),
        clashes(read, MergeKind.PERSON, kept_id=one.id, gone_id=other.id),
        [name for name in PERSON_FIELDS if _differs(one, other, name) and name not in settled],
        settled,
    )


def _settled(kept: PersonSide, gone: PersonSide) -> Mapping[str, bool]:
    """Fields in which only one of the two says anything, and the address where only one of the two has signed in."""
    settled = {}
    if kept.email != gone.email:
        if bool(kept.signed_in_at) != bool(gone.signed_in_at):
            settled["email"] = bool(gone.signed_in_at)
        elif kept.email is None or gone.email is None:
            settled["email"] = kept.email is None
    if kept.phone != gone.phone and (kept.phone is None or gone.phone is None):
        settled["phone"] = kept.phone is None
    if kept.has_needs != gone.has_needs:
        settled["needs"] = gone.has_needs
    if kept.has_place != gone.has_place:
        settled["place"] = gone.has_place
    return settled


def _differs(kept: PersonSide, gone: PersonSide, name: str) -> bool:
    if name == "needs":
        return kept.has_needs or gone.has_needs
    if name == "place":
        places = [(side.has_place, side.organisation, side.sector, side.role_title) for side in (kept, gone)]
        return places[0] != places[1]
    return bool(getattr(kept, name) != getattr(gone, name))


def _people(read: Reading, *public_ids: str) -> Mapping[str, PersonSide]:
    live = (Affiliation.person_id == Person.id) & Affiliation.is_primary & Affiliation.to_on.is_(None)
    rows = read.session.execute(
        select(
            Person.id,
            Person.public_id,
            Person.name,
            Person.email,
            Person.phone,
            Person.prefers,
            Person.timezone,
            Person.needs.is_not(None).label("has_needs"),
            Person.created_at,
            Account.email_verified_at.label("signed_in_at"),
            func.coalesce(Organisation.name, Affiliation.organisation_text).label("organisation"),
            Affiliation.sector,
            Affiliation.role_title,
            Affiliation.id.is_not(None).label("has_place"),
        )
        .outerjoin(Account, Account.person_id == Person.id)
        .outerjoin(Affiliation, live)
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(
            Person.public_id.in_({*public_ids} - {FORMER_APPLICANT}),
            Person.merged_into.is_(None),
            Person.erased_at.is_(None),
        )
    ).all()
    held = select(RoleGrant.person_id, RoleGrant.role, func.num_nonnulls(*SCOPES) == 0)
    held = held.where(RoleGrant.person_id.in_([row.id for row in rows]), RoleGrant.revoked_at.is_(None))
    roles: dict[int, list[tuple[Role, bool]]] = {row.id: [] for row in rows}
    for person_id, role, is_over_everything in read.session.execute(held.order_by(RoleGrant.id)):
        roles[person_id].append((role, is_over_everything))
    return {row.public_id: PersonSide(**row._asdict(), roles=tuple(roles[row.id])) for row in rows}


SCOPES = (RoleGrant.programme_id, RoleGrant.event_id, RoleGrant.organisation_id)


def organisations(read: Reading, *, kept: str, gone: str) -> Preview[OrganisationSide]:
    """Two organisations by their slugs; NotFound unless both are known, different and not merged yet."""
    _only_admins(read)
    sides = _organisations(read, kept, gone)
    if len(sides) != 2:  # noqa: PLR2004  a record and its double
        raise NotFound
    one, other = sides[kept], sides[gone]
    pairs = {name: (getattr(one, name), getattr(other, name)) for name in ORGANISATION_FIELDS}
    settled = {
        name: mine is None for name, (mine, theirs) in pairs.items() if mine != theirs and None in {mine, theirs}
    }
    return Preview(
        one,
        other,
        _rows(read, MergeKind.ORGANISATION, one.id, other.id),
        clashes(read, MergeKind.ORGANISATION, kept_id=one.id, gone_id=other.id),
        [name for name, (mine, theirs) in pairs.items() if mine != theirs and name not in settled],
        settled,
    )


def _organisations(read: Reading, *slugs: str) -> Mapping[str, OrganisationSide]:
    columns = [getattr(Organisation, name) for name in ("id", "slug", *ORGANISATION_FIELDS)]
    found = select(*columns).where(Organisation.slug.in_(slugs), Organisation.merged_into.is_(None))
    rows = read.session.execute(found).all()
    held = select(OrganisationDomain.organisation_id, OrganisationDomain.domain).order_by(OrganisationDomain.domain)
    domains: dict[int, list[str]] = {row.id: [] for row in rows}
    for organisation_id, domain in read.session.execute(held.where(OrganisationDomain.organisation_id.in_(domains))):
        domains[organisation_id].append(domain)
    return {row.slug: OrganisationSide(**row._asdict(), domains=tuple(domains[row.id])) for row in rows}


def succeed_one_another(read: Reading, *, kept_id: int, gone_id: int) -> bool:
    """Whether one took over from the other, so that they cannot be one and the same."""
    pair = {kept_id, gone_id}
    between = select(OrganisationSuccession.on_date).where(
        OrganisationSuccession.predecessor_id.in_(pair), OrganisationSuccession.successor_id.in_(pair)
    )
    return read.session.scalar(between.limit(1)) is not None


def _rows(read: Reading, kind: MergeKind, kept_id: int, gone_id: int) -> Mapping[str, tuple[int, int]]:
    """How many rows point to each of the two, by the name of table and column, in one statement."""
    counts = [
        select(
            literal(name_of(column)).label("name"),
            func.count().filter(column == kept_id).label("kept"),
            func.count().filter(column == gone_id).label("gone"),
        ).where(or_(column == kept_id, column == gone_id))
        for column in references(kind)
        if column.table is not TABLES[kind]
    ]
    rows = read.session.execute(union_all(*counts)).all()
    return {row.name: (row.kept, row.gone) for row in rows if row.kept or row.gone}


def _only_admins(read: Reading) -> None:
    if not read.actor.is_admin():
        raise NotFound
