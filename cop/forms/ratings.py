"""How far an organisation is with one principle."""

from typing import Any

from flask_babel import lazy_gettext as _

from cop.forms import base
from cop.forms.programmes import Answers
from cop.models.adoption import EXAMPLE_MOST

LEVELS = [
    (1, _("Not begun")),
    (2, _("First steps")),
    (3, _("In some places")),
    (4, _("In most of what we do")),
    (5, _("How we work: others learn from us")),
]
"""The five levels, as words."""


class RatePrinciple(Answers):
    level = base.radios(
        _("How far is your organisation?"),
        required=_("Choose one of the five levels"),
        coerce=int,
    )
    example = base.text(
        _("What is an example of it?"),
        hint=_("Something that others could come and see. From level 2 on, an example makes the rating complete."),
        most=EXAMPLE_MOST,
        rows=4,
    )
    seen = base.hidden_number(required=_("Open the page again"))

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.level.choices = base.choices([(number, f"{number}. {words}") for number, words in LEVELS])

    def answers(self) -> dict[str, Any]:
        return {**super().answers(), "example": self.example.data or ""}
