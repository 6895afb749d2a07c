"""Messages about action plans."""

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.mail.kinds import Values, address, is_preview
from cop.models.commitments import Commitment
from cop.models.outbox import Outbox
from cop.queries import plans


def plan_check(read: Reading, row: Outbox) -> Values | None:
    """Pointless once somebody has said how the plan stands, or its owner has given the place back."""
    plan = read.session.get_one(Commitment, row.params["plan_id"])
    try:
        found = plans.page_of(read, plan)
    except NotFound:
        return None
    if not (found.is_due(read.now) or is_preview(row)):
        return None
    return {
        "plan": plan,
        "event": found.event,
        "again": row.params["again"],
        "link": address("plans.by_link", token=plans.link_token(plan)),
    }
