"""What the jobs did, noted for those who operate the service."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import case, delete, func
from sqlalchemy.dialects.postgresql import insert

from cop.core.work import Work
from cop.models.tasks import JobRun


@dataclass(frozen=True)
class Runs:
    """What became of one job since it was last noted; ``runs`` and ``failures`` count from then."""

    name: str
    about: str
    every_seconds: int
    node: str
    began_at: datetime
    ended_at: datetime | None = None
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    error: str | None = None
    runs: int = 0
    failures: int = 0


def note_runs(work: Work, noted: Sequence[Runs]) -> None:
    """Add to what is known of these jobs. Any number of machines note at once, each what it did itself."""
    if not noted:
        return
    rows = [asdict(item) for item in sorted(noted, key=lambda item: item.name)]  # one order for all locks
    new = insert(JobRun).values(rows)
    told = new.excluded
    latest = {
        name: func.greatest(getattr(JobRun, name), told[name])
        for name in ("began_at", "ended_at", "succeeded_at", "failed_at")
    }
    is_older = JobRun.began_at > told.began_at
    work.session.execute(
        new.on_conflict_do_update(
            index_elements=["name"],
            set_={
                **latest,
                "about": told.about,
                "every_seconds": told.every_seconds,
                "node": case((is_older, JobRun.node), else_=told.node),
                "error": case(
                    (told.failed_at >= func.coalesce(JobRun.failed_at, told.failed_at), told.error), else_=JobRun.error
                ),
                "runs": JobRun.runs + told.runs,
                "failures": JobRun.failures + told.failures,
            },
        )
    )


def forget_jobs(work: Work, *, but: Collection[str]) -> None:
    """Strike jobs that this version does not know any more off the list."""
    work.session.execute(delete(JobRun).where(JobRun.name.not_in(but)))
