"""Staff make and alter events: a list, a page of tasks for each event, and one small page for each task."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import EVENT_EDITORS, EVENT_EDITORS_ONLY, EVENT_STAFF_ONLY
from cop.core.errors import NotFound
from cop.forms.base import Confirm, Form
from cop.forms.events import (
    AddSlots,
    EditDetails,
    EditPracticalities,
    EditRules,
    EditSlot,
    LimitDay,
    NewVisit,
)
from cop.mail.rehearsing import Rehearsal, once_sure
from cop.models.events import Event, EventKind, EventState, Part
from cop.queries import blackouts, programmes, rota
from cop.queries import staff_events as queries
from cop.services.events import editing
from cop.web import STAFF_PAGES, Area, attempt, form_page, page_number, paged, ports, read, sure_page

PAGE = 25

Word = TypeVar("Word", bound=StrEnum)

area = Area("admin_events", __name__, url_prefix="/admin/events")


@area.get("/", access=EVENT_STAFF_ONLY)
def index() -> ResponseReturnValue:
    when, state = _asked(queries.When, "when") or queries.When.UPCOMING, _asked(EventState, "state")
    kind = _asked(EventKind, "kind")
    found = queries.listed(read(), when=when, state=state, kind=kind, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template(
        "admin_events/index.html",
        pager=paged(found, PAGE),
        when=when,
        state=state,
        states=list(EventState),
        kind=kind,
        kinds=list(STAFF_PAGES),
        may_add=bool(programmes.granted(read(), *EVENT_EDITORS)),
    )


def _asked(words: type[Word], name: str) -> Word | None:
    """The word in the address, if it is one of ``words``."""
    return next((word for word in words if word == request.args.get(name)), None)


@area.get("/new", access=EVENT_EDITORS_ONLY)
def new() -> ResponseReturnValue:
    if not programmes.granted(read(), *EVENT_EDITORS):
        raise NotFound
    return render_template("admin_events/kinds.html")


@area.form("/new/visit", access=EVENT_EDITORS_ONLY)
def new_visit() -> ResponseReturnValue:
    own = programmes.granted(read(), *EVENT_EDITORS)
    if not own:
        raise NotFound
    form = NewVisit([(programme.id, programme.name) for programme in own])
    if form.validate_on_submit():
        done = attempt(form, partial(editing.create_visit, **form.answers()))
        if done:
            flash(_("The visit is a draft now. Only staff see it until you publish it."))
            return redirect(url_for(".overview", slug=done.result.slug))
    return form_page("admin_events/new.html", form)


@area.get("/<slug>", access=EVENT_STAFF_ONLY)
def overview(slug: str) -> ResponseReturnValue:
    found = queries.staff_event(read(), slug=slug)
    if found.event.kind is not EventKind.VISIT:
        return redirect(staff_page(found.event))
    coming = found.coming(read().now)
    return render_template(
        "admin_events/overview.html",
        found=found,
        coming=coming,
        missing=queries.missing_to_publish(found.event, has_coming_slot=bool(coming)),
        may_edit=queries.may_edit(read().actor, found.event),
        off_days=blackouts.blackouts(read(), found.event),
        unhosted=_unhosted(found, coming),
    )


def _unhosted(found: queries.StaffEvent, coming: Sequence[queries.Slot]) -> int:
    """How many slots to come nobody has agreed to receive."""
    receiving = rota.rota(read(), found.event)
    return sum(not rota.has_host(receiving.get(slot.part.id, ())) for slot in coming)


@area.form("/<slug>/details", access=EVENT_EDITORS_ONLY)
def details(slug: str) -> ResponseReturnValue:
    found = _to_edit(slug)
    series = programmes.series_of(read(), [found.event.programme_id])
    form = EditDetails.of(found.event, [(item.id, item.name) for item in series])
    command = partial(editing.edit_details, event_id=found.event.id)
    if form.validate_on_submit() and attempt(form, partial(command, **form.answers())):
        flash(_("The details are saved."))
        return redirect(staff_page(found.event))
    return _page("admin_events/details.html", form, found)


@area.form("/<slug>/practicalities", access=EVENT_EDITORS_ONLY)
def practicalities(slug: str) -> ResponseReturnValue:
    found = _to_edit(slug)
    form = EditPracticalities.of(found.event)
    command = partial(editing.edit_practicalities, event_id=found.event.id)
    if form.validate_on_submit() and form.sure.data != "back":
        outcome = once_sure(form, partial(command, **form.answers()))
        if isinstance(outcome, Rehearsal):
            return _move_page(form, outcome, found, _("Move to another place?"), _("Practicalities"))
        if outcome:
            flash(_("The practicalities are saved."))
            return redirect(staff_page(found.event))
    form.ask_again()
    return _page("admin_events/practicalities.html", form, found)


@area.form("/<slug>/rules", access=EVENT_EDITORS_ONLY)
def rules(slug: str) -> ResponseReturnValue:
    found = _to_edit(slug)
    form = EditRules.of(found.event, _zone())
    command = partial(editing.edit_booking_rules, event_id=found.event.id)
    if form.validate_on_submit() and attempt(form, partial(command, **form.answers_in(_zone()))):
        flash(_("The rules for booking are saved."))
        return redirect(staff_page(found.event))
    return _page("admin_events/rules.html", form, found)


@area.get("/<slug>/slots", access=EVENT_STAFF_ONLY)
def slots(slug: str) -> ResponseReturnValue:
    found = queries.staff_event(read(), slug=slug)
    may_edit = queries.may_edit(read().actor, found.event) and found.event.state is not EventState.CANCELLED
    off_days = blackouts.blackouts(read(), found.event)
    return render_template(
        "admin_events/slots.html",
        found=found,
        days=found.days(_zone()),
        may_edit=may_edit,
        receiving=rota.rota(read(), found.event),
        off_days=off_days,
        hit=[part.id for part in blackouts.slots_on(found.event, off_days)],
    )


@area.form("/<slug>/slots/new", access=EVENT_EDITORS_ONLY)
def add_slots(slug: str) -> ResponseReturnValue:
    found = _to_edit(slug)
    form = AddSlots(data={"on_date": _day(asked)} if (asked := request.args.get("day")) else {})
    command = partial(editing.add_slots, event_id=found.event.id, zone=_zone())
    if form.validate_on_submit():
        done = attempt(form, partial(command, **form.answers()))
        if done:
            added = len(done.result)
            flash(ngettext("%(num)s slot is added.", "%(num)s slots are added.", added))
            return redirect(url_for(".slots", slug=slug))
    return _page("admin_events/add_slots.html", form, found, off_days=blackouts.blackouts(read(), found.event))


@area.form("/<slug>/slots/<int:part_id>", access=EVENT_EDITORS_ONLY)
def edit_slot(slug: str, part_id: int) -> ResponseReturnValue:
    found = _to_edit(slug)
    form = EditSlot(data=_as_asked(found.slot(part_id).part))
    command = partial(editing.edit_slot, part_id=part_id, zone=_zone())
    if form.validate_on_submit() and form.sure.data != "back":
        outcome = once_sure(form, partial(command, **form.answers()))
        if isinstance(outcome, Rehearsal):
            return _move_page(form, outcome, found, _("Move this slot?"), _("Slots"), part_id)
        if outcome:
            flash(_("The slot is moved, and people are told.") if form.sure.data else _("The slot is saved."))
            return redirect(url_for(".slots", slug=slug))
    form.ask_again()
    return _page("admin_events/edit_slot.html", form, found, part_id)


def _move_page(
    form: Form, rehearsal: Rehearsal[Any], found: queries.StaffEvent, heading: str, up: str, part_id: int | None = None
) -> ResponseReturnValue:
    part = found.slot(part_id).part if part_id is not None else None
    words = {"heading": heading, "yes": _("Yes, move it and tell them"), "no": _("No, change it")}
    where = {"back_to": request.path, "back_name": up}
    return sure_page(form, rehearsal, event=found.event, part=part, **words, **where)


def _as_asked(part: Part) -> dict[str, Any]:
    """The slot as its form asks for it: in local time, and without a title that only says the time."""
    starts, ends = (at.astimezone(_zone()) for at in (part.starts_at, part.ends_at))
    named = part.title != editing.title_by_time(part.starts_at, _zone())
    return {
        "on_date": starts.date(),
        "start": starts.time(),
        "end": ends.time(),
        "title": part.title if named else "",
        "place": part.place,
        "capacity": part.capacity,
        "seen": part.sequence,
    }


@area.form("/<slug>/slots/<int:part_id>/remove", access=EVENT_EDITORS_ONLY)
def remove_slot(slug: str, part_id: int) -> ResponseReturnValue:
    found = _to_edit(slug)
    found.slot(part_id)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(editing.remove_slot, part_id=part_id)):
        flash(_("The slot is removed."))
        return redirect(url_for(".slots", slug=slug))
    return _page("admin_events/remove_slot.html", form, found, part_id)


@area.form("/<slug>/days/<day>", access=EVENT_EDITORS_ONLY)
def limit_day(slug: str, day: str) -> ResponseReturnValue:
    found, on = _to_edit(slug), _day(day)
    form = LimitDay(obj=found.limits.get(on))
    command = partial(editing.limit_day, event_id=found.event.id, on_date=on, zone=_zone())
    if form.validate_on_submit() and attempt(form, partial(command, **form.answers())):
        flash(_("The limit of the day is saved."))
        return redirect(url_for(".slots", slug=slug))
    return _page("admin_events/limit_day.html", form, found, on=on)


@area.form("/<slug>/publish", access=EVENT_EDITORS_ONLY)
def publish(slug: str) -> ResponseReturnValue:
    found = _to_edit(slug)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(editing.publish_event, event_id=found.event.id)):
        flash(_("It is published."))
        return redirect(staff_page(found.event))
    return _page("admin_events/publish.html", form, found)


@area.form("/<slug>/unpublish", access=EVENT_EDITORS_ONLY)
def unpublish(slug: str) -> ResponseReturnValue:
    found = _to_edit(slug)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(editing.unpublish, event_id=found.event.id)):
        flash(_("It is a draft again."))
        return redirect(staff_page(found.event))
    return _page("admin_events/unpublish.html", form, found)


def staff_page(event: Event) -> str:
    """The page of tasks of an event, whatever its kind."""
    return url_for(STAFF_PAGES[event.kind], slug=event.slug)


def _to_edit(slug: str) -> queries.StaffEvent:
    return queries.staff_event(read(), slug=slug, to_edit=True)


def _page(
    template: str, form: Form, found: queries.StaffEvent, part_id: int | None = None, **values: Any
) -> ResponseReturnValue:
    if form.errors:
        found = _to_edit(found.event.slug)  # a refused command has unloaded what the page shows
    slot = found.slot(part_id) if part_id is not None else None
    return form_page(template, form, found=found, slot=slot, **values)


def _zone() -> ZoneInfo:
    return ports().settings.timezone


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound from None
