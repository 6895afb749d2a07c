"""Catalogues made for tests, of sentences that are extracted as translators extract them."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo

OURS = Path(__file__).parent.parent.parent / "cop"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
OPTIONS = {"templates/**": {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.do"}}
KEYWORDS: Mapping[str, tuple[int, ...] | None] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "marked": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}
"""What marks a sentence in our code; docs/translating.md gives the same to ``pybabel extract``."""


PSEUDO = "el"
"""Greek has dates in letters of its own, and as many plurals as English."""

LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "αβψδεφγηιξκλμνοπϙρστθωϝχυζΑΒΨΔΕΦΓΗΙΞΚΛΜΝΟΠϘΡΣΤΘΩϜΧΥΖ",
)
HELD = re.compile(r"%\([a-z_0-9]+\)[sd]|%[sd]|\{[a-z_]*\}|<[^>]+>|&[a-z#0-9]+;")
"""What has to stand in a translation as it is."""


@cache
def sentences() -> tuple[str | tuple[str, ...], ...]:
    """Every sentence that is marked for translation, as pairs where it has a plural."""
    options = {"templates/**.html": OPTIONS["templates/**"], "templates/**.txt": OPTIONS["templates/**"]}
    found = extract_from_dir(OURS, method_map=METHODS, options_map=options, keywords=KEYWORDS)
    return tuple(dict.fromkeys(message for _file, _line, message, _comments, _context in found))


def in_pseudo(sentence: str) -> str:
    """The sentence without one Latin letter, but for its placeholders and tags."""
    pieces = HELD.split(sentence)
    held = [*HELD.findall(sentence), ""]
    return "".join(piece.translate(LETTERS) + keep for piece, keep in zip(pieces, held, strict=True))


def write_catalogue(folder: Path, code: str, put: Callable[[str], str | None]) -> Path:
    """A compiled catalogue of one language in the folder; ``put`` says a sentence in it, or None."""
    catalogue = Catalog(locale=code)
    for sentence in sentences():
        if isinstance(sentence, tuple):
            one, *_others, many = (put(form) for form in sentence)
            if one is not None and many is not None:
                catalogue.add(sentence, (one, *[many] * (catalogue.num_plurals - 1)))
        elif (words := put(sentence)) is not None:
            catalogue.add(sentence, words)
    target = folder / code / "LC_MESSAGES" / "messages.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, catalogue)
    return folder
