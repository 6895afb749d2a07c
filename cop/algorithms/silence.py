"""Who answered, of those who were asked, by groups to which they belong, without telling of anybody who was silent.

A group is shown where nobody or at least five of it answered, and nobody or at least five did not. The others are
joined to one; and as long as that one is too small itself, or is a single group under another name, the smallest group
that would be shown is joined to it. So what is left after all groups that are shown are subtracted tells of nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cop.core.small_numbers import LEAST


@dataclass(frozen=True)
class Asked:
    """So many of ``asked`` people ``answered``."""

    asked: int
    answered: int

    @property
    def silent(self) -> int:
        return self.asked - self.answered

    @property
    def rate(self) -> int | None:
        """Per cent; None where nobody was asked."""
        return round(100 * self.answered / self.asked) if self.asked else None

    def __add__(self, other: "Asked") -> "Asked":
        return Asked(self.asked + other.asked, self.answered + other.answered)

    @property
    def tells(self) -> bool:
        """Whether the numbers are about so few people that they might be recognised."""
        return 0 < self.answered < LEAST or 0 < self.silent < LEAST


@dataclass(frozen=True)
class Profile:
    """``groups`` as they may be shown, in their order; ``joined`` the names of those that are ``others`` together.

    ``others`` is None where no group was joined, or where even all of them together are too few to be shown.
    """

    groups: Sequence[tuple[str | None, Asked]]
    joined: Sequence[str | None] = ()
    others: Asked | None = None

    @property
    def named(self) -> Sequence[str]:
        """Those of the ``joined`` that have a name."""
        return [name for name in self.joined if name is not None]


def profile(groups: Mapping[str | None, Asked], *, hide: bool) -> Profile:
    """Everything as it is, unless small numbers are to be hidden. ``groups`` share no member."""
    if not hide:
        return Profile(list(groups.items()))
    joined = {name for name, group in groups.items() if group.tells}
    while joined and len(joined) < len(groups) and (len(joined) == 1 or _together(groups, joined).tells):
        joined.add(min((name for name in groups if name not in joined), key=lambda name: groups[name].asked))
    others = _together(groups, joined)
    shown = [(name, group) for name, group in groups.items() if name not in joined]
    in_order = [name for name in groups if name in joined]
    return Profile(shown, in_order, others if joined and not others.tells else None)


def _together(groups: Mapping[str | None, Asked], names: set[str | None]) -> Asked:
    return sum((groups[name] for name in names), Asked(0, 0))
