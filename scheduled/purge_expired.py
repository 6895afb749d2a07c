"""Remove what has served its time: kind by kind, in batches, each in a unit of work of its own."""

import logging

from sqlalchemy.exc import OperationalError

from cop.core.access import SYSTEM
from cop.queries.retention import KINDS
from cop.services import erasing, retention
from cop.services.cohorts import closed_rounds
from cop.web import unit_of_work
from scheduled.one_by_one import IncompleteError

BATCH = 500

log = logging.getLogger("scheduled.purge_expired")


def run() -> str:
    """What fails for one kind holds up no other. Several of these at once share the rows between them."""
    removed, failed = {}, []
    for code in KINDS:
        if code == retention.COUNTED_ELSEWHERE:
            continue
        try:
            removed[code] = _all(code)
        except OperationalError:  # the database is away: another run does it
            raise
        except Exception:
            log.exception("kind of data not removed", extra={"fields": {"kind": code}})
            failed.append(code)
    with unit_of_work(SYSTEM) as work:
        closed_rounds.forget_history(work)
    with unit_of_work(SYSTEM) as work:
        erasing.forget_last_messages(work)
    with unit_of_work(SYSTEM) as work:
        retention.note_run(work, removed=removed, failed=failed)
    report = ", ".join(f"{count} {code}" for code, count in removed.items() if count) or "nothing"
    if failed:
        raise IncompleteError(f"{report} removed, {len(failed)} kinds failed")
    return f"{report} removed"


def _all(code: str) -> int:
    done = 0
    while True:
        with unit_of_work(SYSTEM) as work:
            count = retention.purge(work, code=code, limit=BATCH)
        done += count
        if count < BATCH:
            return done
