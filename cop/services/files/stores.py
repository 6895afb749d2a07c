"""Where bytes are kept: in the database, in a folder, or in a bucket. All know them by their hash and nothing else."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import uuid4

from sqlalchemy import delete, func, insert, select

from cop.core.settings import Bucket, SettingsError
from cop.core.work import Reading, Work
from cop.models.files import FileContent
from cop.services.files.buckets import BucketStore
from cop.services.files.outside import PIECE, Outside


class Store(Protocol):
    """``name`` is what the table ``file`` calls it."""

    name: str

    def put(self, work: Work, sha256: str, stream: BinaryIO) -> None:
        """Keep the bytes, read from the beginning of ``stream``, where they are not kept yet."""
        ...

    def pieces(self, read: Reading, sha256: str) -> Iterator[bytes]:
        """The bytes in order. Between two pieces the transaction may be ended: nothing of it is needed."""
        ...

    def remove(self, work: Work, sha256: str) -> None: ...


class DatabaseStore:
    name = "database"

    def put(self, work: Work, sha256: str, stream: BinaryIO) -> None:
        if self._count(work, sha256):
            return
        stream.seek(0)
        position = 0
        while piece := stream.read(PIECE):
            work.session.execute(insert(FileContent).values(sha256=sha256, position=position, content=piece))
            position += 1

    def pieces(self, read: Reading, sha256: str) -> Iterator[bytes]:
        for position in range(self._count(read, sha256)):
            wanted = select(FileContent.content).where(FileContent.sha256 == sha256, FileContent.position == position)
            yield bytes(read.session.scalars(wanted).one())

    def remove(self, work: Work, sha256: str) -> None:
        work.session.execute(delete(FileContent).where(FileContent.sha256 == sha256))

    def _count(self, read: Reading, sha256: str) -> int:
        return read.session.scalars(select(func.count()).where(FileContent.sha256 == sha256)).one()


class FolderStore(Outside):
    """A folder that all processes of the service share, with two letters of the hash for each folder within."""

    name = "folder"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, work: Work, sha256: str, stream: BinaryIO) -> None:
        self.hold(work)
        path = self.path(sha256)
        if path.exists():
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{sha256}.{uuid4().hex}")
        try:
            with draft.open("xb") as file:
                stream.seek(0)
                while piece := stream.read(PIECE):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        for folder in (path.parent, self._folder):
            sync(folder)

    def pieces(self, read: Reading, sha256: str) -> Iterator[bytes]:  # noqa: ARG002  the other store needs it
        with self.path(sha256).open("rb") as file:
            while piece := file.read(PIECE):
                yield piece

    def remove(self, work: Work, sha256: str) -> None:  # noqa: ARG002  the other store needs it
        self.path(sha256).unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def sync(folder: Path) -> None:
    """Make sure that a name in the folder survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_database = DatabaseStore()
_outside: FolderStore | BucketStore | None = None


def use(place: Path | Bucket | None) -> None:
    """Set where the process keeps new files: in a folder, in a bucket, or in the database."""
    global _outside  # noqa: PLW0603  process-wide by nature
    _outside = outside_at(place) if place is not None else None


def outside_at(place: Path | Bucket) -> FolderStore | BucketStore:
    return BucketStore(place) if isinstance(place, Bucket) else FolderStore(place)


def for_new() -> Store:
    return _outside or _database


def outside() -> FolderStore | BucketStore | None:
    """The store outside the database that this process was told of."""
    return _outside


def of(place: str) -> Store:
    """The store that the table ``file`` names; SettingsError where this process was not told where it is."""
    if place == DatabaseStore.name:
        return _database
    if _outside is None or _outside.name != place:
        raise SettingsError(f"COP_FILES_URL does not name the {place} in which some files lie")
    return _outside
