"""Pledges of people and organisations: making one, saying how it stands, and the link of the mail that asks."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import PUBLIC, SIGNED_IN, Actor
from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.forms.plans import CheckPlan
from cop.forms.pledges import EditPledge, MakePledge, RemovePledge
from cop.queries import pledges as queries
from cop.queries import programmes
from cop.queries.pledges import Pledge
from cop.services import pledges as services
from cop.web import Area, attempt, form_page, read

area = Area("pledges", __name__, url_prefix="/pledges")


@area.get("/", access=SIGNED_IN)
def index() -> ResponseReturnValue:
    return render_template("pledges/index.html", found=queries.own_pledges(read()))


@area.form("/new", access=SIGNED_IN)
def make() -> ResponseReturnValue:
    """For oneself or the organisations that one leads; the secretariat comes with an organisation in the address."""
    programme = programmes.current(read())
    if programme is None:
        raise NotFound
    slug = request.args.get("organisation")
    owners = queries.owners(read(), programme_id=programme.id, slug=slug)
    chosen = next((one.key for one in owners if one.key == f"organisation {slug}"), None)
    form = MakePledge(
        [(one.key, one.name) for one in owners], data={"owner": chosen, "by_on": day_of(read().now) + queries.USUAL}
    )
    if form.validate_on_submit():
        done = attempt(form, partial(services.make_pledge, slug=slug, **form.answers()))
        if done:
            flash(_("The pledge is made. On its day we ask how it stands."))
            return redirect(url_for(".pledge", public_id=done.result.public_id))
    return form_page("pledges/make.html", form, programme=programme)


@area.get("/<public_id>", access=SIGNED_IN)
def pledge(public_id: str) -> ResponseReturnValue:
    found = _found(public_id)
    return render_template("pledges/pledge.html", found=found, checks=queries.checks(read(), pledge_id=found.id))


def _found(public_id: str) -> Pledge:
    return queries.pledge(read(), public_id=public_id)


@area.form("/<public_id>/edit", access=SIGNED_IN)
def edit(public_id: str) -> ResponseReturnValue:
    found = _found(public_id)
    form = EditPledge(data={"what": found.what, "by_on": found.by_on, "seen": found.revision})
    if form.validate_on_submit():
        if attempt(form, partial(services.edit_pledge, public_id=public_id, **form.answers())):
            flash(_("It is saved."))
            return redirect(url_for(".pledge", public_id=public_id))
        found = _anew(public_id, form)
    return form_page("pledges/edit.html", form, found=found)


@area.form("/<public_id>/remove", access=SIGNED_IN)
def remove(public_id: str) -> ResponseReturnValue:
    found = _found(public_id)
    form = RemovePledge(data={"seen": found.revision})
    if form.validate_on_submit():
        if attempt(form, partial(services.remove_pledge, public_id=public_id, **form.answers())):
            flash(_("It is removed."))
            return redirect(url_for(".index"))
        found = _anew(public_id, form)
    return form_page("pledges/remove.html", form, found=found)


def _anew(public_id: str, form: Any) -> Pledge:
    """What a refusal asks to look at is on the page."""
    found = _found(public_id)
    form.seen.raw_data, form.seen.data = None, found.revision
    return found


@area.form("/<public_id>/check", access=SIGNED_IN)
def check(public_id: str) -> ResponseReturnValue:
    return _check(partial(_found, public_id), url_for(".pledge", public_id=public_id))


@area.form("/t/<token>", access=PUBLIC)
def by_link(token: str) -> ResponseReturnValue:
    """The mailed link: whoever has it can say how this pledge stands, and nothing else."""
    asked = queries.asked_of_link(read(), token=token)
    holder = Actor(asked.person_id, via="link")

    def find() -> Pledge:
        return queries.asked_of_link(read(), token=token).pledge

    return _check(find, url_for(".by_link", token=token, said="yes"), holder)


def _check(find: Callable[[], Pledge], back: str, holder: Actor | None = None) -> ResponseReturnValue:
    found = find()
    form = CheckPlan(data={"seen": found.revision})
    if form.validate_on_submit():
        command = partial(services.check_pledge, public_id=found.public_id, **form.answers())
        if attempt(form, command, holder):
            if holder is None:
                flash(_("Thank you. It is written down."))
            return redirect(back)
        found = find()
        form.seen.raw_data, form.seen.data = None, found.revision
    is_saved = request.method == "GET" and request.args.get("said") == "yes"
    by_link = holder is not None
    return form_page("pledges/check.html", form, found=found, back_to=back, by_link=by_link, is_saved=is_saved)
