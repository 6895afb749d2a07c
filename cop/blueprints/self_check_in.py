"""Checking oneself in: the code that staff open, its page for the slide, and the page behind it."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_STAFF_ONLY, PUBLIC
from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.forms.base import Confirm
from cop.forms.check_in import CheckInByEmail, OpenCode
from cop.models.events import EventState, PartState
from cop.queries import check_in, events
from cop.queries import self_check_in as queries
from cop.services.events import self_check_in as services
from cop.web import Area, attempt, form_page, ports, read, run, shown_or_refused

NOT_FOUND = 404

MOST = 20
"""Letters and digits of what somebody typed that are worth showing again."""

area = Area("self_check_in", __name__)


@area.form("/events/<slug>/self-check-in", access=EVENT_STAFF_ONLY)
def codes(slug: str) -> ResponseReturnValue:
    event = events.staffed_event(read(), slug=slug)
    today = day_of(read().now)
    parts = [part for part in event.parts if part.state is PartState.PLANNED and day_of(part.starts_at) <= today]
    may_open = bool(parts) and event.state is EventState.PUBLISHED
    current = check_in.current_part(event, read().now)
    form = OpenCode(data={"part": current.id if current is not None else None, "minutes": "20"})
    form.offer(parts)
    if may_open and form.validate_on_submit():
        command = partial(services.open_code, event_id=event.id, part_id=form.part.data, minutes=int(form.minutes.data))
        done = attempt(form, command)
        if done:
            return redirect(url_for(".slide", slug=slug, code=done.result.code))
    shown = {"event": event, "codes": queries.open_codes(read(), event), "may_open": may_open}
    page = render_template("self_check_in/codes.html", form=form, **shown)
    return (page, 422 if form.errors else 200) if may_open else shown_or_refused(page)


@area.get("/events/<slug>/self-check-in/<code>", access=EVENT_STAFF_ONLY)
def slide(slug: str, code: str) -> ResponseReturnValue:
    event = events.staffed_event(read(), slug=slug)
    found = queries.open_code(read(), typed=code)
    if found is None or found.part.event_id != event.id:
        return redirect(url_for(".codes", slug=slug))
    tally = check_in.tally(read(), found.part)
    address = f"{ports().settings.base_url}{url_for('.ask')}".partition("://")[2]
    return render_template("self_check_in/slide.html", event=event, found=found, tally=tally, address=address)


@area.post("/events/<slug>/self-check-in/<code>/close", access=EVENT_STAFF_ONLY)
def close(slug: str, code: str) -> ResponseReturnValue:
    event = events.staffed_event(read(), slug=slug)
    run(partial(services.close_code, event_id=event.id, code=code))
    flash(_("The code is closed. Whoever is here already stays checked in."))
    return redirect(url_for(".codes", slug=slug))


@area.get("/check-in/", access=PUBLIC)
def ask() -> ResponseReturnValue:
    code = queries.code_in(request.args.get("code", ""))
    if code:
        return redirect(url_for(".own", code=code[:MOST]))
    return render_template("self_check_in/ask.html", code="")


@area.form("/check-in/<code>", access=PUBLIC)
def own(code: str) -> ResponseReturnValue:
    """Shows on GET and acts on POST; a code that stands for nothing now is a page that is not there."""
    found = queries.open_code(read(), typed=code)
    if found is None:
        return render_template("self_check_in/ask.html", code=queries.code_in(code)[:MOST]), NOT_FOUND
    return _signed_in(found) if read().actor.person_id is not None else _by_email(found)


def _signed_in(found: queries.Open) -> ResponseReturnValue:
    person_id = read().actor.person_id
    if person_id is None:
        raise NotFound
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.check_oneself_in, code=found.code)):
        return redirect(url_for(".own", code=found.code))
    since = queries.here_since(read(), part_id=found.part.id, person_id=person_id)
    return form_page("self_check_in/own.html", form, found=found, since=since)


def _by_email(found: queries.Open) -> ResponseReturnValue:
    form = CheckInByEmail()
    if form.validate_on_submit():
        given = {"email": form.email.data, "network": request.remote_addr or ""}
        done = attempt(form, partial(services.check_in_by_email, code=found.code, **given))
        if done and done.result is services.Tried.NETWORK_IS_BUSY:
            return render_template("errors/429.html"), 429, {"Retry-After": "300"}
        if done:
            flash(_("Thank you. If this address has a booking here, you are checked in. If in doubt, ask a host."))
            return redirect(url_for(".own", code=found.code))
    return form_page("self_check_in/by_email.html", form, found=found)
