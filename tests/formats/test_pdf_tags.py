"""A PDF is tagged where its catalog says so and has a tree; what cannot be read does not tell."""

import io
import zlib

import pytest

from cop.formats.pdf import typeset
from cop.formats.pdf_tags import is_tagged
from tests.support.toolkit import TAGGED, pdf


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("tagged", [False, True])
def test_the_catalog_tells(tagged: bool, packed: bool) -> None:  # noqa: FBT001
    assert is_tagged(io.BytesIO(pdf(tagged=tagged, packed=packed))) is tagged


def test_a_paper_of_ours_is_tagged() -> None:
    badge = {"name": "Amina Yusuf", "organisation": "Council 1", "role": "Guest"}
    paper = typeset("badges", {"service": "Learning Together", "title": "Badges", "pages": [[badge]]})
    assert is_tagged(io.BytesIO(paper)) is True


@pytest.mark.parametrize("left_out", [b"/StructTreeRoot 5 0 R", b"/MarkInfo<</Marked true>>"])
def test_both_are_needed(left_out: bytes) -> None:
    data = pdf(tagged=True).replace(left_out, b"")
    assert is_tagged(io.BytesIO(data)) is False


def test_marked_as_not_tagged_is_not() -> None:
    data = pdf(tagged=True).replace(b"/Marked true", b"/Marked false")
    assert is_tagged(io.BytesIO(data)) is False


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no PDF at all",
        b"%PDF-1.7\n" + TAGGED,  # cut off
        pdf(tagged=True).replace(b"startxref", b"trailer<</Encrypt 7 0 R>>startxref"),
        pdf(tagged=False, packed=True).replace(b"x\x9c", b"xx"),
        pdf(tagged=False, packed=True).replace(b"endstream", b""),
    ],
)
def test_what_cannot_be_read_does_not_tell(data: bytes) -> None:
    assert is_tagged(io.BytesIO(data)) is None


def test_what_would_unpack_without_end_is_left_alone() -> None:
    bomb = zlib.compress(bytes(80 * 1024 * 1024))
    data = b"%PDF-1.7\n2 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n" + bomb + b"\nendstream\nstartxref\n"
    assert is_tagged(io.BytesIO(data)) is None
