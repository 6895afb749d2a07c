"""What people asked in advance, for those who run the event."""

from functools import partial

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import EVENT_STAFF_ONLY
from cop.core.errors import NotFound
from cop.forms.base import Confirm
from cop.queries import questions as queries
from cop.queries import staff_events
from cop.services import questions as services
from cop.web import Area, attempt, page_number, paged, read

PAGE = 50

area = Area("admin_questions", __name__, url_prefix="/admin/events")


@area.get("/<slug>/questions", access=EVENT_STAFF_ONLY)
def index(slug: str) -> ResponseReturnValue:
    found = staff_events.staff_event(read(), slug=slug)
    listed = queries.of_event(read(), found.event.id, offset=(page_number() - 1) * PAGE, limit=PAGE)
    count = queries.count_of(read(), found.event.id)
    return render_template("admin_questions/index.html", found=found, pager=paged(listed, PAGE), count=count)


@area.post("/<slug>/questions/<int:question_id>", access=EVENT_STAFF_ONLY)
def take(slug: str, question_id: int) -> ResponseReturnValue:
    found = staff_events.staff_event(read(), slug=slug)
    form = Confirm()
    taken = request.form.get("taken") == "yes"
    command = partial(services.take, event_id=found.event.id, question_id=question_id, taken=taken)
    if not (form.validate_on_submit() and attempt(form, command)):
        raise NotFound
    return redirect(url_for(".index", slug=slug))
