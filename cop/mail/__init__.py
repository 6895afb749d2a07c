"""Renders a queued message and hands it to Flask-Mail; ``MESSAGES`` lists all there are."""

from cop.mail.drawing import Drawn
from cop.mail.letters import Letter, as_it_reads, drawn, letter
from cop.mail.messages import MESSAGES
from cop.mail.sending import TimedConnection, connection

__all__ = [
    "MESSAGES",
    "Drawn",
    "Letter",
    "TimedConnection",
    "as_it_reads",
    "connection",
    "drawn",
    "letter",
]
