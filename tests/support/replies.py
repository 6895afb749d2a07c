"""Answers as calendars send them: the mail of each of several programs, about any date and booking."""

import base64
import quopri
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import select

from cop.formats.itip import read_reply
from cop.models.accounts import Person
from cop.models.events import Booking, Entry
from cop.models.replies import ReplyState
from cop.queries import replies as queries
from cop.queries.replies import reply_address
from cop.services import replies
from tests.support.make import reading, working

ADDRESS = "replies@cop.example"
"""What COP_REPLY_ADDRESS says in tests."""

_numbers = count(1)

OUTLOOK_ZONE = """BEGIN:VTIMEZONE
TZID:GMT Standard Time
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T010000
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""

OUTLOOK = f"""BEGIN:VCALENDAR
METHOD:{{method}}
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
{OUTLOOK_ZONE}BEGIN:VEVENT
ATTENDEE;PARTSTAT={{partstat}};CN="Yusuf, Amina":mailto:{{attendee}}
ORGANIZER;CN=Learning Together:mailto:{{to}}
COMMENT;LANGUAGE=en-GB:Sorry\\, another meeting. Can we talk about it by telephone next week?\\n
UID:{{uid}}@localhost
SUMMARY;LANGUAGE=en-GB:Declined: A morning at the Healthy Hub
DTSTART;TZID=GMT Standard Time:20260714T110000
DTEND;TZID=GMT Standard Time:20260714T120000
CLASS:PUBLIC
PRIORITY:5
DTSTAMP:{{stamp}}
TRANSP:OPAQUE
STATUS:CONFIRMED
SEQUENCE:{{sequence}}
LOCATION;LANGUAGE=en-GB:Healthy Hub
X-MICROSOFT-CDO-APPT-SEQUENCE:{{sequence}}
X-MICROSOFT-CDO-OWNERAPPTID:0
X-MICROSOFT-CDO-BUSYSTATUS:FREE
X-MICROSOFT-DISALLOW-COUNTER:FALSE
END:VEVENT
END:VCALENDAR
"""

GOOGLE = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:{method}
BEGIN:VEVENT
DTSTART:20260714T100000Z
DTEND:20260714T110000Z
DTSTAMP:{stamp}
ORGANIZER;CN=Learning Together:mailto:{to}
UID:{uid}@localhost
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={partstat};CN=Amina
  Yusuf;X-NUM-GUESTS=0:mailto:{attendee}
X-MICROSOFT-CDO-OWNERAPPTID:-1
CREATED:20260302T090000Z
DESCRIPTION:
LAST-MODIFIED:{stamp}
LOCATION:Healthy Hub
SEQUENCE:{sequence}
STATUS:CONFIRMED
SUMMARY:A morning at the Healthy Hub
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
"""

APPLE = """BEGIN:VCALENDAR
CALSCALE:GREGORIAN
VERSION:2.0
PRODID:-//Apple Inc.//macOS 14.5//EN
METHOD:{method}
BEGIN:VEVENT
UID:{uid}@localhost
DTSTART;TZID=Europe/London:20260714T110000
DTEND;TZID=Europe/London:20260714T120000
DTSTAMP:{stamp}
SEQUENCE:{sequence}
SUMMARY:A morning – at the Healthy Hub
ORGANIZER;CN="Learning Together";EMAIL="{to}":mailto:{to}
ATTENDEE;CN="Amina Yusuf";EMAIL="{attendee}";PARTSTAT={partstat};ROLE=REQ-PARTICIPANT:MAILTO:{attendee}
X-APPLE-CREATOR-IDENTITY:com.apple.calendar
END:VEVENT
END:VCALENDAR
"""

