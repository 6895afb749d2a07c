"""How far whom a course's applications came: what the counting for equality counts, and what readers of it see.

Of the answers to the equality questions everybody sees the same: what was counted once for each step, and stored
without all that could tell of somebody (:mod:`cop.algorithms.disclosing`). Sector, region and membership come from the
day of application; those who may see the applications anyway see them as they are, evaluators by the same rule, once
the course has begun: until then somebody may take a place, and files tell of whoever did.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import ColumnElement, Float, and_, cast, exists, false, func, or_, select
from sqlalchemy.orm import contains_eager

from cop.algorithms.disclosing import Earlier, Shown, Step, joined, show
from cop.core.access import EVENT_EDITORS, SURVEY_READERS
from cop.core.equality import NOT_SAID, SETS, Rung, Topic
from cop.core.errors import NotFound, marked
from cop.core.work import Reading
from cop.models.accounts import Sector
from cop.models.cohorts import (
    Application,
    Cohort,
    Decision,
    DecisionOutcome,
    EqualityCount,
    EqualityStage,
)
from cop.models.events import Event, EventKind, EventState, Part, PartState
from cop.models.offers import Offer, OfferState
from cop.models.organisations import Membership
from cop.models.regions import Region
from cop.queries import retention
from cop.queries.alumni import alumni
from cop.queries.cohorts.scores import mean, moderated
from cop.queries.retention import EQUALITY_AT_MOST

APPLICANTS_LEAST = 30
"""With fewer applicants nothing is counted by group."""

NOT_KNOWN = marked("Not known")

EVERYBODY = "everybody"
"""The “question” under which the whole of each step is stored."""


@dataclass(frozen=True)
class Moments:
    """When a course's steps do not change any more. ``kept`` says how long after it the answers are kept."""

    closed_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    kept: timedelta

    @property
    def forget_at(self) -> datetime:
        return min((self.ended_at or self.closed_at) + self.kept, self.closed_at + EQUALITY_AT_MOST)

    def settled(self, *, has_threshold: bool, now: datetime) -> Sequence[EqualityStage]:
        """The steps that are final by now: a count of them can never be held against another of the same step."""
        found = [EqualityStage.APPLIED] if self.closed_at <= now else []
        if self.began_at is not None and self.began_at <= now:
            found += [EqualityStage.APPOINTABLE] if has_threshold else []
            found += [EqualityStage.OFFERED, EqualityStage.ACCEPTED]
            if self.forget_at <= now:
                found.append(EqualityStage.COMPLETED)
        return found


def moments(read: Reading, event: Event) -> Moments | None:
    """None for a call that has no close yet."""
    if event.closes_at is None:
        return None
    planned = select(func.min(Part.starts_at), func.max(Part.ends_at)).where(
        Part.event_id == event.id, Part.state == PartState.PLANNED
    )
    began_at, ended_at = read.session.execute(planned).one()
    return Moments(event.closes_at, began_at, ended_at, retention.kept(read, "equality"))


@dataclass(frozen=True)
class Reached:
    """One application by how far it came. Whoever came further passed the steps before."""

    id: int
    sector: Sector | None
    region: str | None
    membership: Membership | None
    newer_member: bool | None
    stages: frozenset[EqualityStage]


def reached(read: Reading, cohort: Cohort, *, applied_by: datetime, accepted_by: datetime) -> Sequence[Reached]:
    """Everybody who had applied by then, and had not withdrawn; accepting counts until its own instant."""
    done = alumni().subquery("done")
    offered = exists().where(Offer.application_id == Application.id)
    accepted = offered.where(Offer.state == OfferState.ACCEPTED, Offer.ended_at <= accepted_by)
    completed = exists().where(done.c.person_id == Application.person_id, done.c.event_id == Application.cohort_id)
    chosen = Decision.outcome.in_([DecisionOutcome.OFFER, DecisionOutcome.RESERVE])
    rows = read.session.execute(
        select(
            Application.id,
            Application.sector,
            Application.region,
            Application.membership,
            Application.newer_member,
            offered.label("offered"),
            accepted.label("accepted"),
            completed.label("completed"),
            or_(func.coalesce(chosen, False), _is_good_enough(cohort)).label("appointable"),
        )
        .outerjoin(Decision, and_(Decision.application_id == Application.id, Decision.released_at.is_not(None)))
        .where(
            Application.cohort_id == cohort.event_id,
            Application.submitted_at <= applied_by,
            or_(Application.withdrawn_at.is_(None), Application.withdrawn_at > applied_by),
        )
        .order_by(Application.id),
        {"now": read.now},
    ).all()
    found = []
    for row in rows:
        stages = {EqualityStage.APPLIED}
        if row.offered or row.appointable:
            stages.add(EqualityStage.APPOINTABLE)
        for stage, is_reached in (
            (EqualityStage.OFFERED, row.offered),
            (EqualityStage.ACCEPTED, row.accepted),
            (EqualityStage.COMPLETED, row.accepted and row.completed),
        ):
            if is_reached:
                stages.add(stage)
        found.append(Reached(row.id, row.sector, row.region, row.membership, row.newer_member, frozenset(stages)))
    return found


