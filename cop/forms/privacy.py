"""Forms of the privacy centre: erasing, which is confirmed by typing a word, and the wording of notices."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import ValidationError

from cop.forms.base import Form, hidden_number, line, radios, text

BODY_MOST = 10_000
SUMMARY_MOST = 600


class Erase(Form):
    posts = radios(
        _("What should become of your posts in the forum?"),
        [
            ("keep", _("Keep them, under “Former member”")),
            ("delete", _("Delete my words and my files")),
        ],
        required=_("Choose what becomes of the posts"),
    )
    word = line(
        _("Type ERASE to confirm"),
        hint=_("In small or in large letters. Nobody can take this back."),
        required=_("Type ERASE to confirm"),
        most=20,
    )

    def validate_word(self, field: Any) -> None:
        if not field.errors and (field.data or "").casefold() not in {"erase", gettext("erase").casefold()}:
            raise ValidationError(_("Type ERASE to confirm"))


class WriteNotice(Form):
    """``seen`` is the version that the page showed."""

    seen = hidden_number()
    summary = text(
        _("Summary"),
        hint=_("It stands beside the form. Two or three sentences."),
        required=_("Enter a summary"),
        most=SUMMARY_MOST,
        rows=4,
    )
    body = text(
        _("Full text"),
        hint=_("You can use Markdown: # before a heading, - before an item of a list."),
        required=_("Enter the full text"),
        most=BODY_MOST,
        rows=20,
    )
