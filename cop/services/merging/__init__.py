"""Merging two records into one, and taking a merge apart again, for admins."""

from sqlalchemy import or_, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.merging import Merge, MergeKind
from cop.services.merging import organisations, people
from cop.services.merging.records import only_admins

__all__ = ["organisations", "people", "undo"]


def undo(work: Work, *, merge_id: int) -> Merge:
    """Restore both records exactly as they were, with everything that has come since left where it is."""
    only_admins(work)
    merge = work.session.get(Merge, merge_id, with_for_update=True, populate_existing=True)
    if merge is None:
        raise NotFound
    if merge.undone_at is not None:
        raise Refusal(marked("This merge has been undone already"))
    pair = [merge.kept_id, merge.gone_id]
    later = select(Merge.id).where(
        Merge.kind == merge.kind,
        Merge.id > merge.id,
        Merge.undone_at.is_(None),
        or_(Merge.kept_id.in_(pair), Merge.gone_id.in_(pair)),
    )
    if work.session.scalar(later.limit(1)) is not None:
        raise Refusal(marked("One of the two records was merged once more later: undo that first"))
    taking_apart = people.undo if merge.kind is MergeKind.PERSON else organisations.undo
    taking_apart(work, merge)
    merge.undone_at, merge.undone_by = work.now, work.actor.person_id
    work.session.flush()
    return merge
