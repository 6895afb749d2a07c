"""The door: search for somebody, press once, next."""

from functools import partial
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import EVENT_STAFF_ONLY
from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.forms.directory import Search
from cop.forms.visits import MarkAttendance
from cop.models.events import Attendance, Event, MarkSource
from cop.queries import check_in as queries
from cop.queries import events, walk_ins
from cop.services.events import attendance
from cop.web import Area, attempt, form_page, paged, read

SHOWN = 50

area = Area("check_in", __name__)


@area.form("/events/<slug>/check-in", access=EVENT_STAFF_ONLY)
def door(slug: str) -> ResponseReturnValue:
    event = events.staffed_event(read(), slug=slug)
    words = str(Search(request.args).asked().get("q", ""))
    form = MarkAttendance()
    if form.validate_on_submit():
        if form.part.data not in {part.id for part in event.parts}:
            raise NotFound
        command = partial(attendance.mark, part_id=form.part.data, seat_id=form.seat.data, source=MarkSource.CHECK_IN)
        status = Attendance(form.status.data) if form.status.data else None
        if attempt(form, partial(command, status=status, seen=form.seen.data)):
            anchor = f"seat-{form.seat.data}"
            return redirect(url_for(".door", slug=slug, part=form.part.data, q=words or None, _anchor=anchor))
        event = events.staffed_event(read(), slug=slug)
    return _page(event, form, words)


def _page(event: Event, form: MarkAttendance, words: str) -> ResponseReturnValue:
    asked = form.part.data or request.args.get("part", type=int)
    part = queries.current_part(event, read().now, asked)
    values: dict[str, Any] = {}
    if part is not None:
        values["pager"] = paged(queries.arrivals(read(), part, words=words, limit=SHOWN), SHOWN)
        values["tally"] = queries.tally(read(), part)
        values["walk_ins"] = walk_ins.walk_ins(read(), event).get(part.id, ())
        values["people_in"] = walk_ins.people_in
        values["too_early"] = day_of(read().now) < day_of(part.starts_at)
    return form_page("check_in/door.html", form, event=event, part=part, words=words, **values)
