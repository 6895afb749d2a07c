"""Rows are locked in one order everywhere: the event, then its days, then its parts, each by id."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import immediateload

from cop.core.errors import NotFound
from cop.core.work import Work
from cop.models.events import DayLimit, Event, Part
from cop.models.waiting import Waiting
from cop.queries.waiting import LIVE


class _CountedMeanwhile(Exception):  # noqa: N818  undoes a savepoint, and is never seen outside
    pass


def lock_event(work: Work, event_id: int) -> Event:
    """Lock the event against changes; exclusively only where its own capacity is counted or somebody waits, so that
    bookings of other events do not wait for one another.

    Where staff set the first limit, or the first joined the waiting list, while we waited for the shared lock, that
    lock is given back before the exclusive one is asked for: two who shared it would block each other for ever.
    """
    locked = select(Event).where(Event.id == event_id).execution_options(populate_existing=True)
    counted = select(or_(Event.capacity.is_not(None), _waited_for())).where(Event.id == event_id)
    is_counted = work.session.execute(counted).scalar_one_or_none()
    if is_counted is None:
        raise NotFound
    if not is_counted:
        try:
            with work.session.begin_nested():
                event = work.session.scalars(locked.with_for_update(read=True)).one()
                if work.session.execute(counted).scalar_one():
                    raise _CountedMeanwhile  # noqa: TRY301  it has to leave the savepoint
                return event
        except _CountedMeanwhile:
            work.session.expire_all()
    return work.session.scalars(locked.with_for_update(key_share=True)).one()


def _waited_for() -> ColumnElement[bool]:
    return exists().where(Waiting.event_id == Event.id, Waiting.state.in_(LIVE))


def lock_event_to_edit(work: Work, event_id: int) -> Event:
    """Lock the event so that nobody books, changes or cancels while staff alter it."""
    locked = select(Event).where(Event.id == event_id).with_for_update(key_share=True)
    event = work.session.scalars(locked.execution_options(populate_existing=True)).one_or_none()
    if event is None:
        raise NotFound
    return event


def lock_parts(work: Work, event_id: int, part_ids: Iterable[int]) -> Sequence[Part]:
    """Lock these parts of the event, and the days they count towards; ordered by start. Strangers are left out."""
    chosen = (Part.event_id == event_id, Part.id.in_(set(part_ids)))
    day_ids = select(Part.day_limit_id).where(*chosen, Part.day_limit_id.is_not(None))
    days = select(DayLimit).where(DayLimit.id.in_(day_ids)).order_by(DayLimit.id)
    work.session.scalars(days.with_for_update(key_share=True).execution_options(populate_existing=True)).all()
    parts = select(Part).where(*chosen).order_by(Part.id).with_for_update(key_share=True)
    found = work.session.scalars(
        parts.options(immediateload(Part.day_limit)).execution_options(populate_existing=True)
    ).all()
    return sorted(found, key=lambda part: (part.starts_at, part.id))
