"""Messages that staff wrote and the rules of an event send."""

from collections.abc import Sequence

from flask_babel import gettext as _

from cop.core.work import Reading
from cop.mail.kinds import Values, is_preview
from cop.mail.letters_by_staff import written
from cop.models.events import Booking, Part
from cop.models.offers import Offer
from cop.models.outbox import Outbox
from cop.models.summits import Invitation
from cop.models.telling import RuleAudience
from cop.models.waiting import Waiting
from cop.queries import bookings, offers, rules, summits, waiting_lists
from cop.queries.rules import Addressed
from cop.web import EVENT_PAGES, address
from cop.web.templating import day, moment, when

TIMES_MOST = 3
"""So many times are named one by one; of more, the first and the last day."""


def of_rule(read: Reading, row: Outbox) -> Values | None:
    """Pointless once the rule was switched off, the date moved away, or they are in its audience no longer."""
    if row.person_id is None:
        return None
    found = rules.addressed(read, rule_id=row.params["rule_id"], person_id=row.person_id)
    is_due = found.rule.active and rules.stands(read, found.rule, person_id=row.person_id)
    if not is_due and not is_preview(row):
        return None
    label, link = _way(found)
    letter = written(subject=found.rule.subject, body=found.rule.body, fields=_fields(found))
    return {"letter": letter, "event": found.event, "label": label, "link": link}


def _fields(found: Addressed) -> dict[str, str]:
    return {
        "name": found.name,
        "event": found.event.title,
        "when": _times(found.parts) or _("a time that is not set yet"),
        "until": moment(found.until) if found.until else _("a day that is not set yet"),
    }


def _times(parts: Sequence[Part]) -> str:
    if len(parts) <= TIMES_MOST:
        return "; ".join(map(when, parts))
    first, last = (day(at) for at in (parts[0].starts_at, max(part.ends_at for part in parts)))
    return first if first == last else str(_("%(first)s to %(last)s", first=first, last=last))


def _way(found: Addressed) -> tuple[str, str]:
    """The words and the address of the button."""
    record, slug = found.record, found.event.slug
    if isinstance(record, Booking):
        return _("See, change or cancel your booking"), address("bookings.by_link", token=bookings.link_token(record))
    if isinstance(record, Invitation):
        return _("Answer now"), address("summits.by_link", token=summits.link_token(record))
    if isinstance(record, Offer):
        return _("Answer now"), address("offers.offer", token=offers.link_token(record))
    if isinstance(record, Waiting):
        return _("Your place on the waiting list"), address("waiting.by_link", token=waiting_lists.link_token(record))
    if found.rule.audience is RuleAudience.DRAFTING:
        return _("Go on with your application"), address("cohorts.apply", slug=slug)
    return _("See the event"), address(EVENT_PAGES[found.event.kind], slug=slug)
