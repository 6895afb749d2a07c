"""Which council took over from which: for their pages, for what is to be done, and for figures by today's map."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, Subquery, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from cop.core.place import day_of
from cop.core.work import Reading
from cop.models.organisations import Organisation, OrganisationSuccession


@dataclass(frozen=True)
class Relative:
    """A predecessor or a successor. ``is_over`` tells that the day has come."""

    slug: str
    name: str
    on_date: date
    is_over: bool


@dataclass(frozen=True)
class Lineage:
    """``may_be_taken_back`` while nothing of it has been carried out."""

    predecessors: Sequence[Relative]
    successors: Sequence[Relative]
    may_be_taken_back: bool = False


def lineage(read: Reading, *, organisation_id: int) -> Lineage:
    """Whom an organisation took over from, and who took over from it, in one statement."""
    before, after = aliased(Organisation), aliased(Organisation)
    found = (
        select(OrganisationSuccession, before.slug, before.name, after.slug, after.name)
        .join(before, before.id == OrganisationSuccession.predecessor_id)
        .join(after, after.id == OrganisationSuccession.successor_id)
        .where(
            or_(
                OrganisationSuccession.predecessor_id == organisation_id,
                OrganisationSuccession.successor_id == organisation_id,
            )
        )
        .order_by(OrganisationSuccession.on_date, before.name, after.name)
    )
    predecessors, successors, carried_out = [], [], False
    for row, before_slug, before_name, after_slug, after_name in read.session.execute(found):
        is_over = row.on_date <= day_of(read.now)
        if row.successor_id == organisation_id:
            predecessors.append(Relative(before_slug, before_name, row.on_date, is_over))
        else:
            successors.append(Relative(after_slug, after_name, row.on_date, is_over))
            carried_out = carried_out or row.carried_out_at is not None
    return Lineage(predecessors, successors, bool(successors) and not carried_out)


def successors_of(read: Reading, *, organisation_id: int) -> Sequence[Organisation]:
    """Who has taken over from an organisation by now, to choose from."""
    found = select(Organisation).join(OrganisationSuccession, OrganisationSuccession.successor_id == Organisation.id)
    has_come = OrganisationSuccession.on_date <= day_of(read.now)
    chosen = found.where(OrganisationSuccession.predecessor_id == organisation_id, has_come)
    return read.session.scalars(chosen.order_by(Organisation.name)).all()


def due(read: Reading, *, limit: int) -> Sequence[int]:
    """Organisations whose day has come, and with which nothing has been done yet."""
    found = (
        select(OrganisationSuccession.predecessor_id)
        .distinct()
        .where(OrganisationSuccession.carried_out_at.is_(None), OrganisationSuccession.on_date <= day_of(read.now))
    )
    return read.session.scalars(found.order_by(OrganisationSuccession.predecessor_id).limit(limit)).all()


def ancestors(read: Reading, organisation_ids: Sequence[int]) -> set[int]:
    """These organisations and all that they took over from, directly or not."""
    line = select(Organisation.id).where(Organisation.id.in_(organisation_ids)).cte("line", recursive=True)
    line = line.union(
        select(OrganisationSuccession.predecessor_id).join(line, line.c.id == OrganisationSuccession.successor_id)
    )
    return set(read.session.scalars(select(line.c.id)))


def map_of(today: date) -> Subquery:
    """For every organisation (``origin_id``) the one that stands in its place on that day (``id``): by the chain of
    successors, as long as there is exactly one. What several councils share is not divided, and stays the old one.
    """
    only = _taken_over(today).having(func.count() == 1).subquery("only")
    chain = select(Organisation.id.label("origin_id"), Organisation.id.label("id"), literal(0).label("steps"))
    line = chain.cte("chain", recursive=True)
    line = line.union(
        select(line.c.origin_id, only.c.successor_id, line.c.steps + 1).join(only, only.c.predecessor_id == line.c.id)
    )
    last = ~exists().where(only.c.predecessor_id == line.c.id)
    return select(line.c.origin_id, line.c.id).where(last).subquery("by_today")


def divided(read: Reading) -> Sequence[str]:
    """Names of organisations that several others have taken over by now."""
    shared = _taken_over(day_of(read.now)).having(func.count() > 1).subquery("shared")
    found = select(Organisation.name).join(shared, shared.c.predecessor_id == Organisation.id)
    return read.session.scalars(found.order_by(Organisation.name)).all()


def _taken_over(today: date) -> Select[int, int]:
    succession = OrganisationSuccession
    return (
        select(succession.predecessor_id, func.min(succession.successor_id).label("successor_id"))
        .where(succession.on_date <= today)
        .group_by(succession.predecessor_id)
    )
