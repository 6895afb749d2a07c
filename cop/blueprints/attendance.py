"""The host's list on the day: who came, marked with one press each."""

from collections.abc import Sequence
from functools import partial

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from cop.core.access import EVENT_STAFF_ONLY
from cop.core.errors import NotFound
from cop.forms.visits import MarkAttendance, MarkEveryone
from cop.models.events import Attendance, Event
from cop.queries import attendance as queries
from cop.queries import events
from cop.queries import walk_ins as came
from cop.services.events import attendance
from cop.services.events.booking import BOOKED_FREELY
from cop.web import Area, attempt, form_page, read

area = Area("attendance", __name__)


@area.form("/events/<slug>/attendance", access=EVENT_STAFF_ONLY)
def sheet(slug: str) -> ResponseReturnValue:
    event = events.staffed_event(read(), slug=slug)
    form = MarkAttendance()
    if form.validate_on_submit():
        _refuse_stranger(event, form)
        done = attempt(
            form,
            partial(
                attendance.mark,
                part_id=form.part.data,
                seat_id=form.seat.data,
                status=Attendance(form.status.data) if form.status.data else None,
                seen=form.seen.data,
            ),
        )
        if done:
            return redirect(url_for(".sheet", slug=slug, slot=form.part.data, _anchor=f"seat-{form.seat.data}"))
    return _sheet(event, form)


@area.post("/events/<slug>/attendance/all", access=EVENT_STAFF_ONLY)
def everyone(slug: str) -> ResponseReturnValue:
    event = events.staffed_event(read(), slug=slug)
    form = MarkEveryone()
    if form.validate_on_submit():
        _refuse_stranger(event, form)
        done = attempt(form, partial(attendance.mark_rest_attended, event_id=event.id, part_id=form.part.data))
        if done:
            flash(
                ngettext(
                    "%(num)s person is marked as there. Correct whoever was not.",
                    "%(num)s people are marked as there. Correct whoever was not.",
                    done.result,
                )
            )
            return redirect(url_for(".sheet", slug=slug, slot=form.part.data))
    return _sheet(event, form)


def _refuse_stranger(event: Event, form: MarkEveryone) -> None:
    """A time of another event has no place under this address, whoever runs that event."""
    if form.part.data not in {part.id for part in event.parts}:
        raise NotFound


def _sheet(event: Event, form: MarkEveryone) -> ResponseReturnValue:
    lists = queries.host_lists(read(), event)
    shown = _chosen(lists, form.part.data or request.args.get("slot", type=int))
    return form_page(
        "attendance/sheet.html",
        form,
        event=event,
        lists=lists,
        shown=shown,
        walk_ins=came.walk_ins(read(), event),
        people_in=came.people_in,
        statuses=list(Attendance),
        books_freely=event.kind in BOOKED_FREELY,
    )


def _chosen(lists: Sequence[queries.HostList], part_id: int | None) -> queries.HostList | None:
    """The part asked for, else the one that runs now or comes next, else the last."""
    now = read().now
    for item in lists:
        if item.part.id == part_id:
            return item
    return next((item for item in lists if item.part.ends_at > now), lists[-1] if lists else None)
