"""Papers to print: records of attendance, badges, and sheets to sign on."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from cop.formats import pdf
from cop.models.events import Event
from cop.queries.attendance import Guest, HostList
from cop.queries.attendance_records import Attended
from cop.queries.cohorts.draw_report import Aim, Report
from cop.web import ports
from cop.web.templating import capital, month_day, times, when

BADGES_A_PAGE = 10

EMPTY_LINES = 5
"""On each sheet, for whoever comes without a booking."""


def record_of_attendance(found: Attended) -> bytes:
    """Only what was issued has a code to check it by."""
    if found.code is None or found.issued_at is None:
        raise ValueError("the record has not been issued")
    path = current_app.url_map.bind("").build("records.verify", {"code": found.code})
    return pdf.typeset(
        "record",
        _paper(
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
            address=f"{ports().settings.base_url}{path}",
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
    return pdf.typeset("badges", _paper(event.title, pages=pages))


def _role(guest: Guest) -> str:
    if guest.position > 0:
        return str(_("Guest of %(name)s", name=guest.booker))
    return capital(guest.sector) if guest.sector else ""


def sign_in_sheets(event: Event, lists: Sequence[HostList]) -> bytes:
    return pdf.typeset(
        "sign_in",
        _paper(
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


def report_of_draw(found: Report, name_of: Callable[[str, str], Any]) -> bytes:
    """How the places of a course were given; ``name_of`` says what a group is called. Numbers of nobody are in it."""
    told, places = found.told, len(found.drawn.body["panel"])
    if found.is_lottery:
        opening = _(
            "%(places)s places were drawn among %(people)s people whom the panel found good enough, within the "
            "targets, so that the smallest chance of anybody was as large as it could be.",
            places=places,
            people=found.good,
        )
    else:
        opening = _(
            "%(places)s places went to those with the highest scores together, of %(people)s people whom the panel "
            "found good enough.",
            places=places,
            people=found.good,
        )
    chances = {
        "title": _("How likely a place was"),
        "headings": [_("Chance"), _("People")],
        "rows": [[f"{one.percent:.1f}%", str(one.people)] for one in found.chances],
    }
    aims = {
        "title": _("The group that was drawn, against the targets"),
        "headings": [_("Group"), _("Drawn"), _("Target")],
        "rows": [[str(name_of(aim.attribute, aim.value)), str(aim.drawn), _bounds(aim)] for aim in found.aims],
    }
    prints = [
        (_("Fingerprint of the pool"), told["pool"]),
        (_("Fingerprint of the chances"), told["digest"]),
        (_("Fingerprint of the secret"), told["commitment"]),
        (_("The secret"), told["secret"]),
        (_("What the panel said"), told["words"] or _("Nothing")),
        *((_("Step %(number)s", number=step["number"]), step["hash"]) for step in told["steps"]),
    ]
    path = current_app.url_map.bind("").build("drawing.report", {"slug": found.event.slug})
    return pdf.typeset(
        "draw",
        _paper(
            _("How the places were given: %(title)s", title=found.event.title),
            lines=[opening, _("Drawn on %(day)s.", day=month_day(found.drawn.at))],
            tables=[*([chances] if found.is_lottery else []), *([aims] if found.aims else [])],
            check={
                "title": _("Check it yourself"),
                "lines": [
                    _("The page below has the file with which anybody can draw again."),
                    f"{ports().settings.base_url}{path}",
                ],
                "prints": prints,
            },
        ),
    )


def _bounds(aim: Aim) -> str:
    if aim.minimum is not None and aim.maximum is not None:
        return str(_("%(least)s to %(most)s", least=aim.minimum, most=aim.maximum))
    if aim.minimum is not None:
        return str(_("%(least)s or more", least=aim.minimum))
    return str(_("%(most)s at most", most=aim.maximum))


def _paper(title: str, **content: Any) -> dict[str, Any]:
    return {"service": current_app.config["SERVICE_NAME"], "title": title, **content}
