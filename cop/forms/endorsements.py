"""Whom applicants ask to support them, what those answer, and whether a course wants it at all."""

from flask_babel import lazy_gettext as _
from wtforms import HiddenField
from wtforms.validators import AnyOf

from cop.forms import base
from cop.forms.base import email, line, radios, text
from cop.forms.programmes import Answers
from cop.models.cohorts import EndorsementKind, Endorsing

KINDS = (
    (EndorsementKind.MANAGER.value, _("Line manager")),
    (EndorsementKind.NOMINATOR.value, _("Somebody else who suggests the applicant")),
)


class NameSupporter(base.Form):
    kind = radios(_("Who is it?"), KINDS, required=_("Choose who it is"))
    name = line(_("Their full name"), required=_("Enter their full name"))
    email = email(_("Their e-mail address"), required=_("Enter their e-mail address"))
    submit = base.button(_("Ask this person"))


class AskAgain(base.Form):
    kind = HiddenField(validators=[AnyOf(list(EndorsementKind), message=_("Choose somebody from the list"))])


class Endorse(base.Form):
    answer = radios(
        _("Do you support this application?"),
        (("yes", _("Yes, I support it")), ("no", _("No, I cannot support it"))),
        required=_("Choose whether you support the application"),
    )
    words = text(
        _("What should those who choose know? (optional)"),
        hint=_("Only the chair of the panel reads this. The applicant learns what you answered, and not what you say."),
        most=3_000,
    )
    submit = base.button(_("Send my answer"))


class EditSupport(Answers):
    endorsing = radios(
        _("Does somebody have to support an application?"),
        (
            (Endorsing.NONE.value, _("No, and applicants are not asked for it")),
            (Endorsing.OPTIONAL.value, _("It is welcome: applicants can name somebody")),
            (Endorsing.REQUIRED.value, _("Yes: applicants name somebody before they submit")),
        ),
        required=_("Choose whether somebody has to support an application"),
        coerce=str,
    )
    seen = HiddenField()
