"""Staff prepare a summit: its agenda, whom they invite, and the lists for the day."""

import re
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import EVENT_EDITORS, EVENT_EDITORS_ONLY, EVENT_STAFF_ONLY
from cop.core.errors import NotFound, Refusal
from cop.formats.guest_lists import read_people
from cop.formats.tables import Row, TableError, read_csv, write_csv
from cop.forms.base import Confirm, Form
from cop.forms.summits import (
    ALLERGENS,
    NEEDS,
    WAYS,
    AnswerInvitation,
    FindToInvite,
    InviteFitting,
    InvitePeople,
    NewSummit,
    PlanPart,
    Remind,
    SearchInvitations,
    Withdraw,
)
from cop.mail.rehearsing import Rehearsal, once_sure
from cop.models.events import Event, EventKind, EventState, Part
from cop.queries import programmes, staff_events
from cop.queries import summits as queries
from cop.services import summits as services
from cop.services.events import editing as events
from cop.services.events.editing import summits as editing
from cop.web import Area, attempt, form_page, observe, page_number, paged, ports, read, sure_page
from cop.web.templating import kind_name

PAGE = 50
MOST_UPLOADED_BYTES = 500_000
COLUMNS = frozenset({"email", "name", "organisation"})

LINE_END = re.compile(rb"\r\n?|\n")
"""A browser sends a field with CRLF, so the file is measured with them too."""

area = Area("admin_summits", __name__, url_prefix="/admin/summits")


@area.form("/new", access=EVENT_EDITORS_ONLY)
def new() -> ResponseReturnValue:
    own = programmes.granted(read(), *EVENT_EDITORS)
    if not own:
        raise NotFound
    form = NewSummit([(programme.id, programme.name) for programme in own])
    if form.validate_on_submit():
        done = attempt(form, partial(editing.create_summit, **form.answers()))
        if done:
            flash(_("The summit is a draft now. Only staff see it until you publish it."))
            return redirect(url_for(".overview", slug=done.result.slug))
    return form_page("admin_summits/new.html", form)


@area.get("/<slug>", access=EVENT_STAFF_ONLY)
def overview(slug: str) -> ResponseReturnValue:
    found = _summit(slug)
    coming = found.coming(read().now)
    return render_template(
        "admin_summits/overview.html",
        found=found,
        coming=coming,
        missing=staff_events.missing_to_publish(found.event, has_coming_slot=bool(coming)),
        may_edit=staff_events.may_edit(read().actor, found.event),
        answers=_answers(found.event),
    )


@area.get("/<slug>/agenda", access=EVENT_STAFF_ONLY)
def agenda(slug: str) -> ResponseReturnValue:
    found = _summit(slug)
    may_edit = staff_events.may_edit(read().actor, found.event) and found.event.state is not EventState.CANCELLED
    return render_template("admin_summits/agenda.html", found=found, days=found.days(_zone()), may_edit=may_edit)


@area.form("/<slug>/agenda/new", access=EVENT_EDITORS_ONLY)
def add_part(slug: str) -> ResponseReturnValue:
    found = _summit(slug, to_edit=True)
    form = PlanPart(data=_next_part(found))
    command = partial(editing.add_part, event_id=found.event.id, zone=_zone())
    del form.note
    if form.validate_on_submit() and form.sure.data != "back":
        outcome = once_sure(form, partial(command, **form.answers()))
        if isinstance(outcome, Rehearsal):
            return _sure_page(
                form, outcome, found, _("Add it, and tell those who come?"), _("Yes, add it and tell them")
            )
        if outcome:
            flash(_("“%(title)s” is planned.", title=form.title.data))
            return redirect(url_for(".agenda", slug=slug))
    form.ask_again()
    return _page("admin_summits/add_part.html", form, found)


def _sure_page(
    form: PlanPart, rehearsal: Rehearsal[Any], found: staff_events.StaffEvent, heading: str, yes: str, **values: Any
) -> ResponseReturnValue:
    where = {"back_to": request.path, "back_name": _("Agenda")}
    words = {"heading": heading, "yes": yes, "no": _("No, change it")}
    return sure_page(form, rehearsal, event=found.event, **words, **where, **values)


