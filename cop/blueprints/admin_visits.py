"""Staff prepare a visit: who receives which slot, days without visitors, and what there is online instead."""

from functools import partial
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import EVENT_EDITORS, EVENT_EDITORS_ONLY, EVENT_STAFF_ONLY
from cop.core.errors import NotFound
from cop.forms.base import Confirm, Form
from cop.forms.events import AddBlackout, AskHost, ChooseOnline, StandDown
from cop.models.events import EventKind, EventState
from cop.queries import alternatives, rota, staff_events
from cop.queries import blackouts as off_days
from cop.services.events import blackouts, editing
from cop.services.events import rota as receiving
from cop.web import Area, attempt, form_page, read
from cop.web.templating import day, when

area = Area("admin_visits", __name__, url_prefix="/admin/events")


@area.form("/<slug>/rota", access=EVENT_STAFF_ONLY)
def hosts(slug: str) -> ResponseReturnValue:
    found = _visit(slug, to_edit=request.method == "POST")
    if request.method == "POST" and (found.event.state is EventState.CANCELLED or not found.coming(read().now)):
        flash(_("No slot is to come, so nobody can be asked."))
        return redirect(url_for(".hosts", slug=slug))
    form = _asking(found, AskHost())
    if form.validate_on_submit():
        done = attempt(form, partial(receiving.ask_host, event_id=found.event.id, **form.answers()))
        if done:
            flash(ngettext("Asked for %(num)s slot.", "Asked for %(num)s slots.", done.result))
            return redirect(url_for(".hosts", slug=slug))
    return _rota_page(slug, form)


@area.post("/<slug>/rota/stand-down", access=EVENT_EDITORS_ONLY)
def stand_down(slug: str) -> ResponseReturnValue:
    found = _visit(slug, to_edit=True)
    form = StandDown()
    command = partial(receiving.stand_down, event_id=found.event.id)
    if form.validate_on_submit() and attempt(form, partial(command, **form.answers())):
        flash(_("They are off this slot, and have been told if it is still to come."))
        return redirect(url_for(".hosts", slug=slug))
    return _rota_page(slug, form)


def _asking(found: staff_events.StaffEvent, form: AskHost) -> AskHost:
    form.offer(
        [(one.id, one.name) for one in rota.candidates(read(), found.event)],
        [(slot.part.id, when(slot.part)) for slot in found.coming(read().now)],
    )
    return form


def _rota_page(slug: str, form: Form) -> ResponseReturnValue:
    found = _visit(slug)
    may_edit = staff_events.may_edit(read().actor, found.event) and found.event.state is not EventState.CANCELLED
    asking = form if isinstance(form, AskHost) else _asking(found, AskHost(formdata=None))
    return form_page(
        "admin_visits/rota.html",
        form,
        found=found,
        asking=asking,
        coming=found.coming(read().now),
        receiving=rota.rota(read(), found.event),
        may_edit=may_edit,
    )


@area.form("/<slug>/blackouts", access=EVENT_EDITORS_ONLY)
def days_off(slug: str) -> ResponseReturnValue:
    found = _visit(slug, to_edit=True)
    form = AddBlackout()
    if form.validate_on_submit():
        done = attempt(form, partial(blackouts.add_blackout, event_id=found.event.id, **form.answers()))
        if done:
            flash(_("No slot can be planned on these days."))
            return redirect(url_for(".days_off", slug=slug))
    return _days_off_page(slug, form)


@area.post("/<slug>/blackouts/<int(max=9223372036854775807):blackout_id>/remove", access=EVENT_EDITORS_ONLY)
def remove_day_off(slug: str, blackout_id: int) -> ResponseReturnValue:
    found = _visit(slug, to_edit=True)
    form = Confirm()
    command = partial(blackouts.remove_blackout, event_id=found.event.id, blackout_id=blackout_id)
    if form.validate_on_submit() and attempt(form, command):
        flash(_("Slots can be planned on these days again."))
    return redirect(url_for(".days_off", slug=slug))


def _days_off_page(slug: str, form: Form) -> ResponseReturnValue:
    found = _visit(slug, to_edit=True)
    for_all = read().actor.may(*EVENT_EDITORS, programme_id=found.event.programme_id)
    if not for_all and "for_all" in form:
        del form.for_all
    listed = off_days.blackouts(read(), found.event)
    values: dict[str, Any] = {"listed": listed, "hit": off_days.slots_on(found.event, listed), "for_all": for_all}
    return form_page("admin_visits/blackouts.html", form, found=found, **values)


@area.form("/<slug>/online", access=EVENT_EDITORS_ONLY)
def online(slug: str) -> ResponseReturnValue:
    found = _visit(slug, to_edit=True)
    form = ChooseOnline(obj=found.event)
    offered = alternatives.online_choices(read(), found.event)
    form.offer([(one.id, _("%(title)s, %(day)s", title=one.title, day=day(one.starts_at))) for one in offered])
    command = partial(editing.choose_online, event_id=found.event.id)
    if form.validate_on_submit() and attempt(form, partial(command, **form.answers())):
        flash(_("It is saved, and the page of the visit shows it."))
        return redirect(url_for("admin_events.overview", slug=slug))
    if form.errors:
        found = _visit(slug, to_edit=True)
    return form_page("admin_visits/online.html", form, found=found, offered=offered)


def _visit(slug: str, *, to_edit: bool = False) -> staff_events.StaffEvent:
    found = staff_events.staff_event(read(), slug=slug, to_edit=to_edit)
    if found.event.kind is not EventKind.VISIT:
        raise NotFound
    return found
