"""For those who operate the service: one page that says whether all is well, and figures for their monitoring."""

import platform
from collections.abc import Sequence
from importlib.metadata import version
from ipaddress import ip_address

from flask import Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta

from cop.core import secrecy
from cop.core.access import ADMIN_ONLY, Access
from cop.core.errors import NotFound
from cop.formats.prometheus import MEDIA_TYPE, Metric, write_metrics
from cop.models.outbox import OutboxState
from cop.queries import operations
from cop.queries.operations import LATE_MAIL, JobLine, State
from cop.web import Area, migration_of_code, ports, read

LIBRARIES = ("Flask", "SQLAlchemy", "psycopg", "gunicorn", "APScheduler", "cryptography", "Jinja2")

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")

MEASURED = Access("loopback, or COP_METRICS_TOKEN", lambda actor: True)

area = Area("admin_operations", __name__)


@area.get("/admin/operations", access=ADMIN_ONLY)
def index() -> ResponseReturnValue:
    state = operations.state(read())
    return render_template(
        "operations/index.html",
        jobs=operations.jobs(read()),
        state=state,
        late=state.waits(read().now) > LATE_MAIL,
        tasks=operations.open_tasks(read()),
        wanted=migration_of_code(),
        versions=_versions(state),
        lasting=format_timedelta,
    )


@area.get("/metrics", access=MEASURED)
def metrics() -> ResponseReturnValue:
    if not _may_measure():
        raise NotFound
    found = [*_of_service(operations.state(read())), *_of_jobs(operations.jobs(read()))]
    return Response(write_metrics(found), content_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _may_measure() -> bool:
    """With a token set, whoever sends it; without one, this machine itself and no proxy on it."""
    token = ports().settings.metrics_token
    if token is not None:
        kind, _, sent = request.headers.get("Authorization", "").partition(" ")
        return kind.lower() == "bearer" and secrecy.same(sent.strip(), token)
    return _is_loopback(request.remote_addr) and not any(name in request.headers for name in FORWARDED)


def _is_loopback(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False


def _versions(state: State) -> dict[str, str]:
    return {
        current_app.config["SERVICE_NAME"]: version("cop"),
        "Python": platform.python_version(),
        "PostgreSQL": state.postgresql,
        **{library: version(library) for library in LIBRARIES},
    }


def _of_service(state: State) -> Sequence[Metric]:
    now = read().now
    built = {
        "version": version("cop"),
        "python": platform.python_version(),
        "postgresql": state.postgresql,
        "migration": state.migration or "",
    }
    mail = [({"class": line.urgency.value, "state": line.state.value}, line.count) for line in state.mail]
    due = [
        ({"class": line.urgency.value}, max((now - line.oldest).total_seconds(), 0))
        for line in state.mail
        if line.state is OutboxState.PENDING
    ]
    tasks = [({"state": "queued"}, state.queued_tasks), ({"state": "running"}, state.running_tasks)]
    return (
        Metric("cop_up", "gauge", "1 where the service answers and reaches its database.", [({}, 1)]),
        Metric("cop_build_info", "gauge", "Versions, as labels.", [(built, 1)]),
        Metric("cop_outbox_messages", "gauge", "Messages that are not sent, by class and state.", mail),
        Metric("cop_outbox_oldest_due_seconds", "gauge", "For how long the oldest pending message has been due.", due),
        Metric("cop_outbox_dead_letters", "gauge", "Messages that could not be delivered.", [({}, state.dead)]),
        Metric("cop_outbox_to_tell", "gauge", "Messages that a person has to say.", [({}, state.to_tell)]),
        Metric("cop_tasks_open", "gauge", "Long work that waits or is under way.", tasks),
        Metric("cop_bookings_estimate", "gauge", "Bookings ever made, as estimated.", _known(state.bookings)),
        Metric("cop_audit_rows_estimate", "gauge", "Changes in the audit, as estimated.", _known(state.changes)),
        Metric("cop_database_size_bytes", "gauge", "Size of the database.", [({}, state.size)]),
        Metric("cop_database_connections", "gauge", "Connections to the database.", [({}, state.connections)]),
        Metric("cop_database_connections_max", "gauge", "Connections that it allows.", [({}, state.connections_most)]),
    )


def _known(found: int | None) -> Sequence[tuple[dict[str, str], float]]:
    return [] if found is None else [({}, found)]


def _of_jobs(jobs: Sequence[JobLine]) -> Sequence[Metric]:
    return (
        Metric(
            "cop_job_last_success_timestamp_seconds",
            "gauge",
            "When the job last came to its end without a fault.",
            [({"job": job.name}, job.succeeded_at.timestamp()) for job in jobs if job.succeeded_at],
        ),
        Metric(
            "cop_job_last_failure_timestamp_seconds",
            "gauge",
            "When the job last failed.",
            [({"job": job.name}, job.failed_at.timestamp()) for job in jobs if job.failed_at],
        ),
        Metric(
            "cop_job_interval_seconds",
            "gauge",
            "How often the job looks for work.",
            [({"job": job.name}, job.every.total_seconds()) for job in jobs],
        ),
        Metric("cop_job_runs_total", "counter", "Runs of the job.", [({"job": job.name}, job.runs) for job in jobs]),
        Metric(
            "cop_job_failures_total",
            "counter",
            "Runs that failed.",
            [({"job": job.name}, job.failures) for job in jobs],
        ),
    )
