"""QR codes: an address as a picture that a telephone's own camera opens."""

from functools import lru_cache

QUIET = 4
"""Empty modules around the code, as the standard asks for them."""

MASK = 2
"""Which of the standard's eight patterns lies over the code: trying them all takes five times as long as the rest, and
over addresses with a random word none of them reads better than another.
"""


@lru_cache(maxsize=256)
def svg(address: str) -> str:
    """The code as an SVG element without a size of its own, black on white whatever is behind it.

    A quarter of it may be covered or scratched. It says nothing to readers of screens: what stands beside it does.
    """
    import segno  # noqa: PLC0415  most pages have no code

    code = segno.make(address, error="q", micro=False, mask=MASK)
    return code.svg_inline(
        border=QUIET, dark="#000", light="#fff", omitsize=True, svgclass="cop-qr", lineclass=None, svgid=None
    ).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
