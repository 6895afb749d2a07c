"""Messages about requests under data protection law: to who asked, and to the admins who answer."""

from cop.core.work import Reading
from cop.mail.kinds import Values, is_preview
from cop.models.outbox import Outbox
from cop.models.privacy import PrivacyRequest, RequestStep
from cop.queries import requests
from cop.web import address

COMMISSIONER = "https://ico.org.uk/make-a-complaint/"
"""Where somebody complains about us to the Information Commissioner's Office."""


def received(read: Reading, row: Outbox) -> Values | None:
    return _of(read.session.get(PrivacyRequest, row.params["request_id"]))


def news(read: Reading, row: Outbox) -> Values | None:
    """What was done about it. Staff who look at the message do not read its words: those stand in the register."""
    step = read.session.get(RequestStep, row.params["step_id"])
    if step is None:
        return None
    values = _of(read.session.get_one(PrivacyRequest, step.request_id))
    return {**values, "step": step.what, "words": step.note if read.actor.via == "system" else None} if values else None


def closed(read: Reading, row: Outbox) -> Values | None:
    """The answer, or why there is none. Staff who look at the message do not read it: it stands in the register."""
    found = read.session.get(PrivacyRequest, row.params["request_id"])
    values = _of(found)
    if found is None or values is None:
        return None
    words = found.answer if read.actor.via == "system" else None
    return {
        **values,
        "words": words,
        "complain_link": address("complaints.complain"),
        "commissioner_link": COMMISSIONER,
    }


def due(read: Reading, row: Outbox) -> Values | None:
    """Pointless once it is closed, its clock stands still, or the recipient may not deal with it any more."""
    found = read.session.get(PrivacyRequest, row.params["request_id"])
    if found is None or row.person_id not in {person.id for person in requests.handlers(read)}:
        return None
    day = requests.next_day(found)
    if day is None and not is_preview(row):
        return None
    return {
        "request": found,
        "on": day or found.due_on,
        "is_late": row.params["is_late"],
        "link": address("admin_requests.one", public_id=found.public_id),
    }


def _of(found: PrivacyRequest | None) -> Values | None:
    if found is None:
        return None
    link = address("requests.one", public_id=found.public_id) if found.person_id is not None else None
    return {"request": found, "link": link, "contact_link": address("pages.contact")}
