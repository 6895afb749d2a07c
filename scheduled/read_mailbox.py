"""Read what comes by mail: reports of mail that came back, answers from people's calendars, and answers to the forum.

A message of the mailbox is marked as read after the commit of what it said. One that cannot be understood, or that a
person wrote to an address meant for calendars, is marked for a person to look at, and harms no other.
"""

import logging
from collections import Counter
from enum import Enum, auto

from sqlalchemy.exc import OperationalError

from cop.core.access import SYSTEM
from cop.formats.answers import read_answer
from cop.formats.delivery_reports import DeliveryReport, read_delivery_report
from cop.formats.itip import read_reply, recipients_of_letter
from cop.mail.inbox import Inbox, inbox
from cop.models.forum_mail import MailOutcome
from cop.models.replies import ReplyState
from cop.queries.forum import answers_named
from cop.queries.replies import bookings_named
from cop.services import bounces, forum, replies
from cop.services.bounces import Noted
from cop.web import ports, unit_of_work

MOST = 100
"""Messages in one run; the rest waits for the next."""

log = logging.getLogger("scheduled.read_mailbox")


class Other(Enum):
    """What came of a message that is no report: no answer to us either, or something for a person to look at."""

    NOTHING = auto()
    STRANGE = auto()


Came = Noted | ReplyState | MailOutcome | Other


def run() -> str:
    at = ports().settings.imap
    if at is None:
        return "0 messages: no mailbox is set"
    with inbox(at) as opened:
        came = Counter(_read_one(opened, name) for name in opened.unread(MOST))
    return (
        f"{sum(came.values())} messages read, {came[Noted.HARD]} addresses stopped, {came[Noted.SOFT]} soft bounces, "
        f"{came[ReplyState.APPLIED]} answers from calendars, {came[ReplyState.WAITING]} for staff to decide, "
        f"{came[MailOutcome.POSTED]} answers posted in the forum, {came[MailOutcome.REFUSED]} not posted, "
        f"{came[Other.STRANGE]} to look at"
    )


def _read_one(opened: Inbox, name: str) -> Came:
    """What came of one message."""
    raw = opened.fetch(name)
    try:
        came = _take(raw)
    except OperationalError:  # the database is away: another run reads it
        raise
    except Exception as error:
        log.warning("message not understood", exc_info=error, extra={"fields": {"message": name}})
        came = Other.STRANGE
    opened.put_away(name, strange=came is Other.STRANGE)
    return came


def _take(raw: bytes) -> Came:
    report = read_delivery_report(raw)
    if report is not None:
        return _note(report)
    reply = read_reply(raw)
    if reply is not None:
        with unit_of_work(SYSTEM) as work:
            return replies.receive(work, reply=reply) or Other.NOTHING
    answer = read_answer(raw)
    if answers_named(answer.recipients):
        with unit_of_work(SYSTEM) as work:
            return forum.receive(work, answer=answer, own_domain=ports().settings.domain) or Other.NOTHING
    return Other.STRANGE if bookings_named(recipients_of_letter(raw)) else Other.NOTHING


def _note(report: DeliveryReport) -> Noted:
    """Note each recipient that the report names; the gravest of what came of it."""
    with unit_of_work(SYSTEM) as work:
        noted = [
            bounces.note(work, report_id=f"{report.id} {number}", failure=failure, message_ids=report.message_ids)
            for number, failure in enumerate(report.failures, start=1)
        ]
    return next((what for what in (Noted.HARD, Noted.SOFT) if what in noted), Noted.NOTHING)
