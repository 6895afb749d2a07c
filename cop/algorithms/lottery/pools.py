"""Who can be chosen, and what the panel has to look like."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from cop.core import chain


class Contradiction(ValueError):  # noqa: N818  a rule said no
    """What was asked contradicts itself before anything is computed: more places than people, a minimum above its
    maximum, the same person twice.
    """


@dataclass(frozen=True)
class Person:
    """``features`` says what the person counts for: ``{"sector": "officer", "rural": "yes"}``. A feature that is
    missing counts for no target. ``organisation`` is any name that colleagues share; ``None`` is limited by nothing.
    """

    id: str
    features: Mapping[str, str] = field(default_factory=dict)
    organisation: str | None = None


@dataclass(frozen=True)
class Target:
    """How many people of the panel, fewest and most, have this value. ``maximum=None`` is no limit."""

    feature: str
    value: str
    minimum: int = 0
    maximum: int | None = None


class Side(StrEnum):
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    PER_ORGANISATION = "per organisation"


@dataclass(frozen=True, order=True)
class Demand:
    """One half of a target, or the limit for every organisation (which has no feature and no value)."""

    feature: str
    value: str
    side: Side
    bound: int


@dataclass(frozen=True, order=True)
class Change:
    """A demand and the bound that it should have instead."""

    demand: Demand
    becomes: int


@dataclass(frozen=True)
class Pool:
    """The question: ``places`` people out of ``people``, all targets kept, at most ``per_organisation`` colleagues.

    ``inside`` and ``outside`` hold the ids of those who are on the panel or off it whatever the draw says. The order
    of people and targets means nothing: two pools with the same content have the same ``digest``, and the same
    lottery.

    Raises ``Contradiction``.
    """

    people: Sequence[Person]
    places: int
    targets: Sequence[Target] = ()
    per_organisation: int | None = None
    inside: frozenset[str] = frozenset()
    outside: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        ids = {person.id for person in self.people}
        _refuse_twice("person", (person.id for person in self.people))
        _refuse_twice("target", ((target.feature, target.value) for target in self.targets))
        for target in self.targets:
            if target.minimum < 0:
                raise Contradiction(f"the minimum of {target.feature} {target.value} is below 0")
            if target.maximum is not None and target.maximum < target.minimum:
                raise Contradiction(f"the minimum of {target.feature} {target.value} is above its maximum")
        if self.per_organisation is not None and self.per_organisation < 1:
            raise Contradiction("the limit for an organisation is below 1")
        if unknown := sorted((self.inside | self.outside) - ids):
            raise Contradiction(f"fixed, but not in the pool: {', '.join(unknown)}")
        if both := sorted(self.inside & self.outside):
            raise Contradiction(f"fixed in and out: {', '.join(both)}")
        if self.places < 1:
            raise Contradiction("there are no places")
        if len(self.inside) > self.places:
            raise Contradiction("more people are fixed in than there are places")
        if len(ids) - len(self.outside) < self.places:
            raise Contradiction("there are more places than people")

    def free(self) -> list[Person]:
        """Those whom the draw decides about, by id."""
        fixed = self.inside | self.outside
        return sorted((person for person in self.people if person.id not in fixed), key=lambda person: person.id)

    def fixed_in(self) -> list[Person]:
        return sorted((person for person in self.people if person.id in self.inside), key=lambda person: person.id)

    def demands(self) -> list[Demand]:
        """All that is asked of a panel, in an order of its own."""
        found = [
            Demand(target.feature, target.value, Side.MINIMUM, target.minimum)
            for target in self.targets
            if target.minimum > 0
        ]
        found += [
            Demand(target.feature, target.value, Side.MAXIMUM, target.maximum)
            for target in self.targets
            if target.maximum is not None
        ]
        if self.per_organisation is not None:
            found.append(Demand("", "", Side.PER_ORGANISATION, self.per_organisation))
        return sorted(found)

    def changed(self, changes: Iterable[Change]) -> "Pool":
        """The same pool with other bounds."""
        to = {(each.demand.feature, each.demand.value, each.demand.side): each.becomes for each in changes}
        targets = [
            replace(
                target,
                minimum=to.get((target.feature, target.value, Side.MINIMUM), target.minimum),
                maximum=to.get((target.feature, target.value, Side.MAXIMUM), target.maximum),
            )
            for target in self.targets
        ]
        per_organisation = to.get(("", "", Side.PER_ORGANISATION), self.per_organisation)
        return replace(self, targets=targets, per_organisation=per_organisation)

    def broken(self, panel: Iterable[str]) -> list[Change]:
        """The demands that this panel does not keep, each with the nearest bound that it would keep."""
        members = self._members(panel)
        values = Counter(pair for person in members for pair in person.features.items())
        colleagues = Counter(person.organisation for person in members if person.organisation is not None)
        found = []
        for demand in self.demands():
            if demand.side is Side.PER_ORGANISATION:
                count = max(colleagues.values(), default=0)
            else:
                count = values[demand.feature, demand.value]
            if count < demand.bound if demand.side is Side.MINIMUM else count > demand.bound:
                found.append(Change(demand, count))
        return found

    def binding(self, panel: Iterable[str]) -> list[Demand]:
        """The demands of which this panel has exactly as many as it must or may have."""
        members = self._members(panel)
        values = Counter(pair for person in members for pair in person.features.items())
        colleagues = Counter(person.organisation for person in members if person.organisation is not None)
        return [
            demand
            for demand in self.demands()
            if demand.bound
            == (
                max(colleagues.values(), default=0)
                if demand.side is Side.PER_ORGANISATION
                else values[demand.feature, demand.value]
            )
        ]

    def _members(self, panel: Iterable[str]) -> list[Person]:
        wanted = set(panel)
        return [person for person in self.people if person.id in wanted]

    def canonical(self) -> str:
        """The pool as JSON in ASCII: sorted, without spaces, the same for the same content."""
        people = [[person.id, dict(person.features), person.organisation] for person in self.people]
        targets = [[target.feature, target.value, target.minimum, target.maximum] for target in self.targets]
        return chain.canonical(
            {
                "people": sorted(people, key=lambda entry: str(entry[0])),
                "places": self.places,
                "targets": sorted(targets, key=lambda entry: (str(entry[0]), str(entry[1]))),
                "per_organisation": self.per_organisation,
                "inside": sorted(self.inside),
                "outside": sorted(self.outside),
            }
        )

    def digest(self) -> str:
        """SHA-256 of the canonical form, in hexadecimal: what is published before the seed exists."""
        return chain.digest(self.canonical())


def _refuse_twice(what: str, names: Iterable[Any]) -> None:
    twice = sorted(str(name) for name, count in Counter(names).items() if count > 1)
    if twice:
        raise Contradiction(f"the same {what} twice: {', '.join(twice)}")
