"""Saying that one has seen all that is new, without opening it."""

from datetime import datetime

from sqlalchemy import DateTime, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound
from cop.core.work import Work
from cop.models.forum import Space, SpaceSeen
from cop.queries import forum as queries


def mark_seen(work: Work, *, until: datetime, space_id: int | None = None) -> None:
    """Nothing that was written up to then is new any more, in one space or in all that the actor gets into.

    ``until`` is when the page was drawn on which they pressed: what came after, they have not seen.
    """
    if work.actor.person_id is None:
        raise NotFound
    entered = select(Space.id).where(queries.may_enter()).params(**queries.who(work))
    if space_id is not None:
        entered = entered.where(Space.id == space_id)
        if work.session.scalar(entered) is None:
            raise NotFound
    moment = literal(min(until, work.now), DateTime(timezone=True))
    rows = insert(SpaceSeen).from_select(
        ["person_id", "space_id", "until"],
        entered.with_only_columns(literal(work.actor.person_id), Space.id, moment),
    )
    later = func.greatest(SpaceSeen.until, rows.excluded.until)
    work.session.execute(rows.on_conflict_do_update(index_elements=["person_id", "space_id"], set_={"until": later}))
