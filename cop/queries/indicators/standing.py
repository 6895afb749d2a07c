"""What the indicators of a programme say: the newest value of each, and what it was before."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, bindparam, func, lateral, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.evidence import Indicator, IndicatorValue, Unit
from cop.models.programmes import Programme
from cop.queries.evaluation import READERS, programmes
from cop.queries.indicators.guarding import Heads, heads, shown
from cop.queries.indicators.measures import ALL, MEASURES

MONTHS_SHOWN = 24


@dataclass(frozen=True)
class Measured:
    """An indicator with its newest value, that of the day ``on``; ``value`` is None where there is none yet.

    ``n`` is out of how many, or from how many people, as the definition says. Where ``hidden``, a value is there and
    the reader may not see it: ``value`` and ``n`` are None. ``baseline_hidden`` says the same of the baseline.
    """

    id: int
    code: str
    name: str
    definition: str
    unit: Unit
    measure: str | None
    question: int | None
    source: str
    value: Decimal | None
    n: int | None
    on: date | None
    note: str
    hidden: bool
    baseline: Decimal | None
    baseline_on: date | None
    baseline_hidden: bool
    target: Decimal | None
    target_on: date | None
    retired_at: datetime | None

    @property
    def is_automatic(self) -> bool:
        return self.measure is not None

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached; None where there is no target, or nothing to hold against it."""
        if self.value is None or self.target is None:
            return None
        less_is_better = self.baseline is not None and self.target < self.baseline
        return self.value <= self.target if less_is_better else self.value >= self.target


def measured(read: Reading, programme: Programme, *, hide: bool, retired: bool = False) -> Sequence[Measured]:
    """The indicators of a programme in their order, those that were ``retired`` only if wanted.

    One statement, which reads what was noted, by hand or at night, and counts nothing. With ``hide`` there are no small
    numbers, nor any from which they could be worked out. The caller has checked who asks.
    """
    wanted = _newest().where(Indicator.programme_id == programme.id).order_by(Indicator.position, Indicator.id)
    if not retired:
        wanted = wanted.where(Indicator.retired_at.is_(None))
    found = [_measured(row) for row in read.session.execute(wanted)]
    return _guarded(found) if hide else found


def _newest() -> Select[*tuple[Any, ...]]:
    newest = lateral(
        select(IndicatorValue.value, IndicatorValue.n, IndicatorValue.on_date, IndicatorValue.note)
        .where(IndicatorValue.indicator_id == Indicator.id)
        .order_by(IndicatorValue.on_date.desc())
        .limit(1)
        .correlate(Indicator)
    ).alias("newest")
    return select(Indicator, newest.c.value, newest.c.n, newest.c.on_date, newest.c.note).outerjoin(newest, true())


def _measured(row: Any) -> Measured:
    indicator: Indicator = row.Indicator
    return Measured(
        id=indicator.id,
        code=indicator.code,
        name=indicator.name,
        definition=indicator.definition,
        unit=indicator.unit,
        measure=indicator.measure,
        question=indicator.question,
        source=indicator.source,
        value=row.value,
        n=row.n,
        on=row.on_date,
        note=row.note or "",
        hidden=False,
        baseline=indicator.baseline,
        baseline_on=indicator.baseline_on,
        baseline_hidden=False,
        target=indicator.target,
        target_on=indicator.target_on,
        retired_at=indicator.retired_at,
    )


def _guarded(found: Sequence[Measured]) -> Sequence[Measured]:
    """Without what tells of a few people, by itself or beside another of its chain."""
    order = {measure.code: place for place, measure in enumerate(ALL)}
    chains: defaultdict[str, list[tuple[int, Heads]]] = defaultdict(list)
    for one in sorted(found, key=lambda one: order.get(one.measure or "", len(order))):
        if one.value is not None:
            known = MEASURES.get(one.measure or "")
            chain = known.chain if known is not None and known.chain else f"alone {one.id}"
            chains[chain].append((one.id, heads(one.unit, one.value, one.n, one.measure)))
    seen = {
        id_
        for chain in chains.values()
        for (id_, _heads), may in zip(chain, shown([each for _id, each in chain]), strict=True)
        if may
    }
    return [_without(one, hides=one.value is not None and one.id not in seen) for one in found]


def _without(one: Measured, *, hides: bool) -> Measured:
    small = one.baseline is not None and heads(one.unit, one.baseline, None, one.measure).are_few
    if small:
        one = replace(one, baseline=None, baseline_hidden=True)
    return replace(one, value=None, n=None, note="", hidden=True) if hides else one


