"""The breach log, for admins of everything."""

from collections.abc import Iterator, Sequence
from functools import partial

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import ADMIN_ONLY
from cop.formats.tables import write_csv
from cop.forms.base import Confirm
from cop.forms.privacy_records import AssessBreach, EditBreach
from cop.models.privacy import Breach
from cop.queries import breaches as queries
from cop.services import breaches as services
from cop.services.breaches import Assessed, Told
from cop.web import Area, attempt, form_page, observe, page_number, paged, ports, read

PAGE = 50

COLUMNS = (
    "number",
    "noticed_at",
    "happened_at",
    "what",
    "people",
    "effects",
    "measures",
    "risk",
    "why_risk",
    "report_by",
    "reported_at",
    "why_not_reported",
    "people_told_at",
    "why_not_told",
    "closed_at",
)

area = Area("admin_breaches", __name__, url_prefix="/admin/breaches")


@area.get("/", access=ADMIN_ONLY)
def index() -> ResponseReturnValue:
    found = queries.listed(read(), offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("admin_breaches/index.html", pager=paged(found, PAGE), report_by=queries.report_by)


@area.get("/breaches.csv", access=ADMIN_ONLY, fresh=True)
def as_file() -> ResponseReturnValue:
    found = queries.listed(read(), limit=None)
    observe("breach log exported", "breach", None)
    headers = {
        "Content-Disposition": 'attachment; filename="breaches.csv"',
        "Cache-Control": "private, no-store",
    }
    return Response(b"".join(write_csv(_lines(found))), content_type="text/csv; charset=utf-8", headers=headers)


def _lines(found: Sequence[Breach]) -> Iterator[Sequence[str]]:
    yield COLUMNS
    for breach in found:
        told = {**vars(breach), "number": breach.public_id, "report_by": queries.report_by(breach)}
        yield [_cell(told[name]) for name in COLUMNS]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


@area.form("/new", access=ADMIN_ONLY)
def new() -> ResponseReturnValue:
    form = EditBreach()
    if form.validate_on_submit():
        done = attempt(form, partial(services.enter, told=Told(**form.told(ports().settings.timezone))))
        if done:
            flash(_("The breach is in the log. Say next how great the risk is."))
            return redirect(url_for(".one", public_id=done.result.public_id))
    return form_page("admin_breaches/form.html", form, breach=None)


@area.form("/<public_id>", access=ADMIN_ONLY)
def one(public_id: str) -> ResponseReturnValue:
    """One entry; the form closes it."""
    breach = queries.one(read(), public_id=public_id)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.close, public_id=public_id)):
        flash(_("The entry is closed."))
        return redirect(url_for(".one", public_id=public_id))
    return form_page("admin_breaches/one.html", form, breach=breach, report_by=queries.report_by(breach))


@area.form("/<public_id>/edit", access=ADMIN_ONLY)
def edit(public_id: str) -> ResponseReturnValue:
    breach, zone = queries.one(read(), public_id=public_id), ports().settings.timezone
    form = EditBreach(obj=breach)
    if not form.is_submitted():
        form.show(breach, zone)
    if form.validate_on_submit():
        told = Told(**form.told(zone))
        if attempt(form, partial(services.edit, public_id=public_id, told=told)):
            flash(_("The entry is saved."))
            return redirect(url_for(".one", public_id=public_id))
    return form_page("admin_breaches/form.html", form, breach=breach)


@area.form("/<public_id>/risk", access=ADMIN_ONLY)
def assess(public_id: str) -> ResponseReturnValue:
    breach, zone = queries.one(read(), public_id=public_id), ports().settings.timezone
    form = AssessBreach(obj=breach)
    if not form.is_submitted():
        form.show(breach, zone)
    if form.validate_on_submit():
        assessed = Assessed(**form.assessed(zone))
        if attempt(form, partial(services.assess, public_id=public_id, assessed=assessed)):
            flash(_("The assessment is saved."))
            return redirect(url_for(".one", public_id=public_id))
    return form_page("admin_breaches/assess.html", form, breach=breach, report_by=queries.report_by(breach))
