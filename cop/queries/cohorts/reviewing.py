"""Reads of the chair about the work of the panel: who is to score what, how far they are, and who reads too little.

Counts hold for all applications; which one is meant is told of those only that the acting chair may see.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import joinedload

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person, RoleGrant
from cop.models.cohorts import Application, ApplicationState, Assignment, Cohort, Review, ReviewState
from cop.models.surveys import Response
from cop.queries.cohorts.panel import (
    PANELLIST,
    Hidden,
    has_copy,
    has_scored,
    hidden_because,
    is_chair,
    is_readable,
    is_share_of,
)
from cop.queries.cohorts.preparing import version_of
from cop.queries.cohorts.scores import reviews
from cop.queries.cohorts.severity import Severity, severities


def version_of_reviewing(cohort: Cohort) -> str:
    return version_of(cohort.reviews_wanted, cohort.spread_flag, cohort.redacting)


def values_of(read: Reading, cohort: Cohort) -> dict[str, Any]:
    return {
        "cohort_id": cohort.event_id,
        "programme_id": cohort.event.programme_id,
        "panellist": read.actor.person_id,
    }


def only_chairs(read: Reading, cohort: Cohort) -> None:
    if not is_chair(read.actor, cohort.event):
        raise NotFound


@cache
def team_of_course() -> Subquery:
    """The people who are granted to score the course, each once."""
    covers = or_(
        RoleGrant.programme_id == bindparam("programme_id", type_=BigInteger()),
        RoleGrant.event_id == bindparam("cohort_id", type_=BigInteger()),
    )
    granted = exists().where(
        RoleGrant.person_id == Person.id,
        RoleGrant.role == Role.REVIEWER,
        RoleGrant.revoked_at.is_(None),
        covers,
    )
    return select(Person.id, Person.name, Person.public_id).where(granted.correlate(Person)).subquery("team")


def is_submitted() -> ColumnElement[bool]:
    of_course = Application.cohort_id == bindparam("cohort_id", type_=BigInteger())
    return and_(of_course, Application.state == ApplicationState.SUBMITTED)


@dataclass(frozen=True)
class Reviewer:
    """How far one reviewer is. ``theirs`` are the applications they are to score, ``unread`` those among them that
    nobody has looked through for names; ``hidden`` are those that they may not see, by reason.
    """

    person_id: int
    name: str
    may_see: int
    theirs: int
    unread: int
    drafts: int
    submitted: int
    last_at: datetime | None
    hidden: Mapping[Hidden, int]
    severity: Severity | None

    @property
    def left(self) -> int:
        """What they can score now and have not submitted."""
        return self.theirs - self.unread - self.submitted


@dataclass(frozen=True)
class Progress:
    """``short`` counts applications that lack a reviewer or, where nothing is shared out, a review.

    ``scored`` are those with as many reviews as are wanted (one, where no number is), ``looked_through`` those that
    somebody looked through for names. ``is_owing``: the acting chair has reviews of their own to submit, and learns
    nothing of how others score before that.
    """

    reviewers: Sequence[Reviewer]
    is_owing: bool
    applications: int
    scored: int
    reviews: int
    short: int
    looked_through: int

    @property
    def left(self) -> int:
        return sum(reviewer.left for reviewer in self.reviewers)


def progress(read: Reading, cohort: Cohort) -> Progress:
    """Everybody's work, in a few statements however much there is."""
    only_chairs(read, cohort)
    values = values_of(read, cohort)
    rows = read.session.execute(_work(), values).all()
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.id, []).append(row)
    mine = _reviewer(found[read.actor.person_id], {}) if read.actor.person_id in found else None
    is_owing = mine is not None and cohort.released_at is None and mine.submitted < mine.theirs
    known = {} if is_owing else severities(read, cohort)
    counts = read.session.execute(_counts(), {**values, "wanted": cohort.reviews_wanted or 1}).one()
    return Progress([_reviewer(of_one, known) for of_one in found.values()], is_owing, **counts._asdict())


def _reviewer(rows: Sequence[Any], known: Mapping[int, Severity]) -> Reviewer:
    seen = [row for row in rows if row.hidden is None and row.applications]
    theirs = [row for row in seen if row.shared]
    first, hidden = rows[0], Counter[Hidden]()
    for row in rows:
        if row.hidden is not None:
            hidden[Hidden(row.hidden)] += row.applications
    return Reviewer(
        person_id=first.id,
        name=first.name,
        may_see=sum(row.applications for row in seen),
        theirs=sum(row.applications for row in theirs),
        unread=sum(row.applications for row in theirs if not row.readable and row.state is not ReviewState.SUBMITTED),
        drafts=sum(row.applications for row in theirs if row.state is ReviewState.DRAFT),
        submitted=sum(row.applications for row in theirs if row.state is ReviewState.SUBMITTED),
        last_at=max((row.last_at for row in seen if row.last_at), default=None),
        hidden=hidden,
        severity=known.get(first.id),
    )


