"""How the panel of a course works, who scores what, and the copies without names that reviewers read."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField
from wtforms.validators import ValidationError

from cop.core.criteria import SCORES
from cop.core.questions import TEXT_MOST, Item
from cop.forms import base

REVIEWS_MOST = 9
WIDEST = max(SCORES) - min(SCORES)


class EditReviewing(base.Form):
    reviews_wanted = base.whole_number(
        _("How many people score each application? (optional)"),
        hint=_("You then share the applications out. Without a number everybody on the panel scores all of them."),
        least=1,
        most=REVIEWS_MOST,
    )
    spread_flag = base.line(
        _("From which difference do scores lie far apart?"),
        hint=_("Points between the highest and the lowest score, like 1.5. The panel should talk about those."),
        required=_("Enter a difference, like 1.5"),
        most=5,
    )
    redacting = base.tick(
        _("Somebody looks through each application before reviewers read it"),
        hint=_("They take out names, organisations and places. Until then reviewers do not see the application."),
    )
    seen = HiddenField()

    def validate_spread_flag(self, field: Any) -> None:
        try:
            fits = not field.data or 0 < self.spread <= WIDEST
        except ValueError:
            fits = False
        if not fits:
            raise ValidationError(_("Enter a difference from 0.01 to %(most)s, like 1.5", most=WIDEST))

    @property
    def spread(self) -> float:
        return round(float(self.spread_flag.data or ""), 2)


class ShareOut(base.Form):
    """A plan that is looked at before it is carried out; ``seen`` is its version."""

    seen = HiddenField()


class ChooseReviewers(base.Form):
    reviewers = base.ticks(_("Who scores it?"), coerce=int)
    seen = HiddenField()

    def __init__(self, people: Iterable[tuple[int, Any]], **more: Any) -> None:
        super().__init__(**more)
        self.reviewers.choices = base.choices(people)


class Redact(base.Form):
    """A copy of each free answer. ``suggest`` takes out what looks like a name and saves nothing."""

    CODES: tuple[str, ...] = ()

    seen = HiddenField()
    act = base.hidden_word(["suggest", "save"])

    def copy(self) -> dict[str, str]:
        return {code: self[f"copy_{code}"].data or "" for code in self.CODES}

    def put(self, copy: Mapping[str, str]) -> None:
        """Show these words in the place of what was typed."""
        for code, words in copy.items():
            self[f"copy_{code}"].raw_data, self[f"copy_{code}"].data = None, words


def redact_form(items: Sequence[Item], copy: Mapping[str, str], seen: str) -> Redact:
    """A form with a field for each of these questions, filled with the copy as it is."""
    fields = {
        f"copy_{item.code}": base.text(
            _("What reviewers read: %(question)s", question=item.text), most=TEXT_MOST, rows=6
        )
        for item in items
    }
    made = type("RedactPage", (Redact,), {**fields, "CODES": tuple(item.code for item in items)})
    filled = {f"copy_{item.code}": copy[item.code] for item in items}
    form: Redact = made(data={**filled, "seen": seen})
    return form
