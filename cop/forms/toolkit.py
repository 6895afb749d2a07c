"""What is asked in the toolkit: searches with facets, and what editors say of resources, items and collections."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from cop.forms import dates
from cop.forms.base import choices, dropdown, hidden_number, line, radios, text, ticks, upload, whole_number
from cop.forms.directory import Search
from cop.forms.programmes import ADDRESS_HINT, Answers
from cop.models.tags import Tag, TagKind
from cop.models.toolkit import Accessible, ItemKind, ResourceAudience, ResourceState
from cop.queries import toolkit as queries
from cop.queries.toolkit import LICENCES, Facets, Sort, Wanted
from cop.services.toolkit import LOOK, About

SLUG = re.compile(r"[a-z0-9-]{1,80}")

BODY_MOST = 30_000

KINDS = [
    (ItemKind.GUIDE.value, _("Guide")),
    (ItemKind.TOOL.value, _("Tool")),
    (ItemKind.TEMPLATE.value, _("Template")),
    (ItemKind.RECORDING.value, _("Recording")),
    (ItemKind.CASE_STUDY.value, _("Case study")),
    (ItemKind.REPORT.value, _("Report")),
]
SORTS = [(Sort.NEWEST.value, _("Newest first")), (Sort.TITLE.value, _("By title")), (Sort.BEST.value, _("Best match"))]
AUDIENCES = [
    (ResourceAudience.PUBLIC.value, _("Everybody")),
    (ResourceAudience.MEMBERS.value, _("Members: people of member organisations, alumni and facilitators")),
    (ResourceAudience.COHORT.value, _("The alumni of one course")),
]
STATES = [
    ("", _("In any state")),
    (ResourceState.DRAFT.value, _("Drafts")),
    (ResourceState.PUBLISHED.value, _("Published")),
    (ResourceState.WITHDRAWN.value, _("Withdrawn")),
]
ACCESSIBLE = [
    (Accessible.YES.value, _("Yes, for everybody")),
    (Accessible.PARTLY.value, _("Partly")),
    (Accessible.NO.value, _("No")),
    (Accessible.UNKNOWN.value, _("Nobody has checked")),
]
FIND_OUT = ("", _("Find out from the file what can be found out"))

FACET_LABELS = {
    TagKind.THEME: _("What shapes health"),
    TagKind.PRINCIPLE: _("Co-operative principle"),
    TagKind.METHOD: _("Method"),
    TagKind.LEVEL: _("Level"),
}
ANY = _("All of them")


def _kind(value: Any) -> ItemKind | None:
    return ItemKind(value) if value else None


def _sort(value: Any) -> Sort | None:
    return Sort(value) if value else None


def _state(value: Any) -> ResourceState | None:
    return ResourceState(value) if value else None


def _accessible(value: Any) -> Accessible | None:
    return Accessible(value) if value else LOOK


class BrowseToolkit(Search):
    """Words and facets that stand in the address. What a facet offers depends on the other answers."""

    q = line(_("Search the toolkit"))
    kind = dropdown(_("Kind"), coerce=_kind)
    theme = dropdown(FACET_LABELS[TagKind.THEME])
    principle = dropdown(FACET_LABELS[TagKind.PRINCIPLE])
    method = dropdown(FACET_LABELS[TagKind.METHOD])
    level = dropdown(FACET_LABELS[TagKind.LEVEL])
    sort = dropdown(_("Order"), SORTS, coerce=_sort)

    def narrowed(self, counting: Callable[[Wanted], Facets]) -> Wanted:
        """What is asked for, with each facet's answers and how many they would find; nonsense counts as not asked."""
        asked = self._as_typed()
        while True:
            facets = counting(asked)
            known = {kind: {slug for slug, _name, _number in facets.tags.get(kind, ())} for kind in queries.FACETS}
            real = {kind: slug for kind, slug in asked.tags.items() if slug in known[kind]}
            if real == asked.tags:
                break
            asked = replace(asked, tags=real)
        self._offer(asked, facets)
        return asked

    def _as_typed(self) -> Wanted:
        """Before anybody knows which words there are."""
        typed = {kind: self[kind.value].data or "" for kind in queries.FACETS}
        self.kind.choices, self.kind.validate_choice = choices([("", ANY), *KINDS]), False
        words = (self.q.data or "").strip()
        fits = self.q.validate(self)
        sort = self.sort.data if isinstance(self.sort.data, Sort) else None
        return Wanted(
            words=words if fits else "",
            kind=self.kind.data if isinstance(self.kind.data, ItemKind) else None,
            tags={kind: slug for kind, slug in typed.items() if SLUG.fullmatch(slug)},
            sort=sort or (Sort.BEST if words else Sort.NEWEST),
        )

    def _offer(self, asked: Wanted, facets: Facets) -> None:
        found: dict[ItemKind, int] = dict(facets.kinds)
        shown = [(value, name) for value, name in KINDS if ItemKind(value) in found or asked.kind == value]
        counted = [(value, _counted(name, found.get(ItemKind(value), 0))) for value, name in shown]
        self.kind.choices = choices([("", ANY), *counted])
        self.kind.data = asked.kind
        for kind in queries.FACETS:
            field, words = self[kind.value], facets.tags.get(kind, ())
            if not words:
                del self[kind.value]
                continue
            field.choices = choices([("", ANY), *((slug, _counted(name, number)) for slug, name, number in words)])
            field.data = asked.tags.get(kind, "")
        self.q.data, self.sort.data = asked.words, asked.sort


