"""What people say of a resource: whether it was useful, what they did with it, and what they want to hear."""

from flask_babel import lazy_gettext as _

from cop.forms import base
from cop.models.toolkit import Step

MOST = 2_000

YES, NO = "yes", "no"

STEPS = [
    (Step.USED.value, _("I used it as it is")),
    (Step.ADAPTED.value, _("I changed it so that it fits our place")),
    (Step.RESULT.value, _("Something came of it")),
]


class SayUseful(base.Form):
    useful = base.radios(_("Was this useful?"), [(YES, _("Yes")), (NO, _("No"))], required=_("Choose yes or no"))
    words = base.text(
        _("What would make it better? (optional)"),
        hint=_("Do not write anything about people. Those who look after the toolkit read it, without your name."),
        most=MOST,
        rows=4,
    )


class TellUse(base.Form):
    step = base.radios(
        _("What did you do with it?"),
        STEPS,
        hint=_("You can come back and tell of a further step when you get there."),
        required=_("Choose what you did with it"),
    )
    words = base.text(
        _("Tell us more"),
        hint=_("Where, with whom, and what changed. Needed only if something came of it."),
        most=MOST,
        rows=5,
    )


class ChooseWishes(base.Form):
    news = base.tick(_("Tell me when there is a new version"), hint=_("With what changed."))
    ask = base.tick(_("Ask me in 30 days what came of it"), hint=_("Once, by e-mail."))
