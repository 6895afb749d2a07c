"""Figures about the forum, counted month by month."""

from datetime import date

from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound
from cop.core.work import Work
from cop.models.community import ForumMonth
from cop.queries.forum import counting


def count(work: Work, *, programme_id: int, month: date) -> None:
    """Count a month, and put the figures in the place of those counted before."""
    if work.actor.via != "system":
        raise NotFound
    figures = counting.figures(work, programme_id=programme_id, month=month)
    made = insert(ForumMonth).values(programme_id=programme_id, month=month, figures=figures, counted_at=work.now)
    again = {"figures": made.excluded.figures, "counted_at": made.excluded.counted_at}
    work.session.execute(made.on_conflict_do_update(index_elements=["programme_id", "month"], set_=again))
