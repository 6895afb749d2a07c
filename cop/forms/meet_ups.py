"""Meet-ups: which dates somebody comes to, and how staff plan dates that come again."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _

from cop.algorithms.repeating import DATES_MOST, Repetition, Rhythm
from cop.forms import base, dates
from cop.forms.events import NewVisit
from cop.forms.programmes import Answers
from cop.forms.sure import Sure, note
from cop.forms.webinars import Revised
from cop.models.events import Event, Part

WEEKS_MOST = 26

RHYTHMS = (
    (Rhythm.WEEKS.value, _("Every so many weeks")),
    (Rhythm.MONTHS.value, _("Each month, on the same weekday as the first date: its second Tuesday, for example")),
    (Rhythm.MONTHS_LAST.value, _("Each month, on the last such weekday")),
)


class ChooseDates(base.Form):
    dates = base.ticks(_("Which dates do you come to?"), coerce=int)
    submit = base.button(_("Save"))

    def offer(self, parts: Iterable[tuple[Part, str]]) -> None:
        """Let any of these dates be ticked, by the words that stand for them."""
        self.dates.choices = base.choices((part.id, words) for part, words in parts)


class NewMeetUp(NewVisit):
    pass


def _address() -> Any:
    return base.line(
        _("Joining address (optional)"),
        hint=_("The address of the meeting, from Teams or Zoom. Nobody sees it but who presses the button to join."),
        most=2_000,
    )


def _start() -> Any:
    return dates.time_of_day(
        _("Begins at"),
        called=_("The beginning"),
        hint=_("UK time. For example, 12:30 or 2pm."),
        required=_("Enter when it begins"),
    )


def _end() -> Any:
    return dates.time_of_day(_("Ends at"), called=_("The end"), required=_("Enter when it ends"))


class PlanDates(Answers):
    first = dates.day(_("First date"), required=_("Enter the first date"))
    start = _start()
    end = _end()
    rhythm = base.radios(_("How often?"), RHYTHMS, required=_("Choose how often"))
    weeks = base.whole_number(
        _("How many weeks from one to the next?"),
        hint=_("Only where weeks count. 1 is every week, 2 every other week."),
        least=1,
        most=WEEKS_MOST,
        default=1,
    )
    times = base.whole_number(_("How many times?"), hint=_("Or say below until when."), least=1, most=DATES_MOST)
    until = dates.day(_("Until which day? (optional)"), called=_("The last day"))
    on_holidays = base.tick(_("Meet on bank holidays, too, rather than leave them out"))
    join_url = _address()
    sure = base.hidden_word(["yes", "back"])

    def answers(self) -> dict[str, Any]:
        repetition = Repetition(
            first=self.first.data,
            rhythm=Rhythm(self.rhythm.data),
            weeks=self.weeks.data or 1,
            until=self.until.data,
            times=self.times.data,
            on_holidays=self.on_holidays.data,
        )
        said = {name: self[name].data for name in ("start", "end", "join_url")}
        return {**said, "repetition": repetition, "sure": self.sure.data == "yes"}


class EditDate(Sure):
    on_date = dates.day(_("Date"), called=_("The date"), required=_("Enter the date"))
    start = _start()
    end = _end()
    join_url = _address()
    note = note()
    seen = base.hidden_number(required=_("Open this page anew"))

    @classmethod
    def of(cls, part: Part, zone: ZoneInfo) -> "EditDate":
        starts, ends = part.starts_at.astimezone(zone), part.ends_at.astimezone(zone)
        values = {"on_date": starts.date(), "start": starts.time(), "end": ends.time()}
        return cls(data={**values, "join_url": part.join_url, "seen": part.sequence})


class EditJoining(Revised):
    join_url = _address()
    join_opens_minutes = base.whole_number(
        _("How many minutes before the start can people join?"),
        least=0,
        most=10_080,
        required=_("Enter how many minutes before the start people can join"),
    )

    @classmethod
    def of(cls, event: Event, next_part: Part | None, seen: int) -> "EditJoining":
        address = next_part.join_url if next_part is not None else None
        minutes = event.join_opens_minutes
        return cls(data={"seen": seen, "join_opens_minutes": minutes, "join_url": address})
