"""What is asked of somebody who tells a story: a title, five steps, what it came from, and who may read it."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from cop.forms import base
from cop.forms.programmes import Answers
from cop.models.adoption import STEP_MOST, TITLE_MOST, WHY_MOST, StoryConsent

QUESTIONS = {
    "activity": (
        _("What did you take part in?"),
        _("A course, a visit, a webinar, something of the toolkit or the forum. When was it, and why did you go?"),
    ),
    "insight": (
        _("What did you learn?"),
        _("What you saw or understood there that you had not seen before."),
    ),
    "application": (
        _("How did you use it?"),
        _("What you did at home with it, with whom, and what you had to change to make it fit."),
    ),
    "result": (
        _("What came of it?"),
        _("What somebody could see or count. It is fine if it is small, and fine if it did not work."),
    ),
    "change": (
        _("What is different now?"),
        _("For residents, for your council, or for how people work together. How do you know?"),
    ),
}
"""The five steps: what is asked, and a hint."""


class BeginStory(Answers):
    title = base.line(
        _("What would you call your story?"),
        hint=_("A few words. You can change them later."),
        required=_("Enter a title"),
        most=TITLE_MOST,
    )


class WriteTitle(Answers):
    words = base.line(_("What would you call your story?"), required=_("Enter a title"), most=TITLE_MOST)
    seen = base.hidden_number(required=_("Open the page again"))


class WriteStep(Answers):
    words = base.text("", most=STEP_MOST, rows=8)
    seen = base.hidden_number(required=_("Open the page again"))

    def __init__(self, step: str, **values: Any) -> None:
        super().__init__(**values)
        question, hint = QUESTIONS[step]
        self.words.label.text, self.words.description = question, hint

    def answers(self) -> dict[str, Any]:
        return {**super().answers(), "words": self.words.data or ""}


class LinkStory(Answers):
    keys = base.ticks(_("Where did it come from?"), hint=_("What you took part in, took along, wrote or promised."))

    def __init__(self, offered: Sequence[tuple[str, str]], **values: Any) -> None:
        super().__init__(**values)
        self.keys.choices = base.choices(offered)


class ShareStory(Answers):
    consent = base.radios(
        _("Who may read it?"),
        [
            (StoryConsent.NETWORK.value, _("People of the network: members, alumni and the secretariat")),
            (StoryConsent.PUBLIC.value, _("Everybody, on this website and wherever the network tells of its work")),
        ],
        required=_("Choose who may read it"),
    )
    named = base.radios(
        _("With your name?"),
        [("yes", _("With my name and my organisation")), ("no", _("Without either"))],
        required=_("Choose whether your name stands with it"),
    )

    def answers(self) -> dict[str, Any]:
        return {"consent": StoryConsent(self.consent.data), "named": self.named.data == "yes"}


class HideStory(Answers):
    why = base.text(
        _("Why is it hidden?"),
        hint=_("Its teller reads this."),
        required=_("Say why"),
        most=WHY_MOST,
        rows=3,
    )
