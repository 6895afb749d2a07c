"""What somebody needs who accepted a place: asked only now, and all of it optional."""

from flask_babel import lazy_gettext as _

from cop.forms import base
from cop.forms.summits import ALLERGENS, WAYS


class Arrangements(base.Form):
    access = base.text(
        _("What do you need to take part fully? (optional)"),
        hint=_("For example step-free access, a BSL interpreter, large print, a quiet space, or help with childcare."),
        most=2_000,
        rows=3,
    )
    ways = base.ticks(_("How do you eat? (optional)"), WAYS)
    allergens = base.ticks(
        _("Which of these must not be in your food? (optional)"),
        ALLERGENS,
        hint=_("The 14 allergens that caterers in the UK have to name."),
    )
    food = base.text(_("What else should the kitchen know? (optional)"), most=500, rows=2)
    emergency_contact = base.line(
        _("Whom should we call in an emergency? (optional)"), hint=_("A name and a phone number.")
    )
    travel = base.text(
        _("How will you travel, and do you need help with it? (optional)"),
        hint=_("For example: by train, and I need the fare in advance."),
        most=1_000,
        rows=3,
    )
    submit = base.button(_("Save"))
