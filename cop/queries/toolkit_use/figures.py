"""What is known of the use of the toolkit: looks and downloads that were counted, and what people told of it.

A rung of the ladder counts people and organisations that got so far or farther. Looks of people who were signed out
are in the numbers of looks and downloads alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from itertools import accumulate
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    distinct,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP, array
from sqlalchemy.orm import joinedload

from cop.core.access import SURVEY_READERS
from cop.core.errors import NotFound
from cop.core.place import day_of, instant_on
from cop.core.small_numbers import Figure, exact, guarded, guarded_chain, guarded_ladders, without_few
from cop.core.work import Reading
from cop.models.accounts import Person, Sector
from cop.models.organisations import Organisation
from cop.models.programmes import Programme
from cop.models.service import Observation
from cop.models.toolkit import (
    Resource,
    ResourceItem,
    ResourceState,
    ResourceUse,
    ResourceVersion,
    Step,
    Usefulness,
)
from cop.queries.programmes import LATEST_FIRST
from cop.queries.toolkit import EDITORS
from cop.queries.toolkit_use.kinds import RUNGS, ByRole, Council, Ladder, Line, Month, Rung, Use, Words
from cop.queries.toolkit_use.looks import DOWNLOADED, VIEWED

MONTHS_SHOWN = 12
WORDS_SHOWN = 50


def use(read: Reading, *, programme: str | None = None) -> Use:
    """The use of all resources of a programme, of the first that the actor may see without its slug."""
    known = _programmes(read)
    chosen = next((one for one in known if not programme or one.slug == programme), None)
    if chosen is None:
        raise NotFound
    return _use(read, known, chosen, None)


def use_of_resource(read: Reading, *, slug: str) -> Use:
    """The use of one resource, published or withdrawn; NotFound for who may not see the figures of its programme."""
    resource = read.session.scalars(select(Resource).where(Resource.slug == slug)).one_or_none()
    known = _programmes(read)
    chosen = next((one for one in known if resource is not None and one.id == resource.programme_id), None)
    if resource is None or chosen is None or resource.state is ResourceState.DRAFT:
        raise NotFound
    return _use(read, known, chosen, resource)


def lines(read: Reading, found: Use, *, offset: int = 0, limit: int = 20) -> Sequence[Line]:
    """The resources that were ever published, the most looked at first, or the one; ``limit`` + 1 of them."""
    wanted, viewed, downloaded = _lines(found)
    wanted = wanted.order_by(viewed.desc(), downloaded.desc(), Resource.title, Resource.id)
    if found.resource is not None:
        wanted = wanted.where(Resource.id == found.resource.id)
    rows = read.session.execute(wanted.offset(offset).limit(limit + 1))
    return [_line(row, found) for row in rows]


def lines_after(
    read: Reading, *, programme: Programme, after: int = 0, limit: int = 20
) -> Sequence[tuple[Resource, Line]]:
    """The same resources in the order of their making, those that follow the one with the id ``after``; ``limit`` + 1
    of them. The caller has found the programme for the actor.
    """
    found = _nothing_yet(read, (), programme, None)
    wanted, *_looks = _lines(found)
    rows = read.session.execute(
        wanted.add_columns(Resource)
        .options(joinedload(Resource.event))
        .where(Resource.id > after)
        .order_by(Resource.id)
        .limit(limit + 1)
    )
    return [(row[-1], _line(row[:-1], found)) for row in rows]


def _lines(found: Use) -> tuple[Select[*tuple[Any, ...]], ColumnElement[int], ColumnElement[int]]:
    """A row for each resource in no order, with its looks and its downloads."""
    acts = _acts(found)
    viewed = func.count().filter(acts.c.rung == _rung(Rung.SEEN)).label("viewed")
    downloaded = func.count().filter(acts.c.rung == _rung(Rung.DOWNLOADED)).label("downloaded")
    used = acts.c.rung >= _rung(Rung.USED)
    counted = (
        select(
            acts.c.resource_id,
            viewed,
            downloaded,
            func.count(distinct(acts.c.organisation_id)).label("organisations"),
            func.count(distinct(acts.c.person_id)).filter(used).label("used"),
        )
        .group_by(acts.c.resource_id)
        .subquery("counted")
    )
    of_it = Usefulness.resource_id == Resource.id
    columns = [func.coalesce(column, 0) for column in list(counted.c)[1:]]
    wanted = (
        select(
            Resource.slug,
            Resource.title,
            Resource.state,
            *columns,
            select(func.count()).where(of_it, Usefulness.useful).scalar_subquery(),
            select(func.count()).where(of_it).scalar_subquery(),
        )
        .outerjoin(counted, counted.c.resource_id == Resource.id)
        .where(Resource.programme_id == found.programme.id, Resource.state != ResourceState.DRAFT)
    )
    return wanted, columns[0], columns[1]


def councils(read: Reading, found: Use, *, offset: int = 0, limit: int = 50) -> Sequence[Council]:
    """The organisations by name that used the programme's toolkit, ``limit`` + 1 of them.

    It names them, so it is for those who run the programme: NotFound for others.
    """
    if not found.is_exact:
        raise NotFound
    acts = _acts(found)
    reached = (
        func.count(distinct(acts.c.person_id)).filter(acts.c.rung >= _rung(rung)).label(rung.value) for rung in RUNGS
    )
    wanted = (
        select(Organisation.name, Organisation.slug, func.count(distinct(acts.c.person_id)), *reached)
        .join(acts, acts.c.organisation_id == Organisation.id)
        .group_by(Organisation.id)
        .order_by(func.max(acts.c.rung).desc(), Organisation.name, Organisation.id)
    )
    rows = read.session.execute(wanted.offset(offset).limit(limit + 1))
    return [Council(row[0], row[1], row[2], row[3:]) for row in rows]


def came_back(read: Reading, found: Use) -> int:
    """How many organisations have people who looked at, took or used anything of it on two days or more.

    For those from whom nothing is hidden: NotFound for others.
    """
    if not found.is_exact:
        raise NotFound
    acts = _acts(found)
    day = func.date_trunc("day", acts.c.at)
    again = (
        select(acts.c.organisation_id)
        .where(acts.c.organisation_id.is_not(None))
        .group_by(acts.c.organisation_id)
        .having(func.count(distinct(day)) > 1)
        .subquery("again")
    )
    return read.session.scalar(select(func.count()).select_from(again)) or 0


def words(read: Reading, found: Use) -> Sequence[Words]:
    """What people told of a resource in their own words, the latest first; for those who run the programme."""
    if not found.is_exact or found.resource is None:
        return ()
    told = (
        select(
            ResourceUse.at,
            ResourceUse.words,
            cast(ResourceUse.step, String).label("step"),
            null().cast(Integer).label("useful"),
            Person.name.label("name"),
            Organisation.name.label("organisation"),
            ResourceUse.version,
        )
        .join(Person, Person.id == ResourceUse.person_id)
        .outerjoin(Organisation, Organisation.id == ResourceUse.organisation_id)
        .where(ResourceUse.resource_id == found.resource.id, ResourceUse.words != "")
    )
    said = select(
        Usefulness.at,
        Usefulness.words,
        null().cast(String),
        cast(Usefulness.useful, Integer),
        null().cast(String),
        null().cast(String),
        Usefulness.version,
    ).where(Usefulness.resource_id == found.resource.id, Usefulness.words != "")
    both = union_all(told, said).subquery()
    rows = read.session.execute(select(both).order_by(both.c.at.desc()).limit(WORDS_SHOWN))
    return [
        Words(
            row.at,
            row.words,
            Step(row.step) if row.step else None,
            None if row.useful is None else bool(row.useful),
            row.name,
            row.organisation,
            row.version,
        )
        for row in rows
    ]


def _programmes(read: Reading) -> Sequence[Programme]:
    """Those of which the actor may see the figures, the current one first."""
    ids = [
        grant.programme_id
        for grant in read.actor.grants
        if grant.role in SURVEY_READERS and grant.programme_id is not None
    ]
    allowed = true() if read.actor.may(*SURVEY_READERS) else Programme.id.in_(ids)
    return read.session.scalars(select(Programme).where(allowed).order_by(*LATEST_FIRST)).all()


def _use(read: Reading, known: Sequence[Programme], programme: Programme, resource: Resource | None) -> Use:
    found = _nothing_yet(read, known, programme, resource)
    ladder, roles = _reached(read, found)
    return replace(found, months=_months(read, found), ladder=ladder, roles=roles)


def _nothing_yet(read: Reading, known: Sequence[Programme], programme: Programme, resource: Resource | None) -> Use:
    """What to count and for whom, before anything is counted."""
    is_exact = read.actor.may(*EDITORS, programme_id=programme.id)
    return Use(known, programme, resource, is_exact, (), Ladder((), ()), ())


def _rung(rung: Rung) -> int:
    return RUNGS.index(rung)


def _acts(found: Use) -> Subquery:
    """Rows of (resource_id, rung, person_id, organisation_id, sector, at): a look, a download or a step told each."""
    whose = Resource.programme_id == found.programme.id
    if found.resource is not None:
        whose = and_(whose, Resource.id == found.resource.id)
    observed = (Observation.person_id, Observation.organisation_id, Observation.sector, Observation.at)
    seen = (
        select(Resource.id.label("resource_id"), literal(_rung(Rung.SEEN), Integer).label("rung"), *observed)
        .join(Observation, _is(VIEWED, "resource", Resource.id))
        .where(whose)
    )
    taken = (
        select(Resource.id, literal(_rung(Rung.DOWNLOADED), Integer), *observed)
        .join(ResourceVersion, ResourceVersion.resource_id == Resource.id)
        .join(ResourceItem, ResourceItem.version_id == ResourceVersion.id)
        .join(Observation, _is(DOWNLOADED, "resource item", ResourceItem.id))
        .where(whose)
    )
    rung = case(*((ResourceUse.step == step, _rung(Rung(step.value))) for step in Step))
    told = (
        select(
            Resource.id, rung, ResourceUse.person_id, ResourceUse.organisation_id, ResourceUse.sector, ResourceUse.at
        )
        .join(ResourceUse, ResourceUse.resource_id == Resource.id)
        .where(whose)
    )
    return union_all(seen, taken, told).subquery("acts")


def _is(kind: str, subject_kind: str, subject_id: Any) -> ColumnElement[bool]:
    return and_(
        Observation.kind == kind, Observation.subject_kind == subject_kind, Observation.subject_id == subject_id
    )


def _months(read: Reading, found: Use) -> Sequence[Month]:
    """The latest months with the present one, also those in which nobody came."""
    days = _first_days(day_of(read.now))
    acts = _acts(found)
    bounds = array([literal(instant_on(day, time()), TIMESTAMP(timezone=True)) for day in days])
    month = func.width_bucket(acts.c.at, bounds)
    counted = (
        select(
            month,
            func.count().filter(acts.c.rung == _rung(Rung.SEEN)),
            func.count().filter(acts.c.rung == _rung(Rung.DOWNLOADED)),
        )
        .where(acts.c.at >= instant_on(days[0], time()), acts.c.rung <= _rung(Rung.DOWNLOADED))
        .group_by(month)
    )
    counts = {number: (viewed, downloaded) for number, viewed, downloaded in read.session.execute(counted)}
    return [Month(day, *counts.get(number, (0, 0))) for number, day in enumerate(days, start=1)]


def _first_days(today: date) -> Sequence[date]:
    months = [today.year * 12 + today.month - 1 - back for back in reversed(range(MONTHS_SHOWN))]
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def _reached(read: Reading, found: Use) -> tuple[Ladder, Sequence[ByRole]]:
    acts = _acts(found)
    each = union_all(
        _farthest(acts, "person", acts.c.person_id),
        _farthest(acts, "organisation", acts.c.organisation_id),
        _farthest(acts, "role", acts.c.person_id, cast(acts.c.sector, String)),
    )
    ended: dict[tuple[str, str | None], list[int]] = {}
    for whose, sector, rung, count in read.session.execute(each):
        ended.setdefault((whose, sector), [0] * len(RUNGS))[rung] = count
    nobody = [0] * len(RUNGS)
    sectors = [sector for sector in (*Sector, None) if ("role", sector) in ended]
    by_role = [_or_farther(ended["role", sector]) for sector in sectors]
    people = _steps(_or_farther(ended.get(("person", None), nobody)), found)
    organisations = _steps(_or_farther(ended.get(("organisation", None), nobody)), found)
    roles = [ByRole(sector, figures) for sector, figures in zip(sectors, _roles(by_role, found), strict=True)]
    return Ladder(people, organisations), roles


def _farthest(acts: Subquery, whose: str, of: Any, sector: Any = None) -> Select[str, str, int, int]:
    """How many of them ended on each rung; only of those who are known."""
    sector = null().cast(String) if sector is None else sector
    reached = (
        select(of.label("of"), sector.label("sector"), func.max(acts.c.rung).label("rung"))
        .where(of.is_not(None))
        .group_by(of, sector)
        .subquery(f"{whose}_reached")
    )
    return select(literal(whose, String), reached.c.sector, reached.c.rung, func.count()).group_by(
        reached.c.sector, reached.c.rung
    )


def _or_farther(ended: Sequence[int]) -> Sequence[int]:
    return [*accumulate(reversed(ended))][::-1]


def _steps(counts: Sequence[int], found: Use) -> Sequence[Figure]:
    """The rungs of a ladder. A rung that a few people fewer reached than the last one shown would tell of those few."""
    return [exact(count) for count in counts] if found.is_exact else guarded_chain(counts)


def _roles(ladders: Sequence[Sequence[int]], found: Use) -> Sequence[Sequence[Figure]]:
    """The ladder of each role."""
    return [[*map(exact, counts)] for counts in ladders] if found.is_exact else guarded_ladders(ladders)[0]


def _line(row: Sequence[Any], found: Use) -> Line:
    slug, title, state, viewed, downloaded, organisations, used, useful, answered = row
    people = _people(organisations, found), _people(used, found)
    return Line(slug, title, state, viewed, downloaded, *people, *_answers(useful, answered, found))


def _people(count: int, found: Use) -> Figure:
    return exact(count) if found.is_exact else guarded(count)


def _answers(useful: int, answered: int, found: Use) -> tuple[Figure, Figure]:
    """How many said yes, and how many said anything."""
    if found.is_exact:
        return exact(useful), exact(answered)
    whole = guarded(answered)
    return Figure(without_few(useful, answered) if whole.value is not None else None), whole
