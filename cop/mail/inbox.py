"""The mailbox that machines write to, read over IMAP. A message stays unread until its reader says that it is done."""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from cop.core.settings import ImapFolder

TIMEOUT_SECONDS = 20
MOST_BYTES = 256 * 1024
"""Of a message: a report stands at its beginning, before what came back."""


class Inbox(Protocol):
    """What the job is given."""

    def unread(self, limit: int) -> list[str]:
        """The names of the oldest messages that nobody has taken."""
        ...

    def fetch(self, name: str) -> bytes: ...

    def put_away(self, name: str, *, strange: bool = False) -> None:
        """Mark a message as read; ``strange`` marks it for a person to look at."""
        ...


class ImapInbox:
    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._connection = connection

    def unread(self, limit: int) -> list[str]:
        (names,) = self._ask("SEARCH", "UNSEEN")
        return names.decode().split()[:limit] if isinstance(names, bytes) else []

    def fetch(self, name: str) -> bytes:
        answer = self._ask("FETCH", name, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
        for item in answer:
            if isinstance(item, tuple):
                return bytes(item[1])
        raise imaplib.IMAP4.error(f"message {name} is gone")

    def put_away(self, name: str, *, strange: bool = False) -> None:
        self._ask("STORE", name, "+FLAGS.SILENT", r"(\Seen \Flagged)" if strange else r"(\Seen)")

    def _ask(self, command: str, *words: str) -> list[bytes | tuple[bytes, bytes] | None]:
        kind, answer = self._connection.uid(command, *words)
        if kind != "OK":
            raise imaplib.IMAP4.error(f"{command} was refused")
        return answer


@contextmanager
def inbox(at: ImapFolder) -> Iterator[Inbox]:
    """The folder, opened; a silent server must not hold the job for ever."""
    connection = _connect(at)
    try:
        connection.login(at.user, at.password)
        kind, answer = connection.select(_quoted(at.folder))
        if kind != "OK":
            raise imaplib.IMAP4.error(f"cannot open the folder {at.folder}: {answer!r}")
        yield ImapInbox(connection)
    finally:
        try:
            connection.logout()
        except (imaplib.IMAP4.error, OSError):  # there is nothing left to say to a server that hung up
            with suppress(OSError):
                connection.shutdown()


def _connect(at: ImapFolder) -> imaplib.IMAP4:
    if at.tls:
        return imaplib.IMAP4_SSL(at.host, at.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT_SECONDS)
    return imaplib.IMAP4(at.host, at.port, timeout=TIMEOUT_SECONDS)


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
