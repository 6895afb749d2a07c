"""Counts as the reader of the evaluation may see them."""

from collections.abc import Sequence

from cop.core.small_numbers import Figure, exact, guarded, guarded_chain, guarded_ladders, guarded_pieces


def alone(count: int, *, hide: bool) -> Figure:
    return guarded(count) if hide else exact(count)


def pieces(counts: Sequence[int], *, hide: bool) -> tuple[Sequence[Figure], Figure]:
    """The pieces of a whole, and the whole."""
    return guarded_pieces(counts) if hide else ([exact(count) for count in counts], exact(sum(counts)))


def ladders(rows: Sequence[Sequence[int]], *, hide: bool) -> Sequence[Sequence[Figure]]:
    """How many of each piece of a whole got to each step."""
    return guarded_ladders(rows)[0] if hide else [[exact(count) for count in row] for row in rows]


def chain(*counts: int, hide: bool) -> Sequence[Figure]:
    """How many got to each step, of those who got to the one before."""
    return guarded_chain(counts) if hide else [exact(count) for count in counts]
