"""What is asked about a pledge."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from cop.forms import base, dates
from cop.forms.programmes import Answers

WHAT = 500


def _what() -> Any:
    return base.text(
        _("What do you promise?"),
        hint=_("One thing that somebody can see when it is done."),
        required=_("Say what you promise"),
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


class MakePledge(Answers):
    owner = base.radios(_("Who makes the pledge?"), required=_("Choose who makes the pledge"))
    what = _what()
    by_on = _by_on()

    def __init__(self, owners: Sequence[tuple[str, str]], **values: Any) -> None:
        super().__init__(**values)
        self.owner.choices = base.choices(owners)


class EditPledge(Answers):
    what = _what()
    by_on = _by_on()
    seen = base.hidden_number(required=_("Open the page again"))


class RemovePledge(Answers):
    seen = base.hidden_number(required=_("Open the page again"))
