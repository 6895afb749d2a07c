"""What a person's calendar says about something they booked: the same in mail, in the file and in their own feed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core import secrecy
from cop.formats import ical
from cop.models.events import Booking, EventKind, Part
from cop.queries.calendars import Occasion, OwnOccasion
from cop.queries.joining import ONLINE


def own_entry(occasion: OwnOccasion, base_url: str) -> ical.Happening:
    """The entry of somebody who booked, with what they need on the day."""
    url = f"{base_url}/bookings/{occasion.public_id}"
    join = join_address(
        base_url, occasion.kind, occasion.slug, occasion.public_id, occasion.link_generation, occasion.part_id
    )
    lines = [
        ngettext("Booked for %(num)s person.", "Booked for %(num)s people.", occasion.party_size),
        _("Join here: %(address)s", address=join) if join else "",
        _("Getting there: %(text)s", text=occasion.getting_there) if occasion.getting_there else "",
        _access(occasion),
        _("What to bring: %(text)s", text=occasion.bring) if occasion.bring else "",
        _("See, change or cancel your booking: %(address)s", address=url),
    ]
    title = f"{occasion.title}: {occasion.part_title}" if occasion.kind is EventKind.SUMMIT else occasion.title
    return entry(occasion, title, url, lines)


def _access(occasion: OwnOccasion) -> str:
    if not occasion.step_free:
        return ""
    if occasion.kind in ONLINE:
        return str(_("Access: %(text)s", text=occasion.step_free))
    return str(_("Step-free access: %(text)s", text=occasion.step_free))


def entry(occasion: Occasion, title: str, url: str, paragraphs: Iterable[str]) -> ical.Happening:
    return ical.Happening(
        uid=str(occasion.uid),
        title=title,
        starts_at=occasion.starts_at,
        ends_at=occasion.ends_at,
        place=occasion.place,
        description="\n\n".join(paragraph for paragraph in paragraphs if paragraph),
        url=url,
        sequence=occasion.sequence,
        changed_at=occasion.changed_at,
        cancelled=occasion.cancelled,
    )


def join_address(
    base_url: str, kind: EventKind, slug: str, public_id: str, generation: int, part_id: int | None = None
) -> str | None:
    """The page from which somebody who booked joins what is online; the joining address itself stays behind it."""
    if kind not in ONLINE:
        return None
    page = f"webinars/{slug}" if kind is EventKind.WEBINAR else f"meet-ups/{slug}/dates/{part_id}"
    return f"{base_url}/{page}/join?t={secrecy.sign('join', public_id, generation)}"


@dataclass(frozen=True)
class CalendarLink:
    label: str
    address: str


def web_calendar_links(booking: Booking, part: Part, base_url: str) -> Sequence[CalendarLink]:
    """Buttons that open a web calendar with the entry filled in, for whoever cannot use the invitation."""
    place, url = part.place or booking.event.place, f"{base_url}/bookings/{booking.public_id}"
    stamps = [f"{moment:%Y%m%dT%H%M%SZ}" for moment in (part.starts_at, part.ends_at)]
    google = {
        "action": "TEMPLATE",
        "text": booking.event.title,
        "dates": "/".join(stamps),
        "location": place,
        "details": url,
    }
    outlook = {
        "rru": "addevent",
        "subject": booking.event.title,
        "startdt": part.starts_at.isoformat(),
        "enddt": part.ends_at.isoformat(),
        "location": place,
        "body": url,
    }
    return [
        CalendarLink("Google", f"https://calendar.google.com/calendar/render?{urlencode(google)}"),
        CalendarLink("Outlook", f"https://outlook.office.com/calendar/0/deeplink/compose?{urlencode(outlook)}"),
    ]
