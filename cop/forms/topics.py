"""What somebody says of a topic beside its words, and small signs on posts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import MultipleFileField

from cop.forms import widgets
from cop.forms.base import Form, choices, dropdown, line, radios, text, ticks
from cop.forms.tags import LISTS
from cop.forms.topic_starters import VISIT, WEBINAR, Starter
from cop.models.forum import POST_MOST, ProposalOf, ReactionKind, TopicKind
from cop.models.tags import SORTERS, Tag, TagKind

TITLE_MOST = 150
REASON_MOST = 1_000

HOW_TO_WRITE = _(
    "Leave an empty line between paragraphs. **Two stars** make words bold, a line that begins with - is an item of a "
    "list, and one that begins with > is a quotation. @ before the name of somebody who writes here mentions them."
)

KINDS: Mapping[str, tuple[Any, TopicKind, ProposalOf | None]] = {
    "talk": (_("Something to tell or to talk about"), TopicKind.TALK, None),
    "question": (_("A question that needs an answer"), TopicKind.QUESTION, None),
    "offer": (_("Help that I offer"), TopicKind.OFFER, None),
    "ask": (_("Help that I ask for"), TopicKind.ASK, None),
    f"proposal-{WEBINAR}": (_("A webinar that I propose"), TopicKind.PROPOSAL, ProposalOf.WEBINAR),
    f"proposal-{VISIT}": (_("A visit that I propose"), TopicKind.PROPOSAL, ProposalOf.VISIT),
}
"""What a topic can be there for: the words on the form, and what is kept."""


def files() -> Any:
    return MultipleFileField(
        _("Files (optional)"),
        description=_(
            "At most three, of 5 MB each: PDF, Word, Excel, PowerPoint, OpenDocument text, CSV, text, calendar, JPEG "
            "or PNG. We take out of photos where they were made. A preview forgets the files: choose them last."
        ),
        widget=widgets.Upload(multiple=True),
    )


def chosen_files(form: Any) -> Iterator[tuple[Any, str]]:
    """The stream and the name of each file that somebody chose."""
    for chosen in form.files.data or ():
        if getattr(chosen, "filename", ""):
            yield chosen.stream, chosen.filename


class Write(Form):
    """A reply."""

    body = text(_("Your post"), hint=HOW_TO_WRITE, required=_("Write your post"), most=POST_MOST, rows=10)
    files = files()


class Sorting(Form):
    """The parts of a form that say what a topic is about."""

    principle = ticks(LISTS[TagKind.PRINCIPLE], coerce=int)
    theme = ticks(LISTS[TagKind.THEME], coerce=int)
    method = ticks(LISTS[TagKind.METHOD], coerce=int)
    level = ticks(LISTS[TagKind.LEVEL], coerce=int)
    skill = ticks(LISTS[TagKind.SKILL], coerce=int)
    event = dropdown(_("An event"))
    resource = dropdown(_("A resource of the toolkit"))
    plan = dropdown(
        _("A plan or pledge of your own"),
        hint=_("Everybody who reads this topic sees what you plan to do, and nothing else of it."),
    )

    def offer(
        self,
        tags: Mapping[TagKind, Sequence[Tag]],
        *,
        events: Iterable[tuple[str, str]],
        resources: Iterable[tuple[str, str]],
        plans: Iterable[tuple[str, str]],
    ) -> None:
        """What there is to choose from; lists without anything to choose are left out."""
        for kind in SORTERS:
            if kind in tags:
                self[kind].choices = choices((tag.id, tag.name) for tag in tags[kind])
            else:
                del self[kind]
        for name, offered in (("event", events), ("resource", resources), ("plan", plans)):
            if listed := list(offered):
                self[name].choices = choices([("", _("None")), *listed])
            else:
                del self[name]

    @property
    def words(self) -> Sequence[Any]:
        """The fields of the lists, in their order."""
        return [self[kind] for kind in SORTERS if kind in self]

    @property
    def links(self) -> Sequence[Any]:
        return [self[name] for name in ("event", "resource", "plan") if name in self]

    def about(self, kind: str | None) -> dict[str, Any]:
        """What was chosen; no ``kind`` is that of a proposal, which stays one."""
        _words, topic_kind, proposal_of = KINDS[kind] if kind else (None, TopicKind.PROPOSAL, None)
        return {
            "kind": topic_kind,
            "proposal_of": proposal_of,
            "tag_ids": [tag_id for field in self.words for tag_id in field.data or ()],
            **{field.short_name: field.data or "" for field in self.links},
        }

    def has_chosen(self) -> bool:
        """Whether anything is chosen or wrong in the parts that are folded away."""
        return any(field.data or field.errors for field in (*self.words, *self.links))


class StartTopic(Sorting):
    title = line(
        _("Title"),
        hint=_("What you ask or tell, in one line."),
        required=_("Enter a title"),
        most=TITLE_MOST,
    )
    kind = radios(
        _("What is it?"),
        [(kind, words) for kind, (words, _kept, _of) in KINDS.items()],
        required=_("Choose what it is"),
    )
    body = text(_("Your post"), hint=HOW_TO_WRITE, required=_("Write your post"), most=POST_MOST, rows=10)
    files = files()

    @classmethod
    def begun_with(cls, starter: Starter | None, **more: Any) -> "StartTopic":
        """The form as a template fills it, or as an ordinary topic begins."""
        if starter is None:
            return cls(kind="talk", **more)
        return cls(kind=starter.kind, body=str(starter.body), **more)


class SortTopic(Sorting):
    """``kind`` is left out for a proposal, which stays one."""

    kind = radios(
        _("What is it?"),
        [(kind, words) for kind, (words, kept, _of) in KINDS.items() if kept is not TopicKind.PROPOSAL],
        required=_("Choose what it is"),
    )


SIGNS: Mapping[str, ReactionKind] = {"helped": ReactionKind.HELPED, "me-too": ReactionKind.ME_TOO}
"""What a button on a post is called, and what it says; ``not-`` before it takes it back."""


class Decide(Form):
    planned = radios(
        _("What do you decide?"),
        [("yes", _("We plan it")), ("no", _("We do not plan it"))],
        required=_("Choose what you decide"),
    )
    event = dropdown(_("The event (optional)"), hint=_("Choose it once it has a page. You can come back for that."))
    answer = text(
        _("What you answer"),
        hint=_("Everybody who reads the topic sees it. Say why, if you do not plan it."),
        most=REASON_MOST,
        rows=4,
    )
