"""Work through what does not depend on one another: what fails for one holds up no other, and is told at the end."""

import logging
from collections.abc import Callable, Iterable

from sqlalchemy.exc import OperationalError

log = logging.getLogger("scheduled.one_by_one")


class IncompleteError(Exception):
    """The others are done; the next run tries again."""


def added_up(act: Callable[[int], int], ids: Iterable[int], *, one: str, words: str) -> str:
    """``words`` with the sum of what ``act`` did for each of these records; raised where it failed for some.

    ``one`` says in the log what they are.
    """
    done = failed = 0
    for record_id in ids:
        try:
            done += act(record_id)
        except OperationalError:  # the database is away: another run does it
            raise
        except Exception:
            log.exception("%s failed", one, extra={"fields": {one: record_id}})
            failed += 1
    report = f"{done} {words}"
    if failed:
        raise IncompleteError(f"{report}, {failed} failed")
    return report
