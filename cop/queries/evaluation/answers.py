"""What people ticked: medians by event, and how often what was chosen; of five people at least in each survey.

Nothing stands here that the results of the surveys do not show as well, so that the two never tell more than one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Numeric, case, cast, func, select

from cop.core.questions import Item, Kind, read_items
from cop.core.small_numbers import without_few
from cop.core.work import Reading
from cop.models.cohorts import Application
from cop.models.events import Event, EventState
from cop.models.programmes import Programme
from cop.models.surveys import Questionnaire, Response, Wave
from cop.queries.evaluation.figures import pieces
from cop.queries.evaluation.filters import NOTHING, Filters
from cop.queries.surveys.results import FEWEST
from cop.queries.surveys.sheets import sent_about

REACTION = ("e1_1", "e1_2", "e1_3", "connections", "from_others", "good_use", "v1_worth")
CO_PRODUCTION = ("listened", "safe", "facilitators", "pace")
"""Codes of the ready-made ratings that answer questions of the evaluation."""

BARRIERS, ENABLERS, HARD = "barriers", "enablers", "e1_5"
HEARD = "heard"


@dataclass(frozen=True)
class Median:
    """The middle answer of ``n`` people to a rating about one event; ``of`` is the number of the best one."""

    event: str
    slug: str
    wave: Wave
    n: int
    place: int
    of: int
    label: str


@dataclass(frozen=True)
class Rated:
    """A rating in its latest words, and what was answered about each event, the latest event first."""

    code: str
    text: str
    medians: Sequence[Median]


def medians(read: Reading, programme: Programme, codes: Sequence[str], filters: Filters = NOTHING) -> Sequence[Rated]:
    """Ratings by event and wave; only those that at least five people answered. Two statements."""
    sheets = sent_about(programme.id)
    numbers = {code: _number(sheets.c.answers[code]) for code in codes}
    columns = [
        column
        for number in numbers.values()
        for column in (func.count(number), func.percentile_disc(0.5).within_group(number))
    ]
    found = (
        select(Event.title, Event.slug, sheets.c.wave, sheets.c.questionnaire_id, *columns)
        .select_from(sheets)
        .join(Event, Event.id == sheets.c.event_id)
        .where(*filters.events())
        .group_by(Event.id, sheets.c.wave, sheets.c.questionnaire_id)
        .order_by(Event.id.desc(), sheets.c.wave, sheets.c.questionnaire_id)
    )
    rows = read.session.execute(found).all()
    items = _items(read, {row.questionnaire_id for row in rows})
    rated: defaultdict[str, list[Median]] = defaultdict(list)
    texts: dict[str, str] = {}
    for title, slug, wave, questionnaire_id, *counted in rows:
        for position, code in enumerate(codes):
            item, n, middle = items[questionnaire_id].get(code), *counted[2 * position : 2 * position + 2]
            if item is not None and item.kind is Kind.RATING and n >= FEWEST:
                place = int(middle)
                texts.setdefault(code, item.text)
                one = Median(title, slug, Wave(wave), n, place, len(item.labels), item.label_of(place))
                rated[code].append(one)
    return [Rated(code, texts[code], rated[code]) for code in codes if code in rated]


def _number(value: Any) -> ColumnElement[Any]:
    """None for what is no number: staff may have put another sort of question under the same code."""
    return case((func.jsonb_typeof(value) == "number", cast(value.astext, Numeric)))


@dataclass(frozen=True)
class Chosen:
    """How often each answer was chosen of a list, by label, among the ``n`` people who were counted.

    ``left_out`` surveys hold numbers that are too small to be counted with the others.
    """

    text: str
    n: int
    counts: Sequence[tuple[str, int]]
    left_out: int


def chosen(read: Reading, programme: Programme, code: str, *, hide: bool, filters: Filters = NOTHING) -> Chosen | None:
    """Over all surveys of a programme, each answered by five people at least; None where there are none.

    With ``hide``, surveys in which few chose an answer, or few did not, are left out as a whole: the results of that
    survey do not show it either, and the sum would tell it.
    """
    sheets = sent_about(programme.id)
    given = sheets.c.answers[code]
    ticks = case((func.jsonb_typeof(given) == "array", given), else_=func.jsonb_build_array(given))
    survey = (sheets.c.event_id, sheets.c.wave, sheets.c.questionnaire_id)
    answered = (
        select(*survey, ticks.label("ticks"), func.count().over(partition_by=survey).label("n"))
        .join(Event, Event.id == sheets.c.event_id)
        .where(sheets.c.answers.has_key(code), *filters.events())
        .subquery("answered")
    )
    value = func.jsonb_array_elements_text(answered.c.ticks).table_valued("value").render_derived("tick")
    by_survey = (answered.c.event_id, answered.c.wave, answered.c.questionnaire_id, answered.c.n)
    found = (
        select(*by_survey, value.c.value, func.count())
        .join(value, answered.c.n >= FEWEST)
        .group_by(*by_survey, value.c.value)
        .order_by(answered.c.questionnaire_id)
    )
    surveys: defaultdict[tuple[Any, ...], dict[str, int]] = defaultdict(dict)
    for *of_survey, word, count in read.session.execute(found):
        surveys[tuple(of_survey)][word] = count
    items = _items(read, {questionnaire_id for _event, _wave, questionnaire_id, _n in surveys})
    return _summed(code, surveys, items, hide=hide)


def _summed(
    code: str, surveys: Mapping[tuple[Any, ...], Mapping[str, int]], items: "Items", *, hide: bool
) -> Chosen | None:
    item, sums, people, left_out = None, defaultdict[str, int](int), 0, 0
    for (_event, _wave, questionnaire_id, n), counts in surveys.items():
        asked = items[questionnaire_id].get(code)
        if asked is None or asked.kind not in {Kind.CHOICE, Kind.CHOICES}:
            continue
        if hide and any(without_few(counts.get(word, 0), n) is None for word in asked.values):
            left_out += 1
            continue
        item, people = asked, people + n
        for word, count in counts.items():
            sums[word] += count
    if item is None:
        return None
    return Chosen(item.text, people, [(item.label_of(word), sums[word]) for word in item.values], left_out)


def heard(read: Reading, programme: Programme, *, hide: bool) -> Sequence[tuple[str, Any]]:
    """How those who applied for a course heard of it: label and figure, by how many said so. Two statements."""
    said = Response.answers[HEARD].astext
    found = (
        select(Response.questionnaire_id, said, func.count())
        .select_from(Application)
        .join(Response, Response.id == Application.response_id)
        .join(Event, Event.id == Application.cohort_id)
        .where(
            Event.programme_id == programme.id,
            Event.state != EventState.DRAFT,
            Application.submitted_at.is_not(None),
            said.is_not(None),
        )
        .group_by(Response.questionnaire_id, said)
        .order_by(Response.questionnaire_id)
    )
    rows = read.session.execute(found).all()
    items = _items(read, {row[0] for row in rows})
    counts: defaultdict[str, int] = defaultdict(int)
    for questionnaire_id, word, count in rows:
        item = items[questionnaire_id].get(HEARD)
        if item is not None and item.kind is Kind.CHOICE:
            counts[item.label_of(word)] += count
    ordered = sorted(counts, key=lambda label: -counts[label])
    figures, _whole = pieces([counts[label] for label in ordered], hide=hide)
    return list(zip(ordered, figures, strict=True))


Items = Mapping[int, Mapping[str, Item]]


def _items(read: Reading, questionnaires: Iterable[int]) -> Items:
    """The items of each questionnaire, by their codes."""
    found = select(Questionnaire.id, Questionnaire.items).where(Questionnaire.id.in_([*questionnaires]))
    return {id_: {item.code: item for item in read_items(raw)} for id_, raw in read.session.execute(found)}
