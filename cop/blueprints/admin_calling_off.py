"""Staff call off an event of any kind, or a part of one: first why and what there is instead, then who is told what."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import EVENT_EDITORS_ONLY
from cop.forms.events import CallOff, CallOffEvent, CallOffPart
from cop.mail.rehearsing import Rehearsal, once_sure
from cop.models.events import Choice, EventKind
from cop.queries import alternatives, events, staff_events
from cop.queries.staff_events import StaffEvent
from cop.services.calling_off import WHOLE, cancel_part
from cop.services.events.editing import cancel_event
from cop.web import STAFF_PAGES, Area, form_page, read, sure_page
from cop.web.templating import day as in_words
from cop.web.templating import kind_name

PARTS: Mapping[EventKind, str] = {
    EventKind.VISIT: "admin_events.slots",
    EventKind.SUMMIT: "admin_summits.agenda",
    EventKind.COHORT: "admin_cohorts.half_days",
    EventKind.MEET_UP: "admin_meet_ups.dates",
}
"""Where the parts of an event are listed, by its slug."""

area = Area("admin_calling_off", __name__, url_prefix="/admin/events")


@area.form("/<slug>/cancel", access=EVENT_EDITORS_ONLY)
def event(slug: str) -> ResponseReturnValue:
    found = _to_edit(slug)
    form = CallOffEvent()
    form.offer(
        (one.id, f"{kind_name(one.kind)}: {one.title}, {in_words(one.starts_at)}")
        for one in alternatives.instead_choices(read(), found.event)
    )
    if form.validate_on_submit() and form.sure.data != "back":
        outcome = once_sure(form, partial(cancel_event, event_id=found.event.id, **form.answers()), asks_always=True)
        if isinstance(outcome, Rehearsal):
            return _sure_page(form, outcome, found, _("Cancel the whole event?"))
        if outcome:
            flash(_called_off(outcome.result))
            return redirect(url_for(STAFF_PAGES[found.event.kind], slug=slug))
    return _form("event", form, slug)


@area.form("/<slug>/parts/<int:part_id>/cancel", access=EVENT_EDITORS_ONLY)
def part(slug: str, part_id: int) -> ResponseReturnValue:
    """Of an event with a single part the whole is called off."""
    found = _to_edit(slug)
    slot = found.slot(part_id)
    if found.event.kind in WHOLE:
        return redirect(url_for(".event", slug=slug))
    form: CallOff = CallOffPart(data={"offer_others": True}) if found.event.choice is Choice.ONE else CallOff()
    if form.validate_on_submit() and form.sure.data != "back":
        outcome = once_sure(form, partial(cancel_part, part_id=part_id, **form.answers()), asks_always=True)
        if isinstance(outcome, Rehearsal):
            return _sure_page(form, outcome, found, _("Cancel this part?"), part=slot.part)
        if outcome:
            flash(_called_off(outcome.result))
            return redirect(url_for(PARTS[found.event.kind], slug=slug))
    others = alternatives.other_times(read(), events.event_page(read(), slug=slug), but=slot.part)
    return _form("part", form, slug, slot=slot, others=others, up=url_for(PARTS[found.event.kind], slug=slug))


def _to_edit(slug: str) -> StaffEvent:
    return staff_events.staff_event(read(), slug=slug, to_edit=True)


def _form(template: str, form: CallOff, slug: str, **values: Any) -> ResponseReturnValue:
    """The event anew: a refused command has unloaded what the page shows."""
    form.ask_again()
    return form_page(f"admin_calling_off/{template}.html", form, found=_to_edit(slug), **values)


def _sure_page(
    form: CallOff, rehearsal: Rehearsal[int], found: StaffEvent, heading: str, **values: Any
) -> ResponseReturnValue:
    words = {"heading": heading, "yes": _yes(rehearsal), "no": _("No, go back")}
    where = {"back_to": request.path, "back_name": _("Why, and what there is instead")}
    return sure_page(form, rehearsal, event=found.event, ends=True, **words, **where, **values)


def _yes(rehearsal: Rehearsal[int]) -> str:
    return str(_("Yes, cancel it and tell them") if rehearsal.letters else _("Yes, cancel it"))


def _called_off(bookings: int) -> str:
    if not bookings:
        return str(_("It is cancelled. Nobody had booked."))
    told = ngettext(
        "It is cancelled. It was in %(num)s booking. The person who booked is told.",
        "It is cancelled. It was in %(num)s bookings. Everybody who booked is told.",
        bookings,
    )
    return str(told)
