"""What a summit led to."""

from typing import Any

from flask_babel import lazy_gettext as _

from cop.forms import base, dates
from cop.forms.events import Choices
from cop.forms.programmes import Answers
from cop.models.summits import OutcomeKind


def _outcome(value: Any) -> int | None:
    return int(value) if value else None


class SaveOutcome(Answers):
    kind = base.radios(
        _("What is it?"),
        [
            (OutcomeKind.REPORT, _("A report about the summit")),
            (OutcomeKind.DECISION, _("A decision that somebody took")),
        ],
        required=_("Choose what it is"),
        coerce=OutcomeKind,
    )
    title = base.line(_("Title"), required=_("Enter a title"))
    words = base.text(_("In a few words (optional)"), most=2_000, rows=4)
    organisation = base.line(
        _("Who wrote or decided it? (optional)"), hint=_("The name of an organisation, as the directory has it.")
    )
    on_date = dates.day(_("When? (optional)"), called=_("The day"))
    url = base.line(_("Where it can be read (optional)"), hint=_("A web address that begins with https://"), most=2_000)
    follows = base.dropdown(_("What does it follow from?"), coerce=_outcome)
    seen = base.hidden_number(required=_("Open the page again"))

    def offer(self, others: Choices) -> None:
        self.follows.choices = base.choices([("", _("From the summit itself")), *others])


class RemoveOutcome(Answers):
    seen = base.hidden_number(required=_("Open the page again"))