THUNDERBIRD = """BEGIN:VCALENDAR
PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN
VERSION:2.0
METHOD:{method}
BEGIN:VEVENT
DTSTAMP:{stamp}
UID:{uid}@localhost
SEQUENCE:{sequence}
DTSTART:20260714T100000Z
ORGANIZER:mailto:{to}
ATTENDEE;PARTSTAT={partstat};CN=Amina Yusuf:mailto:{attendee}
END:VEVENT
END:VCALENDAR
"""


@dataclass(frozen=True)
class Said:
    """What is answered, by whom, to which address."""

    to: str
    uid: str
    attendee: str
    sender: str
    partstat: str
    method: str
    sequence: int
    stamp: str
    message_id: str


def _calendar(text: str, said: Said) -> bytes:
    return text.format(**said.__dict__).replace("\n", "\r\n").encode()


def _head(said: Said, content_type: str, *more: str) -> bytes:
    lines = [
        f"From: Amina Yusuf <{said.sender}>",
        f"To: Learning Together <{said.to}>",
        "Subject: =?utf-8?Q?Declined:_A_morning_=E2=80=93_at_the_Healthy_Hub?=",
        "Date: Mon, 2 Mar 2026 09:30:00 +0000",
        f"Message-ID: {said.message_id}",
        "MIME-Version: 1.0",
        *more,
        f"Content-Type: {content_type}",
    ]
    return "\r\n".join(lines).encode()


def _parts(boundary: str, *parts: bytes) -> bytes:
    edge = f"--{boundary}".encode()
    return b"".join([*(edge + b"\r\n" + part + b"\r\n" for part in parts), edge + b"--\r\n"])


def _part(content_type: str, body: bytes, how: str, *more: str) -> bytes:
    encoders: Mapping[str, Callable[[bytes], bytes]] = {
        "base64": base64.encodebytes,
        "quoted-printable": quopri.encodestring,
        "8bit": bytes,
    }
    encoded = encoders[how](body)
    head = "\r\n".join([f"Content-Type: {content_type}", f"Content-Transfer-Encoding: {how}", *more])
    return head.encode() + b"\r\n\r\n" + encoded.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _outlook(said: Said) -> bytes:
    """Exchange Online: base64, a zone of its own, and a long comment."""
    head = _head(
        said,
        'multipart/alternative; boundary="_000_ABC_"',
        "Thread-Topic: Declined",
        "X-MS-Has-Attach:",
        "X-MS-Exchange-MessageSentRepresentingType: 1",
    )
    text = _part('text/plain; charset="utf-8"', b"Sorry, another meeting.\r\n", "base64")
    stream = _part('text/calendar; charset="utf-8"; method=REPLY', _calendar(OUTLOOK, said), "base64")
    return head + b"\r\n\r\n" + _parts("_000_ABC_", text, stream)


def _google(said: Said) -> bytes:
    """Google Calendar says of itself that no person sent it, and adds a file."""
    head = _head(
        said,
        'multipart/mixed; boundary="000000aa"',
        "Sender: Google Calendar <calendar-notification@google.example>",
        "Auto-Submitted: auto-generated",
        f"Reply-To: {said.sender}",
    )
    stream = _calendar(GOOGLE, said)
    text = _part("text/plain; charset=UTF-8; format=flowed; delsp=yes", b"Amina has declined.\r\n", "base64")
    inner = _part("text/calendar; charset=UTF-8; method=REPLY", stream, "8bit")
    both = b'Content-Type: multipart/alternative; boundary="000000bb"\r\n\r\n' + _parts("000000bb", text, inner)
    disposition = 'Content-Disposition: attachment; filename="invite.ics"'
    file = _part('application/ics; name="invite.ics"', stream, "base64", disposition)
    return head + b"\r\n\r\n" + _parts("000000aa", both, file)


