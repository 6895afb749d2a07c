"""By what a programme is judged: staff say which indicators, and note values; the service counts what it can itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from cop.core.access import SYSTEM
from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Read, Work
from cop.models.evidence import Indicator, IndicatorValue, Unit
from cop.models.programmes import Programme
from cop.queries.indicators.counting import counted, due
from cop.queries.indicators.measures import ALL, MEASURES, QUESTIONS, Measure
from cop.queries.programmes import to_edit
from cop.services.programmes import slug_from

NAME_MOST = 120
TEXT_MOST = 1_000
NOTE_MOST = 500

MOST = 100
"""Indicators of one programme: a page shows all of them."""

LARGEST = Decimal(10**9)

PLACES = 6
"""Decimal places of a value."""

FROM_HOW_MANY = (Unit.PERCENT, Unit.MEDIAN, Unit.MEAN)
"""Units whose values say nothing without the number of people, or other things, that they are from."""


@dataclass(frozen=True)
class Terms:
    """What staff say of an indicator. ``unit`` is that of the measure, where the service counts it."""

    name: str
    definition: str
    unit: Unit
    source: str
    question: int | None = None
    baseline: Decimal | None = None
    baseline_on: date | None = None
    target: Decimal | None = None
    target_on: date | None = None


@dataclass(frozen=True)
class Noted:
    """What an indicator was on one day, as somebody writes it down; ``n`` is out of how many, or from how many."""

    on_date: date
    value: Decimal
    n: int | None = None
    note: str = ""


def add(work: Work, *, slug: str, terms: Terms, measure: str | None = None) -> Indicator:
    """Add an indicator at the end of the list; one with a ``measure`` is counted at once."""
    programme = to_edit(work, slug)
    known = _measure(measure)
    there = _all(work, programme)
    if len(there) >= MOST:
        raise Refusal(marked("A programme can have at most %(most)s indicators."), most=MOST)
    if known is not None and any(one.measure == known.code and one.retired_at is None for one in there):
        raise Refusal(marked("There is an indicator that counts this already."), field="measure")
    made = Indicator(
        programme_id=programme.id,
        code=_free_code(terms.name, {one.code for one in there}),
        measure=measure,
        position=max((one.position for one in there), default=0) + 1,
        **_clean(terms, known),
    )
    work.session.add(made)
    work.session.flush()
    if known is not None:
        _count(work, programme, [*there, made])
    return made


def change(work: Work, *, slug: str, code: str, terms: Terms) -> Indicator:
    """Say something else of an indicator. The unit of one that has values stays, and so do its code and its measure."""
    found = _locked(work, slug, code)
    known = _measure(found.measure)
    clean = _clean(terms, known)
    has_values = select(IndicatorValue.id).where(IndicatorValue.indicator_id == found.id).limit(1)
    if clean["unit"] is not found.unit and work.session.scalar(has_values) is not None:
        raise Refusal(marked("It has values already, which are of another unit. Add another indicator."), field="unit")
    for name, value in clean.items():
        setattr(found, name, value)
    return found


def retire(work: Work, *, slug: str, code: str) -> Indicator:
    """Count and show it no more; its values stay."""
    found = _locked(work, slug, code)
    found.retired_at = found.retired_at or work.now
    return found


def restore(work: Work, *, slug: str, code: str) -> Indicator:
    """Go on with a retired indicator. What the service counts by itself is counted at once."""
    found = _locked(work, slug, code)
    if found.retired_at is None:
        return found
    programme = to_edit(work, slug)
    same = select(Indicator.id).where(
        Indicator.programme_id == programme.id, Indicator.measure == found.measure, Indicator.retired_at.is_(None)
    )
    if found.measure is not None and work.session.scalar(same.limit(1)) is not None:
        raise Refusal(marked("There is an indicator that counts this already."))
    found.retired_at = None
    if found.measure is not None:
        _count(work, programme, _all(work, programme))
    return found


def move(work: Work, *, slug: str, code: str, up: bool) -> None:
    """Let an indicator change places with the one before it, or after it; at the end of the list it stays."""
    programme = to_edit(work, slug)
    live = [one for one in _all(work, programme) if one.retired_at is None]
    place = next((place for place, one in enumerate(live) if one.code == code), None)
    if place is None:
        raise NotFound
    other = place - 1 if up else place + 1
    if 0 <= other < len(live):
        live[place], live[other] = live[other], live[place]
    for position, one in enumerate(live, start=1):
        one.position = position


def add_ready_made(work: Work, *, slug: str) -> int:
    """Add the ready-made indicators whose measure the programme has not yet, retired ones included; how many."""
    programme = to_edit(work, slug)
    there = _all(work, programme)
    has, codes = {one.measure for one in there}, {one.code for one in there}
    last = max((one.position for one in there), default=0)
    missing = [measure for measure in ALL if measure.is_ready_made and measure.code not in has]
    made = [
        Indicator(
            programme_id=programme.id,
            code=_free_code(measure.code, codes),
            name=measure.name,
            definition=measure.definition,
            unit=measure.unit,
            measure=measure.code,
            source=measure.source,
            question=measure.question,
            position=position,
        )
        for position, measure in enumerate(missing[: MOST - len(there)], start=last + 1)
    ]
    work.session.add_all(made)
    work.session.flush()
    _count(work, programme, [*there, *made])
    return len(made)


def note(work: Work, *, slug: str, code: str, noted: Noted) -> IndicatorValue:
    """Write down what an indicator was on a day; for those that the service does not count by itself."""
    found = _by_hand(work, slug, code)
    clean = _noted(work, found, noted)
    made = IndicatorValue(indicator_id=found.id, **clean, recorded_at=work.now, recorded_by=work.actor.person_id)
    work.session.add(made)
    work.session.flush()
    return made


def correct(work: Work, *, slug: str, code: str, day: date, noted: Noted, seen: str) -> IndicatorValue:
    """Put right what was noted for a day. ``seen`` is when it was recorded, ISO 8601, as the page showed it."""
    found = _by_hand(work, slug, code)
    wanted = select(IndicatorValue).where(IndicatorValue.indicator_id == found.id, IndicatorValue.on_date == day)
    value = work.session.scalars(wanted.with_for_update()).one_or_none()
    if value is None:
        raise NotFound
    if value.recorded_at.isoformat() != seen:
        raise Refusal(marked("Somebody else has corrected this value meanwhile. Look at it again."))
    for name, what in _noted(work, found, noted, but=value.id).items():
        setattr(value, name, what)
    value.recorded_at, value.recorded_by = work.now, work.actor.person_id
    work.session.flush()
    return value


def count(work: Work, *, programme_id: int) -> int:
    """Note what the automatic indicators of a programme are today, unless they were counted today; how many it were.

    Several at once count once: the second waits, and finds nothing left to do.
    """
    if work.actor.via != "system":
        raise NotFound
    programme = work.session.get(Programme, programme_id)
    if programme is None:
        raise NotFound
    there = _all(work, programme)
    return _count(work, programme, there) if programme_id in due(work) else 0


def count_again(work: Work, *, slug: str) -> int:
    """Count the automatic indicators now, in the place of what was counted today; how many have a value."""
    programme = to_edit(work, slug)
    return _count(work, programme, _all(work, programme))


def _count(work: Work, programme: Programme, there: Sequence[Indicator]) -> int:
    """Count those of ``there`` that are automatic and not retired. The system counts, whoever asked for it: an
    indicator says the same to all.
    """
    automatic = {
        one.measure: one
        for one in there
        if one.measure is not None and one.measure in MEASURES and one.retired_at is None
    }
    if not automatic:
        return 0
    work.session.flush()
    found = counted(Read(work.session, work.now, SYSTEM), programme)
    rows = [
        {
            "indicator_id": one.id,
            "on_date": day_of(work.now),
            "value": found[measure].value,
            "n": found[measure].n,
            "note": "",
            "recorded_at": work.now,
        }
        for measure, one in automatic.items()
        if measure in found
    ]
    if rows:
        made = insert(IndicatorValue).values(rows)
        again = {name: made.excluded[name] for name in ("value", "n", "recorded_at")}
        work.session.execute(made.on_conflict_do_update(index_elements=["indicator_id", "on_date"], set_=again))
    return len(rows)


def _all(work: Work, programme: Programme) -> Sequence[Indicator]:
    """All indicators of a programme in their order; nobody else changes them, or adds one, meanwhile."""
    work.session.execute(select(Programme.id).where(Programme.id == programme.id).with_for_update(key_share=True))
    found = select(Indicator).where(Indicator.programme_id == programme.id)
    return work.session.scalars(found.order_by(Indicator.position, Indicator.id).with_for_update()).all()


def _locked(work: Work, slug: str, code: str) -> Indicator:
    programme = to_edit(work, slug)
    wanted = select(Indicator).where(Indicator.programme_id == programme.id, Indicator.code == code)
    found = work.session.scalars(wanted.with_for_update()).one_or_none()
    if found is None:
        raise NotFound
    return found


def _by_hand(work: Work, slug: str, code: str) -> Indicator:
    found = _locked(work, slug, code)
    if found.measure is not None or found.retired_at is not None:
        raise NotFound
    return found


def _measure(code: str | None) -> Measure | None:
    if code is not None and code not in MEASURES:
        raise Refusal(marked("Choose what the indicator counts"), field="measure")
    return MEASURES[code] if code is not None else None


def _free_code(name: str, taken: set[str]) -> str:
    """The words of the name, with a number where another indicator has them; ``taken`` knows it afterwards."""
    word = slug_from(name)
    if not word:
        raise Refusal(marked("Enter a name with letters a to z in it"), field="name")
    code = next(
        each for each in [word, *(f"{word}-{number}" for number in range(2, len(taken) + 3))] if each not in taken
    )
    taken.add(code)
    return code


def _clean(terms: Terms, known: Measure | None) -> dict[str, Any]:
    unit = known.unit if known is not None else terms.unit
    for field, most in (("name", NAME_MOST), ("definition", TEXT_MOST), ("source", TEXT_MOST)):
        words = getattr(terms, field).strip()
        if not words or len(words) > most:
            raise Refusal(marked("Enter some words, with at most %(most)s characters"), field=field, most=most)
    if terms.question is not None and terms.question not in QUESTIONS:
        raise Refusal(marked("Choose a question from the list"), field="question")
    if terms.baseline is not None and terms.baseline_on is None:
        raise Refusal(marked("Enter the day on which the baseline was taken"), field="baseline_on")
    if terms.baseline is None and terms.baseline_on is not None:
        raise Refusal(marked("Enter the baseline, or leave its day empty too"), field="baseline")
    if terms.target is None and terms.target_on is not None:
        raise Refusal(marked("Enter the target, or leave its day empty too"), field="target")
    for field in ("baseline", "target"):
        _fits(unit, getattr(terms, field), field)
    return {
        "name": terms.name.strip(),
        "definition": terms.definition.strip(),
        "unit": unit,
        "source": terms.source.strip(),
        "question": terms.question,
        "baseline": terms.baseline,
        "baseline_on": terms.baseline_on,
        "target": terms.target,
        "target_on": terms.target_on,
    }


def _noted(work: Work, found: Indicator, noted: Noted, *, but: int | None = None) -> dict[str, Any]:
    if noted.on_date > day_of(work.now):
        raise Refusal(marked("Enter today or a day that is over"), field="on_date")
    if len(noted.note) > NOTE_MOST:
        raise Refusal(marked("Use %(most)s characters or fewer"), field="note", most=NOTE_MOST)
    _fits(found.unit, noted.value, "value")
    if noted.n is None and found.unit in FROM_HOW_MANY:
        raise Refusal(marked("Enter from how many the value is"), field="n")
    if noted.n is not None and not 0 < noted.n <= LARGEST:
        raise Refusal(marked("Enter a whole number from 1 up"), field="n")
    same = select(func.count()).where(
        IndicatorValue.indicator_id == found.id,
        IndicatorValue.on_date == noted.on_date,
        IndicatorValue.id.is_distinct_from(but),
    )
    if work.session.scalar(same):
        raise Refusal(marked("There is a value for this day already. Correct that one."), field="on_date")
    return {"on_date": noted.on_date, "value": noted.value, "n": noted.n, "note": noted.note.strip()}


def _fits(unit: Unit, value: Decimal | None, field: str) -> None:
    """Refusal where a number cannot be one of this unit."""
    if value is None:
        return
    exponent = value.as_tuple().exponent
    if not value.is_finite() or abs(value) > LARGEST or (isinstance(exponent, int) and exponent < -PLACES):
        raise Refusal(marked("Enter a number, like 12 or 3.5"), field=field)
    if unit is Unit.COUNT and (value < 0 or value != value.to_integral_value()):
        raise Refusal(marked("Enter a whole number, like 12"), field=field)
    if unit is Unit.PERCENT and not 0 <= value <= 100:  # noqa: PLR2004
        raise Refusal(marked("Enter per cent from 0 to 100"), field=field)
    if unit is Unit.HOURS and value < 0:
        raise Refusal(marked("Enter a number of hours from 0 up"), field=field)
