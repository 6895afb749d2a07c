"""Papers for the door: name badges, and sheets on which people sign as they come."""

from collections.abc import Sequence

from flask import request
from flask.typing import ResponseReturnValue

from cop.core.access import EVENT_STAFF_ONLY
from cop.core.errors import NotFound
from cop.exporting import papers
from cop.models.events import Event, PartState
from cop.queries import events
from cop.queries.attendance import HostList, host_lists
from cop.web import Area, observe, pdf_page, read

area = Area("papers", __name__, url_prefix="/events/<slug>")


@area.get("/badges.pdf", access=EVENT_STAFF_ONLY)
def badges(slug: str) -> ResponseReturnValue:
    event, lists = _lists(slug)
    guests = [guest for found in lists for guest in found.guests]
    if not guests:
        raise NotFound
    observe("badges exported", "event", event.id)
    return pdf_page(papers.badges(event, guests), f"badges-{event.slug}")


@area.get("/sign-in.pdf", access=EVENT_STAFF_ONLY)
def sign_in(slug: str) -> ResponseReturnValue:
    event, lists = _lists(slug)
    if not lists:
        raise NotFound
    observe("sign-in sheets exported", "event", event.id)
    return pdf_page(papers.sign_in_sheets(event, lists), f"sign-in-{event.slug}")


def _lists(slug: str) -> tuple[Event, Sequence[HostList]]:
    """Those of all parts that take place, or of the one that the address names."""
    event = events.staffed_event(read(), slug=slug)
    planned = [part.id for part in event.parts if part.state is PartState.PLANNED]
    if "part" in request.args:
        named = request.args.get("part", type=int)
        planned = [part_id for part_id in planned if part_id == named]
    return event, host_lists(read(), event, part_ids=planned) if planned else ()
