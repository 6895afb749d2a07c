"""What pages are told of the use of the toolkit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from cop.core.small_numbers import Figure
from cop.models.accounts import Sector
from cop.models.programmes import Programme
from cop.models.toolkit import Resource, ResourceState, Step


class Rung(StrEnum):
    """How far people got with a resource."""

    SEEN = "seen"
    DOWNLOADED = "downloaded"
    USED = "used"
    ADAPTED = "adapted"
    RESULT = "result"


RUNGS = tuple(Rung)


@dataclass(frozen=True)
class Month:
    """``viewed`` and ``downloaded`` count looks and downloads, of people who were signed out too."""

    month: date
    viewed: int
    downloaded: int


@dataclass(frozen=True)
class Ladder:
    """People, and organisations, who got to each rung or beyond it; in the order of ``RUNGS``."""

    people: Sequence[Figure]
    organisations: Sequence[Figure]


@dataclass(frozen=True)
class ByRole:
    """The people of one role who got to each rung or beyond it; ``sector`` is None where it is not known."""

    sector: Sector | None
    rungs: Sequence[Figure]


@dataclass(frozen=True)
class Line:
    """One resource. ``used`` counts people who told that they used it; ``useful`` of the ``answered`` said yes."""

    slug: str
    title: str
    state: ResourceState
    viewed: int
    downloaded: int
    organisations: Figure
    used: Figure
    useful: Figure
    answered: Figure


@dataclass(frozen=True)
class Use:
    """The use of a programme's toolkit, or of one ``resource``. ``is_exact`` tells that nothing is hidden from the
    reader.
    """

    programmes: Sequence[Programme]
    programme: Programme
    resource: Resource | None
    is_exact: bool
    months: Sequence[Month]
    ladder: Ladder
    roles: Sequence[ByRole]

    @property
    def is_empty(self) -> bool:
        return not any(month.viewed or month.downloaded for month in self.months) and all(
            figure.value == 0 for figure in self.ladder.people
        )


@dataclass(frozen=True)
class Council:
    """How far one organisation got, with how many of its people."""

    name: str
    slug: str
    people: int
    rungs: Sequence[int]


@dataclass(frozen=True)
class Words:
    """What somebody told: of a step with their name, or of its usefulness without."""

    at: datetime
    words: str
    step: Step | None
    useful: bool | None
    name: str | None
    organisation: str | None
    version: int
