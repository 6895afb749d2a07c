"""Asking under data protection law as somebody who is signed in, and following what became of it."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import SIGNED_IN
from cop.forms.base import Confirm
from cop.forms.requests import Ask
from cop.models.privacy import RequestKind
from cop.queries import requests as queries
from cop.services import requests as services
from cop.web import Area, attempt, form_page, page_number, paged, read

PAGE = 20

area = Area("requests", __name__, url_prefix="/account/privacy/requests")


@area.get("/", access=SIGNED_IN)
def index() -> ResponseReturnValue:
    found = queries.own(read(), offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("requests/index.html", pager=paged(found, PAGE))


@area.form("/new", access=SIGNED_IN)
def ask() -> ResponseReturnValue:
    """``?kind=`` in the address chooses what the page that leads here is about."""
    form = Ask(kind=next((kind for kind in RequestKind if kind == request.args.get("kind")), None))
    if form.validate_on_submit():
        done = attempt(form, partial(services.ask, kind=form.kind.data, asked_for=form.asked_for.data))
        if done:
            flash(_("We have got it, and have sent you a message that says so."))
            return redirect(url_for(".one", public_id=done.result.public_id))
    return form_page("requests/ask.html", form)


@area.get("/<public_id>", access=SIGNED_IN)
def one(public_id: str) -> ResponseReturnValue:
    found, steps = queries.own_one(read(), public_id=public_id)
    return render_template("requests/one.html", found=found, steps=steps)


@area.form("/<public_id>/withdraw", access=SIGNED_IN)
def withdraw(public_id: str) -> ResponseReturnValue:
    found, _steps = queries.own_one(read(), public_id=public_id)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.withdraw, public_id=public_id)):
        flash(_("You have taken it back."))
        return redirect(url_for(".one", public_id=public_id))
    return form_page("requests/withdraw.html", form, found=found)
