"""Sorting free answers by codes, and picking what is quoted of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from cop.forms.base import Form, choices, dropdown, text, ticks
from cop.models.tags import Tag
from cop.queries.coding import NOT_CODED

DIGITS = 18
"""Of the longest id that a form can bring back."""


class FindAnswers(Form):
    """What stands in the address of a list of answers; nonsense counts as not asked."""

    class Meta:
        csrf = False

    event = dropdown(_("About"))
    code = dropdown(_("Code"))

    def offer(self, events: Iterable[tuple[str, str]], codes: Iterable[Tag]) -> None:
        self.event.choices = choices([("", _("All events")), *events])
        known = [(tag.slug, tag.name) for tag in codes]
        self.code.choices = choices([("", _("Any code or none")), (NOT_CODED, _("No code yet")), *known])

    def asked(self) -> dict[str, str]:
        """The answers by the names of the fields."""
        self.validate()
        for field in self:
            if field.errors:
                field.data, field.errors = "", ()
        return {field.name: field.data for field in self if field.data}


class CodeAnswer(Form):
    """``seen`` holds the codes that the page showed as given."""

    codes = ticks(_("Codes"), coerce=int, hint=_("Tick all that fit."))
    seen = HiddenField()

    def offer(self, codes: Iterable[Tag]) -> None:
        self.codes.choices = choices((tag.id, tag.name) for tag in codes)

    @property
    def seen_ids(self) -> Sequence[int]:
        words: list[str] = (self.seen.data or "").split(",")
        return [int(word) for word in words if word.isascii() and word.isdigit() and len(word) <= DIGITS]


def code_answer(offered: Iterable[Tag], given: Iterable[Tag]) -> CodeAnswer:
    ids: list[Any] = [tag.id for tag in given]
    form = CodeAnswer(data={"codes": ids, "seen": ",".join(map(str, ids))})
    form.offer(offered)
    return form


class PickQuotation(Form):
    words = text(
        _("Words to quote"),
        hint=_("Remove what is not needed, and put […] where you leave something out in between."),
        required=_("Enter the words to quote"),
        most=1_000,
    )
