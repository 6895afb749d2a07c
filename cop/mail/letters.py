"""Renders a queued message: text, HTML, and a calendar entry that clients act on."""

import unicodedata
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from flask_mail import Message

from cop.calendar_entries import own_entry
from cop.core.work import Reading
from cop.formats import ical
from cop.mail.drawing import Drawn, draw, name_of, redacted
from cop.mail.messages import MESSAGES
from cop.models.accounts import Person
from cop.models.events import Booking
from cop.models.outbox import Outbox
from cop.queries import calendars
from cop.queries.replies import reply_address
from cop.web import ports

POLICY = SMTP.clone(max_line_length=998)
"""The longest lines that RFC 5322 allows: the library folds quoted names in places where they fall apart."""


NAME_MOST = 60
"""Characters of a name in the address line; the letter itself shows all of it."""


class Letter(Message):
    """Flask-Mail's message with our own MIME tree: its own loses the calendar's method and names the host."""

    def __init__(self, mime: EmailMessage, recipient: str) -> None:
        super().__init__(subject=str(mime["Subject"]), recipients=[recipient], sender=str(mime["From"]))
        self.msgId = str(mime["Message-ID"])
        self.mime = mime

    def _message(self) -> EmailMessage:  # type: ignore[override]  # the modern class does all that the old one did
        return self.mime

    def as_bytes(self) -> bytes:
        return self.mime.as_bytes(policy=POLICY)

    def as_string(self) -> str:
        return self.mime.as_string(policy=POLICY)


def drawn(read: Reading, row: Outbox) -> Drawn | None:
    """The words of a queued message, or None where it has become pointless."""
    return draw(read, row, MESSAGES[row.template])


def as_it_reads(read: Reading, row: Outbox) -> Drawn | None:
    """The words of a message for somebody who only looks: from what is known now, without the keys in it.

    None where its record is gone, or the service sends no messages of this kind any more.
    """
    if row.template not in MESSAGES:
        return None
    looked_at = Outbox(template=row.template, person_id=row.person_id, address=row.address, params=row.params)
    found = drawn(read, looked_at)
    return redacted(found) if found is not None else None


def letter(read: Reading, row: Outbox) -> Letter | None:
    """The finished letter of a queued message, or None where it has become pointless or has no address."""
    person = read.session.get(Person, row.person_id) if row.person_id is not None else None
    recipient = person.email if person is not None else row.address
    words = drawn(read, row)
    if words is None or recipient is None:
        return None
    name = name_of(person)
    mime = EmailMessage()
    mime["Subject"] = words.subject
    mime["From"] = ports().settings.mail["MAIL_DEFAULT_SENDER"]
    mime["To"] = Address(_display_name(name), addr_spec=recipient)
    mime["Date"] = format_datetime(read.now)
    mime["Message-ID"] = f"<{row.message_id}@{ports().settings.domain}>"
    mime["Auto-Submitted"] = "auto-generated"
    mime["X-Auto-Response-Suppress"] = "All"
    if words.stop_link:  # a button of the mail program ends it (RFC 8058)
        mime["List-Unsubscribe"] = f"<{words.stop_link}>"
        mime["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    for header, value in words.values.get("headers", {}).items():
        mime[header] = value
    mime.set_content(words.text, cte="quoted-printable")
    mime.add_alternative(words.html, subtype="html", cte="quoted-printable")
    method = MESSAGES[row.template].method
    if method is not None:
        occasions = calendars.occasions_of_booking(read, booking_id=words.values["booking"].id)
        happenings = [own_entry(occasion, ports().settings.base_url) for occasion in occasions]
        organizer = _organizer(words.values["booking"])
        if method == "REQUEST" and ports().settings.reply_address:  # Outlook answers here, others to the organizer
            mime["Reply-To"] = organizer.email
        _add_calendar(mime, method, happenings, organizer, ical.Mailbox(name or recipient, recipient))
    return Letter(mime, recipient)


def _organizer(booking: Booking) -> ical.Mailbox:
    """Whom calendars answer: the address that is read for this booking, or the one that our mail comes from."""
    settings = ports().settings
    name, sender = parseaddr(settings.mail["MAIL_DEFAULT_SENDER"])
    address = settings.reply_address
    return ical.Mailbox(name, reply_address(address, booking.public_id) if address else sender)


def _display_name(name: str) -> str:
    """The name for the address line: one short line without control characters, so that it can add no header."""
    plain = "".join(character for character in name if unicodedata.category(character) not in {"Cc", "Zl", "Zp"})
    return plain if len(plain) <= NAME_MOST else f"{plain[: NAME_MOST - 1].rstrip()}…"


def _add_calendar(
    mime: EmailMessage,
    method: str,
    happenings: Sequence[ical.Happening],
    organizer: ical.Mailbox,
    attendee: ical.Mailbox,
) -> None:
    """Add the entry as the last alternative, which clients act on, and as a file for those that only look there.

    An invitation names one event (RFC 5546), so a booking of several parts carries a file for each and no inline one.
    """
    streams = [_stream(method, happening, organizer, attendee) for happening in happenings]
    if len(streams) == 1:
        used, stream = streams[0]
        params = {"charset": "utf-8", "method": used}  # bytes, because text would lose the line ends of RFC 5545
        mime.add_alternative(stream, maintype="text", subtype="calendar", params=params)
    for number, (_used, stream) in enumerate(streams, start=1):
        name = "invite.ics" if len(streams) == 1 else f"invite-{number}.ics"
        mime.add_attachment(stream, maintype="application", subtype="ics", filename=name)


def _stream(
    method: str, happening: ical.Happening, organizer: ical.Mailbox, attendee: ical.Mailbox
) -> tuple[str, bytes]:
    """The method that fits the entry, and its bytes: what is cancelled is never asked for."""
    settings = ports().settings
    used = "CANCEL" if happening.cancelled else method
    make = ical.cancel if used == "CANCEL" else ical.request
    stream = make(
        happening,
        organizer=organizer,
        attendee=attendee,
        timezone=settings.timezone,
        domain=settings.domain,
        now=ports().clock.now(),
    )
    return used, stream
