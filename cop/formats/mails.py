"""What all readers of mail look at: who sent it, to whom, whether a person did, and its parts."""

import hashlib
import re
from collections.abc import Iterator
from email.message import Message
from email.utils import getaddresses

DELIVERED_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
"""Headers in which the address stands to which a mail went; servers on the way add those after the first two."""

MESSAGE_ID = re.compile(r"<[^<>\s]+>")
LONGEST_LINE = 998
"""Of what is taken from a mail as a name: the longest line that RFC 5322 allows."""


def is_automatic(mail: Message) -> bool:
    """Whether a machine sent the mail by itself, as far as it says so (RFC 3834)."""
    by_itself = header(mail, "Auto-Submitted", "no").partition(";")[0].strip().lower() != "no"
    in_bulk = header(mail, "Precedence").strip().lower() in {"bulk", "junk", "list", "auto_reply"}
    other_signs = any(mail.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress"))
    return by_itself or in_bulk or other_signs


def header(mail: Message, name: str, missing: str = "") -> str:
    """The first header of that name."""
    return str(mail.get(name, missing))


def recipients(mail: Message) -> tuple[str, ...]:
    """All addresses to which the mail went, in lower case."""
    return tuple(dict.fromkeys(address for name in DELIVERED_TO for address in addresses_in(mail, name)))


def addresses_in(mail: Message, name: str) -> list[str]:
    """The addresses in all headers of that name, in lower case."""
    values = [str(value) for value in mail.get_all(name, [])]
    return [address.lower()[:LONGEST_LINE] for _name, address in getaddresses(values) if "@" in address]


def message_id(mail: Message, raw: bytes) -> str:
    """What names the mail, the same however often it is read; its bytes where it names itself by nothing."""
    found = MESSAGE_ID.search(header(mail, "Message-ID"))
    return found.group()[:LONGEST_LINE] if found else hashlib.sha256(raw).hexdigest()


def own_parts(part: Message) -> Iterator[Message]:
    """The mail and its parts, without what stands in mails within it."""
    yield part
    payload = part.get_payload()
    if part.get_content_maintype() == "multipart" and isinstance(payload, list):
        for child in payload:
            if isinstance(child, Message):
                yield from own_parts(child)
