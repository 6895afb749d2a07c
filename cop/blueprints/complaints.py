"""Complaints about how the service uses personal data, also from people without an account."""

from functools import partial

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC
from cop.forms.requests import Complain
from cop.models.privacy import RequestKind
from cop.services import requests as services
from cop.web import Area, attempt, current_actor, form_page

area = Area("complaints", __name__, url_prefix="/complaints")


@area.form("", access=PUBLIC)
def complain() -> ResponseReturnValue:
    if current_actor().person_id is not None:
        return redirect(url_for("requests.ask", kind=RequestKind.COMPLAINT.value))
    form = Complain()
    if form.validate_on_submit():
        command = partial(services.complain, name=form.name.data, email=form.email.data, asked_for=form.asked_for.data)
        done = attempt(form, partial(command, network=request.remote_addr or ""))
        if done and done.result.network_is_busy:
            return render_template("errors/429.html"), 429, {"Retry-After": "300"}
        if done:
            return redirect(url_for(".received"))
    return form_page("complaints/complain.html", form)


@area.get("/received", access=PUBLIC)
def received() -> ResponseReturnValue:
    return render_template("complaints/received.html")