def _next_part(found: staff_events.StaffEvent) -> dict[str, Any]:
    """Most parts are on the day of the others."""
    days = found.days(_zone())
    return {"on_date": days[-1].on} if days else {}


@area.form("/<slug>/agenda/<int:part_id>", access=EVENT_EDITORS_ONLY)
def edit_part(slug: str, part_id: int) -> ResponseReturnValue:
    found = _summit(slug, to_edit=True)
    form = PlanPart(data=_as_asked(found.slot(part_id).part))
    del form.kind
    command = partial(editing.edit_part, part_id=part_id, zone=_zone())
    if form.validate_on_submit() and form.sure.data != "back":
        outcome = once_sure(form, partial(command, **form.answers()))
        if isinstance(outcome, Rehearsal):
            heading, yes = _("Move “%(title)s”?", title=form.title.data), _("Yes, move it and tell them")
            return _sure_page(form, outcome, found, heading, yes, part=found.slot(part_id).part)
        if outcome:
            flash(_("“%(title)s” is saved.", title=form.title.data))
            return redirect(url_for(".agenda", slug=slug))
    form.ask_again()
    return _page("admin_summits/edit_part.html", form, found, part_id)


def _as_asked(part: Part) -> dict[str, Any]:
    starts, ends = (at.astimezone(_zone()) for at in (part.starts_at, part.ends_at))
    return {
        "on_date": starts.date(),
        "start": starts.time(),
        "end": ends.time(),
        "title": part.title,
        "place": part.place,
        "capacity": part.capacity,
    }


@area.form("/<slug>/agenda/<int:part_id>/remove", access=EVENT_EDITORS_ONLY)
def remove_part(slug: str, part_id: int) -> ResponseReturnValue:
    found = _summit(slug, to_edit=True)
    found.slot(part_id)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(events.remove_slot, part_id=part_id)):
        flash(_("It is removed."))
        return redirect(url_for(".agenda", slug=slug))
    return _page("admin_summits/remove_part.html", form, found, part_id)


@area.get("/<slug>/invitations", access=EVENT_STAFF_ONLY)
def invitations(slug: str) -> ResponseReturnValue:
    found = _summit(slug)
    form = SearchInvitations(request.args, list(_states().items()))
    asked = form.asked()
    state = next((item for item in queries.State if item == asked.get("state")), None)
    rows = queries.invited(
        read(),
        found.event,
        state=state,
        words=asked.get("q", ""),
        offset=(page_number() - 1) * PAGE,
        limit=PAGE,
    )
    return render_template(
        "admin_summits/invitations.html",
        found=found,
        form=form,
        asked=asked,
        pager=paged(rows, PAGE),
        answers=_answers(found.event),
        states=_states(),
        proposals=queries.count_of_proposals(read(), found.event),
        may_edit=staff_events.may_edit(read().actor, found.event) and found.event.state is not EventState.CANCELLED,
    )


@area.form("/<slug>/invitations/new", access=EVENT_EDITORS_ONLY)
def invite(slug: str) -> ResponseReturnValue:
    """Show line by line what a list would do; do it when the page that showed it sends the same list back."""
    found = _summit(slug, to_edit=True)
    event_id = found.event.id
    form = InvitePeople()
    content = _content(form) if form.validate_on_submit() else None
    rows = _rows(form, *content) if content else []
    if content is None or not rows:
        return _page("admin_summits/invite.html", form, found)
    if "content" in request.form:
        done = attempt(form, lambda work: services.invite(work, event_id=event_id, rows=rows))
        if done:
            flash(ngettext("%(num)s person is invited.", "%(num)s people are invited.", done.result.changes))
            return redirect(url_for(".invitations", slug=slug))
    try:
        plan = services.plan_invitations(read(), event_id=event_id, rows=rows)
    except Refusal as refusal:
        form.people.errors = [_(refusal.message, **refusal.params)]
        return _page("admin_summits/invite.html", form, found)
    found = _summit(slug, to_edit=True)
    kind, text = content
    page = render_template(
        "admin_summits/invite_preview.html", form=form, found=found, plan=plan, kind=kind, content=text
    )
    return page, 422 if plan.refused or form.errors else 200


