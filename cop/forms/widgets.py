"""GOV.UK widgets: the library's, drawn without its detour and mended where it writes what should not be there."""

from typing import Any

from flask import current_app
from govuk_frontend_wtf import wtforms_widgets as govuk
from markupsafe import Markup


class _Drawn:
    """Draws the component itself. The library goes through Flask, which prepares a whole page's context each time."""

    def render(self, params: dict[str, Any]) -> Markup:
        template = current_app.jinja_env.get_template(self.template)  # type: ignore[attr-defined]  # of the library
        return Markup(template.render(params=params))  # noqa: S704  drawn by Jinja, which has escaped it


class _NoEmptyHint(_Drawn):
    """The library writes an empty hint element on radios and checkboxes; this leaves it out."""

    def map_gov_params(self, field: Any, **kwargs: Any) -> Any:
        params = super().map_gov_params(field, **kwargs)  # type: ignore[misc]  # mixed into the library's widgets
        if not field.description:
            params.pop("hint", None)
        return params


class TextInput(_Drawn, govuk.GovTextInput):  # type: ignore[misc]  # untyped library
    """A text input, of another HTML type where one is given."""

    def __init__(self, input_type: str = "text") -> None:
        super().__init__()
        self.input_type = input_type


class TextArea(_Drawn, govuk.GovTextArea):  # type: ignore[misc]  # untyped library
    pass


class Dropdown(_Drawn, govuk.GovSelect):  # type: ignore[misc]  # untyped library
    pass


class Upload(_Drawn, govuk.GovFileInput):  # type: ignore[misc]  # untyped library
    pass


class Button(_Drawn, govuk.GovSubmitInput):  # type: ignore[misc]  # untyped library
    pass


class Radios(_NoEmptyHint, govuk.GovRadioInput):  # type: ignore[misc]  # untyped library
    pass


class Tick(_NoEmptyHint, govuk.GovCheckboxInput):  # type: ignore[misc]  # untyped library
    pass


class Ticks(_NoEmptyHint, govuk.GovCheckboxesInput):  # type: ignore[misc]  # untyped library
    pass


class Words:
    """An answer in words drawn by a small template of ours: one line, or with ``rows`` several.

    ``words`` or ``characters`` is how many there can be at most; they are counted while somebody types.
    """

    input_type = "text"

    def __init__(
        self, *, rows: int = 0, words: int | None = None, characters: int | None = None, numeric: bool = False
    ) -> None:
        self.look = {
            "rows": rows,
            "words": words,
            "characters": None if words else characters,
            "numeric": numeric,
        }

    def __call__(self, field: Any, *, is_heading: bool = False, **_kwargs: Any) -> Markup:
        """``is_heading`` makes the question the heading of its page."""
        error = field.errors[0] if field.errors else ""
        parts = (("info", self.look["words"] or self.look["characters"]), ("hint", field.description), ("error", error))
        html = current_app.jinja_env.get_template("components/words.html").render(
            **self.look,
            id=field.id,
            label=field.label.text,
            is_heading=is_heading,
            hint=field.description,
            error=error,
            described_by=" ".join(f"{field.id}-{name}" for name, text in parts if text),
            value=field.data or "",
        )
        return Markup(html)  # noqa: S704  drawn by Jinja, which has escaped it


class ManyRadios:
    """Radios drawn by a small template of ours: the library's macro takes too long where a page has a hundred."""

    input_type = "radio"

    def __init__(self, classes: str = "govuk-radios--small") -> None:
        self.classes = classes

    def __call__(self, field: Any, *, is_heading: bool = False, in_grid: bool = False, **_kwargs: Any) -> Markup:
        """``is_heading`` makes the question the heading of its page; ``in_grid`` makes it a row of a grid."""
        error = field.errors[0] if field.errors else ""
        parts = (("hint", field.description), ("error", error))
        items = [
            (field.id if number == 1 else f"{field.id}-{number}", choice)
            for number, choice in enumerate(field.iter_choices(), start=1)
        ]
        html = current_app.jinja_env.get_template("components/radios.html").render(
            id=field.id,
            name=field.name,
            legend=field.label.text,
            is_heading=is_heading,
            hint=field.description,
            error=error,
            described_by=" ".join(f"{field.id}-{name}" for name, text in parts if text),
            classes=self.classes,
            group_classes="cop-grid__row" if in_grid else "",
            items=items,
        )
        return Markup(html)  # noqa: S704  drawn by Jinja, which has escaped it


class Scale(ManyRadios):
    """Radios in a row that wraps."""

    def __init__(self) -> None:
        super().__init__("govuk-radios--small cop-scale")
