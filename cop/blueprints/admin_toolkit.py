"""Editors of the toolkit make resources, fill them, look at them, publish their versions, and gather them."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_EDITORS_ONLY
from cop.core.errors import NotFound
from cop.forms.toolkit import (
    AboutResource,
    AddFileItem,
    AddLinkItem,
    AddWordsItem,
    EditItem,
    NewResource,
    Publish,
    SearchToEdit,
    SeenResource,
    Withdraw,
)
from cop.models.events import EventKind
from cop.models.toolkit import ResourceItem, ResourceState
from cop.queries import programmes, tags
from cop.queries import toolkit as queries
from cop.queries.toolkit import EDITORS, Draft
from cop.services import toolkit as services
from cop.services.files import MOST_BYTES
from cop.web import Area, attempt, form_page, page_number, paged, read, send_stored

PAGE = 50

FORM_BYTES = MOST_BYTES + 256 * 1024
"""A file of the largest size, and what its form says beside it."""

COLUMNS = (
    *("title", "summary", "kind", "audience", "licence", "owner_id", "review_on"),
    *("place", "sector", "result", "source", "year"),
)
"""Of a resource, that its form shows as they are."""

ADDS: dict[str, tuple[type[SeenResource], Callable[..., ResourceItem]]] = {
    "file": (AddFileItem, services.add_file),
    "link": (AddLinkItem, services.add_link),
    "words": (AddWordsItem, services.add_words),
}

area = Area("admin_toolkit", __name__, url_prefix="/admin/toolkit")


@area.get("/", access=EVENT_EDITORS_ONLY)
def index() -> ResponseReturnValue:
    form = SearchToEdit(request.args)
    asked = form.asked()
    found = queries.to_edit(
        read(),
        words=asked.get("q", ""),
        state=asked.get("state"),
        offset=(page_number() - 1) * PAGE,
        limit=PAGE,
    )
    return render_template(
        "admin_toolkit/index.html",
        form=form,
        asked=asked,
        pager=paged(found, PAGE),
        programmes=programmes.granted(read(), *EDITORS),
        collections=queries.collections_to_edit(read()),
    )


@area.form("/new/<programme_slug>", access=EVENT_EDITORS_ONLY)
def new(programme_slug: str) -> ResponseReturnValue:
    programme = _programme(programme_slug)
    form = NewResource()
    _offer(form, programme.id)
    if form.validate_on_submit():
        command = partial(services.create, programme_id=programme.id, about=form.about(), slug=form.slug.data)
        done = attempt(form, command)
        if done:
            flash(_("The resource is begun. Nobody sees it until you publish it."))
            return redirect(url_for(".overview", slug=done.result.slug))
    return form_page(
        "admin_toolkit/form.html",
        form,
        heading=_("Add a resource"),
        caption=_programme(programme_slug).name,
        found=None,
    )


def _programme(slug: str) -> Any:
    """The programme, for those who edit its toolkit."""
    for programme in programmes.granted(read(), *EDITORS):
        if programme.slug == slug:
            return programme
    raise NotFound


def _offer(form: AboutResource, programme_id: int, held: tuple[int, ...] = ()) -> None:
    events = queries.events_to_choose(read(), programme_id=programme_id)
    form.offer(
        words=tags.offered(read(), *queries.FACETS, kept=held),
        owners=queries.owners(read(), programme_id=programme_id),
        courses=[(event.slug, event.title) for event in events if event.kind is EventKind.COHORT],
        events=[(event.slug, event.title) for event in events],
    )


@area.get("/<slug>", access=EVENT_EDITORS_ONLY)
def overview(slug: str) -> ResponseReturnValue:
    found = queries.resource_to_edit(read(), slug=slug)
    return _overview(found, SeenResource(seen=found.resource.revision))


def _overview(found: Draft, form: SeenResource) -> ResponseReturnValue:
    versions = queries.versions_of(read(), found.resource.id)
    return form_page("admin_toolkit/overview.html", form, found=found, versions=versions)


@area.form("/<slug>/edit", access=EVENT_EDITORS_ONLY)
def edit(slug: str) -> ResponseReturnValue:
    found = queries.resource_to_edit(read(), slug=slug)
    resource = found.resource
    held = tuple(queries.tag_ids(read(), resource.id))
    known = queries.events_to_choose(read(), programme_id=resource.programme_id)
    slugs = {event.id: event.slug for event in known}
    columns = {name: getattr(resource, name) for name in COLUMNS}
    form = AboutResource(
        data=columns,
        tag_ids=list(held),
        cohort=slugs.get(resource.cohort_id or 0, ""),
        event=slugs.get(resource.event_id or 0, ""),
        organisation=resource.organisation.name if resource.organisation else "",
        seen=resource.revision,
    )
    _offer(form, resource.programme_id, held)
    if form.validate_on_submit():
        command = partial(services.edit, resource_id=resource.id, about=form.about(), seen=form.seen.data)
        if attempt(form, command):
            flash(_("“%(title)s” is saved.", title=form.title.data))
            return redirect(url_for(".overview", slug=slug))
        _renew(form, slug)
    return form_page(
        "admin_toolkit/form.html", form, heading=_("Change what it says of itself"), caption=resource.title, found=found
    )


def _renew(form: Any, slug: str) -> None:
    """Whoever was refused because another was quicker may press again with all they typed."""
    form.seen.raw_data, form.seen.data = None, queries.resource_to_edit(read(), slug=slug).resource.revision


@area.form("/<slug>/items/new/<any(file, link, words):what>", access=EVENT_EDITORS_ONLY, most_bytes=FORM_BYTES)
def add_item(slug: str, what: str) -> ResponseReturnValue:
    found = _with_draft(slug)
    form_class, service = ADDS[what]
    form = form_class(seen=found.resource.revision, kind=found.resource.kind)
    if form.validate_on_submit():
        command = partial(service, resource_id=found.resource.id, **form.answers())
        if attempt(form, command):
            flash(_("It is added to the version that is being made."))
            return redirect(url_for(".overview", slug=slug))
        _renew(form, slug)
    return form_page("admin_toolkit/item.html", form, title=found.resource.title, slug=slug, item=None, what=what)


def _with_draft(slug: str) -> Draft:
    """The resource with the version that is being made; NotFound where none is."""
    found = queries.resource_to_edit(read(), slug=slug)
    if found.draft is None:
        raise NotFound
    return found


@area.form("/<slug>/items/<public_id>", access=EVENT_EDITORS_ONLY)
def edit_item(slug: str, public_id: str) -> ResponseReturnValue:
    found = _with_draft(slug)
    item = _item(found, public_id)
    form = EditItem(obj=item, seen=found.resource.revision)
    form.fit(is_file=item.sha256 is not None, is_link=item.url is not None)
    if form.validate_on_submit():
        command = partial(services.edit_item, resource_id=found.resource.id, public_id=public_id, **form.answers())
        if attempt(form, command):
            flash(_("“%(title)s” is saved.", title=form.title.data))
            return redirect(url_for(".overview", slug=slug))
        _renew(form, slug)
    return form_page("admin_toolkit/item.html", form, title=found.resource.title, slug=slug, item=item, what="edit")


def _item(found: Draft, public_id: str) -> ResourceItem:
    for item in found.items:
        if item.public_id == public_id:
            return item
    raise NotFound


@area.post("/<slug>/items/<public_id>/up", access=EVENT_EDITORS_ONLY)
def move_item_up(slug: str, public_id: str) -> ResponseReturnValue:
    return _change_item(slug, public_id, services.move_item_up, "")


@area.form("/<slug>/items/<public_id>/remove", access=EVENT_EDITORS_ONLY)
def remove_item(slug: str, public_id: str) -> ResponseReturnValue:
    found = _with_draft(slug)
    item = _item(found, public_id)
    if request.method == "POST":
        return _change_item(slug, public_id, services.remove_item, _("“%(title)s” is removed.", title=item.title))
    return _sure("remove_item", found, SeenResource(seen=found.resource.revision), item=item)


def _change_item(slug: str, public_id: str, service: Callable[..., Any], said: str) -> ResponseReturnValue:
    found = _with_draft(slug)
    _item(found, public_id)
    form = SeenResource()
    command = partial(service, resource_id=found.resource.id, public_id=public_id, seen=form.seen.data)
    if form.validate_on_submit() and attempt(form, command):
        if said:
            flash(said)
        return redirect(url_for(".overview", slug=slug))
    _renew(form, slug)
    return _overview(queries.resource_to_edit(read(), slug=slug), form)


@area.get("/<slug>/files/<public_id>", access=EVENT_EDITORS_ONLY)
def file(slug: str, public_id: str) -> ResponseReturnValue:
    """What an item of the version on the page of its editors leads to; it is not counted as use."""
    item = _item(queries.resource_to_edit(read(), slug=slug), public_id)
    if item.url is not None:
        return redirect(item.url)
    if item.file is None:
        raise NotFound
    return send_stored(read(), item.file, item.name)


@area.get("/<slug>/preview", access=EVENT_EDITORS_ONLY)
def preview(slug: str) -> ResponseReturnValue:
    """The page of the version that is being made, or of the published one where there is none."""
    found = queries.resource_to_edit(read(), slug=slug)
    shown = queries.shown_as(read(), found.resource, number=found.shown.number)
    licence = queries.LICENCES.get(found.resource.licence)
    return render_template("toolkit/resource.html", found=shown, licence=licence, may_edit=True, preview=True)


@area.post("/<slug>/begin", access=EVENT_EDITORS_ONLY)
def begin(slug: str) -> ResponseReturnValue:
    return _change(slug, services.begin_version, _("The next version is begun. People go on seeing the published one."))


@area.post("/<slug>/bring-back", access=EVENT_EDITORS_ONLY)
def bring_back(slug: str) -> ResponseReturnValue:
    return _change(slug, services.bring_back, _("It stands in the toolkit again."))


def _change(slug: str, service: Callable[..., Any], said: str) -> ResponseReturnValue:
    found = queries.resource_to_edit(read(), slug=slug)
    form = SeenResource()
    command = partial(service, resource_id=found.resource.id, seen=form.seen.data)
    if form.validate_on_submit() and attempt(form, command):
        flash(said)
        return redirect(url_for(".overview", slug=slug))
    _renew(form, slug)
    return _overview(queries.resource_to_edit(read(), slug=slug), form)


@area.form("/<slug>/publish", access=EVENT_EDITORS_ONLY)
def publish(slug: str) -> ResponseReturnValue:
    found = _with_draft(slug)
    form = Publish(seen=found.resource.revision)
    if not found.resource.version:
        del form.changes
    command = partial(services.publish, resource_id=found.resource.id)
    if form.validate_on_submit():
        if attempt(form, partial(command, **form.answers())):
            flash(_("It is published."))
            return redirect(url_for(".overview", slug=slug))
        _renew(form, slug)
    return _sure("publish", queries.resource_to_edit(read(), slug=slug), form)


@area.form("/<slug>/drop", access=EVENT_EDITORS_ONLY)
def drop(slug: str) -> ResponseReturnValue:
    found = _with_draft(slug)
    form = SeenResource(seen=found.resource.revision)
    if form.validate_on_submit():
        done = attempt(form, partial(services.drop_version, resource_id=found.resource.id, seen=form.seen.data))
        if done:
            flash(_("The draft is deleted."))
            return redirect(url_for(".overview", slug=slug) if done.result else url_for(".index"))
        _renew(form, slug)
    return _sure("drop", queries.resource_to_edit(read(), slug=slug), form)


@area.form("/<slug>/withdraw", access=EVENT_EDITORS_ONLY)
def withdraw(slug: str) -> ResponseReturnValue:
    found = queries.resource_to_edit(read(), slug=slug)
    if found.resource.state is not ResourceState.PUBLISHED:
        raise NotFound
    form = Withdraw(seen=found.resource.revision)
    if form.validate_on_submit():
        if attempt(form, partial(services.withdraw, resource_id=found.resource.id, **form.answers())):
            flash(_("It is withdrawn. Nobody finds it in the toolkit any more."))
            return redirect(url_for(".overview", slug=slug))
        _renew(form, slug)
    return _sure("withdraw", queries.resource_to_edit(read(), slug=slug), form)


def _sure(what: str, found: Draft, form: SeenResource, item: ResourceItem | None = None) -> ResponseReturnValue:
    """A page that asks before it acts."""
    return form_page("admin_toolkit/sure.html", form, what=what, found=found, item=item)