def _is_good_enough(cohort: Cohort) -> ColumnElement[bool]:
    if cohort.threshold is None:
        return false()
    score = func.coalesce(cast(moderated(), Float), mean())
    return func.coalesce(score >= cohort.threshold, False)


def counted_at(read: Reading, cohort: Cohort) -> Mapping[EqualityStage, datetime]:
    """Which steps were counted, and when."""
    told = select(EqualityCount.stage, EqualityCount.counted_at).where(
        EqualityCount.cohort_id == cohort.event_id, EqualityCount.question == EVERYBODY
    )
    return {row.stage: row.counted_at for row in read.session.execute(told)}


@dataclass(frozen=True)
class Line:
    """One group over the steps; None where the number is not shown."""

    words: str
    people: Sequence[int | None]


@dataclass(frozen=True)
class Funnel:
    """One thing by which people are counted, at each of the ``steps``."""

    code: str
    title: str
    ladder: Sequence[Rung]
    steps: Sequence[Earlier]
    otherwise: str
    """What those are called who are in no group."""

    @cached_property
    def lines(self) -> Sequence[Line]:
        """The finest groups that are shown anywhere, then the joined ones, then those who did not say."""
        shown = [step.shown for step in self.steps]
        numbers = [step.rung for step in shown if step is not None]
        if not numbers:
            return []
        found: dict[str, Line] = {}
        for number in range(min(numbers), max(numbers) + 1):
            for group, words in self.ladder[number].words.items():
                found.setdefault(group, Line(words, [self._people(step, group, number) for step in shown]))
        not_said = Line(self.otherwise, [step.not_said if step is not None else None for step in shown])
        return [*found.values(), not_said] if any(not_said.people) else list(found.values())

    def _people(self, step: Shown | None, group: str, number: int) -> int | None:
        """How many of a group there are at a step: what is not joined with others has one name on all rungs."""
        if step is None:
            return None
        return joined(step, self.ladder, number)[group] if step.rung <= number else step.groups.get(group)


@dataclass(frozen=True)
class Fairness:
    """``totals`` of all ``stages``, empty as long as nothing is there to be seen; ``is_exact`` is about the
    ``attributes``, never about ``equality``.
    """

    cohort: Cohort
    is_exact: bool
    stages: Sequence[EqualityStage]
    totals: Sequence[int]
    attributes: Sequence[Funnel]
    counted: Sequence[EqualityStage]
    equality: Sequence[Funnel]
    moments: Moments | None


def fairness(read: Reading, *, slug: str) -> Fairness:
    """The funnels of one course, for its chair, evaluators and admins."""
    cohort = _course(read, slug)
    event = cohort.event
    is_exact = read.actor.may(*EVENT_EDITORS, programme_id=event.programme_id, event_id=event.id)
    known = moments(read, event)
    if known is None or known.closed_at > read.now:
        return Fairness(cohort, is_exact, [], [], [], [], [], known)
    everything = [
        stage for stage in EqualityStage if cohort.threshold is not None or stage is not EqualityStage.APPOINTABLE
    ]
    settled = known.settled(has_threshold=cohort.threshold is not None, now=read.now)
    stages = everything if is_exact and cohort.released_at is not None else settled
    people = reached(read, cohort, applied_by=known.closed_at, accepted_by=read.now)
    counted, equality = stored(read, cohort)
    if not is_exact and len(people) < APPLICANTS_LEAST:
        return Fairness(cohort, is_exact, [], [], [], counted, equality, known)
    totals = [sum(stage in person.stages for person in people) for stage in stages]
    is_settled = is_exact or EqualityStage.ACCEPTED in stages
    attributes = [_attribute(code, people, stages, is_exact=is_exact) for code in ATTRIBUTES] if is_settled else []
    return Fairness(cohort, is_exact, stages, totals, attributes, counted, equality, known)


def _course(read: Reading, slug: str) -> Cohort:
    found = select(Cohort).join(Cohort.event).where(Event.slug == slug, Event.kind == EventKind.COHORT)
    cohort = read.session.scalars(found.options(contains_eager(Cohort.event))).one_or_none()
    if cohort is None or cohort.event.state is EventState.DRAFT:
        raise NotFound
    if not read.actor.may(*SURVEY_READERS, programme_id=cohort.event.programme_id, event_id=cohort.event_id):
        raise NotFound
    return cohort


def _each(words: Mapping[str, str]) -> Rung:
    """A step of a ladder on which each of the finest groups stands for itself."""
    return Rung({str(group): said for group, said in words.items()}, {str(group): str(group) for group in words})


def _joined(*groups: tuple[str, str, Iterable[str]]) -> Rung:
    return Rung(
        {group: words for group, words, _members in groups},
        {str(member): group for group, _words, members in groups for member in members},
    )


