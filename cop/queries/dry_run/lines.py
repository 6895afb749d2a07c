"""The lines of a dry run: one message to some people at one moment."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Text, func, select, type_coerce, union_all
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by

from cop.core import place, working_hours
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.core.working_hours import next_working_moment
from cop.models.accounts import Person
from cop.models.base import UtcDateTime
from cop.models.events import Event, EventState
from cop.models.surveys import Wave
from cop.models.telling import MessageRule
from cop.queries import staff_events
from cop.queries.dry_run.sources import Asking, all_sources, supporters

NAMES_SHOWN = 50
LINES_MOST = 400
"""So many lines are worked out; what is later than those is left out."""


@dataclass(frozen=True)
class Line:
    """One message that goes to ``count`` people at ``at``.

    ``what`` is its kind as the service knows it, and ``which`` says which of those: how long before, or the wave of a
    survey; ``reminder`` is the number of a survey's reminder. ``rule`` is what sends it, where staff wrote it. With
    ``at_most``, fewer may get it.

    ``wanted`` is the moment to which it belongs: ``at`` is later where it waits for working hours. ``people`` are their
    ids, those of the ``stand_ins`` too, who are not counted. ``template`` and ``params`` are those of the message to
    ``first``, the first of them about whom all is there that it tells; ``params`` is None where nothing is there yet.
    With ``is_overdue`` its moment has passed.
    """

    at: datetime
    what: str
    which: str
    rule: MessageRule | None
    reminder: int
    count: int
    names: Sequence[str]
    at_most: bool
    wanted: datetime
    template: str
    first: int | None = None
    params: Mapping[str, Any] | None = None
    people: frozenset[int] = frozenset()
    stand_ins: Sequence[int] = ()
    is_overdue: bool = False

    @property
    def on(self) -> date:
        return place.day_of(self.at)

    @property
    def is_quiet(self) -> bool:
        """Whether it comes when people should be left in peace."""
        return working_hours.is_quiet(self.at)

    @property
    def waits(self) -> bool:
        return self.at > self.wanted

    @property
    def key(self) -> str:
        """What tells it from the others of an event in an address."""
        rule = f"-{self.rule.id}" if self.rule else ""
        which = f"-{self.which.replace(' ', '-')}" if self.which and not self.rule else ""
        number = f"-{self.reminder}" if self.reminder else ""
        return f"{self.what}{rule}{which}{number}"


def dry_run(
    read: Reading, event: Event, rounds: Mapping[Wave, Asking], *, stand_ins: Collection[int] = ()
) -> Sequence[Line]:
    """All that will go out about the event, the next first; for those who may change it.

    ``rounds`` says when surveys ask. Nothing goes out about what is not published. ``stand_ins`` are ids of people who
    are there only to show what somebody like them would get.
    """
    if not staff_events.may_edit(read.actor, event):
        raise NotFound
    if event.state is not EventState.PUBLISHED:
        return []
    rules = read.session.scalars(select(MessageRule).where(MessageRule.event_id == event.id, MessageRule.active)).all()
    rows = union_all(*all_sources(read, event, rules, rounds)).subquery("rows")
    at = func.date_trunc("minute", rows.c.at)
    is_real = rows.c.person_id.not_in(list(stand_ins))
    by_name = aggregate_order_by(Person.name, Person.name, Person.id)
    names = func.array_agg(by_name, type_=ARRAY(Text)).filter(is_real)[1:NAMES_SHOWN]
    first = (~is_real, rows.c.params.is_(None), Person.name, Person.id)
    found = (
        select(
            rows.c.what,
            rows.c.template,
            type_coerce(at, UtcDateTime()).label("at"),
            func.min(rows.c.until),
            func.bool_or(rows.c.at_most),
            rows.c.routine,
            func.count().filter(is_real),
            names,
            func.array_agg(rows.c.person_id, type_=ARRAY(BigInteger)),
            func.array_agg(rows.c.person_id, type_=ARRAY(BigInteger)).filter(~is_real),
            func.array_agg(aggregate_order_by(rows.c.person_id, *first), type_=ARRAY(BigInteger))[1],
            func.array_agg(aggregate_order_by(rows.c.params, *first), type_=ARRAY(JSONB))[1],
            func.bool_or(rows.c.overdue),
        )
        .join(Person, Person.id == rows.c.person_id)
        .group_by(rows.c.what, rows.c.template, at, rows.c.routine)
        .order_by(at, rows.c.what)
        .limit(LINES_MOST)
    )
    by_id = {str(rule.id): rule for rule in rules}
    lines = [
        Line(
            at=_leaves_at(moment, until) if routine else moment,
            wanted=moment,
            template=template,
            count=count,
            names=shown or (),
            at_most=at_most,
            people=frozenset(people),
            stand_ins=sorted(stands_in or ()),
            first=one,
            params=params,
            is_overdue=overdue,
            **_said(by_id, what),
        )
        for what, template, moment, until, at_most, routine, count, shown, people, stands_in, one, params, overdue in (
            read.session.execute(found)
        )
    ]
    return sorted([*lines, *_to_supporters(read, event)], key=lambda line: (line.at, line.what))


def _to_supporters(read: Reading, event: Event) -> Sequence[Line]:
    """Those asked to support an application are reminded at one moment, all of them."""
    found = read.session.execute(supporters(read, event)).all()
    if not found:
        return []
    at = found[0].at
    what = "endorsement_reminder"
    names = [row.name for row in found[:NAMES_SHOWN]]
    return [Line(at, what, "", None, 0, len(found), names, at_most=True, wanted=at, template=what)]


def _leaves_at(moment: datetime, until: datetime | None) -> datetime:
    """When something routine leaves: in working hours, or at its moment where it would be of no use by then.

    :func:`is_pressing` is asked now, and knows the next working hours only.
    """
    at = next_working_moment(moment)
    return moment if until is not None and until <= at else at


def _said(rules: Mapping[str, MessageRule], what: str) -> Mapping[str, Any]:
    """What a line says of the source that it comes from."""
    kind, _colon, which = what.partition(":")
    which, _colon, number = which.partition(":")
    return {"what": kind, "which": which, "rule": rules.get(which), "reminder": int(number or 0)}
