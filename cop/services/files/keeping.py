"""Keeping files: what is taken, once for the same bytes, and for how long after nothing points to them."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import Refusal, marked
from cop.core.work import Reading, Work
from cop.formats import media
from cop.models.files import File
from cop.services.files import stores
from cop.services.files.outside import PIECE

MOST_BYTES = 25 * 1024 * 1024
"""Of one uploaded file."""


def keep(work: Work, stream: BinaryIO, *, name: str, field: str = "file", most: int = MOST_BYTES) -> File:
    """Keep an uploaded file whose ending and content agree on a kind that we take; Refusal on ``field`` otherwise.

    ``stream`` can be read from its beginning several times.
    """
    kind = media.kind_named(name)
    if kind is None:
        raise Refusal(
            marked("Choose a PDF, a Word, Excel, PowerPoint or OpenDocument file, a CSV, text, calendar or picture"),
            field=field,
        )
    sha256, size = _measure(stream, most)
    if size > most:
        raise Refusal(marked("The file is larger than %(most)s MB"), field=field, most=most // 1024**2)
    if size == 0:
        raise Refusal(marked("The file is empty"), field=field)
    stream.seek(0)
    if not kind.fits(stream):
        raise Refusal(
            marked("The content of “%(name)s” is not %(kind)s in a form that we can take"),
            field=field,
            name=media.clean_name(name),
            kind=kind.name,
        )
    return _keep(work, stream, sha256, size, kind.media_type)


def keep_own(work: Work, stream: BinaryIO, *, media_type: str) -> File:
    """Keep a file that the service itself has made, of any kind and size."""
    sha256, size = _measure(stream, None)
    return _keep(work, stream, sha256, size, media_type)


def _measure(stream: BinaryIO, most: int | None) -> tuple[str, int]:
    """The hash and the size; not read much further than ``most``."""
    stream.seek(0)
    found, size = hashlib.sha256(), 0
    while piece := stream.read(PIECE):
        found.update(piece)
        size += len(piece)
        if most is not None and size > most:
            break
    return found.hexdigest(), size


def _keep(work: Work, stream: BinaryIO, sha256: str, size: int, media_type: str) -> File:
    """The row of these bytes, renewed where they are known already, which keeps a purge from removing them."""
    place = stores.for_new().name
    values = {"sha256": sha256, "size": size, "media_type": media_type, "place": place, "made_at": work.now}
    renewed = insert(File).values(values).on_conflict_do_update(index_elements=["sha256"], set_={"made_at": work.now})
    file = work.session.scalars(renewed.returning(File), execution_options={"populate_existing": True}).one()
    stores.of(file.place).put(work, sha256, stream)
    return file


def pieces(read: Reading, file: File) -> Iterator[bytes]:
    """The bytes of a file, wherever they lie."""
    return stores.of(file.place).pieces(read, file.sha256)


def purge(work: Work, found: Select[str], *, limit: int) -> int:
    """Remove up to ``limit`` of the files that a SELECT of their digests finds; how many.

    Those that lie outside of the database stay where this process may not remove them.
    """
    places = [stores.DatabaseStore.name]
    outside = stores.outside()
    if outside is not None and outside.may_remove(work):
        places.append(outside.name)
    wanted = select(File).where(File.sha256.in_(found), File.place.in_(places)).order_by(File.sha256).limit(limit)
    files: Sequence[File] = work.session.scalars(wanted.with_for_update(skip_locked=True)).all()
    for file in files:
        stores.of(file.place).remove(work, file.sha256)
        work.session.execute(delete(File).where(File.sha256 == file.sha256))
    return len(files)
