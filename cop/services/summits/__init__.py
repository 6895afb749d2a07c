"""Inviting people to a summit, and their answers."""

from cop.services.summits.answering import Reply, answer
from cop.services.summits.inviting import invite, plan_invitations, remind, withdraw

__all__ = ["Reply", "answer", "invite", "plan_invitations", "remind", "withdraw"]