def _counted(name: Any, number: int) -> str:
    return f"{name} ({number})"


def asked_of(wanted: Wanted) -> dict[str, str]:
    """The answers as they stand in an address, without those that go without saying."""
    usual = Sort.BEST if wanted.words else Sort.NEWEST
    said = {"q": wanted.words, "kind": str(wanted.kind or ""), "sort": "" if wanted.sort is usual else str(wanted.sort)}
    said |= {str(kind): slug for kind, slug in wanted.tags.items()}
    return {name: value for name, value in said.items() if value}


class AboutResource(Answers):
    """What a resource says of itself. ``seen`` is its revision as the page showed it."""

    title = line(_("Title"), required=_("Enter a title"), most=150)
    summary = text(
        _("Summary"),
        hint=_("One or two sentences: what it is for, and for whom."),
        required=_("Enter a summary"),
        most=600,
        rows=3,
    )
    kind = radios(_("What is it, mostly?"), KINDS, required=_("Choose what it is"), coerce=ItemKind)
    audience = radios(_("Who may see it?"), AUDIENCES, required=_("Choose who may see it"), coerce=ResourceAudience)
    cohort = dropdown(_("Which course?"), hint=_("Only where the alumni of one course may see it."))
    tag_ids = ticks(_("Words that it is found by"), coerce=int)
    licence = dropdown(
        _("Licence"),
        [("", _("Nothing is said about it")), *((code, licence.name) for code, licence in LICENCES.items())],
        hint=_("Under which people may pass it on and change it. Ask whoever wrote it."),
    )
    owner_id = dropdown(
        _("Owner"),
        hint=_("Who looks after it, and is reminded on the day of review. Visitors do not see the name."),
        coerce=lambda value: int(value) if value else None,
    )
    review_on = dates.day(_("When is it to be looked at again? (optional)"), called=_("The day of review"))
    organisation = line(
        _("Organisation that it comes from (optional)"),
        hint=_("Its full name in the directory, like Stevenage Borough Council."),
    )
    event = dropdown(_("Event that it comes out of (optional)"))
    place = line(_("Place (optional)"), hint=_("For a case study, like Stevenage."), most=100)
    sector = line(_("Sector (optional)"), most=100)
    result = text(
        _("Result, as it was reported (optional)"),
        hint=_("The page says that it is the claim of its source."),
        most=1_000,
        rows=3,
    )
    source = line(_("Source (optional)"), hint=_("Where it was published, and by whom."), most=300)
    year = whole_number(_("Year of the source (optional)"), least=1900, most=2100)
    seen = hidden_number()

    def offer(
        self,
        *,
        words: Mapping[TagKind, Sequence[Tag]],
        owners: Iterable[tuple[int, str]],
        courses: Iterable[tuple[str, str]],
        events: Iterable[tuple[str, str]],
    ) -> None:
        """What can be chosen: words by their lists, people by id, courses and events by slug."""
        self.tag_ids.choices = choices(
            (tag.id, f"{FACET_LABELS[kind]}: {tag.name}") for kind in queries.FACETS for tag in words.get(kind, ())
        )
        self.owner_id.choices = choices([("", _("Nobody")), *owners])
        self.cohort.choices = choices([("", _("None")), *courses])
        self.event.choices = choices([("", _("None")), *events])

    def about(self) -> About:
        said = {name: value for name, value in self.answers().items() if name not in {"seen", "slug"}}
        return About(**said)


class NewResource(AboutResource):
    slug = line(_("Web address (optional)"), hint=ADDRESS_HINT, most=80)


