"""What the evaluation takes away: one statement for each kind of export, through a server-side cursor."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Label, Row, Select, Text, case, func, null, select, text, type_coerce

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person, Sector
from cop.models.base import UtcDateTime
from cop.models.cohorts import Application
from cop.models.events import Booking
from cop.models.organisations import Membership, Organisation, OrganisationKind
from cop.models.programmes import Programme
from cop.models.waiting import Waiting

CHUNK_ROWS = 2_000

MEMORY = "32MB"
"""What PostgreSQL may take to put very many rows in order, before it does so on its disk."""


@dataclass(frozen=True)
class Scope:
    """One programme to export. ``key`` hides who people are behind keys that are its own; None shows them."""

    programme_id: int
    slug: str
    key: str | None


def scope(read: Reading, *, programme_slug: str, pseudonymised: bool) -> Scope:
    """The programme for those who may export it; an evaluator reads pseudonyms whatever they ask for."""
    programme = read.session.scalars(select(Programme).where(Programme.slug == programme_slug)).one_or_none()
    if programme is None or not read.actor.may(Role.ADMIN, Role.EVALUATOR, programme_id=programme.id):
        raise NotFound
    hidden = pseudonymised or not read.actor.may(Role.ADMIN, programme_id=programme.id)
    return Scope(programme.id, programme.slug, programme.pseudonym_key if hidden else None)


@dataclass(frozen=True)
class Who:
    """The columns that exports of few rows share: a person, and who they were to the network on the day."""

    person_id: int | None
    public_id: str | None
    name: str | None
    email: str | None
    organisation_id: int | None
    organisation: str | None
    organisation_kind: OrganisationKind | None
    membership: Membership | None
    region: str | None
    newer_member: bool | None
    sector: Sector | None


def who(held: type[Booking] | type[Application]) -> tuple[Label[Any], ...]:
    """The columns of Who from a snapshot, joined with Person and Organisation."""
    return (
        Person.id.label("person_id"),
        Person.public_id.label("public_id"),
        Person.name.label("name"),
        Person.email.label("email"),
        *of_organisation(Application.region if held is Application else Organisation.region),
        held.membership.label("membership"),
        held.newer_member.label("newer_member"),
        held.sector.label("sector"),
    )


def of_organisation(region: Any = Organisation.region) -> tuple[Label[Any], ...]:
    """What Who tells of the organisation itself."""
    return (
        Organisation.id.label("organisation_id"),
        Organisation.name.label("organisation"),
        Organisation.kind.label("organisation_kind"),
        region.label("region"),
    )


def streamed(read: Reading, wanted: Select[*tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    """The rows by column, a few thousand at a time: memory stays the same for any number."""
    for row in rows_of(read, wanted):
        yield row._asdict()


def rows_of(read: Reading, wanted: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
    """The same as they come, for exports of which there are very many rows."""
    read.session.execute(text(f"SET LOCAL work_mem = '{MEMORY}'"))
    yield from read.session.execute(wanted, execution_options={"yield_per": CHUNK_ROWS})


def told(held: type[Booking] | type[Waiting], scope: Scope, name: Any = Person.name) -> tuple[Label[Any], ...]:
    """What Who tells, as columns of the export. Where names are hidden the ids of person and organisation stand in
    their place, and no name leaves the database.
    """
    is_named = scope.key is None
    hidden = null().cast(Text)
    return (
        (Person.public_id if is_named else Person.id).label("person"),
        (name if is_named else hidden).label("name"),
        (Person.email if is_named else hidden).label("email"),
        (Organisation.name if is_named else Organisation.id).label("organisation"),
        as_text(Organisation.kind).label("organisation_kind"),
        as_text(held.membership),
        Organisation.region.label("region"),
        case((held.newer_member.is_(True), "yes"), (held.newer_member.is_(False), "no")).label("newer_member"),
        as_text(held.sector),
    )


def as_text(column: Any) -> Label[str]:
    """A column of words or of an instant, written by the database: that is quicker than by us.

    Words lose their type; an instant is ISO 8601 in UTC with its offset.
    """
    if isinstance(column.type, UtcDateTime):
        wall = func.timezone("UTC", column)
        text = func.to_char(wall, 'YYYY-MM-DD"T"HH24:MI:SS') + case(
            (func.date_trunc("second", wall) == wall, ""), else_=func.to_char(wall, ".US")
        )
        return (text + "+00:00").label(column.key)
    return type_coerce(column, Text).label(column.key)
