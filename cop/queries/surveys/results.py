"""What came of asking: how many answered, and what they said, without names and never from fewer than five."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from cop.core import secrecy
from cop.core.access import SURVEY_READERS, Actor
from cop.core.errors import NotFound
from cop.core.questions import Answers, Item, Kind, read_items, sections
from cop.core.small_numbers import LEAST
from cop.core.work import Reading
from cop.models.events import Event, EventKind
from cop.models.surveys import Ask, Questionnaire, Response, ResponseState, Subject, Wave

FEWEST = LEAST
"""Answers below which nothing is shown: of a survey, and of each question."""

BANDS = ((0, 0), (1, 2), (3, 5), (6, 10), (11, 20), (21, 50), (51, 100), (101, 1_000), (1_001, 1_000_000))
"""Numbers are counted in bands, because a number by itself may tell who gave it."""


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
    kind: EventKind
    slug: str
    event: str
    title: str
    version: int
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


def rounds(read: Reading, *, offset: int = 0, limit: int = 20) -> Sequence[Round]:
    """What was asked about the events whose results the actor may read, latest first; ``limit`` + 1 rows."""
    found = _rounds(read.actor).order_by(func.min(Ask.opens_at).desc(), func.min(Ask.id).desc())
    return [Round(**row._asdict()) for row in read.session.execute(found.offset(offset).limit(limit + 1))]


def _rounds(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(
            func.min(Ask.id).label("id"),
            Event.kind,
            Event.slug,
            Event.title.label("event"),
            Questionnaire.title,
            Questionnaire.version,
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


@dataclass(frozen=True)
class ItemResult:
    """What was answered to one question by ``n`` people; all empty where too few answered.

    ``counts`` are pairs of label and number, ``texts`` stand in an order that tells nothing.
    """

    item: Item
    n: int
    counts: Sequence[tuple[str, int]] = ()
    mean: float | None = None
    median: float | None = None
    texts: Sequence[str] = ()

    @property
    def is_shown(self) -> bool:
        return self.n >= FEWEST

    @property
    def shares(self) -> Sequence[tuple[str, int, int]]:
        """The counts, each beside all who answered: of several choices each may be that of everybody."""
        return [(label, count, self.n) for label, count in self.counts]


@dataclass(frozen=True)
class SectionResult:
    title: str
    items: Sequence[ItemResult]


def results(read: Reading, *, round_id: int) -> tuple[Round, Sequence[SectionResult]]:
    """A round and what was answered, by section; no sections where too few answered."""
    first = select(Ask.subject_id, Ask.wave, Ask.questionnaire_id).where(Ask.id == round_id).subquery("first")
    of_round = and_(
        Ask.subject_id == first.c.subject_id,
        Ask.wave == first.c.wave,
        Ask.questionnaire_id == first.c.questionnaire_id,
    )
    row = read.session.execute(_rounds(read.actor).join(first, of_round)).one_or_none()
    if row is None:
        raise NotFound
    found = Round(**row._asdict())
    if not found.is_shown:
        return found, []
    sent = read.session.execute(
        select(Response.id, Response.answers)
        .join(Ask, Ask.id == Response.ask_id)
        .join(first, of_round)
        .where(Response.state == ResponseState.SUBMITTED)
    ).all()
    raw = read.session.scalars(
        select(Questionnaire.items).join(first, first.c.questionnaire_id == Questionnaire.id)
    ).one()
    by_response = {row.id: row.answers for row in sent}
    return found, [
        SectionResult(section.title, [_of_item(item, by_response) for item in section.items])
        for section in sections(read_items(raw))
    ]


def _of_item(item: Item, by_response: Mapping[int, Answers]) -> ItemResult:
    given = {id_: answers[item.code] for id_, answers in by_response.items() if item.code in answers}
    if len(given) < FEWEST:
        return ItemResult(item, len(given))
    if item.kind in {Kind.LINE, Kind.TEXT}:
        shuffled = sorted(given, key=lambda id_: secrecy.digest("free text", item.code, id_))
        return ItemResult(item, len(given), texts=[given[id_] for id_ in shuffled])
    values = list(given.values())
    if item.kind is Kind.NUMBER:
        return ItemResult(item, len(given), _in_bands(values), fmean(values), median(values))
    chosen = Counter(value for each in values for value in (each if isinstance(each, list) else [each]))
    counts = [(item.label_of(value), chosen[value]) for value in item.values]
    if item.kind in {Kind.CHOICE, Kind.CHOICES}:
        return ItemResult(item, len(given), counts)
    return ItemResult(item, len(given), counts, fmean(values), median(values))


def _in_bands(values: Sequence[int]) -> Sequence[tuple[str, int]]:
    """The numbers counted in bands, up to the last one in which there are any."""
    counts = [
        (str(least) if least == most else f"{least:,} to {most:,}", sum(least <= value <= most for value in values))
        for least, most in BANDS
    ]
    while counts and not counts[-1][1]:
        counts.pop()
    return counts
