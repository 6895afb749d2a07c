"""Counting at night what the dashboard shows of large programmes."""

from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from cop.core.work import Work
from cop.models.evidence import KeptFigures
from cop.models.programmes import Programme
from cop.queries.evaluation import Geography
from cop.queries.evaluation.filters import NOTHING
from cop.queries.evaluation.funnels import course_rows, event_rows, half_day_rows
from cop.queries.evaluation.kept import Rows
from cop.queries.evaluation.reach import reach_rows
from cop.queries.evaluation.seats import withheld_rows


def keep(work: Work, *, programme_id: int) -> None:
    """Count all figures of a programme that take long, in place of what was kept of it. For the system."""
    programme = work.session.get_one(Programme, programme_id)
    counts: Mapping[str, Callable[[], Rows]] = {
        **{f"reach {map_}": partial(reach_rows, work, programme, map_, NOTHING) for map_ in Geography},
        "events": partial(event_rows, work, programme, NOTHING),
        "half-days": partial(half_day_rows, work, programme, NOTHING),
        "courses": partial(course_rows, work, programme, NOTHING),
        "withheld": partial(withheld_rows, work, programme),
    }
    for name, count in counts.items():
        counted = {"rows": [[*row] for row in count()], "counted_at": work.now}
        made = insert(KeptFigures).values(programme_id=programme_id, name=name, **counted)
        work.session.execute(made.on_conflict_do_update(index_elements=["programme_id", "name"], set_=counted))


def forget(work: Work, *, programme_ids: list[int]) -> None:
    """Keep nothing of any programme but these: the others are counted as they are asked for. For the system."""
    work.session.execute(delete(KeptFigures).where(KeptFigures.programme_id.not_in(programme_ids)))