def _apple(said: Said) -> bytes:
    """Apple Mail: a file in quoted-printable, without folded lines, and the address in capitals."""
    head = _head(said, "multipart/mixed; boundary=Apple-Mail-1", "X-Mailer: Apple Mail (2.3774)")
    disposition = "Content-Disposition: attachment; filename=iCal-20260302-093000.ics"
    stream = _part(
        "text/calendar; charset=utf-8; method=REPLY", _calendar(APPLE, said), "quoted-printable", disposition
    )
    text = _part("text/plain; charset=us-ascii", b"Amina Yusuf has declined.\r\n", "8bit")
    return head + b"\r\n\r\n" + _parts("Apple-Mail-1", text, stream)


def _thunderbird(said: Said) -> bytes:
    """The whole mail is the calendar."""
    head = _head(said, "text/calendar; method=REPLY; charset=UTF-8", "Content-Transfer-Encoding: 8bit")
    return head + b"\r\n\r\n" + _calendar(THUNDERBIRD, said)


def _as_file(said: Said) -> bytes:
    """A gateway made a nameless kind of file of it, in an old encoding."""
    head = _head(said, "multipart/mixed; boundary=zz")
    disposition = 'Content-Disposition: attachment; filename="Meeting.ICS"'
    stream = _part("application/octet-stream", b"\xef\xbb\xbf" + _calendar(THUNDERBIRD, said), "base64", disposition)
    return head + b"\r\n\r\n" + _parts("zz", _part("text/plain", b"See the file.\r\n", "8bit"), stream)


CLIENTS: Mapping[str, Callable[[Said], bytes]] = {
    "outlook": _outlook,
    "google": _google,
    "apple": _apple,
    "thunderbird": _thunderbird,
    "file": _as_file,
}


def mailed(
    uid: object,
    *,
    to: str,
    attendee: str = "amina@council.example",
    sender: str = "",
    partstat: str = "DECLINED",
    method: str = "REPLY",
    sequence: int = 0,
    stamp: datetime | str = "20260302T093000Z",
    client: str = "outlook",
    message_id: str = "",
) -> bytes:
    """The mail of that program; without a ``sender`` it comes from the one who answers."""
    said = Said(
        to=to,
        uid=str(uid),
        attendee=attendee,
        sender=sender or attendee,
        partstat=partstat,
        method=method,
        sequence=sequence,
        stamp=stamp if isinstance(stamp, str) else f"{stamp:%Y%m%dT%H%M%SZ}",
        message_id=message_id or f"<{next(_numbers)}@mail.council.example>",
    )
    return CLIENTS[client](said)


class Calendars:
    """What people press in their calendars, about bookings that tests made."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def entry(self, booking: Booking, number: int = 0) -> Entry:
        """The date of the booking with that number, in the order in which it was booked."""
        with reading(self._app) as read:
            found = select(Entry).where(Entry.booking_id == booking.id, Entry.position == number)
            return read.session.scalars(found).one()

    def mail(self, booking: Booking, partstat: str = "DECLINED", *, number: int = 0, **how: Any) -> bytes:
        """The answer to the invitation as it stands now, by mail."""
        entry = self.entry(booking, number)
        with reading(self._app) as read:
            person = read.session.get_one(Person, booking.person_id)
            known = {
                "to": reply_address(ADDRESS, booking.public_id),
                "attendee": person.email,
                "partstat": partstat,
                "sequence": entry.sequence,
                "stamp": read.now,
            }
        return mailed(entry.uid, **{**known, **how})

    def answer(self, booking: Booking, partstat: str = "DECLINED", **how: Any) -> ReplyState | None:
        return self.take(self.mail(booking, partstat, **how))

    def take(self, raw: bytes) -> ReplyState | None:
        """What the service makes of a mail."""
        reply = read_reply(raw)
        assert reply is not None
        with working(self._app) as work:
            return replies.receive(work, reply=reply)

    def waiting(self, booking: Booking) -> int:
        """The id of the answer about the booking that staff have to decide."""
        with reading(self._app) as read:
            (found,) = [item for item in queries.waiting(read) if item.booking.id == booking.id]
            return found.reply.id
