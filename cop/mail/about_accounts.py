"""Messages about signing in and about registrations that wait to be confirmed."""

from cop.core import secrecy
from cop.core.work import Reading
from cop.mail.kinds import Values, address
from cop.models.accounts import SignIn
from cop.models.outbox import Outbox
from cop.models.webinars import Registration
from cop.queries import webinars
from cop.services.accounts import code_for


def sign_in(read: Reading, row: Outbox) -> Values | None:
    sign_in = read.session.get(SignIn, row.params["sign_in_id"])
    if sign_in is None or sign_in.closed_at is not None or sign_in.expires_at <= read.now:
        return None
    return {
        "link": address("accounts.use_link", token=secrecy.sign("sign-in", sign_in.public_id)),
        "code": code_for(sign_in),
    }


def registration(read: Reading, row: Outbox) -> Values | None:
    registration = read.session.get(Registration, row.params["registration_id"])
    if registration is None or registration.confirmed_at is not None or registration.expires_at <= read.now:
        return None
    wanted = webinars.asking_of(read, registration).events
    return {
        "link": address("webinars.confirm", token=secrecy.sign("registration", registration.public_id)),
        "wanted": [(event, webinars.session_of(event)) for event in wanted],
    }
