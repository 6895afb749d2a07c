"""Words of a page that no translator ever saw: with a catalogue in Greek letters, what is still in Latin ones."""

import re
from collections.abc import Iterable, Iterator

from bs4 import BeautifulSoup, Comment, Doctype
from sqlalchemy import Enum, select
from sqlalchemy.orm import Session

from cop.models.base import Base

SAID = ("alt", "aria-label", "aria-description", "aria-roledescription", "label", "placeholder", "title")
SILENT = ("script", "style", "code", "pre", "kbd", "template")
WORD = re.compile(r"[A-Za-z]{2,}")
NOT_WORDS = re.compile(
    r"https?://\S+|webcal://\S+|\S+@\S+|(?<!\S)/\S+|%[a-z]+%|\b[0-9a-f]{16}\b|\blocalhost\S*|\b[0-9]+(:[0-9]{2})?(am|pm)\b"
)
"""Addresses, placeholders that a script fills in, keys, and times of the day."""
MARKS = re.compile(r"^[#>*\-\s]+")
SHORT = 60


def said(soup: BeautifulSoup) -> Iterator[str]:
    """All that a page tells eye and ear in its own language, piece by piece."""
    own = soup.html.get("lang") if soup.html else None
    for node in soup.find_all(string=True):
        if isinstance(node, Comment | Doctype):
            continue
        if not any(tag.name in SILENT or tag.get("lang", own) != own for tag in node.parents):
            yield str(node)
    for tag in soup.find_all(True):
        yield from (str(tag[name]) for name in SAID if tag.get(name))


class Written:
    """What somebody wrote, into the database or as content that comes with the service, is not translated."""

    def __init__(self, texts: Iterable[str]) -> None:
        values: set[str] = set()
        for text in texts:
            values.add(" ".join(text.split()))
            values.update(" ".join(MARKS.sub("", line).split()) for line in text.splitlines())
        self._values = {value for value in values if WORD.search(value)}
        longest = sorted(self._values, key=len, reverse=True)
        short = "|".join(re.escape(value) for value in longest if len(value) <= SHORT)
        self._short = re.compile(rf"(?<!\w)(?:{short})(?!\w)")
        self._long = [value for value in longest if len(value) > SHORT]

    def left(self, text: str) -> str:
        """What of a text nobody wrote; nothing where no word is left of it."""
        text = " ".join(text.split())
        if not WORD.search(text) or text in self._values:
            return ""
        text = NOT_WORDS.sub(" ", text)
        for value in self._long:
            text = text.replace(value, " ")
        text = " ".join(self._short.sub(" ", text).split())
        return text if WORD.search(text) else ""


def texts_in(session: Session) -> Iterator[str]:
    """Every text in the database, but for words of lists of ours."""
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.c if not isinstance(column.type, Enum)]
        for row in session.execute(select(*columns)):
            for value in row:
                yield from _texts(value)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
