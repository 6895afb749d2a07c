"""The connection to the mail server."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from flask import current_app
from flask_mail import Connection, Mail

SMTP_TIMEOUT_SECONDS = 20


class TimedConnection(Connection):
    """Flask-Mail's connection with a timeout: a silent server must not hold a job for ever."""

    def configure_host(self) -> smtplib.SMTP:
        mail: Mail = self.mail
        host = smtplib.SMTP(mail.server, mail.port, timeout=SMTP_TIMEOUT_SECONDS)
        if mail.use_tls:
            host.starttls(context=ssl.create_default_context())
        if mail.username and mail.password:
            host.login(mail.username, mail.password)
        return host

    def is_broken(self) -> bool:
        """Whether the server hung up, as it may after a letter that it did not like."""
        return self.host is None or self.host.sock is None

    def __exit__(self, *error: Any) -> None:  # noqa: PYI036  handed on as Flask-Mail has it
        with suppress(smtplib.SMTPException, OSError):  # there is nothing left to say to a server that hung up
            super().__exit__(*error)


@contextmanager
def connection() -> Iterator[TimedConnection]:
    """One connection to the mail server for a batch of letters."""
    with TimedConnection(current_app.extensions["mail"]) as opened:
        yield opened
