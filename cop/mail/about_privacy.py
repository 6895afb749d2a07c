"""The last message to somebody who was erased."""

from cop.core.work import Reading
from cop.mail.kinds import Values
from cop.models.outbox import Outbox
from cop.web import address


def erased(_read: Reading, _row: Outbox) -> Values | None:
    return {"contact_link": address("pages.contact"), "complaint_link": address("complaints.complain")}