ATTRIBUTES: Mapping[str, tuple[str, Callable[[Reached], str | None], tuple[Rung, ...]]] = {
    "sector": (
        marked("Sector"),
        lambda person: person.sector,
        (
            _each(
                {
                    Sector.RESIDENT: marked("Residents"),
                    Sector.COUNCIL_OFFICER: marked("Council officers"),
                    Sector.COUNCILLOR: marked("Councillors"),
                    Sector.VCSE: marked("Voluntary and community sector"),
                    Sector.HEALTH: marked("Health"),
                    Sector.OTHER_PUBLIC_SERVICE: marked("Other public services"),
                    Sector.BUSINESS: marked("Business"),
                }
            ),
            _joined(
                ("residents", marked("Residents"), [Sector.RESIDENT]),
                ("councils", marked("Councils"), [Sector.COUNCIL_OFFICER, Sector.COUNCILLOR]),
                (
                    "partners",
                    marked("All partners together"),
                    [Sector.VCSE, Sector.HEALTH, Sector.OTHER_PUBLIC_SERVICE, Sector.BUSINESS],
                ),
            ),
        ),
    ),
    "region": (
        marked("Region or nation"),
        lambda person: person.region,
        (
            _each({region: region for region in Region}),
            _joined(
                (
                    "north",
                    marked("The North"),
                    [Region.NORTH_EAST, Region.NORTH_WEST, Region.YORKSHIRE_AND_THE_HUMBER],
                ),
                (
                    "midlands",
                    marked("The Midlands and the East"),
                    [Region.EAST_MIDLANDS, Region.WEST_MIDLANDS, Region.EAST_OF_ENGLAND],
                ),
                ("south", marked("London and the South"), [Region.LONDON, Region.SOUTH_EAST, Region.SOUTH_WEST]),
                (
                    "nations",
                    marked("Scotland, Wales and Northern Ireland"),
                    [Region.SCOTLAND, Region.WALES, Region.NORTHERN_IRELAND],
                ),
            ),
        ),
    ),
    "membership": (
        marked("Membership of the network"),
        lambda person: person.membership,
        (
            _each(
                {
                    Membership.FULL: marked("Full members"),
                    Membership.ASSOCIATE: marked("Associates"),
                    Membership.AFFILIATE: marked("Affiliates"),
                    Membership.SUPPORTER: marked("Supporters"),
                }
            ),
            _joined(
                ("full", marked("Full members"), [Membership.FULL]),
                (
                    "others",
                    marked("All other members together"),
                    [Membership.ASSOCIATE, Membership.AFFILIATE, Membership.SUPPORTER],
                ),
            ),
        ),
    ),
    "newer": (
        marked("Newer members"),
        lambda person: None if person.newer_member is None else "newer" if person.newer_member else "longer",
        (_each({"newer": marked("Newer members"), "longer": marked("Longer-standing members")}),),
    ),
}
"""What is known from the day of application: its title, in which group somebody is, and the ladder of groups."""


def _attribute(code: str, people: Sequence[Reached], stages: Sequence[EqualityStage], *, is_exact: bool) -> Funnel:
    """Evaluators have files that tell who those were who took a place: the others must not be what is left."""
    title, group_of, ladder = ATTRIBUTES[code]

    def step_of(stage: EqualityStage) -> Step:
        groups = [group_of(person) for person in people if stage in person.stages]
        return Step(len(groups), Counter(group for group in groups if group is not None))

    found: list[Earlier] = []
    for stage in stages:
        step = step_of(stage)
        known = None if stage is EqualityStage.COMPLETED else step_of(EqualityStage.ACCEPTED)
        as_it_is = Shown(step.whole, 0, ladder[0].gather(step.finest))
        found.append(Earlier(step.whole, as_it_is if is_exact else show(step, ladder, found, known)))
    return Funnel(code, title, ladder, found, NOT_KNOWN)


TOPICS: Mapping[str, Topic] = {topic.code: topic for version in SETS.values() for topic in version.topics}


def stored(read: Reading, cohort: Cohort) -> tuple[Sequence[EqualityStage], Sequence[Funnel]]:
    """The steps that were counted for equality, and what may be seen of each topic."""
    rows = read.session.scalars(select(EqualityCount).where(EqualityCount.cohort_id == cohort.event_id)).all()
    wholes = {row.stage: row.people for row in rows if row.question == EVERYBODY}
    stages = [stage for stage in EqualityStage if stage in wholes]
    kept: dict[tuple[str, EqualityStage], dict[str, int]] = {}
    for row in rows:
        if row.people is not None:
            kept.setdefault((row.question, row.stage), {})[row.group] = row.people
    asked = {row.question for row in rows}
    return stages, [
        Funnel(
            topic.code,
            topic.title,
            topic.ladder,
            [_as_shown(topic, wholes[stage] or 0, kept.get((topic.code, stage))) for stage in stages],
            NOT_SAID,
        )
        for topic in TOPICS.values()
        if topic.code in asked
    ]


def _as_shown(topic: Topic, whole: int, groups: Mapping[str, int] | None) -> Earlier:
    if groups is None:
        return Earlier(whole, None)
    number = next(number for number, step in enumerate(topic.ladder) if step.words.keys() == groups.keys())
    return Earlier(whole, Shown(whole, number, groups))