@area.form("/<slug>/invitations/directory", access=EVENT_EDITORS_ONLY)
def invite_fitting(slug: str) -> ResponseReturnValue:
    """Count whom of the directory a choice fits; invite exactly those when the page that counted them is sent."""
    found = _summit(slug, to_edit=True)
    past = queries.past_events(read(), found.event)
    kinds = [(kind.value, _("Any %(kind)s", kind=kind_name(kind))) for kind in EventKind]
    search = FindToInvite(request.args, kinds, [(event.slug, event.title) for event in past])
    wanted = queries.Wanted(**search.wanted())
    form = InviteFitting()
    if form.validate_on_submit():
        command = partial(services.invite_fitting, event_id=found.event.id, wanted=wanted, seen=form.seen.data)
        done = attempt(form, command)
        if done:
            flash(ngettext("%(num)s person is invited.", "%(num)s people are invited.", done.result))
            return redirect(url_for(".invitations", slug=slug))
        found = _summit(slug, to_edit=True)
    fits = None if wanted.is_everybody else queries.fits(read(), found.event, wanted)
    if fits is not None:
        form.seen.raw_data, form.seen.data = None, fits.seen
    return form_page(
        "admin_summits/invite_fitting.html",
        form,
        found=found,
        event=found.event,
        search=search,
        fits=fits,
        most=services.MOST_AT_ONCE,
    )


def _content(form: InvitePeople) -> tuple[str, str] | None:
    """The list with its kind: what was pasted, the file that was sent, or what the preview carried."""
    if "content" in request.form:
        return request.form.get("kind", ""), request.form["content"]
    if form.file.data:
        data = LINE_END.sub(b"\r\n", form.file.data.read(MOST_UPLOADED_BYTES + 1))
        try:
            return "file", data.decode("utf-8-sig")
        except UnicodeDecodeError:
            form.file.errors = [_("The file is not UTF-8. Save it as “CSV UTF-8”.")]
            return None
    if form.people.data:
        return "people", form.people.data
    form.people.errors = [_("Enter whom you want to invite, or choose a file")]
    return None


def _rows(form: InvitePeople, kind: str, text: str) -> list[Row]:
    if kind != "file":
        return read_people(text)
    try:
        rows = read_csv(text.encode(), frozenset({"email"}), COLUMNS, most_bytes=MOST_UPLOADED_BYTES)
    except TableError as error:
        reason = _(error.reason, **error.params)
        form.file.errors = [_("Line %(line)s: %(reason)s", line=error.line, reason=reason)]
        return []
    if not rows:
        form.file.errors = [_("The file holds no rows")]
    return rows


@area.form("/<slug>/invitations/remind", access=EVENT_EDITORS_ONLY)
def remind(slug: str) -> ResponseReturnValue:
    found = _summit(slug, to_edit=True)
    form = Remind()
    command = partial(services.remind, event_id=found.event.id)
    if form.validate_on_submit():
        done = attempt(form, partial(command, tentative=form.tentative.data))
        if done:
            flash(ngettext("%(num)s person is reminded.", "%(num)s people are reminded.", done.result))
            return redirect(url_for(".invitations", slug=slug))
    event = _summit(slug, to_edit=True).event
    without, others = (queries.silent(read(), event, tentative=tentative) for tentative in (False, True))
    undecided = queries.Silent(others.due - without.due, others.resting - without.resting)
    return _page("admin_summits/remind.html", form, found, unanswered=without, undecided=undecided)


@area.form("/<slug>/invitations/<public_id>/withdraw", access=EVENT_EDITORS_ONLY)
def withdraw(slug: str, public_id: str) -> ResponseReturnValue:
    found = _summit(slug, to_edit=True)
    invitation = queries.invitation_to(read(), found.event, public_id=public_id)
    form = Withdraw()
    command = partial(services.withdraw, public_id=public_id)
    if form.validate_on_submit():
        if attempt(form, partial(command, **form.answers())):
            flash(_("The invitation is withdrawn."))
            return redirect(url_for(".invitations", slug=slug))
        invitation = queries.invitation_to(read(), _summit(slug, to_edit=True).event, public_id=public_id)
    return _page("admin_summits/withdraw.html", form, found, invitation=invitation)


