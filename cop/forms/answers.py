"""A form from questions that are data: one field for each item, named by its code."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from cop.core.questions import SCALE_MOST, Answers, Item, Kind, check
from cop.forms import base


class AnswersForm(base.Form):
    """Answers to some items of a questionnaire. ``revision`` is that of the response which the page showed."""

    ITEMS: tuple[Item, ...] = ()

    revision = base.hidden_number()
    submit = base.button(_("Save and continue"))

    def validate(self, extra_validators: Any = None) -> bool:
        fits: bool = super().validate(extra_validators)
        _clean, problems = check(self.ITEMS, self.answers(), whole=False)
        for problem in problems:
            field = self[problem.code]
            field.errors = [*field.errors, gettext(problem.message, **problem.params)]
        return fits and not problems

    def answers(self) -> dict[str, Any]:
        """What was answered on this page, by code; None where nothing was."""
        return {item.code: self[item.code].data or None for item in self.ITEMS}


def answers_form(items: Sequence[Item], answers: Answers, *, revision: int, button: Any = None) -> AnswersForm:
    """A form for these items, filled with what was answered before."""
    fields = {item.code: _field(item) for item in items}
    made = type("AnswersPage", (AnswersForm,), {**fields, "ITEMS": tuple(items)})
    form: AnswersForm = made(data={**{code: _shown(answers.get(code)) for code in fields}, "revision": revision})
    if button is not None:
        form.submit.label.text = button
    return form


def _shown(answer: Any) -> Any:
    return str(answer) if isinstance(answer, int) else answer


def _field(item: Item) -> Any:
    label = item.text if item.required else _("%(question)s (optional)", question=item.text)
    match item.kind:
        case Kind.LINE:
            return base.loose_line(label, hint=item.hint)
        case Kind.TEXT:
            return base.long_text(label, hint=item.hint, words=item.words)
        case Kind.NUMBER:
            return base.loose_line(label, hint=item.hint, numeric=True)
        case Kind.CHOICES:
            return base.ticks(label, [(option.value, option.label) for option in item.options], hint=item.hint)
        case Kind.SCALE:
            hint = item.hint or _("0 is not at all, %(most)s is completely", most=SCALE_MOST)
            return base.loose_radios(
                label, [(str(value), str(value)) for value in item.values], hint=hint, in_a_row=True
            )
        case _:
            pairs = [(str(value), item.label_of(value)) for value in item.values]
            return base.loose_radios(label, pairs, hint=item.hint)