@cache
def _work() -> Select[*tuple[Any, ...]]:
    """How many applications of each sort there are for each reviewer; one empty row for whoever has none."""
    team = team_of_course()
    each = (
        select(
            team.c.id,
            hidden_because(team.c.id).label("hidden"),
            is_share_of(team.c.id).label("shared"),
            is_readable().label("readable"),
            Review.state,
            Review.saved_at,
            Application.id.label("application_id"),
        )
        .select_from(team)
        .join(Application, is_submitted())
        .join(Cohort, Cohort.event_id == Application.cohort_id)
        .join(Response, Response.id == Application.response_id)
        .outerjoin(Review, and_(Review.application_id == Application.id, Review.reviewer_id == team.c.id))
        .subquery("each")
    )
    sort = (each.c.hidden, each.c.shared, each.c.readable, each.c.state)
    return (
        select(
            team.c.id,
            team.c.name,
            *sort,
            func.count(each.c.application_id).label("applications"),
            func.max(each.c.saved_at).label("last_at"),
        )
        .select_from(team)
        .outerjoin(each, each.c.id == team.c.id)
        .group_by(team.c.id, team.c.name, *sort)
        .order_by(team.c.name, team.c.id)
    )


@cache
def _counts() -> Select[*tuple[Any, ...]]:
    each = (
        select(
            _readers().label("readers"),
            reviews().label("reviews"),
            has_copy().label("copied"),
            Cohort.reviews_wanted.is_(None).label("open"),
        )
        .select_from(Application)
        .join(Cohort, Cohort.event_id == Application.cohort_id)
        .join(Response, Response.id == Application.response_id)
        .where(is_submitted())
        .subquery("each")
    )
    wanted = bindparam("wanted", type_=BigInteger())
    lacks = case((each.c.open, each.c.reviews < wanted), else_=each.c.readers < wanted)
    return select(
        func.count().label("applications"),
        func.count().filter(each.c.reviews >= wanted).label("scored"),
        func.coalesce(func.sum(each.c.reviews), 0).label("reviews"),
        func.count().filter(lacks).label("short"),
        func.count().filter(each.c.copied).label("looked_through"),
    ).select_from(each)


def _reads() -> ColumnElement[bool]:
    """Whether an ``assignment`` is good: the review is in, or its reviewer is still on the panel without a conflict."""
    team = team_of_course()
    done = exists().where(
        Review.application_id == Assignment.application_id,
        Review.reviewer_id == Assignment.reviewer_id,
        Review.state == ReviewState.SUBMITTED,
    )
    still = exists().where(team.c.id == Assignment.reviewer_id)
    free = hidden_because(Assignment.__table__.c.reviewer_id).is_(None)
    return or_(done.correlate(Assignment), and_(still.correlate(Assignment), free))


def _readers() -> ColumnElement[int]:
    """How many people an ``application`` is shared out to who have scored it or can."""
    return (
        select(func.count())
        .select_from(Assignment)
        .where(Assignment.application_id == Application.id, _reads())
        .correlate(Application)
        .scalar_subquery()
    )


def waiting_for(read: Reading, *, event_id: int, person_id: int | None) -> tuple[Cohort, int] | None:
    """The course with its event, and how many applications one reviewer can score and has not, for a mail to them.

    None once the decisions are out, and for whoever does not score there.
    """
    found = select(Cohort).where(Cohort.event_id == event_id).options(joinedload(Cohort.event, innerjoin=True))
    cohort = read.session.scalars(found).one_or_none()
    if cohort is None or cohort.released_at is not None or person_id is None:
        return None
    values = {**values_of(read, cohort), "panellist": person_id}
    row = read.session.execute(_left(), values).one()
    return (cohort, row.left) if row.is_reviewer else None


@cache
def _left() -> Select[*tuple[Any, ...]]:
    team = team_of_course()
    left = (
        select(func.count())
        .select_from(Application)
        .join(Cohort, Cohort.event_id == Application.cohort_id)
        .join(Response, Response.id == Application.response_id)
        .where(is_submitted(), hidden_because().is_(None), is_share_of(), is_readable(), ~has_scored())
        .scalar_subquery()
    )
    return select(left.label("left"), exists().where(team.c.id == PANELLIST).label("is_reviewer"))


@dataclass(frozen=True)
class Reader:
    """Somebody who is to score one application; not ``is_good`` where they have left or have a conflict."""

    person_id: int
    name: str
    state: ReviewState | None
    is_good: bool


