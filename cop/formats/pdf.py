"""Papers as PDF: a template of Typst with data in it, tagged so that readers of screens can follow (PDF/UA-1).

The fonts are those that come with Typst, and none of the machine: the same data gives the same bytes everywhere.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent.parent / "templates" / "pdf"

STRANGE = "□"
"""Stands for a character that no font of ours can show."""

PICTURE_PPI = 192
"""Dots to the inch of a picture: sharp on paper, and some twenty kilobytes."""

_ALONE = b'#set document(title: "-")\n#set text(lang: "en")\n#json(bytes(sys.inputs.data))'


def typeset(template: str, data: Mapping[str, Any]) -> bytes:
    """The paper of that name in ``templates/pdf/`` with ``data``, which Typst reads as JSON and never as markup."""
    from typst import TypstError  # noqa: PLC0415  84 MB that most workers never need

    sources, spaced = _sources(template), _each(data, _spaced)
    try:
        return _compile(sources, spaced)
    except TypstError:  # a character that no font has, as a rule; what else it may be fails again
        return _compile(sources, _each(spaced, _shown))


def picture(template: str, data: Mapping[str, Any]) -> bytes:
    """The template's one page as a picture (PNG), for documents that cannot hold a drawing; it says nothing aloud."""
    import typst  # noqa: PLC0415  as above

    return typst.compile(  # type: ignore[no-any-return, call-overload]  # as below
        {"main.typ": (TEMPLATES / f"{template}.typ").read_bytes()},
        format="png",
        ppi=PICTURE_PPI,
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(_each(data, _spaced))},
    )


def _compile(sources: Mapping[str, bytes], data: Any) -> bytes:
    import typst  # noqa: PLC0415  as above

    return typst.compile(  # type: ignore[no-any-return, call-overload]  # its types know nothing of several files
        dict(sources),
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        sys_inputs={"data": json.dumps(data)},
    )


def _sources(template: str) -> Mapping[str, bytes]:
    return {
        "main.typ": (TEMPLATES / f"{template}.typ").read_bytes(),
        "house.typ": (TEMPLATES / "house.typ").read_bytes(),
    }


def _each(data: Any, change: Callable[[str], str]) -> Any:
    """The same data with ``change`` made to all words in it."""
    if isinstance(data, str):
        return change(data)
    if isinstance(data, Mapping):
        return {key: _each(value, change) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_each(value, change) for value in data]
    return data


def _spaced(text: str) -> str:
    """Typst shows nothing at all for a tab, so that the words beside it would become one."""
    return text.replace("\t", " ")


def _shown(text: str) -> str:
    """The same words with a sign in the place of what cannot be shown."""
    return text if _can_be_shown(text) else "".join(sign if _can_be_shown(sign) else STRANGE for sign in text)


@lru_cache(maxsize=4_096)
def _can_be_shown(text: str) -> bool:
    from typst import TypstError  # noqa: PLC0415  as above

    if text.isascii() and text.isprintable():
        return True
    try:
        _compile({"main.typ": _ALONE}, text)
    except TypstError:
        return False
    return True
