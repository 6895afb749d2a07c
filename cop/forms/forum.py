"""What people write in the forum, and what facilitators decide about it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import Field
from wtforms.validators import ValidationError

from cop.forms.base import Form, choices, dropdown, hidden_number, hidden_word, line, radios, text, ticks, whole_number
from cop.forms.programmes import ADDRESS_HINT, Answers
from cop.forms.topics import REASON_MOST, Write
from cop.models.forum import FollowLevel
from cop.models.forum_mail import Pace


class EditPost(Write):
    without = ticks(_("Take files off"), hint=_("Tick those that the post is to bring no more."))
    revision = hidden_number(required=_("Open this page again"))

    def offer(self, files: Iterable[tuple[str, str]]) -> None:
        """The files that can be taken off, by their word and name; without any, nothing is asked."""
        if listed := list(files):
            self.without.choices = choices(listed)
        else:
            del self.without

    def gone(self) -> list[str]:
        return list(self.without.data or ()) if "without" in self else []

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


WHY_FOR_THE_LOG = _("It is for the log, which facilitators read.")


class MoveTopic(Form):
    space_id = dropdown(_("Space"))
    reason = line(_("Reason"), hint=WHY_FOR_THE_LOG, required=_("Give a reason"), most=REASON_MOST)

    def __init__(self, spaces: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self.space_id.choices = choices(spaces)


class MergeTopic(Form):
    into = line(
        _("Web address of the topic to which the posts go"),
        hint=_("Copy it from the browser, like …/forum/what-worked/12-housing. It has to be in the same space."),
        required=_("Enter the web address of the other topic"),
        most=500,
    )
    reason = line(_("Reason"), hint=WHY_FOR_THE_LOG, required=_("Give a reason"), most=REASON_MOST)

    def validate_into(self, field: Field) -> None:
        if field.data and _NAMED.search(field.data) is None:
            raise ValidationError(_("Enter an address like …/forum/what-worked/12-housing"))

    def topic_id(self) -> int:
        """The number of the topic in the address; 0 for an address that is none."""
        found = _NAMED.search(self.into.data)
        return int(found[1]) if found else 0


_NAMED = re.compile(r"(?:^|/)([1-9][0-9]{0,17})(?:-[^/]*)?/?(?:[?#].*)?$", re.ASCII)
"""The end of the address of a topic, or its number alone."""


class CloseSpace(Form):
    reason = line(_("Reason"), hint=WHY_FOR_THE_LOG, required=_("Give a reason"), most=REASON_MOST)


class Seen(Form):
    """``until`` is when the page was drawn on which somebody pressed, in seconds since 1970."""

    until = hidden_number(required=_("Open this page again"))


class AcceptRules(Form):
    version = hidden_number(required=_("Open this page again"))


PACES: Mapping[Pace, Any] = {
    Pace.EACH: _("A letter for each post, as it is written"),
    Pace.DAILY: _("One letter a day with all that is new"),
    Pace.WEEKLY: _("One letter a week with all that is new"),
    Pace.NEVER: _("No letters"),
}


class ChoosePace(Form):
    pace = radios(
        _("How often may the forum write to you?"),
        [(str(pace), words) for pace, words in PACES.items()],
        hint=_("Daily and weekly letters come in the morning of a working day, and only if there is something new."),
        required=_("Choose how often the forum may write to you"),
    )


class Listen(Form):
    """One press of a button: hear of it by e-mail, or not."""

    level = hidden_word(FollowLevel)
