"""Hiding counts of so few people that they might be recognised, with what would give the hidden number away."""

from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 5
"""Counts from 1 to one less are hidden; that nobody did something tells of nobody."""


@dataclass(frozen=True)
class Figure:
    """A count as a reader may see it: ``value`` is None where it is hidden, ``is_small`` tells that it is itself small.

    Others are hidden because a hidden one could be computed from them.
    """

    value: int | None
    is_small: bool = False


def exact(count: int) -> Figure:
    return Figure(count)


def guarded(count: int) -> Figure:
    """A count that stands alone."""
    return Figure(None, is_small=True) if _is_small(count) else Figure(count)


def guarded_pieces(counts: Sequence[int]) -> tuple[Sequence[Figure], bool]:
    """The pieces of a whole, and whether the whole may be shown beside them.

    Where a piece is hidden, the smallest of the others is hidden with it, and the next, until what the whole leaves for
    the hidden ones fits more than one way.
    """
    small = [count for count in counts if _is_small(count)]
    if not small:
        return [Figure(count) for count in counts], True
    large = sorted((count, position) for position, count in enumerate(counts) if count >= LEAST)
    for hidden in range(1, len(large) + 1):
        left_over = sum(small) + sum(count for count, _ in large[:hidden])
        smallest_shown = large[hidden][0] if hidden < len(large) else left_over
        others = len(small) - 1
        lowest = max(1, left_over - others * (LEAST - 1) - hidden * smallest_shown)
        highest = min(LEAST - 1, left_over - others - hidden * LEAST)
        if lowest < highest:
            return _shown(counts, {position for _, position in large[:hidden]}), True
    return _shown(counts, {position for _, position in large[:1]}), False


def _shown(counts: Sequence[int], hidden: set[int]) -> Sequence[Figure]:
    return [Figure(None) if position in hidden else guarded(count) for position, count in enumerate(counts)]


def _is_small(count: int) -> bool:
    return 0 < count < LEAST
