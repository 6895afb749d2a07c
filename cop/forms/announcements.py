"""What staff write to audiences, to whom, and when it goes."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _

from cop.core.access import Role
from cop.core.audiences import ANY_EVENT, Audience
from cop.forms import dates
from cop.forms.accounts import SECTORS
from cop.forms.base import Form, choices, dropdown, hidden_number, line, radios, text, tick, ticks, whole_number
from cop.forms.directory import KINDS, MEMBERSHIP_NAMES

ROLE_NAMES = [
    (Role.ADMIN.value, _("Admins")),
    (Role.FACILITATOR.value, _("Facilitators")),
    (Role.HOST.value, _("Hosts")),
    (Role.REVIEWER.value, _("Reviewers")),
    (Role.EVALUATOR.value, _("Evaluators")),
    (Role.LEAD.value, _("Leads of organisations")),
]

BODY_MOST = 10_000

NOW, LATER = "now", "later"


class WriteAnnouncement(Form):
    """The words and the audience. ``revision`` is that of the draft which the page showed."""

    subject = line(
        _("Subject"),
        hint=_("You can write {name} or {programme} here and below."),
        required=_("Enter a subject"),
        most=120,
    )
    body = text(
        _("Text"),
        hint=_(
            "We begin with “Hello” and the name. Leave a blank line between paragraphs. **bold**, lines that begin "
            "with “- ” for a list, “# ” for a heading, [words](https://address.example) for a link."
        ),
        required=_("Enter the text"),
        most=BODY_MOST,
        rows=12,
    )
    interest = tick(_("Who wants to hear of the next round: the list on the page of the programme"))
    consent = tick(_("Who agreed to news"))
    event = dropdown(_("Who took part in"), hint=_("A booking that was not cancelled counts."))
    attended = tick(_("Only those who came to it"))
    kinds = ticks(_("At organisations of this kind"), KINDS)
    memberships = ticks(_("At members of this kind"), MEMBERSHIP_NAMES)
    sectors = ticks(_("From this sector"), SECTORS)
    roles = ticks(_("With this role"), ROLE_NAMES)
    revision = hidden_number()

    def offer_events(self, events: Iterable[tuple[str, str]]) -> None:
        """The events that can be chosen, as pairs of slug and title."""
        first = [("", _("No matter what")), (ANY_EVENT, _("Any event of the programme"))]
        self.event.choices = choices([*first, *events])

    def audience(self) -> Audience:
        return Audience(
            kinds=tuple(self.kinds.data),
            memberships=tuple(self.memberships.data),
            sectors=tuple(self.sectors.data),
            roles=tuple(self.roles.data),
            event=self.event.data,
            attended=bool(self.event.data and self.attended.data),
            interest=self.interest.data,
            consent=self.consent.data,
        )


class SendAnnouncement(Form):
    """``revision`` is that of the draft which the page showed."""

    when = radios(
        _("When is it to go?"),
        [(NOW, _("Now")), (LATER, _("At a time"))],
        hint=_("Letters leave in working hours only, 08:00 to 18:00 on working days."),
        required=_("Choose when it is to go"),
    )
    send_at = dates.moment(_("At which time?"), called=_("The time"), hint=_("Only where you chose a time above."))
    stage = whole_number(
        _("How many letters an hour? (optional)"),
        least=1,
        most=100_000,
        hint=_("Blank: all at once. In stages you can stop it when the first answers show a mistake."),
    )
    revision = hidden_number()

    def validate(self, extra_validators: Any = None) -> bool:
        fits = bool(super().validate(extra_validators))
        if self.when.data == LATER and self.send_at.data is None and not self.send_at.errors:
            self.send_at.errors = [_("Enter the time at which it is to go")]
            return False
        return fits
