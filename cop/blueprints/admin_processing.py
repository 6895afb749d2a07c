"""The records of processing, for admins of everything."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import ADMIN_ONLY
from cop.formats.tables import write_csv
from cop.forms.privacy_records import EditProcessing
from cop.models.privacy import Processing
from cop.queries import processing as queries
from cop.services import processing as services
from cop.services.processing import Told
from cop.web import LARGEST_ID, Area, attempt, form_page, read, run

COLUMNS = (
    "name",
    "purpose",
    "basis",
    "people",
    "data",
    "recipients",
    "transfers",
    "kept",
    "safeguards",
    "reviewed_on",
    "review_on",
    "retired_at",
)

ENTRY = f"<int(max={LARGEST_ID}):entry_id>"

area = Area("admin_processing", __name__, url_prefix="/admin/processing")


@area.get("/", access=ADMIN_ONLY)
def index() -> ResponseReturnValue:
    return render_template("admin_processing/index.html", entries=queries.listed(read()))


@area.get("/print", access=ADMIN_ONLY)
def to_print() -> ResponseReturnValue:
    """What can be handed out: without safeguards, and without what is not done any more."""
    return render_template("admin_processing/print.html", entries=queries.listed(read(), retired=False))


@area.get("/processing.csv", access=ADMIN_ONLY)
def as_file() -> ResponseReturnValue:
    headers = {
        "Content-Disposition": 'attachment; filename="processing.csv"',
        "Cache-Control": "private, no-store",
    }
    body = b"".join(write_csv(_lines(queries.listed(read()))))
    return Response(body, content_type="text/csv; charset=utf-8", headers=headers)


def _lines(found: Sequence[Processing]) -> Iterator[Sequence[str]]:
    yield COLUMNS
    for entry in found:
        values = (getattr(entry, name) for name in COLUMNS)
        yield ["" if value is None else str(value) for value in values]


@area.post("/ready-made", access=ADMIN_ONLY)
def ready_made() -> ResponseReturnValue:
    added = run(services.load_ready_made)
    flash(
        ngettext(
            "%(num)s entry is added. Read it, and note that it holds.",
            "%(num)s entries are added. Read each, and note that it holds.",
            added,
        )
        if added
        else _("All ready-made entries are there already.")
    )
    return redirect(url_for(".index"))


@area.form("/new", access=ADMIN_ONLY)
def new() -> ResponseReturnValue:
    form = EditProcessing()
    if form.validate_on_submit() and attempt(form, partial(services.add, told=Told(**form.answers()))):
        flash(_("The entry is added."))
        return redirect(url_for(".index"))
    return form_page("admin_processing/form.html", form, entry=None)


@area.form(f"/{ENTRY}", access=ADMIN_ONLY)
def edit(entry_id: int) -> ResponseReturnValue:
    entry = queries.one(read(), entry_id)
    form = EditProcessing(obj=entry)
    if form.validate_on_submit():
        told = Told(**form.answers())
        if attempt(form, partial(services.edit, entry_id=entry_id, told=told)):
            flash(_("The entry is saved."))
            return redirect(url_for(".index"))
    return form_page("admin_processing/form.html", form, entry=entry)


@area.post(f"/{ENTRY}/review", access=ADMIN_ONLY)
def review(entry_id: int) -> ResponseReturnValue:
    return _done(services.review, entry_id, _("Noted: it holds. Look at it again in a year."))


@area.post(f"/{ENTRY}/retire", access=ADMIN_ONLY)
def retire(entry_id: int) -> ResponseReturnValue:
    return _done(services.retire, entry_id, _("Noted: this is not done any more."))


@area.post(f"/{ENTRY}/take-up", access=ADMIN_ONLY)
def take_up(entry_id: int) -> ResponseReturnValue:
    return _done(services.take_up, entry_id, _("Noted: this is done again."))


def _done(act: Callable[..., Any], entry_id: int, told: str) -> ResponseReturnValue:
    run(partial(act, entry_id=entry_id))
    flash(told)
    return redirect(url_for(".index"))
