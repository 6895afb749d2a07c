"""A mail server that keeps what it is given, and takes its time where a test wants it to."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.mailbox import Mail, free_port


async def _at_once(_session: Session) -> None:
    """A server that is never slow."""


class PostOffice:
    """``slowly`` is awaited after a message has come and before its sender is told so."""

    def __init__(self) -> None:
        self.port = free_port()
        self.mails: list[Mail] = []
        self.slowly: Callable[[Session], Awaitable[None]] = _at_once

    def by_recipient(self) -> dict[str, list[str]]:
        """The Message-IDs that came to each address."""
        found = defaultdict(list)
        for mail in self.mails:
            found[mail["To"].rpartition("<")[2].rstrip(">")].append(mail["Message-ID"])
        return dict(found)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        self.mails.append(Mail(envelope.content))
        await self.slowly(session)
        return "250 kept"


@contextmanager
def open_post_office() -> Iterator[PostOffice]:
    office = PostOffice()
    server = Controller(office, hostname="127.0.0.1", port=office.port)
    server.start()
    try:
        yield office
    finally:
        server.stop()
