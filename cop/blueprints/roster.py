"""Everybody with a place on a course: the half-days they came to, what they need, notes, and writing to them."""

from collections.abc import Iterator, Sequence
from functools import partial

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import EVENT_STAFF_ONLY
from cop.core.errors import NotFound
from cop.exporting import papers
from cop.formats.tables import write_csv
from cop.forms.base import choices
from cop.forms.panel import FilterRoster, WriteNote, WriteToRoster, filter_roster
from cop.queries import attendance_records
from cop.queries.cohorts import roster as queries
from cop.queries.cohorts.panel import is_chair
from cop.queries.plans import follows_plans
from cop.services.attendance_records import issue
from cop.services.cohorts.roster import note, remove_note, write_to_roster
from cop.web import Area, attempt, form_page, observe, pdf_page, read, run

area = Area("roster", __name__, url_prefix="/cohorts/<slug>")

COLUMNS = ("name", "email", "phone", "organisation", "sector", "role", "group")


@area.get("/roster", access=EVENT_STAFF_ONLY)
def roster(slug: str) -> ResponseReturnValue:
    found = queries.roster(read(), slug=slug)
    form = _filter(found)
    wanted = form.asked()
    return render_template(
        "panel/roster.html",
        roster=found,
        shown=found.those(**wanted),
        form=form,
        wanted=wanted,
        event=found.event,
        is_chair=is_chair(read().actor, found.event),
        follows_plans=follows_plans(read().actor, found.event),
    )


def _filter(found: queries.Roster) -> FilterRoster:
    return filter_roster(request.args, sectors=found.sectors, groups=found.groups)


@area.get("/roster.csv", access=EVENT_STAFF_ONLY, fresh=True)
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
        yield [*(cell or "" for cell in (*who, member.group)), *marks, *standing]


@area.get("/roster/arrangements", access=EVENT_STAFF_ONLY)
def arrangements(slug: str) -> ResponseReturnValue:
    event, found = queries.arrangements(read(), slug=slug)
    observe("access needs read", "event", event.id)
    return render_template("panel/arrangements.html", event=event, found=found)


@area.form("/roster/message", access=EVENT_STAFF_ONLY)
def write(slug: str) -> ResponseReturnValue:
    """To those whom the address asks for, as on the roster; who gets it can be changed on the page."""
    found = queries.roster(read(), slug=slug)
    shown = found.those(**_filter(found).asked())
    form = WriteToRoster(data={"to": [member.public_id for member in shown]})
    form.to.choices = choices((member.public_id, _called(member)) for member in found.members)
    is_read = form.validate_on_submit() and form.act.data != "change"
    if is_read and form.act.data == "send":
        command = partial(write_to_roster, event_id=found.event.id, subject=form.subject.data, body=form.body.data)
        done = attempt(form, partial(command, to=form.to.data if found.members else None))
        if done:
            words = ngettext("The message goes to %(num)s person.", "The message goes to %(num)s people.", done.result)
            flash(words if done.result else _("Everybody has this message already, so it was not sent again."))
            return redirect(url_for(".roster", slug=slug))
        is_read = False
    template = "panel/message_preview.html" if is_read else "panel/message.html"
    to = [member for member in found.members if member.public_id in (form.to.data or ())]
    return form_page(template, form, event=found.event, roster=found, to=to)


def _called(member: queries.Member) -> str:
    return f"{member.name}, {member.organisation}" if member.organisation else member.name


@area.form("/roster/<public_id>", access=EVENT_STAFF_ONLY)
def member(slug: str, public_id: str) -> ResponseReturnValue:
    found = queries.roster(read(), slug=slug)
    one = found.member(public_id)
    form = WriteNote()
    if form.validate_on_submit():
        command = partial(note, event_id=found.event.id, person_id=one.person_id, body=form.body.data)
        if attempt(form, command):
            flash(_("The note is kept."))
            return redirect(url_for(".member", slug=slug, public_id=public_id))
        found = queries.roster(read(), slug=slug)  # anew: a refused command has unloaded what the page shows
    completed = one.progress is queries.Progress.COMPLETED
    made = attendance_records.latest(read(), event_id=found.event.id, person_id=one.person_id) if completed else None
    return form_page(
        "panel/member.html",
        form,
        event=found.event,
        roster=found,
        member=one,
        notes=queries.notes_about(read(), found.event, one),
        record=made,
        is_editor=is_chair(read().actor, found.event),
        follows_plans=follows_plans(read().actor, found.event),
    )


@area.post("/roster/<public_id>/notes/<int(max=9223372036854775807):note_id>", access=EVENT_STAFF_ONLY)
def take_note_out(slug: str, public_id: str, note_id: int) -> ResponseReturnValue:
    found = queries.roster(read(), slug=slug)
    one = found.member(public_id)
    run(partial(remove_note, event_id=found.event.id, person_id=one.person_id, note_id=note_id))
    flash(_("The note is gone."))
    return redirect(url_for(".member", slug=slug, public_id=public_id))


@area.post("/roster/<public_id>/record", access=EVENT_STAFF_ONLY)
def make_record(slug: str, public_id: str) -> ResponseReturnValue:
    """For somebody who does not sign in; whoever does makes it in their account."""
    found = attendance_records.record_of_member(read(), slug=slug, public_id=public_id)
    run(partial(issue, event_id=found.event_id, person_id=found.person_id))
    flash(_("The record of attendance is made."))
    return redirect(url_for(".member", slug=slug, public_id=public_id))


@area.get("/roster/<public_id>/record.pdf", access=EVENT_STAFF_ONLY)
def record(slug: str, public_id: str) -> ResponseReturnValue:
    found = attendance_records.record_of_member(read(), slug=slug, public_id=public_id)
    if found.code is None:
        raise NotFound
    return pdf_page(papers.record_of_attendance(found), f"record-of-attendance-{slug}")