@area.form("/<slug>/invitations/<public_id>/answer", access=EVENT_STAFF_ONLY)
def answer(slug: str, public_id: str) -> ResponseReturnValue:
    """What somebody said on the telephone; their access needs are shown, and noted as read."""
    event = _summit(slug).event
    invitation = queries.invitation_to(read(), event, public_id=public_id)
    booking = queries.booking_of(read(), invitation)
    needs = queries.kept_needs(read(), booking_id=booking.id) if booking is not None else queries.Needs()
    form = AnswerInvitation.of(invitation, queries.held_ids(booking), needs)
    if form.validate_on_submit():
        reply = services.Reply(**form.answers(), needs=queries.Needs(**form.said()))
        if attempt(form, partial(services.answer, public_id=public_id, reply=reply)):
            flash(_("The answer of %(name)s is saved.", name=invitation.person.name))
            return redirect(url_for(".invitations", slug=slug))
        invitation = queries.invitation_to(read(), _summit(slug).event, public_id=public_id)
    observe("access needs read", "event", event.id)
    return form_page(
        "admin_summits/answer.html",
        form,
        event=invitation.event,
        invitation=invitation,
        held=queries.held_ids(queries.booking_of(read(), invitation)),
        stop=queries.stop_for(invitation.event, invitation, read().now, is_staff=True),
        version=queries.version_of(invitation),
    )


@area.get("/<slug>/caterer", access=EVENT_STAFF_ONLY)
def caterer(slug: str) -> ResponseReturnValue:
    event = _summit(slug).event
    found = queries.caterer_list(read(), event)
    observe("diets read", "event", event.id)
    return render_template("admin_summits/caterer.html", event=event, found=found, words=[*WAYS, *ALLERGENS])


@area.get("/<slug>/access", access=EVENT_STAFF_ONLY)
def access(slug: str) -> ResponseReturnValue:
    event = _summit(slug).event
    found = queries.access_list(read(), event)
    observe("access needs read", "event", event.id)
    return render_template("admin_summits/access.html", event=event, found=found, words=NEEDS)


@area.get("/<slug>/door", access=EVENT_STAFF_ONLY)
def door(slug: str) -> ResponseReturnValue:
    event = _summit(slug).event
    return render_template("admin_summits/door.html", event=event, people=queries.door_list(read(), event))


@area.get("/<slug>/door.csv", access=EVENT_STAFF_ONLY, fresh=True)
def door_csv(slug: str) -> ResponseReturnValue:
    event = _summit(slug).event
    people = queries.door_list(read(), event)
    rows = [[one.name, one.organisation or "", "; ".join(one.breakouts)] for one in people]
    observe("door list exported", "event", event.id)
    return Response(
        b"".join(write_csv([["name", "organisation", "breakouts"], *rows])),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{event.slug}-door.csv"',
            "Cache-Control": "private, no-store",
        },
    )


def _summit(slug: str, *, to_edit: bool = False) -> staff_events.StaffEvent:
    found = staff_events.staff_event(read(), slug=slug, to_edit=to_edit)
    if found.event.kind is not EventKind.SUMMIT:
        raise NotFound
    return found


def _page(
    template: str, form: Form, found: staff_events.StaffEvent, part_id: int | None = None, **values: Any
) -> ResponseReturnValue:
    if form.errors:
        found = _summit(found.event.slug, to_edit=True)  # a refused command has unloaded what the page shows
    slot = found.slot(part_id) if part_id is not None else None
    return form_page(template, form, found=found, event=found.event, slot=slot, **values)


def _answers(event: Event) -> list[tuple[str, int]]:
    """How many invitations are in each state, in words; those that were withdrawn only where there are any."""
    tally, words = queries.tally(read(), event), _states()
    shown = [state for state in queries.State if state is not queries.State.WITHDRAWN or tally[state]]
    return [(words[state], tally[state]) for state in shown] if any(tally.values()) else []


def _states() -> dict[str, str]:
    return {
        queries.State.UNOPENED.value: _("Not opened"),
        queries.State.OPENED.value: _("Opened, no answer"),
        queries.State.YES.value: _("Yes"),
        queries.State.TENTATIVE.value: _("Does not know yet"),
        queries.State.NO.value: _("No"),
        queries.State.WITHDRAWN.value: _("Withdrawn"),
    }


def _zone() -> ZoneInfo:
    return ports().settings.timezone
