"""To be written."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC
from cop.web import Area

area = Area("summits", __name__)


@area.get("/summits/", access=PUBLIC)
def index() -> ResponseReturnValue:
    return redirect(url_for("pages.home"))


@area.get("/summits/<slug>", access=PUBLIC)
def summit(slug: str) -> ResponseReturnValue:
    return redirect(url_for("pages.home"))
