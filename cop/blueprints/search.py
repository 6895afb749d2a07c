"""One search over what is public and what the reader may see of forum, toolkit, stories and people."""

from types import SimpleNamespace
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC
from cop.queries.forum import page_of
from cop.queries.search_page import Hit, Kind, found, kinds
from cop.web import Area, Pager, page_number, read
from cop.web.templating import event_address

area = Area("search", __name__)


@area.get("/search", access=PUBLIC)
def index() -> ResponseReturnValue:
    words = request.args.get("q", "").strip()
    kind, page = request.args.get("kind", type=Kind), page_number()
    result = found(read(), words, kind=kind, page=page) if words else None
    has_next = kind is not None and result is not None and any(section.has_more for section in result.sections)
    return render_template(
        "search/index.html",
        words=words,
        kind=kind,
        kinds=kinds(read()),
        found=result,
        pager=Pager((), page if kind else 1, has_next),
        address=_address,
    )


PAGES = {
    Kind.SERIES: "pages.series",
    Kind.TOOLKIT: "toolkit.resource",
    Kind.RECORDINGS: "webinars.link",
    Kind.TOPICS: "forum.topic",
    Kind.STORIES: "stories.story",
    Kind.PEOPLE: "members.member",
}


def _address(kind: Kind, hit: Hit) -> str:
    """Where a find is read."""
    if kind is Kind.EVENTS:
        return event_address(SimpleNamespace(**hit.names))
    if kind is Kind.POSTS:
        return _address_of_post(**hit.names)
    return url_for(PAGES[kind], **hit.names)


def _address_of_post(*, number: int, **topic: Any) -> str:
    page = page_of(number)
    return url_for("forum.topic", **topic, page=page if page > 1 else None, _anchor=f"post-{number}")
