"""What the same people said before a course and after it, and who answered of those who were asked.

Answers under a name are paired by the person, answers of a panel by its key; anonymous ones cannot be paired. A pair is
of one course: whoever takes two of them counts in each.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, String, and_, cast, func, select, tuple_, union_all

from cop.algorithms.paired import Interval, Paired, compare
from cop.algorithms.silence import Asked, Profile, profile
from cop.core.errors import marked
from cop.core.questions import read_items
from cop.core.small_numbers import LEAST, Figure
from cop.core.work import Reading
from cop.models.accounts import Sector
from cop.models.events import Booking, Event, EventKind
from cop.models.organisations import Membership, Organisation
from cop.models.programmes import Programme
from cop.models.regions import Region
from cop.models.surveys import Ask, Mode, Questionnaire, Response, ResponseState, Subject, Wave
from cop.queries.evaluation.figures import alone, pieces
from cop.queries.surveys.sheets import booking_of

CONFIDENCE, KNOWLEDGE, CONTACTS = "confidence", "knowledge", "contacts"

SCALES: Mapping[str, Sequence[str]] = {
    CONFIDENCE: tuple(f"se{number}" for number in range(1, 9)),
    KNOWLEDGE: tuple(f"k{number}" for number in range(1, 5)),
    CONTACTS: ("n1",),
}
"""What is compared, by the codes of the questions: of several, the mean of what one person answered both times."""

NAMES: Mapping[str, str] = {
    CONFIDENCE: marked("Confidence, over eight questions from 0 to 10"),
    KNOWLEDGE: marked("Knowledge, over four questions from 1 to 5"),
    CONTACTS: marked("People in other councils whom they could call on"),
}

AFTER = (Wave.END, Wave.MONTHS_3, Wave.MONTHS_6, Wave.MONTHS_12)
"""With which waves the first one is compared."""

WAVES = (Wave.BASELINE, *AFTER)

CODES = tuple(code for codes in SCALES.values() for code in codes)

Told = Mapping[Hashable, Mapping[str, float]]
"""What each person of one wave answered, by the code of the question."""


UNSEEN = Figure(None)


@dataclass(frozen=True)
class PairedChange:
    """The change in one thing from before the course to one wave after it.

    ``code`` is that of a scale (:data:`SCALES`) or of a question; ``name`` says what it is, and is to be translated for
    scales only. For who may not see small numbers, nothing is shown of fewer than five pairs.
    """

    code: str
    name: str
    wave: Wave
    n: Figure
    before_only: Figure = UNSEEN
    after_only: Figure = UNSEEN
    rose: Figure = UNSEEN
    stayed: Figure = UNSEEN
    fell: Figure = UNSEEN
    before: float | None = None
    after: float | None = None
    difference: float | None = None
    interval: Interval | None = None

    @property
    def is_scale(self) -> bool:
        return self.code in SCALES

    @property
    def is_hidden(self) -> bool:
        return self.n.value is None


def paired_changes(
    read: Reading, programme: Programme, *, hide: bool, waves: Sequence[Wave] = AFTER
) -> Sequence[PairedChange]:
    """The scales, and after them their questions where there are several; each by wave, those with answers only.

    Two statements, whatever there is. The caller has checked who asks.
    """
    by_wave, asked = _told(read, programme.id)
    texts = _texts(read, asked)
    before = by_wave.get(Wave.BASELINE, {})
    reached = [wave for wave in waves if wave in by_wave]
    questions = [code for codes in SCALES.values() if len(codes) > 1 for code in codes]
    return [
        _change(code, NAMES.get(code) or texts.get(code, code), wave, found, hide=hide)
        for code in (*SCALES, *questions)
        for wave in reached
        if (found := _compared(before, by_wave[wave], SCALES.get(code, (code,)))) is not None
    ]


def _compared(before: Told, after: Told, codes: Sequence[str]) -> Paired | None:
    """None where it was not asked in both waves."""
    first, second = _means(before, after, codes), _means(after, before, codes)
    return compare(first, second) if first and second else None


def _means(told: Told, other: Told, codes: Sequence[str]) -> Mapping[Hashable, float]:
    """The mean for each person over the questions that they answered both times, or at all where there is no pair."""
    found: dict[Hashable, float] = {}
    for key, answers in told.items():
        own = {code for code in codes if code in answers}
        others = {code for code in codes if code in other.get(key, {})}
        compared = own & others if own and others else own
        if compared:
            found[key] = sum(answers[code] for code in compared) / len(compared)
    return found


def _change(code: str, name: str, wave: Wave, found: Paired, *, hide: bool) -> PairedChange:
    n = alone(found.n, hide=hide)
    if hide and found.n < LEAST:
        return PairedChange(code, name, wave, n)
    (rose, stayed, fell), _all = pieces([found.rose, found.stayed, found.fell], hide=hide)
    return PairedChange(
        code,
        name,
        wave,
        n,
        alone(found.before_only, hide=hide),
        alone(found.after_only, hide=hide),
        rose,
        stayed,
        fell,
        found.before,
        found.after,
        found.difference,
        found.interval,
    )


def _told(read: Reading, programme_id: int) -> tuple[Mapping[Wave, Told], set[int]]:
    """What was answered by wave, and the ids of the questionnaires."""
    found: dict[Wave, dict[Hashable, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    questionnaires = set()
    for row in read.session.execute(_answers(programme_id)):
        questionnaires.add(row.questionnaire_id)
        numbers = {code: value for code, value in zip(CODES, row[4:], strict=True) if _is_number(value)}
        if numbers:
            found[row.wave][row.event_id, row.who].update(numbers)
    return found, questionnaires


def _is_number(value: Any) -> bool:
    """Staff may have put another sort of question under the same code."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _answers(programme_id: int) -> Select[*tuple[Any, ...]]:
    numbers = [Response.answers[code].label(code) for code in CODES]
    sent = Response.state == ResponseState.SUBMITTED
    named = (
        select(
            Ask.wave.label("wave"),
            Ask.subject_id.label("event_id"),
            cast(Ask.person_id, String).label("who"),
            Response.questionnaire_id,
            *numbers,
        )
        .join(Response, and_(Response.ask_id == Ask.id, sent))
        .join(Questionnaire, and_(Questionnaire.id == Response.questionnaire_id, Questionnaire.mode == Mode.NAMED))
        .join(Event, and_(Event.id == Ask.subject_id, Ask.subject_kind == Subject.EVENT))
        .where(_is_course(programme_id), Ask.wave.in_(WAVES))
    )
    of_panel = (
        select(Response.wave, Response.subject_id, Response.panel_key, Response.questionnaire_id, *numbers)
        .join(Event, and_(Event.id == Response.subject_id, Response.subject_kind == Subject.EVENT))
        .where(_is_course(programme_id), Response.wave.in_(WAVES), Response.panel_key.is_not(None), sent)
    )
    return select(union_all(named, of_panel).subquery("told"))


