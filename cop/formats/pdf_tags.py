"""Whether a PDF is tagged, so that a screen reader can tell its headings, lists and tables from its text.

A catalog that says so (``/MarkInfo << /Marked true >>``) and a tree of the structure are needed. Both stand in the
file as they are, or in a compressed object stream; nothing else is unpacked, and no more than is needed to see.
"""

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

MARKED = re.compile(rb"/Marked\s+true\b")
TREE = re.compile(rb"/StructTreeRoot\b")
PACKED = re.compile(rb"/ObjStm\b")

DICTIONARY_MOST = 500
"""Bytes before and after the type of an object stream in which the rest of its dictionary stands."""

UNPACKED_MOST = 64 * 1024 * 1024
"""Of all object streams; a file that holds more was made to do harm."""


def is_tagged(stream: BinaryIO) -> bool | None:
    """Read a whole PDF from where ``stream`` stands; None where it does not tell, because it is encrypted or broken."""
    data = stream.read()
    if not data.startswith(b"%PDF-") or b"startxref" not in data or b"/Encrypt" in data:
        return None
    is_marked, has_tree, is_whole = False, False, True
    for part in _parts(data):
        is_whole = is_whole and part is not None
        is_marked = is_marked or bool(part and MARKED.search(part))
        has_tree = has_tree or bool(part and TREE.search(part))
        if is_marked and has_tree:
            return True
    return False if is_whole else None


def _parts(data: bytes) -> Iterator[bytes | None]:
    """The file as it is, then what its object streams hold; None for what cannot be unpacked."""
    yield data
    left = UNPACKED_MOST
    for found in PACKED.finditer(data):
        begins = data.find(b"stream", found.end(), found.end() + DICTIONARY_MOST)
        ends = data.find(b"endstream", begins + len(b"stream"))
        if begins < 0 or ends < 0:
            yield None
            continue
        about = data[max(found.start() - DICTIONARY_MOST, 0) : begins]
        packed = data[begins + len(b"stream") : ends].lstrip(b"\r\n")
        part = _unpacked(packed, left) if b"/FlateDecode" in about else packed
        left -= len(part or b"")
        yield part


def _unpacked(packed: bytes, most: int) -> bytes | None:
    if most <= 0:
        return None
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(packed, most)
    except zlib.error:
        return None
    return content if unpacking.eof else None
