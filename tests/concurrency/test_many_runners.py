"""Several runners of one job at once share the work."""

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from aiosmtpd.smtp import Session
from sqlalchemy import delete

from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.services import outbox
from tests.concurrency.post_office import PostOffice
from tests.concurrency.processes import PATIENCE, environment, scheduled
from tests.support.make import Make, Working

RUNNERS, MAILS = 4, 60
AT_WORK = 3
"""A runner takes twenty mails at a time, so there is work for three of the four at once."""


def test_four_runners_deliver_every_mail_once(
    database_url: str,
    make: Make,
    visit: Callable[..., Event],
    work: Working,
    post_office: PostOffice,
    tmp_path: Path,
) -> None:
    booking = make.booking(make.account(), visit())
    addresses = [f"guest{number}@crowd.example" for number in range(MAILS)]
    with work() as unit:
        unit.session.execute(delete(Outbox))
        for address in addresses:
            outbox.post(unit, key=f"told:{address}", to=address, template="booking_confirmed", booking_id=booking.id)
    senders = Senders()
    post_office.slowly = senders.wait_for_one_another
    surroundings = environment(database_url, post_office.port)
    log = tmp_path / "jobs.log"
    with ExitStack() as stack:
        runners = [stack.enter_context(scheduled(surroundings, log, "send_outbox")) for _ in range(RUNNERS)]
        assert [runner.wait(PATIENCE) for runner in runners] == [0] * RUNNERS, log.read_text()
    came = post_office.by_recipient()
    assert sorted(came) == sorted(addresses)
    assert all(len(ids) == 1 for ids in came.values())
    assert len({ids[0] for ids in came.values()}) == MAILS
    assert len(senders.seen) >= AT_WORK


class Senders:
    """Holds back the first mails until several runners are sending at the same time."""

    def __init__(self) -> None:
        self.seen: set[object] = set()

    async def wait_for_one_another(self, session: Session) -> None:
        self.seen.add(session.peer)
        deadline = time.monotonic() + PATIENCE / 4
        while len(self.seen) < AT_WORK and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
