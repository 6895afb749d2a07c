"""What people agree to, as pages call it, and what staff write down for them."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from cop.forms.base import Form, radios
from cop.models.telling import How, Purpose

PURPOSES: Mapping[Purpose, Any] = {
    Purpose.NEWS: _("News by e-mail"),
    Purpose.PHOTOGRAPHS: _("Photographs"),
    Purpose.DIRECTORY: _("The directory of members"),
    Purpose.QUOTES: _("Quotations"),
    Purpose.RESEARCH: _("Questions from researchers"),
}

WAYS: Mapping[How, Any] = {
    How.FORM: _("on this service"),
    How.TELEPHONE: _("by telephone"),
    How.PAPER: _("on paper"),
}


class NoteConsent(Form):
    purpose = radios(_("What do they agree to?"), required=_("Choose what they agree to"))
    how = radios(
        _("How did they say so?"),
        [(How.TELEPHONE.value, _("By telephone")), (How.PAPER.value, _("On paper"))],
        required=_("Choose how they said so"),
    )