@dataclass(frozen=True)
class Spread:
    """One application and who scores it."""

    number: int
    readers: Sequence[Reader]

    @property
    def good(self) -> int:
        return sum(reader.is_good for reader in self.readers)

    @property
    def done(self) -> int:
        return sum(reader.state is ReviewState.SUBMITTED for reader in self.readers)


def shares(read: Reading, cohort: Cohort, *, short: bool = False, offset: int = 0, limit: int = 50) -> Sequence[Spread]:
    """Who is to score which application, in order of number, ``limit`` + 1 of them; ``short``: those that lack one."""
    only_chairs(read, cohort)
    values = {**values_of(read, cohort), "wanted": cohort.reviews_wanted or 1}
    listed = (
        select(Application.id, Application.number)
        .join(Cohort, Cohort.event_id == Application.cohort_id)
        .where(is_submitted(), hidden_because().is_(None))
        .order_by(Application.number)
        .offset(offset)
        .limit(limit + 1)
    )
    if short:
        listed = listed.where(_readers() < bindparam("wanted", type_=BigInteger()))
    rows = read.session.execute(listed, values).all()
    by_application: dict[int, list[Reader]] = {}
    for reader in read.session.execute(_readers_of(), {**values, "ids": [row.id for row in rows]}):
        told = reader._asdict()
        by_application.setdefault(told.pop("application_id"), []).append(Reader(**told))
    return [Spread(row.number, by_application.get(row.id, ())) for row in rows]


@cache
def _readers_of() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Assignment.application_id,
            Assignment.reviewer_id.label("person_id"),
            Person.name,
            Review.state,
            _reads().label("is_good"),
        )
        .join(Application, Application.id == Assignment.application_id)
        .join(Person, Person.id == Assignment.reviewer_id)
        .outerjoin(
            Review,
            and_(Review.application_id == Assignment.application_id, Review.reviewer_id == Assignment.reviewer_id),
        )
        .where(Assignment.application_id.in_(bindparam("ids", expanding=True)))
        .order_by(Assignment.application_id, Person.name, Person.id)
    )


@dataclass(frozen=True)
class Candidate:
    """Somebody of the panel beside one application: whether it is shared out to them, and why they may not see it."""

    person_id: int
    name: str
    theirs: int
    is_chosen: bool
    state: ReviewState | None
    hidden: Hidden | None

    @property
    def is_fixed(self) -> bool:
        """A review that was submitted stays with its author; whoever has a conflict gets nothing."""
        return self.state is ReviewState.SUBMITTED or self.hidden is not None


@dataclass(frozen=True)
class Choice:
    """Who could score one application, and who does."""

    application_id: int
    number: int
    candidates: Sequence[Candidate]

    @property
    def chosen(self) -> frozenset[int]:
        return frozenset(one.person_id for one in self.candidates if one.is_chosen)

    @property
    def version(self) -> str:
        return version_of(sorted(self.chosen), sorted(one.person_id for one in self.candidates if one.is_fixed))


def choice_of(read: Reading, cohort: Cohort, *, number: int) -> Choice:
    """The panel beside one application; NotFound where the acting chair has a conflict."""
    only_chairs(read, cohort)
    values = {**values_of(read, cohort), "number": number}
    found = read.session.execute(_one(), values).one_or_none()
    if found is None:
        raise NotFound
    rows = read.session.execute(_panel_beside(), {**values, "application_id": found.id})
    return Choice(
        found.id,
        number,
        [
            Candidate(**{**row._asdict(), "hidden": Hidden(row.hidden) if row.hidden is not None else None})
            for row in rows
        ],
    )


@cache
def _one() -> Select[int]:
    numbered = Application.number == bindparam("number", type_=BigInteger())
    return select(Application.id).where(is_submitted(), numbered, hidden_because().is_(None))


@cache
def _panel_beside() -> Select[*tuple[Any, ...]]:
    team = team_of_course()
    load = (
        select(func.count())
        .select_from(Assignment)
        .join(Application, Application.id == Assignment.application_id)
        .where(Assignment.reviewer_id == team.c.id, is_submitted())
        .correlate(team)
        .scalar_subquery()
    )
    own = and_(Review.application_id == Application.id, Review.reviewer_id == team.c.id)
    share = and_(Assignment.application_id == Application.id, Assignment.reviewer_id == team.c.id)
    return (
        select(
            team.c.id.label("person_id"),
            team.c.name,
            load.label("theirs"),
            Assignment.reviewer_id.is_not(None).label("is_chosen"),
            Review.state,
            hidden_because(team.c.id).label("hidden"),
        )
        .select_from(team)
        .join(Application, Application.id == bindparam("application_id", type_=BigInteger()))
        .outerjoin(Assignment, share)
        .outerjoin(Review, own)
        .order_by(team.c.name, team.c.id)
    )
