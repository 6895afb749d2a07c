"""Where bytes are kept: in the database, or in a folder. Both know them by their hash and by nothing else."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import uuid4

from sqlalchemy import delete, func, insert, select

from cop.core.settings import SettingsError
from cop.core.work import Reading, Work
from cop.models.files import FileContent

PIECE = 256 * 1024
"""Bytes that are in memory at once, and in one row of the database."""

FOLDER_LOCK = 8_124_160
"""Held together by all who put files into the folder, and alone by whoever takes some out."""


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


class FolderStore:
    """A folder that all processes of the service share, with two letters of the hash for each folder within."""

    name = "folder"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, work: Work, sha256: str, stream: BinaryIO) -> None:
        work.session.execute(select(func.pg_advisory_xact_lock_shared(FOLDER_LOCK)))
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

    def may_remove(self, work: Work) -> bool:
        """Whether nobody else puts a file here before the end of ``work``, or copies the folder."""
        return bool(work.session.scalars(select(func.pg_try_advisory_xact_lock(FOLDER_LOCK))).one())

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
_folder: FolderStore | None = None


def use(folder: Path | None) -> None:
    """Set where the process keeps new files: in ``folder``, or in the database."""
    global _folder  # noqa: PLW0603  process-wide by nature
    _folder = FolderStore(folder) if folder is not None else None


def for_new() -> Store:
    return _folder or _database


def folder_store() -> FolderStore | None:
    return _folder


def known_folder() -> FolderStore:
    """The folder; SettingsError where this process was not told which it is."""
    if _folder is None:
        raise SettingsError("COP_FILES_URL is not set, and some files lie in the folder that it named")
    return _folder


def of(place: str) -> Store:
    """The store that the table ``file`` names."""
    return _database if place == DatabaseStore.name else known_folder()
