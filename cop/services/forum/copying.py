"""Asking for a copy of a whole space."""

from cop.core.work import Work
from cop.models.tasks import Task
from cop.queries.forum import copying
from cop.queries.tasks import SPACE_COPY
from cop.services import tasks


def ask_for_copy(work: Work, *, slug: str) -> Task:
    """Ask for an archive of the space, for those who keep order there."""
    space = copying.space(work, slug=slug)
    title = f"Copy of {space.name}"
    return tasks.ask(work, kind=SPACE_COPY, title=title, params={"slug": slug}, total=space.topics)
