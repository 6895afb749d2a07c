"""What the tables of a summit write down: one page for each, for a phone, and one with all of them."""

from functools import partial

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_STAFF_ONLY
from cop.core.errors import NotFound
from cop.forms.actions import WriteNote
from cop.models.events import EventKind
from cop.queries import events
from cop.queries import summits as queries
from cop.services import summits as services
from cop.web import Area, attempt, form_page, read

area = Area("notes", __name__, url_prefix="/admin/summits/<slug>/notes")


@area.get("", access=EVENT_STAFF_ONLY)
def index(slug: str) -> ResponseReturnValue:
    found = _found(slug)
    return render_template("notes/index.html", found=found, event=found.event)


def _found(slug: str) -> queries.Notes:
    event = events.staffed_event(read(), slug=slug)
    if event.kind is not EventKind.SUMMIT:
        raise NotFound
    return queries.notes_of(read(), event)


@area.form("/<int:number>/<int:table>", access=EVENT_STAFF_ONLY)
def write(slug: str, number: int, table: int) -> ResponseReturnValue:
    """Rounds and tables are counted from 1 here."""
    note = _note(_found(slug), number, table)
    form = WriteNote(data={"words": note.words, "seen": note.revision})
    if form.validate_on_submit():
        found = _found(slug)
        command = partial(services.write_note, event_id=found.event.id, round_=number - 1, table=table - 1)
        if attempt(form, partial(command, **form.answers())):
            flash(_("It is written down."))
            return redirect(url_for(".index", slug=slug, _anchor=f"note-{number}-{table}"))
        note = _note(_found(slug), number, table)
        form.seen.raw_data, form.seen.data = None, note.revision
    found = _found(slug)
    return form_page("notes/write.html", form, event=found.event, note=note, rounds=len(found.rounds))


def _note(found: queries.Notes, number: int, table: int) -> queries.Note:
    note = found.at(number - 1, table - 1)
    if note is None:
        raise NotFound
    return note
