"""Reports of who came, as other services write them: read, looked through, applied, compared with our own marks."""

from collections.abc import Sequence
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import EVENT_STAFF_ONLY
from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.core.work import Work
from cop.formats.attendance_reports.sheets import MOST_BYTES
from cop.formats.tables import TableError
from cop.forms.attendance_reports import DecideWho, ReadReport, Reconcile, SeenReport
from cop.forms.directory import Search
from cop.models.attendance_reports import AttendanceImport, ImportState
from cop.models.events import Event, Part, PartState
from cop.queries import attendance_reports as queries
from cop.queries import events
from cop.services.imports import attendance
from cop.services.imports.attendance import Action, Holder, Line, Plan
from cop.web import LARGEST_ID, Area, Outcome, attempt, form_page, page_number, paged, ports, read, shown_or_refused
from cop.web.templating import day

PAGE = 50
FOUND = 10
FORM_BYTES = MOST_BYTES + 64 * 1024

area = Area("attendance_reports", __name__)


@area.form("/events/<slug>/reports", access=EVENT_STAFF_ONLY, most_bytes=FORM_BYTES)
def index(slug: str) -> ResponseReturnValue:
    event = events.staffed_event(read(), slug=slug)
    begun = _begun(event)
    form = ReadReport(data={"part": begun[-1].id if begun else None})
    form.offer([(part.id, f"{part.title}, {day(part.starts_at)}") for part in begun])
    if begun and form.validate_on_submit():
        kept = _keep(form, event)
        if kept:
            if kept.result.state is ImportState.APPLIED:
                flash(_("This report was read before. Nothing is changed."))
            return redirect(url_for(".report", slug=slug, public_id=kept.result.public_id))
        event = events.staffed_event(read(), slug=slug)
    offset = (page_number() - 1) * PAGE
    pager = paged(queries.reports_of(read(), event, offset=offset, limit=PAGE), PAGE)
    differing = len(attendance.differences(read(), event))
    shown = {"form": form, "event": event, "pager": pager, "has_begun": bool(begun), "differing": differing}
    page = render_template("attendance_reports/index.html", **shown)
    return (page, 422 if form.errors else 200) if begun else shown_or_refused(page)


def _begun(event: Event) -> Sequence[Part]:
    today = day_of(read().now)
    return [part for part in event.parts if part.state is PartState.PLANNED and day_of(part.starts_at) <= today]


def _keep(form: ReadReport, event: Event) -> Outcome[AttendanceImport]:
    command = partial(
        attendance.keep_report,
        event_id=event.id,
        part_id=form.part.data,
        data=form.file.data.read(MOST_BYTES + 1),
        filename=form.file.data.filename,
        zone=ports().settings.timezone,
    )
    try:
        return attempt(form, command)
    except TableError as error:
        reason = _(error.reason, **error.params)
        form.file.errors = [_("Line %(line)s: %(reason)s", line=error.line, reason=reason)]
        return Outcome(refused=True)


@area.form("/events/<slug>/reports/<public_id>", access=EVENT_STAFF_ONLY)
def report(slug: str, public_id: str) -> ResponseReturnValue:
    """What a report would do, or did, row by row; posting it carries a draft out."""
    event, kept, part, plan = _opened(slug, public_id)
    form = SeenReport(data={"seen": kept.revision})
    command = partial(attendance.apply, event_id=event.id, public_id=public_id)
    if form.validate_on_submit():
        done = attempt(form, partial(command, seen=form.seen.data))
        if done:
            counts = done.result.counts[Action.MARK] + done.result.counts[Action.WALK_IN]
            flash(ngettext("%(num)s person is marked.", "%(num)s people are marked.", counts))
            return redirect(url_for(".report", slug=slug, public_id=public_id))
        event, kept, part, plan = _opened(slug, public_id)
        form.seen.raw_data, form.seen.data = None, kept.revision
    return _page(form, event, kept, part, plan)


def _page(form: SeenReport, event: Event, kept: AttendanceImport, part: Part, plan: Plan) -> ResponseReturnValue:
    only_open = request.args.get("show") == "open"
    waiting = [line for line in plan.lines if _is_open(line)]
    lines = waiting if only_open else list(plan.lines)
    first = (page_number() - 1) * PAGE
    return form_page(
        "attendance_reports/report.html",
        form,
        event=event,
        kept=kept,
        part=part,
        plan=plan,
        waiting=len(waiting),
        only_open=only_open,
        may_decide=_may_decide,
        is_open=_is_open,
        row_revision=_row_revision,
        pager=paged(lines[first : first + PAGE + 1], PAGE),
    )


def _opened(slug: str, public_id: str) -> tuple[Event, AttendanceImport, Part, Plan]:
    event = events.staffed_event(read(), slug=slug)
    kept = queries.report(read(), event, public_id=public_id)
    part = next(part for part in event.parts if part.id == kept.part_id)
    return event, kept, part, attendance.plan_kept(read(), kept, part)


def _may_decide(line: Line) -> bool:
    """Whether a person can say who this is; of whom the report itself leaves out, nobody needs to."""
    named = line.reported.name or line.reported.email
    return bool(named) and line.reported.came and line.told.skipped in {"", attendance.LEFT_OUT}


