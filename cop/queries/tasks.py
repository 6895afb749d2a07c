"""Reads about long work: one's own, one by its address, and the file that it made."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, true

from cop.core.access import Actor, Grant
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import RoleGrant
from cop.models.files import File
from cop.models.tasks import Task, TaskState
from cop.queries import exports
from cop.queries.forum import copying

OPEN = (TaskState.QUEUED, TaskState.RUNNING)

EXPORT = "export"
IMPORT = "import"
DRAW = "draw"
SEATING = "seating"
SPACE_COPY = "space copy"
PERSON_COPY = "person copy"
EVALUATION_PACK = "evaluation pack"
"""Kinds of tasks."""

DOWNLOADED = "downloaded"


def visible(actor: Actor) -> ColumnElement[bool]:
    """One's own tasks; to admins of the whole service those of all."""
    return true() if actor.is_admin() else Task.person_id == actor.person_id


def own(read: Reading, *, offset: int = 0, limit: int = 20) -> Sequence[Task]:
    """The acting person's tasks, the latest first; ``limit`` + 1 of them."""
    wanted = select(Task).where(Task.person_id == read.actor.person_id).order_by(Task.id.desc())
    return read.session.scalars(wanted.offset(offset).limit(limit + 1)).all()


def one(read: Reading, *, public_id: str) -> Task:
    task = read.session.scalars(select(Task).where(Task.public_id == public_id, visible(read.actor))).one_or_none()
    if task is None:
        raise NotFound
    return task


def made_by(read: Reading, task: Task) -> File:
    """The file that a task made, as long as it is kept and the reader may still have what it holds."""
    file = read.session.get(File, task.sha256) if task.state is TaskState.DONE and task.sha256 else None
    if file is None or "name" not in (task.result or {}):
        raise NotFound
    if task.kind == PERSON_COPY and task.person_id != read.actor.person_id:
        raise NotFound
    if task.kind == SPACE_COPY:
        copying.space(read, slug=task.params["slug"])
    if task.kind == EVALUATION_PACK:
        exports.scope(read, programme_slug=task.params["programme_slug"], pseudonymised=True)
    if task.kind == EXPORT:
        asked = task.params
        now = exports.scope(read, programme_slug=asked["programme_slug"], pseudonymised=bool(asked["pseudonymised"]))
        if now.key is not None and (task.result or {}).get("named"):
            raise NotFound
    return file


def can_be_carried_out(task: Task) -> bool:
    """Whether a task has said what a file would do, nothing of it was refused, and the file is still kept."""
    said = task.result or {}
    is_ready = task.kind == IMPORT and task.state is TaskState.DONE and task.sha256 is not None
    return is_ready and bool(task.params["dry_run"]) and not said["refused"] and bool(said["changes"])


def asker_of(read: Reading, task: Task) -> Actor:
    """Whoever asked, with the grants that they hold now."""
    live = select(RoleGrant).where(RoleGrant.person_id == task.person_id, RoleGrant.revoked_at.is_(None))
    grants = read.session.scalars(live.order_by(RoleGrant.id)).all()
    return Actor(
        task.person_id,
        tuple(Grant(each.role, each.programme_id, each.event_id, each.organisation_id) for each in grants),
    )
