"""The tables of a summit: which there are, who is to sit together or apart, and moving people by hand."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import ValidationError

from cop.forms import base
from cop.forms.directory import Search
from cop.models.seating import Company

ROUNDS = 6
NAME = 40

MANY = re.compile(r"(\d{1,3})\s*[x×*]\s*(\d{1,3})", re.IGNORECASE)
ONE = re.compile(r"(.*\S)\s*:\s*(\d{1,3})")

Named = tuple[str, int]
"""What a table is called, and how many it seats."""


class Seen(base.Form):
    """Something to press on a page; ``seen`` is how the tables stood on it."""

    seen = base.hidden_number(required=_("Look at the tables once more, and try again"))


class SetTables(Seen):
    tables = base.text(
        _("Which tables are there?"),
        hint=_(
            "One kind on each line. “20 x 8” stands for twenty tables with eight seats each. A table with a name is "
            "“Top table: 10”."
        ),
        required=_("Enter the tables"),
        most=4_000,
    )
    rounds = base.whole_number(
        _("How many times do people sit down?"),
        hint=_("In each round people sit with others as far as possible."),
        least=1,
        most=ROUNDS,
        required=_("Enter how many rounds there are"),
    )

    def validate_tables(self, field: object) -> None:
        for number, line in self._lines():
            if not (MANY.fullmatch(line) or ONE.fullmatch(line)):
                raise ValidationError(_("Line %(line)s has to look like “20 x 8” or like “Top table: 10”", line=number))
            named = ONE.fullmatch(line)
            if named and len(named[1]) > NAME:
                raise ValidationError(
                    _("Line %(line)s: use %(most)s characters or fewer for the name", line=number, most=NAME)
                )

    def _lines(self) -> Iterable[tuple[int, str]]:
        lines = enumerate((self.tables.data or "").splitlines(), start=1)
        return [(number, line.strip()) for number, line in lines if line.strip()]

    def named(self) -> Sequence[Named]:
        """Each table; those without a name are numbered as they stand."""
        found: list[Named] = []
        for _number, line in self._lines():
            many, one = MANY.fullmatch(line), ONE.fullmatch(line)
            if many:
                found += [(_numbered(len(found) + at), int(many[2])) for at in range(1, int(many[1]) + 1)]
            elif one:
                found.append((one[1], int(one[2])))
        return found


def written(tables: Iterable[Named]) -> str:
    """What one would have typed to have these tables."""
    kinds = [(_numbered(number) == name, seats, name) for number, (name, seats) in enumerate(tables, start=1)]
    lines = []
    for (is_numbered, seats), kind in groupby(kinds, key=lambda kind: kind[:2]):
        names = [name for _is_numbered, _seats, name in kind]
        lines += [f"{len(names)} x {seats}"] if is_numbered else [f"{name}: {seats}" for name in names]
    return "\n".join(lines)


def _numbered(number: int) -> str:
    return str(_("Table %(number)s", number=number))


COMPANY = [
    (Company.APART.value, _("Keep them apart: no two of them share a table")),
    (Company.TOGETHER.value, _("Seat them together, at one table in each round")),
]


class FindPeople(Search):
    q = base.line(
        _("Find people by name or organisation"), hint=_("For several at once, put commas between: ash, brook")
    )


class AddRules(Seen):
    people = base.ticks(_("Who?"), coerce=int)
    company = base.radios(_("What about them?"), COMPANY, required=_("Choose what is to hold for them"))

    def offer(self, people: Iterable[tuple[int, str]]) -> None:
        self.people.choices = base.choices(people)


class RemoveRule(Seen):
    rule = base.hidden_number(required=_("Choose a rule from the list"))


class Pin(Seen):
    pinned = base.hidden_word(["yes", "no"])


def _number(value: Any) -> int | None:
    return None if value in ("", None) else int(value)


class MoveSomebody(Seen):
    table = base.radios(_("To a table with a free seat"), coerce=_number)
    other = base.dropdown(_("Or change places with somebody"), coerce=_number)

    def offer(self, tables: Iterable[tuple[int, str]], others: Iterable[tuple[int, str]]) -> None:
        self.table.choices = base.choices([("", _("No other table")), *tables])
        self.other.choices = base.choices([("", _("Nobody")), *others])

    def validate_other(self, field: object) -> None:
        chosen = [answer for answer in (self.table.data, self.other.data) if answer is not None]
        if len(chosen) != 1:
            raise ValidationError(_("Choose a table or somebody to change places with, one of the two"))
