"""Putting questions to the people of an event by hand."""

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _

from cop.forms.base import choices, dropdown, radios
from cop.forms.dates import day
from cop.forms.programmes import Answers
from cop.models.surveys import Among

WHO = {
    Among.BOOKED: _("Everybody who has a place (%(count)s)"),
    Among.ATTENDED: _("Those who are marked as having come (%(count)s)"),
    Among.UNSUCCESSFUL: _("Those whose application was declined, and who were told so (%(count)s)"),
}


class AskByHand(Answers):
    questionnaire = dropdown(_("Questions"), required=_("Choose the questions"))
    who = radios(_("Who is asked?"), required=_("Choose who is asked"), coerce=Among)
    closes_on = day(
        _("Until which day can they answer?"),
        called=_("The last day"),
        required=_("Enter the last day"),
        hint=_("Two weeks are enough for most. Those who are silent are reminded after 4 and after 9 days."),
    )

    def offer(self, questionnaires: Sequence[tuple[str, str]], people: Mapping[Among, int]) -> None:
        self.questionnaire.choices = choices([("", _("Choose one")), *questionnaires])
        offered = ((who, count) for who, count in people.items() if count or who is not Among.UNSUCCESSFUL)
        self.who.choices = choices((who, WHO[who] % {"count": count}) for who, count in offered)
