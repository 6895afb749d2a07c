"""What people write in the forum, and what facilitators decide about it."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _

from cop.forms.base import Form, choices, dropdown, hidden_number, hidden_word, line, radios, text, whole_number
from cop.forms.programmes import ADDRESS_HINT, Answers
from cop.models.forum import FollowLevel

TITLE_MOST = 150
POST_MOST = 10_000
REASON_MOST = 1_000

HOW_TO_WRITE = _(
    "Leave an empty line between paragraphs. **Two stars** make words bold, a line that begins with - is an item of a "
    "list, and one that begins with > is a quotation."
)


class Write(Form):
    """A reply."""

    body = text(_("Your post"), hint=HOW_TO_WRITE, required=_("Write your post"), most=POST_MOST, rows=10)


class StartTopic(Form):
    title = line(
        _("Title"),
        hint=_("What you ask or tell, in one line."),
        required=_("Enter a title"),
        most=TITLE_MOST,
    )
    body = text(_("Your post"), hint=HOW_TO_WRITE, required=_("Write your post"), most=POST_MOST, rows=10)


class EditPost(Write):
    revision = hidden_number(required=_("Open this page again"))

    def show_again(self, revision: int) -> None:
        """Let the next press save over the text that the page shows now."""
        self.revision.data, self.revision.raw_data = revision, None


class ReportPost(Form):
    reason = text(
        _("What is wrong with this post?"),
        hint=_("Only facilitators read this."),
        required=_("Say what is wrong with the post"),
        most=REASON_MOST,
        rows=4,
    )


class Hide(Form):
    reason = line(
        _("Reason"),
        hint=_("Everybody in the space reads it in place of the words."),
        required=_("Give a reason"),
        most=REASON_MOST,
    )


class SettleReport(Form):
    decision = radios(
        _("What do you decide?"),
        [("uphold", _("Hide the post")), ("dismiss", _("Leave the post as it is"))],
        required=_("Choose what to do"),
    )
    reason = line(
        _("Reason"),
        hint=_("If you hide the post, everybody in the space reads it in its place. Otherwise it is for the log."),
        required=_("Give a reason"),
        most=REASON_MOST,
    )


class EditSpace(Answers):
    name = line(_("Name"), required=_("Enter a name"), most=80)
    about = text(
        _("What it is for"),
        hint=_("One or two sentences for the list of spaces."),
        required=_("Say what it is for"),
        most=500,
        rows=3,
    )
    position = whole_number(
        _("Place in the list"), least=0, most=1_000, required=_("Enter the place in the list, like 3")
    )


class NewSpace(Form):
    audience = dropdown(_("Who is it for?"))
    name = line(_("Name"), required=_("Enter a name"), most=80)
    about = text(
        _("What it is for"),
        hint=_("One or two sentences for the list of spaces."),
        required=_("Say what it is for"),
        most=500,
        rows=3,
    )
    slug = line(_("Web address (optional)"), hint=ADDRESS_HINT, most=80)

    def __init__(self, audiences: Iterable[tuple[str, Any]]) -> None:
        super().__init__()
        self.audience.choices = choices(audiences)


class AcceptRules(Form):
    version = hidden_number(required=_("Open this page again"))


class Listen(Form):
    """One press of a button: hear of it by e-mail, or not."""

    level = hidden_word(FollowLevel)
