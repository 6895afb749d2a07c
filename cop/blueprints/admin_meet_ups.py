"""Staff plan meet-ups of alumni: a page of tasks, dates that come again, and one small page for each date."""

from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import EVENT_EDITORS, EVENT_EDITORS_ONLY, EVENT_STAFF_ONLY
from cop.core.errors import NotFound
from cop.forms.base import Confirm, Form
from cop.forms.meet_ups import EditDate, EditJoining, NewMeetUp, PlanDates
from cop.mail.rehearsing import Rehearsal, once_sure
from cop.models.events import EventKind, EventState
from cop.queries import events, programmes, staff_events
from cop.queries.staff_events import StaffEvent
from cop.services.events.editing import meet_ups as editing
from cop.services.events.editing import remove_slot
from cop.web import Area, attempt, form_page, ports, read, sure_page

area = Area("admin_meet_ups", __name__, url_prefix="/admin/meet-ups")


@area.form("/new", access=EVENT_EDITORS_ONLY)
def new() -> ResponseReturnValue:
    own = programmes.granted(read(), *EVENT_EDITORS)
    if not own:
        raise NotFound
    form = NewMeetUp([(programme.id, programme.name) for programme in own])
    if form.validate_on_submit():
        done = attempt(form, partial(editing.create_meet_up, **form.answers()))
        if done:
            flash(_("The meet-up is a draft now. Only staff see it until you publish it."))
            return redirect(url_for(".overview", slug=done.result.slug))
    return form_page("admin_meet_ups/new.html", form)


@area.get("/<slug>", access=EVENT_STAFF_ONLY)
def overview(slug: str) -> ResponseReturnValue:
    found = _found(slug)
    coming = found.coming(read().now)
    return render_template(
        "admin_meet_ups/overview.html",
        found=found,
        coming=coming,
        without_address=sum(slot.part.join_url is None for slot in coming),
        missing=staff_events.missing_to_publish(found.event, has_coming_slot=bool(coming)),
        may_edit=staff_events.may_edit(read().actor, found.event),
    )


@area.get("/<slug>/dates", access=EVENT_STAFF_ONLY)
def dates(slug: str) -> ResponseReturnValue:
    found = _found(slug)
    may_edit = staff_events.may_edit(read().actor, found.event) and found.event.state is not EventState.CANCELLED
    return render_template("admin_meet_ups/dates.html", found=found, may_edit=may_edit)


@area.form("/<slug>/dates/new", access=EVENT_EDITORS_ONLY)
def plan(slug: str) -> ResponseReturnValue:
    """The form, then the days that it means, then those planned."""
    found = _found(slug, to_edit=True)
    form = PlanDates(data={"rhythm": "months", "times": 6})
    command = partial(editing.add_dates, event_id=found.event.id, zone=_zone())
    if form.validate_on_submit() and form.sure.data != "back":
        done = attempt(form, partial(command, **form.answers()))
        if done and form.sure.data == "yes":
            added = len(done.result.days)
            flash(ngettext("%(num)s date is planned.", "%(num)s dates are planned.", added))
            return redirect(url_for(".dates", slug=slug))
        if done:
            carried = [item for item in request.form.items(multi=True) if item[0] not in {"csrf_token", "sure"}]
            return render_template(
                "admin_meet_ups/planned.html", found=_found(slug), form=form, planned=done.result, carried=carried
            )
    form.sure.data = ""
    return _page("admin_meet_ups/plan.html", form, found)


@area.form("/<slug>/dates/<int:part_id>", access=EVENT_EDITORS_ONLY)
def edit_date(slug: str, part_id: int) -> ResponseReturnValue:
    found = _found(slug, to_edit=True)
    part = found.slot(part_id).part
    form = EditDate.of(part, _zone())
    command = partial(editing.edit_date, part_id=part_id, zone=_zone())
    if form.validate_on_submit() and form.sure.data != "back":
        outcome = once_sure(form, partial(command, **form.answers()))
        if isinstance(outcome, Rehearsal):
            words = {
                "heading": _("Move this date?"),
                "yes": _("Yes, move it and tell them"),
                "no": _("No, change it"),
            }
            shown = _found(slug)
            where = {"back_to": request.path, "back_name": _("Dates")}
            return sure_page(form, outcome, event=shown.event, part=shown.slot(part_id).part, **words, **where)
        if outcome:
            flash(_("The date is moved, and people are told.") if form.sure.data else _("The date is saved."))
            return redirect(url_for(".dates", slug=slug))
    form.ask_again()
    return _page("admin_meet_ups/edit_date.html", form, found, part_id)


@area.form("/<slug>/dates/<int:part_id>/remove", access=EVENT_EDITORS_ONLY)
def remove_date(slug: str, part_id: int) -> ResponseReturnValue:
    found = _found(slug, to_edit=True)
    found.slot(part_id)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(remove_slot, part_id=part_id)):
        flash(_("The date is removed."))
        return redirect(url_for(".dates", slug=slug))
    return _page("admin_meet_ups/remove_date.html", form, found, part_id)


@area.form("/<slug>/joining", access=EVENT_EDITORS_ONLY)
def join_all(slug: str) -> ResponseReturnValue:
    found = _found(slug, to_edit=True)
    coming = found.coming(read().now)
    next_part = coming[0].part if coming else None
    form = EditJoining.of(found.event, next_part, events.revision(found.event))
    if form.validate_on_submit():
        if attempt(form, partial(editing.set_joining, event_id=found.event.id, **form.answers())):
            flash(_("The joining address is saved for all dates to come."))
            return redirect(url_for(".overview", slug=slug))
        form.seen.raw_data = None
        form.seen.data = events.revision(_found(slug).event)
    return _page("admin_meet_ups/joining.html", form, found)


def _found(slug: str, *, to_edit: bool = False) -> StaffEvent:
    """The meet-up for its staff; with ``to_edit`` only for those who may alter it."""
    found = staff_events.staff_event(read(), slug=slug, to_edit=to_edit)
    if found.event.kind is not EventKind.MEET_UP:
        raise NotFound
    return found


def _page(template: str, form: Form, found: StaffEvent, part_id: int | None = None) -> ResponseReturnValue:
    """The form; after a refusal with the meet-up as it stands now."""
    shown: Any = _found(found.event.slug) if form.errors else found
    slot = shown.slot(part_id) if part_id is not None else None
    return form_page(template, form, found=shown, slot=slot)


def _zone() -> ZoneInfo:
    return ports().settings.timezone
