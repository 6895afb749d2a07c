"""To be written."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC
from cop.web import Area

area = Area("webinars", __name__)


@area.get("/webinars/", access=PUBLIC)
def index() -> ResponseReturnValue:
    return redirect(url_for("pages.home"))


@area.get("/webinars/<slug>", access=PUBLIC)
def webinar(slug: str) -> ResponseReturnValue:
    return redirect(url_for("pages.home"))
