"""Renders a queued message and hands it to Flask-Mail; ``MESSAGES`` lists all there are."""

from cop.mail.kinds import address
from cop.mail.letters import letter
from cop.mail.messages import MESSAGES
from cop.mail.sending import TimedConnection, connection

__all__ = ["MESSAGES", "TimedConnection", "address", "connection", "letter"]
