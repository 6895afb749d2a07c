"""Photos: what is taken, and the same picture without what a camera or an editor notes beside it.

A photo from a phone says where it was taken and with which device. All of that is left out; only the way up of the
picture, its colours and its pixels stay. Nothing is decoded: browsers do that, in a box of their own.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

SIDE_LEAST, SIDE_MOST = 100, 8_000
PIXELS_MOST = 40_000_000

JPEG, PNG = "image/jpeg", "image/png"

JPEG_BEGINS, PNG_BEGINS = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"

STUFFED, RESTARTS = 0x00, range(0xD0, 0xD8)
END, SCAN, COMMENT = 0xD9, 0xDA, 0xFE
APPLICATION = range(0xE0, 0xF0)
JFIF, EXIF, COLOURS, ADOBE = 0xE0, 0xE1, 0xE2, 0xEE
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers that begin a frame, and say how large the picture is."""

ORIENTATION = 0x0112
ENTRIES_MOST = 200

PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP"})
PNG_CRITICAL = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})


class NoPicture(ValueError):  # noqa: N818  it is what the bytes are
    """The bytes are no whole JPEG or PNG, or of a size that we do not take."""


@dataclass(frozen=True)
class Picture:
    media_type: str
    width: int
    height: int
    content: bytes


def cleaned(data: bytes) -> Picture:
    """The picture alone; NoPicture where it is none, is cut off, or is too small or too large to be shown."""
    try:
        if data.startswith(JPEG_BEGINS):
            found = _jpeg(data)
        elif data.startswith(PNG_BEGINS):
            found = _png(data)
        else:
            raise NoPicture
    except (struct.error, IndexError):
        raise NoPicture from None
    sides = (found.width, found.height)
    if min(sides) < SIDE_LEAST or max(sides) > SIDE_MOST or found.width * found.height > PIXELS_MOST:
        raise NoPicture
    return found


def _jpeg(data: bytes) -> Picture:
    kept, size, way_up = [], None, 1
    for marker, segment, scan in _segments(data):
        if marker in FRAMES and size is None:
            height, width = struct.unpack_from(">HH", segment, 5)
            size = (width, height)
        if marker == SCAN and size is None:
            raise NoPicture
        if marker == EXIF and segment[4:10] == b"Exif\0\0":
            way_up = _orientation(segment[10:])
        if _is_kept(marker, segment):
            kept.append(segment + scan)
    if size is None:
        raise NoPicture
    return Picture(JPEG, *size, JPEG_BEGINS + _turned(way_up) + b"".join(kept) + bytes((0xFF, END)))


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Each marker with its segment and, after the header of a scan, the coded picture; up to the end that is said."""
    at = len(JPEG_BEGINS)
    while True:
        if data[at] != 0xFF:  # noqa: PLR2004  what every marker begins with
            raise NoPicture
        marker = data[at + 1]
        if marker == 0xFF:  # noqa: PLR2004  filled up
            at += 1
            continue
        if marker == END:
            return
        (length,) = struct.unpack_from(">H", data, at + 2)
        ends = at + 2 + length
        if length < 2 or ends > len(data) or marker == STUFFED or marker in RESTARTS:  # noqa: PLR2004  its own size
            raise NoPicture
        scan_ends = _end_of_scan(data, ends) if marker == SCAN else ends
        yield marker, data[at:ends], data[ends:scan_ends]
        at = scan_ends


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker stands: in what is coded, 0xFF is followed by a zero or a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0:
            raise NoPicture
        if data[at + 1] != STUFFED and data[at + 1] not in RESTARTS:
            return at
        at += 2


def _is_kept(marker: int, segment: bytes) -> bool:
    if marker == COLOURS:
        return segment[4:15] == b"ICC_PROFILE"
    return marker != COMMENT and (marker not in APPLICATION or marker in {JFIF, ADOBE})


def _orientation(tiff: bytes) -> int:
    """Which way up the camera was held, from 1 to 8; 1 where it does not say."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:  # noqa: PLR2004  the header
        return 1
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    if first + 2 > len(tiff):
        return 1
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    for number in range(min(count, ENTRIES_MOST)):
        at = first + 2 + number * 12
        if at + 12 > len(tiff):
            return 1
        tag, _kind, _count, value = struct.unpack_from(f"{order}HHIH", tiff, at)
        if tag == ORIENTATION:
            return value if 1 <= value <= 8 else 1  # noqa: PLR2004  what the format knows
    return 1


def _turned(way_up: int) -> bytes:
    """A segment that says which way up the picture is, and nothing else."""
    if way_up == 1:
        return b""
    entry = struct.pack(">HHIHH", ORIENTATION, 3, 1, way_up, 0)
    body = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    return bytes((0xFF, EXIF)) + struct.pack(">H", len(body) + 2) + body


def _png(data: bytes) -> Picture:
    kept: list[bytes] = []
    names: set[bytes] = set()
    size = (0, 0)
    for name, chunk in _chunks(data):
        if not names:
            if name != b"IHDR":
                raise NoPicture
            size = struct.unpack_from(">II", chunk, 8)
        if name[:1].isupper() and name not in PNG_CRITICAL:
            raise NoPicture
        names.add(name)
        if name in PNG_KEPT:
            kept.append(chunk)
    if b"IDAT" not in names:
        raise NoPicture
    return Picture(PNG, *size, PNG_BEGINS + b"".join(kept))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk by its name, up to the last, with its sums proven."""
    at, name = len(PNG_BEGINS), b""
    while name != b"IEND":
        (length,) = struct.unpack_from(">I", data, at)
        ends = at + 12 + length
        name = data[at + 4 : at + 8]
        if ends > len(data) or not name.isalpha():
            raise NoPicture
        (proof,) = struct.unpack_from(">I", data, ends - 4)
        if zlib.crc32(data[at + 4 : ends - 4]) != proof:
            raise NoPicture
        yield name, data[at:ends]
        at = ends
