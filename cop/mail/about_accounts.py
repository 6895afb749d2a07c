"""Messages about signing in and about registrations that wait to be confirmed."""

from cop.core import secrecy
from cop.core.errors import marked
from cop.core.work import Reading
from cop.mail.kinds import Values
from cop.models.accounts import SignIn
from cop.models.merging import AddressChange
from cop.models.outbox import Outbox
from cop.models.security import Device
from cop.models.webinars import Registration
from cop.queries import webinars
from cop.queries.addresses import CONFIRMS, STOPS
from cop.services.accounts import code_for
from cop.services.factors import Change
from cop.web import address


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
        "link": address("confirmations.confirm", token=secrecy.sign("registration", registration.public_id)),
        "wanted": [(event, webinars.session_of(event)) for event in wanted],
    }


def new_address(read: Reading, row: Outbox) -> Values | None:
    """Pointless once the change was made, stopped or replaced by another."""
    change = read.session.get(AddressChange, row.params["address_change_id"])
    if change is None or change.ended_at is not None or change.expires_at <= read.now:
        return None
    token = secrecy.sign(CONFIRMS, change.public_id)
    return {"link": address("confirmations.confirm", token=token), "contact_link": address("pages.contact")}


def former_address(read: Reading, row: Outbox) -> Values | None:
    """The owner of the address before hears of it even if somebody was quick to confirm."""
    change = read.session.get(AddressChange, row.params["address_change_id"])
    if change is None:
        return None
    link = address("confirmations.confirm", token=secrecy.sign(STOPS, change.public_id))
    return {"new_email": change.email, "link": link, "contact_link": address("pages.contact")}


def new_browser(read: Reading, row: Outbox) -> Values | None:
    device = read.session.get(Device, row.params["device_id"])
    if device is None:
        return None
    return {"browser": device.browser, "at": device.signed_in_at, "link": address("security.index")}


def changed_factors(_read: Reading, row: Outbox) -> Values | None:
    sentences = {
        Change.APP_ADDED: marked("An app that shows codes was added to your account as a second factor."),
        Change.APP_REMOVED: marked("An app that shows codes was removed from your account."),
        Change.PASSKEY_ADDED: marked("A passkey was added to your account as a second factor."),
        Change.PASSKEY_REMOVED: marked("A passkey was removed from your account."),
        Change.CODES_MADE: marked("New recovery codes were made for your account. Those before do not work any more."),
        Change.RESET: marked(
            "An admin removed all second factors from your account and signed you out everywhere. When you sign in "
            "next, you can set up new ones."
        ),
    }
    link, contact = address("security.index"), address("pages.contact")
    return {"what": sentences[Change(row.params["change"])], "link": link, "contact_link": contact}
