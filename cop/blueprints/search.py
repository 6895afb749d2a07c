"""One search over what is public and what the reader may see of the forum."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC
from cop.queries.forum import page_of
from cop.queries.search_page import found
from cop.web import Area, read

area = Area("search", __name__)


@area.get("/search", access=PUBLIC)
def index() -> ResponseReturnValue:
    words = request.args.get("q", "").strip()
    return render_template(
        "search/index.html", words=words, found=found(read(), words) if words else None, page_of=page_of
    )
