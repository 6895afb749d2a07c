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


def without_small(counts: Sequence[int]) -> Sequence[int | None]:
    """The pieces of a whole that everybody knows, with None for those that are not shown.

    With the small ones goes the smallest of the others, and all that are as small as it, so that nobody can tell which
    of the hidden is which; and everything goes where nothing large would be left, zeros too.
    """
    if not any(map(_is_small, counts)):
        return counts
    large = {count for count in counts if count >= LEAST}
    if len(large) <= 1:
        return [None] * len(counts)
    return [None if _is_small(count) or count == min(large) else count for count in counts]


def without_few(count: int, whole: int) -> int | None:
    """How many of a whole that everybody knows said yes; None where few did, or few did not."""
    return None if _is_small(count) or _is_small(whole - count) else count


def _shown(counts: Sequence[int], hidden: set[int]) -> Sequence[Figure]:
    return [Figure(None) if position in hidden else guarded(count) for position, count in enumerate(counts)]


def _is_small(count: int) -> bool:
    return 0 < count < LEAST
