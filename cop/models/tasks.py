"""Long work that a person asked for and that goes on without them, and what the jobs did last."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cop.core.secrecy import random_word
from cop.models.base import Base, Id, word


class TaskState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class Task(Base):
    """``done`` of ``total`` steps; ``result`` holds what the page shows at the end.

    ``sha256`` is the file that the task works on or that it made. ``lease_until`` is when somebody else may take over
    from a worker that fell silent, and for a task that is queued again, when it may be tried.
    """

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("0 <= done AND (total IS NULL OR done <= total)", name="done_within_total"),
        Index("ix_task_open", "id", postgresql_where=text("state IN ('queued', 'running')")),
        Index("ix_task_person", "person_id", "id"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    kind: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[TaskState] = mapped_column(word(TaskState), default=TaskState.QUEUED)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    lease_until: Mapped[datetime | None]
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    sha256: Mapped[str | None] = mapped_column(ForeignKey("file.sha256"), index=True)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error: Mapped[str | None]


class JobRun(Base):
    """One row for each job: when it last began, ended, and did so without a fault, on any machine.

    ``every_seconds`` and ``about`` are what the jobs that run say of themselves, so that pages can list them.
    """

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(primary_key=True)
    about: Mapped[str]
    every_seconds: Mapped[int]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None]
    node: Mapped[str]
    runs: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
