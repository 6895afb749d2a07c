"""Where things stand on an axis: the geometry of charts that are drawn on the server."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

STEPS = (1, 2, 5, 10)
"""An axis counts in one of these, times a power of ten."""

TICKS = 5


@dataclass(frozen=True)
class Axis:
    """From ``low`` to ``high``, with a tick at each of ``ticks``; both ends are ticks."""

    low: float
    high: float
    ticks: Sequence[float]

    def place(self, value: float) -> float:
        """Per cent of the axis that lie before the value, with one decimal place; outside it stands at the end."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(max(share, 0), 1), 1)


def axis(values: Iterable[float]) -> Axis:
    """An axis with round numbers at its ticks, which holds all of ``values`` and zero."""
    known = [0.0, *values]
    low, high = min(known), max(known)
    step = _step((high - low) / TICKS or 0.2)
    first, last = floor(round(low / step, 9)), ceil(round(high / step, 9))
    last = max(last, first + 1)
    return Axis(first * step, last * step, [round(number * step, 9) for number in range(first, last + 1)])


def _step(least: float) -> float:
    """The smallest round number that is not below ``least``, which is more than nothing."""
    power = 10.0 ** floor(log10(least))
    return next(step * power for step in STEPS if step * power >= least - 1e-9 * power)
