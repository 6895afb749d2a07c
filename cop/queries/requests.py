"""Reads of requests under data protection law: the register, one with its steps, one's own, and what is due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from cop.core import place
from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person, RoleGrant
from cop.models.privacy import PrivacyRequest, RequestKind, RequestState, RequestStep, RequestWay, StepKind

SOON = timedelta(days=7)
"""So long before it is due, a request waits on the desk."""

OPEN = (RequestState.OPEN, RequestState.STOPPED)


class Shown(StrEnum):
    """The lists of the register."""

    OPEN = "open"
    OVERDUE = "overdue"
    SOON = "soon"
    STOPPED = "stopped"
    CLOSED = "closed"
    ALL = "all"


@dataclass(frozen=True)
class Row:
    """One line of the register, without what was asked. ``is_late`` and ``is_soon`` leave out stopped clocks."""

    public_id: str
    kind: RequestKind
    state: RequestState
    came_by: RequestWay
    received_at: datetime
    due_on: date
    acknowledge_by: date | None
    acknowledged_at: datetime | None
    closed_at: datetime | None
    asker: str | None
    handler: str | None
    is_late: bool
    is_soon: bool


@dataclass(frozen=True)
class Step:
    at: datetime
    what: StepKind
    by: str | None
    note: str | None


@dataclass(frozen=True)
class Looked:
    """A request with all that staff need; ``known`` is a person who has the address that a stranger gave."""

    request: PrivacyRequest
    person: Person | None
    handler: Person | None
    steps: Sequence[Step]
    known: Person | None
    is_late: bool
    is_soon: bool


@dataclass(frozen=True)
class Waiting:
    """How many requests wait for the admins: late ones, those due soon, and those nobody has taken on."""

    late: int
    soon: int
    nobody: int


def register(
    read: Reading, *, shown: Shown = Shown.OPEN, kind: RequestKind | None = None, offset: int = 0, limit: int = 50
) -> Sequence[Row]:
    """A page of the register, ``limit`` + 1 rows: what is due first, stopped clocks after that, closed ones last."""
    _only_admins(read)
    handler = aliased(Person)
    late, soon = is_late(read), is_soon(read)
    ended = PrivacyRequest.closed_at.is_not(None)
    stopped = PrivacyRequest.state == RequestState.STOPPED
    found = (
        select(
            PrivacyRequest.public_id,
            PrivacyRequest.kind,
            PrivacyRequest.state,
            PrivacyRequest.came_by,
            PrivacyRequest.received_at,
            PrivacyRequest.due_on,
            PrivacyRequest.acknowledge_by,
            PrivacyRequest.acknowledged_at,
            PrivacyRequest.closed_at,
            Person.name.label("of_record"),
            PrivacyRequest.name,
            handler.name.label("handler"),
            late.label("is_late"),
            soon.label("is_soon"),
        )
        .outerjoin(Person, Person.id == PrivacyRequest.person_id)
        .outerjoin(handler, handler.id == PrivacyRequest.handler_id)
        .where(*_list(read, shown))
        .order_by(
            case((ended, 2), (stopped, 1), else_=0),
            case((~ended, _next_day())),
            PrivacyRequest.closed_at.desc(),
            PrivacyRequest.id,
        )
        .offset(offset)
        .limit(limit + 1)
    )
    if kind is not None:
        found = found.where(PrivacyRequest.kind == kind)
    return [
        Row(*row[:9], asker=row.of_record or row.name, handler=row.handler, is_late=row.is_late, is_soon=row.is_soon)
        for row in read.session.execute(found)
    ]


def counts(read: Reading) -> Mapping[Shown, int]:
    """How many requests are in each list."""
    _only_admins(read)
    columns = [func.count().filter(and_(True, *_list(read, shown))).label(shown) for shown in Shown]
    return dict(zip(Shown, read.session.execute(select(*columns).select_from(PrivacyRequest)).one(), strict=True))


def one(read: Reading, *, public_id: str) -> Looked:
    """A request for those who deal with it; NotFound for everybody else."""
    _only_admins(read)
    handler, twin = aliased(Person), aliased(Person)
    row = read.session.execute(
        select(PrivacyRequest, Person, handler, is_late(read), is_soon(read))
        .outerjoin(Person, Person.id == PrivacyRequest.person_id)
        .outerjoin(handler, handler.id == PrivacyRequest.handler_id)
        .where(PrivacyRequest.public_id == public_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    request, person, dealt_by, late, soon = row
    known = select(twin).where(twin.email == request.email, twin.merged_into.is_(None)) if request.email else None
    return Looked(
        request,
        person,
        dealt_by,
        _steps(read, request.id),
        read.session.scalars(known).one_or_none() if known is not None else None,
        late,
        soon,
    )


def _steps(read: Reading, request_id: int) -> Sequence[Step]:
    found = (
        select(RequestStep.at, RequestStep.what, Person.name, RequestStep.note)
        .outerjoin(Person, Person.id == RequestStep.by_person_id)
        .where(RequestStep.request_id == request_id)
        .order_by(RequestStep.id)
    )
    return [Step(*row) for row in read.session.execute(found)]


def own(read: Reading, *, offset: int = 0, limit: int = 50) -> Sequence[PrivacyRequest]:
    """What the acting person asked for, the newest first, ``limit`` + 1 of them."""
    if read.actor.person_id is None:
        raise NotFound
    mine = select(PrivacyRequest).where(PrivacyRequest.person_id == read.actor.person_id)
    return read.session.scalars(mine.order_by(PrivacyRequest.id.desc()).offset(offset).limit(limit + 1)).all()


def own_one(read: Reading, *, public_id: str) -> tuple[PrivacyRequest, Sequence[Step]]:
    """A request of the acting person with the steps that they were told of; NotFound for anybody else's."""
    if read.actor.person_id is None:
        raise NotFound
    mine = select(PrivacyRequest).where(
        PrivacyRequest.public_id == public_id, PrivacyRequest.person_id == read.actor.person_id
    )
    request = read.session.scalars(mine).one_or_none()
    if request is None:
        raise NotFound
    kept_inside = (StepKind.NOTED, StepKind.GIVEN)
    return request, [step for step in _steps(read, request.id) if step.what not in kept_inside]


