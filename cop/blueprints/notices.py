"""Privacy notices, one for each place where we ask for something: all versions for everybody, new ones by admins."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import ADMIN_ONLY, PUBLIC
from cop.formats import markdown
from cop.forms.privacy import WriteNotice
from cop.queries.privacy import notices as queries
from cop.queries.privacy.notices import Shown
from cop.queries.privacy.ready_made import RIGHTS
from cop.services import notices
from cop.web import LARGEST_ID, Area, attempt, form_page, read

LARGEST_HEADING = 2

area = Area("notices", __name__)


@area.get("/privacy/<place>", access=PUBLIC)
def notice(place: str) -> ResponseReturnValue:
    return _page(queries.current(read(), place=place))


@area.get(f"/privacy/<place>/<int(max={LARGEST_ID}):version>", access=PUBLIC)
def version(place: str, version: int) -> ResponseReturnValue:
    return _page(queries.one(read(), place=place, version=version))


def _page(found: Shown) -> ResponseReturnValue:
    versions = queries.versions(read(), place=found.place)
    return render_template(
        "privacy_centre/notice.html",
        found=found,
        html=markdown.to_html(f"{found.body}\n\n{RIGHTS}", largest_heading=LARGEST_HEADING),
        versions=versions,
        is_current=versions[0].number == found.version,
    )


@area.get("/admin/notices/", access=ADMIN_ONLY)
def index() -> ResponseReturnValue:
    return render_template("privacy_centre/notices.html", notices=queries.listed(read()))


@area.form("/admin/notices/<place>", access=ADMIN_ONLY)
def write(place: str) -> ResponseReturnValue:
    """A preview first, by the same form; nothing is published before the second button."""
    found = queries.current(read(), place=place)
    form = WriteNotice(data={"summary": found.summary, "body": found.body, "seen": found.version})
    drawn = None
    if form.validate_on_submit():
        if "publish" not in request.form:
            drawn = markdown.to_html(f"{form.body.data}\n\n{RIGHTS}", largest_heading=LARGEST_HEADING)
        else:
            command = partial(notices.publish, place=place, summary=form.summary.data, body=form.body.data)
            if attempt(form, partial(command, seen=form.seen.data or 0)):
                flash(_("The new version counts from now on. The one before it can still be read."))
                return redirect(url_for(".notice", place=place))
    return form_page("privacy_centre/write_notice.html", form, found=found, drawn=drawn)
