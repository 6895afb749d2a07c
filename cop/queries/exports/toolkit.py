"""Rows of the export of the toolkit's use: one for each look, download, step that was told, and answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, String, Text, and_, case, cast, literal, null, select, union_all

from cop.core.work import Reading
from cop.models.accounts import Person, Sector
from cop.models.base import word
from cop.models.events import Event, EventKind
from cop.models.organisations import Organisation
from cop.models.service import Observation, Setting
from cop.models.toolkit import ItemKind, Resource, ResourceItem, ResourceUse, ResourceVersion, Usefulness
from cop.queries.accounts import NEWER_MEMBER_YEARS, is_newer_member
from cop.queries.exports import Who, of_organisation, streamed
from cop.queries.toolkit_use import DOWNLOADED, VIEWED

VIEW, DOWNLOAD, USEFUL, NOT_USEFUL = "viewed", "downloaded", "useful", "not useful"
ACTS = (VIEW, DOWNLOAD, "used", "adapted", "result", USEFUL, NOT_USEFUL)


@dataclass(frozen=True)
class UseRow(Who):
    """``item`` is what was downloaded. Person, organisation and sector are None where nobody was signed in."""

    event: str | None
    event_kind: EventKind | None
    resource: str
    resource_kind: ItemKind
    act: str
    version: int | None
    item: str | None
    at: datetime
    words: str


def use_rows(read: Reading, *, programme_id: int) -> Iterator[UseRow]:
    """Rows by their instant, with the organisation and the sector of that day."""
    for row in streamed(read, _rows(programme_id)):
        joined_on, years = row.pop("joined_on"), row.pop("years") or NEWER_MEMBER_YEARS
        newer = is_newer_member(joined_on, row["at"].date(), years) if joined_on else None
        yield UseRow(newer_member=newer, **row)


def _rows(programme_id: int) -> Select[*tuple[Any, ...]]:
    acts = union_all(_viewed(), _downloaded(), _told(), _answered()).subquery("acts")
    years = select(Setting.value).where(Setting.name == "newer_member_years").scalar_subquery()
    return (
        select(
            Event.slug.label("event"),
            Event.kind.label("event_kind"),
            Person.id.label("person_id"),
            Person.public_id.label("public_id"),
            Person.name.label("name"),
            Person.email.label("email"),
            *of_organisation(),
            Organisation.membership,
            Organisation.joined_on,
            years.label("years"),
            acts.c.sector,
            Resource.slug.label("resource"),
            Resource.kind.label("resource_kind"),
            acts.c.act,
            acts.c.version,
            acts.c.item,
            acts.c.at,
            acts.c.words,
        )
        .join(acts, acts.c.resource_id == Resource.id)
        .outerjoin(Event, Event.id == Resource.event_id)
        .outerjoin(Person, Person.id == acts.c.person_id)
        .outerjoin(Organisation, Organisation.id == acts.c.organisation_id)
        .where(Resource.programme_id == programme_id)
        .order_by(acts.c.at, acts.c.act, acts.c.id)
    )


def _viewed() -> Select[*tuple[Any, ...]]:
    return _act(Observation, Observation.subject_id, literal(VIEW, String), Observation.value).where(
        Observation.kind == VIEWED, Observation.subject_kind == "resource"
    )


def _downloaded() -> Select[*tuple[Any, ...]]:
    taken = and_(
        Observation.kind == DOWNLOADED,
        Observation.subject_kind == "resource item",
        Observation.subject_id == ResourceItem.id,
    )
    act = literal(DOWNLOAD, String)
    found = _act(Observation, ResourceVersion.resource_id, act, ResourceVersion.number, item=ResourceItem.title)
    return found.join(ResourceItem, taken).join(ResourceVersion, ResourceVersion.id == ResourceItem.version_id)


def _told() -> Select[*tuple[Any, ...]]:
    step = cast(ResourceUse.step, String)
    return _act(ResourceUse, ResourceUse.resource_id, step, ResourceUse.version, words=ResourceUse.words)


def _answered() -> Select[*tuple[Any, ...]]:
    said = case((Usefulness.useful, USEFUL), else_=NOT_USEFUL)
    return select(
        Usefulness.id,
        Usefulness.resource_id,
        said.label("act"),
        cast(null(), BigInteger).label("person_id"),
        cast(null(), BigInteger).label("organisation_id"),
        cast(null(), word(Sector)).label("sector"),
        Usefulness.version.label("version"),
        cast(null(), Text).label("item"),
        Usefulness.at,
        Usefulness.words.label("words"),
    )


def _act(
    held: type[Observation | ResourceUse],
    resource_id: Any,
    act: Any,
    version: Any,
    *,
    item: Any = None,
    words: Any = "",
) -> Select[*tuple[Any, ...]]:
    return select(
        held.id,
        resource_id.label("resource_id"),
        act.label("act"),
        held.person_id,
        held.organisation_id,
        held.sector,
        version.label("version"),
        (cast(null(), Text) if item is None else item).label("item"),
        held.at,
        (literal(words, Text) if isinstance(words, str) else words).label("words"),
    ).select_from(held)
