"""A file that holds many streams and says what they should be: a ZIP whose last entry is a manifest with their hashes.

It is written and read without seeking back and without ever holding a stream whole.
"""

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

MANIFEST = "manifest.json"
MANIFEST_MOST = 16 * 1024 * 1024
PIECE = 256 * 1024

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    KeyError,
    OSError,
    OverflowError,
    TypeError,
    ValueError,
)
"""What reading raises where a bit is wrong; which of them depends on the bit."""


class ArchiveError(Exception):
    """The file is damaged or is none of ours; its text is one line."""


@dataclass(frozen=True)
class Entry:
    """A stream as it went in: its size in bytes, and its hash in hexadecimal."""

    size: int
    sha256: str


class ArchiveWriter:
    """An archive to write; ``with`` ends it, also where something went wrong and no manifest was written."""

    def __init__(self, file: BinaryIO, at: datetime) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._at = at.timetuple()[:6]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._zip.close()

    def add(self, name: str, pieces: Iterable[bytes]) -> Entry:
        found, size = hashlib.sha256(), 0
        with self._zip.open(self._info(name), "w", force_zip64=True) as entry:
            for piece in pieces:
                entry.write(piece)
                found.update(piece)
                size += len(piece)
        return Entry(size, found.hexdigest())

    def describe(self, manifest: Mapping[str, Any]) -> None:
        """Write the manifest, last of all; without it the file is none of ours."""
        self._zip.writestr(self._info(MANIFEST), json.dumps(manifest, ensure_ascii=False, indent=1))

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._at)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        return info


class ArchiveReader:
    """An archive to read; ArchiveError for whatever is wrong with it. ``with`` closes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("rb")
        try:
            with self._undamaged():
                self._zip = zipfile.ZipFile(self._file)
                self.manifest = self._read_manifest()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    def _read_manifest(self) -> dict[str, Any]:
        if self._zip.getinfo(MANIFEST).file_size > MANIFEST_MOST:
            raise ValueError(MANIFEST)
        return dict(json.loads(self._zip.read(MANIFEST)))

    def pieces(self, name: str) -> Iterator[bytes]:
        with self._undamaged(), self._zip.open(name) as entry:
            while piece := entry.read(PIECE):
                yield piece

    def verify(self, name: str, wanted: Entry) -> None:
        """Read a stream through; ArchiveError where it is not the one that went in."""
        found, size = hashlib.sha256(), 0
        for piece in self.pieces(name):
            found.update(piece)
            size += len(piece)
        if Entry(size, found.hexdigest()) != wanted:
            raise self._damaged()

    @contextmanager
    def _undamaged(self) -> Iterator[None]:
        try:
            yield
        except DAMAGE as error:
            raise self._damaged() from error

    def _damaged(self) -> ArchiveError:
        return ArchiveError(f"{self._path} is damaged, or it is not a backup of this service")
