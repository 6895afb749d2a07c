"""What may name somebody in a text, and what only looks like it."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cop.algorithms.naming import Known, Naming, find, organisation, person, pieces, places, without

KNOWN = [
    *person("Will Featherstone-Hope"),
    *organisation("Telford and Wrekin Council", has_place=True),
    *organisation("Stevenage Borough Council", has_place=True),
    *organisation("Locality"),
]
WORDS = {naming: naming.value for naming in Naming}


def told(text: str, known: Sequence[Known] = KNOWN) -> list[str]:
    return [text[found.start : found.end] for found in find(text, known)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("My name is Will Featherstone-Hope.", ["Will Featherstone-Hope"]),
        ("Will said that he will, says Mrs Hope", ["Will", "Hope"]),
        ("we hope for the best", []),
        ("FEATHERSTONE’s idea", ["FEATHERSTONE"]),
        ("A goodwill visit", []),
        ("I work for Stevenage Borough Council, in Stevenage.", ["Stevenage Borough Council", "Stevenage"]),
        ("between stevenage and Wrekin", ["Wrekin"]),
        ("Stevenage\nBorough  Council", ["Stevenage\nBorough  Council"]),
        ("Locality helped in our locality", ["Locality"]),
        ("Write to will.hope+x@council.example or call", ["will.hope+x@council.example"]),
        (
            "see https://council.example/plan?a=1, and www.hub.example.",
            ["https://council.example/plan?a=1", "www.hub.example"],
        ),
        ("ring 01438 242 242 or +44 7700 900123", ["01438 242 242", "+44 7700 900123"]),
        ("In 2024 we had 1,200 visits and 0.5 posts", []),
        ("", []),
    ],
)
def test_finds(text: str, names: list[str]) -> None:
    assert told(text) == names


def test_finds_addresses_where_nothing_is_known() -> None:
    assert told("me@home.example", []) == ["me@home.example"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Stevenage Borough Council", ["Stevenage"]),
        ("Royal Borough of Greenwich", ["Greenwich"]),
        ("London Borough of Lewisham", ["Lewisham"]),
        ("Barking & Dagenham Council", ["Barking & Dagenham", "Barking", "Dagenham"]),
        ("Edinburgh Labour & Co-op Group", ["Edinburgh"]),
        ("Ely Council", []),
        ("Council", []),
    ],
)
def test_the_places_of_a_council(name: str, found: list[str]) -> None:
    assert places(name) == found


def test_puts_a_word_in_the_place_of_each() -> None:
    text = "Will of Stevenage: will@council.example"
    assert without(text, find(text, KNOWN), WORDS) == "[person] of [place]: [email]"


@given(some.text(alphabet="Will hope@council.example Stevenage\n01438242242", max_size=200))
def test_pieces_make_up_the_text_and_do_not_overlap(text: str) -> None:
    found = find(text, KNOWN)
    assert "".join(piece for piece, _ in pieces(text, found)) == text
    assert [text[one.start : one.end] for one in found] == [piece for piece, naming in pieces(text, found) if naming]
    assert all(left.end <= right.start for left, right in pairwise(found))