def _is_course(programme_id: int) -> Any:
    return and_(Event.programme_id == programme_id, Event.kind == EventKind.COHORT)


def _texts(read: Reading, questionnaires: Iterable[int]) -> Mapping[str, str]:
    """The words of each question, by its code; the latest where they were changed."""
    found = select(Questionnaire.items).where(Questionnaire.id.in_(questionnaires)).order_by(Questionnaire.id)
    return {item.code: item.text for raw in read.session.scalars(found) for item in read_items(raw)}


@dataclass(frozen=True)
class Answering:
    """Who answered of those who were asked in one wave of the courses; ``whole`` is None where it is hidden."""

    wave: Wave
    whole: Asked | None
    by_sector: Profile
    by_region: Profile
    by_membership: Profile


BY: Mapping[str, Sequence[str]] = {
    "sector": tuple(Sector),
    "region": tuple(Region),
    "membership": tuple(Membership),
}
"""By what people are grouped, as they were when they booked, and the order of the words."""

SETS = {0b011: "sector", 0b101: "region", 0b110: "membership", 0b111: "whole"}
"""What PostgreSQL's GROUPING says of a row of the grouping sets."""


def answering(read: Reading, programme: Programme, *, hide: bool) -> Sequence[Answering]:
    """By wave, for the waves in which anybody was asked. One statement; the caller has checked who asks."""
    found: dict[Wave, dict[str, dict[str | None, Asked]]] = defaultdict(lambda: defaultdict(dict))
    for by, wave, name, asked, answered in read.session.execute(_asked(programme.id)):
        found[wave][SETS[by]][name] = Asked(asked, answered)
    return [
        Answering(
            wave,
            None if hide and found[wave]["whole"][None].tells else found[wave]["whole"][None],
            *(profile(_in_order(found[wave][by], order), hide=hide) for by, order in BY.items()),
        )
        for wave in WAVES
        if wave in found
    ]


def _in_order(groups: Mapping[str | None, Asked], order: Sequence[str]) -> Mapping[str | None, Asked]:
    """Known words in their order, what is not known last."""
    names: list[str | None] = [*order, *sorted(name for name in groups if name is not None and name not in order), None]
    return {name: groups[name] for name in names if name in groups}


def _asked(programme_id: int) -> Select[*tuple[Any, ...]]:
    rows = (
        select(
            Ask.wave.label("wave"),
            Ask.done_on,
            cast(Booking.sector, String).label("sector"),
            Organisation.region.label("region"),
            cast(Booking.membership, String).label("membership"),
        )
        .join(Event, and_(Event.id == Ask.subject_id, Ask.subject_kind == Subject.EVENT))
        .outerjoin(Booking, Booking.id == booking_of())
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(_is_course(programme_id), Ask.wave.in_(WAVES))
        .subquery("asked")
    )
    groups = (rows.c.sector, rows.c.region, rows.c.membership)
    return select(
        func.grouping(*groups).label("by"),
        rows.c.wave,
        func.coalesce(*groups).label("name"),
        func.count().label("asked"),
        func.count(rows.c.done_on).label("answered"),
    ).group_by(rows.c.wave, func.grouping_sets(*groups, tuple_()))
