"""Records of attendance: made by whoever completed a course, and checked by whoever is shown one."""

from functools import partial

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC, SIGNED_IN
from cop.core.errors import NotFound
from cop.exporting import papers
from cop.forms.base import Confirm
from cop.queries import attendance_records as queries
from cop.services.attendance_records import issue
from cop.web import Area, attempt, form_page, pdf_page, read

OK, NOT_FOUND = 200, 404

MOST = 40
"""Letters and digits of what somebody typed that are worth showing again."""

area = Area("records", __name__)


@area.get("/verify/", access=PUBLIC)
def ask() -> ResponseReturnValue:
    code = queries.code_in(request.args.get("code", ""))
    if code:
        return redirect(url_for(".verify", code=code[:MOST]))
    return render_template("records/verify.html", code="", found=None)


@area.get("/verify/<code>", access=PUBLIC)
def verify(code: str) -> ResponseReturnValue:
    """Says what the paper says and no more; a code that stands for nothing is a page that is not there."""
    found = queries.record_by_code(read(), typed=code)
    page = render_template("records/verify.html", code=queries.code_on_paper(queries.code_in(code)[:MOST]), found=found)
    return page, OK if found is not None else NOT_FOUND


@area.form("/cohorts/<slug>/record", access=SIGNED_IN)
def own(slug: str) -> ResponseReturnValue:
    found = queries.own_record(read(), slug=slug)
    form = Confirm()
    if form.validate_on_submit():
        command = partial(issue, event_id=found.event_id, person_id=found.person_id)
        if attempt(form, command):
            return redirect(url_for(".own", slug=slug))
    return form_page("records/own.html", form, found=found)


@area.get("/cohorts/<slug>/record.pdf", access=SIGNED_IN)
def own_paper(slug: str) -> ResponseReturnValue:
    found = queries.own_record(read(), slug=slug)
    if found.code is None:
        raise NotFound
    return pdf_page(papers.record_of_attendance(found), f"record-of-attendance-{slug}")
