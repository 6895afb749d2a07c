"""Dates, times of day and moments as people type them, without a picker.

A date is three inputs (``name-day``, ``name-month``, ``name-year``), a moment has a fourth (``name-time``). The first
input that needs mending carries the field's own id, so that the error summary leads to it.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from govuk_frontend_wtf.gov_form_base import GovFormBase
from werkzeug.datastructures import MultiDict
from wtforms import Field

from cop.forms.base import Required
from cop.forms.widgets import TextInput

DATE_PARTS = ("day", "month", "year")
MOMENT_PARTS = (*DATE_PARTS, "time")

LABELS = {"day": _("Day"), "month": _("Month"), "year": _("Year"), "time": _("Time")}
MISSING = {
    "day": _("%(name)s must include a day"),
    "month": _("%(name)s must include a month"),
    "year": _("%(name)s must include a year"),
    "time": _("%(name)s must include a time"),
}

CLOCK = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))? ?([ap]m)?")
CLOCK_WORDS = {"midday": time(12), "noon": time(12), "midnight": time(0)}


def time_from(text: str) -> time | None:
    """The time of day that ``text`` means: 10:30, 10.30, 10am, 2:30 pm, midday; None where it means none.

    A bare hour is none: nobody can tell whether 2 is in the night or after lunch.
    """
    words = text.strip().lower()
    found = CLOCK.fullmatch(words)
    if found is None:
        return CLOCK_WORDS.get(words)
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half and 1 <= hour <= 12:  # noqa: PLR2004
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif half or found[2] is None:
        return None
    return time(hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004


def on_the_wall(instant: datetime | None, zone: ZoneInfo) -> datetime | None:
    """What a clock on the wall of ``zone`` shows at the instant: naive, as a MomentField holds it."""
    return instant.astimezone(zone).replace(tzinfo=None) if instant is not None else None


def instant_of(wall: datetime | None, zone: ZoneInfo) -> datetime | None:
    """The instant, in UTC, at which a clock on the wall of ``zone`` shows ``wall``."""
    return wall.replace(tzinfo=zone).astimezone(UTC) if wall is not None else None


class PartsInput(GovFormBase):  # type: ignore[misc]  # untyped library
    """The date input of GOV.UK: one labelled box for each part, in a fieldset."""

    template = "govuk_frontend_wtf/date.html"

    def __call__(self, field: Any, **kwargs: Any) -> Any:
        return super().__call__(field, id=f"{field.id}-group", **kwargs)

    def map_gov_params(self, field: Any, **kwargs: Any) -> Any:
        params = super().map_gov_params(field, **kwargs)
        params["fieldset"] = {"legend": {"text": field.label.text}}
        params["items"] = [_box(field, part) for part in field.parts]
        return params


def _number(text: str) -> int:
    """One or two plain digits as a number; 0, which is no day and no month, for anything else."""
    return int(text) if re.fullmatch(r"[0-9]{1,2}", text) else 0


def _box(field: Any, part: str) -> dict[str, Any]:
    faulty = bool(field.errors) and (field.fault is None or field.fault == part)
    width = "govuk-input--width-2" if part in {"day", "month"} else "govuk-input--width-4"
    return {
        "label": str(LABELS[part]),
        "id": field.id if part == (field.fault or field.parts[0]) else f"{field.id}-{part}",
        "name": f"{field.name}-{part}",
        "classes": f"{width} govuk-input--error" if faulty else width,
        "value": field.shown().get(part, ""),
        "inputmode": "text" if part == "time" else "numeric",
        "autocomplete": "off",
    }


class PartsField(Field):  # type: ignore[misc]  # untyped library
    """What date and moment fields share: several boxes that are one answer."""

    data: Any
    parts: tuple[str, ...] = ()
    widget = PartsInput()

    def __init__(self, label: Any = None, *args: Any, called: Any = None, **kwargs: Any) -> None:
        super().__init__(label, *args, **kwargs)
        self.called = called or label
        self.fault: str | None = None

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Read the boxes as the several values of one field."""
        if formdata is not None:
            typed = [(self.name, formdata.get(f"{self.name}-{part}", "").strip()) for part in self.parts]
            formdata = MultiDict(typed)
        super().process(formdata, *args, **kwargs)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = None
        typed = dict(zip(self.parts, valuelist, strict=True))
        if any(typed.values()):
            self.data = self._read(typed)

    def shown(self) -> dict[str, str]:
        """What stands in the boxes: what was typed, else the value."""
        if self.raw_data:
            return dict(zip(self.parts, self.raw_data, strict=True))
        return self._written() if self.data is not None else {}

    def _read(self, typed: dict[str, str]) -> Any:
        return self._date(typed)

    def _written(self) -> dict[str, str]:
        return {"day": str(self.data.day), "month": str(self.data.month), "year": str(self.data.year)}

    def _date(self, typed: dict[str, str]) -> date:
        for part in self.parts:
            if not typed[part]:
                self.fault = part
                raise ValueError(MISSING[part] % {"name": self.called})
        if not re.fullmatch(r"[0-9]{4}", typed["year"]):
            self.fault = "year"
            raise ValueError(_("%(name)s must have a year of 4 numbers", name=self.called))
        try:
            found = date(int(typed["year"]), _number(typed["month"]), _number(typed["day"]))
        except ValueError:
            raise ValueError(_("%(name)s must be a real date", name=self.called)) from None
        if not 1900 <= found.year <= 2199:  # noqa: PLR2004  beyond it, calendars and time zones break down
            self.fault = "year"
            raise ValueError(_("%(name)s must be between 1900 and 2199", name=self.called))
        return found


class DateField(PartsField):
    """A day; ``data`` is a date."""

    parts = DATE_PARTS


class MomentField(PartsField):
    """A day and a time of day; ``data`` is a naive datetime as the clock on the wall shows it."""

    parts = MOMENT_PARTS

    def _read(self, typed: dict[str, str]) -> datetime:
        on, at = self._date(typed), time_from(typed["time"])
        if at is None:
            self.fault = "time"
            raise ValueError(_("%(name)s must have a time like 10:30 or 2pm", name=self.called))
        return datetime.combine(on, at)

    def _written(self) -> dict[str, str]:
        return {**super()._written(), "time": f"{self.data:%H:%M}"}


class TimeField(Field):  # type: ignore[misc]  # untyped library
    """A time of day; ``data`` is a time without a zone."""

    data: time | None
    widget = TextInput()

    def __init__(self, label: Any = None, *args: Any, called: Any = None, **kwargs: Any) -> None:
        super().__init__(label, *args, **kwargs)
        self.called = called or label

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            self.data = time_from(valuelist[0])
            if self.data is None:
                raise ValueError(_("%(name)s must be a time, like 10:30 or 2pm", name=self.called))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%H:%M}" if self.data is not None else ""


def day(label: Any, *, called: Any = None, hint: Any = "", required: Any = None) -> Any:
    """A date asked for in three boxes. ``called`` names it in errors where the label is a question."""
    rules = [Required(required)] if required else []
    return DateField(label, rules, description=hint, called=called)


def time_of_day(label: Any, *, called: Any = None, hint: Any = "", required: Any = None) -> Any:
    rules = [Required(required)] if required else []
    look = {"autocomplete": "off", "params": {"classes": "govuk-input--width-5"}}
    return TimeField(label, rules, description=hint, called=called, render_kw=look)


def moment(label: Any, *, called: Any = None, hint: Any = "") -> Any:
    """A day with a time of day, which may be left out altogether."""
    return MomentField(label, description=hint, called=called)
