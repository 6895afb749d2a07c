"""What letters about decisions say, and what is said when a decision is looked at again."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from cop.forms import base
from cop.models.cohorts import DecisionOutcome

PARAGRAPH, FEEDBACK, WORDS = 2_000, 3_000, 3_000
"""Characters."""

YES, NO = "yes", "no"


class WriteParagraphs(base.Form):
    """One answer for each outcome, under its name."""

    offer = base.text(
        _("To everybody who is offered a place (optional)"),
        hint=_("It stands after the sentence with the offer."),
        most=PARAGRAPH,
        rows=4,
    )
    reserve = base.text(
        _("To everybody on the reserve list (optional)"),
        hint=_("It stands after what being on the reserve list means."),
        most=PARAGRAPH,
        rows=4,
    )
    decline = base.text(
        _("To everybody whom we cannot offer a place (optional)"),
        hint=_("It stands after the thanks, before feedback and other ways to take part."),
        most=PARAGRAPH,
        rows=4,
    )
    seen = HiddenField()

    def paragraphs(self) -> dict[DecisionOutcome, str]:
        return {outcome: self[outcome].data or "" for outcome in DecisionOutcome}


class WriteFeedback(base.Form):
    words = base.text(
        _("Feedback to this person alone"),
        hint=_("Plain words about this application: quote no reviewer, and compare with nobody. Empty leaves it out."),
        most=FEEDBACK,
        rows=10,
    )
    seen = HiddenField()
    act = base.hidden_word(["save", "next"])


class AskForReview(base.Form):
    words = base.text(
        _("What should we look at again?"),
        hint=_("For example: something that we misread, or that was not fair. You cannot add to the application here."),
        required=_("Say what we should look at again"),
        most=WORDS,
        rows=7,
    )


class AnswerReview(base.Form):
    changed = base.radios(
        _("What came of it?"),
        ((NO, _("The decision stays as it is")), (YES, _("The decision is changed: this person should have a place"))),
        required=_("Choose what came of it"),
    )
    words = base.text(
        _("What do you answer?"),
        hint=_("We send this to the person. Say what you looked at, and why you decided so."),
        required=_("Enter what you answer"),
        most=WORDS,
        rows=7,
    )

    @property
    def is_changed(self) -> bool:
        answer: Any = self.changed.data
        return bool(answer == YES)
