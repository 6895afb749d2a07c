"""Form pages, paged lists, and which page shows an event of which kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from cop.models.events import EventKind
from cop.web.database import ports

T = TypeVar("T")

EVENT_PAGES = {
    EventKind.VISIT: "visits.visit",
    EventKind.WEBINAR: "webinars.webinar",
    EventKind.SUMMIT: "summits.summit",
    EventKind.COHORT: "cohorts.cohort",
    EventKind.MEET_UP: "meet_ups.meet_up",
}
"""The page of one event, by its slug."""

STAFF_PAGES = {
    EventKind.VISIT: "admin_events.overview",
    EventKind.WEBINAR: "admin_webinars.overview",
    EventKind.SUMMIT: "admin_summits.overview",
    EventKind.COHORT: "admin_cohorts.overview",
    EventKind.MEET_UP: "admin_meet_ups.overview",
}
"""The page of tasks on which staff prepare one event, by its slug."""


def address(endpoint: str, **values: Any) -> str:
    """The full address of a page, outside any request: for mail and for papers."""
    path = current_app.url_map.bind("").build(endpoint, values)
    return f"{ports().settings.base_url}{path}"


DIGITS = 6
"""Of the number of the last page that anybody can ask for."""


def form_page(template: str, form: FlaskForm, **values: Any) -> ResponseReturnValue:
    """Render a form: 422 when it or a rule was refused, else 200."""
    return render_template(template, form=form, **values), 422 if form.errors else 200


def shown_or_refused(page: str) -> ResponseReturnValue:
    """A page that says why there is no form: fine to look at, and a refusal for whoever pressed a button."""
    return page, 422 if request.method == "POST" else 200


def sure_page(form: FlaskForm, rehearsal: Any, **values: Any) -> ResponseReturnValue:
    """Who would be told what, before a form does it: what was sent comes along, to be sent again.

    ``values`` are ``event``, ``heading``, ``yes``, ``no``, ``back_to``, ``back_name``, ``ends`` where it cannot be
    undone, and ``part`` where it is about one.
    """
    ours = {"csrf_token", "sure", "told"}
    carried = [(name, value) for name, value in request.form.items(multi=True) if name not in ours]
    shown = {"ends": False, "part": None, **values}
    return form_page("components/sure.html", form, rehearsal=rehearsal, carried=carried, **shown)


@dataclass(frozen=True)
class Pager(Generic[T]):
    """One page of a list, and whether there are neighbours."""

    items: Sequence[T]
    number: int
    has_next: bool


def page_number() -> int:
    """The page asked for in the address, from 1; nonsense is page 1."""
    text = request.args.get("page", "1")
    is_number = text.isascii() and text.isdigit() and len(text) <= DIGITS
    return max(int(text), 1) if is_number else 1


LARGEST_ID = 2**63 - 1
"""The largest id that the database knows: greater numbers are no addresses."""


def before_id() -> int | None:
    """The id below which a list continues, as the address says; nonsense starts it from the top."""
    before = request.args.get("before", type=int)
    return before if before is not None and 0 < before <= LARGEST_ID else None


LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups"
)
"""A mail is drawn in a frame of its own, where nothing runs and only its own inline styles count."""


def letter_page(html: str) -> Response:
    """A mail as a mail program draws it, for a frame in a page of ours."""
    headers = {"Content-Security-Policy": LETTER_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return Response(html, content_type="text/html; charset=utf-8", headers=headers)


def pdf_page(body: bytes, name: str) -> Response:
    """A paper that was made for this visitor, to keep or to print."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(body, content_type="application/pdf", headers=headers)


def paged(items: Sequence[T], size: int) -> Pager[T]:
    """A page from ``size + 1`` items: the extra one tells that there is a next page."""
    return Pager(items[:size], page_number(), len(items) > size)
