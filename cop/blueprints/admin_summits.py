"""To be written."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import EVENT_EDITORS_ONLY
from cop.web import Area

area = Area("admin_summits", __name__, url_prefix="/admin/summits")


@area.get("/new", access=EVENT_EDITORS_ONLY)
def new() -> ResponseReturnValue:
    return redirect(url_for("admin_events.index"))


@area.get("/<slug>", access=EVENT_EDITORS_ONLY)
def overview(slug: str) -> ResponseReturnValue:
    return redirect(url_for("admin_events.index"))
