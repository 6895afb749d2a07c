"""What hosts write down on the day and before it."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField
from wtforms.validators import ValidationError

from cop.forms import base
from cop.forms.programmes import Answers
from cop.models.events import MarkSource

NOTES_MOST = 10_000


class WriteNotes(Answers):
    notes = base.text(
        _("Notes for those who run it"),
        hint=_("Keys, alarm, who makes the tea. Visitors never see them. Leave out what is private about somebody."),
        most=NOTES_MOST,
        rows=12,
    )
    seen = HiddenField()


class AddWalkIn(Answers):
    name = base.line(_("Full name"), required=_("Enter the person’s name"))
    party_size = base.whole_number(
        _("How many people are they?"),
        least=1,
        default=1,
        required=_("Enter how many people they are, as a whole number"),
    )
    organisation = base.line(_("Organisation (optional)"))
    email = base.email(
        _("E-mail address (optional)"), hint=_("Only if they would like to hear from us about this event.")
    )
    part = base.hidden_number(required=_("Choose a time from the list"))
    source = base.hidden_word([MarkSource.CHECK_IN, MarkSource.ROSTER])


class AnswerRota(Answers):
    slot_host_id = base.hidden_number(required=_("Choose a slot from the list"))
    seen = base.hidden_number(required=_("Open this page anew"))
    answer = base.hidden_word(["yes", "no"])

    def validate_answer(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Say yes or no"))

    def answers(self) -> dict[str, Any]:
        given = super().answers()
        accepted = given.pop("answer") == "yes"
        return {**given, "accepted": accepted}
