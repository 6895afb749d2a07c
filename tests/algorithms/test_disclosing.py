"""What is shown of a funnel tells of nobody: checked by working through every world that would look the same."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.algorithms.disclosing import Earlier, Shown, Step, joined, show
from cop.core.equality import SETS, Rung, rung
from cop.core.small_numbers import LEAST
from cop.queries.cohorts.fairness import ATTRIBUTES

TWO = (rung(("a", "A", "a"), ("b", "B", "b")),)
THREE = (
    rung(("a", "A", "a"), ("b", "B", "b"), ("c", "C", "c")),
    rung(("a", "A", "a"), ("others", "Others", "b c")),
)

Counts = tuple[int, ...]
"""People in each of the finest groups, and last those who did not say."""

World = tuple[Counts, ...]
"""One such line for each step; nobody is in a later step who was not in the one before."""


def compositions(whole: int, most: Sequence[int]) -> Iterator[Counts]:
    """All ways to share out so many people, at most so many to each."""
    if len(most) == 1:
        if whole <= most[0]:
            yield (whole,)
        return
    for first in range(min(whole, most[0]) + 1):
        for rest in compositions(whole - first, most[1:]):
            yield (first, *rest)


def worlds(wholes: Sequence[int], groups: int) -> Iterator[World]:
    def deeper(done: World) -> Iterator[World]:
        if len(done) == len(wholes):
            yield done
            return
        for following in compositions(wholes[len(done)], done[-1]):
            yield from deeper((*done, following))

    for first in compositions(wholes[0], [wholes[0]] * (groups + 1)):
        yield from deeper((first,))


def published(world: World, ladder: Sequence[Rung]) -> list[Shown | None]:
    """What a reader sees after all steps were counted, one after the other."""
    names = list(ladder[0].words)
    found: list[Earlier] = []
    for counts in world:
        step = Step(sum(counts), dict(zip(names, counts, strict=False)))
        found.append(Earlier(step.whole, show(step, ladder, found)))
    return [step.shown for step in found]


def sets_of_people(world: World) -> Iterator[tuple[str, Counts]]:
    """Those at each step, and those who got lost between any two: everybody may know who they are."""
    for number, counts in enumerate(world):
        yield f"at {number}", counts
    for (one, before), (other, after) in combinations(enumerate(world), 2):
        yield f"lost between {one} and {other}", tuple(x - y for x, y in zip(before, after, strict=True))


def give_aways(wholes: Sequence[int], ladder: Sequence[Rung]) -> list[str]:
    """What a reader can be sure of who knows the rule, and who was at which step."""
    looks: dict[str, list[World]] = defaultdict(list)
    for world in worlds(wholes, len(ladder[0].words)):
        looks[repr(published(world, ladder))].append(world)
    found = []
    for look, alike in looks.items():
        possible: dict[tuple[str, int], set[int]] = defaultdict(set)
        wholes_of: dict[str, int] = {}
        for world in alike:
            for name, counts in sets_of_people(world):
                wholes_of[name] = sum(counts)
                for group, people in enumerate(counts[:-1]):
                    possible[name, group].add(people)
        for (name, group), values in possible.items():
            only = next(iter(values)) if len(values) == 1 else None
            if only is not None and (0 < only < LEAST or only == wholes_of[name] > 0):
                found.append(f"{only} of group {group} {name}: {look}")
    return found


@pytest.mark.parametrize(
    ("wholes", "ladder"),
    [
        ((9, 4), TWO),
        ((14, 9), TWO),
        ((16, 11, 6), TWO),
        ((20, 10, 10), TWO),
        ((20, 15, 14), TWO),
        ((20, 14, 4), TWO),
        ((15, 15, 10), TWO),
        ((10, 5), THREE),
        ((12, 6), THREE),
        ((15, 7), THREE),
    ],
)
def test_a_reader_who_knows_the_rule_cannot_work_anybody_out(wholes: Sequence[int], ladder: Sequence[Rung]) -> None:
    assert give_aways(wholes, ladder) == []


def test_the_attack_finds_what_a_careless_rule_gives_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cop.algorithms.disclosing._tells", lambda whole, groups: any(0 < n < LEAST for n in groups))
    assert any("lost" in given_away or "of group" in given_away for given_away in give_aways((14, 9), TWO))


def test_something_is_shown_where_groups_are_large_enough() -> None:
    found = published(((36, 18, 6), (30, 13, 4), (9, 5, 1), (9, 5, 1)), TWO)
    assert [step.groups if step else None for step in found] == [
        {"a": 36, "b": 18},
        {"a": 30, "b": 13},
        {"a": 9, "b": 5},
        {"a": 9, "b": 5},
    ]


def test_small_groups_are_joined_and_stay_so() -> None:
    found = published(((30, 12, 3, 5), (20, 6, 0, 5)), THREE)
    assert [step.groups if step else None for step in found] == [{"a": 30, "others": 15}, {"a": 20, "others": 6}]


def test_one_person_who_left_hides_the_step() -> None:
    before, after = published(((10, 9, 1), (10, 8, 1)), TWO)
    assert before is not None
    assert after is None


def test_answers_that_changed_between_two_countings_hide_the_step() -> None:
    first = Earlier(40, show(Step(40, {"a": 20, "b": 20}), TWO, []))
    assert first.shown is not None
    assert show(Step(40, {"a": 21, "b": 19}), TWO, [first]) is None
    assert show(Step(30, {"a": 21, "b": 9}), TWO, [first]) is None


def test_those_beside_whom_readers_know_are_set_apart_too() -> None:
    step = Step(40, {"a": 20, "b": 20})
    assert show(step, TWO, [], Step(20, {"a": 10, "b": 10})) is not None
    assert show(step, TWO, [], Step(20, {"a": 20, "b": 0})) is None
    assert show(step, TWO, [], Step(20, {"a": 17, "b": 3})) is None
    joins = show(Step(40, {"a": 20, "b": 10, "c": 10}), THREE, [], Step(17, {"a": 0, "b": 8, "c": 9}))
    assert joins is None


@st.composite
def courses(draw: st.DrawFn) -> World:
    """Five steps of up to a hundred people in three groups and those who did not say."""
    counts = tuple(draw(st.integers(0, 30)) for _ in range(4))
    world = [counts]
    for _ in range(4):
        counts = tuple(draw(st.integers(0, people)) for people in counts)
        world.append(counts)
    return tuple(world)


@settings(max_examples=300, deadline=None)
@given(courses())
def test_no_two_steps_that_are_shown_set_a_few_people_apart(world: World) -> None:
    steps = [step for step in published(world, THREE) if step is not None]
    for step in steps:
        assert hides(step.whole, step.groups)
    for before, after in combinations(steps, 2):
        earlier = joined(before, THREE, after.rung)
        lost = {group: earlier[group] - people for group, people in after.groups.items()}
        assert hides(before.whole - after.whole, lost)


def hides(whole: int, groups: Mapping[str, int]) -> bool:
    return all(
        (people == 0 or people >= LEAST) and (whole == 0 or whole - people >= LEAST) for people in groups.values()
    )


@settings(max_examples=200, deadline=None)
@given(courses(), st.integers(1, 4))
def test_counting_again_later_changes_nothing_that_was_shown(world: World, when: int) -> None:
    assert published(world[:when], THREE) == published(world, THREE)[:when]


def test_every_step_of_every_ladder_joins_groups_of_the_one_before() -> None:
    ladders = [topic.ladder for version in SETS.values() for topic in version.topics]
    for ladder in (*ladders, *(ladder for _title, _group_of, ladder in ATTRIBUTES.values())):
        for finer, coarser in pairwise(ladder):
            assert finer.joins.keys() == coarser.joins.keys()
            for one, other in product(finer.joins, repeat=2):
                assert finer.joins[one] != finer.joins[other] or coarser.joins[one] == coarser.joins[other]
            for group in finer.words.keys() & coarser.words.keys():
                assert members(finer, group) == members(coarser, group)
        for step in ladder:
            assert set(step.joins.values()) == set(step.words)


def members(step: Rung, group: str) -> set[str]:
    return {finest for finest, name in step.joins.items() if name == group}
