"""A form from questions that are data: one field for each item, named by its code."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from cop.core.questions import NEEDED, SCALE_MOST, Answers, Item, Kind, Problem, check
from cop.forms import base


class AnswersForm(base.Form):
    """Answers to some items of a questionnaire. ``revision`` is that of the response which the page showed.

    ``AMONG`` are all items of the questionnaire, and ``SAVED`` what was answered before: whether an item is asked may
    hang on the answer to one of another page. ``WHOLE`` asks for all that is required on this page.
    """

    ITEMS: tuple[Item, ...] = ()
    AMONG: tuple[Item, ...] = ()
    SAVED: Answers = {}  # noqa: RUF012  never changed: each form is a class of its own
    WHOLE = False

    revision = base.hidden_number()
    submit = base.button(_("Save and continue"))

    def validate(self, extra_validators: Any = None) -> bool:
        fits: bool = super().validate(extra_validators)
        given = self.answers()
        _clean, problems = check(self.AMONG, {**self.SAVED, **given}, whole=self.WHOLE)
        problems = [problem for problem in problems if problem.code in given]
        for problem in problems:
            field = self[problem.code]
            field.errors = [*field.errors, self._in_words(problem)]
        return fits and not problems

    def _in_words(self, problem: Problem) -> str:
        """The message; where a page holds several questions, a missing answer says to which of them."""
        if problem.message != NEEDED or len(self.ITEMS) == 1:
            return str(gettext(problem.message, **problem.params))
        question = next(item.text for item in self.ITEMS if item.code == problem.code)
        return str(gettext("Answer “%(question)s”", question=question))

    def answers(self) -> dict[str, Any]:
        """What was answered on this page, by code; None where nothing was."""
        return {item.code: self[item.code].data or None for item in self.ITEMS}


def answers_form(
    items: Sequence[Item],
    answers: Answers,
    *,
    revision: int,
    button: Any = None,
    among: Sequence[Item] | None = None,
    whole: bool = False,
) -> AnswersForm:
    """A form for these items, filled with what was answered before.

    ``among`` are all items of the questionnaire, where these are only some; ``whole`` refuses a page on which an
    answer that is required is missing.
    """
    fields = {item.code: _field(item) for item in items}
    page = {"ITEMS": tuple(items), "AMONG": tuple(among or items), "SAVED": answers, "WHOLE": whole}
    made = type("AnswersPage", (AnswersForm,), {**fields, **page})
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
            return base.loose_line(label, hint=item.hint, words=item.words, characters=item.characters)
        case Kind.TEXT:
            return base.long_text(label, hint=item.hint, words=item.words, characters=item.characters)
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
