"""The home page, the pages that the law asks for, and static files."""

from flask import render_template, request, send_from_directory
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC
from cop.web import Area
from cop.web.templating import STATIC

HOUR, YEAR = 3_600, 31_536_000

area = Area("pages", __name__)


@area.get("/static/<path:filename>", access=PUBLIC)
def static(filename: str) -> ResponseReturnValue:
    return send_from_directory(STATIC, filename, max_age=YEAR if "v" in request.args else HOUR)
