"""How long each kind of data is kept, what would go tonight, and what went; for admins of everything."""

from functools import partial

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import ADMIN_ONLY
from cop.forms.privacy_records import KeepFor
from cop.queries import retention as queries
from cop.services import retention as services
from cop.web import Area, attempt, before_id, form_page, paged, read, run

PAGE = 50

area = Area("admin_retention", __name__, url_prefix="/admin/retention")


@area.get("/", access=ADMIN_ONLY)
def index() -> ResponseReturnValue:
    return render_template("admin_retention/index.html", rules=queries.rules(read()))


@area.get("/tonight", access=ADMIN_ONLY)
def tonight() -> ResponseReturnValue:
    """The dry run of all kinds; nothing goes by looking."""
    found = [(rule, queries.due(read(), rule.kind, rule.days)) for rule in queries.rules(read())]
    return render_template("admin_retention/tonight.html", found=found)


@area.get("/log", access=ADMIN_ONLY)
def log() -> ResponseReturnValue:
    found = queries.runs(read(), before=before_id(), limit=PAGE)
    return render_template("admin_retention/log.html", pager=paged(found, PAGE), kinds=queries.KINDS)


@area.form("/<code>", access=ADMIN_ONLY)
def rule(code: str) -> ResponseReturnValue:
    """The first press shows what would go, the second, with the same days, saves it."""
    found = queries.one(read(), code)
    form = KeepFor(days=found.days)
    form.limit(found.kind.least, found.kind.most)
    due = None
    if form.validate_on_submit():
        if form.seen.data == form.days.data:
            if attempt(form, partial(services.change, code=code, days=form.days.data, why=form.why.data)):
                flash(_("The rule is saved. It holds from the next run on."))
                return redirect(url_for(".index"))
        else:
            due = queries.due(read(), found.kind, form.days.data)
            form.seen.data, form.seen.raw_data = form.days.data, None  # what it says next, not what was sent
    return form_page("admin_retention/rule.html", form, rule=found, due=due)


@area.post("/<code>/restore", access=ADMIN_ONLY)
def restore(code: str) -> ResponseReturnValue:
    run(partial(services.restore, code=code))
    flash(_("The service’s own time holds again."))
    return redirect(url_for(".rule", code=code))
