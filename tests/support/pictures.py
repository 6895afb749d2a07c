"""The smallest pictures that are whole, as a camera and as a drawing program write them."""

import struct
import zlib


def jpeg(width: int = 300, height: int = 300) -> bytes:
    """A grey square: one frame of one colour, one scan with a stuffed byte and a restart in it."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    table = b"\x00" + bytes(64)
    scan = b"\x01\x01\x00\x00\x3f\x00"
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
            _segment(0xDB, table),
            _segment(0xC0, frame),
            _segment(0xDA, scan),
            b"\x2a\xff\x00\x8f\xff\xd0\x14",
            b"\xff\xd9",
        )
    )


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def png(width: int = 120, height: int = 120) -> bytes:
    """A black square that browsers draw."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((1 + (width + 7) // 8) * height))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
