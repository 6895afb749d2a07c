"""What staff say of an indicator, and the values that they note."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, StringField

from cop.forms.base import Form, Required, dropdown, line, text, whole_number
from cop.forms.dates import day
from cop.forms.widgets import TextInput
from cop.models.evidence import Unit

NAME_MOST = 120
TEXT_MOST = 1_000
NOTE_MOST = 500

UNITS = (
    (Unit.COUNT, _("A count, of people or things")),
    (Unit.PERCENT, _("Per cent")),
    (Unit.MEDIAN, _("A median: half are above, half below")),
    (Unit.MEAN, _("A mean")),
    (Unit.HOURS, _("Hours")),
)

NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,6})?")


class AmountField(StringField):  # type: ignore[misc]  # untyped library
    """A number with decimals, as people write it: 1,250 or 3.5 or 72%; ``data`` is a Decimal."""

    widget = TextInput("text")

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = None
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            return
        plain = typed.removesuffix("%").strip().replace(",", "").replace("−", "-")
        if not NUMBER.fullmatch(plain):
            raise ValueError(_("Enter a number, like 12 or 3.5"))
        self.data = Decimal(plain)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return written(self.data) if self.data is not None else ""


def written(number: Decimal) -> str:
    """Without zeros that say nothing, and without an exponent."""
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def amount(label: Any, *, hint: Any = "", required: Any = None) -> Any:
    look = {"inputmode": "text", "autocomplete": "off", "params": {"classes": "govuk-input--width-5"}}
    return AmountField(label, [Required(required)] if required else [], description=hint, render_kw=look)


def _number_or_none(value: str | int | None) -> int | None:
    return int(value) if value else None


class SayIndicator(Form):
    """``unit`` is left out where the service counts; the questions to choose from come from the view."""

    name = line(_("Name"), hint=_("What is counted, in a few words."), required=_("Enter a name"), most=NAME_MOST)
    definition = text(
        _("Definition"),
        hint=_("Who or what counts, when, and out of how many. Somebody else should come to the same number."),
        required=_("Enter a definition"),
        most=TEXT_MOST,
        rows=4,
    )
    unit = dropdown(_("What is the number?"), UNITS, required=_("Choose what the number is"), coerce=Unit)
    source = line(_("Source"), hint=_("Where the numbers come from."), required=_("Enter the source"), most=TEXT_MOST)
    question = dropdown(_("Question of the evaluation that it helps to answer"), coerce=_number_or_none)
    baseline = amount(_("Baseline"), hint=_("What it was before. Leave it empty if nobody knows."))
    baseline_on = day(_("Day of the baseline"), hint=_("For example, 27 3 2026"))
    target = amount(_("Target"))
    target_on = day(_("Day by which the target is to be reached"), hint=_("For example, 27 3 2027"))


class NoteValue(Form):
    on_date = day(_("Day"), hint=_("The day on which it was so. For example, 27 3 2026"), required=_("Enter the day"))
    value = amount(_("Value"), required=_("Enter the value"))
    n = whole_number(
        _("Out of how many, or from how many"),
        least=1,
        hint=_("As the definition says. Needed for per cent, medians and means."),
    )
    note = text(
        _("Note"), hint=_("How it was found out, or why it was put right. No names, please."), most=NOTE_MOST, rows=3
    )


class CorrectValue(NoteValue):
    seen = HiddenField()
