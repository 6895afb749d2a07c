"""Lists of people as somebody pastes them: from a letter, a mail program or a spreadsheet."""

import csv
import re

from cop.formats.tables import Row

IN_BRACKETS = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>\s]+)>,?(?P<organisation>[^<>]*)")
QUOTES = "\"'“”"


def read_people(text: str) -> list[Row]:
    """One row a person, with ``name``, ``email`` and ``organisation``; people stand on lines or between semicolons.

    Understood are ``Name <address>``, ``name, address, organisation`` with commas or tabs, an address alone and a name
    alone. Of several cells the one with an @ is the address, wherever it stands. What does not fit is handed on as it
    is, for the rules about names and addresses to refuse.
    """
    return [
        Row(number, _person(piece.strip()))
        for number, line in enumerate(text.splitlines(), start=1)
        for piece in line.split(";")
        if piece.strip()
    ]


def _person(piece: str) -> dict[str, str]:
    found = IN_BRACKETS.fullmatch(piece)
    if found:
        return {key: value.strip().strip(QUOTES).strip() for key, value in found.groupdict().items()}
    between = "\t" if "\t" in piece else ","
    cells = [cell.strip() for cell in next(csv.reader([piece], delimiter=between, skipinitialspace=True))]
    email = next((cell for cell in cells if "@" in cell), "")
    name, organisation, *_more = [*(cell for cell in cells if cell != email), "", ""]
    return {"name": name, "email": email, "organisation": organisation}
