"""Answering a survey, beside the pages of questions: sending the answers in the end."""

from flask_babel import lazy_gettext as _

from cop.forms import base
from cop.forms.answers import AnswersForm

SEND = _("Send your answers")


class SendAnswers(base.Form):
    """``revision`` is that of the answers which the page showed."""

    revision = base.hidden_number()
    submit = base.button(SEND)


def show_revision(form: AnswersForm | SendAnswers, revision: int) -> None:
    """Let the form speak of the answers as they are now, with what was typed still in its fields."""
    form.revision.data, form.revision.raw_data = revision, None
