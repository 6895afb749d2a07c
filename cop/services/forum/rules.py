"""Agreeing to the house rules, without which nobody writes."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.forum import RulesAccepted, Space
from cop.queries import forum as queries


def accept_rules(work: Work, *, version: int) -> None:
    """Agree to the rules as the page showed them, for each programme to whose forum the actor belongs."""
    joined = queries.memberships(work)
    if not joined:
        raise NotFound
    if version != queries.RULES_VERSION:
        raise Refusal(marked("The house rules have changed since you opened this page. Read them again."))
    work.session.execute(
        insert(RulesAccepted)
        .values(
            [
                {
                    "person_id": work.actor.person_id,
                    "programme_id": membership.programme_id,
                    "version": version,
                    "at": work.now,
                }
                for membership in joined
            ]
        )
        .on_conflict_do_nothing()
    )


def refuse_without_rules(work: Work, space: Space) -> None:
    accepted = select(RulesAccepted.version).where(
        RulesAccepted.person_id == work.actor.person_id,
        RulesAccepted.programme_id == space.programme_id,
        RulesAccepted.version == queries.RULES_VERSION,
    )
    if work.session.scalar(accepted) is None:
        raise Refusal(marked("Read and accept the house rules before you write."))
