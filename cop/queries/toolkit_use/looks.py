"""What is counted of the toolkit as it is looked at, and whose looks are not."""

from cop.core.access import STAFF_ROLES, Actor

VIEWED = "resource viewed"
DOWNLOADED = "resource downloaded"
"""What is observed: of a resource that its page was opened, of an item that it was downloaded or followed."""


def is_staff(actor: Actor) -> bool:
    """Whether what the actor does with the toolkit is work on it, and no use of it."""
    return actor.holds(*STAFF_ROLES)
