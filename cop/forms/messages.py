"""What somebody wants to be mailed about, and what staff look for among messages."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from cop.forms import base, dates
from cop.forms.directory import Search
from cop.models.outbox import MailTopic

TOPICS: Mapping[MailTopic, Any] = {
    MailTopic.REMINDERS: _("Reminders of what you booked, began or were invited to"),
    MailTopic.SURVEYS: _("Short surveys after events and courses"),
    MailTopic.NOTES: _("Notes after an event, or after a visit that you could not come to"),
    MailTopic.FORUM: _("What is new in the practice forum"),
    MailTopic.TOOLKIT: _("Resources of the toolkit that you took: what came of them, and new versions"),
    MailTopic.NEWS: _("News of the programme: new rounds of the course, events and what came of them"),
}


class ChooseTopics(base.Form):
    topics = base.ticks(
        _("What may we mail you about?"),
        [(str(topic), words) for topic, words in TOPICS.items()],
        hint=_("Surveys, notes, the toolkit and news come in working hours: one mail a day at most, and three a week."),
    )
    submit = base.button(_("Save"))


class SearchMessages(Search):
    q = base.line(_("Person"), hint=_("A name or an e-mail address"))
    kind = base.dropdown(_("Kind of message"), [("", _("All kinds"))])
    on = dates.day(_("Posted on"), called=_("The day"))


class ChooseWhom(Search):
    kind = base.dropdown(_("Kind of message"))
    q = base.line(_("Who would get it"), hint=_("A name or an e-mail address"))
