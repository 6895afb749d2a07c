"""Removing what has served its time, kind by kind, and choosing how long a kind is kept."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.attendance_reports import ReportedPerson
from cop.models.privacy import Erasure, PrivacyRequest, RequestStep, RetentionRule, RetentionRun
from cop.models.service import Observation
from cop.models.tasks import Task
from cop.queries import retention as queries
from cop.queries.retention import KINDS, Kind
from cop.services import files
from cop.services.cohorts import closed_rounds
from cop.services.imports import attendance

WHY_MOST = 1_000

Ids = Sequence[Any]

COUNTED_ELSEWHERE = "equality"
"""Forgotten by the job that counts the answers first (``count_equality``)."""


def change(work: Work, *, code: str, days: int, why: str) -> RetentionRule:
    """Keep a kind for so many days from tonight on, with the reason for it; for admins of everything."""
    kind = _kind(work, code)
    why = why.strip()
    if not kind.least <= days <= kind.most:
        raise Refusal(
            marked("Enter a number of days from %(least)s to %(most)s"), field="days", least=kind.least, most=kind.most
        )
    if not why or len(why) > WHY_MOST:
        raise Refusal(marked("Say why, in at most %(most)s characters"), field="why", most=f"{WHY_MOST:,}")
    rule = _rule(work, code)
    if rule is None:
        made = insert(RetentionRule).values(kind=code, days=kind.days, why="", changed_at=work.now)
        work.session.execute(made.on_conflict_do_nothing(index_elements=["kind"]))
        rule = _rule(work, code)
    if rule is None:
        raise RuntimeError("the rule was made a moment ago")
    rule.days, rule.why, rule.changed_at, rule.changed_by = days, why, work.now, work.actor.person_id
    return rule


def restore(work: Work, *, code: str) -> None:
    """Keep a kind for as long as the service itself chooses."""
    _kind(work, code)
    rule = _rule(work, code)
    if rule is not None:
        work.session.delete(rule)


def purge(work: Work, *, code: str, limit: int) -> int:
    """Remove up to ``limit`` rows of a kind whose time is over; how many it were. Rows that others hold are left."""
    if work.actor.via != "system":
        raise NotFound
    kind = KINDS[code]
    return _how(kind)(work, kind, work.now - queries.kept(work, code), limit)


def note_run(work: Work, *, removed: Mapping[str, int], failed: Sequence[str] = ()) -> None:
    """Note what a run removed, by the codes of kinds; a run that removed nothing leaves no row."""
    counts = {code: count for code, count in removed.items() if count}
    if counts or failed:
        work.session.add(RetentionRun(at=work.now, removed=counts, failed=list(failed)))


Remover = Callable[[Work, Kind, datetime, int], int]


def _how(kind: Kind) -> Remover:
    return REMOVERS.get(kind.code, _delete)


def _due(work: Work, kind: Kind, cutoff: datetime, limit: int) -> Ids:
    """Keys that are due, locked; another run takes others."""
    table = kind.key.class_
    found: Select[Any] = kind.due(cutoff).order_by(kind.key).limit(limit)
    return work.session.scalars(found.with_for_update(of=table, skip_locked=True)).all()


def _delete(work: Work, kind: Kind, cutoff: datetime, limit: int) -> int:
    ids = _due(work, kind, cutoff, limit)
    if ids:
        work.session.execute(delete(kind.key.class_).where(kind.key.in_(ids)))
    return len(ids)


def _take_out(model: Any, **values: Any) -> Remover:
    """Rows that stay, without what leads to a person."""

    def remove(work: Work, kind: Kind, cutoff: datetime, limit: int) -> int:
        ids = _due(work, kind, cutoff, limit)
        if ids:
            work.session.execute(update(model).where(kind.key.in_(ids)).values(values))
        return len(ids)

    return remove


def _report_drafts(work: Work, kind: Kind, cutoff: datetime, limit: int) -> int:
    ids = _due(work, kind, cutoff, limit)
    attendance.remove(work, ids)
    return len(ids)


def _requests(work: Work, kind: Kind, cutoff: datetime, limit: int) -> int:
    ids = _due(work, kind, cutoff, limit)
    if ids:
        work.session.execute(update(Erasure).where(Erasure.request_id.in_(ids)).values(request_id=None))
        work.session.execute(delete(RequestStep).where(RequestStep.request_id.in_(ids)))
        work.session.execute(delete(PrivacyRequest).where(PrivacyRequest.id.in_(ids)))
    return len(ids)


def _drafts(work: Work, kind: Kind, cutoff: datetime, limit: int) -> int:
    return closed_rounds.delete_drafts(work, _due(work, kind, cutoff, limit))


def _applications(work: Work, kind: Kind, cutoff: datetime, limit: int) -> int:
    return closed_rounds.anonymise(work, _due(work, kind, cutoff, limit))


def _files(work: Work, kind: Kind, cutoff: datetime, limit: int) -> int:
    return files.purge(work, found=kind.due(cutoff), limit=limit)


REMOVERS: Mapping[str, Remover] = {
    "drafts": _drafts,
    "applications": _applications,
    "report-drafts": _report_drafts,
    "report-names": _take_out(ReportedPerson, name=None, email=None, also=None, organisation_text=""),
    "request-networks": _take_out(PrivacyRequest, asked_from=None, asked_as=None),
    "looks": _take_out(Observation, person_id=None),
    "task-files": _take_out(Task, sha256=None),
    "files": _files,
    "requests": _requests,
}
"""Kinds that are more than one table, or of which something stays; of all others the rows are deleted."""


def _kind(work: Work, code: str) -> Kind:
    if not work.actor.is_admin() or code not in KINDS:
        raise NotFound
    return KINDS[code]


def _rule(work: Work, code: str) -> RetentionRule | None:
    found = select(RetentionRule).where(RetentionRule.kind == code).with_for_update()
    return work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
