"""What people and organisations take home from a summit, and what its tables wrote down."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from cop.forms import base, dates
from cop.forms.programmes import Answers

WHAT = 500
NOTE = 10_000


def _what() -> Any:
    return base.text(
        _("What will be done?"),
        hint=_("One thing that somebody can see when it is done."),
        required=_("Say what will be done"),
        most=WHAT,
        rows=3,
    )


def _by_on() -> Any:
    return dates.day(
        _("By when?"),
        called=_("The day"),
        hint=_("We ask on that day how it stands."),
        required=_("Enter the day by which it will be done"),
    )


class AddAction(Answers):
    owner = base.dropdown(_("Who takes it on?"), required=_("Choose who takes it on"))
    what = _what()
    by_on = _by_on()

    def __init__(self, owners: Sequence[tuple[str, str]], **values: Any) -> None:
        super().__init__(**values)
        self.owner.choices = base.choices([("", _("Choose")), *owners])


class EditAction(Answers):
    what = _what()
    by_on = _by_on()
    seen = base.hidden_number(required=_("Open the page again"))


class RemoveAction(Answers):
    seen = base.hidden_number(required=_("Open the page again"))


class WriteNote(Answers):
    words = base.text(
        _("What did the table say?"),
        hint=_("What stands out, what was agreed, who will do what. No names where they are not needed."),
        most=NOTE,
        rows=12,
    )
    seen = base.hidden_number(required=_("Open the page again"))

    def answers(self) -> dict[str, Any]:
        return {**super().answers(), "words": self.words.data or ""}
