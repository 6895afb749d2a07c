"""Booking a visit: a time, a party, and names that may come later."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from cop.forms import base
from cop.forms.accounts import SECTORS
from cop.models.events import Attendance, Part

NAMES_MOST = 5_000


class BookVisit(base.Form):
    slot = base.radios(_("Choose a time"), coerce=int, required=_("Choose a time"))
    party_size = base.whole_number(
        _("How many people are coming, you included?"),
        least=1,
        default=1,
        required=_("Enter how many people are coming, as a whole number"),
    )
    names = base.text(
        _("Names of the others (optional)"),
        hint=_("One name a line. You can add or correct names later."),
        most=NAMES_MOST,
        rows=3,
    )
    submit = base.button(_("Book this visit"))

    def offer(self, parts: Iterable[Part]) -> None:
        """Let one of these times be chosen."""
        self.slot.choices = base.choices((part.id, part.title) for part in parts)

    def validate_names(self, field: Any) -> None:
        if any(len(name) > base.LINE for name in self.party_names()):
            raise ValidationError(_("Use %(most)s characters or fewer for a name", most=base.LINE))

    def party_names(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in (self.names.data or "").splitlines() if name.strip())


class BookForSomebody(BookVisit):
    name = base.line(_("Full name"), required=_("Enter the person’s full name"))
    email = base.email(
        _("E-mail address (optional)"),
        hint=_("Without one, nobody is mailed: tell the person yourself, or ask the secretariat to."),
    )
    phone = base.telephone(_("Phone number (optional)"))
    organisation = base.line(_("Organisation (optional)"), hint=_("Its name as it stands in the directory of members"))
    sector = base.dropdown(_("Sector (optional)"), [("", _("Not known")), *SECTORS])
    submit = base.button(_("Book for this person"))


class MarkEveryone(base.Form):
    part = base.hidden_number(required=_("Choose a time from the list"))


class MarkAttendance(MarkEveryone):
    """One press on the host's list; the fields are hidden in its buttons. A blank status takes a mark back."""

    seat = base.hidden_number(required=_("Choose a person from the list"))
    seen = base.hidden_number()
    status = base.hidden_word(Attendance)
