"""Everybody sits, the rules are kept or named, and nothing simple would be better."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cop.algorithms.seating import Guest, Impossible, Room, Why, obstacle, score, seat, seat_late
from cop.algorithms.seating.costs import AGAIN, UNEVEN, alike, shares
from cop.algorithms.seating.dealing import meetings

FEW = settings(max_examples=40, deadline=None)


def guests(*homes: str, sectors: str = "") -> list[Guest]:
    return [Guest(number, home, (sectors[number : number + 1], "")) for number, home in enumerate(homes)]


def at_table(tables: Mapping[int, int], table: int) -> set[int]:
    return {one for one, where in tables.items() if where == table}


@st.composite
def rooms(draw: st.DrawFn, most: int = 14, rounds: int = 3, rules: int = 6) -> Room:
    count = draw(st.integers(min_value=1, max_value=most))
    people = [
        Guest(
            number + 1,
            draw(st.sampled_from(["", "Leeds", "Wigan", "Derby"])),
            (draw(st.sampled_from(["", "council", "nhs"])), draw(st.sampled_from(["", "newer"]))),
        )
        for number in range(count)
    ]
    seats = draw(st.lists(st.integers(min_value=1, max_value=6), min_size=1, max_size=4))
    pairs = list(combinations(range(1, count + 1), 2))
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=rules, unique=True)) if pairs else []
    cut = draw(st.integers(min_value=0, max_value=len(chosen)))
    total = draw(st.integers(min_value=1, max_value=rounds))
    held = draw(
        st.dictionaries(
            st.tuples(st.integers(0, total - 1), st.integers(1, count)), st.integers(0, len(seats) - 1), max_size=3
        )
    )
    return Room(people, seats, total, frozenset(chosen[:cut]), frozenset(chosen[cut:]), held)


def every_way(room: Room) -> Iterator[Mapping[int, int]]:
    """All ways to seat one round within seats, rules and places that are held."""
    ids = [guest.id for guest in room.guests]
    for choice in product(range(len(room.seats)), repeat=len(ids)):
        tables = dict(zip(ids, choice, strict=True))
        loads = Counter(choice)
        if any(loads[table] > size for table, size in enumerate(room.seats)) or keeps_not(room, 0, tables):
            continue
        yield tables


def keeps_not(room: Room, round_: int, tables: Mapping[int, int]) -> bool:
    if any(tables[one] != table for (number, one), table in room.held.items() if number == round_):
        return True
    for rules, wanted in ((room.together, True), (room.apart, False)):
        for pair in rules:
            free = any((round_, one) not in room.held for one in pair)
            if free and (tables[pair[0]] == tables[pair[1]]) is not wanted:
                return True
    return False


def cost(room: Room, seated: list[Mapping[int, int]]) -> int:
    """Written out once more, as plainly as can be."""
    sum_ = 0
    for tables in seated:
        for one, other in combinations(room.guests, 2):
            if tables[one.id] == tables[other.id]:
                sum_ += alike(one, other)
        loads = Counter(tables.values())
        sum_ += UNEVEN * sum((loads[table] - share) ** 2 for table, share in enumerate(shares(room)))
    for pair, met in meetings(seated).items():
        sum_ += 0 if pair in room.together else AGAIN * met * (met - 1) // 2
    return sum_


@FEW
@given(rooms(), st.integers(min_value=0, max_value=5))
def test_everybody_sits_in_every_round_by_the_rules_or_the_refusal_is_right(room: Room, seed: int) -> None:
    reason = obstacle(room)
    if reason:
        with pytest.raises(Impossible) as refused:
            seat(room, seed)
        assert refused.value.obstacle == reason
        return
    seated = seat(room, seed)
    assert len(seated) == room.rounds
    for round_, tables in enumerate(seated):
        assert sorted(tables) == [guest.id for guest in room.guests]
        loads = Counter(tables.values())
        assert all(0 <= table < len(room.seats) and load <= room.seats[table] for table, load in loads.items())
        assert not keeps_not(room, round_, tables)
    assert seat(room, seed) == seated


@FEW
@given(rooms(most=6, rounds=1))
def test_what_is_refused_is_impossible_and_what_is_found_is_the_best(room: Room) -> None:
    assume(len(room.seats) ** len(room.guests) < 5_000)
    best = min((cost(room, [way]) for way in every_way(room)), default=None)
    try:
        seated = seat(room, 1)
    except Impossible:
        assert best is None
        return
    assert cost(room, list(seated)) == best


@FEW
@given(rooms(most=5, rounds=2, rules=2))
def test_two_rounds_are_the_best_together(room: Room) -> None:
    room = replace(room, rounds=2, held={})
    assume(len(room.seats) ** len(room.guests) < 250)
    ways = list(every_way(room))
    best = min((cost(room, [first, second]) for first in ways for second in ways), default=None)
    if best is None:
        assert obstacle(room) is not None
    else:
        assert cost(room, list(seat(room, 1))) == best


@FEW
@given(rooms())
def test_a_refusal_names_rules_of_which_none_could_be_spared(room: Room) -> None:
    found = obstacle(room)
    if found is None or found.why in (Why.SEATS, Why.TABLE):
        return
    named = replace(room, together=frozenset(found.together), apart=frozenset(found.apart))
    assert obstacle(named) is not None
    for rule in (*found.together, *found.apart):
        fewer = replace(named, together=named.together - {rule}, apart=named.apart - {rule})
        still = obstacle(fewer)
        assert still is None or still.round > found.round


@FEW
@given(rooms(), st.data())
def test_who_comes_late_moves_nobody(room: Room, data: st.DataObject) -> None:
    room = replace(room, held={})
    try:
        seated = seat(room, 1)
    except Impossible:
        return
    late = data.draw(st.sets(st.sampled_from([guest.id for guest in room.guests])))
    held = {
        (round_, one): table for round_, tables in enumerate(seated) for one, table in tables.items() if one not in late
    }
    try:
        after = seat_late(replace(room, held=held), 2)
    except Impossible:
        assert late  # those who sit may stand in the way of a rule
        return
    for (round_, one), table in held.items():
        assert after[round_][one] == table
    assert all(sorted(tables) == [guest.id for guest in room.guests] for tables in after)


def test_colleagues_part_sectors_mix_and_rounds_bring_new_people() -> None:
    homes = [f"Council {number // 3}" for number in range(9)]
    room = Room(guests(*homes, sectors="cnv" * 3), [3] * 3, rounds=2)
    found = score(room, seat(room, 3))
    assert (found.colleagues, found.least_colleagues) == (0, 0)
    assert (found.mix, found.met, found.most_met, found.again) == (100, 4.0, 4.0, 0)
    assert all(table.people == 3 and table.sorts == 3 for there in found.tables for table in there)


def test_two_hundred_people_meet_twenty_new_ones_in_three_rounds() -> None:
    people = [Guest(n, f"Council {n % 70}", ("cnvro"[n % 5], "")) for n in range(200)]
    apart = frozenset((n, n + 9) for n in range(0, 60, 3))
    room = Room(people, [8] * 25, 3, frozenset({(100, 150), (101, 151)}), apart)
    heard: list[tuple[int, int]] = []
    found = score(room, seat(room, 1, lambda done, total: heard.append((done, total))))
    assert (found.colleagues, found.again, dict(found.broken)) == (0, 0, {})
    assert found.met > 20.8
    assert heard == sorted(heard)
    assert all(done < total == heard[0][1] for done, total in heard)


def test_tables_are_filled_in_proportion_to_their_seats() -> None:
    room = Room(guests(*["" for _ in range(21)]), [10, 10, 10, 5])
    tables = seat(room, 1)[0]
    assert [len(at_table(tables, table)) for table in range(4)] == [6, 6, 6, 3]


def test_no_more_than_the_seats() -> None:
    with pytest.raises(Impossible) as refused:
        seat(Room(guests("", "", ""), [2]), 1)
    assert refused.value.obstacle.why is Why.SEATS


def test_a_party_larger_than_every_table() -> None:
    room = Room(guests(*["" for _ in range(9)]), [3] * 3, together=frozenset({(0, 1), (1, 2), (2, 3), (4, 5)}))
    with pytest.raises(Impossible) as refused:
        seat(room, 1)
    found = refused.value.obstacle
    assert (found.why, found.together, found.apart) == (Why.PARTY, ((0, 1), (1, 2), (2, 3)), ())


def test_rules_that_contradict_one_another_are_named_and_no_others() -> None:
    room = Room(
        guests(*["" for _ in range(8)]), [4, 4], together=frozenset({(0, 1), (1, 2), (5, 6)}), apart=frozenset({(0, 2)})
    )
    with pytest.raises(Impossible) as refused:
        seat(room, 1)
    found = refused.value.obstacle
    assert (found.why, found.together, found.apart, found.held) == (Why.RULES, ((0, 1), (1, 2)), ((0, 2),), False)


def test_more_enemies_than_tables() -> None:
    everybody = frozenset(combinations(range(9), 2))
    with pytest.raises(Impossible) as refused:
        seat(Room(guests(*["" for _ in range(9)]), [3] * 8, apart=everybody), 1)
    assert set(refused.value.obstacle.apart) == everybody


def test_rules_that_only_held_places_forbid_say_so() -> None:
    room = Room(guests("", "", ""), [2, 1], together=frozenset({(0, 1)}), held={(0, 0): 1})
    with pytest.raises(Impossible) as refused:
        seat(room, 1)
    assert (refused.value.obstacle.why, refused.value.obstacle.held) == (Why.RULES, True)


def test_more_held_at_a_table_than_it_seats() -> None:
    with pytest.raises(Impossible) as refused:
        seat(Room(guests("", "", ""), [1, 3], held={(0, 0): 0, (0, 1): 0}), 1)
    assert (refused.value.obstacle.why, refused.value.obstacle.table) == (Why.TABLE, 0)


def test_places_that_are_held_break_a_rule_and_the_score_says_so() -> None:
    room = Room(guests("", "", "", ""), [2, 2], apart=frozenset({(0, 1)}), held={(0, 0): 0, (0, 1): 0})
    found = score(room, seat(room, 1))
    assert dict(found.broken) == {(0, 1): [0]}


def test_who_comes_late_finds_the_table_of_the_rule() -> None:
    room = Room(
        guests(*["" for _ in range(6)]),
        [3, 3],
        together=frozenset({(0, 5)}),
        held={(0, 0): 1, (0, 1): 0, (0, 2): 0, (0, 3): 1},
    )
    tables = seat_late(room, 1)[0]
    assert (tables[5], tables[4]) == (1, 0)


def test_a_score_counts_what_people_at_the_tables_see() -> None:
    people = guests("Leeds", "Leeds", "Wigan", "", sectors="ccn")
    room = Room(people, [2, 2], rounds=2, apart=frozenset({(1, 3)}))
    found = score(room, [{0: 0, 1: 0, 2: 1, 3: 1}, {0: 0, 1: 0, 2: 1}])
    first, second = found.tables
    assert [(table.people, table.colleagues, table.sorts, table.most_sorts) for table in first] == [
        (2, 2, 1, 2),
        (2, 0, 1, 1),
    ]
    assert [table.again for table in second] == [1, 0]
    assert (found.colleagues, found.least_colleagues, found.again, found.met) == (2, 0, 1, 1.0)
    assert dict(found.broken) == {}
