"""Try the addresses that stand in the toolkit; whoever looks after a resource is told of those that broke."""

from functools import partial

from cop.core.access import SYSTEM
from cop.queries.toolkit_use import addresses_to_try
from cop.services import toolkit_use
from cop.web import ports, unit_of_work
from cop.web import run as carry_out
from scheduled.fetching import Fetching

BATCH = 20
"""Addresses a run, so that with the slowest of sites it is over before the next begins."""


def run() -> str:
    return try_addresses(Fetching(f"cop link check (+{ports().settings.base_url})"))


def try_addresses(fetching: Fetching) -> str:
    """No transaction is open while a site takes its time."""
    with unit_of_work(SYSTEM) as work:
        found = [(row.id, row.url or "") for row in addresses_to_try(work, limit=BATCH)]
    broken = 0
    for item_id, url in found:
        why = fetching.why_not(url)
        broken += carry_out(partial(toolkit_use.note_try, item_id=item_id, url=url, why=why), SYSTEM)
    return f"{len(found)} addresses tried, {broken} found broken"
