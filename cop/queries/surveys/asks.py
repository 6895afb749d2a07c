"""Reads about what somebody was asked: by the link in a mail, and on their own page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any, Protocol

from sqlalchemy import Select, and_, bindparam, select

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.questions import Answers, Item, Section, asked, read_items, sections
from cop.core.work import Reading
from cop.models.base import UtcDateTime
from cop.models.events import Event, EventKind
from cop.models.surveys import Ask, Mode, Questionnaire, Response, Subject, Wave

PURPOSE = "survey"


class Linked(Protocol):
    """Anything that knows the random word and the generation of an ask."""

    @property
    def public_id(self) -> str: ...
    @property
    def generation(self) -> int: ...


def token_of(ask: Linked) -> str:
    """What stands in the address ``/surveys/<token>`` of this ask."""
    return secrecy.sign(PURPOSE, ask.public_id, ask.generation)


@dataclass(frozen=True)
class AskedEvent:
    """The event that somebody is asked about, as far as its address and its name go."""

    kind: EventKind
    slug: str
    title: str


@dataclass(frozen=True)
class Survey:
    """What one person was asked, and how far they are; ``revision`` rises with each page that is saved."""

    ask_id: int
    person_id: int
    wave: Wave
    closes_at: datetime
    done_on: date | None
    title: str
    introduction: str
    items: Sequence[Item]
    answers: Answers
    revision: int
    event: AskedEvent
    mode: Mode = Mode.NAMED

    @cached_property
    def pages(self) -> Sequence[Section]:
        """The sections with what is asked given the answers so far; one in which nothing is asked is left out."""
        shown = {item.code for item in asked(self.items, self.answers)}
        kept = (
            replace(section, items=tuple(item for item in section.items if item.code in shown))
            for section in sections(self.items)
        )
        return [section for section in kept if section.items]

    @property
    def is_short(self) -> bool:
        """Whether all questions stand on one page, which sends the answers too."""
        return len(sections(self.items)) == 1

    @property
    def is_begun(self) -> bool:
        return self.revision > 0

    def page(self, code: str) -> Section | None:
        return next((page for page in self.pages if page.code == code), None)

    def any_page(self, code: str) -> Section | None:
        """A page whether or not it is asked, with all that may stand on it."""
        return next((section for section in sections(self.items) if section.code == code), None)

    def has_dropped(self, page: Section) -> bool:
        """Whether the page is not asked, given the answers so far. Answers that were sent need not be here."""
        return self.done_on is None and self.is_begun and self.page(page.code) is None

    def number(self, page: Section) -> int:
        """Of the page, from 1; of one that is not asked, where it would be."""
        return 1 + sum(self._place(other) < self._place(page) for other in self.pages)

    def next_page(self, page: Section) -> Section | None:
        return next((other for other in self.pages if self._place(other) > self._place(page)), None)

    def page_before(self, page: Section) -> Section | None:
        return next((other for other in reversed(self.pages) if self._place(other) < self._place(page)), None)

    def _place(self, page: Section) -> int:
        return [section.code for section in sections(self.items)].index(page.code)

    def first_incomplete(self) -> Section | None:
        """The first page on which an answer that is required is missing."""
        return next((page for page in self.pages if any(map(self._lacks, page.items))), None)

    def where_one_stopped(self) -> Section | None:
        """The page to go on with; None where it is time to check the answers."""
        incomplete = self.first_incomplete()
        if incomplete is not None:
            return incomplete
        answered = [page for page in self.pages if any(item.code in self.answers for item in page.items)]
        return self.next_page(answered[-1]) if answered else self.pages[0]

    def with_answers(self, answers: Answers) -> "Survey":
        return replace(self, answers=answers)

    def _lacks(self, item: Item) -> bool:
        return item.required and item.code not in self.answers


def survey_of_link(read: Reading, *, token: str) -> Survey:
    """The survey that a mailed link names, in one statement; NotFound once the link was revoked."""
    signed = secrecy.read_signed(PURPOSE, token)
    if signed is None:
        raise NotFound
    return survey_of(read, public_id=signed[0], generation=signed[1])


def survey_of(read: Reading, *, public_id: str, generation: int) -> Survey:
    """The survey of one ask. The caller has checked who asks."""
    row = read.session.execute(_by_link(), {"public_id": public_id, "generation": generation}).one_or_none()
    if row is None:
        raise NotFound
    values: dict[str, Any] = row._asdict()
    event = AskedEvent(values.pop("kind"), values.pop("slug"), values.pop("event_title"))
    values |= {
        "items": read_items(values["items"]),
        "answers": values["answers"] or {},
        "revision": values["revision"] or 0,
    }
    return Survey(**values, event=event)


@cache
def _by_link() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Ask.id.label("ask_id"),
            Ask.person_id,
            Ask.wave,
            Ask.closes_at,
            Ask.done_on,
            Questionnaire.title,
            Questionnaire.introduction,
            Questionnaire.items,
            Questionnaire.mode,
            Response.answers,
            Response.revision,
            Event.kind,
            Event.slug,
            Event.title.label("event_title"),
        )
        .join(Questionnaire, Questionnaire.id == Ask.questionnaire_id)
        .join(Event, and_(Event.id == Ask.subject_id, Ask.subject_kind == Subject.EVENT))
        .outerjoin(Response, Response.ask_id == Ask.id)
        .where(Ask.public_id == bindparam("public_id"), Ask.generation == bindparam("generation"))
    )


@dataclass(frozen=True)
class Waiting:
    """An ask that waits for an answer, as lists of what is to be done show it; ``subject`` is the event's title."""

    public_id: str
    generation: int
    title: str
    subject: str
    wave: Wave
    closes_at: datetime

    @property
    def token(self) -> str:
        return token_of(self)


def waiting_asks(read: Reading, *, limit: int = 20) -> Sequence[Waiting]:
    """What the acting person was asked and has not answered, what closes first on top."""
    if read.actor.person_id is None:
        return []
    values = {"person_id": read.actor.person_id, "now": read.now, "limit": limit}
    return [Waiting(**row._asdict()) for row in read.session.execute(_waiting(), values)]


@cache
def _waiting() -> Select[*tuple[Any, ...]]:
    now = bindparam("now", type_=UtcDateTime())
    return (
        select(
            Ask.public_id,
            Ask.generation,
            Questionnaire.title,
            Event.title.label("subject"),
            Ask.wave,
            Ask.closes_at,
        )
        .join(Questionnaire, Questionnaire.id == Ask.questionnaire_id)
        .join(Event, and_(Event.id == Ask.subject_id, Ask.subject_kind == Subject.EVENT))
        .where(Ask.person_id == bindparam("person_id"), Ask.done_on.is_(None), Ask.opens_at <= now, Ask.closes_at > now)
        .order_by(Ask.closes_at, Ask.id)
        .limit(bindparam("limit"))
    )


def ask_with_event(read: Reading, ask_id: int) -> tuple[Ask, Questionnaire, AskedEvent]:
    """What a mail about an ask shows; the caller has checked who asks."""
    row = read.session.execute(
        select(Ask, Questionnaire, Event.kind, Event.slug, Event.title)
        .join(Questionnaire, Questionnaire.id == Ask.questionnaire_id)
        .join(Event, and_(Event.id == Ask.subject_id, Ask.subject_kind == Subject.EVENT))
        .where(Ask.id == ask_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row.Ask, row.Questionnaire, AskedEvent(row.kind, row.slug, row.title)