def handlers(read: Reading) -> Sequence[Person]:
    """The admins of everything, by name."""
    return read.session.scalars(_admins().order_by(Person.name, Person.id)).all()


def _admins() -> Select[Person]:
    everything = (RoleGrant.programme_id, RoleGrant.event_id, RoleGrant.organisation_id)
    held = select(RoleGrant.person_id).where(
        RoleGrant.role == Role.ADMIN, RoleGrant.revoked_at.is_(None), *(column.is_(None) for column in everything)
    )
    return select(Person).where(Person.id.in_(held), Person.merged_into.is_(None))


def waiting(read: Reading) -> Waiting:
    """What the desk tells admins of; for others nothing waits."""
    if not read.actor.is_admin():
        return Waiting(0, 0, 0)
    late, soon = is_late(read), is_soon(read)
    found = select(
        func.count().filter(late),
        func.count().filter(soon),
        func.count().filter(PrivacyRequest.handler_id.is_(None)),
    ).where(PrivacyRequest.state.in_(OPEN))
    return Waiting(*read.session.execute(found).one())


def next_day(request: PrivacyRequest) -> date | None:
    """The next day that counts: to acknowledge a complaint, or to answer. None while no clock runs."""
    if request.state is not RequestState.OPEN:
        return None
    if request.acknowledge_by is not None and request.acknowledged_at is None:
        return min(request.acknowledge_by, request.due_on)
    return request.due_on


def to_remind(read: Reading) -> Sequence[PrivacyRequest]:
    """Requests that are late or due soon."""
    near = select(PrivacyRequest).where(or_(is_late(read), is_soon(read)))
    return read.session.scalars(near.order_by(PrivacyRequest.id)).all()


def is_late(read: Reading) -> ColumnElement[bool]:
    """Whether the day has passed on which it was to be answered, or acknowledged; while the clock stands still, no."""
    today = place.day_of(read.now)
    return and_(
        _runs(), or_(PrivacyRequest.due_on < today, and_(_unacknowledged(), PrivacyRequest.acknowledge_by < today))
    )


def is_soon(read: Reading) -> ColumnElement[bool]:
    """Whether such a day is within SOON, and none has passed."""
    last = place.day_of(read.now) + SOON
    near = or_(PrivacyRequest.due_on <= last, and_(_unacknowledged(), PrivacyRequest.acknowledge_by <= last))
    return and_(_runs(), near, ~is_late(read))


def _runs() -> ColumnElement[bool]:
    return PrivacyRequest.state == RequestState.OPEN


def _unacknowledged() -> ColumnElement[bool]:
    return and_(PrivacyRequest.acknowledge_by.is_not(None), PrivacyRequest.acknowledged_at.is_(None))


def _next_day() -> ColumnElement[date]:
    """The next day that counts: to acknowledge a complaint, or to answer."""
    return case(
        (_unacknowledged(), func.least(PrivacyRequest.acknowledge_by, PrivacyRequest.due_on)),
        else_=PrivacyRequest.due_on,
    )


def _list(read: Reading, shown: Shown) -> tuple[ColumnElement[bool], ...]:
    match shown:
        case Shown.OPEN:
            return (PrivacyRequest.state.in_(OPEN),)
        case Shown.OVERDUE:
            return (is_late(read),)
        case Shown.SOON:
            return (is_soon(read),)
        case Shown.STOPPED:
            return (PrivacyRequest.state == RequestState.STOPPED,)
        case Shown.CLOSED:
            return (PrivacyRequest.closed_at.is_not(None),)
        case Shown.ALL:
            return ()


def _only_admins(read: Reading) -> None:
    if not read.actor.is_admin():
        raise NotFound
