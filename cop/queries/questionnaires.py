"""Reads about questionnaires, for those who write them: what is asked, in which versions, and what is drafted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from cop.core.errors import NotFound
from cop.core.questions import Item, Kind, Problem, Section, faults, read_item, sections
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import EventKind
from cop.models.surveys import Ask, Mode, Questionnaire, QuestionnaireDraft, Wave
from cop.queries.surveys.asks import AskedEvent, Survey

OF_COURSES = "application-"

PREVIEW_OPEN = timedelta(days=14)


@dataclass(frozen=True)
class Version:
    """One version, with how many were asked it and how many of them have answered."""

    number: int
    title: str
    introduction: str
    items: Sequence[Item]
    mode: Mode
    made_at: datetime
    asked: int
    answered: int


@dataclass(frozen=True)
class Listed:
    """The newest version under a code, the draft, or both; ``asked`` counts all versions."""

    code: str
    title: str
    mode: Mode
    version: int | None
    made_at: datetime | None
    is_drafted: bool
    asked: int


@dataclass(frozen=True)
class Draft:
    """What is being written; ``faults`` are what stands against publishing it."""

    code: str
    title: str
    introduction: str
    mode: Mode
    items: Sequence[Item]
    revision: int
    saved_at: datetime
    saved_by: str | None

    @cached_property
    def faults(self) -> Sequence[Problem]:
        return faults(self.items)

    def item(self, code: str) -> Item:
        for each in self.items:
            if each.code == code:
                return each
        raise NotFound

    def may_hang_on(self, item: Item) -> Sequence[Item]:
        """Questions on earlier pages with answers to choose from."""
        found: list[Item] = []
        for page in sections(self.items):
            if item in page.items:
                break
            found += [each for each in page.items if each.values]
        return [] if item.kind is Kind.SECTION else found

    def question(self, code: str) -> Item | None:
        return next((each for each in self.items if each.code == code), None)


def listed(read: Reading) -> Sequence[Listed]:
    """Every questionnaire that was published or drafted, but for those of calls; what waits to be published first."""
    asked = (
        select(Questionnaire.code, func.count(Ask.id).label("asked"))
        .join(Ask, Ask.questionnaire_id == Questionnaire.id)
        .group_by(Questionnaire.code)
        .subquery()
    )
    newest = (
        select(Questionnaire.code, Questionnaire.title, Questionnaire.mode, Questionnaire.version)
        .add_columns(Questionnaire.made_at, func.coalesce(asked.c.asked, 0).label("asked"))
        .outerjoin(asked, asked.c.code == Questionnaire.code)
        .where(~Questionnaire.code.startswith(OF_COURSES))
        .ext(distinct_on(Questionnaire.code))
        .order_by(Questionnaire.code, Questionnaire.version.desc())
    )
    published = {row.code: row for row in read.session.execute(newest)}
    drafts = select(QuestionnaireDraft.code, QuestionnaireDraft.title, QuestionnaireDraft.mode)
    drafted = {row.code: row for row in read.session.execute(drafts)}
    found = [
        Listed(
            code=code,
            title=(published.get(code) or drafted[code]).title,
            mode=(published.get(code) or drafted[code]).mode,
            version=published[code].version if code in published else None,
            made_at=published[code].made_at if code in published else None,
            is_drafted=code in drafted,
            asked=published[code].asked if code in published else 0,
        )
        for code in {**published, **drafted}
    ]
    return sorted(found, key=lambda each: (not each.is_drafted, each.title, each.code))


def versions(read: Reading, *, code: str) -> Sequence[Version]:
    """All versions under a code, the newest first; empty where there is none."""
    if code.startswith(OF_COURSES):
        raise NotFound
    rows = read.session.execute(
        select(Questionnaire, func.count(Ask.id).label("asked"), func.count(Ask.done_on).label("answered"))
        .outerjoin(Ask, Ask.questionnaire_id == Questionnaire.id)
        .where(Questionnaire.code == code)
        .group_by(Questionnaire.id)
        .order_by(Questionnaire.version.desc())
    ).all()
    return [
        Version(
            number=row.Questionnaire.version,
            title=row.Questionnaire.title,
            introduction=row.Questionnaire.introduction,
            items=_read(row.Questionnaire.items),
            mode=row.Questionnaire.mode,
            made_at=row.Questionnaire.made_at,
            asked=row.asked,
            answered=row.answered,
        )
        for row in rows
    ]


def draft(read: Reading, *, code: str) -> Draft | None:
    row = read.session.execute(
        select(QuestionnaireDraft, Person.name)
        .outerjoin(Person, Person.id == QuestionnaireDraft.saved_by)
        .where(QuestionnaireDraft.code == code)
    ).one_or_none()
    if row is None:
        return None
    found = row.QuestionnaireDraft
    return Draft(
        code=code,
        title=found.title,
        introduction=found.introduction,
        mode=found.mode,
        items=_read(found.items),
        revision=found.revision,
        saved_at=found.saved_at,
        saved_by=row.name,
    )


def _read(raw: Sequence[dict[str, Any]]) -> Sequence[Item]:
    return [read_item(each) for each in raw]


class Preview(Survey):
    """Questions as those who are asked see them; all of them, whatever they hang on."""

    @cached_property
    def pages(self) -> Sequence[Section]:
        return sections(self.items)

    def conditions(self, page: Section) -> Sequence[tuple[Item, Item, str]]:
        """Questions of a page that hang on an answer, with the question and the answers in words."""
        known = {item.code: item for item in self.items}
        return [
            (item, before, " / ".join(before.label_of(value) for value in item.only_if.values))
            for item in page.items
            if item.only_if is not None and (before := known.get(item.only_if.code)) is not None
        ]


def preview(read: Reading, shown: Draft | Version, *, event: str) -> Preview:
    """A draft or a version, put to nobody about an event of this name."""
    return Preview(
        ask_id=0,
        person_id=0,
        wave=Wave.ONCE,
        closes_at=read.now + PREVIEW_OPEN,
        done_on=None,
        title=shown.title,
        introduction=shown.introduction,
        items=shown.items,
        answers={},
        revision=0,
        event=AskedEvent(EventKind.VISIT, "", event),
        mode=shown.mode,
    )


@dataclass(frozen=True)
class Change:
    """What a new version would do to one question: ``added``, ``removed``, ``words`` or ``answers``.

    ``answers``: its code is the same and what can be answered is not, so that answers of the versions do not compare.
    """

    item: Item
    what: str


def changes(before: Sequence[Item], after: Sequence[Item]) -> Sequence[Change]:
    """How two versions differ, in the order of the newer one; what only moved is no change."""
    old = {item.code: item for item in before}
    new = {item.code: item for item in after}
    found = [Change(item, what) for item in after if (what := _what(old.get(item.code), item))]
    return found + [Change(item, "removed") for item in before if item.code not in new]


def _what(old: Item | None, new: Item) -> str:
    if old is None:
        return "added"
    if (old.kind, list(old.values)) != (new.kind, list(new.values)):
        return "answers"
    return "" if old == new else "words"
