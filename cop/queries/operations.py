"""How the service does: its jobs, its queue, its database. Cheap enough to be asked every few seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Integer, Text, cast, column, func, literal, literal_column, select, table, true

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.outbox import Outbox, OutboxChannel, OutboxClass, OutboxState
from cop.models.service import Setting
from cop.models.tasks import JobRun, Task, TaskState

SLACK = timedelta(minutes=5)
"""How late a job may be beyond twice its interval: what went well is noted once a minute."""

LONGEST_RUN = timedelta(hours=1)
LATE_MAIL = timedelta(minutes=5)
TASKS_SHOWN = 20

OPEN_TASKS = (TaskState.QUEUED, TaskState.RUNNING)
UNSENT = (OutboxState.PENDING, OutboxState.LEASED, OutboxState.DEAD)


@dataclass(frozen=True)
class JobLine:
    """What is known of one job, over all machines that run it."""

    name: str
    about: str
    every: timedelta
    began_at: datetime
    ended_at: datetime | None
    succeeded_at: datetime | None
    failed_at: datetime | None
    error: str | None
    node: str
    runs: int
    failures: int

    @property
    def took(self) -> timedelta | None:
        """How long the last run took; None while one is under way."""
        return None if self.is_running or self.ended_at is None else self.ended_at - self.began_at

    @property
    def is_running(self) -> bool:
        return self.ended_at is None or self.ended_at < self.began_at

    @property
    def is_failing(self) -> bool:
        """Whether its last run failed."""
        return self.failed_at is not None and (self.succeeded_at is None or self.succeeded_at < self.failed_at)

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should have run again by now, or has been at it for too long."""
        return now - self.began_at > (LONGEST_RUN if self.is_running else 2 * self.every + SLACK)


@dataclass(frozen=True)
class QueueLine:
    """Messages of one class in one state; ``oldest`` is when the first of them was due."""

    channel: OutboxChannel
    urgency: OutboxClass
    state: OutboxState
    count: int
    oldest: datetime


@dataclass(frozen=True)
class State:
    """What the database says of itself and of what waits. ``bookings`` and ``changes`` are its estimates."""

    postgresql: str
    migration: str | None
    size: int
    connections: int
    connections_most: int
    clock_offset: timedelta
    queued_tasks: int
    running_tasks: int
    bookings: int | None
    changes: int | None
    queue: Sequence[QueueLine]

    @property
    def dead(self) -> int:
        return sum(line.count for line in self.queue if line.state is OutboxState.DEAD)

    @property
    def to_tell(self) -> int:
        return sum(line.count for line in self.queue if line.channel is OutboxChannel.TELL)

    @property
    def mail(self) -> Sequence[QueueLine]:
        """What goes by e-mail."""
        return [line for line in self.queue if line.channel is OutboxChannel.EMAIL]

    def waits(self, now: datetime) -> timedelta:
        """For how long the oldest message has been due that was not sent."""
        due = [now - line.oldest for line in self.mail if line.state is not OutboxState.DEAD]
        return max([*due, timedelta()])


@dataclass(frozen=True)
class OpenTask:
    public_id: str
    kind: str
    state: TaskState
    done: int
    total: int | None
    asked_at: datetime
    asked_by: str | None


def jobs(read: Reading) -> Sequence[JobLine]:
    rows = read.session.scalars(select(JobRun).order_by(JobRun.name))
    return [
        JobLine(
            job.name,
            job.about,
            timedelta(seconds=job.every_seconds),
            job.began_at,
            job.ended_at,
            job.succeeded_at,
            job.failed_at,
            job.error,
            job.node,
            job.runs,
            job.failures,
        )
        for job in rows
    ]


def state(read: Reading) -> State:
    """One statement: what there is only once stands on every row of the queue."""
    unsent = (
        select(
            Outbox.channel,
            Outbox.urgency,
            Outbox.state,
            func.count().label("messages"),
            func.min(Outbox.due_at).label("oldest"),
        )
        .where(Outbox.state.in_(UNSENT))
        .group_by(Outbox.channel, Outbox.urgency, Outbox.state)
        .order_by(Outbox.channel, Outbox.urgency, Outbox.state)
        .subquery()
    )
    once = select(literal(1).label("once")).subquery()
    rows = read.session.execute(select(*_scalars(), unsent).select_from(once.outerjoin(unsent, true()))).all()
    first = rows[0]
    return State(
        postgresql=first.postgresql,
        migration=first.migration,
        size=first.size,
        connections=first.connections,
        connections_most=first.connections_most,
        clock_offset=timedelta(seconds=first.clock_offset or 0),
        queued_tasks=first.queued_tasks,
        running_tasks=first.running_tasks,
        bookings=_estimate(first.bookings),
        changes=_estimate(first.changes),
        queue=[
            QueueLine(row.channel, row.urgency, row.state, row.messages, row.oldest)
            for row in rows
            if row.channel is not None
        ],
    )


def _scalars() -> Sequence[Any]:
    activity = table("pg_stat_activity", column("datname"))
    here = func.current_database()
    version = table("alembic_version", column("version_num"))
    offset = select(Setting.value).where(Setting.name == "clock_offset_seconds").scalar_subquery()
    connections = select(func.count()).select_from(activity).where(activity.c.datname == here).scalar_subquery()
    return (
        cast(func.current_setting("server_version"), Text).label("postgresql"),
        select(version.c.version_num).scalar_subquery().label("migration"),
        cast(func.pg_database_size(here), BigInteger).label("size"),
        connections.label("connections"),
        cast(func.current_setting("max_connections"), Integer).label("connections_most"),
        offset.label("clock_offset"),
        *(_tasks(state).label(f"{state}_tasks") for state in OPEN_TASKS),
        _rows("booking").label("bookings"),
        _rows("audit").label("changes"),
    )


def _tasks(state: TaskState) -> Any:
    is_open = Task.state.in_(OPEN_TASKS)  # the words of the index
    return select(func.count()).select_from(Task).where(is_open, Task.state == state).scalar_subquery()


def _rows(name: str) -> Any:
    """How many rows PostgreSQL believes that a table has, without counting; below 0 where it does not know yet."""
    relations = table("pg_class", column("oid"), column("reltuples"))
    is_it = relations.c.oid == literal_column(f"'{name}'::regclass")
    return select(cast(relations.c.reltuples, BigInteger)).where(is_it).scalar_subquery()


def _estimate(found: int) -> int | None:
    return found if found >= 0 else None


def open_tasks(read: Reading) -> Sequence[OpenTask]:
    """Long work that waits or is under way, the oldest first."""
    if not read.actor.is_admin():
        raise NotFound
    rows = read.session.execute(
        select(Task.public_id, Task.kind, Task.state, Task.done, Task.total, Task.asked_at, Person.name)
        .outerjoin(Person, Person.id == Task.person_id)
        .where(Task.state.in_(OPEN_TASKS))
        .order_by(Task.id)
        .limit(TASKS_SHOWN)
    )
    return [OpenTask(*row) for row in rows]
