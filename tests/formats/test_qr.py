"""QR codes: the picture is the address and nothing else, and no style of its own."""

import re

from cop.formats import qr

ADDRESS = "https://cop.example/check-in/abcdef"


def test_a_code_is_one_picture_without_a_size_or_a_style_of_its_own() -> None:
    drawn = qr.svg(ADDRESS)
    assert re.fullmatch(
        r'<svg aria-hidden="true" focusable="false" viewBox="0 0 \d+ \d+" class="cop-qr">.*</svg>', drawn
    )
    assert "style" not in drawn
    assert "id=" not in drawn


def test_a_code_is_of_its_address() -> None:
    assert qr.svg(ADDRESS) == qr.svg(ADDRESS) != qr.svg(ADDRESS + "g")


def test_a_code_is_dark_on_white_with_room_around_it() -> None:
    drawn = qr.svg(ADDRESS)
    modules = int(re.findall(r'viewBox="0 0 (\d+)', drawn)[0])
    assert f'fill="#fff" d="M0 0h{modules}v{modules}h-{modules}z"' in drawn
    assert 'stroke="#000"' in drawn
    assert f"M{qr.QUIET} {qr.QUIET}.5" in drawn
