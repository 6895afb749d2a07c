"""What people answered when they were asked: after events that are over, and along courses that have ended.

Nobody is asked by name: the same service that the job calls looks, at each moment of the past at which something fell
due, for those who came. What is still open waits for a few answers, that of the alumna among them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import func, select

from cop.core.access import Actor
from cop.core.place import day_of, months_after
from cop.core.questions import Item, Kind, asked, read_items
from cop.demo.stage import Stage
from cop.models.events import Event, EventKind, EventState, Part, PartState
from cop.models.surveys import Among, Ask, Mode, Questionnaire, Wave
from cop.queries.downloads import taken
from cop.services import surveys
from cop.services.answers import publish_questionnaire

ENOUGH = 1_000
"""More people than the demo asks at any moment."""

WEEK = timedelta(days=7)

SPOKE_AT = "neighbours-before-doctors"

FREELY: tuple[Mapping[str, Any], ...] = (
    {"code": "free", "kind": "scale", "text": "How freely could you say what you think?", "required": True},
    {"code": "listened", "kind": "choice", "text": "Did people listen?", "required": True}
    | {"options": [["yes", "Yes"], ["partly", "Partly"], ["no", "No"]]},
    {"code": "unsaid", "kind": "text", "text": "What could you not say?"},
)
"""What people answer more openly where nobody learns who said what."""

CONFIDENCE = {Wave.BASELINE: (1, 6), Wave.END: (5, 9), Wave.MONTHS_3: (4, 9), Wave.MONTHS_6: (5, 10)}
"""From what to what people say they are sure of themselves: little before, more after, and not all of it stays."""

WORDS = {
    "e1_3_what": (
        "The map of who knows whom on one street.",
        "Asking “what would you miss?” instead of “what do you need?”",
        "Inviting residents to the first meeting and not to the third.",
        "The one-page plan.",
        "The way they pay people for their time.",
        "I will ring the person from the next borough whom I sat beside.",
        "How they count: visits that did not need a doctor.",
    ),
    "e1_5_what": ("The room was loud; I lost half of the talk.", "The bus comes once an hour."),
    "e1_6": (
        "More time for questions, less for slides.",
        "Send the notes the day before.",
        "Begin with the residents and not with the chair.",
        "A longer break: the best talks were over the tea.",
        "Nothing. Do it again.",
        "Say at the start when it will end.",
        "Somebody from a small council on the panel, too.",
        "Fewer abbreviations, please.",
    ),
    "change": (
        "Residents decide how the small grants are spent.",
        "A walking group that outlives the project money.",
        "Blood pressure checks where people already are: the barber, the mosque, the market.",
        "One form for housing and health instead of five.",
        "That somebody rings back.",
        "Damp homes reported by the midwife are dealt with in a week.",
    ),
    "hopes": ("To meet others who are stuck at the same place.", "I worry that it stays talk."),
    "access": ("Tell me the day before where I can park.", "Breaks, please."),
    "will_do": (
        "Hold three kitchen-table talks on the estate and write down what is said.",
        "Ask the surgery and the food bank to share one notice board.",
        "Bring two residents into the group that writes the strategy.",
        "Walk the ward with the director, on foot, in the rain.",
        "Give the youth panel a budget that is theirs.",
        "Stop one meeting, and spend the hour at the market instead.",
    ),
    "will_by": ("By the end of next month", "In spring, after the budget", "Before the summer holidays"),
    "will_first": (
        "I call the community centre.",
        "A walk through the ward with two residents.",
        "Ask my team who is in.",
    ),
    "will_help": ("Two people from this course.", "My manager, if I ask again.", "The tenants’ association."),
    "unsaid": (
        "That we have no money for any of it.",
        "I did not understand half of the abbreviations.",
        "Nothing. It was a kind round.",
    ),
    "stayed": (
        "How short the way was from the door to somebody who listens.",
        "The board by the entrance where residents write what they can lend each other.",
        "That the nurse and the caretaker have one diary.",
    ),
    "stands": ("Half a day a week that is mine for it.", "My director would have to see it with her own eyes."),
    "did": (
        "We moved the health checks into the library on market day, with the friends of the library.",
        "Four residents now sit on the panel that gives out the grants.",
        "The two surgeries and the advice centre share a worker for one day a week.",
        "The tenants’ association wrote the questions for our survey, and half of ours went.",
        "A walking group, with the leisure centre and the mental health team; thirty people by now.",
        "We pay residents for their time in all three workshops, with finance on board.",
        "Small: the letter about missed appointments no longer threatens anybody.",
    ),
    "shaped": (
        "Where and when the checks are held. We had planned the town hall.",
        "The questions. Half of ours went.",
        "Who sits on the panel: they chose two of the four themselves.",
        "Little so far, to be honest. They were asked when the money was already given out.",
        "The whole of the walking group, from the route to the tea.",
    ),
    "why": ("The post was frozen.", "My councillor wanted to see numbers first.", "It turned into something smaller."),
    "results": (
        "Nearly ninety people were checked who had not seen a doctor for two years.",
        "Fewer people miss their appointments.",
        "None that I can count yet; people come back, though.",
        "The grants went to groups that never had one.",
        "Two neighbouring councils have asked how we did it.",
        "My own team talks to residents without me.",
    ),
    "contribution_else": ("A new chief officer who cares.", "Money from the NHS."),
}

SHARE_OF_WRITERS = 0.8

Unsaid = Mapping[str, list[str]]
"""What nobody has said yet about an event, by question."""


def load(stage: Stage) -> None:
    alumna = stage.role("alumna").id
    moments = sorted([*_moments(stage), *_after_downloads(stage)], key=lambda due: due[1])
    for wave, moment in moments:
        then = replace(stage.work, now=moment)
        before = stage.work.session.scalar(select(func.max(Ask.id))) or 0
        surveys.ask_due(then, wave=wave, limit=ENOUGH)
        unsaid: dict[int, Unsaid] = defaultdict(partial(_shuffled, stage))
        rows = stage.work.session.execute(
            select(Ask, Questionnaire)
            .join(Questionnaire, Questionnaire.id == Ask.questionnaire_id)
            .where(Ask.id > before)
            .order_by(Ask.id)
        ).all()
        for row in rows:
            is_open = row.Ask.closes_at > stage.work.now
            chance = _chance(row.Ask)
            if chance.random() < 0.85 and not (is_open and row.Ask.person_id == alumna):  # noqa: PLR2004
                _answer(stage, chance, row.Ask, read_items(row.Questionnaire.items), unsaid[row.Ask.subject_id])
    for wave, moment in moments:
        _remind(stage, wave, moment)
    _speak_freely(stage)


def _remind(stage: Stage, wave: Wave, moment: datetime) -> None:
    """Those who never answered were reminded twice, by the service that the job calls."""
    for number, after in enumerate(surveys.ROUNDS[wave].reminders, start=1):
        if moment + after < stage.work.now:
            surveys.remind_due(replace(stage.work, now=moment + after), wave=wave, number=number, limit=ENOUGH)


def _moments(stage: Stage) -> Iterator[tuple[Wave, datetime]]:
    """Every moment until now at which questions about an event that is over fell due."""
    parts = select(Event.id, Event.kind, func.min(Part.starts_at).label("first"), func.max(Part.ends_at).label("last"))
    over = (
        parts.join(Part, Part.event_id == Event.id)
        .where(Event.state == EventState.PUBLISHED, Part.state == PartState.PLANNED)
        .group_by(Event.id)
        .having(func.max(Part.ends_at) < stage.work.now)
        .order_by(Event.id)
    )
    for event in stage.work.session.execute(over):
        if event.kind is EventKind.COHORT:
            yield Wave.BASELINE, event.first - WEEK
            for wave, plan in surveys.ROUNDS.items():
                if plan.months is not None and months_after(event.last, plan.months) <= stage.work.now:
                    yield wave, months_after(event.last, plan.months)
        for wave, plan in surveys.ROUNDS.items():
            if plan.after is not None and event.kind in plan.after.kinds:
                due = event.last + plan.after.since + timedelta(hours=1)
                if due <= stage.work.now:
                    yield wave, due


def _after_downloads(stage: Stage) -> Iterator[tuple[Wave, datetime]]:
    for wave, plan in surveys.ROUNDS.items():
        if plan.download is not None:
            what = taken(after=stage.work.now - timedelta(days=365))
            for at in stage.work.session.scalars(select(what.c.at).where(what.c.at <= stage.work.now - plan.download)):
                yield wave, at + plan.download


def _speak_freely(stage: Stage) -> None:
    """Asked by hand a month ago, after a webinar, and made anonymous since: nobody can tell who said what."""
    asked_at, code = stage.work.now - timedelta(days=30), "speaking-freely"
    then = replace(stage.work, now=asked_at)
    publish_questionnaire(then, code=code, title="Could you speak freely?", items=FREELY, mode=Mode.ANONYMOUS)
    event_id = stage.work.session.scalars(select(Event.id).where(Event.slug == SPOKE_AT)).one()
    closes_on = day_of(asked_at + timedelta(days=14))
    surveys.ask_by_hand(then, event_id=event_id, questionnaire=code, who=Among.ATTENDED, closes_on=closes_on)
    unsaid = _shuffled(stage)
    asked_now = select(Ask).where(Ask.wave == Wave.ONCE, Ask.subject_id == event_id).order_by(Ask.id)
    for ask in stage.work.session.scalars(asked_now).all():
        chance = _chance(ask)
        if chance.random() < 0.8:  # noqa: PLR2004
            _answer(stage, chance, ask, read_items(FREELY), unsaid)
    surveys.close_due(replace(stage.work, now=asked_at + timedelta(days=16)), limit=ENOUGH)


def _shuffled(stage: Stage) -> Unsaid:
    return {code: stage.chance.sample(words, len(words)) for code, words in WORDS.items()}


def _chance(ask: Ask) -> Random:
    """Of each ask its own: so a question more in one survey changes no answer to another."""
    return Random(f"1 {ask.id}")  # noqa: S311  an invented answer is no secret


def _answer(stage: Stage, chance: Random, ask: Ask, items: Sequence[Item], unsaid: Unsaid) -> None:
    """Within the days after; who would answer only tomorrow is silent today."""
    at = ask.opens_at + timedelta(hours=chance.uniform(1, 24 * 9))
    if at > stage.work.now:
        return
    then = replace(stage.work, now=at, actor=Actor(ask.person_id, via="link"))
    surveys.save_and_send(then, ask_id=ask.id, answers=_answers(chance, items, ask.wave, unsaid), seen=0)


def _answers(chance: Random, items: Sequence[Item], wave: Wave, unsaid: Unsaid) -> Mapping[str, Any]:
    """An answer to everything that is asked, and some words."""
    answers: dict[str, Any] = {}
    seen: set[str] = set()
    while new := [item for item in asked(items, answers) if item.code not in seen]:
        for item in new:
            seen.add(item.code)
            value = _value(chance, item, wave, unsaid.get(item.code, []))
            if value is not None:
                answers[item.code] = value
    if answers.get("e1_5") == "no":
        answers.pop("e1_5_what", None)
    return answers


def _value(chance: Random, item: Item, wave: Wave, unsaid: list[str]) -> Any:
    match item.kind:
        case Kind.SCALE | Kind.RATING | Kind.NUMBER:
            return _number(chance, item, wave)
        case Kind.CHOICES:
            return [option.value for option in item.options if chance.random() < 0.35] or None  # noqa: PLR2004
        case Kind.CHOICE:
            weights = (1, 9) if item.code == "e1_5" else [1] * len(item.options)
            return chance.choices(item.values, weights)[0]
        case _:
            return unsaid.pop() if unsaid and chance.random() < SHARE_OF_WRITERS else None


def _number(chance: Random, item: Item, wave: Wave) -> int:
    is_first = wave is Wave.BASELINE
    if item.code.startswith("then"):
        return chance.randint(0, 4)
    if item.kind is Kind.SCALE:
        least, most = CONFIDENCE.get(wave, (6, 10)) if item.code.startswith("se") else (6, 10)
        return chance.randint(least, most)
    if item.kind is Kind.RATING:
        return chance.choices(range(1, 6), (2, 3, 3, 2, 1) if is_first else (0, 0, 1, 6, 5))[0]
    return chance.randint(0, 3) if is_first else chance.choice([2, 4, 5, 6, 8, 12, 20])
