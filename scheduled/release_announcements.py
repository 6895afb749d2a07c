"""Post the letters of announcements whose time has come, all at once or stage by stage."""

from cop.core.access import SYSTEM
from cop.services import announcements
from cop.web import run as carry_out
from scheduled.one_by_one import added_up


def run() -> str:
    """Each announcement in a transaction of its own; runners leave to one another what one of them has in hand."""
    due = carry_out(announcements.under_way, SYSTEM)
    return added_up(_release, due, one="announcement", words="letters of announcements posted")


def _release(announcement_id: int) -> int:
    return carry_out(lambda work: announcements.release(work, announcement_id=announcement_id), SYSTEM)
