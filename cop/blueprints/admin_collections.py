"""Editors of the toolkit gather resources that belong together, and put them in an order."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_EDITORS_ONLY
from cop.core.errors import NotFound
from cop.forms.toolkit import AboutCollection, AddToCollection, NewCollection, SeenResource
from cop.models.toolkit import Collection
from cop.queries import programmes
from cop.queries import toolkit as queries
from cop.queries.toolkit import EDITORS
from cop.services import toolkit as services
from cop.web import Area, attempt, form_page, read

area = Area("admin_collections", __name__, url_prefix="/admin/toolkit/collections")


@area.form("/new/<programme_slug>", access=EVENT_EDITORS_ONLY)
def new(programme_slug: str) -> ResponseReturnValue:
    programme = next((each for each in programmes.granted(read(), *EDITORS) if each.slug == programme_slug), None)
    if programme is None:
        raise NotFound
    form = NewCollection()
    if form.validate_on_submit():
        done = attempt(form, partial(services.create_collection, programme_id=programme.id, **form.answers()))
        if done:
            flash(_("The collection is added. People see it once it holds something that they may see."))
            return redirect(url_for(".overview", slug=done.result.slug))
    return form_page("admin_toolkit/form.html", form, heading=_("Add a collection"), caption=programme.name, found=None)


@area.get("/<slug>", access=EVENT_EDITORS_ONLY)
def overview(slug: str) -> ResponseReturnValue:
    return _overview(_collection(slug), None)


def _collection(slug: str) -> Collection:
    return queries.collection_to_edit(read(), slug=slug)


def _overview(found: Collection, form: Any) -> ResponseReturnValue:
    """What it holds, with a form to add to it; ``form`` is the one that was refused."""
    held = queries.in_collection(read(), found.id)
    adding = form if isinstance(form, AddToCollection) else AddToCollection(formdata=None, seen=found.revision)
    adding.offer(_not_held(found, {resource.slug for resource in held}))
    shown = form or adding
    return form_page("admin_toolkit/collection.html", shown, found=found, held=held, adding=adding)


def _not_held(found: Collection, held: set[str]) -> list[tuple[str, str]]:
    every = queries.resources_to_choose(read(), programme_id=found.programme_id)
    return [(slug, title) for slug, title in every if slug not in held]


@area.form("/<slug>/edit", access=EVENT_EDITORS_ONLY)
def edit(slug: str) -> ResponseReturnValue:
    found = _collection(slug)
    form = AboutCollection(obj=found, seen=found.revision)
    if form.validate_on_submit():
        if attempt(form, partial(services.edit_collection, collection_id=found.id, **form.answers())):
            flash(_("“%(title)s” is saved.", title=form.title.data))
            return redirect(url_for(".overview", slug=slug))
        form.seen.raw_data, form.seen.data = None, _collection(slug).revision
    return form_page(
        "admin_toolkit/form.html", form, heading=_("Change the collection"), caption=_collection(slug).title, found=None
    )


@area.post("/<slug>/add", access=EVENT_EDITORS_ONLY)
def add(slug: str) -> ResponseReturnValue:
    found = _collection(slug)
    form = AddToCollection()
    form.offer(queries.resources_to_choose(read(), programme_id=found.programme_id))
    if form.validate_on_submit():
        done = attempt(form, partial(services.add_to_collection, collection_id=found.id, **form.answers()))
        if done:
            flash(_("“%(title)s” is in the collection.", title=done.result.title))
            return redirect(url_for(".overview", slug=slug))
    return _again(slug, form)


@area.post("/<slug>/<int:resource_id>/up", access=EVENT_EDITORS_ONLY)
def move_up(slug: str, resource_id: int) -> ResponseReturnValue:
    return _change(slug, partial(services.move_up_in_collection, resource_id=resource_id), "")


@area.post("/<slug>/<int:resource_id>/remove", access=EVENT_EDITORS_ONLY)
def remove(slug: str, resource_id: int) -> ResponseReturnValue:
    command = partial(services.remove_from_collection, resource_id=resource_id)
    return _change(slug, command, _("It is out of the collection, and stays in the toolkit."))


def _change(slug: str, command: Callable[..., Any], said: str) -> ResponseReturnValue:
    form = SeenResource()
    done = partial(command, collection_id=_collection(slug).id, seen=form.seen.data)
    if form.validate_on_submit() and attempt(form, done):
        if said:
            flash(said)
        return redirect(url_for(".overview", slug=slug))
    return _again(slug, form)


def _again(slug: str, form: SeenResource) -> ResponseReturnValue:
    """The page once more after a refusal, as it stands now."""
    found = _collection(slug)
    form.seen.raw_data, form.seen.data = None, found.revision
    return _overview(found, form)


@area.form("/<slug>/delete", access=EVENT_EDITORS_ONLY)
def delete(slug: str) -> ResponseReturnValue:
    found = _collection(slug)
    form = SeenResource(seen=found.revision)
    if form.validate_on_submit():
        if attempt(form, partial(services.delete_collection, collection_id=found.id, seen=form.seen.data)):
            flash(_("The collection is deleted. What it held stays in the toolkit."))
            return redirect(url_for("admin_toolkit.index"))
        form.seen.raw_data, form.seen.data = None, _collection(slug).revision
    return form_page("admin_toolkit/delete_collection.html", form, found=_collection(slug))
