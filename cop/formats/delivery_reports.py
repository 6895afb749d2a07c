"""Reports of mail servers about what they could not deliver (RFC 3464), from bytes to values.

Whatever is no such report, an answer from holiday for one, is None.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
MESSAGE_ID = re.compile(r"<[^<>\s]+>")


@dataclass(frozen=True)
class Failure:
    """What happened to one recipient; ``recipients`` are the addresses by which servers on the way knew them."""

    recipients: frozenset[str]
    action: str
    status: str
    diagnostic: str


@dataclass(frozen=True)
class DeliveryReport:
    """``id`` is the same however often the report is read; ``message_ids`` name the message that it is about."""

    id: str
    failures: tuple[Failure, ...]
    message_ids: tuple[str, ...]


def read_delivery_report(raw: bytes) -> DeliveryReport | None:
    """The report in a mail, or None where the mail is something else."""
    mail = message_from_bytes(raw)
    status = next((part for part in mail.walk() if part.get_content_type() == "message/delivery-status"), None)
    if mail.get_content_type() != "multipart/report" or status is None:
        return None
    failures = tuple(failure for block in _blocks(status) if (failure := _failure(block)))
    named = [*_original_ids(mail), *_ids(mail, "In-Reply-To"), *_ids(mail, "References")]
    own = next(_ids(mail, "Message-ID"), "") or hashlib.sha256(raw).hexdigest()
    return DeliveryReport(own, failures, tuple(dict.fromkeys(named)))


def _blocks(status: Message) -> Iterator[Message]:
    """The groups of fields, of which those about a recipient name one."""
    payload = status.get_payload()
    yield from (block for block in payload if isinstance(block, Message)) if isinstance(payload, list) else ()


def _failure(block: Message) -> Failure | None:
    recipients = frozenset(
        address for name in ("Final-Recipient", "Original-Recipient") if (address := _address(_field(block, name)))
    )
    if not recipients:
        return None
    found = STATUS.search(_field(block, "Status"))
    return Failure(
        recipients,
        _field(block, "Action").split(" ", 1)[0].lower(),
        found.group(1) if found else "",
        _field(block, "Diagnostic-Code"),
    )


def _field(block: Message, name: str) -> str:
    """The value on one line, without control characters."""
    line = " ".join(str(block.get(name, "")).split())
    return "".join(character for character in line if character.isprintable())


def _address(field: str) -> str:
    """``rfc822; Amina@council.example`` names amina@council.example."""
    kind, separator, address = field.partition(";")
    is_mail = separator and kind.strip().lower() in {"rfc822", "utf-8"}
    return address.strip().strip("<>").lower() if is_mail and "@" in address else ""


def _original_ids(mail: Message) -> Iterator[str]:
    """The Message-ID of what came back, whole or as headers alone."""
    for part in mail.walk():
        if part is mail:
            continue
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            yield from _ids(message_from_bytes(payload if isinstance(payload, bytes) else b""), "Message-ID")
        elif part.get("Message-ID"):
            yield from _ids(part, "Message-ID")


def _ids(mail: Message, header: str) -> Iterator[str]:
    yield from MESSAGE_ID.findall(str(mail.get(header, "")))
