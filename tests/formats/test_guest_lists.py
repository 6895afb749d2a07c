"""Lists of people as they are pasted."""

import pytest

from cop.formats.guest_lists import read_people


@pytest.mark.parametrize(
    ("line", "name", "email", "organisation"),
    [
        ("Amina Yusuf <amina@council.example>", "Amina Yusuf", "amina@council.example", ""),
        ('"Yusuf, Amina" <amina@council.example>', "Yusuf, Amina", "amina@council.example", ""),
        ("Amina Yusuf, amina@council.example, Brent Council", "Amina Yusuf", "amina@council.example", "Brent Council"),
        ("amina@council.example, Amina Yusuf", "Amina Yusuf", "amina@council.example", ""),
        ("Amina Yusuf\tamina@council.example\tBrent Council", "Amina Yusuf", "amina@council.example", "Brent Council"),
        ("  amina@council.example ", "", "amina@council.example", ""),
        ("<amina@council.example>", "", "amina@council.example", ""),
        ("Rosa Resident", "Rosa Resident", "", ""),
        ("Rosa Resident, , Residents’ panel", "Rosa Resident", "", "Residents’ panel"),
        ("Amina Yusuf amina at council", "Amina Yusuf amina at council", "", ""),
        ("Amina <amina@council.example> <b@c.example>", "", "Amina <amina@council.example> <b@c.example>", ""),
    ],
)
def test_a_line_is_read_as_it_was_meant(line: str, name: str, email: str, organisation: str) -> None:
    [row] = read_people(line)
    assert row.values == {"name": name, "email": email, "organisation": organisation}


def test_people_stand_on_lines_or_between_semicolons_and_keep_the_number_of_their_line() -> None:
    rows = read_people("a@x.example; b@x.example\r\n\r\n ; \nc@x.example")
    assert [(row.line, row.values["email"]) for row in rows] == [
        (1, "a@x.example"),
        (1, "b@x.example"),
        (4, "c@x.example"),
    ]


def test_an_open_quotation_mark_loses_nothing() -> None:
    [row] = read_people('"Amina Yusuf, amina@council.example')
    assert "amina@council.example" in "".join(row.values.values())
