"""What kind of file some bytes are: by the ending of the name and by the content, which have to agree.

Only kinds of this list are taken. What a browser might run (HTML, SVG, scripts) and archives are not among them.
"""

import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

NAME_MOST = 120
PIECE = 64 * 1024
ENTRIES_MOST = 10_000
"""An office document with more parts than this was made to do harm."""

MARKUP = re.compile(rb"\s*<(!doctype|html|head|body|svg|script|\?xml)", re.IGNORECASE)
FORBIDDEN_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")


@dataclass(frozen=True)
class Kind:
    """``fits`` reads the bytes from their beginning and says whether they are what the ending claims."""

    media_type: str
    name: str
    fits: Callable[[BinaryIO], bool]


def _begins_with(*beginnings: bytes) -> Callable[[BinaryIO], bool]:
    def fits(stream: BinaryIO) -> bool:
        return stream.read(PIECE).startswith(beginnings)

    return fits


def _is_webp(stream: BinaryIO) -> bool:
    head = stream.read(12)
    return head[:4] == b"RIFF" and head[8:] == b"WEBP"


def _is_text(stream: BinaryIO) -> bool:
    """UTF-8 without control characters, and no page or picture in disguise."""
    try:
        for number, text in enumerate(_decoded(stream)):
            if FORBIDDEN_IN_TEXT.search(text) or (number == 0 and MARKUP.match(text.lstrip("\ufeff").encode())):
                return False
    except UnicodeDecodeError:
        return False
    return True


def _decoded(stream: BinaryIO) -> Iterator[str]:
    """The text in pieces, none of which cuts a character in two."""
    rest = b""
    while piece := stream.read(PIECE):
        whole = rest + piece
        try:
            yield whole.decode()
            rest = b""
        except UnicodeDecodeError as error:
            if len(whole) - error.start > 3:  # noqa: PLR2004  no character is cut, it is none
                raise
            yield whole[: error.start].decode()
            rest = whole[error.start :]
    yield rest.decode()


def _is_calendar(stream: BinaryIO) -> bool:
    begins = stream.read(200).removeprefix(b"\xef\xbb\xbf").upper().startswith(b"BEGIN:VCALENDAR")
    stream.seek(0)
    return begins and _is_text(stream)


def _office(folder: str) -> Callable[[BinaryIO], bool]:
    """A document of Office Open XML whose parts lie in ``folder``, without macros."""

    def fits(stream: BinaryIO) -> bool:
        names = _names_in(stream)
        has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
        return "[Content_Types].xml" in names and any(name.startswith(folder) for name in names) and not has_macros

    return fits


def _is_open_document_text(stream: BinaryIO) -> bool:
    """The format asks for its type as the first bytes of the archive, uncompressed."""
    head = stream.read(100)
    stream.seek(0)
    names = _names_in(stream)
    has_macros = any(name.startswith(("Basic/", "Scripts/")) for name in names)
    return head[30:].startswith(b"mimetypeapplication/vnd.oasis.opendocument.text") and not has_macros


def _names_in(stream: BinaryIO) -> frozenset[str]:
    """The names in an archive; nothing is unpacked."""
    try:
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return frozenset()
    return frozenset(names) if len(names) <= ENTRIES_MOST else frozenset()


OPEN_XML = "application/vnd.openxmlformats-officedocument"
JPEG = Kind("image/jpeg", "JPEG", _begins_with(b"\xff\xd8\xff"))

KINDS: Mapping[str, Kind] = {
    "pdf": Kind("application/pdf", "PDF", _begins_with(b"%PDF-")),
    "docx": Kind(f"{OPEN_XML}.wordprocessingml.document", "Word", _office("word/")),
    "xlsx": Kind(f"{OPEN_XML}.spreadsheetml.sheet", "Excel", _office("xl/")),
    "pptx": Kind(f"{OPEN_XML}.presentationml.presentation", "PowerPoint", _office("ppt/")),
    "odt": Kind("application/vnd.oasis.opendocument.text", "OpenDocument", _is_open_document_text),
    "csv": Kind("text/csv; charset=utf-8", "CSV", _is_text),
    "txt": Kind("text/plain; charset=utf-8", "text", _is_text),
    "ics": Kind("text/calendar; charset=utf-8", "calendar", _is_calendar),
    "png": Kind("image/png", "PNG", _begins_with(b"\x89PNG\r\n\x1a\n")),
    "jpg": JPEG,
    "jpeg": JPEG,
    "gif": Kind("image/gif", "GIF", _begins_with(b"GIF87a", b"GIF89a")),
    "webp": Kind("image/webp", "WebP", _is_webp),
}
"""What is taken, by the ending of the name."""


def kind_named(name: str) -> Kind | None:
    """What the ending of a name claims; None where we take no such files."""
    return KINDS.get(PurePosixPath(name).suffix.removeprefix(".").lower())


def clean_name(name: str) -> str:
    """The name of a file as it may stand in a header: no folders, nothing invisible, not long, and not empty."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    visible = "".join(" " if c.isspace() else c for c in last if c.isspace() or unicodedata.category(c)[0] != "C")
    words = " ".join(visible.replace('"', "").split()).strip(". ")
    stem, dot, ending = words.rpartition(".")
    if not dot:
        return words[:NAME_MOST] or "file"
    return f"{stem[: NAME_MOST - len(ending) - 1].strip('. ') or 'file'}.{ending}"[:NAME_MOST]
