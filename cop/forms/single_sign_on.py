"""Forms of organisations' own sign-ins."""

from flask_babel import lazy_gettext as _
from wtforms import PasswordField

from cop.forms import base, widgets


class EditProvider(base.Form):
    name = base.line(
        _("Name on the button"),
        hint=_("As its people know it, for example “your council account”"),
        required=_("Enter a name for the button"),
        most=60,
    )
    issuer = base.line(
        _("Address of the provider"),
        hint=_("Its “issuer”, as the organisation’s IT names it: https://login.council.example"),
        required=_("Enter the address of the provider"),
    )
    client_id = base.line(_("Client ID"), required=_("Enter the client ID"))
    client_secret = PasswordField(
        _("Client secret"),
        description=_("It is kept encrypted and never shown. Leave it empty to keep the one that is known."),
        filters=[base.strip],
        validators=[base.NoControlCharacters(), base.MostCharacters(500)],
        widget=widgets.TextInput("password"),
        render_kw={"autocomplete": "off"},
    )
    counts_as_second = base.tick(
        _("It counts as a second factor"),
        hint=_("Only if the organisation asks its own people for two factors each time"),
    )
    submit = base.button(_("Save"))
