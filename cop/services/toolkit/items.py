"""What stands in the version that is being made: files, addresses elsewhere, and words that are read on the page."""

from collections.abc import Sequence
from typing import BinaryIO

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.formats import markdown, pdf_tags
from cop.formats.media import clean_name
from cop.models.files import File
from cop.models.toolkit import Accessible, ItemKind, Resource, ResourceItem, ResourceVersion
from cop.queries import toolkit as queries
from cop.services.events.editing.shared import https_address
from cop.services.files import keep
from cop.services.toolkit.shared import draft_of, to_edit, touch

MOST_ITEMS = 30
"""Of one version: its page shows them all."""

LARGEST_HEADING = 4
"""The page, what stands in it and each item have the first three."""

LOOK = None
"""For ``accessible``: find out from the file what can be found out."""


def add_file(
    work: Work,
    *,
    resource_id: int,
    stream: BinaryIO,
    name: str,
    title: str,
    kind: ItemKind,
    accessible: Accessible | None = LOOK,
    accessible_note: str = "",
    body: str = "",
    seen: int | None = None,
) -> ResourceItem:
    """Add a file, with the same words to be read on the page where there are any; a blank title is its name."""
    resource, version, items = _to_fill(work, resource_id, seen)
    name = clean_name(name)
    file = keep(work, stream, name=name)
    same = next((item for item in items if item.sha256 == file.sha256), None)
    if same is not None:
        raise Refusal(marked("The same file is here already, as “%(title)s”"), field="file", title=same.title)
    item = ResourceItem(
        title=title or name,
        kind=kind,
        sha256=file.sha256,
        name=name,
        accessible=_found_out(stream, file) if accessible is LOOK else accessible,
        accessible_note=accessible_note,
    )
    return _added(work, resource, version, items, item, body)


def add_link(
    work: Work, *, resource_id: int, url: str, title: str, kind: ItemKind, body: str = "", seen: int | None = None
) -> ResourceItem:
    """Add something that lies elsewhere."""
    resource, version, items = _to_fill(work, resource_id, seen)
    item = ResourceItem(title=title, kind=kind, url=https_address(url, field="url"))
    return _added(work, resource, version, items, item, body)


def add_words(
    work: Work, *, resource_id: int, title: str, kind: ItemKind, body: str, seen: int | None = None
) -> ResourceItem:
    """Add words in Markdown that are read on the page."""
    resource, version, items = _to_fill(work, resource_id, seen)
    item = ResourceItem(title=title, kind=kind, accessible=Accessible.YES)
    return _added(work, resource, version, items, item, body)


def edit_item(
    work: Work,
    *,
    resource_id: int,
    public_id: str,
    title: str,
    kind: ItemKind,
    body: str,
    url: str = "",
    accessible: Accessible | None = LOOK,
    accessible_note: str = "",
    seen: int | None = None,
) -> ResourceItem:
    """Change what an item says. Its file stays: another file is another item. LOOK leaves what is known of it."""
    resource, _version, items = _to_fill(work, resource_id, seen)
    item = _one(items, public_id)
    item.title, item.kind = title or item.name, kind
    if item.url is not None:
        address = https_address(url, field="url")
        if address != item.url:
            item.url, item.failures, item.checked_at = address, 0, None
    if accessible is not LOOK:
        item.accessible = accessible
    item.accessible_note = accessible_note
    _say(item, body)
    touch(work, resource)
    return item


def move_item_up(work: Work, *, resource_id: int, public_id: str, seen: int | None = None) -> None:
    resource, _version, items = _to_fill(work, resource_id, seen)
    place = items.index(_one(items, public_id))
    if place:
        before, item = items[place - 1], items[place]
        before.position, item.position = item.position, before.position
        touch(work, resource)


def remove_item(work: Work, *, resource_id: int, public_id: str, seen: int | None = None) -> None:
    """Take it out of the version that is being made; earlier versions keep theirs."""
    resource, _version, items = _to_fill(work, resource_id, seen)
    work.session.delete(_one(items, public_id))
    touch(work, resource)


def _to_fill(
    work: Work, resource_id: int, seen: int | None
) -> tuple[Resource, ResourceVersion, Sequence[ResourceItem]]:
    """The locked resource with the version that is being made; Refusal where all are published."""
    resource = to_edit(work, resource_id, seen)
    version = draft_of(work, resource)
    if version is None:
        raise Refusal(marked("A published version is not changed any more. Begin the next one first."))
    return resource, version, queries.items_of(work, version.id)


def _added(
    work: Work,
    resource: Resource,
    version: ResourceVersion,
    items: Sequence[ResourceItem],
    item: ResourceItem,
    body: str,
) -> ResourceItem:
    if len(items) >= MOST_ITEMS:
        raise Refusal(
            marked("A resource can hold at most %(most)s items. Remove one, or make a second resource."),
            most=MOST_ITEMS,
        )
    item.version_id = version.id
    item.position = max((other.position for other in items), default=0) + 1
    _say(item, body)
    work.session.add(item)
    touch(work, resource)
    return item


def _say(item: ResourceItem, body: str) -> None:
    drawn = markdown.to_html(body, largest_heading=LARGEST_HEADING)
    if not drawn and (body or (item.sha256 is None and item.url is None)):
        raise Refusal(marked("Enter some words that can be read"), field="body")
    item.body, item.html = body, drawn


def _found_out(stream: BinaryIO, file: File) -> Accessible:
    """What the bytes tell: plain text can be read by everybody, a PDF without tags by many not at all well."""
    if file.media_type.startswith("text/"):
        return Accessible.YES
    if file.media_type != "application/pdf":
        return Accessible.UNKNOWN
    stream.seek(0)
    tagged = pdf_tags.is_tagged(stream)
    return Accessible.UNKNOWN if tagged is None else Accessible.PARTLY if tagged else Accessible.NO


def _one(items: Sequence[ResourceItem], public_id: str) -> ResourceItem:
    for item in items:
        if item.public_id == public_id:
            return item
    raise NotFound
