"""Papers for the tables of a summit: who sits where, by name and by table, and a card for each place."""

from collections.abc import Callable
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from cop.formats import pdf
from cop.queries.seating import Seating, Sitter

CARDS_A_PAGE = 8


def table_lists(found: Seating, called: Callable[[Sitter], str]) -> bytes:
    """Everybody by name with their tables, then each table of each round."""
    rounds = range(found.rounds)
    return pdf.typeset(
        "tables",
        _paper(
            _("Tables: %(title)s", title=found.event.title),
            by_name={
                "heading": _("By name"),
                "headings": [_("Name"), _("Organisation"), *map(_round, rounds)],
                "rows": [
                    [
                        called(one),
                        one.organisation or "",
                        *(found.name_of_table(round_, one.seat_id) or "–" for round_ in rounds),
                    ]
                    for one in sorted(found.sitters, key=lambda one: called(one).casefold())
                ],
            },
            rounds=[
                {
                    "heading": _round(round_),
                    "tables": [
                        {
                            "heading": table.name,
                            "people": [_line(one, called) for one in table.people],
                        }
                        for table in found.tables(round_)
                        if table.people
                    ],
                }
                for round_ in rounds
            ],
        ),
    )


def place_cards(found: Seating, called: Callable[[Sitter], str]) -> bytes:
    """One for everybody, to be folded: the name for the others to read, and their tables."""
    rounds = range(found.rounds)
    made = [
        {
            "name": called(one),
            "organisation": one.organisation or "",
            "tables": [
                f"{_round(round_)}: {found.name_of_table(round_, one.seat_id) or '–'}"
                if found.rounds > 1
                else found.name_of_table(round_, one.seat_id) or ""
                for round_ in rounds
            ],
        }
        for one in sorted(found.sitters, key=lambda one: _first(found, one))
        if any((round_, one.seat_id) in found.places for round_ in rounds)
    ]
    pages = [made[at : at + CARDS_A_PAGE] for at in range(0, len(made), CARDS_A_PAGE)]
    return pdf.typeset("place_cards", _paper(_("Place cards: %(title)s", title=found.event.title), pages=pages))


def _first(found: Seating, one: Sitter) -> tuple[int, int]:
    """So that the cards lie in the order in which they are put on the tables of the first round."""
    sits = found.places.get((0, one.seat_id))
    return (sits is None, sits.table if sits else 0)


def _round(round_: int) -> str:
    return str(_("Round %(number)s", number=round_ + 1))


def _line(one: Sitter, called: Callable[[Sitter], str]) -> list[str]:
    return [called(one), one.organisation or ""]


def _paper(title: str, **content: Any) -> dict[str, Any]:
    return {"service": current_app.config["SERVICE_NAME"], "title": title, **content}
