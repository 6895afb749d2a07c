"""Which steps of a funnel may be shown by group without telling of anybody.

Everybody may know who applied, who was offered a place and who came: what must not be found out is to which group one
of them belongs. So a step is shown for all groups of a question or for none, and each set of people that is set apart
by what is shown has to hide its members: those who reached the step, and those who got lost since the last step that is
shown. In each such set every group has nobody or at least five people, and at least five people are in other groups or
did not say. Where that fails, groups are joined; where no joined groups are large enough, the step is left out.

Whether a step is shown may tell something, too, to those who know these rules: where two steps differ by one person,
and only one of them is shown, that person is the reason. So a step of nearly the same people as an earlier one is left
out whatever they said.

Once shown, a step stays as it is: what is shown later is held against it, and never takes its place.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cop.core.equality import Rung
from cop.core.small_numbers import LEAST


@dataclass(frozen=True)
class Step:
    """Of ``whole`` people so many are in each of the finest groups; the others did not say."""

    whole: int
    finest: Mapping[str, int]


@dataclass(frozen=True)
class Shown:
    """A step as everybody may see it, by the groups of the ``rung``-th step of the ladder."""

    whole: int
    rung: int
    groups: Mapping[str, int]

    @property
    def not_said(self) -> int:
        return self.whole - sum(self.groups.values())


@dataclass(frozen=True)
class Earlier:
    """A step that was counted before: of how many people, and what is shown of it."""

    whole: int
    shown: Shown | None


def show(step: Step, ladder: Sequence[Rung], earlier: Sequence[Earlier], known: Step | None = None) -> Shown | None:
    """The step by the finest groups that tell of nobody, None where none do.

    Groups that were joined stay joined, so that no later step sets apart what an earlier one did not. Who among the
    step is ``known`` to readers with their groups sets the others apart, too.
    """
    if not _is_looked_at([*(other.whole for other in earlier), step.whole]):
        return None
    before = next((other.shown for other in reversed(earlier) if other.shown is not None), None)
    for number in range(before.rung if before else 0, len(ladder)):
        groups = ladder[number].gather(step.finest)
        if _tells(step.whole, groups.values()):
            continue
        if known is not None:
            theirs = ladder[number].gather(known.finest)
            if _tells(step.whole - known.whole, [people - theirs[group] for group, people in groups.items()]):
                continue
        if before is not None:
            at_first = joined(before, ladder, number)
            lost = [at_first[group] - people for group, people in groups.items()]
            if _tells(before.whole - step.whole, lost) or (before.whole == step.whole and any(lost)):
                continue
        return Shown(step.whole, number, groups)
    return None


def joined(shown: Shown, ladder: Sequence[Rung], number: int) -> Mapping[str, int]:
    """The counts of a step that was shown, by a coarser step of the ladder."""
    coarser = dict.fromkeys(ladder[number].words, 0)
    for group, people in shown.groups.items():
        of_group = next(finest for finest, name in ladder[shown.rung].joins.items() if name == group)
        coarser[ladder[number].joins[of_group]] += people
    return coarser


def _is_looked_at(wholes: Sequence[int]) -> bool:
    """Whether the last of these steps differs from the last one before it that was looked at by nobody or by enough."""
    looked_at = wholes[0]
    for whole in wholes[1:-1]:
        if not 0 < looked_at - whole < LEAST:
            looked_at = whole
    return not 0 < looked_at - wholes[-1] < LEAST


def _tells(whole: int, groups: Iterable[int]) -> bool:
    """A number below nought means that answers were changed in between: that tells of somebody, too."""
    return whole > 0 and any((people != 0 and people < LEAST) or whole - people < LEAST for people in groups)
