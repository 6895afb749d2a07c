"""Hiding counts of so few people that they might be recognised, with what would give the hidden number away."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

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


def guarded_pieces(counts: Sequence[int]) -> tuple[Sequence[Figure], Figure]:
    """The pieces of a whole, and the whole, which may be known from another table too.

    Hidden is what :func:`without_small` hides. None of it is told to be small, unless the whole is.
    """
    whole = guarded(sum(counts))
    return [Figure(count, is_small=whole.is_small and count is None) for count in without_small(counts)], whole


def guarded_ladders(rows: Sequence[Sequence[int]]) -> tuple[Sequence[Sequence[Figure]], Sequence[Figure]]:
    """Pieces of a whole, of each how many got to each step; and all of them at each, which may be known from other
    tables too.

    Where few of a piece got to a step, or few got no further, its row is hidden, and the row of the smallest other
    piece, and of all that are as small: so nobody can tell which of the hidden is which. Where that leaves nothing, or
    it is so for all of them together, only the first step is shown, as :func:`guarded_pieces` has it.
    """
    sums = guarded_chain([sum(column) for column in zip(*rows, strict=True)])
    is_few = [any(map(_is_small, [*row, *(one - other for one, other in pairwise(row))])) for row in rows]
    if not any(is_few):
        return [[Figure(count) for count in row] for row in rows], sums
    large = {row[0] for row, few in zip(rows, is_few, strict=True) if row[0] and not few}
    if len(large) <= 1 or any(figure.value is None for figure in sums):
        first, _whole = guarded_pieces([row[0] for row in rows])
        return [[one, *(Figure(None, is_small=each.is_small) for each in sums[1:])] for one in first], sums
    hidden = [few or row[0] == min(large) for row, few in zip(rows, is_few, strict=True)]
    return [[Figure(None if hide else count) for count in row] for row, hide in zip(rows, hidden, strict=True)], sums


def guarded_chain(counts: Sequence[int]) -> Sequence[Figure]:
    """Steps of the same people, of whom ever fewer are left. Where few got so far, or few fewer than to the last step
    that is shown, the number is hidden; it is told to be small only where that tells it from the other reason.
    """
    shown: list[Figure] = []
    last: int | None = None
    for count in counts:
        missed_by_few = last is not None and _is_small(last - count)
        if _is_small(count) or missed_by_few:
            shown.append(Figure(None, is_small=not missed_by_few and (last is None or last > 2 * (LEAST - 1))))
        else:
            shown.append(Figure(count))
            last = count
    return shown


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


def _is_small(count: int) -> bool:
    return 0 < count < LEAST
