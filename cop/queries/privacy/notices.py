"""Privacy notices by place and version: what stands beside a form, and what it said on an earlier day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.privacy import Notice
from cop.queries.privacy.ready_made import READY_MADE, ReadyMade

FIRST = 1
"""The version with which the service comes; those that admins publish have the numbers behind it."""


@dataclass(frozen=True)
class Shown:
    """One version. ``published_at`` is None for that with which the service came."""

    place: str
    version: int
    summary: str
    body: str
    published_at: datetime | None = None

    @property
    def title(self) -> str:
        return READY_MADE[self.place].title


@dataclass(frozen=True)
class Version:
    number: int
    published_at: datetime | None
    published_by: str | None


def ready_made(place: str) -> ReadyMade:
    if place not in READY_MADE:
        raise NotFound
    return READY_MADE[place]


def current(read: Reading, *, place: str) -> Shown:
    """The version that counts now."""
    first = ready_made(place)
    newest = select(Notice.version, Notice.summary, Notice.body, Notice.published_at).where(Notice.place == place)
    row = read.session.execute(newest.order_by(Notice.version.desc()).limit(1)).one_or_none()
    return Shown(place, *row) if row is not None else Shown(place, FIRST, first.summary, first.body)


def one(read: Reading, *, place: str, version: int) -> Shown:
    """A version by its number; NotFound where there is none."""
    first = ready_made(place)
    if version == FIRST:
        return Shown(place, FIRST, first.summary, first.body)
    wanted = select(Notice.version, Notice.summary, Notice.body, Notice.published_at)
    row = read.session.execute(wanted.where(Notice.place == place, Notice.version == version)).one_or_none()
    if row is None:
        raise NotFound
    return Shown(place, *row)


def versions(read: Reading, *, place: str) -> Sequence[Version]:
    """All versions of a place, the newest first; who published them is for admins to know."""
    ready_made(place)
    made = (
        select(Notice.version, Notice.published_at, Person.name)
        .outerjoin(Person, Person.id == Notice.published_by)
        .where(Notice.place == place)
        .order_by(Notice.version.desc())
    )
    is_admin = read.actor.is_admin()
    found = [Version(row[0], row[1], row[2] if is_admin else None) for row in read.session.execute(made)]
    return [*found, Version(FIRST, None, None)]


def listed(read: Reading) -> Mapping[str, Shown]:
    """The current notice of every place, by place, in the order of the ready-made ones."""
    newest = (
        select(Notice.place, Notice.version, Notice.summary, Notice.body, Notice.published_at)
        .ext(distinct_on(Notice.place))
        .order_by(Notice.place, Notice.version.desc())
    )
    made = {row.place: Shown(*row) for row in read.session.execute(newest)}
    first = {place: Shown(place, FIRST, text.summary, text.body) for place, text in READY_MADE.items()}
    return {place: made.get(place, shown) for place, shown in first.items()}
