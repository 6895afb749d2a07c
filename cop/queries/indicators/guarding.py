"""Which results of indicators tell of so few people, or organisations, that a reader may not see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from cop.core.small_numbers import LEAST
from cop.models.evidence import Unit
from cop.queries.indicators.measures import MEASURES


@dataclass(frozen=True)
class Heads:
    """What a result counts: ``of`` so many, ``yes`` of them; None where it counts nobody or nobody knows."""

    yes: int | None
    of: int | None

    @property
    def are_few(self) -> bool:
        no = self.of - self.yes if self.yes is not None and self.of is not None and self.of >= self.yes else None
        return any(_is_few(count) for count in (self.yes, self.of, no))

    def are_close_to(self, other: "Heads") -> bool:
        """Whether one of them less the other leaves a few."""
        return _differ_by_few(self.yes, other.yes) or _differ_by_few(self.of, other.of)


def heads(unit: Unit, value: Decimal, n: int | None, measure: str | None) -> Heads:
    known = MEASURES.get(measure) if measure is not None else None
    if known is not None and not known.of_people:
        return Heads(None, n)
    if unit is Unit.COUNT:
        return Heads(int(value), n)
    if unit is Unit.PERCENT and n is not None:
        return Heads(round(value * n / 100), n)
    return Heads(None, n)


def shown(counted: Sequence[Heads]) -> Sequence[bool]:
    """Which of these may stand beside one another: none that is small, nor so close to one that is shown before it that
    the difference would be.
    """
    told: list[Heads] = []
    marks = []
    for each in counted:
        may = not each.are_few and not any(each.are_close_to(other) for other in told)
        marks.append(may)
        if may:
            told.append(each)
    return marks


def _is_few(count: int | None) -> bool:
    return count is not None and 0 < count < LEAST


def _differ_by_few(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and _is_few(abs(one - other))
