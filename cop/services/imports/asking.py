"""Large files are looked at, and imported, by a task."""

from typing import BinaryIO

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.formats.tables import MOST_BYTES
from cop.models.tasks import Task
from cop.queries.tasks import IMPORT
from cop.services import tasks
from cop.services.files import keep_own


def ask_to_plan(work: Work, *, kind: str, stream: BinaryIO, title: str) -> Task:
    """Ask what a file would do to the directory; ``kind`` is organisations or people."""
    if not work.actor.is_admin():
        raise NotFound
    kept = keep_own(work, stream, media_type="text/csv; charset=utf-8")
    if kept.size > MOST_BYTES:
        raise Refusal(marked("The file is larger than %(most)s MB"), field="file", most=MOST_BYTES // 1_000_000)
    params = {"kind": kind, "dry_run": True}
    return tasks.ask(work, kind=IMPORT, title=title, params=params, sha256=kept.sha256)
