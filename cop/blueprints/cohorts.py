"""To be written."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC
from cop.web import Area

area = Area("cohorts", __name__)


@area.get("/cohorts/", access=PUBLIC)
def index() -> ResponseReturnValue:
    return redirect(url_for("pages.home"))


@area.get("/cohorts/<slug>", access=PUBLIC)
def cohort(slug: str) -> ResponseReturnValue:
    return redirect(url_for("pages.home"))
