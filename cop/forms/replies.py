"""What staff decide about an answer that came from somebody's calendar."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from cop.forms import base
from cop.queries.replies import Effect

CONFIRM, SET_ASIDE = "confirm", "set aside"

DOES: Mapping[Effect, Any] = {
    Effect.END: _("Cancel the booking, as they would have done on its page"),
    Effect.DROP: _("Give this date back, and keep their other dates"),
    Effect.UNDECIDED: _("Take the yes back: they do not know yet, and their place is free"),
}


class DecideReply(base.Form):
    decision = base.radios(
        _("What shall happen?"),
        [(CONFIRM, ""), (SET_ASIDE, _("Leave everything as it is"))],
        required=_("Choose what shall happen"),
    )
    seen = base.hidden_number()
    submit = base.button(_("Do it"))


def decide(effect: Effect, seen: int) -> DecideReply:
    """The form for an answer that would do this; ``seen`` is the state of the booking that the page shows."""
    form = DecideReply(data={"seen": seen})
    form.decision.choices = base.choices([(CONFIRM, DOES[effect]), (SET_ASIDE, _("Leave everything as it is"))])
    return form
