"""What admins say about a questionnaire and each of its questions."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from cop.core.questions import LINE_MOST, TEXT_MOST, Item, Kind, Option
from cop.forms import base
from cop.forms.programmes import Answers
from cop.models.surveys import Mode

QUESTION_MOST = 500
OPTIONS_MOST = 30
STEPS = (2, 10)
VALUE = re.compile(r"[a-z0-9]+(?:[ _-][a-z0-9]+)*")
VALUE_MOST = 40

KIND_NAMES = {
    Kind.SECTION: _("A new page"),
    Kind.LINE: _("A line of words"),
    Kind.TEXT: _("Several lines of words"),
    Kind.NUMBER: _("A whole number"),
    Kind.SCALE: _("A scale from 0 to 10"),
    Kind.RATING: _("Steps with words"),
    Kind.CHOICE: _("One answer from a list"),
    Kind.CHOICES: _("Several answers from a list"),
}

KIND_HINTS = {
    Kind.SECTION: _("A heading. What follows stands on a page of its own, up to the next heading."),
    Kind.LINE: _("A name or a web address, say"),
    Kind.TEXT: _("For whatever people want to say"),
    Kind.NUMBER: _("Results count numbers in bands, since a number may tell who gave it"),
    Kind.SCALE: _("How confident, how likely"),
    Kind.RATING: _(
        "From “Strongly disagree” to “Strongly agree”, say. Questions in a row with the same steps become a grid."
    ),
    Kind.CHOICE: _("Yes or no, or one of many"),
    Kind.CHOICES: _("As many as apply"),
}

MODE_NAMES = {
    Mode.NAMED: _("With names"),
    Mode.PANEL: _("With a key instead of the name"),
    Mode.ANONYMOUS: _("Without names"),
}

MODES = (
    (Mode.NAMED, _("With names: the secretariat can see who answered what. Results show no names.")),
    (
        Mode.PANEL,
        _("With a key instead of the name: what somebody says now and later stays together, under no name."),
    ),
    (
        Mode.ANONYMOUS,
        _(
            "Without names: once the survey has closed, nothing tells whose answers they are. "
            "All questions stand on one page."
        ),
    ),
)


class Seen(Answers):
    """``seen`` is the revision of the draft which the page showed."""

    seen = base.hidden_number(required=_("Open this page anew"))


class BeginAnew(Answers):
    """``seen`` is the revision of the draft which the page showed, blank where there was none."""

    seen = base.hidden_number()


class NewQuestionnaire(Answers):
    title = base.line(_("Title"), hint=_("People see it above the questions"), required=_("Enter a title"))
    code = base.line(
        _("Name for exports"),
        hint=_("Small letters, numbers and hyphens, such as “autumn-check”. It cannot be changed later."),
        required=_("Enter a name for exports"),
        most=40,
    )
    source = base.dropdown(_("Begin with"))


class Describe(Seen):
    title = base.line(_("Title"), hint=_("People see it above the questions"), required=_("Enter a title"))
    introduction = base.text(
        _("Introduction"),
        hint=_("How long it takes, and what the answers are for. It stands in the mail, too."),
        required=_("Enter an introduction"),
        most=1_000,
        rows=4,
    )
    mode = base.radios(_("Whose answers they are"), MODES, required=_("Choose whose answers they are"), coerce=Mode)


class MoveItem(Seen):
    way = base.hidden_word(["up", "down"])


class OnlyIf(Seen):
    values = base.ticks(_("Ask it only of those who answered"))


class EditItem(Seen):
    """The words of an item, with the fields that its kind has; :func:`item_form` builds it."""

    KIND = Kind.LINE

    def item(self) -> dict[str, Any]:
        """The item as data; what was left blank is left out."""
        given: dict[str, Any] = {"kind": self.KIND.value}
        for name in ("code", "text", "hint", "required", "words", "characters"):
            if name in self._fields and self[name].data:
                given[name] = self[name].data
        if "options" in self._fields:
            given["options"] = [list(pair) for pair in pairs_in(self["options"].data or "")]
        if "labels" in self._fields:
            given["labels"] = lines_in(self["labels"].data or "")
        return given


def lines_in(text: str) -> list[str]:
    return [line for each in text.splitlines() if (line := each.strip())]


def pairs_in(text: str) -> Sequence[tuple[str, str]]:
    """Answers to choose from, one on each line: words, or a short word for exports, a bar, and words."""
    found = []
    for line in lines_in(text):
        value, bar, label = (part.strip() for part in line.partition("|"))
        found.append((value, label) if bar else (_value_from(value), value))
    return found


def _value_from(label: str) -> str:
    """A short word for an answer, made from its words and cut at a word."""
    words = re.findall(r"[a-z0-9]+", label.lower().replace("’", ""))
    while words and len(" ".join(words)) > VALUE_MOST:
        words.pop()
    return " ".join(words)


def _written(options: Iterable[Option]) -> str:
    """Options as :func:`pairs_in` reads them, each with its short word: that stays when the words change."""
    return "\n".join(f"{each.value} | {each.label}" for each in options)


class FitOptions:
    def __call__(self, form: base.Form, field: Any) -> None:
        pairs = pairs_in(field.data or "")
        if len(pairs) < 2:  # noqa: PLR2004
            raise ValidationError(_("Enter at least two answers, each on a line of its own"))
        if len(pairs) > OPTIONS_MOST:
            raise ValidationError(_("Enter at most %(most)s answers", most=OPTIONS_MOST))
        for value, label in pairs:
            if not label or len(label) > LINE_MOST:
                raise ValidationError(_("Give each answer words, at most %(most)s characters", most=LINE_MOST))
            if not VALUE.fullmatch(value) or len(value) > VALUE_MOST:
                raise ValidationError(
                    _("Write a short word and a bar before “%(answer)s”, in small letters a to z", answer=label)
                )
        if len({value for value, _label in pairs}) < len(pairs):
            raise ValidationError(_("Two answers have the same short word. Write other words before a bar."))


class FitSteps:
    def __call__(self, form: base.Form, field: Any) -> None:
        steps = lines_in(field.data or "")
        least, most = STEPS
        if not least <= len(steps) <= most:
            raise ValidationError(
                _("Enter %(least)s to %(most)s steps, each on a line of its own", least=least, most=most)
            )
        if len(set(steps)) < len(steps) or any(len(step) > LINE_MOST for step in steps):
            raise ValidationError(_("Use other words for each step, at most %(most)s characters", most=LINE_MOST))


def item_form(kind: Kind, item: Item | None = None, *, labels: Sequence[str] = (), seen: int) -> EditItem:
    """A form for an item of this kind, filled with ``item``, or for a new one, which may begin with ``labels``."""
    is_page = kind is Kind.SECTION
    fields: dict[str, Any] = {
        "text": base.line(
            _("Heading of the page") if is_page else _("Question"),
            required=_("Enter a heading") if is_page else _("Enter a question"),
            most=QUESTION_MOST,
        ),
        "hint": base.line(
            _("Text below it (optional)") if is_page else _("Hint below it (optional)"), most=QUESTION_MOST
        ),
    }
    if kind in {Kind.CHOICE, Kind.CHOICES}:
        fields["options"] = base.text(
            _("Answers to choose from"),
            hint=_(
                "One on each line. In exports an answer is known by a short word, which stays when the words change. "
                "Write it before a bar, as in “once | Once or twice”, or leave it to us."
            ),
            rows=6,
        )
        fields["options"].kwargs["validators"].append(FitOptions())
    if kind is Kind.RATING:
        fields["labels"] = base.text(_("Steps"), hint=_("One on each line, from low to high"), rows=5)
        fields["labels"].kwargs["validators"].append(FitSteps())
    if kind in {Kind.LINE, Kind.TEXT}:
        most = LINE_MOST if kind is Kind.LINE else TEXT_MOST
        if kind is Kind.TEXT:
            fields["words"] = base.whole_number(_("Words at most (optional)"), least=1, most=2_000)
        fields["characters"] = base.whole_number(
            _("Characters at most (optional)"),
            hint=_("They are counted while somebody types. Without a limit of your own it is %(most)s.", most=most),
            least=1,
            most=most,
        )
    if not is_page:
        fields["required"] = base.tick(_("An answer is needed"))
    if item is None:
        fields["code"] = base.line(
            _("Name for exports (optional)"),
            hint=_(
                "Questions of the same name in several questionnaires can be compared: “se1”, say. "
                "Leave it blank to make it from the words. It cannot be changed later."
            ),
            most=40,
        )
    made = type("ItemPage", (EditItem,), {**fields, "KIND": kind})
    data = {"seen": seen, "labels": "\n".join(labels)}
    if item is not None:
        data |= {
            "text": item.text,
            "hint": item.hint,
            "required": item.required,
            "words": item.words,
            "characters": item.characters,
            "options": _written(item.options),
            "labels": "\n".join(item.labels),
        }
    form: EditItem = made(data=data)
    return form


def only_if_form(before: Item, chosen: Sequence[Any], *, seen: int) -> OnlyIf:
    """A form that asks which answers to ``before`` an item hangs on; its values are those of the answers."""
    form = OnlyIf(data={"seen": seen, "values": [str(value) for value in chosen]})
    form["values"].choices = base.choices([(str(value), before.label_of(value)) for value in before.values])
    form["values"].label.text = _("Ask it only of those who answered “%(question)s” with", question=before.text)
    return form