@dataclass(frozen=True)
class Value:
    """What an indicator was on one day. ``is_noted`` by hand, and ``by`` whom where that is told."""

    on_date: date
    value: Decimal
    n: int | None
    note: str
    is_noted: bool
    recorded_at: datetime


@dataclass(frozen=True)
class Listed:
    """The page of a programme's indicators. ``is_exact`` tells that nothing is hidden from this reader, and that they
    may change things.
    """

    programmes: Sequence[Programme]
    programme: Programme
    is_exact: bool
    indicators: Sequence[Measured]
    retired: Sequence[Measured]


def listed(read: Reading, *, slug: str | None) -> Listed:
    """For those who read the results of the programme; without a slug of the first one that they may read."""
    known = programmes(read)
    chosen = next((programme for programme in known if not slug or slug == programme.slug), None)
    if chosen is None:
        raise NotFound
    is_exact = may_change(read, chosen)
    found = measured(read, chosen, hide=not is_exact, retired=True)
    return Listed(
        known,
        chosen,
        is_exact,
        [one for one in found if one.retired_at is None],
        [one for one in found if one.retired_at is not None],
    )


def may_change(read: Reading, programme: Programme) -> bool:
    return read.actor.may(Role.ADMIN, programme_id=programme.id)


@dataclass(frozen=True)
class Page:
    """One indicator: ``months`` are the last value of each month that may be shown, the earliest first."""

    programme: Programme
    is_exact: bool
    indicator: Measured
    months: Sequence[Value]


def page(read: Reading, *, slug: str, code: str) -> Page:
    """NotFound for who may not read the results of that programme."""
    programme = read.session.scalars(select(Programme).where(Programme.slug == slug)).one_or_none()
    if programme is None or not read.actor.may(*READERS, programme_id=programme.id):
        raise NotFound
    is_exact = may_change(read, programme)
    found = measured(read, programme, hide=not is_exact, retired=True)  # what is hidden depends on the others
    one = next((each for each in found if each.code == code), None)
    if one is None:
        raise NotFound
    months = [Value(**row._asdict()) for row in read.session.execute(_by_month(), {"indicator_id": one.id})]
    return Page(programme, is_exact, one, list(reversed(months if is_exact else _apart(one, months))))


def values(read: Reading, found: Page, *, offset: int = 0, limit: int = 30) -> Sequence[Value]:
    """All that was noted, the latest first, ``limit`` + 1 of them; for those from whom nothing is hidden."""
    if not found.is_exact:
        return ()
    wanted = _values().where(IndicatorValue.indicator_id == found.indicator.id)
    wanted = wanted.order_by(IndicatorValue.on_date.desc()).offset(offset).limit(limit + 1)
    return [Value(**row._asdict()) for row in read.session.execute(wanted)]


def value_of(read: Reading, found: Page, *, day: date) -> Value:
    """What was noted for a day, for those from whom nothing is hidden."""
    wanted = _values().where(IndicatorValue.indicator_id == found.indicator.id, IndicatorValue.on_date == day)
    row = read.session.execute(wanted).one_or_none()
    if row is None or not found.is_exact:
        raise NotFound
    return Value(**row._asdict())


def _apart(one: Measured, months: Sequence[Value]) -> Sequence[Value]:
    """From the latest back, those whose difference to another tells of nobody; nothing where the newest is hidden."""
    if one.hidden:
        return ()
    marks = shown([heads(one.unit, month.value, month.n, one.measure) for month in months])
    return [replace(month, note="") for month, may in zip(months, marks, strict=True) if may]


def _values() -> Select[*tuple[Any, ...]]:
    return select(
        IndicatorValue.on_date,
        IndicatorValue.value,
        IndicatorValue.n,
        IndicatorValue.note,
        IndicatorValue.recorded_by.is_not(None).label("is_noted"),
        IndicatorValue.recorded_at,
    )


def _by_month() -> Select[*tuple[Any, ...]]:
    """The last value of each of the latest months, the latest first."""
    month = func.date_trunc("month", IndicatorValue.on_date)
    return (
        _values()
        .where(IndicatorValue.indicator_id == bindparam("indicator_id"))
        .ext(distinct_on(month))
        .order_by(month.desc(), IndicatorValue.on_date.desc())
        .limit(MONTHS_SHOWN)
    )
