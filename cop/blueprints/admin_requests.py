"""The register of requests under data protection law, for admins of everything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from cop.core.access import ADMIN_ONLY
from cop.core.errors import NotFound
from cop.forms import requests as forms
from cop.forms.base import Confirm
from cop.queries import people
from cop.queries import requests as queries
from cop.queries.requests import Shown
from cop.services import requests as services
from cop.services.requests import Asker
from cop.web import Area, attempt, form_page, observe, page_number, paged, read

PAGE = 50

area = Area("admin_requests", __name__, url_prefix="/admin/requests")


@dataclass(frozen=True)
class Step:
    """One thing that can be done about a request: what is asked first, and the words of its page."""

    form: type[FlaskForm]
    act: Callable[..., Any]
    heading: Any
    button: Any
    done: Any
    warning: bool = False


STEPS: Mapping[str, Step] = {
    "acknowledge": Step(
        forms.Acknowledge,
        services.acknowledge,
        _l("Acknowledge it"),
        _l("Acknowledge it"),
        _l("It is acknowledged, and the person is told."),
    ),
    "stop": Step(
        forms.Stop,
        services.stop,
        _l("Ask the person, and stop the clock"),
        _l("Ask, and stop the clock"),
        _l("The clock stands still until you let it go on."),
    ),
    "resume": Step(
        Confirm,
        services.resume,
        _l("Let the clock go on"),
        _l("Let the clock go on"),
        _l("The clock goes on, and the person is told the new day."),
    ),
    "extend": Step(
        forms.Extend,
        services.extend,
        _l("Put it off by two months"),
        _l("Put it off, and tell them why"),
        _l("It is put off, and the person is told why."),
    ),
    "note": Step(forms.Note, services.note, _l("Add a note"), _l("Save the note"), _l("The note is saved.")),
    "answer": Step(
        forms.Answer,
        services.answer,
        _l("Answer it"),
        _l("Send the answer, and close it"),
        _l("It is answered and closed."),
    ),
    "refuse": Step(
        forms.Refuse,
        services.refuse,
        _l("Refuse it"),
        _l("Refuse it, and tell them why"),
        _l("It is refused and closed, and the person is told why."),
        warning=True,
    ),
    "withdraw": Step(
        Confirm,
        services.withdraw,
        _l("Note that they took it back"),
        _l("They took it back: close it"),
        _l("It is closed, and the person is told."),
    ),
}


@area.get("/", access=ADMIN_ONLY)
def index() -> ResponseReturnValue:
    shown = next((item for item in Shown if item == request.args.get("show")), Shown.OPEN)
    form = forms.SearchRequests(request.args)
    kind = form.asked().get("kind")
    found = queries.register(read(), shown=shown, kind=kind, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template(
        "admin_requests/index.html",
        pager=paged(found, PAGE),
        form=form,
        shown=shown,
        lists=list(Shown),
        counts=queries.counts(read()),
        kept={"kind": kind.value} if kind else {},
    )


@area.form("/new", access=ADMIN_ONLY)
def new() -> ResponseReturnValue:
    """``?person=`` in the address names somebody who has a record here."""
    public_id = request.args.get("person")
    person = people.profile(read(), public_id=public_id) if public_id else None
    form = forms.EnterForPerson() if person else forms.Enter()
    if form.validate_on_submit():
        given = {name: form[name].data or "" for name in ("name", "email", "contact") if name in form}
        asker = Asker(person_id=public_id) if person and public_id else Asker(**given)
        answers = {name: form[name].data for name in ("kind", "came_by", "received_on", "asked_for")}
        done = attempt(form, partial(services.enter, asker=asker, **answers))
        if done:
            flash(_("The request is in the register."))
            return redirect(url_for(".one", public_id=done.result.public_id))
    return form_page("admin_requests/new.html", form, whose=person)


@area.form("/<public_id>", access=ADMIN_ONLY)
def one(public_id: str) -> ResponseReturnValue:
    """A request with its steps; the form gives it to somebody."""
    found = queries.one(read(), public_id=public_id)
    form = forms.Give(handler=found.handler.public_id if found.handler else "")
    form.offer((person.public_id, person.name) for person in queries.handlers(read()))
    if form.validate_on_submit():
        command = partial(services.give_to, public_id=public_id, handler_id=form.handler.data)
        if attempt(form, command):
            flash(_("Noted who deals with it."))
            return redirect(url_for(".one", public_id=public_id))
    observe("request read", "request", found.request.id)
    return form_page("admin_requests/one.html", form, found=found, actions=STEPS)


@area.form("/<public_id>/<step>", access=ADMIN_ONLY)
def take_step(public_id: str, step: str) -> ResponseReturnValue:
    found = queries.one(read(), public_id=public_id)
    if step not in STEPS:
        raise NotFound
    wanted = STEPS[step]
    form = wanted.form()
    if form.validate_on_submit():
        given = {field.name: field.data for field in form if field.name != "csrf_token"}
        if attempt(form, partial(wanted.act, public_id=public_id, **given)):
            flash(str(wanted.done))
            return redirect(url_for(".one", public_id=public_id))
    return form_page("admin_requests/step.html", form, found=found, step=wanted)
