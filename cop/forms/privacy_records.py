"""How long things are kept, the breach log, and the records of processing."""

from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _

from cop.forms import dates
from cop.forms.base import Between, Form, hidden_number, line, radios, text, whole_number
from cop.forms.programmes import Answers
from cop.models.privacy import Breach, BreachRisk


class KeepFor(Form):
    days = whole_number(_("For how many days is it kept?"), least=1, required=_("Enter a number of days"))
    why = text(
        _("Why?"),
        hint=_("This stands in the audit and on this page. Name nobody."),
        required=_("Say why"),
        most=1_000,
        rows=3,
    )
    seen = hidden_number()
    """The days for which the page has said what would go."""

    def limit(self, least: int, most: int) -> None:
        others = [rule for rule in self.days.validators if not isinstance(rule, Between)]
        self.days.validators = [*others, Between(least, most)]


class EditBreach(Form):
    noticed_at = dates.moment(
        _("When did somebody of ours notice it?"),
        called=_("The time at which it was noticed"),
        hint=_("The 72 hours run from then."),
    )
    happened_at = dates.moment(_("When did it happen? (optional)"), called=_("The time at which it happened"))
    what = text(
        _("What happened?"),
        hint=_("Which data got lost, out, or wrong, and how. Name nobody."),
        required=_("Say what happened"),
    )
    people = whole_number(_("How many people does it concern? (optional)"), least=0, most=10_000_000)
    effects = text(_("What can come of it for them? (optional)"))
    measures = text(_("What was done about it? (optional)"), hint=_("Now, and so that it does not happen again."))

    def validate_noticed_at(self, field: Any) -> None:
        if field.data is None and not field.errors:
            field.errors = [*field.errors, _("Enter when it was noticed")]

    def show(self, breach: Breach, zone: ZoneInfo) -> None:
        self.noticed_at.data = dates.on_the_wall(breach.noticed_at, zone)
        self.happened_at.data = dates.on_the_wall(breach.happened_at, zone)

    def told(self, zone: ZoneInfo) -> dict[str, Any]:
        """The answers by the names of what the service takes, with instants."""
        return _with_instants(self.data, zone)


RISKS = [
    (BreachRisk.UNLIKELY, _("Unlikely: it need not be reported")),
    (BreachRisk.RISK, _("A risk: it is reported to the Information Commissioner’s Office")),
    (BreachRisk.HIGH, _("A high risk: the people are told, too")),
]


class AssessBreach(Form):
    risk = radios(
        _("How likely is it that somebody comes to harm?"),
        RISKS,
        required=_("Choose how great the risk is"),
        coerce=BreachRisk,
    )
    why_risk = text(_("Why?"), required=_("Say why the risk is as you say"))
    reported_at = dates.moment(
        _("When was it reported to the Information Commissioner’s Office? (optional)"),
        called=_("The time of the report"),
    )
    why_not_reported = text(_("Why was it not reported, or later than 72 hours? (optional)"), rows=3)
    people_told_at = dates.moment(
        _("When were the people told? (optional)"), called=_("The time at which they were told")
    )
    why_not_told = text(_("Why were they not told? (optional)"), rows=3)

    def show(self, breach: Breach, zone: ZoneInfo) -> None:
        self.reported_at.data = dates.on_the_wall(breach.reported_at, zone)
        self.people_told_at.data = dates.on_the_wall(breach.people_told_at, zone)

    def assessed(self, zone: ZoneInfo) -> dict[str, Any]:
        return _with_instants(self.data, zone)


def _with_instants(answers: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    return {
        name: dates.instant_of(value, zone) if name.endswith("_at") else value
        for name, value in answers.items()
        if name != "csrf_token"
    }


class EditProcessing(Answers):
    name = line(_("Name"), required=_("Enter a name"))
    purpose = text(_("What for?"), required=_("Say what for"), rows=3)
    basis = text(_("Lawful basis"), required=_("Enter the lawful basis"), rows=3)
    people = text(_("Whose data?"), required=_("Say whose data"), rows=2)
    data = text(_("Which data?"), required=_("Say which data"), rows=3)
    recipients = text(_("Who gets them? (optional)"), rows=2)
    transfers = text(_("Where outside of the UK do they go? (optional)"), rows=2)
    kept = text(_("How long are they kept? (optional)"), rows=2)
    safeguards = text(
        _("How are they kept safe? (optional)"), hint=_("This is left out of the page that you can hand out."), rows=3
    )
    review_on = dates.day(_("When is this to be looked at again? (optional)"), called=_("The day of the review"))
