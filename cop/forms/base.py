"""What all forms share: GOV.UK widgets, clean text, and limits."""

from collections.abc import Iterable
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import (
    BooleanField,
    EmailField,
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TelField,
    TextAreaField,
)
from wtforms.validators import AnyOf, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput

from cop.forms import widgets

LINE = 200
"""Characters in a one-line answer."""

TEXT = 5_000
"""Characters in a longer answer, unless a form says otherwise."""


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types; the only place that says so
    """Base of every form."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # untyped library
        def wrap_formdata(self, form: "Form", formdata: Any) -> Any:
            """What the view hands on, or what was sent: files to fields for files, and text to all others.

            Flask-WTF would also give a file, or a piece of JSON, to a field that counts on text. A POST without a form
            is a form without answers.
            """
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            if not form.is_submitted():
                return None
            of_files = {field.name for field in form if isinstance(field, FileField)}
            files = MultiDict(each for each in request.files.items(multi=True) if each[0] in of_files)
            words = MultiDict(each for each in request.form.items(multi=True) if each[0] not in of_files)
            return CombinedMultiDict((files, words))


def strip(value: Any) -> Any:
    """Text without space around it; what was not sent, or nobody wrote yet, is empty text."""
    return value.strip() if isinstance(value, str) else "" if value is None else value


def plain_line_ends(value: Any) -> Any:
    """Browsers send CR LF; everything behind a form counts on LF."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


class NoControlCharacters:
    """Refuses NUL and other control characters, which PostgreSQL or a reader could not take.

    Line ends and tabs are fine in an answer of several lines only.
    """

    def __init__(self, *, but: str = "") -> None:
        self.but = but

    def __call__(self, form: Form, field: Any) -> None:
        if isinstance(field.data, str) and any(c < " " and c not in self.but for c in field.data):
            raise ValidationError(_("Remove the invisible control characters from this answer"))


class MostCharacters:
    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, form: Form, field: Any) -> None:
        if isinstance(field.data, str) and len(field.data) > self.most:
            raise ValidationError(_("Use %(most)s characters or fewer", most=self.most))


class Required:
    """An answer is needed; the message says what to enter. What was typed wrongly has its own error already."""

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: Form, field: Any) -> None:
        if not field.errors and (field.data is None or field.data == ""):
            raise ValidationError(self.message)


def _rules(required: Any, most: int | None, more: tuple[Any, ...]) -> list[Any]:
    rules: list[Any] = [Required(required)] if required else []
    if most is not None:
        rules += [NoControlCharacters(), MostCharacters(most)]
    return [*rules, *more]


def line(label: Any, *, hint: Any = "", required: Any = None, most: int = LINE, more: tuple[Any, ...] = ()) -> Any:
    """A one-line answer."""
    return StringField(
        label, description=hint, filters=[strip], validators=_rules(required, most, more), widget=widgets.TextInput()
    )


def email(label: Any, *, hint: Any = "", required: Any = None) -> Any:
    return EmailField(
        label,
        description=hint,
        filters=[strip],
        validators=_rules(required, 254, ()),
        widget=widgets.TextInput("email"),
        render_kw={"autocomplete": "email", "spellcheck": "false"},
    )


def telephone(label: Any, *, hint: Any = "") -> Any:
    return TelField(
        label,
        description=hint,
        filters=[strip],
        validators=_rules(None, 40, ()),
        widget=widgets.TextInput("tel"),
        render_kw={"autocomplete": "tel"},
    )


def text(label: Any, *, hint: Any = "", required: Any = None, most: int = TEXT, rows: int = 5) -> Any:
    """An answer of several lines."""
    return TextAreaField(
        label,
        description=hint,
        filters=[strip, plain_line_ends],
        validators=[*_rules(required, None, ()), NoControlCharacters(but="\r\n\t"), MostCharacters(most)],
        widget=widgets.TextArea(),
        render_kw={"params": {"rows": rows}},
    )


