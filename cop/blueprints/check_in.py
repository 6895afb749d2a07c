"""The door: search for somebody, press once, next."""

from functools import partial
from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from cop.core import secrecy
from cop.core.access import EVENT_STAFF_ONLY, PUBLIC
from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.forms import check_in as forms
from cop.forms.directory import Search
from cop.forms.visits import MarkAttendance
from cop.models.events import Attendance, Event, MarkSource
from cop.queries import check_in as queries
from cop.queries import events, walk_ins
from cop.services.events import attendance, late_presses
from cop.web import Area, attempt, form_page, paged, read, run
from cop.web.templating import STATIC

SHOWN = 50

WRONG = 422

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
            kept: dict[str, Any] = {"q": words or None, "booking": request.args.get("booking"), "_anchor": anchor}
            return redirect(url_for(".door", slug=slug, part=form.part.data, **kept))
        event = events.staffed_event(read(), slug=slug)
    return _page(event, form, words)


def _page(event: Event, form: MarkAttendance, words: str) -> ResponseReturnValue:
    asked = form.part.data or request.args.get("part", type=int)
    public_id = request.args.get("booking")
    shown = queries.shown_booking(read(), event, public_id=public_id) if public_id else None
    part = queries.current_part(event, read().now, asked, among=shown.part_ids if shown else ())
    values: dict[str, Any] = {}
    if part is not None:
        values["pager"] = paged(queries.arrivals(read(), part, words=words, booking=public_id, limit=SHOWN), SHOWN)
        values["tally"] = queries.tally(read(), part)
        values["walk_ins"] = walk_ins.walk_ins(read(), event).get(part.id, ())
        values["people_in"] = walk_ins.people_in
        values["too_early"] = day_of(read().now) < day_of(part.starts_at)
    return form_page("check_in/door.html", form, event=event, part=part, words=words, shown=shown, **values)


@area.get("/bookings/<public_id>/door", access=PUBLIC)
def show(public_id: str) -> ResponseReturnValue:
    """Behind the code on a booking: the door for those who stand there, and the same page for everybody else."""
    slug = queries.slug_for_host(read(), public_id=public_id)
    if slug is not None:
        return redirect(url_for(".door", slug=slug, booking=public_id))
    return render_template("check_in/show.html", public_id=public_id)


@area.get("/events/<slug>/check-in/offline", access=EVENT_STAFF_ONLY)
def offline(slug: str) -> ResponseReturnValue:
    """The door without a connection. The page names nobody, because telephones keep it."""
    event = events.staffed_event(read(), slug=slug)
    return render_template("check_in/offline.html", event=event)


@area.get("/events/<slug>/check-in/offline.json", access=EVENT_STAFF_ONLY)
def offline_list(slug: str) -> ResponseReturnValue:
    """What a telephone needs of today: names and who is here; and the token with which it may send."""
    event = events.staffed_event(read(), slug=slug)
    today = queries.today(read(), event)
    return jsonify(
        by=secrecy.digest("door", read().actor.person_id),
        token=generate_csrf(),
        keep=today.seconds_left,
        parts=[
            {
                "id": part.id,
                "title": part.title,
                "guests": [
                    {
                        "seat": guest.seat_id,
                        "name": guest.name,
                        "booker": guest.booker,
                        "organisation": guest.organisation,
                        "here": guest.is_here,
                    }
                    for guest in guests
                ],
            }
            for part, guests in today.parts
        ],
    )


@area.post("/events/<slug>/check-in/presses", access=EVENT_STAFF_ONLY)
def presses(slug: str) -> ResponseReturnValue:
    event = events.staffed_event(read(), slug=slug)
    try:
        sent = [late_presses.Press(**each) for each in forms.presses(request.get_json(silent=True))]
    except (ValueError, RecursionError):  # the latter over lists within lists without end
        return jsonify(error="not a list of presses"), WRONG
    taken = run(partial(late_presses.take_presses, event_id=event.id, presses=sent))
    return jsonify(outcomes={str(press_id): outcome for press_id, outcome in taken.items()})


@area.get("/door-worker.js", access=PUBLIC)
def worker() -> ResponseReturnValue:
    """The script that stands in for the service at one door; a browser asks for it without being signed in."""
    response = Response((STATIC / "door_worker.js").read_bytes(), mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = "/events/"
    response.cache_control.no_cache = True
    response.add_etag()
    return response.make_conditional(request)
