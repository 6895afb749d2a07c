"""From shares of panels in numbers to whole tickets of panels of people, so that people of one kind are equal."""

from collections.abc import Sequence
from itertools import pairwise

from cop.algorithms.lottery.peeling import Mix
from cop.algorithms.lottery.shapes import Counts, Shape

Slice = tuple[int, int, str]
"""From which ticket of a block up to which (exclusive) somebody is on the panel."""


def tickets(mix: Mix, total: int) -> list[tuple[int, Counts]]:
    """Whole tickets by largest remainders, the largest number first; panels that get none are left out."""
    merged: dict[Counts, float] = {}
    for share, counts in mix:
        merged[counts] = merged.get(counts, 0.0) + share
    whole = sum(merged.values())
    exact = {counts: share / whole * total for counts, share in merged.items()}
    found = {counts: int(each) for counts, each in exact.items()}
    missing = total - sum(found.values())
    for counts in sorted(exact, key=lambda counts: (found[counts] - exact[counts], counts))[:missing]:
        found[counts] += 1
    return sorted(((number, counts) for counts, number in found.items() if number), reverse=True)


def spread(shape: Shape, blocks: Sequence[tuple[int, Counts]]) -> dict[tuple[str, ...], int]:
    """Panels of people, by id, with their tickets. All people of one kind are on as many tickets, up to one."""
    slices: list[list[Slice]] = [[] for _ in blocks]
    for kind, members in enumerate(shape.kinds):
        sized = [(number, counts[kind]) for number, counts in blocks]
        for block, amounts in enumerate(_amounts(len(members), sized)):
            slices[block] += _around(members, amounts, sized[block][0])
    found: dict[tuple[str, ...], int] = {}
    for (number, _), there in zip(blocks, slices, strict=True):
        cuts = sorted({0, number, *(start for start, _, _ in there)})
        for start, end in pairwise(cuts):
            panel = tuple(sorted(name for first, last, name in there if first <= start < last))
            found[panel] = found.get(panel, 0) + end - start
    return found


def _around(members: Sequence[str], amounts: Sequence[int], number: int) -> list[Slice]:
    """Lay what each member has end to end, round and round a block of so many tickets (McNaughton's rule, 1959): each
    ticket is met as often as there are places, and nobody, having at most the whole block, meets themselves.
    """
    found: list[Slice] = []
    at = 0
    for name, amount in zip(members, amounts, strict=True):
        end = at + amount
        if amount:
            found.append((at, min(end, number), name))
        if end > number:
            found.append((0, end - number, name))
        at = end % number
    return found


def _amounts(size: int, blocks: Sequence[tuple[int, int]]) -> list[list[int]]:
    """On how many tickets of each block (tickets, places) each of ``size`` people is, so that they are equal in the
    end. Whole blocks go to those who need most, as long as that leaves enough room for the needs of all.
    """
    total = sum(number * places for number, places in blocks)
    needs = [total // size + (member < total % size) for member in range(size)]
    room = [sum(number * min(top, places) for number, places in blocks) for top in range(size + 1)]
    found = []
    for number, places in blocks:
        for top in range(size + 1):
            room[top] -= number * min(top, places)
        order = sorted(range(size), key=lambda member: (-needs[member], member))
        amounts = [0] * size
        for member in order[:places]:
            amounts[member] = number
        if not _enough([need - amount for need, amount in zip(needs, amounts, strict=True)], room):
            amounts = _levelled(needs, number, places * number)
        needs = [need - amount for need, amount in zip(needs, amounts, strict=True)]
        found.append(amounts)
    return found


def _enough(needs: Sequence[int], room: Sequence[int]) -> bool:
    """Whether the blocks that follow can serve these needs: for any number of people, those who need most together
    need no more than these blocks have for so many people (Gale 1957).
    """
    sofar = 0
    for top, need in enumerate(sorted(needs, reverse=True), 1):
        sofar += need
        if need < 0 or sofar > room[top]:
            return False
    return True


def _levelled(needs: Sequence[int], most: int, amount: int) -> list[int]:
    """Serve ``amount``, at most ``most`` to each, so that what they need afterwards is as equal as possible."""
    low, high = min(needs) - most, max(needs)
    while low < high:
        level = (low + high) // 2
        if sum(_above(need, level, most) for need in needs) <= amount:
            high = level
        else:
            low = level + 1
    amounts = [_above(need, low, most) for need in needs]
    missing = amount - sum(amounts)
    for member, need in enumerate(needs):
        if missing and _above(need, low - 1, most) > amounts[member]:
            amounts[member] += 1
            missing -= 1
    return amounts


def _above(need: int, level: int, most: int) -> int:
    return min(max(need - level, 0), most)
