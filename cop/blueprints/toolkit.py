"""The toolkit: what councils can use, found by words and facets, with files to take along."""

from functools import partial

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC
from cop.core.errors import NotFound
from cop.forms.toolkit import BrowseToolkit, asked_of
from cop.queries import stories
from cop.queries import toolkit as queries
from cop.queries import toolkit_use as use
from cop.queries.forum import topics_about
from cop.queries.toolkit import Shown
from cop.web import Area, current_actor, page_number, paged, read, send_stored, wants_sign_in
from cop.web.looks import note_look

PAGE = 20

area = Area("toolkit", __name__, url_prefix="/toolkit")


@area.get("/", access=PUBLIC, shared=True)
def index() -> ResponseReturnValue:
    form = BrowseToolkit(request.args)
    wanted = form.narrowed(partial(queries.facets, read()))
    found = queries.listed(read(), wanted, offset=(page_number() - 1) * PAGE, limit=PAGE)
    asked = asked_of(wanted)
    return render_template(
        "toolkit/index.html",
        form=form,
        asked=asked,
        total=queries.count(read(), wanted),
        pager=paged(found, PAGE),
        collections=() if asked else queries.collections(read()),
    )


@area.get("/collections/<slug>", access=PUBLIC, shared=True)
def collection(slug: str) -> ResponseReturnValue:
    try:
        found, resources = queries.of_collection(read(), slug=slug)
    except NotFound:
        return _perhaps_signed_in()
    return render_template("toolkit/collection.html", collection=found, resources=resources)


@area.get("/recordings", access=PUBLIC, shared=True)
def recordings() -> ResponseReturnValue:
    found = queries.recordings(read(), offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("toolkit/recordings.html", pager=paged(found, PAGE))


@area.get("/<slug>", access=PUBLIC)
def resource(slug: str) -> ResponseReturnValue:
    """The published version, or the earlier one that the address asks for."""
    try:
        found = queries.resource_page(read(), slug=slug, number=request.args.get("version", type=_number))
    except NotFound:
        return _perhaps_signed_in()
    note_look(use.VIEWED, "resource", found.resource.id, value=found.version.number)
    return _shown(found)


def _number(text: str) -> int:
    """The number of a version; ValueError, as for nonsense, where it is larger than any can be."""
    number = int(text)
    if not 0 < number < 2**31:
        raise ValueError
    return number


def _shown(found: Shown) -> str:
    may_edit = queries.may_edit(read().actor, found.resource)
    licence = queries.LICENCES.get(found.resource.licence)
    topics = topics_about(read(), resource_id=found.resource.id)
    return render_template(
        "toolkit/resource.html",
        found=found,
        licence=licence,
        may_edit=may_edit,
        topics=topics,
        stories=stories.of_resource(read(), found.resource.id),
        preview=False,
    )


@area.get("/<slug>/files/<public_id>", access=PUBLIC)
def file(slug: str, public_id: str) -> ResponseReturnValue:
    """A file to save, or the way to an address elsewhere: both lead through here, so that they are counted."""
    try:
        item = queries.one_item(read(), slug=slug, public_id=public_id)
    except NotFound:
        return _perhaps_signed_in()
    note_look(use.DOWNLOADED, "resource item", item.id, value=item.version.number)
    if item.file is None:
        return redirect(item.url or "")
    return send_stored(read(), item.file, item.name)


def _perhaps_signed_in() -> ResponseReturnValue:
    """Whoever is signed out and finds nothing may find it signed in."""
    if current_actor().person_id is None:
        return wants_sign_in()
    raise NotFound