class SeenResource(Answers):
    """``seen`` is the revision of what is to be changed, as the page showed it."""

    seen = hidden_number(required=_("Open this page anew"))


def _item_title(required: Any = None) -> Any:
    return line(_("Title"), hint=_("What people read, such as “The guide, to print”."), required=required, most=150)


def _item_kind() -> Any:
    return dropdown(_("Kind"), KINDS, required=_("Choose what it is"), coerce=ItemKind)


def _body(label: Any, *, hint: Any, required: Any = None) -> Any:
    return text(label, hint=hint, required=required, most=BODY_MOST, rows=12)


MARKDOWN = _(
    "Leave a blank line between paragraphs. **bold**, lines that begin with “- ” for a list, “# ” for a heading, "
    "[words](https://address.example) for a link."
)
BESIDE = _(
    "The same words as on the page of a website: on a phone and with a screen reader they are easier than a PDF."
)


class AddFileItem(SeenResource):
    file = upload(
        _("File"),
        hint=_("PDF, Word, Excel, PowerPoint, OpenDocument text, CSV, text or picture, of at most 25 MB."),
    )
    title = line(_("Title (optional)"), hint=_("Leave it blank to show the name of the file."), most=150)
    kind = _item_kind()
    accessible = radios(
        _("Can everybody use it, with whatever they read with?"), [FIND_OUT, *ACCESSIBLE], coerce=_accessible
    )
    accessible_note = line(_("What somebody may stumble over (optional)"), most=300)
    body = _body(_("The words of it, to be read on the page (optional)"), hint=BESIDE)

    def validate_file(self, field: Any) -> None:
        if not field.data or not field.data.filename:
            raise ValidationError(_("Choose a file"))

    def answers(self) -> dict[str, Any]:
        chosen = self.file.data
        said = super().answers()
        del said["file"]
        return {**said, "stream": chosen.stream, "name": chosen.filename}


class AddLinkItem(SeenResource):
    url = line(_("Web address"), required=_("Enter the web address"), most=2_000)
    title = _item_title(required=_("Enter a title"))
    kind = _item_kind()
    body = _body(_("A few words about it (optional)"), hint=MARKDOWN)


class AddWordsItem(SeenResource):
    title = _item_title(required=_("Enter a title"))
    kind = _item_kind()
    body = _body(_("The words"), hint=MARKDOWN, required=_("Enter the words"))


class EditItem(SeenResource):
    """Of an item that is there already: an address only where it has one, and how it can be used where it is a file."""

    title = _item_title(required=_("Enter a title"))
    kind = _item_kind()
    url = line(_("Web address"), required=_("Enter the web address"), most=2_000)
    accessible = radios(_("Can everybody use it, with whatever they read with?"), ACCESSIBLE, coerce=_accessible)
    accessible_note = line(_("What somebody may stumble over (optional)"), most=300)
    body = _body(_("Words to be read on the page"), hint=MARKDOWN)

    def fit(self, *, is_file: bool, is_link: bool) -> None:
        if not is_link:
            del self.url
        if not is_file:
            del self.accessible, self.accessible_note


class Publish(SeenResource):
    changes = text(
        _("What changed?"),
        hint=_("A sentence or two, for people who took the version before. The first version needs none."),
        most=1_000,
        rows=3,
    )


class Withdraw(SeenResource):
    reason = line(
        _("Why is it withdrawn?"),
        hint=_("For the audit. Do not write about a person."),
        required=_("Enter why it is withdrawn"),
        most=300,
    )


class SearchToEdit(Search):
    q = line(_("Search by title or place"))
    state = dropdown(_("State"), STATES, coerce=_state)


class AboutCollection(SeenResource):
    title = line(_("Title"), required=_("Enter a title"), most=150)
    about = text(_("What belongs into it, and why"), required=_("Enter a few words about it"), most=1_000, rows=3)
    position = whole_number(
        _("Place among the collections"), least=1, most=10_000, required=_("Enter a whole number, like 1")
    )


class NewCollection(Answers):
    title = line(_("Title"), required=_("Enter a title"), most=150)
    about = text(_("What belongs into it, and why"), required=_("Enter a few words about it"), most=1_000, rows=3)
    slug = line(_("Web address (optional)"), hint=ADDRESS_HINT, most=80)


class AddToCollection(SeenResource):
    resource_slug = dropdown(_("Resource"), required=_("Choose a resource"))

    def offer(self, resources: Iterable[tuple[str, str]]) -> None:
        self.resource_slug.choices = choices([("", _("Choose one")), *resources])
