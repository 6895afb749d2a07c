"""Who takes the places of those who drop out."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from cop.algorithms.lottery.feasibility import relaxations
from cop.algorithms.lottery.lotteries import TICKETS, lottery, never
from cop.algorithms.lottery.pools import Change, Contradiction, Person, Pool, Target
from cop.algorithms.lottery.records import Recorded, draw, recorded


@dataclass(frozen=True)
class Left:
    """What those who come have to bring: ``places``, what is left of each target, and how many more people those
    organisations may have that have some already. A maximum of 0 lets nobody with that value in.
    """

    places: int
    targets: tuple[Target, ...]
    organisations: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Fitting:
    """``people`` are those with whom one free place can be filled, by id. They keep all targets but for ``changes``,
    which are as small in sum as they can be, and none for most panels; each has the bounds that ``person`` needs.
    """

    people: tuple[str, ...]
    changes: tuple[tuple[str, tuple[Change, ...]], ...]


@dataclass(frozen=True)
class Replacement:
    """``people`` join, by id; ``recorded`` is the lottery over whole panels, drawn by the seed; ``changes`` to targets
    were needed.
    """

    people: tuple[str, ...]
    left: Left
    recorded: Recorded
    changes: tuple[Change, ...]


def left(pool: Pool, kept: Collection[str]) -> Left:
    """What is left of the targets once those who stay are counted. Raises ``Contradiction``."""
    rest = _rest(pool, kept, ())
    members = rest.fixed_in()
    targets = []
    for target in sorted(rest.targets, key=lambda target: (target.feature, target.value)):
        have = sum(person.features.get(target.feature) == target.value for person in members)
        maximum = None if target.maximum is None else max(target.maximum - have, 0)
        targets.append(replace(target, minimum=max(target.minimum - have, 0), maximum=maximum))
    return Left(pool.places - len(members), tuple(targets), tuple(_room(pool, members)))


def fitting(pool: Pool, kept: Collection[str], gone: Collection[str]) -> Fitting:
    """Who can take the one place that is free: nobody of ``kept``, of ``gone`` (those who dropped out, or were asked
    and declined) and of those fixed out. Of those, whoever needs the smallest changes; ties all count.

    For reserves in an order drawn in advance, the next is the first of that order who is in ``people``. Raises
    ``Contradiction`` if not just one place is free, or nobody is left.
    """
    rest = _rest(pool, kept, gone)
    if pool.places - len(rest.inside) != 1:
        raise Contradiction("one place has to be free")
    needed = {person.id: tuple(rest.broken({*rest.inside, person.id})) for person in rest.free()}
    sizes = {name: sum(abs(each.becomes - each.demand.bound) for each in changes) for name, changes in needed.items()}
    smallest = min(sizes.values())
    people = tuple(name for name in needed if sizes[name] == smallest)
    return Fitting(people, tuple((name, needed[name]) for name in people if needed[name]))


def replacements(
    pool: Pool,
    kept: Collection[str],
    gone: Collection[str],
    seed: bytes,
    *,
    stop: Callable[[], bool] = never,
    total: int = TICKETS,
) -> Replacement:
    """Draw as many people as there are free places, so that the panel keeps its targets.

    For one place, all who fit have one ticket each. For several, it is the lottery of the whole pool again, with
    ``kept`` fixed in and ``gone`` fixed out. If nobody fits, or no group does, it is those who need the smallest
    changes of the targets; of several such changes for several places, the first in order. ``pool`` has the targets of
    the whole panel. Raises ``Contradiction`` if no place is free, fewer people are left than places, or for a seed of
    fewer than 16 bytes.
    """
    rest = _rest(pool, kept, gone)
    free = pool.places - len(rest.inside)
    if not free:
        raise Contradiction("no place is free")
    changes: dict[str, tuple[Change, ...]] = {}
    shared: tuple[Change, ...] = ()
    if free == 1:
        fits = fitting(pool, kept, gone)
        changes = dict(fits.changes)
        record = recorded(rest.digest(), ((1, {*rest.inside, name}) for name in fits.people))
    else:
        shared = next(iter(relaxations(rest, 1)), ())
        record = lottery(rest.changed(shared), stop=stop, total=total).recorded
    people = tuple(sorted(set(draw(record, seed)) - rest.inside))
    return Replacement(people, left(pool, kept), record, changes.get(people[0], shared))


def _rest(pool: Pool, kept: Iterable[str], gone: Iterable[str]) -> Pool:
    """The pool with those who stay fixed in, and those who are gone out."""
    inside, away = frozenset(kept), frozenset(gone)
    return replace(pool, inside=inside, outside=pool.outside | away)


def _room(pool: Pool, members: Sequence[Person]) -> Iterable[tuple[str, int]]:
    if pool.per_organisation is None:
        return
    names = [person.organisation for person in members if person.organisation is not None]
    for name in sorted(set(names)):
        yield name, max(pool.per_organisation - names.count(name), 0)
