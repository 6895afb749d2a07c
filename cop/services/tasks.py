"""Long work that somebody asks for, and that goes on without them. The jobs carry it out: `scheduled/run_tasks.py`.

A worker holds a task by a lease and renews it with each report of progress. Whoever falls silent loses the task to the
next, and notices at the next report.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.tasks import Task, TaskState
from cop.queries import tasks as queries

LEASE = timedelta(minutes=2)
RETRY_AFTER = timedelta(seconds=30)
ATTEMPTS = 3
OPEN_MOST = 5
"""Tasks that one person may have waiting."""

ASKING = 8_124_161
"""With somebody's number: a lock that is held while they ask, so that two presses of a button are one task."""

GIVEN_UP = marked("It was begun three times, and each time the machine stopped in the middle of it.")


def ask(
    work: Work,
    *,
    kind: str,
    title: str,
    params: dict[str, Any],
    total: int | None = None,
    sha256: str | None = None,
) -> Task:
    """Ask for work of a kind that `scheduled/handlers.py` knows. Whoever asks twice for the same gets the same task.

    ``sha256`` is a file to work on. The handler acts with the rights that the person has when it runs.
    """
    person_id = work.actor.person_id
    work.session.execute(select(func.pg_advisory_xact_lock(ASKING, (person_id or 0) % 2**31)))
    own = select(Task).where(Task.person_id == person_id, Task.state.in_(queries.OPEN))
    waiting = work.session.scalars(own.order_by(Task.id)).all()
    for task in waiting:
        if (task.kind, task.params, task.sha256) == (kind, {**params, "title": title}, sha256):
            return task
    if len(waiting) >= OPEN_MOST:
        raise Refusal(marked("%(most)s of your tasks wait already. Let one of them end first."), most=OPEN_MOST)
    asked = Task(
        kind=kind,
        params={**params, "title": title},
        person_id=person_id,
        total=total,
        sha256=sha256,
        asked_at=work.now,
    )
    work.session.add(asked)
    work.session.flush()
    return asked


def stop(work: Work, *, public_id: str) -> None:
    """End a task that has not ended; the worker that carries it out notices at its next report."""
    task = work.session.scalars(
        select(Task).where(Task.public_id == public_id, queries.visible(work.actor)).with_for_update()
    ).one_or_none()
    if task is None:
        raise NotFound
    if task.state not in queries.OPEN:
        raise Refusal(marked("This has ended already"))
    task.state, task.ended_at, task.lease_until = TaskState.STOPPED, work.now, None


def claim(work: Work) -> Task | None:
    """Take the task that has waited longest, or one whose worker fell silent; None where nothing is due."""
    free = or_(Task.lease_until.is_(None), Task.lease_until < work.now)
    due = select(Task).where(Task.state.in_(queries.OPEN), free).order_by(Task.id).limit(1)
    while task := work.session.scalars(due.with_for_update(skip_locked=True)).one_or_none():
        if task.attempts < ATTEMPTS:
            task.state, task.attempts, task.done = TaskState.RUNNING, task.attempts + 1, 0
            task.started_at, task.lease_until = work.now, work.now + LEASE
            work.session.flush()
            return task
        task.state, task.ended_at, task.lease_until, task.error = TaskState.FAILED, work.now, None, GIVEN_UP
        work.session.flush()
    return None


def report(work: Work, *, task: Task, done: int, total: int | None) -> bool:
    """Note how far it is, and keep the task for longer; False where it was stopped or another worker has it now."""
    kept = update(Task).where(_held(task)).values(done=done, total=total, lease_until=work.now + LEASE)
    return work.session.scalar(kept.returning(Task.id)) is not None


def finish(work: Work, *, task: Task, result: dict[str, Any], sha256: str | None) -> bool:
    """Note what came of it; False where it was stopped or another worker has it now."""
    ended = {"state": TaskState.DONE, "ended_at": work.now, "lease_until": None, "done": func.coalesce(Task.total, 0)}
    kept = update(Task).where(_held(task)).values(ended | {"result": result, "sha256": sha256, "error": None})
    return work.session.scalar(kept.returning(Task.id)) is not None


def fail(work: Work, *, task: Task, error: str, reference: str | None = None) -> None:
    """End it with a sentence for whoever asked; ``reference`` leads to the line of the log that says more."""
    ended = {"state": TaskState.FAILED, "ended_at": work.now, "lease_until": None, "error": error}
    work.session.execute(update(Task).where(_held(task)).values(ended | {"result": {"reference": reference}}))


def put_back(work: Work, *, task: Task) -> bool:
    """Let it be tried again a little later; False where it was tried often enough."""
    if task.attempts >= ATTEMPTS:
        return False
    waiting = {"state": TaskState.QUEUED, "lease_until": work.now + RETRY_AFTER}
    work.session.execute(update(Task).where(_held(task)).values(waiting))
    return True


def _held(task: Task) -> ColumnElement[bool]:
    return and_(Task.id == task.id, Task.state == TaskState.RUNNING, Task.attempts == task.attempts)
