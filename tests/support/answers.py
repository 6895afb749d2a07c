"""Mails that people and machines send to the forum, as their programs write them."""

import base64
from itertools import count

_numbers = count(1)

QUOTED = """
On Mon, 2 Mar 2026 at 09:00, Learning Together <programme@cop.example> wrote:

> Ben Birkett wrote in Project updates:
>
> So did we.
>
> Stop mails about this topic:
"""
"""What mail programs put under an answer."""


def head(to: str, sender: str, content_type: str, *more: str, subject: str = "Re: What works in Brent") -> bytes:
    lines = [
        f"From: Alma Ashdown <{sender}>",
        f"To: {to}",
        f"Subject: {subject}",
        "Date: Mon, 2 Mar 2026 09:30:00 +0000",
        "MIME-Version: 1.0",
        *more,
        f"Content-Type: {content_type}",
    ]
    if not any(line.lower().startswith("message-id:") for line in more):
        lines.insert(0, f"Message-ID: <{next(_numbers)}@mail.council.example>")
    return "\r\n".join(lines).encode()


def plain(
    to: str,
    words: str = "We have a kettle.",
    *more: str,
    sender: str = "alma@council.example",
    quoted: str = QUOTED,
    subject: str = "Re: What works in Brent",
) -> bytes:
    """A letter in plain text with the quotation below; ``more`` are further headers."""
    start = head(to, sender, "text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", *more, subject=subject)
    return start + b"\r\n\r\n" + f"{words}\n{quoted}".replace("\n", "\r\n").encode()


def html(to: str, body: str, *, sender: str = "alma@council.example") -> bytes:
    """A letter that is nothing but HTML."""
    start = head(to, sender, "text/html; charset=utf-8", "Content-Transfer-Encoding: base64")
    return start + b"\r\n\r\n" + base64.encodebytes(body.encode())


def mixed(to: str, *parts: bytes, sender: str = "alma@council.example") -> bytes:
    """A letter of several parts, each with its headers."""
    pieces = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts)
    return head(to, sender, 'multipart/mixed; boundary="edge"') + b"\r\n\r\n" + pieces + b"--edge--\r\n"


def part(content_type: str, body: bytes, *more: str) -> bytes:
    lines = [f"Content-Type: {content_type}", "Content-Transfer-Encoding: base64", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + base64.encodebytes(body)
