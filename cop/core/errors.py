"""What a command may answer instead of a result."""

from typing import Any


class Refusal(Exception):  # noqa: N818  a rule said no; nothing is broken
    """A rule declined the command, and a person is to be told why.

    ``message`` is an English sentence marked for translation, with named ``%(placeholders)s`` filled from
    ``params`` once it is translated. ``field`` names the form field that the person can mend.
    """

    def __init__(self, message: str, *, field: str | None = None, **params: Any) -> None:
        super().__init__(message % params if params else message)
        self.message = message
        self.field = field
        self.params = params


class NotFound(Exception):  # noqa: N818
    """There is no such record, or the actor may not know of it."""


def marked(message: str) -> str:
    """Mark a sentence for translation where it is written; the web layer translates it where it is shown."""
    return message
