"""Inviting people to a summit, and their answers."""

from cop.services.summits.answering import Reply, answer
from cop.services.summits.inviting import MOST_AT_ONCE, invite, invite_fitting, plan_invitations, remind, withdraw
from cop.services.summits.noting import write_note
from cop.services.summits.substituting import approve, decline, propose, take_back

__all__ = [
    "MOST_AT_ONCE",
    "Reply",
    "answer",
    "approve",
    "decline",
    "invite",
    "invite_fitting",
    "plan_invitations",
    "propose",
    "remind",
    "take_back",
    "withdraw",
    "write_note",
]
