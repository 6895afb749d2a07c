"""What is asked of those who want to hear of the next round."""

from flask_babel import lazy_gettext as _

from cop.forms.base import Form, email


class AskToBeTold(Form):
    email = email(
        _("Your e-mail address"),
        hint=_("We send a link there. You are on the list once you have used it."),
        required=_("Enter your e-mail address"),
    )
