"""What is asked about an accessibility issue, and about a review of the statement."""

from flask_babel import lazy_gettext as _

from cop.core.wcag import CRITERIA
from cop.forms import dates
from cop.forms.base import Form, dropdown, line, radios, text
from cop.models.statement import Exemption

TEXT_MOST = 1_000

REASONS = [
    (Exemption.NON_COMPLIANCE.value, _("We have not met the standard here, and will")),
    (Exemption.BURDEN.value, _("Mending it would be a disproportionate burden")),
    (Exemption.OUT_OF_SCOPE.value, _("The law does not ask for it: out of scope")),
]


class WriteIssue(Form):
    what = text(
        _("What is the problem?"),
        hint=_("On which page, and what does not work. It stands in the statement as you write it."),
        required=_("Say what the problem is"),
        most=TEXT_MOST,
        rows=3,
    )
    who = line(
        _("Who is kept from what? (optional)"),
        hint=_("For example, people who use a screen reader cannot tell which place is theirs."),
    )
    criterion = dropdown(
        _("Which criterion of WCAG 2.2 is not met?"),
        [("", _("None, as it is out of scope")), *((number, f"{number} {name}") for number, name in CRITERIA.items())],
    )
    why = radios(_("Why is it so?"), REASONS, required=_("Choose why it is so"), coerce=Exemption)
    instead = text(
        _("What can people do meanwhile? (optional)"),
        hint=_("Another page, a file in another format, or whom to ask."),
        most=TEXT_MOST,
        rows=3,
    )
    found_on = dates.day(
        _("When was it found?"), called=_("The day on which it was found"), required=_("Enter the day it was found")
    )
    planned_on = dates.day(_("By when do you plan to mend it? (optional)"), called=_("The day that you plan"))


class EditIssue(WriteIssue):
    mended_on = dates.day(
        _("When was it mended? (optional)"),
        called=_("The day on which it was mended"),
        hint=_("From that day on it stands in the statement no more."),
    )


class ReviewStatement(Form):
    on_date = dates.day(
        _("When did you look it through?"), called=_("The day of the review"), required=_("Enter the day of the review")
    )
    tested = text(
        _("How was the service tested? (optional)"),
        hint=_("Who tested what, when, and with which programs. It stands in the statement as you write it."),
        most=TEXT_MOST,
        rows=4,
    )
