"""Whether applicants want to answer the equality questions; the questions themselves are data."""

from flask_babel import lazy_gettext as _

from cop.forms import base
from cop.forms.base import radios, tick


class WantsQuestions(base.Form):
    wants = radios(
        _("Do you want to answer the equality questions?"),
        (("yes", _("Yes, answer the equality questions (takes 2 minutes)")), ("no", _("No, skip them"))),
        required=_("Choose whether you want to answer the equality questions"),
    )
    submit = base.button(_("Continue"))


class EditEquality(base.Form):
    asks_gender_identity = tick(
        _("Also ask about gender identity"),
        hint=_("A question of its own after the one about sex, never one question for both."),
    )
