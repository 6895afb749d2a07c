"""Who changed what, and who looked at what is sensitive: for admins of the whole service alone."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from cop.core.access import ADMIN_ONLY
from cop.forms.audit import SearchChanges, SearchReads
from cop.queries import audit
from cop.web import LARGEST_ID, Area, before_id, paged, read

PAGE = 50

area = Area("admin_audit", __name__, url_prefix="/admin/audit")


@area.get("/", access=ADMIN_ONLY)
def index() -> ResponseReturnValue:
    form = SearchChanges(request.args)
    found = audit.listed(read(), _wanted(form.asked()), before=before_id(), limit=PAGE)
    return render_template("admin_audit/index.html", form=form, pager=paged(found, PAGE), asked=_asked())


@area.get("/reads", access=ADMIN_ONLY)
def reads() -> ResponseReturnValue:
    form = SearchReads(request.args)
    found = audit.reads(read(), _wanted(form.asked()), before=before_id(), limit=PAGE)
    return render_template("admin_audit/reads.html", form=form, pager=paged(found, PAGE), asked=_asked())


@area.get(f"/<kind>/<int(max={LARGEST_ID}):subject_id>", access=ADMIN_ONLY)
def history(kind: str, subject_id: int) -> ResponseReturnValue:
    found = audit.history(read(), kind, subject_id, before=before_id(), limit=PAGE)
    return render_template("admin_audit/history.html", found=found, pager=paged(found.lines, PAGE))


def _wanted(asked: dict[str, Any]) -> audit.Wanted:
    return audit.Wanted(asked.get("q", ""), asked.get("kind"), asked.get("what", ""), asked.get("on"))


def _asked() -> dict[str, str]:
    """What was searched for, as it stands in the address: the next page is of the same list."""
    return {name: value for name, value in request.args.items() if value and name != "before"}
