"""Reading reports of who came, and saying who somebody in them is."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from cop.forms import base

SEAT = "seat-"
WALK_IN = "walk-in"
LEAVE_OUT = "left out"
UNDO = "undo"


class ReadReport(base.Form):
    part = base.dropdown(
        _("Which session is it about?"), coerce=int, required=_("Choose the session that the report is about")
    )
    file = base.upload(
        _("Report"),
        hint=_(
            "As Teams, Zoom or Eventbrite let you download it, or a table with names or e-mail addresses; at most 5 MB"
        ),
    )
    submit = base.button(_("See what it would do"))

    def offer(self, parts: Iterable[tuple[int, str]]) -> None:
        self.part.choices = base.choices(parts)

    def validate_file(self, field: Any) -> None:
        if not field.data or not field.data.filename:
            raise ValidationError(_("Choose a file"))


class SeenReport(base.Form):
    """``seen`` is the revision of the report that the page showed."""

    seen = base.hidden_number(required=_("Open this page anew"))


class DecideWho(SeenReport):
    """``seen`` is the revision of the one whom it is about."""

    who = base.radios(_("Who is it?"), required=_("Choose who it is"))
    submit = base.button(_("Save"))

    def offer(self, holders: Iterable[tuple[int, str]], *, has_name: bool, is_decided: bool) -> None:
        known = [(f"{SEAT}{seat_id}", label) for seat_id, label in holders]
        others = [(WALK_IN, _("Somebody who had not booked"))] if has_name else []
        undo = [(UNDO, _("Undo the decision"))] if is_decided else []
        self.who.choices = base.choices([*known, *others, (LEAVE_OUT, _("Nobody who counts: leave it out")), *undo])

    def answers(self) -> dict[str, Any]:
        who = str(self.who.data)
        is_seat = who.startswith(SEAT)
        return {
            "seen": self.seen.data,
            "seat_id": int(who.removeprefix(SEAT)) if is_seat else None,
            "walk_in": who == WALK_IN,
            "leave_out": who == LEAVE_OUT,
        }


class Reconcile(base.Form):
    part = base.hidden_number(required=_("Choose a person from the list"))
    seat = base.hidden_number(required=_("Choose a person from the list"))
    seen = base.hidden_number(required=_("Open this page anew"))
    right = base.hidden_word(["report", "hand"])
