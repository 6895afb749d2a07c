"""Post the messages that staff hang on the dates of an event, when their moment has come."""

from cop.core.access import SYSTEM
from cop.services import rules
from cop.web import unit_of_work
from scheduled.one_by_one import added_up


def run() -> str:
    with unit_of_work(SYSTEM) as work:
        rule_ids = rules.rules_under_way(work)
    return added_up(_post, rule_ids, one="rule", words="messages of rules posted")


def _post(rule_id: int) -> int:
    with unit_of_work(SYSTEM) as work:
        return rules.post_due(work, rule_id=rule_id)
