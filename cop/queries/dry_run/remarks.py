"""What staff should look at before an event is published: what stands oddly in its plan, and what is missing."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import combinations, groupby

from cop.core import place
from cop.core.working_hours import is_working_day
from cop.models.events import Event, EventKind, Part, PartState
from cop.models.telling import MessageRule
from cop.queries.dry_run.lines import Line

MISSED = "visit_missed"
"""What nobody gets who came: no mail that goes to everybody booked comes to the same people on that day."""

MET_ONLINE = frozenset({EventKind.WEBINAR, EventKind.MEET_UP})


class Remark(StrEnum):
    """What there is to say, gravest first."""

    NO_DATES = "no dates"
    NO_CLOSE = "no close"
    NO_QUESTIONS = "no questions"
    NO_ADDRESS = "no address"
    NEVER = "never"
    BEFORE = "before"
    TOGETHER = "together"
    QUIET = "quiet"
    DAY_OFF = "day off"
    SWITCHED_OFF = "switched off"


@dataclass(frozen=True)
class Remarked:
    """A remark on a part, on one or two messages of the plan, or on a rule that has none there, each where it is."""

    what: Remark
    at: datetime | None = None
    part: Part | None = None
    lines: Sequence[Line] = ()
    rule: MessageRule | None = None

    @property
    def on(self) -> date | None:
        return place.day_of(self.at) if self.at else None


def remarks(
    event: Event,
    lines: Sequence[Line],
    rules: Sequence[MessageRule],
    *,
    now: datetime,
    has_questions: bool,
    online: Collection[int] = (),
) -> Sequence[Remarked]:
    """All that there is to say of the plan of an event that is not over, in the order of :class:`Remark`.

    ``rules`` are all of the event, ``online`` the ids of its parts that have an address for joining; a course without
    ``has_questions`` takes no applications.
    """
    found = [
        *_missing(event, now, has_questions=has_questions, online=online),
        *_of_rules(lines, rules),
        *_of_lines(lines),
    ]
    order = list(Remark)
    return sorted(found, key=lambda one: order.index(one.what))  # each group stays in the order of time


def _missing(event: Event, now: datetime, *, has_questions: bool, online: Collection[int]) -> Iterator[Remarked]:
    planned = [part for part in event.parts if part.state is PartState.PLANNED]
    if not planned:
        yield Remarked(Remark.NO_DATES)
    if event.kind is EventKind.COHORT and event.closes_at is None:
        yield Remarked(Remark.NO_CLOSE)
    if event.kind is EventKind.COHORT and not has_questions:
        yield Remarked(Remark.NO_QUESTIONS)
    for part in planned:
        if part.starts_at <= now:
            continue
        is_somewhere = event.kind not in MET_ONLINE and bool(part.place or event.place)
        if part.id not in online and not is_somewhere:
            yield Remarked(Remark.NO_ADDRESS, part.starts_at, part)
        if not is_working_day(place.day_of(part.starts_at)):
            yield Remarked(Remark.DAY_OFF, part.starts_at, part)


def _of_rules(lines: Sequence[Line], rules: Sequence[MessageRule]) -> Iterator[Remarked]:
    going = {line.rule.id for line in lines if line.rule}
    for rule in rules:
        if not rule.active:
            yield Remarked(Remark.SWITCHED_OFF, rule=rule)
        elif rule.id not in going:
            yield Remarked(Remark.NEVER, rule=rule)


def _of_lines(lines: Sequence[Line]) -> Iterator[Remarked]:
    for line in lines:
        if line.rule and line.is_overdue:
            yield Remarked(Remark.BEFORE, line.at, lines=[line])
        elif line.rule and line.is_quiet:
            yield Remarked(Remark.QUIET, line.at, lines=[line])
    for _day, group in groupby(lines, key=lambda line: line.on):
        for one, other in combinations(group, 2):
            if one.people & other.people and MISSED not in {one.what, other.what}:
                yield Remarked(Remark.TOGETHER, one.at, lines=[one, other])
