"""Reports for funders: those of a programme, one of them, and the one before it.

They hold nothing but what an evaluator may see, so whoever reads the evaluation of a programme reads them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from cop.core.access import Actor, Grant, Role
from cop.core.errors import NotFound
from cop.core.work import Read, Reading
from cop.models.accounts import Person
from cop.models.evidence import FunderReport
from cop.models.programmes import Programme
from cop.queries import coding, evaluation
from cop.queries.evaluation import READERS
from cop.queries.surveys.results import Use


@dataclass(frozen=True)
class Listed:
    """A report in the list; ``made_by`` is the name of whoever made it."""

    public_id: str
    title: str
    as_of: date
    made_at: datetime
    made_by: str | None
    withdrawn_at: datetime | None


def listed(read: Reading, programme: Programme, *, offset: int = 0, limit: int = 20) -> Sequence[Listed]:
    """The reports of a programme, the latest first; ``limit`` + 1 of them."""
    if not read.actor.may(*READERS, programme_id=programme.id):
        raise NotFound
    found = (
        select(
            FunderReport.public_id,
            FunderReport.title,
            FunderReport.as_of,
            FunderReport.made_at,
            Person.name,
            FunderReport.withdrawn_at,
        )
        .outerjoin(Person, Person.id == FunderReport.made_by)
        .where(FunderReport.programme_id == programme.id)
        .order_by(FunderReport.id.desc())
    )
    return [Listed(*row) for row in read.session.execute(found.offset(offset).limit(limit + 1))]


def one(read: Reading, *, public_id: str, lock: bool = False) -> FunderReport:
    """A report with its content. With ``lock`` nobody else writes it meanwhile."""
    found = select(FunderReport).where(FunderReport.public_id == public_id)
    report = read.session.scalars(found.with_for_update() if lock else found).one_or_none()
    if report is None or not read.actor.may(*READERS, programme_id=report.programme_id):
        raise NotFound
    return report


def before(read: Reading, report: FunderReport) -> FunderReport | None:
    """The report of the same programme that was made before this one and still stands."""
    earlier = select(FunderReport).where(
        FunderReport.programme_id == report.programme_id,
        FunderReport.id < report.id,
        FunderReport.withdrawn_at.is_(None),
    )
    return read.session.scalars(earlier.order_by(FunderReport.id.desc()).limit(1)).one_or_none()


def programme_of(read: Reading, slug: str | None) -> Programme:
    """The programme of that slug whose evaluation the actor reads; the first of them without one."""
    for programme in evaluation.programmes(read):
        if slug in {None, "", programme.slug}:
            return programme
    raise NotFound


GIVEN = (Use.ANONYMOUS, Use.COUNCIL, Use.NAME)
"""What people can allow, from the least to the most."""


@dataclass(frozen=True)
class Quote:
    """Words that a report may show today; ``by`` is empty where nobody may be told."""

    words: str
    by: str
    from_what: str


def quotations(read: Reading, report: FunderReport) -> Mapping[int, Quote]:
    """The words behind the quotations of a report that may be shown today, by the number of the quotation.

    A report holds none of them itself. Nobody is told more of who said them than was allowed on the day of the report,
    nor more than is allowed today: who takes an answer back takes it out of every report.
    """
    allowed_then = {
        number: Use(use)
        for section in report.content["sections"]
        for part in section["parts"]
        if part["kind"] == "quotations"
        for number, use in part["ids"]
    }
    if not allowed_then:
        return {}
    programme = read.session.get_one(Programme, report.programme_id)
    found = coding.quotations(for_outsiders(read, programme), programme)
    return {
        one.id: Quote(one.words, _by(one, allowed_then[one.id]), one.from_what)
        for one in found
        if one.id in allowed_then
    }


def _by(one: coding.Quoted, then: Use) -> str:
    if GIVEN.index(then) >= GIVEN.index(one.use):
        return one.by
    return one.organisation if then is Use.COUNCIL else ""


def for_outsiders(read: Reading, programme: Programme) -> Reading:
    """The same reading for somebody who may see what an evaluator of the programme sees, whoever asks."""
    if not read.actor.may(*READERS, programme_id=programme.id):
        raise NotFound
    return Read(read.session, read.now, Actor(None, (Grant(Role.EVALUATOR, programme.id),)))
