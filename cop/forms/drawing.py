"""What the chair says about a draw: the rules, who is fixed, the panel's own words, and reasons."""

import re
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField
from wtforms.validators import ValidationError

from cop.core.criteria import SCORES
from cop.forms import base
from cop.models.cohorts import SelectionPolicy

REASON = 500
WORDS = 200
FIXED = re.compile(r"(\d{1,6})\s*[,:]?\s+(in|out)\b\s*[,:]?\s*(.*)", re.IGNORECASE)


class EditSelecting(base.Form):
    """Who is good enough, and how the places are given to those."""

    policy = base.radios(
        _("How are places given to those who are good enough?"),
        (
            (SelectionPolicy.LOTTERY.value, _("By lot, as evenly as the targets allow")),
            (SelectionPolicy.HIGHEST_SCORES.value, _("To the highest scores that keep the targets")),
        ),
        required=_("Choose how places are given"),
    )
    threshold = base.line(
        _("From which score is somebody good enough? (optional)"),
        hint=_("From 1 to 5, like 3.25. It is needed before places can be drawn."),
        most=5,
    )
    per_organisation = base.whole_number(
        _("At most how many people from one organisation? (optional)"), least=1, most=1_000
    )
    seen = HiddenField()

    def validate_threshold(self, field: Any) -> None:
        if field.data and self.least is None:
            raise ValidationError(_("Enter a score from 1 to 5, like 3.25"))

    @property
    def least(self) -> float | None:
        try:
            number = round(float(self.threshold.data or ""), 2)
        except ValueError:
            return None
        return number if min(SCORES) <= number <= max(SCORES) else None


class Seen(base.Form):
    """A page that asks before it acts on the draw as it stood when the page was opened."""

    seen = HiddenField()


class Freeze(Seen):
    fixed = base.text(
        _("Is anybody in or out whatever the draw says? (optional)"),
        hint=_(
            "One on each line: the number of the application, in or out, and the reason. For example: 12 in Promised "
            "a place last year. The reasons are published in the report: name nobody."
        ),
        most=4_000,
        rows=4,
    )

    def validate_fixed(self, field: Any) -> None:
        numbers = []
        for line in _lines(field.data):
            found = FIXED.fullmatch(line)
            if found is None:
                raise ValidationError(_("Write a number, “in” or “out”, and the reason: “%(line)s”", line=line[:80]))
            if not found[3]:
                raise ValidationError(_("Say why application %(number)s is fixed", number=found[1]))
            numbers.append(int(found[1]))
        for number in numbers:
            if numbers.count(number) > 1:
                raise ValidationError(_("Application %(number)s stands there twice", number=number))

    def sides(self) -> tuple[dict[int, str], dict[int, str]]:
        """Who is in and who is out, each number with the reason."""
        sides: dict[str, dict[int, str]] = {"in": {}, "out": {}}
        for line in _lines(self.fixed.data):
            if found := FIXED.fullmatch(line):
                sides[found[2].lower()][int(found[1])] = found[3].strip()
        return sides["in"], sides["out"]


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


class Seal(Seen):
    source = base.line(
        _("Where will the panel’s own part of the seed come from? (optional)"),
        hint=_("Something that nobody can know yet. For example: the numbers of the national lottery on Saturday."),
        most=WORDS,
    )


class DrawPanel(Seen):
    words = base.line(
        _("The panel’s own part of the seed (optional)"),
        hint=_("For example, what dice show, or the numbers of a public lottery. It is published."),
        most=WORDS,
    )


class SetAside(Seen):
    reason = base.text(
        _("Why do you begin anew?"),
        hint=_("This is published in the report: name nobody."),
        required=_("Say why you begin anew"),
        most=REASON,
        rows=3,
    )
