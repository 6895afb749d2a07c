"""Staff add files to an event, rename, reorder and remove them."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_EDITORS_ONLY, EVENT_STAFF_ONLY
from cop.core.errors import NotFound
from cop.core.work import Work
from cop.forms.base import Confirm
from cop.forms.files import AddFile, EditFile, SeenFiles
from cop.models.events import EventState
from cop.models.files import EventFile
from cop.queries import files as queries
from cop.queries import staff_events
from cop.queries.staff_events import StaffEvent
from cop.services.files import MOST_BYTES, of_events
from cop.web import Area, attempt, form_page, read

FORM_BYTES = MOST_BYTES + 64 * 1024
"""A file of the largest size, and what its form says beside it."""

area = Area("admin_files", __name__, url_prefix="/admin/events")


@area.get("/<slug>/files", access=EVENT_STAFF_ONLY)
def index(slug: str) -> ResponseReturnValue:
    found = staff_events.staff_event(read(), slug=slug)
    listed = queries.of_event(read(), found.event.id)
    return render_template("admin_files/index.html", **_list(found, listed, SeenFiles()))


def _list(found: StaffEvent, listed: Sequence[EventFile], form: SeenFiles) -> dict[str, Any]:
    form.seen.raw_data, form.seen.data = None, queries.revision(listed)
    is_open = found.event.state is not EventState.CANCELLED
    may_edit = is_open and staff_events.may_edit(read().actor, found.event)
    return {"found": found, "files": listed, "form": form, "may_edit": may_edit}


@area.form("/<slug>/files/new", access=EVENT_EDITORS_ONLY, most_bytes=FORM_BYTES)
def add(slug: str) -> ResponseReturnValue:
    found = _to_edit(slug)
    form = AddFile()
    command = partial(of_events.add, event_id=found.event.id)
    if form.validate_on_submit() and attempt(form, partial(command, **form.answers())):
        flash(_("The file is added."))
        return redirect(url_for(".index", slug=slug))
    return form_page("admin_files/add.html", form, found=_again(found, form))


@area.form("/<slug>/files/<public_id>", access=EVENT_EDITORS_ONLY)
def edit(slug: str, public_id: str) -> ResponseReturnValue:
    found = _to_edit(slug)
    listed = queries.of_event(read(), found.event.id)
    item = _one(listed, public_id)
    form = EditFile(obj=item, seen=queries.revision(listed))
    command = partial(of_events.edit, event_id=found.event.id, public_id=public_id)
    if form.validate_on_submit() and _save(form, found, partial(command, **form.answers())):
        flash(_("The file is saved."))
        return redirect(url_for(".index", slug=slug))
    return form_page("admin_files/edit.html", form, found=_again(found, form), item=item)


@area.post("/<slug>/files/<public_id>/up", access=EVENT_EDITORS_ONLY)
def move_up(slug: str, public_id: str) -> ResponseReturnValue:
    found = _to_edit(slug)
    _one(queries.of_event(read(), found.event.id), public_id)
    form = SeenFiles()
    command = partial(of_events.move_up, event_id=found.event.id, public_id=public_id)
    if form.validate_on_submit() and _save(form, found, partial(command, **form.answers())):
        return redirect(url_for(".index", slug=slug))
    listed = queries.of_event(read(), found.event.id)
    return form_page("admin_files/index.html", **_list(_again(found, form), listed, form))


@area.form("/<slug>/files/<public_id>/remove", access=EVENT_EDITORS_ONLY)
def remove(slug: str, public_id: str) -> ResponseReturnValue:
    found = _to_edit(slug)
    item = _one(queries.of_event(read(), found.event.id), public_id)
    form = Confirm()
    command = partial(of_events.remove, event_id=found.event.id, public_id=public_id)
    if form.validate_on_submit() and attempt(form, command):
        flash(_("“%(title)s” is removed.", title=item.title))
        return redirect(url_for(".index", slug=slug))
    return form_page("admin_files/remove.html", form, found=_again(found, form), item=item)


def _to_edit(slug: str) -> StaffEvent:
    return staff_events.staff_event(read(), slug=slug, to_edit=True)


def _again(found: StaffEvent, form: Any) -> StaffEvent:
    """The event once more where a refused command has unloaded what the page shows."""
    return _to_edit(found.event.slug) if form.errors else found


def _one(listed: Sequence[EventFile], public_id: str) -> EventFile:
    for item in listed:
        if item.public_id == public_id:
            return item
    raise NotFound


def _save(form: SeenFiles, found: StaffEvent, command: Callable[[Work], Any]) -> bool:
    """Carry the command out. Whoever was refused because another was quicker may press again with all they typed."""
    done = bool(attempt(form, command))
    if not done:
        listed = queries.of_event(read(), found.event.id)
        form.seen.raw_data, form.seen.data = None, queries.revision(listed)
    return done
