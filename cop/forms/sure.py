"""Forms about what is told to people: a page in between shows who they are, and asks whether it is to be done."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from cop.forms.base import hidden_word, text
from cop.forms.programmes import Answers


class Sure(Answers):
    """``told`` stands for those whom the page in between showed."""

    sure = hidden_word(["yes", "back"])
    told = HiddenField(filters=[lambda value: value or ""])

    def answers(self) -> dict[str, Any]:
        """Without what the page in between adds."""
        return {name: value for name, value in super().answers().items() if name not in {"sure", "told"}}

    def ask_again(self) -> None:
        """Nothing was agreed to yet: the form is shown as it was filled in."""
        self.sure.data = self.told.data = ""


def note() -> Any:
    return text(
        _("What should those who booked know? (optional)"),
        hint=_("It stands in the message that they get if the time or the place changes."),
        most=500,
        rows=3,
    )
