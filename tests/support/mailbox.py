"""A real SMTP server that keeps what it is given, and the job that delivers to it."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from bs4 import BeautifulSoup
from flask import Flask

from scheduled import send_outbox
from tests.support.html import parse


class Mail:
    """One message as it came over the wire."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.message: EmailMessage = message_from_bytes(raw, policy=policy.default)

    def __getitem__(self, header: str) -> str:
        return str(self.message[header])

    @property
    def subject(self) -> str:
        return self["Subject"]

    @property
    def text(self) -> str:
        return self._part("text/plain") or ""

    @property
    def soup(self) -> BeautifulSoup:
        return parse(self._part("text/html") or "")

    @property
    def calendar(self) -> str | None:
        """The entry that mail clients act on, or None."""
        return self._part("text/calendar")

    def link(self, start: str = "/") -> str:
        """The path of the first link in the text that begins with ``start``, as a person would open it."""
        for found in re.findall(r"https?://\S+", self.text):
            parts = urlsplit(found)
            if parts.path.startswith(start):
                return f"{parts.path}?{parts.query}" if parts.query else parts.path
        raise AssertionError(f"no link to {start}… in: {self.text}")

    def code(self) -> str:
        """The six digits to type."""
        found = re.search(r"\b(\d{3}) ?(\d{3})\b", self.text)
        assert found, f"no code in: {self.text}"
        return "".join(found.groups())

    def _part(self, kind: str) -> str | None:
        for part in self.message.walk():
            if part.get_content_type() == kind and not part.is_attachment():
                return str(part.get_content())
        return None


class Mailbox:
    """``deliver()`` runs the real job and returns what arrived; ``messages`` is everything that ever did."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.messages: list[Mail] = []

    def deliver(self) -> list[Mail]:
        before = len(self.messages)
        with self._app.app_context():
            send_outbox.run()
        return self.messages[before:]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        self.messages.append(Mail(envelope.content))
        return "250 kept"


@contextmanager
def open_mailbox(app: Flask) -> Iterator[Mailbox]:
    mailbox = Mailbox(app)
    server = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    server.start()
    state = app.extensions["mail"]
    before, state.port = state.port, server.port
    try:
        yield mailbox
    finally:
        state.port = before
        server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
