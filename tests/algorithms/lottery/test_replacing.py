"""Who takes the places of those who drop out."""

from dataclasses import replace

import pytest

from cop.algorithms.lottery import (
    Change,
    Contradiction,
    Demand,
    Left,
    Person,
    Pool,
    Side,
    Target,
    fitting,
    left,
    ranking,
    replacements,
    verify,
)
from tests.support.lotteries import feasible_panels, keeps, leximin, small_pool

SEED = b"sixteen bytes and more"


def pools() -> list[tuple[Pool, tuple[str, ...]]]:
    """Each with a panel that was drawn. Nobody is fixed in, so that anybody may drop out."""
    found = [replace(small_pool(number, tight=1.5), inside=frozenset()) for number in range(100)]
    return [(pool, panels[len(panels) // 2]) for pool in found if (panels := feasible_panels(pool))]


def test_one_place_goes_to_one_of_those_who_keep_the_targets() -> None:
    changed = 0
    for pool, panel in pools():
        kept, gone = panel[1:], panel[:1]
        others = [person.id for person in pool.free() if person.id not in panel]
        if not others:
            continue
        fits = fitting(pool, kept, gone)
        keep = [name for name in others if keeps(pool, [*kept, name])]
        if keep:
            assert fits.people == tuple(keep)
            assert not fits.changes
        else:
            size = {name: broken(pool, [*kept, name]) for name in others}
            assert fits.people == tuple(name for name in others if size[name] == min(size.values()))
            assert dict(fits.changes) == {name: tuple(pool.broken([*kept, name])) for name in fits.people}
            changed += 1
        found = replacements(pool, kept, gone, SEED)
        assert found.changes == dict(fits.changes).get(found.people[0], ())
        assert found.recorded.panels == tuple(sorted((1, tuple(sorted([*kept, name]))) for name in fits.people))
        assert verify(found.recorded, SEED, [*kept, *found.people])
    assert changed > 3


def broken(pool: Pool, panel: list[str]) -> int:
    return sum(abs(change.becomes - change.demand.bound) for change in pool.broken(panel))


def test_all_who_fit_are_as_likely() -> None:
    pool = Pool([Person(name) for name in "abcd"], 2)
    drawn = [replacements(pool, ["a"], ["b"], number.to_bytes(16, "big")).people for number in range(1000)]
    assert 400 < drawn.count(("c",)) < 600
    assert drawn.count(("c",)) + drawn.count(("d",)) == 1000


def test_several_places_are_drawn_by_the_fairest_lottery_that_keeps_the_targets() -> None:
    compared = 0
    for pool, panel in pools():
        kept, gone = panel[2:], panel[:2]
        rest = [person for person in pool.free() if person.id not in panel]
        if len(panel) < 3 or len(rest) < 2:
            continue
        found = replacements(pool, kept, gone, SEED)
        small = replace(pool.changed(found.changes), inside=frozenset(kept), outside=pool.outside | set(gone))
        truth = leximin(feasible_panels(small))
        tickets = found.recorded.tickets()
        assert {name: number / found.recorded.total for name, number in tickets.items()} == pytest.approx(
            truth, abs=1e-6
        )
        assert len(found.people) == 2
        assert not set(found.people) & {*kept, *gone}
        assert keeps(pool.changed(found.changes), [*kept, *found.people])
        assert bool(found.changes) is not bool(
            feasible_panels(replace(small, targets=pool.targets, per_organisation=pool.per_organisation))
        )
        compared += 1
    assert compared > 10


def test_what_is_left_of_the_targets() -> None:
    people = [Person(name, {"sector": sector}, organisation) for name, sector, organisation in PEOPLE]
    pool = Pool(people, 4, [Target("sector", "a", 1, 2), Target("sector", "b", 2), Target("sector", "c", 0, 0)], 2)
    assert left(pool, ["p", "q"]) == Left(
        2, (Target("sector", "a", 0, 1), Target("sector", "b", 1), Target("sector", "c", 0, 0)), (("one", 0),)
    )
    assert left(replace(pool, per_organisation=None), ["r"]).organisations == ()


PEOPLE = [("p", "a", "one"), ("q", "b", "one"), ("r", "b", "two"), ("s", "a", None), ("t", "b", "one")]


def test_if_nobody_keeps_the_targets_the_smallest_change_is_told() -> None:
    people = [Person(name, {"sector": sector}, organisation) for name, sector, organisation in PEOPLE]
    pool = Pool(people, 2, [Target("sector", "a", 2)])
    found = replacements(pool, ["p"], ["s"], SEED)
    assert found.changes == (Change(Demand("sector", "a", Side.MINIMUM, 2), 1),)
    assert found.people[0] in {"q", "r", "t"}
    assert fitting(replace(pool, per_organisation=1), ["p"], ["s"]).people == ("r",)


def test_the_next_reserve_is_the_first_of_the_order_who_fits() -> None:
    people = [Person(name, {"sector": sector}, organisation) for name, sector, organisation in PEOPLE]
    pool = Pool(people, 3, [Target("sector", "a", 1)], 2)
    order = ranking([name for name, *_ in PEOPLE if name not in "pq"], SEED)
    fits = fitting(pool, ["p", "q"], [])
    assert fits.people == ("r", "s")
    assert next(name for name in order if name in fits.people) == min(("r", "s"), key=order.index)


def test_what_cannot_be_asked() -> None:
    pool = Pool([Person(name) for name in "abc"], 2)
    with pytest.raises(Contradiction, match="no place is free"):
        replacements(pool, ["a", "b"], [], SEED)
    with pytest.raises(Contradiction, match="one place"):
        fitting(pool, [], ["a"])
    with pytest.raises(Contradiction, match="more places than people"):
        replacements(pool, ["a"], ["b", "c"], SEED)
    with pytest.raises(Contradiction, match="fixed in and out"):
        replacements(pool, ["a"], ["a"], SEED)
    with pytest.raises(Contradiction, match="16 bytes"):
        replacements(pool, ["a"], ["b"], b"short")
