"""Remove what has served its purpose: old requests, needs of a day long past, messages after a year, unused files, and
the audit after six years.
"""

from datetime import timedelta

from sqlalchemy import and_, delete, func, or_

from cop.core.access import SYSTEM
from cop.models.accounts import SignIn
from cop.models.audit import Audit
from cop.models.doors import DoorTry
from cop.models.events import Arrangement
from cop.models.forum_mail import ForumAnswer
from cop.models.merging import AddressChange
from cop.models.outbox import Bounce, Outbox, OutboxState
from cop.models.replies import CalendarReply
from cop.models.service import Observation
from cop.models.summits import Substitution, SubstitutionState
from cop.models.telling import Interest
from cop.models.webinars import Registration
from cop.queries.audit import Read, sensitive
from cop.queries.interest import LINK_LIVES
from cop.services import files, relays, tasks
from cop.services.imports import attendance
from cop.web import unit_of_work

KEEP_SIGN_INS = timedelta(days=1)
KEEP_REGISTRATIONS = timedelta(days=1)
KEEP_DOOR_TRIES = timedelta(days=1)
KEEP_INTEREST_UNCONFIRMED = timedelta(days=1)
KEEP_SUBSTITUTES = timedelta(days=30)
KEEP_ADDRESS_CHANGES = timedelta(days=30)
KEEP_FORUM_ANSWERS = timedelta(days=30)
"""What came by e-mail, with the words of what was sent back; posts that were made of it stay."""
KEEP_MESSAGES = timedelta(days=365)
KEEP_AUDIT = timedelta(days=6 * 365 + 1)
"""Who changed what, and who looked at what is sensitive."""

SETTLED = (OutboxState.SENT, OutboxState.DEAD, OutboxState.DROPPED)


def run() -> str:
    with unit_of_work(SYSTEM) as work:
        sign_ins = delete(SignIn).where(SignIn.asked_at < work.now - KEEP_SIGN_INS).returning(SignIn.id)
        old = Outbox.posted_at < work.now - KEEP_MESSAGES
        messages = delete(Outbox).where(old, Outbox.state.in_(SETTLED)).returning(Outbox.id)
        ended = or_(~Bounce.hard, Bounce.lifted_at.is_not(None))  # what still stops mail stays
        replies = delete(CalendarReply).where(CalendarReply.came_at < work.now - KEEP_MESSAGES)
        answers = delete(ForumAnswer).where(ForumAnswer.came_at < work.now - KEEP_FORUM_ANSWERS)
        arrangements = delete(Arrangement).where(Arrangement.forget_at <= work.now).returning(Arrangement.booking_id)
        registrations = delete(Registration).where(Registration.expires_at < work.now - KEEP_REGISTRATIONS)
        settled = func.coalesce(Substitution.decided_at, Substitution.proposed_at)
        substitutes = delete(Substitution).where(
            or_(
                and_(Substitution.state != SubstitutionState.PROPOSED, settled < work.now - KEEP_SUBSTITUTES),
                Substitution.proposed_at < work.now - KEEP_MESSAGES,
            )
        )
        unconfirmed = Interest.asked_at < work.now - LINK_LIVES - KEEP_INTEREST_UNCONFIRMED
        interest = delete(Interest).where(Interest.person_id.is_(None), unconfirmed)
        tries = delete(DoorTry).where(DoorTry.at < work.now - KEEP_DOOR_TRIES)
        changes = delete(AddressChange).where(AddressChange.expires_at < work.now - KEEP_ADDRESS_CHANGES)
        looked = delete(Observation).where(sensitive(*Read), Observation.at < work.now - KEEP_AUDIT)
        each = {
            "requests to sign in": sign_ins,
            "messages": messages,
            "bounces": delete(Bounce).where(Bounce.at < work.now - KEEP_MESSAGES, ended).returning(Bounce.id),
            "answers from calendars": replies.returning(CalendarReply.id),
            "answers to the forum": answers.returning(ForumAnswer.id),
            "arrangements": arrangements,
            "registrations": registrations.returning(Registration.id),
            "proposed substitutes": substitutes.returning(Substitution.id),
            "attempts to check in": tries.returning(DoorTry.id),
            "wishes to be told": interest.returning(Interest.id),
            "changes of address": changes.returning(AddressChange.id),
            "lines of the audit": delete(Audit).where(Audit.at < work.now - KEEP_AUDIT).returning(Audit.id),
            "sensitive reads": looked.returning(Observation.id),
        }
        removed = {name: len(work.session.execute(statement).all()) for name, statement in each.items()}
    with unit_of_work(SYSTEM) as work:
        removed["names in reports"] = attendance.forget(work)
    with unit_of_work(SYSTEM) as work:
        removed["tasks"] = tasks.purge(work)
    with unit_of_work(SYSTEM) as work:
        removed["letters between members"] = relays.purge(work)
    with unit_of_work(SYSTEM) as work:  # of its own: it removes files from a folder, too
        removed["files"] = files.purge(work)
    return f"{', '.join(f'{count} {name}' for name, count in removed.items())} removed"
