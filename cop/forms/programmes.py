"""What admins say about programmes and series."""

from typing import Any

from flask_babel import lazy_gettext as _

from cop.forms import dates
from cop.forms.base import Form, line, text

ADDRESS_HINT = _("Words joined by hyphens. Leave it blank to make it from the name. It cannot be changed later.")


class Answers(Form):
    """A form whose fields carry the names of the service's arguments."""

    def answers(self) -> dict[str, Any]:
        return {name: field.data for name, field in self._fields.items() if name != "csrf_token"}


class EditProgramme(Answers):
    name = line(_("Name"), required=_("Enter the name of the programme"))
    summary = text(
        _("Summary"),
        hint=_("What it is about, for people who never heard of it. The home page shows it."),
        required=_("Enter a summary"),
        most=1_000,
        rows=4,
    )
    starts_on = dates.day(_("First day"), required=_("Enter the first day"))
    ends_on = dates.day(_("Last day"), required=_("Enter the last day"))


class NewProgramme(EditProgramme):
    slug = line(_("Web address (optional)"), hint=ADDRESS_HINT, most=80)


class EditSeries(Answers):
    name = line(_("Name"), required=_("Enter the name of the series"))
    summary = text(
        _("Summary"),
        hint=_("What its events have in common and who they are for."),
        required=_("Enter a summary"),
        most=1_000,
        rows=4,
    )


class NewSeries(EditSeries):
    slug = line(_("Web address (optional)"), hint=ADDRESS_HINT, most=80)
