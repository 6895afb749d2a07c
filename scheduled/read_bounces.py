"""Read what mail servers report about our mail, and stop sending to addresses that are no more.

A message of the mailbox is marked as read after the commit of what it said. One that cannot be understood is marked
for a person to look at, and harms no other.
"""

import logging
from collections import Counter

from sqlalchemy.exc import OperationalError

from cop.core.access import SYSTEM
from cop.formats.delivery_reports import DeliveryReport, read_delivery_report
from cop.mail.inbox import Inbox, inbox
from cop.services import bounces
from cop.services.bounces import Noted
from cop.web import ports, unit_of_work

MOST = 100
"""Messages in one run; the rest waits for the next."""

log = logging.getLogger("scheduled.read_bounces")


def run() -> str:
    at = ports().settings.imap
    if at is None:
        return "0 messages: no mailbox is set"
    with inbox(at) as opened:
        came = Counter(_read_one(opened, name) for name in opened.unread(MOST))
    return (
        f"{sum(came.values())} messages read, {came[Noted.HARD]} addresses stopped, {came[Noted.SOFT]} soft bounces, "
        f"{came[None]} not understood"
    )


def _read_one(opened: Inbox, name: str) -> Noted | None:
    """What came of one message; None where it could not be understood."""
    raw = opened.fetch(name)
    try:
        report = read_delivery_report(raw)
        noted = _note(report) if report is not None else Noted.NOTHING
    except OperationalError:  # the database is away: another run reads it
        raise
    except Exception as error:
        log.warning("report not understood", exc_info=error, extra={"fields": {"message": name}})
        opened.put_away(name, strange=True)
        return None
    opened.put_away(name)
    return noted


def _note(report: DeliveryReport) -> Noted:
    """Note each recipient that the report names; the gravest of what came of it."""
    with unit_of_work(SYSTEM) as work:
        noted = [
            bounces.note(work, report_id=f"{report.id} {number}", failure=failure, message_ids=report.message_ids)
            for number, failure in enumerate(report.failures, start=1)
        ]
    return next((what for what in (Noted.HARD, Noted.SOFT) if what in noted), Noted.NOTHING)
