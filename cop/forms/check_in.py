"""Forms at the door: a code for a while, and whoever checks themselves in with it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _

from cop.forms import base
from cop.models.events import Attendance, Part

MINUTES = [
    ("10", _("10 minutes")),
    ("20", _("20 minutes")),
    ("60", _("An hour")),
    ("240", _("Four hours")),
]


class OpenCode(base.Form):
    part = base.dropdown(_("For"), coerce=int, required=_("Choose what people check in for"))
    minutes = base.radios(_("For how long?"), MINUTES, required=_("Choose for how long the code is open"))
    submit = base.button(_("Open a code"))

    def offer(self, parts: Iterable[Part]) -> None:
        self.part.choices = base.choices((part.id, part.title) for part in parts)


class CheckInByEmail(base.Form):
    email = base.email(
        _("E-mail address"),
        hint=_("The one that you booked with."),
        required=_("Enter the e-mail address that you booked with"),
    )
    submit = base.button(_("I am here"))


PRESSES_MOST = 200
"""In one sending; a telephone with more sends again."""

LARGEST = 2**62

YEAR = 365 * 24 * 60 * 60 * 1_000
"""In milliseconds. What is said to be older than that is no older."""


def presses(body: Any) -> list[Mapping[str, Any]]:
    """What a telephone noted while it had no connection; ValueError where it is anything else."""
    listed = body.get("presses") if isinstance(body, dict) else None
    if not isinstance(listed, list) or len(listed) > PRESSES_MOST:
        raise ValueError("no list of presses")
    return [_press(each) for each in listed]


def _press(each: Any) -> Mapping[str, Any]:
    if not isinstance(each, dict):
        raise ValueError("no press")  # noqa: TRY004  whatever it is, it was typed by nobody
    part_id, seat_id, ago = (_number(each.get(name)) for name in ("part", "seat", "ago"))
    status = each.get("status")
    return {
        "id": UUID(str(each.get("id"))),
        "part_id": part_id,
        "seat_id": seat_id,
        "status": Attendance(status) if status else None,
        "ago": timedelta(milliseconds=min(ago, YEAR)),
    }


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise ValueError("no number")
    return value
