"""By what the demo programme is judged: the ready-made indicators, with targets, and two that staff note by hand.

What was counted in earlier months is invented, and the notes say so; what is counted today comes from the records.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from cop.core.place import day_of, instant_on, months_after
from cop.demo.stage import Stage
from cop.models.evidence import Indicator, IndicatorValue, Unit
from cop.queries.forum.counting import due
from cop.services import indicators
from cop.services.forum import counting
from cop.services.indicators import Noted, Terms

INVENTED = "Invented for this demonstration."

MONTHS = 6
"""So many months of earlier values, this one included."""

TARGETS: Mapping[str, int] = {
    "organisations-reached": 45,
    "newer-organisations-reached": 12,
    "applied": 60,
    "residents-share": 20,
    "completed": 30,
    "confidence-change": 2,
    "plans-made": 90,
    "plans-reviewed": 80,
    "contacts-change": 3,
    "community-readers": 40,
    "toolkit-organisations": 25,
    "adopting": 60,
    "pledges-made": 20,
    "response-rate": 60,
}
"""What the partners hope for by the end of the programme, by the measure."""

PANELS = Terms(
    name="Councils with a panel of residents that decides",
    definition=(
        "Member councils where residents decide on money or on a plan for health, and are paid for their time, as the "
        "council says when we call. Out of: the councils that took part in anything."
    ),
    unit=Unit.COUNT,
    source="Calls of the secretariat to the lead of each council, every two months",
    question=7,
)

SHAPED = Terms(
    name="Residents named as having shaped a plan",
    definition="Residents whom a council names, by number only, as having changed what was planned. Each counts once.",
    unit=Unit.COUNT,
    source="Calls of the secretariat to the lead of each council, every two months",
    question=7,
)

NOTED: Mapping[str, tuple[Terms, tuple[tuple[int, int | None, str], ...]]] = {
    "panels": (PANELS, ((2, 21, ""), (6, 30, "Three were new; one had let it sleep."), (9, 34, ""))),
    "shaped": (SHAPED, ((4, None, ""), (13, None, "Two letters are still out."), (31, None, ""))),
}
"""Value, out of how many, and note; the latest was noted last month, each other two months before the next."""


def load(stage: Stage) -> None:
    for programme_id, month in due(stage.work):
        counting.count(stage.work, programme_id=programme_id, month=month)
    slug = stage.programme.slug
    indicators.add_ready_made(stage.work, slug=slug)
    for found in stage.work.session.scalars(select(Indicator).order_by(Indicator.position)).all():
        target = TARGETS.get(found.measure or "")
        if target is not None:
            _aim(stage, found, target)
        if found.unit in {Unit.COUNT, Unit.PERCENT}:
            _grow(stage, found)
    for terms, noted in NOTED.values():
        code = indicators.add(stage.work, slug=slug, terms=terms).code
        for back, (value, n, note) in zip((5, 3, 1), noted, strict=True):
            said = Noted(_ago(stage, back), Decimal(value), n, f"{note} {INVENTED}".strip())
            indicators.note(stage.work, slug=slug, code=code, noted=said)


def _aim(stage: Stage, found: Indicator, target: int) -> None:
    """Before the programme there was none of it."""
    terms = Terms(
        name=found.name,
        definition=found.definition,
        unit=found.unit,
        source=found.source,
        question=found.question,
        baseline=Decimal(0) if found.unit is Unit.COUNT else None,
        baseline_on=stage.programme.starts_on if found.unit is Unit.COUNT else None,
        target=Decimal(target),
        target_on=stage.programme.ends_on,
    )
    indicators.change(stage.work, slug=stage.programme.slug, code=found.code, terms=terms)


def _grow(stage: Stage, found: Indicator) -> None:
    """Values of earlier months that lead to what was counted today."""
    counted = select(IndicatorValue).where(IndicatorValue.indicator_id == found.id)
    today = stage.work.session.scalars(counted).one_or_none()
    if today is None:
        return
    for back in range(1, MONTHS):
        share = 1 - back / MONTHS
        on = _ago(stage, back)
        value, n = today.value * Decimal(share), today.n
        if found.unit is Unit.PERCENT and n is not None:
            n = max(1, round(n * share))
            value = round(today.value * n / 100) * Decimal(100) / n
        stage.work.session.add(
            IndicatorValue(
                indicator_id=found.id,
                on_date=on,
                value=round(value) if found.unit is Unit.COUNT else value,
                n=n,
                note=INVENTED,
                recorded_at=instant_on(on, stage.work.now.time()),
            )
        )


def _ago(stage: Stage, months: int) -> date:
    return day_of(months_after(stage.work.now, -months))
