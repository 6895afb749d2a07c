"""The words of a PDF of ours, in the order in which they are drawn."""

import re
import zlib

OBJECT = re.compile(rb"(?s)(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj")
STREAM = re.compile(rb"(?s)stream\r?\n(.*)\r?\nendstream")
RANGE = re.compile(rb"<([0-9a-fA-F]+)> ?<([0-9a-fA-F]+)>")
DEEPEST = 4
SIGN = rb"\\.|[^\\()]"
for _ in range(DEEPEST):  # parentheses stand in a string as they are where they match
    SIGN = rb"\\.|[^\\()]|\((?:" + SIGN + rb")*\)"
STRING = rb"\((?:" + SIGN + rb")*\)|<[0-9a-fA-F]*>"
SHOWN = re.compile(rb"/(\S+) [0-9.-]+ Tf|(" + STRING + rb"|\[(?:" + STRING + rb"|[^\]()<>])*\]) ?T[jJ]|(ET)", re.DOTALL)
LITERAL = re.compile(rb"\(((?:" + SIGN + rb")*)\)|<([0-9a-fA-F]*)>", re.DOTALL)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pages(body: bytes) -> int:
    return len(re.findall(rb"/Type/Page\b", body))


def words(body: bytes) -> str:
    """All that is drawn, with one space between its pieces."""
    objects = {int(number): content for number, content in OBJECT.findall(body)}
    found: list[str] = []
    for content in objects.values():
        if re.search(rb"/Type/Page\b", content):
            found += _page(objects, content)
    return " ".join(" ".join(found).split())


def _page(objects: dict[int, bytes], page: bytes) -> list[str]:
    fonts = {}
    resources = _named(objects, page, rb"/Resources")
    for name, number in re.findall(rb"/(\S+?) (\d+) 0 R", _named(objects, resources, rb"/Font")):
        told = re.search(rb"/ToUnicode (\d+) 0 R", objects[int(number)])
        assert told, "every font says what its signs mean"
        fonts[name] = _meanings(_unpacked(objects[int(told[1])]))
    drawn: list[str] = []
    line, font = "", b""
    for name, text, end in SHOWN.findall(_unpacked(_named(objects, page, rb"/Contents"))):
        font = name or font
        if text:
            line += "".join(fonts[font].get(sign, "") for sign in _signs(text))
        if end and line:
            drawn.append(line)
            line = ""
    return drawn


def _named(objects: dict[int, bytes], content: bytes, name: bytes) -> bytes:
    """What stands under a name, there or in the object to which it points."""
    elsewhere = re.search(name + rb" (\d+) 0 R", content)
    if elsewhere:
        return objects[int(elsewhere[1])]
    here = re.search(name + rb" ?<<(.*)", content, re.DOTALL)
    return here[1].split(b">>")[0] if here else b""


def _unpacked(content: bytes) -> bytes:
    stream = STREAM.search(content)
    assert stream
    return zlib.decompress(stream[1]) if b"/FlateDecode" in content else stream[1]


def _meanings(table: bytes) -> dict[int, str]:
    return {int(sign, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for sign, text in RANGE.findall(table)}


def _signs(text: bytes) -> list[int]:
    found: list[int] = []
    for literal, hexadecimal in LITERAL.findall(text):
        raw = bytes.fromhex(hexadecimal.decode()) if hexadecimal else _unescaped(literal)
        found += [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]
    return found


def _unescaped(literal: bytes) -> bytes:
    return re.sub(rb"\\([0-7]{1,3}|.)", _meant, literal, flags=re.DOTALL)


def _meant(found: re.Match[bytes]) -> bytes:
    escaped = found[1]
    return bytes([int(escaped, 8)]) if escaped[:1].isdigit() else ESCAPES.get(escaped, escaped)
