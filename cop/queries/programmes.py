"""Reads about programmes and their series."""

from collections.abc import Collection, Sequence
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, select, true
from sqlalchemy.orm import joinedload

from cop.core.access import Actor, Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.programmes import Programme, Series

LATEST_FIRST = (Programme.is_current.desc(), Programme.starts_on.desc(), Programme.id)


def current(read: Reading) -> Programme | None:
    """The programme that the home page is about; None before there is one."""
    return read.session.scalars(select(Programme).where(Programme.is_current)).first()


def by_slug(read: Reading, slug: str) -> Programme:
    programme = read.session.scalars(select(Programme).where(Programme.slug == slug)).one_or_none()
    if programme is None:
        raise NotFound
    return programme


def series_by_slug(read: Reading, slug: str) -> Series:
    """A series with its programme."""
    series = read.session.scalars(_series_by_slug(), {"slug": slug}).one_or_none()
    if series is None:
        raise NotFound
    return series


@cache
def _series_by_slug() -> Select[Series]:
    return select(Series).where(Series.slug == bindparam("slug")).options(joinedload(Series.programme))


def listed(read: Reading) -> Sequence[Programme]:
    """All programmes, the current one first, then the latest."""
    return read.session.scalars(select(Programme).order_by(*LATEST_FIRST)).all()


def series_of(read: Reading, programme_ids: Collection[int]) -> Sequence[Series]:
    """The series of these programmes, by name."""
    found = select(Series).where(Series.programme_id.in_(programme_ids)).order_by(Series.name, Series.id)
    return read.session.scalars(found).all()


def granted(read: Reading, *roles: Role) -> Sequence[Programme]:
    """The programmes over which the actor holds one of ``roles``, the current one first, then the latest."""
    return read.session.scalars(select(Programme).where(_covered(read.actor, roles)).order_by(*LATEST_FIRST)).all()


def to_edit(read: Reading, slug: str) -> Programme:
    """The programme, for its admins."""
    programme = by_slug(read, slug)
    if not read.actor.may(Role.ADMIN, programme_id=programme.id):
        raise NotFound
    return programme


def _covered(actor: Actor, roles: Collection[Role]) -> ColumnElement[bool]:
    if actor.may(*roles):
        return true()
    ids = [grant.programme_id for grant in actor.grants if grant.role in roles and grant.programme_id is not None]
    return Programme.id.in_(ids)