def _is_open(line: Line) -> bool:
    """Whether somebody should decide: the report says that they came, and nothing says who they are."""
    waits = line.action is Action.CONFIRM or (line.action is Action.NONE and line.holder is None)
    return waits and not line.told.is_decided and _may_decide(line)


def _row_revision(line: Line) -> int:
    return queries.instant_revision(line.told.decided_at)


@area.form(f"/events/<slug>/reports/<public_id>/people/<int(max={LARGEST_ID}):key>", access=EVENT_STAFF_ONLY)
def person(slug: str, public_id: str, key: int) -> ResponseReturnValue:
    event, kept, _part, plan = _opened(slug, public_id)
    line = plan.line(key)
    if line is None or not _may_decide(line) or kept.state is ImportState.TAKEN_BACK:
        raise NotFound
    words = str(Search(request.args).asked().get("q", ""))
    form = _who(line, plan, words)
    command = partial(attendance.decide, event_id=event.id, public_id=public_id, key=key)
    if form.validate_on_submit():
        if attempt(form, partial(command, **form.answers())):
            flash(_("Saved."))
            return redirect(url_for(".report", slug=slug, public_id=public_id, show="open"))
        event, kept, _part, plan = _opened(slug, public_id)
        line = plan.line(key) or line
        form.seen.raw_data, form.seen.data = None, _row_revision(line)
    return form_page("attendance_reports/person.html", form, event=event, kept=kept, line=line, words=words)


def _who(line: Line, plan: Plan, words: str) -> DecideWho:
    """The form with whoever holds the seat by now, those who were searched for, and those whose names come near."""
    reported = line.reported
    near = attendance.proposals((reported.name, *reported.also), plan.holders)
    called = [holder for holder in plan.holders if words and _fits(holder, words)][:FOUND]
    posted = request.form.get("who", "")
    sent = [holder for holder in plan.holders if posted == f"seat-{holder.seat_id}"]
    offered = {holder.seat_id: holder for holder in (line.holder, *called, *near, *sent) if holder}
    form = DecideWho(data={"seen": _row_revision(line), "who": _decided(line)})
    form.offer(
        [(seat_id, _label(holder)) for seat_id, holder in offered.items()],
        has_name=bool(line.told.spoken.email or reported.name),
        is_decided=line.told.is_decided,
    )
    return form


def _fits(holder: Holder, words: str) -> bool:
    name = f"{holder.name or ''} {holder.booker}".casefold()
    return all(word in name for word in words.casefold().split())


def _label(holder: Holder) -> str:
    names = {"name": holder.name, "booker": holder.booker}
    if not holder.name:
        return str(_("A guest of %(booker)s", **names))
    return holder.name if holder.name == holder.booker else str(_("%(name)s, with %(booker)s", **names))


def _decided(line: Line) -> str | None:
    if not line.told.is_decided:
        return None
    if line.told.skipped:
        return attendance.LEFT_OUT
    return f"seat-{line.told.seat_id}" if line.told.seat_id else "walk-in"


@area.form("/events/<slug>/reports/<public_id>/take-back", access=EVENT_STAFF_ONLY)
def take_back(slug: str, public_id: str) -> ResponseReturnValue:
    event = events.staffed_event(read(), slug=slug)
    kept = queries.report(read(), event, public_id=public_id)
    if kept.state is ImportState.TAKEN_BACK:
        raise NotFound
    form = SeenReport(data={"seen": kept.revision})
    command = partial(attendance.take_back, event_id=event.id, public_id=public_id)
    if form.validate_on_submit():
        if attempt(form, partial(command, seen=form.seen.data)):
            was_draft = kept.state is ImportState.DRAFT
            flash(_("The draft is gone.") if was_draft else _("The report no longer counts."))
            return redirect(url_for(".index", slug=slug))
        event = events.staffed_event(read(), slug=slug)
        kept = queries.report(read(), event, public_id=public_id)
        form.seen.raw_data, form.seen.data = None, kept.revision
    return form_page("attendance_reports/take_back.html", form, event=event, kept=kept)


@area.form("/events/<slug>/reports/differences", access=EVENT_STAFF_ONLY)
def differences(slug: str) -> ResponseReturnValue:
    event = events.staffed_event(read(), slug=slug)
    form = Reconcile()
    if form.validate_on_submit():
        if form.part.data not in {part.id for part in event.parts} or not form.right.data:
            raise NotFound
        if attempt(form, partial(_reconcile, event_id=event.id, form=form)):
            flash(_("Settled."))
            return redirect(url_for(".differences", slug=slug))
        event = events.staffed_event(read(), slug=slug)
    found = attendance.differences(read(), event)
    first = (page_number() - 1) * PAGE
    pager = paged(found[first : first + PAGE + 1], PAGE)
    return form_page("attendance_reports/differences.html", form, event=event, pager=pager)


def _reconcile(work: Work, *, event_id: int, form: Reconcile) -> None:
    attendance.reconcile(
        work,
        event_id=event_id,
        part_id=form.part.data,
        seat_id=form.seat.data,
        seen=form.seen.data,
        by_report=form.right.data == "report",
    )
