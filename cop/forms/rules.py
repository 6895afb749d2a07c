"""What staff say about a message that hangs on the dates of an event."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from cop.forms import base
from cop.models.telling import Anchor, MessageRule, RuleAudience

AUDIENCES: Mapping[RuleAudience, Any] = {
    RuleAudience.BOOKED: _("Everybody who has booked"),
    RuleAudience.ACCEPTED: _("Those who said yes to an invitation or an offer"),
    RuleAudience.SILENT: _("Those who were invited or offered a place and have not answered"),
    RuleAudience.WAITING: _("Those on the waiting list"),
    RuleAudience.DRAFTING: _("Those who began an application and have not sent it"),
    RuleAudience.ATTENDED: _("Those who came"),
    RuleAudience.NO_SHOW: _("Those who had booked and did not come"),
}

ANCHORS: Mapping[Anchor, Any] = {
    Anchor.START: _("the start"),
    Anchor.END: _("the end"),
    Anchor.DEADLINE: _("the last moment to book, apply or answer"),
}


class Unit(StrEnum):
    DAYS = "days"
    HOURS = "hours"


class Side(StrEnum):
    BEFORE = "before"
    AFTER = "after"


UNITS = [(Unit.DAYS, _("Days")), (Unit.HOURS, _("Hours"))]
SIDES = [(Side.BEFORE, _("Before")), (Side.AFTER, _("After"))]


class WriteRule(base.Form):
    audience = base.radios(_("Who gets it?"), required=_("Choose who gets it"))
    number = base.whole_number(
        _("How long before or after?"), least=0, most=9_000, required=_("Enter how long, as a whole number")
    )
    unit = base.radios(_("Counted in"), UNITS, required=_("Choose days or hours"))
    side = base.radios(_("Before or after?"), SIDES, required=_("Choose before or after"))
    anchor = base.radios(
        _("Of what?"),
        ANCHORS.items(),
        hint=_("Whoever holds places counts from the first or last of their own. It moves with the dates."),
        required=_("Choose what it counts from"),
    )
    subject = base.line(_("Subject"), required=_("Enter a subject"))
    body = base.text(
        _("Message"),
        hint=_("Markdown: **bold**, lists with hyphens, [words](https://…). It begins with “Hello” and the name."),
        required=_("Enter the message"),
        most=10_000,
        rows=12,
    )
    seen = HiddenField()

    def suit(self, audiences: Iterable[RuleAudience]) -> None:
        """Offer those who can be there at an event of this kind."""
        possible = set(audiences)
        self.audience.choices = base.choices((name, words) for name, words in AUDIENCES.items() if name in possible)

    @property
    def after(self) -> timedelta:
        length = timedelta(**{self.unit.data: self.number.data})
        return -length if self.side.data == Side.BEFORE else length

    @staticmethod
    def as_asked(rule: Any) -> dict[str, Any]:
        """A rule, or what a ready-made one says, as the form asks for it."""
        length = abs(rule.after)
        is_days = length % timedelta(days=1) == timedelta()
        return {
            "audience": rule.audience,
            "anchor": rule.anchor,
            "number": length // timedelta(days=1) if is_days else length // timedelta(hours=1),
            "unit": Unit.DAYS if is_days else Unit.HOURS,
            "side": Side.BEFORE if rule.after < timedelta() else Side.AFTER,
            "subject": rule.subject,
            "body": rule.body,
            "seen": rule.revision if isinstance(rule, MessageRule) else None,
        }


class SwitchRule(base.Form):
    """Switch on or off what the page shows."""

    seen = base.hidden_number(required=_("Open this page anew"))
    act = base.hidden_word(["on", "off"])


class RemoveRule(base.Form):
    seen = base.hidden_number(required=_("Open this page anew"))
