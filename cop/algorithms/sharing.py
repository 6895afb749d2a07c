"""Which reviewers read which applications: so many for each, nobody what they may not see, and the work shared evenly.

Each application gets as many reviewers as are wanted, or all who may see it where those are fewer. Under that rule the
work is spread as evenly as it can be: no sharing has a smaller sum of the squares of what everybody reads, and so none
has a smaller largest share either. It is reached by *chains*: an application goes from somebody to the next, who gives
one on in turn, until it arrives at somebody who reads at least two fewer. Where no chain is left nothing can be evener
(Harvey, Ladner, Lovász and Tamir, "Semi-matchings for bipartite graphs and load balancing", 2006).

What is held already (a review has begun) stays where it is and counts. The same question always has the same answer.
"""

from collections import Counter, deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Generic, TypeVar

A = TypeVar("A", bound=Hashable)
"""An application."""

R = TypeVar("R", bound=Hashable)
"""A reviewer."""


@dataclass(frozen=True)
class Shared(Generic[A, R]):
    """``pairs`` in the order of the applications; ``missing`` is how many reviewers an application lacks."""

    pairs: Sequence[tuple[A, R]]
    loads: Mapping[R, int]
    missing: Mapping[A, int]


def share_out(
    applications: Sequence[A],
    reviewers: Sequence[R],
    *,
    wanted: int,
    blocked: AbstractSet[tuple[A, R]],
    held: Iterable[tuple[A, R]] = (),
) -> Shared[A, R]:
    """Share the applications out. ``held`` may name reviewers of whom there are no more: they get nothing further."""
    sharing = _Sharing(reviewers, blocked)
    for application, reviewer in held:
        sharing.give(application, reviewer)
    kept = {application: set(of) for application, of in sharing.of.items()}
    may = {
        application: [
            reviewer
            for reviewer in reviewers
            if (application, reviewer) not in blocked and reviewer not in kept.get(application, ())
        ]
        for application in applications
    }
    for application in sorted(applications, key=lambda each: len(may[each])):  # those with the least choice first
        lacking = max(wanted - len(kept.get(application, ())), 0)
        for _ in range(min(lacking, len(may[application]))):
            sharing.give(application, sharing.best_for(application, may[application]))
    sharing.fixed = kept
    sharing.even_out(may)
    return Shared(
        pairs=[
            (application, reviewer)
            for application in applications
            for reviewer in sharing.in_order(sharing.of.get(application, set()))
        ],
        loads={reviewer: sharing.loads[reviewer] for reviewer in reviewers},
        missing={
            application: lacking
            for application in applications
            if (lacking := max(wanted - len(sharing.of.get(application, ())), 0))
        },
    )


class _Sharing(Generic[A, R]):
    """Who reads what so far."""

    def __init__(self, reviewers: Sequence[R], blocked: AbstractSet[tuple[A, R]]) -> None:
        self.reviewers, self.blocked = reviewers, blocked
        self.places = {reviewer: place for place, reviewer in enumerate(reviewers)}
        self.loads: Counter[R] = Counter()
        self.of: dict[A, set[R]] = {}
        self.by: dict[R, dict[A, None]] = {}
        self.together: Counter[frozenset[R]] = Counter()
        self.fixed: Mapping[A, AbstractSet[R]] = {}

    def give(self, application: A, reviewer: R) -> None:
        colleagues = self.of.setdefault(application, set())
        self.together.update(frozenset((reviewer, other)) for other in colleagues)
        colleagues.add(reviewer)
        self.by.setdefault(reviewer, {})[application] = None
        self.loads[reviewer] += 1

    def take(self, application: A, reviewer: R) -> None:
        colleagues = self.of[application]
        colleagues.discard(reviewer)
        self.together.subtract(frozenset((reviewer, other)) for other in colleagues)
        del self.by[reviewer][application]
        self.loads[reviewer] -= 1

    def best_for(self, application: A, candidates: Sequence[R]) -> R:
        """Who reads the fewest, and of those who met least with the others: mixed pairs can be compared."""
        others = self.of.get(application, set())
        return min(
            (reviewer for reviewer in candidates if reviewer not in others),
            key=lambda reviewer: (
                self.loads[reviewer],
                sum(self.together[frozenset((reviewer, other))] for other in others),
                self.places[reviewer],
            ),
        )

    def in_order(self, reviewers: Iterable[R]) -> Sequence[R]:
        """As the reviewers stand in their list, and last those who do not stand there."""
        return sorted(reviewers, key=lambda reviewer: (self.places.get(reviewer, len(self.places)), str(reviewer)))

    def even_out(self, may: Mapping[A, Sequence[R]]) -> None:
        while chain := self._chain(may):
            for (giver, application), taker in chain:
                self.take(application, giver)
                self.give(application, taker)

    def _chain(self, may: Mapping[A, Sequence[R]]) -> Sequence[tuple[tuple[R, A], R]]:
        """Steps ``((giver, application), taker)`` that take one from somebody to somebody who reads two fewer."""
        for first in sorted(self.reviewers, key=lambda reviewer: (-self.loads[reviewer], self.places[reviewer])):
            came: dict[R, tuple[R, A]] = {}
            seen, line = {first}, deque([first])
            while line:
                giver = line.popleft()
                for application in self.by.get(giver, ()):
                    if giver in self.fixed.get(application, ()):
                        continue
                    for taker in may.get(application, ()):
                        if taker in seen or taker in self.of[application]:
                            continue
                        seen.add(taker)
                        line.append(taker)
                        came[taker] = (giver, application)
                        if self.loads[taker] <= self.loads[first] - 2:
                            return _steps(came, first, taker)
        return ()


def _steps(came: Mapping[R, tuple[R, A]], first: R, last: R) -> Sequence[tuple[tuple[R, A], R]]:
    steps = []
    while last != first:
        steps.append((came[last], last))
        last = came[last][0]
    return steps
