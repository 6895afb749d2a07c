"""Messages about action plans, and about actions taken home from a summit."""

from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.core.work import Reading
from cop.mail.kinds import Values, is_preview
from cop.models.accounts import Person
from cop.models.commitments import Commitment
from cop.models.outbox import Outbox
from cop.queries import actions, plans
from cop.web import address


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


def action_check(read: Reading, row: Outbox) -> Values | None:
    """Pointless once somebody has said how the action stands, or it was put off or removed."""
    if row.person_id is None:
        return None
    try:
        found = actions.asked(read, commitment_id=row.params["action_id"], person_id=row.person_id)
    except NotFound:
        return None
    if not (found.action.is_due(day_of(read.now)) or is_preview(row)):
        return None
    person = read.session.get_one(Person, row.person_id)
    return {
        "action": found.action,
        "event": found.event,
        "again": row.params["again"],
        "link": address("actions.by_link", token=actions.link_token(person, found.action.id)),
    }
