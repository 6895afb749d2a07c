"""The list of those who want to hear when the next round of a programme opens."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import PUBLIC, SIGNED_IN
from cop.forms.base import Confirm
from cop.forms.interest import AskToBeTold
from cop.models.programmes import Programme
from cop.queries import interest as queries
from cop.queries import programmes
from cop.queries.interest import Stage
from cop.services import interest
from cop.services.interest import Asked
from cop.web import Area, attempt, current_actor, form_page, read, run

area = Area("interest", __name__)


@area.form("/programmes/<slug>/interest", access=PUBLIC)
def ask(slug: str) -> ResponseReturnValue:
    programme = programmes.by_slug(read(), slug)
    if current_actor().person_id is not None:
        return _own(programme)
    form = AskToBeTold()
    if form.validate_on_submit():
        command = partial(interest.ask, programme_id=programme.id, email=form.email.data)
        done = attempt(form, partial(command, network=request.remote_addr or ""))
        if done and done.result is Asked.NETWORK_IS_BUSY:
            return render_template("errors/429.html"), 429, {"Retry-After": "300"}
        if done:
            return redirect(url_for(".check_mail", slug=slug))
    return form_page("interest/ask.html", form, programme=programme)


def _own(programme: Programme) -> ResponseReturnValue:
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(interest.join, programme_id=programme.id)):
        flash(_("You are on the list."))
        return redirect(url_for(".ask", slug=programme.slug))
    own = queries.of_person(read(), programme_id=programme.id, person_id=current_actor().person_id)
    return form_page("interest/own.html", form, programme=programme, own=own)


@area.post("/programmes/<slug>/interest/leave", access=SIGNED_IN)
def leave(slug: str) -> ResponseReturnValue:
    programme = programmes.by_slug(read(), slug)
    run(partial(interest.leave, programme_id=programme.id))
    flash(_("You are off the list."))
    return redirect(url_for(".ask", slug=slug))


@area.get("/programmes/<slug>/interest/check-mail", access=PUBLIC)
def check_mail(slug: str) -> ResponseReturnValue:
    return render_template("interest/check_mail.html", programme=programmes.by_slug(read(), slug))


@area.form("/interest/<token>", access=PUBLIC)
def by_link(token: str) -> ResponseReturnValue:
    """The link in each mail that came because of the list: it ends that."""
    found = queries.of_link(read(), token=token)
    is_over = queries.stage_of(read(), found) is not Stage.LISTED
    if is_over and request.method == "GET":
        return render_template("interest/left.html", programme=found.programme)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(interest.leave_by_link, token=token)):
        return redirect(url_for(".by_link", token=token))
    return form_page("interest/by_link.html", form, programme=found.programme)
