"""Counts as the reader of the evaluation may see them."""

from collections.abc import Sequence

from cop.core.small_numbers import Figure, exact, guarded, guarded_pieces


def alone(count: int, *, hide: bool) -> Figure:
    return guarded(count) if hide else exact(count)


def pieces(counts: Sequence[int], *, hide: bool) -> tuple[Sequence[Figure], Figure]:
    """The pieces of a whole, and the whole."""
    if not hide:
        return [exact(count) for count in counts], exact(sum(counts))
    figures, is_safe = guarded_pieces(counts)
    return figures, guarded(sum(counts)) if is_safe else Figure(None)
