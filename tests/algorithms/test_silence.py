"""Who answered of those who were asked, without telling of anybody."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from cop.algorithms.silence import Asked, Profile, profile
from cop.core.small_numbers import LEAST

GROUPS = st.dictionaries(
    st.sampled_from(["resident", "health", "VCSE", "councillor", "business", None]),
    st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda pair: Asked(sum(pair), pair[0])),
    max_size=6,
)


def test_whoever_may_see_all_sees_all() -> None:
    groups: dict[str | None, Asked] = {"resident": Asked(3, 1), None: Asked(2, 2)}
    assert profile(groups, hide=False) == Profile([("resident", Asked(3, 1)), (None, Asked(2, 2))])


def test_large_groups_stand_as_they_are() -> None:
    groups: dict[str | None, Asked] = {"resident": Asked(12, 6), "health": Asked(9, 9), "VCSE": Asked(7, 0)}
    found = profile(groups, hide=True)
    assert [name for name, _ in found.groups] == ["resident", "health", "VCSE"]
    assert (found.joined, found.others) == ([], None)


def test_a_small_group_takes_the_smallest_other_with_it() -> None:
    """Of the residents 2 were silent: alone, they could be found by subtracting the others from all."""
    groups: dict[str | None, Asked] = {"resident": Asked(10, 8), "health": Asked(20, 10), "VCSE": Asked(12, 6)}
    found = profile(groups, hide=True)
    assert found.groups == [("health", Asked(20, 10))]
    assert (found.joined, found.others) == (["resident", "VCSE"], Asked(22, 14))


def test_small_groups_are_joined_until_they_are_enough_together() -> None:
    groups: dict[str | None, Asked] = {
        "resident": Asked(2, 1),
        "health": Asked(3, 2),
        "VCSE": Asked(30, 20),
        "councillor": Asked(14, 7),
    }
    found = profile(groups, hide=True)
    assert found.joined == ["resident", "health", "councillor"]
    assert found.others == Asked(19, 10)


def test_where_all_are_too_few_nothing_is_shown() -> None:
    found = profile({"resident": Asked(3, 1), "health": Asked(4, 2), None: Asked(1, 0)}, hide=True)
    assert (found.groups, found.others) == ([], None)
    assert (found.joined, found.named) == (["resident", "health", None], ["resident", "health"])


def test_nobody_asked() -> None:
    assert profile({}, hide=True) == Profile([], [])
    assert Asked(0, 0).rate is None
    assert Asked(8, 6).rate == 75


@given(GROUPS)
def test_what_is_shown_tells_of_nobody(groups: Mapping[str | None, Asked]) -> None:
    found = profile(groups, hide=True)
    for _name, group in found.groups:
        assert group.answered == 0 or group.answered >= LEAST
        assert group.silent == 0 or group.silent >= LEAST
    left = sum((groups[name] for name in found.joined), Asked(0, 0))
    shown = sum((group for _name, group in found.groups), Asked(0, 0))
    assert left + shown == sum(groups.values(), Asked(0, 0))
    if found.others is not None:
        assert found.others == left
        assert not left.tells
        assert len(found.joined) > 1


@given(GROUPS)
def test_what_is_left_over_is_no_single_group(groups: Mapping[str | None, Asked]) -> None:
    """Whoever subtracts the groups that are shown from all of them finds several together, or nobody."""
    found = profile(groups, hide=True)
    if found.groups and found.joined:
        assert len(found.joined) > 1
        assert not sum((groups[name] for name in found.joined), Asked(0, 0)).tells
