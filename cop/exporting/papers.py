"""Papers to print: records of attendance, badges, and sheets to sign on."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from cop.formats import pdf
from cop.models.events import Event
from cop.queries.attendance import Guest, HostList
from cop.queries.attendance_records import Attended
from cop.web import address
from cop.web.templating import capital, month_day, times, when

BADGES_A_PAGE = 10

EMPTY_LINES = 5
"""On each sheet, for whoever comes without a booking."""


def record_of_attendance(found: Attended) -> bytes:
    """Only what was issued has a code to check it by."""
    if found.code is None or found.issued_at is None:
        raise ValueError("the record has not been issued")
    return pdf.typeset(
        "record",
        paper(
            _("Record of attendance"),
            name=found.name,
            sentence=_(
                "completed “%(title)s”, a course of %(programme)s.", title=found.title, programme=found.programme
            ),
            headings=[_("Half-day"), _("When"), _("Attended")],
            rows=[
                [half_day.title, when(half_day), _("Yes") if half_day.attended else _("No")]
                for half_day in found.half_days
            ],
            lines=[
                _(
                    "Attended %(attended)s of %(all)s half-days.",
                    attended=found.attended,
                    all=len(found.half_days),
                ),
                _("Made on %(day)s.", day=month_day(found.issued_at)),
            ],
            check=_("Anybody can check this record at the address below, or with its code:"),
            address=address("records.verify", code=found.code),
            code=found.code_on_paper,
        ),
    )


def badges(event: Event, guests: Iterable[Guest]) -> bytes:
    """One for each seat, whichever of the parts it is for; a guest without a name gets an empty one to write on."""
    once = {guest.seat_id: guest for guest in guests}
    made = [
        {
            "name": guest.name or "",
            "organisation": guest.organisation or "",
            "role": _role(guest),
        }
        for guest in sorted(once.values(), key=lambda guest: (guest.booker, guest.booking_id, guest.position))
    ]
    pages = [made[at : at + BADGES_A_PAGE] for at in range(0, len(made), BADGES_A_PAGE)]
    return pdf.typeset("badges", paper(event.title, pages=pages))


def _role(guest: Guest) -> str:
    if guest.position > 0:
        return str(_("Guest of %(name)s", name=guest.booker))
    return capital(guest.sector) if guest.sector else ""


def sign_in_sheets(event: Event, lists: Sequence[HostList]) -> bytes:
    return pdf.typeset(
        "sign_in",
        paper(
            _("Sign-in sheet: %(title)s", title=event.title),
            headings=["", _("Name"), _("Organisation"), _("Signature")],
            sheets=[
                {
                    "heading": found.part.title or times(found.part),
                    "about": ", ".join(filter(None, (when(found.part), found.part.place or event.place))),
                    "rows": _lines(found.guests),
                }
                for found in lists
            ],
        ),
    )


def _lines(guests: Sequence[Guest]) -> list[list[str]]:
    named = [
        [guest.name or _("Guest of %(name)s", name=guest.booker), guest.organisation or "", ""] for guest in guests
    ]
    return [[str(number), *line] for number, line in enumerate([*named, *[["", "", ""]] * EMPTY_LINES], start=1)]


def paper(title: str, **content: Any) -> dict[str, Any]:
    """What every template of a paper is given."""
    return {"service": current_app.config["SERVICE_NAME"], "title": title, **content}
