"""Answers that calendars send to an invitation (RFC 5546 and 6047), from the bytes of a mail to values.

Outlook, Google and Apple send them as a part of the mail, others as a file; whatever is no such answer is None.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from typing import Literal

from icalendar import Calendar, Component, Event, vCalAddress, vDDDTypes

from cop.formats.mails import LONGEST_LINE, addresses_in, is_automatic, message_id, own_parts, recipients

Word = Literal["accepted", "declined", "tentative"]
WORDS: dict[str, Word] = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}

MOST_SEQUENCE = 2**31 - 1


@dataclass(frozen=True)
class Reply:
    """One answer. ``id`` is the same however often it is read; ``recipients`` are all addresses that it went to.

    ``proposes`` is another beginning that it asks for (COUNTER). Addresses are in lower case.
    """

    id: str
    sender: str
    recipients: tuple[str, ...]
    uid: str
    sequence: int
    attendee: str
    participation: Word
    is_counter: bool = False
    stamped_at: datetime | None = None
    proposes: datetime | None = None


def read_reply(raw: bytes) -> Reply | None:
    """The answer in a mail, or None where the mail is something else or cannot be understood."""
    mail = message_from_bytes(raw)
    senders = addresses_in(mail, "From")
    if len(senders) != 1:
        return None
    for stream in _streams(mail):
        calendar = _calendar(stream)
        method = str(calendar.get("method", "")).upper() if calendar is not None else ""
        if calendar is None or method not in {"REPLY", "COUNTER"}:
            continue
        return _reply(mail, raw, senders[0], calendar, is_counter=method == "COUNTER")
    return None


def recipients_of_letter(raw: bytes) -> tuple[str, ...]:
    """The addresses to which a person wrote; none where a machine sent the mail by itself."""
    mail = message_from_bytes(raw)
    return () if is_automatic(mail) else recipients(mail)


def _reply(mail: Message, raw: bytes, sender: str, calendar: Calendar, *, is_counter: bool) -> Reply | None:
    events = calendar.events
    if len(events) != 1:  # an answer to one date of a repetition names others; ours never repeat
        return None
    (event,) = events
    answered = _attendee(event, sender)
    sequence = _sequence(event)
    uid = event.get("uid")
    if answered is None or sequence is None or not isinstance(uid, str):
        return None
    attendee, participation = answered
    organizer = _mailto(event.get("organizer"))
    return Reply(
        id=message_id(mail, raw),
        sender=sender,
        recipients=(*recipients(mail), *([organizer] if organizer else [])),
        uid=uid.strip()[:LONGEST_LINE],
        sequence=sequence,
        attendee=attendee,
        participation=participation,
        is_counter=is_counter,
        stamped_at=_instant(event, "dtstamp"),
        proposes=_instant(event, "dtstart") if is_counter else None,
    )


def _streams(mail: Message) -> Iterator[bytes]:
    """What may be a calendar, the parts that say so first; mails within the mail are not looked into."""
    parts = list(own_parts(mail))
    of_type = [part for part in parts if part.get_content_type() in {"text/calendar", "application/ics"}]
    files = [part for part in parts if part not in of_type and str(part.get_filename() or "").lower().endswith(".ics")]
    for part in [*of_type, *files]:
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield _as_utf8(payload, part.get_content_charset() or "utf-8")


def _as_utf8(payload: bytes, charset: str) -> bytes:
    try:
        return payload.decode(charset, "replace").lstrip("\ufeff").encode("utf-8", "replace")
    except LookupError:
        return payload


def _calendar(stream: bytes) -> Calendar | None:
    try:
        found: Component = Calendar.from_ical(stream)
    except (ValueError, KeyError, IndexError, AttributeError, TypeError):  # whatever the library makes of rubbish
        return None
    return found if isinstance(found, Calendar) else None


def _attendee(event: Event, sender: str) -> tuple[str, Word] | None:
    """Who answers and what; where a calendar names several, the sender."""
    named = event.get("attendee", [])
    answers = {
        address: word
        for item in (named if isinstance(named, list) else [named])
        if isinstance(item, vCalAddress)
        and (address := _mailto(item))
        and (word := WORDS.get(str(item.params.get("PARTSTAT", "")).upper())) is not None
    }
    if len(answers) == 1:
        return next(iter(answers.items()))
    return (sender, answers[sender]) if sender in answers else None


def _mailto(value: object) -> str:
    scheme, _, address = (value if isinstance(value, str) else "").strip().partition(":")
    address = address.strip().lower()[:LONGEST_LINE]
    return address if scheme.lower() == "mailto" and "@" in address else ""


def _sequence(event: Event) -> int | None:
    """Its number; without one it is 0 (RFC 5545, 3.8.7.4). None where it is none."""
    value = event.get("sequence", 0)
    return int(value) if isinstance(value, int) and 0 <= value <= MOST_SEQUENCE else None


def _instant(event: Event, name: str) -> datetime | None:
    """An instant that is sure: neither a whole day nor the time of an unknown clock."""
    value = event.get(name)
    moment = value.dt if isinstance(value, vDDDTypes) else None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return None
    try:
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):  # at the ends of the calendar
        return None
