"""Reports for funders: made with one click, read, given words, compared, taken away and withdrawn."""

from functools import partial

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop import exporting
from cop.core.access import EVALUATION
from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.exporting import funder_report as reports
from cop.exporting.funder_report.comparing import differences
from cop.forms.base import Confirm
from cop.forms.funder_reports import WithdrawReport, WriteWords
from cop.models.evidence import FunderReport
from cop.queries import evaluation
from cop.queries import funder_reports as queries
from cop.services import funder_reports as services
from cop.web import Area, attempt, form_page, page_number, paged, read, run

PAGE = 20

area = Area("funder_reports", __name__, url_prefix="/evaluation/reports")


@area.get("/", access=EVALUATION)
def index() -> ResponseReturnValue:
    known = evaluation.programmes(read())
    if not known:
        return render_template("evaluation/empty.html")
    chosen = queries.programme_of(read(), request.args.get("programme"))
    found = queries.listed(read(), chosen, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("funder_reports/index.html", programmes=known, programme=chosen, pager=paged(found, PAGE))


@area.post("/make", access=EVALUATION)
def make() -> ResponseReturnValue:
    """Freeze the figures of this moment."""
    chosen = queries.programme_of(read(), request.args.get("programme"))
    if not Confirm().validate_on_submit():
        return redirect(url_for(".index", programme=chosen.slug))
    command = partial(
        services.keep,
        programme_id=chosen.id,
        title=reports.title_of(chosen),
        as_of=day_of(read().now),
        content=reports.content_of(read(), chosen),
    )
    made = run(command)
    flash(_("The report is made. Its figures stay as they are today."))
    return redirect(url_for(".report", public_id=made.public_id))


@area.get("/<public_id>", access=EVALUATION)
def report(public_id: str) -> ResponseReturnValue:
    found = queries.one(read(), public_id=public_id)
    return render_template(
        "funder_reports/report.html",
        report=found,
        found=_document(found),
        programme=found.content["programme"],
        before=queries.before(read(), found),
    )


def _document(found: FunderReport) -> reports.Document:
    return reports.document_of(found, queries.quotations(read(), found))


@area.get("/<public_id>/report.<format_>", access=EVALUATION)
def file(public_id: str, format_: str) -> ResponseReturnValue:
    found = queries.one(read(), public_id=public_id)
    if format_ not in reports.FORMATS:
        raise NotFound
    write, media_type = reports.FORMATS[format_]
    name = f"report-{found.content['programme']['slug']}-{found.as_of.isoformat()}.{format_}"
    return Response(
        write(found, _document(found)),
        content_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )


@area.form("/<public_id>/words/<section>", access=EVALUATION)
def words(public_id: str, section: str) -> ResponseReturnValue:
    """The introduction, or the comment of one section."""
    found = queries.one(read(), public_id=public_id)
    title = services.places(found).get(section)
    if title is None or found.withdrawn_at is not None:
        raise NotFound
    form = WriteWords(data={"words": found.words.get(section, ""), "seen": services.seen_of(found, section)})
    if form.validate_on_submit():
        if attempt(form, partial(services.write, public_id=public_id, section=section, **form.answers())):
            flash(_("Your words are saved."))
            return redirect(url_for(".report", public_id=public_id, _anchor=section))
        found = queries.one(read(), public_id=public_id)
        form.seen.data = services.seen_of(found, section)
    saved = found.words.get(section, "")
    return form_page("funder_reports/words.html", form, report=found, section=section, title=title, saved=saved)


@area.form("/<public_id>/withdraw", access=EVALUATION)
def withdraw(public_id: str) -> ResponseReturnValue:
    found = queries.one(read(), public_id=public_id)
    form = WithdrawReport()
    if form.validate_on_submit() and attempt(form, partial(services.withdraw, public_id=public_id, **form.answers())):
        flash(_("The report is withdrawn, and says so."))
        return redirect(url_for(".report", public_id=public_id))
    return form_page("funder_reports/withdraw.html", form, report=found)


@area.get("/<public_id>/changes", access=EVALUATION)
def changes(public_id: str) -> ResponseReturnValue:
    """What differs from the report before."""
    found = queries.one(read(), public_id=public_id)
    before = queries.before(read(), found)
    if before is None:
        raise NotFound
    return render_template(
        "funder_reports/changes.html",
        report=found,
        before=before,
        changed=differences(before.content, found.content),
    )


@area.form("/<public_id>/pack", access=EVALUATION)
def pack(public_id: str) -> ResponseReturnValue:
    """Ask for the report with all exports, pseudonymised, in one archive."""
    found, form = queries.one(read(), public_id=public_id), Confirm()
    if form.validate_on_submit():
        done = attempt(form, partial(services.ask_for_pack, public_id=public_id))
        if done:
            return redirect(url_for("tasks.task", public_id=done.result.public_id))
    return form_page("funder_reports/pack.html", form, report=found, kinds=exporting.KINDS.values())
