"""The rehearsal of an event: all that will go out about it, from what is known now and from who may still come.

The lines are those of the dry run; for whoever may still come, somebody stands in (``services.stand_ins``).
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from cop.core import place
from cop.core.working_hours import is_working_day
from cop.models.events import Event, EventKind, EventState, Part, Queue
from cop.queries.dry_run import Line, Remarked


class Each(StrEnum):
    """Whom somebody stands in for: each person who books, is invited, waits, or begins an application."""

    BOOKED = "booked"
    INVITED = "invited"
    WAITING = "waiting"
    DRAFTING = "drafting"


@dataclass(frozen=True)
class StandIn:
    """``part`` is the one that they hold, where one of several is chosen."""

    person_id: int
    each: Each
    part: Part | None = None


@dataclass(frozen=True)
class Soon:
    """A message that hangs on no date: it goes out ``after`` somebody has come to be one of these."""

    line: Line
    each: Each
    after: timedelta


class Forgotten(StrEnum):
    """What the service deletes by itself when an event is over."""

    NEEDS = "needs"
    DRAFTS = "drafts"
    APPLICATIONS = "applications"


@dataclass(frozen=True)
class Ending:
    what: Forgotten
    on: date


@dataclass(frozen=True)
class Month:
    """The days of one month on which something goes out, each with how many messages."""

    first: date
    days: Sequence[tuple[date, int]]

    @property
    def messages(self) -> int:
        return sum(count for _day, count in self.days)

    @property
    def length(self) -> int:
        return monthrange(self.first.year, self.first.month)[1]

    def on(self, number: int) -> int:
        """How many messages go out on the day of this number, from 0."""
        return dict(self.days).get(self.first + timedelta(days=number), 0)

    def is_free(self, number: int) -> bool:
        """Whether that day is a weekend or a bank holiday."""
        return not is_working_day(self.first + timedelta(days=number))


@dataclass(frozen=True)
class Plan:
    """``lines`` have a day; ``acts`` names the messages that answer what somebody does, in the order of a life."""

    state: EventState
    lines: Sequence[Line]
    soon: Sequence[Soon]
    acts: Sequence[str]
    endings: Sequence[Ending]
    remarks: Sequence[Remarked]
    stand_ins: Mapping[int, StandIn]

    @property
    def days(self) -> Sequence[tuple[date, Sequence[Line]]]:
        return [(on, list(group)) for on, group in groupby(self.lines, key=lambda line: line.on)]

    @property
    def months(self) -> Sequence[Month]:
        """Months in which something goes out, from first to last; those between are left out."""
        counts = {on: len(lines) for on, lines in self.days}
        by_month = groupby(sorted(counts), key=lambda on: on.replace(day=1))
        return [Month(first, [(day, counts[day]) for day in days]) for first, days in by_month]

    @property
    def busiest_day(self) -> int:
        return max((len(lines) for _on, lines in self.days), default=0)

    def each_of(self, line: Line) -> Sequence[Each]:
        """Who else gets a line beside those who are known, each once."""
        found = {self.stand_ins[person_id].each for person_id in line.stand_ins}
        return [each for each in Each if each in found]


def sorted_out(
    lines: Sequence[Line], stand_ins: Mapping[int, StandIn], *, now: datetime
) -> tuple[Sequence[Line], Sequence[Soon]]:
    """The lines that have a day, and what goes out so long after somebody comes to be there.

    What a stand-in would get at this moment, somebody gets as soon as they are there; reminders of it follow that.
    """
    minute = now.replace(second=0, microsecond=0)
    at_once = {(line.what, line.which) for line in lines if line.stand_ins and line.wanted <= minute}
    dated: list[Line] = []
    soon: list[Soon] = []
    for line in lines:
        follows = ("survey_invitation", line.which) in at_once and line.reminder
        if not line.stand_ins or not (follows or line.wanted <= minute):
            dated.append(line)
            continue
        after = line.wanted - minute if follows else timedelta()
        each = {stand_ins[person_id].each for person_id in line.stand_ins}
        soon += [Soon(line, one, after) for one in Each if one in each]
        if line.count:
            known = line.people - set(line.stand_ins)
            dated.append(replace(line, people=known, stand_ins=()))
    return dated, soon


_BOOKING = ("booking_confirmed", "booking_changed", "booking_cancelled", "part_cancelled")
_QUEUE = ("waiting_joined", "place_offered", "place_offer_lapsed")

_ACTS: Mapping[EventKind, Sequence[str]] = {
    EventKind.VISIT: _BOOKING,
    EventKind.WEBINAR: ("registration_confirm", *_BOOKING),
    EventKind.MEET_UP: _BOOKING,
    EventKind.SUMMIT: ("invitation", *_BOOKING),
    EventKind.COHORT: (
        "application_started",
        "endorsement_asked",
        "endorsement_answered",
        "application_submitted",
        "application_withdrawn",
        "reviews_waiting",
        "offer_made",
        "application_reserve",
        "application_declined",
        "offer_lapsed",
        *_BOOKING,
        "course_cancelled",
    ),
}


def acts(event: Event) -> Sequence[str]:
    """The kinds of messages that answer what somebody does about an event, in the order of a life."""
    has_queue = event.queue is not Queue.NONE and event.kind is not EventKind.MEET_UP
    return [*_ACTS[event.kind], *(_QUEUE if has_queue else ())]


def ends_on(event: Event, *, kept: timedelta) -> date | None:
    """The day on which what people need is deleted, so long after the last part; None without one."""
    ends = [part.ends_at for part in event.parts]
    return place.day_of(max(ends) + kept) if ends else None
