"""What the readers of the several formats hand on, before it is known how the file writes its dates."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from cop.formats.attendance_reports.people import Entry, gathered
from cop.formats.attendance_reports.times import Calendar, Stamp, settle
from cop.formats.attendance_reports.values import Kind, Report


@dataclass(frozen=True)
class Draft:
    """``met`` are the times at which people came and went, ``others`` what else tells how the file writes dates.

    ``began`` and ``ended`` are the meeting's own; where the end is not said, ``length`` may be.
    """

    kind: Kind
    entries: Callable[[Calendar], Iterable[Entry]]
    met: tuple[Stamp, ...]
    others: tuple[Stamp, ...] = ()
    began: Stamp | None = None
    ended: Stamp | None = None
    length: timedelta | None = None

    def finished(self, day: date, zone: tzinfo) -> Report:
        own = tuple(stamp for stamp in (self.began, self.ended) if stamp)
        calendar = settle(self.others, self.met + own, day, zone)
        began = calendar.moment(self.began)
        ended = calendar.moment(self.ended, began)
        if began and not ended and self.length is not None:
            ended = began + self.length
        return Report(self.kind, gathered(self.entries(calendar), calendar), began, ended)


def times_of(entries: Iterable[Entry]) -> tuple[Stamp, ...]:
    return tuple(stamp for entry in entries for stamp in (entry.joined, entry.left) if stamp)
