"""Reads about the message rules of events: whom they write to and when, what they say, and what will be sent."""

from cop.queries.rules.audiences import (
    AUDIENCES,
    REMINDERS_MOST,
    UNANSWERED,
    WORTH_SENDING,
    due,
    is_pressing,
    is_reminder,
    may_be_due,
    stands,
    template_of,
    to_send,
)
from cop.queries.rules.letters import FIELDS, Addressed, addressed
from cop.queries.rules.pages import (
    Recipient,
    Recipients,
    Sent,
    moments,
    recipients,
    rule_to_edit,
    rules_of,
    sent_by,
)

__all__ = [
    "AUDIENCES",
    "FIELDS",
    "REMINDERS_MOST",
    "UNANSWERED",
    "WORTH_SENDING",
    "Addressed",
    "Recipient",
    "Recipients",
    "Sent",
    "addressed",
    "due",
    "is_pressing",
    "is_reminder",
    "may_be_due",
    "moments",
    "recipients",
    "rule_to_edit",
    "rules_of",
    "sent_by",
    "stands",
    "template_of",
    "to_send",
]