class Number(IntegerField):  # type: ignore[misc]  # untyped library
    """A whole number; a blank answer is None and no error."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            super().process_formdata(valuelist)


def whole_number(
    label: Any, *, least: int, most: int | None = None, hint: Any = "", required: Any = None, default: Any = None
) -> Any:
    """A whole number. ``most`` is left out where a rule of the record decides."""
    return Number(
        label,
        _rules(required, None, (Between(least, most if most is not None else 2**31),)),
        description=hint,
        default=default,
        invalid_value_message=_("Enter a whole number, like 12"),
        widget=widgets.TextInput("text"),
        render_kw={"inputmode": "numeric", "autocomplete": "off", "params": {"classes": "govuk-input--width-4"}},
    )


class Between:
    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def __call__(self, form: Form, field: Any) -> None:
        if field.data is not None and not self.least <= field.data <= self.most:
            raise ValidationError(
                _("Enter a whole number from %(least)s to %(most)s", least=self.least, most=self.most)
            )


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """What radios and dropdowns offer, from pairs of value and words."""
    return [SelectChoice(value, words) for value, words in pairs]


def radios(
    label: Any, pairs: Iterable[tuple[Any, Any]] = (), *, hint: Any = "", required: Any = None, coerce: Any = str
) -> Any:
    return RadioField(
        label,
        description=hint,
        choices=choices(pairs),
        coerce=coerce,
        validators=[Required(required)] if required else [],
        invalid_choice_message=required,
        invalid_value_message=required,
        widget=widgets.Radios(),
    )


def dropdown(
    label: Any, pairs: Iterable[tuple[Any, Any]] = (), *, hint: Any = "", required: Any = None, coerce: Any = str
) -> Any:
    return SelectField(
        label,
        description=hint,
        choices=choices(pairs),
        coerce=coerce,
        validators=[Required(required)] if required else [],
        invalid_choice_message=required,
        invalid_value_message=required,
        widget=widgets.Dropdown(),
    )


def ticks(label: Any, pairs: Iterable[tuple[Any, Any]] = (), *, hint: Any = "", coerce: Any = str) -> Any:
    """Any number of answers; what was ticked is a list."""
    return SelectMultipleField(
        label,
        description=hint,
        choices=choices(pairs),
        coerce=coerce,
        invalid_choice_message=lambda _count: _("Choose from the list"),
        option_widget=CheckboxInput(),
        widget=widgets.Ticks(),
    )


def tick(label: Any, *, hint: Any = "") -> Any:
    return BooleanField(label, description=hint, widget=widgets.Tick())


def upload(label: Any, *, hint: Any = "") -> Any:
    return FileField(label, description=hint, widget=widgets.Upload())


def button(label: Any) -> Any:
    return SubmitField(label, widget=widgets.Button())


# Fields of questions that are data (forms/answers.py): whether an answer fits is not the field's business, because the
# service asks the same of it.


def long_text(label: Any, *, hint: Any = "", words: int | None = None, characters: int | None = None) -> Any:
    """An answer of several lines that counts its words or characters where there is a limit."""
    widget = widgets.Words(rows=8 if words else 5, words=words, characters=characters)
    return TextAreaField(label, description=hint, filters=[strip], widget=widget)


def loose_line(
    label: Any,
    *,
    hint: Any = "",
    words: int | None = None,
    characters: int | None = None,
    numeric: bool = False,
) -> Any:
    widget = widgets.Words(words=words, characters=characters, numeric=numeric)
    return StringField(label, description=hint, filters=[strip], widget=widget)


def loose_radios(label: Any, pairs: Iterable[tuple[Any, Any]], *, hint: Any = "", in_a_row: bool = False) -> Any:
    return RadioField(
        label,
        description=hint,
        choices=choices(pairs),
        validate_choice=False,
        widget=widgets.Scale() if in_a_row else widgets.ManyRadios(),
    )


class Confirm(Form):
    """A page that asks before it acts: nothing to fill in."""


def hidden_number(*, required: Any = None) -> Any:
    return Number(validators=_rules(required, None, (Between(0, 2**62),)), widget=HiddenInput())


def hidden_word(words: Iterable[str]) -> Any:
    """One of ``words``, or nothing; other words are refused."""
    return HiddenField(validators=[AnyOf(["", *words])], filters=[lambda value: value or ""])
