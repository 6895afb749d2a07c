"""Forms of signing in and of one's own profile."""

from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _

from cop.forms import base
from cop.models.accounts import Channel, Sector


class AskToSignIn(base.Form):
    email = base.email(
        _("E-mail address"),
        hint=_("We will send you a link and a code. You need no password."),
        required=_("Enter your e-mail address"),
    )
    by_mail = base.hidden_word(["yes"])
    submit = base.button(_("Send me a link"))


class EnterCode(base.Form):
    code = base.line(
        _("Six-digit code"),
        hint=_("It is in the mail that we sent you. It works for 15 minutes, in this browser only."),
        required=_("Enter the six-digit code"),
        most=20,
    )
    submit = base.button(_("Sign in"))


class UseLink(base.Form):
    submit = base.button(_("Sign in now"))


ZONES = sorted(
    zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/", "SystemV/"))
)

SECTORS = [
    (str(Sector.RESIDENT), _("Resident")),
    (str(Sector.COUNCIL_OFFICER), _("Council officer")),
    (str(Sector.COUNCILLOR), _("Councillor")),
    (str(Sector.VCSE), _("Voluntary, community or social enterprise (VCSE)")),
    (str(Sector.HEALTH), _("Health")),
    (str(Sector.OTHER_PUBLIC_SERVICE), _("Other public service")),
    (str(Sector.BUSINESS), _("Business")),
]


class Profile(base.Form):
    name = base.line(
        _("Full name"), hint=_("As it should stand on the host’s list"), required=_("Enter your full name")
    )
    sector = base.radios(_("How do you come to this programme?"), SECTORS, required=_("Choose how you come to us"))
    role_title = base.line(_("Role or job title (optional)"))
    phone = base.telephone(_("Phone number (optional)"), hint=_("Only for messages about something you booked"))
    prefers = base.radios(
        _("How should we reach you?"),
        [
            (str(Channel.EMAIL), _("By e-mail")),
            (str(Channel.PHONE), _("By phone")),
            (str(Channel.POST), _("By post")),
        ],
        required=_("Choose how we should reach you"),
    )
    timezone = base.dropdown(
        _("Time zone"), [(zone, zone.replace("_", " ")) for zone in ZONES], hint=_("For online events")
    )
    needs = base.text(
        _("Access needs (optional)"),
        hint=_(
            "For example step-free access, a BSL interpreter, large print, a quiet space, childcare or travel. "
            "Only the staff of what you book can read this. It is stored encrypted."
        ),
        most=2_000,
    )
    submit = base.button(_("Save"))


class FindOrganisation(base.Form):
    organisation = base.radios(
        _("Choose your organisation"), coerce=int, required=_("Choose one of the organisations in the list")
    )
    submit = base.button(_("Save"))
