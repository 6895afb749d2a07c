"""To be written."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC
from cop.web import Area

area = Area("forum", __name__)


@area.get("/forum/", access=PUBLIC)
def index() -> ResponseReturnValue:
    return redirect(url_for("pages.home"))
