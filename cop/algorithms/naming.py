"""Where a text may name somebody: names, addresses, organisations and places in words that somebody wrote freely.

What is found are suggestions for a person who reads the text. Names are looked for as they are written with a capital:
“Will” may be a name, “will” is not. An organisation is also looked for by the place in its name.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class Naming(StrEnum):
    """What something found looks like."""

    PERSON = "person"
    EMAIL = "email"
    WEB = "web"
    TELEPHONE = "telephone"
    ORGANISATION = "organisation"
    PLACE = "place"


@dataclass(frozen=True)
class Known:
    """Words to look for."""

    words: str
    naming: Naming


@dataclass(frozen=True)
class Found:
    start: int
    end: int
    naming: Naming


PATTERNS = (
    (Naming.EMAIL, re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")),
    (Naming.WEB, re.compile(r"\b(?:https?://|www\.)[^\s<>()]*[^\s<>().,;:!?]")),
    (Naming.TELEPHONE, re.compile(r"(?<![\w/])(?:\+|\(?0)\d[\d ()-]{7,}\d")),
)

SHORTEST = 3
"""Letters of a part of a name that is looked for by itself: “Li” and “de” are in too many other words."""

KINDS_OF_COUNCIL = frozenset(
    {
        *("authority", "borough", "city", "co-op", "combined", "community", "council", "county", "district", "group"),
        *("labour", "london", "metropolitan", "of", "parish", "royal", "the", "town", "unitary", "&", "and"),
    }
)
JOINTS = re.compile(r"\s+(?:and|&|with)\s+", re.IGNORECASE)


def person(name: str) -> Sequence[Known]:
    """A person by the whole of their name and by its parts."""
    parts = [part for part in re.split(r"[\s-]+", name) if len(part.strip(".")) >= SHORTEST]
    return [Known(words, Naming.PERSON) for words in dict.fromkeys([name, *parts])]


def organisation(name: str, *, has_place: bool = False) -> Sequence[Known]:
    """An organisation by its name, and by its place where a council is named after one."""
    return [Known(name, Naming.ORGANISATION), *(Known(place, Naming.PLACE) for place in places(name) if has_place)]


def places(council: str) -> Sequence[str]:
    """“Telford and Wrekin Council” is in Telford and in Wrekin; “Royal Borough of Greenwich” in Greenwich."""
    words = council.split()
    while words and words[-1].lower() in KINDS_OF_COUNCIL:
        words.pop()
    while words and words[0].lower() in KINDS_OF_COUNCIL:
        words.pop(0)
    whole = " ".join(words)
    found = dict.fromkeys([whole, *JOINTS.split(whole)])
    return [place for place in found if len(place) > SHORTEST and place != council]


def find(text: str, known: Iterable[Known]) -> Sequence[Found]:
    """What may name somebody, in order; where two overlap the longer one counts."""
    found = [Found(*match.span(), naming) for naming, pattern in PATTERNS for match in pattern.finditer(text)]
    naming_of = {each.words.lower(): each.naming for each in reversed(list(known)) if each.words.strip()}
    if naming_of:
        longest_first = sorted(naming_of, key=lambda words: (-len(words), words))
        anything = "|".join(re.escape(words).replace(r"\ ", r"\s+") for words in longest_first)
        for match in re.finditer(rf"(?<!\w)(?:{anything})(?!\w)", text, re.IGNORECASE):
            words = match.group()
            if not words[0].islower():
                found.append(Found(*match.span(), naming_of[" ".join(words.lower().split())]))
    chosen: list[Found] = []
    for each in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        if all(each.end <= other.start or other.end <= each.start for other in chosen):
            chosen.append(each)
    return sorted(chosen, key=lambda one: one.start)


def pieces(text: str, found: Sequence[Found]) -> Sequence[tuple[str, Naming | None]]:
    """The text in pieces, those found with what they look like."""
    edges = [0, *(edge for each in found for edge in (each.start, each.end)), len(text)]
    namings = {each.start: each.naming for each in found}
    return [(text[start:end], namings.get(start)) for start, end in pairwise(edges) if start < end]


def without(text: str, found: Sequence[Found], words: Mapping[Naming, str]) -> str:
    """The text with a word in brackets in the place of each."""
    return "".join(piece if naming is None else f"[{words[naming]}]" for piece, naming in pieces(text, found))
