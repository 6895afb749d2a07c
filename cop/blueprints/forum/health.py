"""How the community does, for those who look after it."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from cop.blueprints.forum.shared import area
from cop.core.access import SURVEY_READERS_ONLY
from cop.queries.forum.health import health as figures
from cop.web import read


@area.get("/forum/health", access=SURVEY_READERS_ONLY)
def health() -> ResponseReturnValue:
    return render_template("forum/health.html", found=figures(read(), slug=request.args.get("programme")))
