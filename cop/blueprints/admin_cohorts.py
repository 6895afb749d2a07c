"""Staff prepare a course: a page of tasks, one small page for each, and the lists of which the call is made."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_EDITORS, EVENT_EDITORS_ONLY, EVENT_STAFF_ONLY
from cop.core.errors import NotFound
from cop.forms.base import Confirm, Form
from cop.forms.cohorts import (
    EditCall,
    EditCriterion,
    EditEntry,
    EditHalfDay,
    EditPlaces,
    EditQuestion,
    EditScreening,
    EditTarget,
    EditWindow,
    EnterApplication,
    NewCourse,
    group_name,
)
from cop.forms.endorsements import EditSupport
from cop.mail.rehearsing import Rehearsal, once_sure
from cop.models.accounts import Sector
from cop.models.cohorts import ApplicationState, Cohort, Endorsing
from cop.models.events import EventKind, Part
from cop.queries import organisations, programmes, staff_events
from cop.queries.cohorts import applications as applied
from cop.queries.cohorts import calls, preparing
from cop.queries.cohorts.preparing import Listing
from cop.services.cohorts import editing
from cop.services.cohorts.entering import start_for
from cop.services.events.booking import Guest
from cop.web import Area, attempt, form_page, page_number, paged, ports, read, sure_page

PAGE = 50

FORMS: Mapping[Listing, type[EditEntry]] = {
    Listing.SCREENING: EditScreening,
    Listing.QUESTIONS: EditQuestion,
    Listing.CRITERIA: EditCriterion,
    Listing.TARGETS: EditTarget,
}

area = Area("admin_cohorts", __name__, url_prefix="/admin/cohorts")


@area.form("/new", access=EVENT_EDITORS_ONLY)
def new() -> ResponseReturnValue:
    own = programmes.granted(read(), *EVENT_EDITORS)
    if not own:
        raise NotFound
    form = NewCourse([(programme.id, programme.name) for programme in own])
    if form.validate_on_submit():
        done = attempt(form, partial(editing.create_course, **form.answers()))
        if done:
            flash(_("The course is a draft now. Only staff see it until you publish it."))
            return redirect(url_for(".overview", slug=done.result.slug))
    return form_page("admin_cohorts/new.html", form)


@area.get("/<slug>", access=EVENT_STAFF_ONLY)
def overview(slug: str) -> ResponseReturnValue:
    if not staff_events.may_edit(read().actor, staff_events.staff_event(read(), slug=slug).event):
        return redirect(url_for("roster.roster", slug=slug))  # a host runs the course from there
    found, course = _to_edit(slug)
    coming = found.coming(read().now)
    missing = [
        *staff_events.missing_to_publish(found.event, has_coming_slot=bool(coming)),
        *calls.missing_in_call(read(), found.event),
    ]
    return render_template(
        "admin_cohorts/overview.html",
        found=found,
        course=course,
        half_days=calls.half_days(found.event),
        phase=calls.phase_of(found.event, read().now),
        questions=len(applied.questions_of(read(), course)),
        counts=applied.counts_of(read(), found.event),
        missing=missing,
    )


@area.form("/<slug>/call", access=EVENT_EDITORS_ONLY)
def call(slug: str) -> ResponseReturnValue:
    found, course = _to_edit(slug)
    form = EditCall(obj=course, seen=preparing.version_of_call(course))
    command = partial(editing.edit_call, event_id=found.event.id)
    if form.validate_on_submit():
        if attempt(form, partial(command, **form.answers())):
            flash(_("The call is saved."))
            return redirect(url_for(".overview", slug=slug))
        course = _to_edit(slug)[1]
        form.seen.data = preparing.version_of_call(course)  # what the refusal asks to look at is on the page
    return _page("admin_cohorts/call.html", form, slug, course=course)


@area.form("/<slug>/support", access=EVENT_EDITORS_ONLY)
def support(slug: str) -> ResponseReturnValue:
    found, course = _to_edit(slug)
    form = EditSupport(data={"endorsing": course.endorsing.value, "seen": course.endorsing.value})
    if form.validate_on_submit():
        wanted = Endorsing(form.endorsing.data)
        command = partial(editing.edit_support, event_id=found.event.id, endorsing=wanted, seen=form.seen.data or "")
        if attempt(form, command):
            flash(_("It is saved."))
            return redirect(url_for(".overview", slug=slug))
        form.seen.data = _to_edit(slug)[1].endorsing.value
    return _page("admin_cohorts/support.html", form, slug, saved=_to_edit(slug)[1].endorsing)


@area.form("/<slug>/places", access=EVENT_EDITORS_ONLY)
def places(slug: str) -> ResponseReturnValue:
    found, course = _to_edit(slug)
    form = EditPlaces(data={"capacity": found.event.capacity, "minimum": course.minimum})
    command = partial(editing.edit_places, event_id=found.event.id)
    if form.validate_on_submit() and attempt(form, partial(command, **form.answers())):
        flash(_("The places are saved."))
        return redirect(url_for(".overview", slug=slug))
    return _page("admin_cohorts/places.html", form, slug)


@area.form("/<slug>/window", access=EVENT_EDITORS_ONLY)
def window(slug: str) -> ResponseReturnValue:
    found, _course = _to_edit(slug)
    form = EditWindow.of(found.event, _zone())
    command = partial(editing.edit_window, event_id=found.event.id)
    if form.validate_on_submit() and attempt(form, partial(command, **form.answers_in(_zone()))):
        flash(_("The dates for applications are saved."))
        return redirect(url_for(".overview", slug=slug))
    return _page("admin_cohorts/window.html", form, slug)


@area.get("/<slug>/half-days", access=EVENT_EDITORS_ONLY)
def half_days(slug: str) -> ResponseReturnValue:
    found, _course = _to_edit(slug)
    return render_template("admin_cohorts/half_days.html", found=found)


@area.form("/<slug>/half-days/new", access=EVENT_EDITORS_ONLY)
def add_half_day(slug: str) -> ResponseReturnValue:
    found, _course = _to_edit(slug)
    form = EditHalfDay()
    del form.note
    command = partial(editing.add_half_day, event_id=found.event.id, zone=_zone())
    if form.validate_on_submit() and attempt(form, partial(command, **form.answers())):
        flash(_("The half-day is added."))
        return redirect(url_for(".half_days", slug=slug))
    return _page("admin_cohorts/add_half_day.html", form, slug)


@area.form("/<slug>/half-days/<int:part_id>", access=EVENT_EDITORS_ONLY)
def edit_half_day(slug: str, part_id: int) -> ResponseReturnValue:
    found, _course = _to_edit(slug)
    form = EditHalfDay(data=_as_asked(found.slot(part_id).part))
    command = partial(editing.edit_half_day, part_id=part_id, zone=_zone())
    if form.validate_on_submit() and form.sure.data != "back":
        outcome = once_sure(form, partial(command, **form.answers()))
        if isinstance(outcome, Rehearsal):
            words = {
                "heading": _("Move this half-day?"),
                "yes": _("Yes, move it and tell them"),
                "no": _("No, change it"),
            }
            where = {"back_to": request.path, "back_name": _("Half-days")}
            return sure_page(form, outcome, event=found.event, part=found.slot(part_id).part, **words, **where)
        if outcome:
            flash(_("The half-day is saved."))
            return redirect(url_for(".half_days", slug=slug))
    form.ask_again()
    return _page("admin_cohorts/edit_half_day.html", form, slug, part_id)


def _as_asked(part: Part) -> dict[str, Any]:
    """The half-day as its form asks for it: in local time."""
    starts, ends = (at.astimezone(_zone()) for at in (part.starts_at, part.ends_at))
    return {
        "title": part.title,
        "on_date": starts.date(),
        "start": starts.time(),
        "end": ends.time(),
        "place": part.place,
    }


@area.form("/<slug>/half-days/<int:part_id>/remove", access=EVENT_EDITORS_ONLY)
def remove_half_day(slug: str, part_id: int) -> ResponseReturnValue:
    found, _course = _to_edit(slug)
    found.slot(part_id)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(editing.remove_half_day, part_id=part_id)):
        flash(_("The half-day is removed."))
        return redirect(url_for(".half_days", slug=slug))
    return _page("admin_cohorts/remove_half_day.html", form, slug, part_id)


@area.get("/<slug>/lists/<which>", access=EVENT_EDITORS_ONLY)
def entries(slug: str, which: str) -> ResponseReturnValue:
    return _list_page(slug, _listing(which), EditEntry())


def _listing(which: str) -> Listing:
    if which not in list(Listing):
        raise NotFound
    return Listing(which)


def _list_page(slug: str, listing: Listing, form: EditEntry) -> ResponseReturnValue:
    found, course = _to_edit(slug)
    kept = preparing.entries_of(read(), course, listing)
    return form_page(
        "admin_cohorts/entries.html",
        form,
        found=found,
        listing=listing,
        entries=kept,
        name_of=_name_of,
        seen=preparing.version_of(kept),
        locked=preparing.is_locked(read(), course, listing),
    )


def _name_of(entry: Mapping[str, Any]) -> str:
    """What an entry is called in its list."""
    words = next((entry[key] for key in ("text", "title", "question") if key in entry), None)
    return str(words if words is not None else group_name(entry["attribute"], entry["value"]))


@area.form("/<slug>/lists/<which>/new", access=EVENT_EDITORS_ONLY)
def add_entry(slug: str, which: str) -> ResponseReturnValue:
    return _entry_page(slug, _listing(which), None)


@area.form("/<slug>/lists/<which>/<int:position>", access=EVENT_EDITORS_ONLY)
def edit_entry(slug: str, which: str, position: int) -> ResponseReturnValue:
    return _entry_page(slug, _listing(which), position)


def _entry_page(slug: str, listing: Listing, position: int | None) -> ResponseReturnValue:
    found, kept = _list_to_edit(slug, listing, position)
    form = _entry_form(listing, kept[position] if position is not None else None)
    form.seen.data = form.seen.data or preparing.version_of(kept)
    if form.validate_on_submit():
        command = partial(editing.put_entry, event_id=found.event.id, listing=listing, position=position)
        if attempt(form, partial(command, entry=form.entry(), seen=form.seen.data)):
            flash(_("It is saved."))
            return redirect(url_for(".entries", slug=slug, which=listing.value))
        _found, kept = _list_to_edit(slug, listing, None)
        form.seen.data = preparing.version_of(kept)  # what the refusal asks to look at is on the page
    return _page(
        "admin_cohorts/entry.html", form, slug, listing=listing, entries=kept, name_of=_name_of, is_new=position is None
    )


def _entry_form(listing: Listing, entry: Mapping[str, Any] | None) -> Any:
    kind: Any = FORMS[listing]
    if entry is None:
        return kind()
    return kind.of(entry) if hasattr(kind, "of") else kind(data=dict(entry))


@area.form("/<slug>/lists/<which>/<int:position>/remove", access=EVENT_EDITORS_ONLY)
def remove_entry(slug: str, which: str, position: int) -> ResponseReturnValue:
    listing = _listing(which)
    found, kept = _list_to_edit(slug, listing, position)
    form = EditEntry(seen=preparing.version_of(kept))
    if form.validate_on_submit():
        command = partial(editing.remove_entry, event_id=found.event.id, listing=listing, position=position)
        if attempt(form, partial(command, seen=form.seen.data)):
            flash(_("It is removed."))
            return redirect(url_for(".entries", slug=slug, which=listing.value))
    return _page("admin_cohorts/remove_entry.html", form, slug, listing=listing, name=_name_of(kept[position]))


@area.post("/<slug>/lists/<which>/<int:position>/move", access=EVENT_EDITORS_ONLY)
def move_entry(slug: str, which: str, position: int) -> ResponseReturnValue:
    listing = _listing(which)
    found, _kept = _list_to_edit(slug, listing, position)
    form = EditEntry()
    up = request.form.get("to") == "up"
    command = partial(editing.move_entry, event_id=found.event.id, listing=listing, position=position, up=up)
    if form.validate_on_submit() and attempt(form, partial(command, seen=form.seen.data or "")):
        return redirect(url_for(".entries", slug=slug, which=which))
    return _list_page(slug, listing, form)


@area.get("/<slug>/applications", access=EVENT_EDITORS_ONLY)
def applications(slug: str) -> ResponseReturnValue:
    found, _course = _to_edit(slug)
    state = next((word for word in ApplicationState if word == request.args.get("state")), None)
    rows = applied.applications_to(read(), found.event, state=state, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template(
        "admin_cohorts/applications.html",
        found=found,
        pager=paged(rows, PAGE),
        counts=applied.counts_of(read(), found.event),
        state=state,
        states=list(ApplicationState),
        phase=calls.phase_of(found.event, read().now),
    )


@area.form("/<slug>/applications/new", access=EVENT_EDITORS_ONLY)
def enter(slug: str) -> ResponseReturnValue:
    """For somebody who telephones or writes on paper; from there on in the pages that applicants use."""
    found, _course = _to_edit(slug)
    form = EnterApplication()
    if form.validate_on_submit():
        named = form.organisation.data
        place = organisations.named(read(), named) if named else None
        if place is None and named:
            form.organisation.errors = [_("No organisation has this name. Leave it out or look it up under Members.")]
        else:
            guest = Guest(
                name=form.name.data,
                email=form.email.data or None,
                phone=form.phone.data or None,
                organisation_id=place.id if place is not None else None,
                sector=Sector(form.sector.data),
            )
            done = attempt(form, partial(start_for, event_id=found.event.id, guest=guest))
            if done:
                address: dict[str, Any] = {"slug": slug, "for": done.result.public_id}
                return redirect(url_for("cohorts.apply", **address))
    return _page("admin_cohorts/enter.html", form, slug)


def _to_edit(slug: str) -> tuple[staff_events.StaffEvent, Cohort]:
    found = staff_events.staff_event(read(), slug=slug, to_edit=True)
    if found.event.kind is not EventKind.COHORT:
        raise NotFound
    return found, calls.cohort_of(read(), found.event)


def _list_to_edit(
    slug: str, listing: Listing, position: int | None
) -> tuple[staff_events.StaffEvent, preparing.Entries]:
    """The course and the entries of one of its lists, among which the position has to be."""
    found, course = _to_edit(slug)
    kept = preparing.entries_of(read(), course, listing)
    if position is not None and position >= len(kept):
        raise NotFound
    return found, kept


def _page(template: str, form: Form, slug: str, part_id: int | None = None, **values: Any) -> ResponseReturnValue:
    found, _course = _to_edit(slug)  # anew: a refused command has unloaded what the page shows
    slot = found.slot(part_id) if part_id is not None else None
    return form_page(template, form, found=found, slot=slot, **values)


def _zone() -> ZoneInfo:
    return ports().settings.timezone
