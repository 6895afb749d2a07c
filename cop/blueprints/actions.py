"""Actions that are taken home from a summit: the list for those who came, taking one on, and saying how it stands."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_STAFF_ONLY, PUBLIC, SIGNED_IN, Actor
from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.forms.actions import AddAction, EditAction, RemoveAction
from cop.forms.plans import CheckPlan
from cop.queries import actions as queries
from cop.queries import summits
from cop.queries.actions import Action, Actions, Asked
from cop.services import actions as services
from cop.web import Area, attempt, form_page, read

LIST = "/summits/<slug>/actions"
ONE = f"{LIST}/<public_id>"

area = Area("actions", __name__)


@area.get(LIST, access=SIGNED_IN)
def index(slug: str) -> ResponseReturnValue:
    found = _found(slug)
    return render_template("actions/index.html", found=found, event=found.event, is_open=found.is_open(read().now))


def _found(slug: str) -> Actions:
    return queries.actions_of(read(), slug=slug)


@area.form(f"{LIST}/new", access=SIGNED_IN)
def add(slug: str) -> ResponseReturnValue:
    """For oneself or one's organisation, and for staff for any that came, with the note it comes from beside it."""
    found = _found(slug)
    owners = [(one.key, one.name) for one in queries.owners(read(), found.event, own=not found.follows)]
    form = AddAction(owners, data={"by_on": day_of(read().now) + queries.USUAL})
    if form.validate_on_submit():
        if attempt(form, partial(services.add_action, event_id=found.event.id, **form.answers())):
            flash(_("It is noted. On its day we ask how it stands."))
            return redirect(url_for(".index", slug=slug))
        found = _found(slug)
    return form_page(
        "actions/add.html",
        form,
        found=found,
        event=found.event,
        note=_note(found),
        is_open=found.is_open(read().now),
    )


def _note(found: Actions) -> summits.Note | None:
    """The note of a table that staff look at while they write, if the address names one."""
    round_, table = (request.args.get(name, type=int) for name in ("round", "table"))
    if not found.follows or round_ is None or table is None:
        return None
    return summits.notes_of(read(), found.event).at(round_ - 1, table - 1)


@area.form(f"{ONE}/edit", access=SIGNED_IN)
def edit(slug: str, public_id: str) -> ResponseReturnValue:
    found = _found(slug)
    action = _to_change(found, public_id)
    form = EditAction(data={"what": action.what, "by_on": action.by_on, "seen": action.revision})
    if form.validate_on_submit():
        if attempt(form, partial(services.edit_action, public_id=public_id, **form.answers())):
            flash(_("It is saved."))
            return redirect(url_for(".index", slug=slug))
        found, action = _again(slug, public_id, form)
    return form_page("actions/edit.html", form, found=found, event=found.event, action=action)


def _to_change(found: Actions, public_id: str) -> Action:
    action = found.one(public_id)
    if not (found.follows or action.is_own):
        raise NotFound
    return action


def _again(slug: str, public_id: str, form: Any) -> tuple[Actions, Action]:
    """What a refusal asks to look at is on the page."""
    found = _found(slug)
    action = _to_change(found, public_id)
    form.seen.raw_data, form.seen.data = None, action.revision
    return found, action


@area.form(f"{ONE}/remove", access=EVENT_STAFF_ONLY)
def remove(slug: str, public_id: str) -> ResponseReturnValue:
    found = _found(slug)
    action = found.one(public_id)
    if not found.follows:
        raise NotFound
    form = RemoveAction(data={"seen": action.revision})
    if form.validate_on_submit():
        if attempt(form, partial(services.remove_action, public_id=public_id, **form.answers())):
            flash(_("It is removed."))
            return redirect(url_for(".index", slug=slug))
        found, action = _again(slug, public_id, form)
    return form_page("actions/remove.html", form, found=found, event=found.event, action=action)


@area.form(f"{ONE}/check", access=SIGNED_IN)
def check(slug: str, public_id: str) -> ResponseReturnValue:
    back = url_for(".index", slug=slug)

    def find() -> Asked:
        found = _found(slug)
        return Asked(found.event, _to_change(found, public_id), read().actor.person_id or 0)

    return _check(find, back)


@area.form("/actions/<token>", access=PUBLIC)
def by_link(token: str) -> ResponseReturnValue:
    """The mailed link: whoever has it can say how this action stands, and nothing else."""
    find = partial(queries.asked_of_link, read(), token=token)
    return _check(find, url_for(".by_link", token=token, said="yes"), by_link=True)


def _check(find: Callable[[], Asked], back: str, *, by_link: bool = False) -> ResponseReturnValue:
    found = find()
    form = CheckPlan(data={"seen": found.action.revision})
    if form.validate_on_submit():
        command = partial(services.check_action, public_id=found.action.public_id, **form.answers())
        if attempt(form, command, Actor(found.person_id, via="link") if by_link else None):
            if not by_link:
                flash(_("Thank you. It is written down."))
            return redirect(back)
        found = find()
        form.seen.raw_data, form.seen.data = None, found.action.revision
    is_saved = request.method == "GET" and request.args.get("said") == "yes"
    return form_page("actions/check.html", form, found=found, back_to=back, by_link=by_link, is_saved=is_saved)
