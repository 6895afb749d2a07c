"""The policies of the waiting list, and what holds for every queue there could be."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.algorithms.queueing import Entrant, Option, Placed, Unit, Waits, Why, serve

A = Option(1, frozenset({"event", "day", "A"}))
B = Option(2, frozenset({"event", "day", "B"}))


def party(key: int, size: int, *options: Option, split_ok: bool = False) -> Entrant:
    return Entrant(key, size, options or (A,), split_ok)


def told(entrants: Sequence[Entrant], room: Mapping[Unit, int], *, strict: bool) -> list[tuple[int, int] | Why]:
    """``(option, seats)`` of those who are served, and the reason of those who wait."""
    outcomes = serve(entrants, room, strict=strict)
    return [(found.option.key, found.seats) if isinstance(found, Placed) else found.why for found in outcomes]


def test_whoever_came_first_is_served_first() -> None:
    assert told([party(1, 1), party(2, 1), party(3, 1)], {"A": 2}, strict=True) == [(1, 1), (1, 1), Why.FULL]


def test_strict_keeps_what_is_free_for_the_large_party_ahead() -> None:
    outcomes = serve([party(1, 4), party(2, 1)], {"A": 2}, strict=True)
    assert [found.why for found in outcomes if isinstance(found, Waits)] == [Why.TOO_FEW, Why.BEHIND]
    assert isinstance(outcomes[0], Waits)
    assert outcomes[0].room == 2
    assert isinstance(outcomes[1], Waits)
    assert outcomes[1].behind == 1


def test_fit_passes_over_the_large_party() -> None:
    assert told([party(1, 4), party(2, 1), party(3, 2)], {"A": 2}, strict=False) == [
        Why.TOO_FEW,
        (1, 1),
        Why.TOO_FEW,
    ]


def test_a_party_that_may_be_split_takes_what_there_is() -> None:
    assert told([party(1, 4, split_ok=True), party(2, 1)], {"A": 2}, strict=True) == [(1, 2), Why.FULL]


def test_any_of_these_slots_takes_the_first_with_room() -> None:
    assert told([party(1, 2, A, B)], {"A": 1, "B": 3}, strict=True) == [(2, 2)]


def test_strict_leaves_to_those_behind_what_does_not_delay_the_head() -> None:
    """One place in A and three in the whole: whoever takes two in B leaves the head as near as it was."""
    queue = [party(1, 4), party(2, 2, B)]
    assert told(queue, {"event": 3, "A": 1}, strict=True) == [Why.TOO_FEW, (2, 2)]
    assert told(queue, {"event": 2, "A": 1}, strict=True) == [Why.TOO_FEW, Why.BEHIND]


def test_a_party_that_waits_for_either_keeps_room_once_where_both_count() -> None:
    queue = [party(1, 5, A, B), party(2, 1, Option(3, frozenset({"event"})))]
    assert told(queue, {"event": 4, "A": 3, "B": 2}, strict=True) == [Why.TOO_FEW, (3, 1)]


def test_an_organisation_with_its_share_is_passed_over_and_keeps_nothing() -> None:
    shared = Option(1, frozenset({"A"}), frozenset({"share"}))
    for strict in (True, False):
        assert told([party(1, 2, shared), party(2, 1)], {"A": 3, "share": 1}, strict=strict) == [Why.SHARE, (1, 1)]


def test_nothing_left_to_wait_for() -> None:
    assert told([Entrant(1, 1, ())], {}, strict=True) == [Why.NOTHING_LEFT]


def test_what_is_not_limited_serves_everybody() -> None:
    assert told([party(1, 50), party(2, 7, B)], {}, strict=True) == [(1, 50), (2, 7)]


OPTIONS = st.lists(
    st.builds(
        lambda part, share: Option(part, frozenset({"event", part}), frozenset({share} if share else ())),
        st.integers(1, 3),
        st.sampled_from([None, "x", "y"]),
    ),
    min_size=1,
    max_size=3,
)
QUEUES = st.lists(st.tuples(st.integers(1, 5), OPTIONS, st.booleans()), max_size=8).map(
    lambda rows: [Entrant(key, size, options, split) for key, (size, options, split) in enumerate(rows)]
)
ROOMS = st.dictionaries(st.sampled_from(["event", 1, 2, 3, "x", "y"]), st.integers(0, 6))


def rest_of(room: Mapping[Unit, int], outcomes: Sequence[Placed | Waits]) -> dict[Unit, int]:
    left = dict(room)
    for found in outcomes:
        if isinstance(found, Placed):
            for unit in found.option.units | found.option.shares:
                if unit in left:
                    left[unit] -= found.seats
    return left


def fits(entrant: Entrant, room: Mapping[Unit, int]) -> bool:
    needed = 1 if entrant.split_ok else entrant.size
    return any(
        all(room.get(unit, needed) >= needed for unit in option.units | option.shares) for option in entrant.options
    )


@given(QUEUES, ROOMS, st.booleans())
def test_never_more_than_there_is(queue: list[Entrant], room: dict[Unit, int], strict: bool) -> None:  # noqa: FBT001
    outcomes = serve(queue, room, strict=strict)
    assert min(rest_of(room, outcomes).values(), default=0) >= 0
    for found in outcomes:
        if isinstance(found, Placed):
            assert found.seats == found.entrant.size or (found.entrant.split_ok and found.seats > 0)


@given(QUEUES, ROOMS)
def test_under_fit_nobody_waits_who_would_fit(queue: list[Entrant], room: dict[Unit, int]) -> None:
    outcomes = serve(queue, room, strict=False)
    left = rest_of(room, outcomes)
    assert not [found for found in outcomes if isinstance(found, Waits) and fits(found.entrant, left)]


@given(QUEUES, ROOMS)
def test_under_strict_the_first_who_waits_would_not_fit(queue: list[Entrant], room: dict[Unit, int]) -> None:
    outcomes = serve(queue, room, strict=True)
    left = rest_of(room, outcomes)
    head = next((found for found in outcomes if isinstance(found, Waits)), None)
    assert head is None or not fits(head.entrant, left)


@given(QUEUES, ROOMS, st.integers(1, 5))
def test_under_strict_nobody_behind_takes_from_those_ahead(
    queue: list[Entrant], room: dict[Unit, int], freed: int
) -> None:
    """Without shares, whatever becomes free serves the first who waits just as it would without those behind them."""
    queue = [
        Entrant(one.key, one.size, [Option(option.key, option.units) for option in one.options], one.split_ok)
        for one in queue
    ]
    outcomes = serve(queue, room, strict=True)
    first = next((place for place, found in enumerate(outcomes) if isinstance(found, Waits)), None)
    if first is None:
        return
    for part in (1, 2, 3):
        more = {"event": freed, part: freed}
        with_all = rest_of(room, outcomes)
        without = rest_of(room, outcomes[:first])
        for left in (with_all, without):
            left.update({unit: left[unit] + seats for unit, seats in more.items() if unit in left})
        assert fits(queue[first], with_all) == fits(queue[first], without)


@pytest.mark.parametrize("strict", [True, False])
def test_asking_again_changes_nothing(strict: bool) -> None:  # noqa: FBT001
    """Who was served holds their places; the others would be told the same."""
    queue = [party(1, 2, A, B), party(2, 4), party(3, 1, B), party(4, 1)]
    room: dict[Unit, int] = {"event": 6, "A": 2, "B": 3}
    outcomes = serve(queue, room, strict=strict)
    rest = [found.entrant for found in outcomes if isinstance(found, Waits)]
    assert [type(found) for found in serve(rest, rest_of(room, outcomes), strict=strict)] == [Waits] * len(rest)
