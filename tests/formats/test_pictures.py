"""Photos keep their pixels and lose what was noted beside them; whatever is no whole picture is refused."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.formats.pictures import JPEG, PNG, PNG_BEGINS, NoPicture, cleaned
from tests.support.pictures import jpeg, png

SECRET = b"taken at 51.902, -0.203 with somebody's phone"


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def exif(way_up: int, order: str = "<") -> bytes:
    begin = b"II*\0" if order == "<" else b"MM\0*"
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, way_up, 0)
    maker = struct.pack(f"{order}HHIHH", 0x010F, 2, 1, 0, 0)
    body = struct.pack(f"{order}IH", 8, 2) + maker + entry + struct.pack(f"{order}I", 0)
    return segment(0xE1, b"Exif\0\0" + begin + body + SECRET)


class TestJpeg:
    def test_is_kept_as_it_is(self) -> None:
        found = cleaned(jpeg(300, 200))
        assert (found.media_type, found.width, found.height) == (JPEG, 300, 200)
        assert found.content == jpeg(300, 200)

    @pytest.mark.parametrize(
        "beside",
        [
            exif(1),
            segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET),
            segment(0xE2, b"MPF\0" + SECRET),
            segment(0xED, b"Photoshop 3.0\0" + SECRET),
            segment(0xFE, SECRET),
        ],
    )
    def test_loses_what_is_noted_beside_it(self, beside: bytes) -> None:
        data = jpeg(300, 200)
        assert cleaned(data[:2] + beside + data[2:]).content == data

    def test_loses_what_follows_its_end(self) -> None:
        assert cleaned(jpeg() + SECRET).content == jpeg()

    @pytest.mark.parametrize("order", "<>")
    def test_stays_the_same_way_up(self, order: str) -> None:
        data = jpeg()
        found = cleaned(data[:2] + exif(6, order) + data[2:]).content
        assert SECRET not in found
        assert cleaned(found).content == found
        assert found != data
        assert b"Exif\0\0MM\0*" in found

    def test_keeps_its_colours(self) -> None:
        data = jpeg()
        colours = segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(20))
        assert colours in cleaned(data[:2] + colours + data[2:]).content

    def test_may_have_several_scans_and_filling(self) -> None:
        data = jpeg()
        again = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x11\xff\x00\xff\xd3\x22"
        assert cleaned(data[:-2] + again + b"\xff\xff\xd9").content == data[:-2] + again + b"\xff\xd9"


class TestPng:
    def test_is_kept_as_it_is(self) -> None:
        found = cleaned(png(120, 160))
        assert (found.media_type, found.width, found.height) == (PNG, 120, 160)
        assert found.content == png(120, 160)

    def test_loses_what_is_noted_beside_it_and_after_it(self) -> None:
        data, text = png(), b"tEXt" + SECRET
        chunk = struct.pack(">I", len(SECRET)) + text + struct.pack(">I", zlib.crc32(text))
        assert cleaned(data[:33] + chunk + data[33:] + SECRET).content == data


NOT_TAKEN = {
    "nothing": b"",
    "text": b"Hello",
    "a page": b"<svg onload=alert(1)>",
    "a gif": b"GIF89a" + bytes(100),
    "a JPEG without a picture": b"\xff\xd8\xff\xd9",
    "a JPEG without a size": b"\xff\xd8" + segment(0xDA, b"\0") + b"\1\xff\xd9",
    "a JPEG that is cut off": jpeg()[:-2],
    "a JPEG with a segment of nothing": b"\xff\xd8\xff\xe0\0\0",
    "a JPEG with words between": b"\xff\xd8hello",
    "a PNG that is cut off": png()[:-5],
    "a PNG with a wrong sum": png()[:-1] + b"\0",
    "a PNG without a head": PNG_BEGINS + png()[33:],
    "a PNG without a picture": png()[:33] + png()[-12:],
    "too small": jpeg(99, 300),
    "too wide": jpeg(8001, 300),
    "too many pixels": png(7000, 7000),
}


@pytest.mark.parametrize("data", NOT_TAKEN.values(), ids=NOT_TAKEN.keys())
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NoPicture):
        cleaned(data)


@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8", PNG_BEGINS, jpeg()[:40], png()[:40]]))
def test_nothing_else_happens_with_any_bytes(rest: bytes, begins: bytes) -> None:
    try:
        found = cleaned(begins + rest)
    except NoPicture:
        return
    assert cleaned(found.content).content == found.content


@given(st.sampled_from([jpeg(), png()]), st.data())
def test_nor_with_any_cut_or_change(whole: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + data.draw(st.binary(max_size=4)) + whole[at + data.draw(st.integers(0, 4)) :]
    try:
        found = cleaned(changed)
    except NoPicture:
        return
    assert cleaned(found.content).content == found.content


@given(st.binary(max_size=60))
def test_nor_with_any_note_of_a_camera(note: bytes) -> None:
    data = jpeg()
    found = cleaned(data[:2] + segment(0xE1, b"Exif\0\0II*\0" + note) + data[2:])
    assert found.content.endswith(data[2:])
