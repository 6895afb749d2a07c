"""The list of known accessibility issues, of which the statement is made; for admins."""

from functools import partial

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import ADMIN_ONLY
from cop.core.place import day_of
from cop.core.wcag import CRITERIA
from cop.forms.known_issues import EditIssue, ReviewStatement, WriteIssue
from cop.queries import known_issues as queries
from cop.services import known_issues as services
from cop.services.known_issues import Terms
from cop.web import LARGEST_ID, Area, attempt, form_page, page_number, paged, read

ISSUE = f"<int(max={LARGEST_ID}):issue_id>"
PAGE_SIZE = 50

area = Area("admin_accessibility", __name__, url_prefix="/admin/accessibility")


@area.get("/", access=ADMIN_ONLY)
def index() -> ResponseReturnValue:
    number = page_number()
    mended = queries.mended(read(), offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE + 1)
    pager = paged(mended, PAGE_SIZE)
    return render_template(
        "admin_accessibility/index.html",
        statement=queries.statement(read()),
        mended=pager.items,
        pager=pager,
        criteria=CRITERIA,
    )


@area.form("/new", access=ADMIN_ONLY)
def new() -> ResponseReturnValue:
    form = WriteIssue(data={"found_on": day_of(read().now)})
    if form.validate_on_submit() and attempt(form, partial(services.add, terms=_terms(form))):
        flash(_("The issue is in the statement."))
        return redirect(url_for(".index"))
    return form_page("admin_accessibility/issue.html", form, issue=None)


@area.form(f"/{ISSUE}", access=ADMIN_ONLY)
def edit(issue_id: int) -> ResponseReturnValue:
    issue = queries.one(read(), issue_id=issue_id)
    form = EditIssue(obj=issue)
    if form.validate_on_submit() and attempt(form, partial(services.edit, issue_id=issue_id, terms=_terms(form))):
        flash(_("The issue is mended and stands in the statement no more.") if form.mended_on.data else _("Saved."))
        return redirect(url_for(".index"))
    return form_page("admin_accessibility/issue.html", form, issue=issue)


@area.form("/review", access=ADMIN_ONLY)
def review() -> ResponseReturnValue:
    form = ReviewStatement(data={"on_date": day_of(read().now), "tested": queries.statement(read()).tested})
    command = partial(services.review, on_date=form.on_date.data, tested=form.tested.data)
    if form.validate_on_submit() and attempt(form, command):
        flash(_("The review is noted. The next is due in a year."))
        return redirect(url_for(".index"))
    return form_page("admin_accessibility/review.html", form)


def _terms(form: WriteIssue) -> Terms:
    return Terms(
        what=form.what.data,
        who=form.who.data,
        criterion=form.criterion.data,
        why=form.why.data,
        instead=form.instead.data,
        found_on=form.found_on.data,
        planned_on=form.planned_on.data,
        mended_on=form.mended_on.data if isinstance(form, EditIssue) else None,
    )
