"""What goes wrong with mail, and what somebody turned off: an address that is no more, a letter that nobody took."""

from sqlalchemy import select

from cop.demo.stage import Stage, as_person
from cop.formats.delivery_reports import Failure
from cop.models.accounts import Person
from cop.models.outbox import MailTopic, Outbox, OutboxState
from cop.services import bounces, preferences

TURNED_OFF_BY = 3
"""Which of the invented people wants to be reminded and nothing else."""

REFUSED = "SMTPRecipientsRefused: 450 4.7.1 greylisted, try again later"


def load(stage: Stage) -> None:
    """Once the past has been sent: what came back of it, and what never left."""
    gone, refused = _confirmations(stage)
    owner = stage.work.session.get_one(Person, gone.person_id)
    told = Failure(frozenset({str(owner.email)}), "failed", "5.1.1", "smtp; 550 5.1.1 no such user here")
    bounces.note(
        stage.work, report_id="<gone@mx.people.example> 1", failure=told, message_ids=[f"<{gone.message_id}@demo>"]
    )
    refused.state, refused.sent_at, refused.attempts, refused.last_error = OutboxState.DEAD, None, 6, REFUSED
    preferences.choose(as_person(stage.work, stage.people[TURNED_OFF_BY]), wanted=[MailTopic.REMINDERS])
    stage.work.session.flush()


def _confirmations(stage: Stage) -> tuple[Outbox, Outbox]:
    """The last that was sent to one of those who hold no role, and the last to another."""
    ids = [person.id for person in stage.people[TURNED_OFF_BY + 1 :]]
    sent = select(Outbox).where(Outbox.state == OutboxState.SENT, Outbox.template == "booking_confirmed")
    latest = sent.where(Outbox.person_id.in_(ids)).order_by(Outbox.posted_at.desc(), Outbox.id.desc())
    first, *others = stage.work.session.scalars(latest)
    return first, next(row for row in others if row.person_id != first.person_id)
