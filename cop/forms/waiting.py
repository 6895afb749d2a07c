"""Joining a waiting list, and the rules by which places are shared out."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _

from cop.forms import base, dates
from cop.forms.accounts import SECTORS
from cop.models.events import Choice, Event, Part, Queue


class JoinLine(base.Form):
    slots = base.ticks(_("Which times would suit you?"), hint=_("Any one of those that you tick will do."), coerce=int)
    party_size = base.whole_number(
        _("How many people would come, you included?"),
        least=1,
        default=1,
        required=_("Enter how many people would come, as a whole number"),
    )
    split_ok = base.tick(_("If there are fewer places, offer us those, and we go on waiting for the rest"))
    submit = base.button(_("Join the waiting list"))

    def suit(self, event: Event, parts: Sequence[Part]) -> None:
        """Ask only what makes a difference at this event."""
        if event.choice is Choice.ONE:
            self.slots.choices = base.choices((part.id, part.title) for part in parts)
            if len(parts) == 1 and not self.is_submitted():
                self.slots.data = [parts[0].id]
        else:
            del self.slots
        if event.party_max == 1:
            del self.party_size
            del self.split_ok

    def wish(self) -> dict[str, Any]:
        """What was asked for, by the names of the service's values."""
        return {
            "part_ids": (self.slots.data or ()) if "slots" in self else (),
            "party_size": self.party_size.data if "party_size" in self else 1,
            "split_ok": bool(self.split_ok.data) if "split_ok" in self else False,
        }


class JoinLineFor(JoinLine):
    slots = base.ticks(_("Which times would suit them?"), hint=_("Any one of those that you tick will do."), coerce=int)
    party_size = base.whole_number(
        _("How many people would come, this person included?"),
        least=1,
        default=1,
        required=_("Enter how many people would come, as a whole number"),
    )
    split_ok = base.tick(_("If there are fewer places, offer them those, and they go on waiting for the rest"))
    name = base.line(_("Full name"), required=_("Enter the person’s full name"))
    email = base.email(
        _("E-mail address (optional)"),
        hint=_("Without one, nobody is mailed. An offer waits until somebody has told the person."),
    )
    phone = base.telephone(_("Phone number (optional)"))
    organisation = base.line(_("Organisation (optional)"), hint=_("Its name as it stands in the directory of members"))
    sector = base.dropdown(_("Sector (optional)"), [("", _("Not known")), *SECTORS])
    submit = base.button(_("Put on the waiting list"))


QUEUES = [
    (Queue.STRICT, _("In order")),
    (Queue.FIT, _("Whoever fits")),
    (Queue.NONE, _("No waiting list")),
]


class SharingRules(base.Form):
    queue = base.radios(_("Who gets a place that becomes free?"), QUEUES, required=_("Choose who gets a place"))
    offer_hours = base.whole_number(
        _("Working hours to answer an offer"),
        hint=_("8am to 6pm on working days count: 10 hours are one working day."),
        least=1,
        most=100,
        default=10,
        required=_("Enter how many working hours"),
    )
    per_organisation = base.whole_number(
        _("Most places for one organisation at one time (optional)"),
        hint=_("So that many councils can come. Leave it blank for no limit."),
        least=1,
    )
    fair_share_until = dates.moment(
        _("When does that limit end? (optional)"),
        called=_("The end of the limit"),
        hint=_("From then on, what is left is free for all. Leave it blank to keep the limit for good."),
    )

    @classmethod
    def of(cls, event: Event, zone: ZoneInfo) -> "SharingRules":
        """The form as the event stands, with its moment on the wall clock of ``zone``."""
        return cls(
            data={
                "queue": event.queue,
                "offer_hours": event.offer_hours,
                "per_organisation": event.per_organisation,
                "fair_share_until": dates.on_the_wall(event.fair_share_until, zone),
            }
        )

    def rules_in(self, zone: ZoneInfo) -> dict[str, Any]:
        return {
            "queue": Queue(self.queue.data),
            "offer_hours": self.offer_hours.data,
            "per_organisation": self.per_organisation.data,
            "fair_share_until": dates.instant_of(self.fair_share_until.data, zone),
        }
