"""The record, the draw, and that anybody can do it again."""

from hashlib import sha256

import pytest

from cop.algorithms.lottery import (
    Contradiction,
    Person,
    Pool,
    Recorded,
    Target,
    draw,
    number_below,
    ranking,
    recorded,
    verify,
)

SEED = bytes(range(32))
RECORD = recorded("0" * 64, [(3, ["b", "a"]), (1, ["é", "c"]), (2, ["c", "b"])])


def test_the_record_is_sorted_and_in_ascii() -> None:
    assert RECORD.canonical() == (
        '{"panels":[[3,[0,1]],[2,[1,2]],[1,[2,3]]],"people":["a","b","c","\\u00e9"],'
        '"pool":"0000000000000000000000000000000000000000000000000000000000000000","version":1}'
    )
    assert RECORD.digest() == sha256(RECORD.canonical().encode()).hexdigest()
    assert RECORD.total == 6
    assert RECORD.tickets() == {"a": 3, "b": 5, "c": 3, "é": 1}


def test_tickets_of_the_same_panel_are_added_up() -> None:
    assert recorded("", [(1, ["b", "a"]), (2, ["a", "b"])]).panels == ((3, ("a", "b")),)


def test_the_draw_as_somebody_else_would_programme_it() -> None:
    """From the words of ``number_below`` and of ``draw`` alone."""
    for number in range(50):
        seed = number.to_bytes(16, "big")
        block = 0
        while True:
            text = seed + b"\0draw " + RECORD.digest().encode() + b"\0" + str(block).encode()
            ticket = int(f"{int(sha256(text).hexdigest(), 16):0256b}"[:3], 2)
            if ticket < 6:
                break
            block += 1
        panel = [("a", "b")] * 3 + [("b", "c")] * 2 + [("c", "é")]
        assert draw(RECORD, seed) == panel[ticket]
        assert verify(RECORD, seed, reversed(panel[ticket]))
        assert not verify(RECORD, seed, panel[(ticket + 3) % 6] if ticket != 0 else ("c", "é"))


def test_what_was_drawn_once_is_drawn_for_ever() -> None:
    assert [number_below(10**9, SEED, f"draw {number}") for number in range(3)] == GOLDEN
    assert ranking("abcdef", SEED) == tuple(GOLDEN_ORDER)


GOLDEN = [116502178, 317657596, 463897331]
GOLDEN_ORDER = "afcbde"


def test_all_numbers_are_equally_likely() -> None:
    drawn = [number_below(6, SEED, str(number)) for number in range(6000)]
    assert all(900 < drawn.count(number) < 1100 for number in range(6))
    assert set(drawn) == set(range(6))


def test_one_ticket_needs_no_luck() -> None:
    assert number_below(1, SEED, "") == 0
    assert 0 <= number_below(2**256, SEED, "") < 2**256


@pytest.mark.parametrize(("limit", "seed"), [(0, SEED), (2**256 + 1, SEED), (6, b""), (6, b"fifteen bytes..")])
def test_nothing_to_draw_from_and_seeds_that_are_too_short(limit: int, seed: bytes) -> None:
    with pytest.raises(Contradiction):
        number_below(limit, seed, "")


def test_every_order_of_reserves_is_as_likely() -> None:
    orders = [ranking("cab", number.to_bytes(16, "big")) for number in range(6000)]
    assert all(900 < orders.count(order) < 1100 for order in set(orders))
    assert len(set(orders)) == 6


def test_who_else_is_there_does_not_change_who_comes_before_whom() -> None:
    everybody = ranking("abcdef", SEED)
    assert ranking("bdf", SEED) == tuple(name for name in everybody if name in "bdf")
    with pytest.raises(Contradiction):
        ranking("ab", b"short")


@pytest.mark.parametrize(
    "panels",
    [
        (),
        ((1, ()),),
        ((0, ("a",)),),
        ((1, ("b",)), (1, ("a",))),
        ((1, ("a",)), (1, ("a",))),
        ((1, ("b", "a")),),
        ((1, ("a", "a")),),
    ],
)
def test_a_record_that_is_none_is_refused(panels: tuple[tuple[int, tuple[str, ...]], ...]) -> None:
    with pytest.raises(Contradiction):
        Recorded("", panels)


def test_the_digest_of_a_pool_is_that_of_its_content() -> None:
    people = [Person("a", {"x": "1", "y": "2"}, "one"), Person("b")]
    pool = Pool(people, 1, [Target("x", "1", 0, 1), Target("y", "2")])
    assert pool.canonical() == (
        '{"inside":[],"outside":[],"people":[["a",{"x":"1","y":"2"},"one"],["b",{},null]],"per_organisation":null,'
        '"places":1,"targets":[["x","1",0,1],["y","2",0,null]]}'
    )
    again = Pool([Person("b"), Person("a", {"y": "2", "x": "1"}, "one")], 1, pool.targets[::-1])
    assert again.digest() == pool.digest() == sha256(pool.canonical().encode()).hexdigest()
    assert Pool(people, 2, pool.targets).digest() != pool.digest()
