"""Programmes, organisations, series and events for programs: nothing about people stands here."""

from dataclasses import dataclass

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import selectinload

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.events import Event, EventKind, EventState
from cop.models.organisations import Organisation
from cop.models.programmes import Programme, Series
from cop.queries import programmes as known
from cop.queries.api import Page, Wanted

SHOWN = (EventState.PUBLISHED, EventState.CANCELLED)
"""Drafts are nobody's business before they are published."""


def programmes(read: Reading, wanted: Wanted) -> Page[Programme]:
    """Those that the token is for."""
    granted = sorted(known.granted(read, Role.ADMIN, Role.EVALUATOR), key=lambda one: one.id)
    (after,) = wanted.after or (0,)
    found = [one for one in granted if one.id > after]
    return Page.cut(found[: wanted.limit + 1], wanted.limit, lambda one: [one.id], lambda one: one)


def organisations(read: Reading, wanted: Wanted) -> Page[Organisation]:
    """The directory, which is public, without records that were doubles."""
    (after,) = wanted.after or (0,)
    rows = (
        select(Organisation)
        .where(Organisation.merged_into.is_(None), Organisation.id > after)
        .order_by(Organisation.id)
        .limit(wanted.limit + 1)
    )
    found = read.session.scalars(rows).all()
    return Page.cut(found, wanted.limit, lambda one: [one.id], lambda one: one)


def series(read: Reading, wanted: Wanted, *, programme_id: int) -> Page[Series]:
    """The series of a programme that the caller has found for the actor."""
    (after,) = wanted.after or (0,)
    rows = select(Series).where(Series.programme_id == programme_id, Series.id > after).order_by(Series.id)
    found = read.session.scalars(rows.limit(wanted.limit + 1)).all()
    return Page.cut(found, wanted.limit, lambda one: [one.id], lambda one: one)


@dataclass(frozen=True)
class Happening:
    """An event with its parts, and the slugs of its series and of what it points to."""

    event: Event
    series: str | None


def events(read: Reading, wanted: Wanted, *, programme_id: int, kind: EventKind | None = None) -> Page[Happening]:
    """Events that were published, called off ones too, in the order of their making; in two statements."""
    (after,) = wanted.after or (0,)
    rows = _events(programme_id).where(Event.id > after).order_by(Event.id).limit(wanted.limit + 1)
    found = read.session.execute(rows if kind is None else rows.where(Event.kind == kind)).all()
    return Page.cut(found, wanted.limit, lambda row: [row[0].id], _happening)


def event(read: Reading, *, programme_id: int, slug: str) -> Happening:
    row = read.session.execute(_events(programme_id).where(Event.slug == slug)).one_or_none()
    if row is None:
        raise NotFound
    return _happening(row)


def _events(programme_id: int) -> Select[Event, str | None]:
    return (
        select(Event, Series.slug)
        .outerjoin(Series, Series.id == Event.series_id)
        .where(Event.programme_id == programme_id, Event.state.in_(SHOWN))
        .options(selectinload(Event.parts))
    )


def _happening(row: Row[Event, str | None]) -> Happening:
    return Happening(*row)
