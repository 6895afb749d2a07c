"""What kind of file some bytes are, and what its name may be."""

import io
import zipfile
from collections.abc import Sequence

import pytest

from cop.formats.media import ENTRIES_MOST, KINDS, NAME_MOST, PIECE, clean_name, kind_named


def archive(*names: str, first: bytes | None = None) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        if first is not None:
            file.writestr("mimetype", first)
        for name in names:
            file.writestr(name, "x")
    return packed.getvalue()


ODT = b"application/vnd.oasis.opendocument.text"

GOOD = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3",
    "docx": archive("[Content_Types].xml", "word/document.xml"),
    "xlsx": archive("[Content_Types].xml", "xl/workbook.xml"),
    "pptx": archive("[Content_Types].xml", "ppt/presentation.xml"),
    "odt": archive("content.xml", first=ODT),
    "csv": "name,città\n".encode(),
    "txt": "\ufeffBring a coat 🙂\r\n\tand tea".encode(),
    "ics": b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    "png": b"\x89PNG\r\n\x1a\n1",
    "jpg": b"\xff\xd8\xff\xe0",
    "jpeg": b"\xff\xd8\xff\xdb",
    "gif": b"GIF89a\x01\x00",
    "webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
}


def fits(name: str, data: bytes) -> bool:
    kind = kind_named(name)
    assert kind is not None
    return kind.fits(io.BytesIO(data))


@pytest.mark.parametrize("ending", KINDS)
def test_what_is_what_it_says_is_taken(ending: str) -> None:
    assert fits(f"a.{ending.upper()}", GOOD[ending])


@pytest.mark.parametrize("ending", KINDS)
def test_nothing_passes_for_something_else(ending: str) -> None:
    alike = {"jpg": {"jpeg"}, "jpeg": {"jpg"}, "csv": {"txt", "ics"}, "txt": {"csv", "ics"}}
    taken = {other for other in KINDS if fits(f"a.{ending}", GOOD[other])}
    assert taken == {ending, *alike.get(ending, ())}


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.zip", "a.exe", "a.docm", "a", "pdf", ".pdf", "a.pdf.js", ""])
def test_other_endings_are_not_known(name: str) -> None:
    assert kind_named(name) is None


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", b"  <!DOCTYPE html><script>"),
        ("a.csv", b"\xef\xbb\xbf<svg onload=x>"),
        ("a.txt", b"nul\0"),
        ("a.txt", b"\xff\xfet\0e\0x\0t\0"),
        ("a.csv", "Café".encode("latin-1")),
        ("a.txt", "é".encode()[:1]),
        ("a.ics", b"BEGIN:VCALENDAR\0"),
        ("a.docx", archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
        ("a.docx", archive("word/document.xml")),
        ("a.docx", GOOD["docx"][:-20]),
        ("a.odt", archive("content.xml", "Basic/script.xml", first=ODT)),
        ("a.odt", archive("content.xml")),
        ("a.pdf", b" %PDF-1.7"),
    ],
)
def test_what_only_looks_like_it_is_not_taken(name: str, data: bytes) -> None:
    assert not fits(name, data)


def test_an_archive_of_endless_parts_is_not_taken() -> None:
    parts: Sequence[str] = [f"word/{number}" for number in range(ENTRIES_MOST)]
    assert not fits("a.docx", archive("[Content_Types].xml", *parts))


def test_a_character_on_the_edge_of_a_piece_is_whole() -> None:
    assert fits("a.txt", b"a" * (PIECE - 1) + "🙂".encode() + b"b" * PIECE)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Risk assessment.pdf", "Risk assessment.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Amina\\map.png", "map.png"),
        ("a\r\nSet-Cookie: b.pdf", "a Set-Cookie: b.pdf"),
        ("in\u202evoice\x00.pdf", "invoice.pdf"),
        ('say "yes".pdf', "say yes.pdf"),
        ("Llançà 🙂.pdf", "Llançà 🙂.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("...", "file"),
        (".pdf", "pdf"),
        ("", "file"),
    ],
)
def test_names_are_cleaned(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@pytest.mark.parametrize("name", ["a" * 500, "a" * 500 + ".pdf", "a." + "b" * 500])
def test_long_names_are_cut(name: str) -> None:
    assert len(clean_name(name)) == NAME_MOST
    assert clean_name(name).endswith(".pdf") == name.endswith(".pdf")
