"""Somebody else in the place of whoever is invited."""

from flask_babel import lazy_gettext as _

from cop.forms.base import email, line, text
from cop.forms.programmes import Answers


class SendSomebody(Answers):
    name = line(_("Their name"), required=_("Enter the name of the person you would like to send"))
    email = email(_("Their e-mail address"), required=_("Enter their e-mail address"))
    organisation = line(_("Their organisation (optional)"))
    reason = text(_("Why (optional)"), hint=_("For those who decide. Nobody else reads it."), most=500, rows=3)


class DeclineSubstitute(Answers):
    reason = text(
        _("Reason"),
        hint=_("Whoever is invited reads it in their message."),
        required=_("Enter the reason"),
        most=500,
        rows=3,
    )
