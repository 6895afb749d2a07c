"""Staff add files to an event, rename, reorder and remove them."""

from collections.abc import Sequence
from typing import BinaryIO

from sqlalchemy import select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.formats.media import clean_name
from cop.models.events import Event
from cop.models.files import EventFile
from cop.queries import files as queries
from cop.services.events.editing.shared import event_to_edit
from cop.services.files.keeping import keep

MOST = 30
"""Files of one event: its pages show them all."""


def add(work: Work, *, event_id: int, stream: BinaryIO, name: str, title: str, public: bool) -> EventFile:
    """Offer a file to those who come, or to everybody; a blank title calls it by its name."""
    event, listed = _to_edit(work, event_id)
    if len(listed) >= MOST:
        raise Refusal(marked("An event can have at most %(most)s files. Remove one first."), field="file", most=MOST)
    name = clean_name(name)
    file = keep(work, stream, name=name)
    same = next((item for item in listed if item.sha256 == file.sha256), None)
    if same is not None:
        raise Refusal(marked("The same file is here already, as “%(title)s”"), field="file", title=same.title)
    added = EventFile(
        event_id=event.id,
        sha256=file.sha256,
        name=name,
        title=title or name,
        position=max((item.position for item in listed), default=0) + 1,
        public=public,
        added_at=work.now,
        added_by=work.actor.person_id,
    )
    work.session.add(added)
    work.session.flush()
    return added


def edit(work: Work, *, event_id: int, public_id: str, title: str, public: bool, seen: int) -> EventFile:
    """Call a file something else, or offer it to others; ``seen`` is the list as the page showed it."""
    _event, listed = _to_edit(work, event_id, seen)
    item = _one(listed, public_id)
    item.title, item.public = title or item.name, public
    work.session.flush()
    return item


def move_up(work: Work, *, event_id: int, public_id: str, seen: int) -> None:
    _event, listed = _to_edit(work, event_id, seen)
    place = listed.index(_one(listed, public_id))
    if place:
        before, item = listed[place - 1], listed[place]
        before.position, item.position = item.position, before.position
    work.session.flush()


def remove(work: Work, *, event_id: int, public_id: str) -> None:
    """Offer the file no longer. Its bytes go when nothing else points to them."""
    _event, listed = _to_edit(work, event_id)
    work.session.delete(_one(listed, public_id))
    work.session.flush()


def _to_edit(work: Work, event_id: int, seen: int | None = None) -> tuple[Event, Sequence[EventFile]]:
    """The locked event with its files, for those who may alter it; Refusal where the list is not as it was seen."""
    event = event_to_edit(work, event_id)
    own = select(EventFile).where(EventFile.event_id == event.id).order_by(EventFile.position, EventFile.id)
    listed = work.session.scalars(own.with_for_update()).all()
    if seen is not None and queries.revision(listed) != seen:
        raise Refusal(
            marked("Somebody else has changed these files in the meantime. Look at them, and save again."),
            field="seen",
        )
    return event, listed


def _one(listed: Sequence[EventFile], public_id: str) -> EventFile:
    for item in listed:
        if item.public_id == public_id:
            return item
    raise NotFound
