"""Everybody with a place on a course: the half-days they came to, what they need, and writing to them."""

from collections.abc import Iterator, Sequence
from functools import partial

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import EVENT_STAFF_ONLY
from cop.formats.tables import write_csv
from cop.forms.panel import WriteToRoster
from cop.queries.cohorts import roster as queries
from cop.queries.cohorts.panel import is_chair
from cop.services.cohorts.roster import write_to_roster
from cop.web import Area, attempt, form_page, observe, read

area = Area("roster", __name__, url_prefix="/cohorts/<slug>")

COLUMNS = ("name", "email", "phone", "organisation", "sector", "role")


@area.get("/roster", access=EVENT_STAFF_ONLY)
def roster(slug: str) -> ResponseReturnValue:
    found = queries.roster(read(), slug=slug)
    return render_template(
        "panel/roster.html", roster=found, event=found.event, is_chair=is_chair(read().actor, found.event)
    )


@area.get("/roster.csv", access=EVENT_STAFF_ONLY)
def as_file(slug: str) -> ResponseReturnValue:
    found = queries.roster(read(), slug=slug)
    observe("roster exported", "event", found.event.id)
    return Response(
        b"".join(write_csv(_lines(found))),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="roster-{found.event.slug}.csv"',
            "Cache-Control": "private, no-store",
        },
    )


def _lines(found: queries.Roster) -> Iterator[Sequence[str]]:
    yield [*COLUMNS, *(part.title for part in found.half_days), "attended", "needed", "progress"]
    for member in found.members:
        who = (member.name, member.email, member.phone, member.organisation, member.sector, member.role_title)
        marks = (mark or "" for mark in member.marks)
        standing = (str(member.attended), str(found.needed), member.progress)
        yield [*(cell or "" for cell in who), *marks, *standing]


@area.get("/roster/arrangements", access=EVENT_STAFF_ONLY)
def arrangements(slug: str) -> ResponseReturnValue:
    event, found = queries.arrangements(read(), slug=slug)
    observe("access needs read", "event", event.id)
    return render_template("panel/arrangements.html", event=event, found=found)


@area.form("/roster/message", access=EVENT_STAFF_ONLY)
def write(slug: str) -> ResponseReturnValue:
    found = queries.roster(read(), slug=slug)
    form = WriteToRoster()
    is_read = form.validate_on_submit() and form.act.data != "change"
    if is_read and form.act.data == "send":
        command = partial(write_to_roster, event_id=found.event.id, subject=form.subject.data, body=form.body.data)
        done = attempt(form, command)
        if done:
            words = ngettext("The message goes to %(num)s person.", "The message goes to %(num)s people.", done.result)
            flash(words if done.result else _("Everybody has this message already, so it was not sent again."))
            return redirect(url_for(".roster", slug=slug))
        is_read = False
    template = "panel/message_preview.html" if is_read else "panel/message.html"
    return form_page(template, form, event=found.event, roster=found)
