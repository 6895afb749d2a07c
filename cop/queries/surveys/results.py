"""What came of asking: how many answered, and what they said, without names and never from fewer than five."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from statistics import fmean, median_low
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select, true

from cop.core import secrecy
from cop.core.access import EVENT_EDITORS, SURVEY_READERS, Actor
from cop.core.errors import NotFound
from cop.core.questions import Item, Kind, read_items, sections
from cop.core.small_numbers import LEAST, without_few, without_small
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Booking, Event, EventKind
from cop.models.organisations import Organisation
from cop.models.surveys import Ask, Mode, Questionnaire, Subject, Wave
from cop.queries.surveys.sheets import Sheet, booking_of, is_of_round, sheets

FEWEST = LEAST
"""Answers below which nothing is shown: of a survey, and of each question."""

BANDS = ((0, 0), (1, 2), (3, 5), (6, 10), (11, 20), (21, 50), (51, 100), (101, 1_000), (1_001, 1_000_000))
"""Numbers are counted in bands, because a number by itself may tell who gave it."""

COARSE = {11: ((0, 3), (4, 6), (7, 10)), 5: ((0, 1), (2, 2), (3, 4))}
"""First and last place of the values that are counted together where too few chose each by itself, by how many values
there are: from 0 to 10, and ratings with five labels.
"""

PERMISSION = "permission"
"""The code of the question how somebody’s words may be used. Where it is asked, only what was allowed is shown."""


class Use(StrEnum):
    """What people can answer to it; everything else allows nothing."""

    NAME = "name"
    COUNCIL = "council"
    ANONYMOUS = "anonymous"


def _readable(actor: Actor) -> ColumnElement[bool]:
    """The events whose results the actor may read."""
    if actor.may(*SURVEY_READERS):
        return true()
    grants = [grant for grant in actor.grants if grant.role in SURVEY_READERS and grant.organisation_id is None]
    programmes = [grant.programme_id for grant in grants if grant.programme_id is not None]
    events = [grant.event_id for grant in grants if grant.event_id is not None]
    return or_(Event.programme_id.in_(programmes), Event.id.in_(events))


@dataclass(frozen=True)
class Round:
    """One wave of questions about one event, in one version of the questions. ``id`` is that of its first ask."""

    id: int
    event_id: int
    programme_id: int
    kind: EventKind
    slug: str
    event: str
    title: str
    version: int
    mode: Mode
    wave: Wave
    asked: int
    answered: int
    asked_at: datetime
    closes_at: datetime

    @property
    def rate(self) -> int:
        """Per cent of those who were asked."""
        return round(100 * self.answered / self.asked)

    @property
    def is_shown(self) -> bool:
        return self.answered >= FEWEST

    def names_the_silent(self, read: Reading) -> bool:
        """Whether the actor may see who has not answered: never once it would tell whose anonymous answers may be."""
        is_sealed = self.mode is Mode.ANONYMOUS and self.closes_at <= read.now
        may = read.actor.may(*EVENT_EDITORS, programme_id=self.programme_id, event_id=self.event_id)
        return may and self.answered < self.asked and not is_sealed


def rounds(read: Reading, *, offset: int = 0, limit: int = 20) -> Sequence[Round]:
    """What was asked about the events whose results the actor may read, latest first; ``limit`` + 1 rows."""
    found = _rounds(read.actor).order_by(func.min(Ask.opens_at).desc(), func.min(Ask.id).desc())
    return [Round(**row._asdict()) for row in read.session.execute(found.offset(offset).limit(limit + 1))]


def _rounds(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(
            func.min(Ask.id).label("id"),
            Event.id.label("event_id"),
            Event.programme_id,
            Event.kind,
            Event.slug,
            Event.title.label("event"),
            Questionnaire.title,
            Questionnaire.version,
            Questionnaire.mode,
            Ask.wave,
            func.count().label("asked"),
            func.count(Ask.done_on).label("answered"),
            func.min(Ask.opens_at).label("asked_at"),
            func.max(Ask.closes_at).label("closes_at"),
        )
        .join(Questionnaire, Questionnaire.id == Ask.questionnaire_id)
        .join(Event, and_(Event.id == Ask.subject_id, Ask.subject_kind == Subject.EVENT))
        .where(_readable(actor))
        .group_by(Event.id, Questionnaire.id, Ask.wave)
    )


def _first(round_id: int) -> Subquery:
    return (
        select(Ask.subject_kind, Ask.subject_id, Ask.wave, Ask.questionnaire_id)
        .where(Ask.id == round_id)
        .subquery("first")
    )


def _round(read: Reading, first: Subquery) -> Round:
    row = read.session.execute(_rounds(read.actor).join(first, is_of_round(Ask, first))).one_or_none()
    if row is None:
        raise NotFound
    return Round(**row._asdict())


class Hidden(StrEnum):
    """Why the answers to a question are not shown."""

    FEW = "few"
    TELLS_ANOTHER = "tells another"


@dataclass(frozen=True)
class Quote:
    """Something that somebody wrote; ``by`` is a name or an organisation where they allowed that."""

    text: str
    by: str = ""


@dataclass(frozen=True)
class ItemResult:
    """What was answered to one question by ``n`` people.

    ``counts`` are pairs of label and number, None where that would tell too much. ``median`` and the ends of the
    ``range`` are labels. ``quotes`` stand in an order that tells nothing; ``allowed_only`` says that others may have
    written what they do not want to be shown.
    """

    item: Item
    n: int
    hidden: Hidden | None = None
    counts: Sequence[tuple[str, int | None]] = ()
    mean: float | None = None
    median: str = ""
    range: tuple[str, str] | None = None
    quotes: Sequence[Quote] = ()
    allowed_only: bool = False

    @property
    def lacks(self) -> bool:
        """Whether counts are left out."""
        return any(count is None for _, count in self.counts)

    @property
    def bars(self) -> Sequence[tuple[str, int]]:
        return [(label, count) for label, count in self.counts if count is not None]


@dataclass(frozen=True)
class SectionResult:
    title: str
    items: Sequence[ItemResult]


def results(read: Reading, *, round_id: int) -> tuple[Round, Sequence[SectionResult]]:
    """A round and what was answered, by section; no sections where too few answered, or nobody may look yet."""
    first = _first(round_id)
    found = _round(read, first)
    if not found.is_shown:
        return found, []
    sent = sheets(read, mode=found.mode, first=first)
    if len(sent) < FEWEST:
        return found, []
    raw = read.session.scalars(
        select(Questionnaire.items).join(first, first.c.questionnaire_id == Questionnaire.id)
    ).one()
    items = read_items(raw)
    by_code = dict(_of_items(items, sent))
    return found, [
        SectionResult(section.title, [by_code[item.code] for item in section.items]) for section in sections(items)
    ]


def _of_items(items: Sequence[Item], sent: Sequence[Sheet]) -> Iterator[tuple[str, ItemResult]]:
    """Each question with what was answered to it, in order."""
    is_asked = any(map(asks_permission, items))
    before: dict[str, ItemResult] = {}
    for item in items:
        if item.kind is Kind.SECTION:
            continue
        given = [sheet for sheet in sent if item.code in sheet.answers]
        if item.kind in {Kind.LINE, Kind.TEXT}:
            result = _words(item, given, allowed_only=is_asked)
        else:
            result = _counts(item, [sheet.answers[item.code] for sheet in given])
        if _tells_another(result, before):
            result = ItemResult(item, 0, Hidden.TELLS_ANOTHER)
        before[item.code] = result
        yield item.code, result


def asks_permission(item: Item) -> bool:
    """Whether it is the question how words may be used, and none that has only its code."""
    return item.code == PERMISSION and item.kind is Kind.CHOICE and not set(Use).isdisjoint(item.values)


def _tells_another(result: ItemResult, before: Mapping[str, ItemResult]) -> bool:
    """Whether a question was put to those only who gave some answer, and it is hidden how many gave it.

    What may be left empty tells at least how many did, and that is no number that one could subtract from.
    """
    condition = result.item.only_if
    if condition is None or (result.item.kind in {Kind.LINE, Kind.TEXT} and not result.item.required):
        return False
    parent = before[condition.code]
    return parent.hidden is not None or parent.lacks


def _words(item: Item, given: Sequence[Sheet], *, allowed_only: bool) -> ItemResult:
    if len(given) < FEWEST:
        return ItemResult(item, len(given), Hidden.FEW)
    if allowed_only:
        given = [sheet for sheet in given if sheet.answers.get(PERMISSION) in set(Use)]
    shuffled = sorted(given, key=lambda sheet: secrecy.digest("free text", item.code, sheet.key))
    quotes = [Quote(sheet.answers[item.code], _by(sheet) if allowed_only else "") for sheet in shuffled]
    return ItemResult(item, len(quotes), quotes=quotes, allowed_only=allowed_only)


def _by(sheet: Sheet) -> str:
    """Whom the words are by, as far as they allowed that to be said and it is known."""
    use = sheet.answers[PERMISSION]
    if use == Use.NAME:
        return ", ".join(filter(None, [sheet.name, sheet.organisation]))
    return sheet.organisation or "" if use == Use.COUNCIL else ""


def _counts(item: Item, values: Sequence[Any]) -> ItemResult:
    if len(values) < FEWEST:
        return ItemResult(item, len(values), Hidden.FEW)
    match item.kind:
        case Kind.CHOICES:
            chosen = Counter(value for each in values for value in each)
            counts = [(item.label_of(value), without_few(chosen[value], len(values))) for value in item.values]
            return ItemResult(item, len(values), counts=counts)
        case Kind.CHOICE:
            return ItemResult(item, len(values), counts=_by_label(item, Counter(values)))
        case Kind.NUMBER:
            return _numbers(item, values)
        case _:
            return _ordered(item, values)


def _by_label(item: Item, chosen: Counter[Any]) -> Sequence[tuple[str, int | None]]:
    shown = without_small([chosen[value] for value in item.values])
    return [(item.label_of(value), count) for value, count in zip(item.values, shown, strict=True)]


def _ordered(item: Item, values: Sequence[int]) -> ItemResult:
    """A mean would tell what is left out, so there is one only where nothing is."""
    chosen = Counter(values)
    found = ItemResult(
        item,
        len(values),
        counts=_by_label(item, chosen),
        median=item.label_of(median_low(values)),
        range=(item.label_of(min(values)), item.label_of(max(values))),
    )
    if not found.lacks:
        return replace(found, mean=fmean(values))
    if found.bars or len(item.values) not in COARSE:
        return found
    bands = [(item.values[first], item.values[last]) for first, last in COARSE[len(item.values)]]
    shown = without_small([sum(least <= value <= most for value in values) for least, most in bands])
    labels = [_band(item.label_of(least), item.label_of(most)) for least, most in bands]
    return replace(found, counts=list(zip(labels, shown, strict=True)))


def _band(least: str, most: str) -> str:
    return least if least == most else f"{least} to {most}"


def _numbers(item: Item, values: Sequence[int]) -> ItemResult:
    """In bands up to the last one in which there are any, between which the range runs too."""
    labels = [_band(f"{least:,}", f"{most:,}") for least, most in BANDS]
    places = [next(place for place, (_, most) in enumerate(BANDS) if value <= most) for value in values]
    chosen = Counter(places)
    shown = without_small([chosen[place] for place in range(max(places) + 1)])
    found = ItemResult(
        item,
        len(values),
        counts=list(zip(labels, shown, strict=False)),
        median=labels[median_low(places)],
        range=(labels[min(places)], labels[max(places)]),
    )
    return found if found.lacks else replace(found, mean=fmean(values))


@dataclass(frozen=True)
class Silent:
    """Somebody who was asked and has not answered."""

    public_id: str
    name: str
    organisation: str | None
    asked_at: datetime
    closes_at: datetime


def silent(read: Reading, *, round_id: int, offset: int = 0, limit: int = 50) -> tuple[Round, Sequence[Silent]]:
    """Who has not answered, by name, for those who run the event; ``limit`` + 1 rows."""
    first = _first(round_id)
    found = _round(read, first)
    if not found.names_the_silent(read):
        raise NotFound
    rows = read.session.execute(
        select(Ask.public_id, Person.name, Organisation.name.label("organisation"), Ask.opens_at, Ask.closes_at)
        .join(first, is_of_round(Ask, first))
        .join(Person, Person.id == Ask.person_id)
        .outerjoin(Booking, Booking.id == booking_of())
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(Ask.done_on.is_(None))
        .order_by(func.lower(Person.name), Ask.id)
        .offset(offset)
        .limit(limit + 1)
    )
    return found, [Silent(*row) for row in rows]
