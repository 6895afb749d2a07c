"""Forms of second factors."""

from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from cop.forms import base


class GiveCode(base.Form):
    code = base.line(
        _("Code"),
        hint=_("The six digits that your app shows now, or one of your recovery codes"),
        required=_("Enter a code"),
        most=40,
    )
    submit = base.button(_("Continue"))


class ConfirmApp(base.Form):
    code = base.line(
        _("Code that the app shows"),
        hint=_("Six digits"),
        required=_("Enter the six digits that the app shows"),
        most=20,
    )
    submit = base.button(_("Continue"))


class GivePasskey(base.Form):
    """``answer`` is filled in by the script, from what the browser says."""

    answer = HiddenField()


class AddPasskey(GivePasskey):
    name = base.line(
        _("Name of this passkey (optional)"),
        hint=_("So that you can tell it from others, for example “Work laptop”"),
        most=60,
    )
