"""What staff say about a report for funders."""

from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from cop.forms.base import text
from cop.forms.programmes import Answers
from cop.services.funder_reports import WHY_MOST, WORDS_MOST


class WriteWords(Answers):
    words = text(
        _("Your words"),
        hint=_(
            "An empty line begins a paragraph. The report is handed on: do not name anybody, and do not write numbers "
            "that it hides. Leave it empty to take the words away."
        ),
        most=WORDS_MOST,
        rows=12,
    )
    seen = HiddenField()


class WithdrawReport(Answers):
    why = text(
        _("Why is it withdrawn?"),
        hint=_("The report says so to everybody who opens it."),
        required=_("Enter why the report is withdrawn"),
        most=WHY_MOST,
        rows=4,
    )
