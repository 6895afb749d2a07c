"""The rehearsal of an event: every mail and ask that will go out about it, and how each reads."""

from datetime import date

from flask import render_template
from flask.typing import ResponseReturnValue

from cop.core.access import EVENT_EDITORS_ONLY
from cop.core.errors import NotFound
from cop.mail.planning import Rehearsed, letter_of, plan_of
from cop.models.events import Event
from cop.queries import staff_events
from cop.queries.dry_run import LINES_MOST, NAMES_SHOWN
from cop.web import Area, letter_page, read

area = Area("admin_planner", __name__, url_prefix="/admin/events/<slug>/messages/plan")

LETTER = "<string(maxlength=100):key>/<on>"


@area.get("", access=EVENT_EDITORS_ONLY)
def plan(slug: str) -> ResponseReturnValue:
    """By month to look at, and day by day to read."""
    found = plan_of(slug)
    return render_template(
        "admin_planner/plan.html",
        event=_event(slug),
        plan=found,
        names_shown=NAMES_SHOWN,
        is_cut=len(found.lines) >= LINES_MOST,
    )


@area.get(f"/{LETTER}", access=EVENT_EDITORS_ONLY)
def letter(slug: str, key: str, on: str) -> ResponseReturnValue:
    """A message as the first of its recipients would read it."""
    found = _rehearsed(slug, key, on)
    return render_template("admin_planner/letter.html", event=_event(slug), found=found, line=found.line, on=on)


@area.get(f"/{LETTER}/html", access=EVENT_EDITORS_ONLY)
def as_html(slug: str, key: str, on: str) -> ResponseReturnValue:
    drawn = _rehearsed(slug, key, on).drawn
    if drawn is None:
        raise NotFound
    return letter_page(drawn.html)


def _rehearsed(slug: str, key: str, on: str) -> Rehearsed:
    try:
        day = date.fromisoformat(on)
    except ValueError:
        raise NotFound from None
    return letter_of(slug, key=key, on=day)


def _event(slug: str) -> Event:
    return staff_events.staff_event(read(), slug=slug, to_edit=True).event
