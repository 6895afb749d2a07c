"""What somebody says of a token that they make for a program."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from cop.core.access import TokenScope
from cop.forms.base import Form, dropdown, line, radios, ticks

SCOPES: Mapping[TokenScope, Any] = {
    TokenScope.EVENTS: _("Programmes, series and events"),
    TokenScope.ORGANISATIONS: _("Organisations"),
    TokenScope.ATTENDANCE: _("Attendance"),
    TokenScope.BOOKINGS: _("Bookings"),
    TokenScope.SURVEYS: _("Answers to surveys"),
    TokenScope.FORUM: _("Posts in the forum"),
    TokenScope.TOOLKIT: _("Toolkit and its use"),
    TokenScope.INDICATORS: _("Indicators"),
    TokenScope.NAMES: _("Names, e-mail addresses and free text, in the place of pseudonyms"),
}

LASTS: Mapping[int, Any] = {30: _("30 days"), 90: _("90 days"), 180: _("180 days"), 365: _("A year")}

EVERYTHING = ""
"""What stands for all programmes."""


class MakeToken(Form):
    name = line(
        _("What is it for?"),
        hint=_("The program that will use it, so that you know it again in the list."),
        required=_("Say what the token is for"),
        most=100,
    )
    programme = dropdown(_("Programme"), required=None)
    scopes = ticks(_("What may it read?"), SCOPES.items(), hint=_("Give it as little as it needs."), coerce=TokenScope)
    lasts = radios(
        _("How long does it work?"), LASTS.items(), required=_("Choose how long the token works"), coerce=int
    )

    def validate_scopes(self, field: Any) -> None:
        if field.data is not None and not set(field.data) - {TokenScope.NAMES}:
            field.errors = [*field.errors, _("Choose what the token may read")]

    def duration(self) -> timedelta:
        return timedelta(days=self.lasts.data)
