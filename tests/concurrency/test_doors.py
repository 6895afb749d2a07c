"""Several telephones at one door, over real processes: what each noted without a connection counts once."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from cop.core.access import Role
from cop.core.clock import SystemClock
from cop.models.accounts import Person
from cop.models.doors import DoorPress
from cop.models.events import Event, Mark, MarkSource, Part
from tests.concurrency.crowds import Reply, Visitor, at_once
from tests.concurrency.processes import Web
from tests.support.clock import FixedClock
from tests.support.doors import open_code
from tests.support.make import Make, Reads, Working

TELEPHONES = 6
GUESTS = 10


class Telephone(Visitor):
    """One at which a host is signed in."""

    def send(self, event: Event, presses: Sequence[dict[str, Any]]) -> Reply:
        headers = {"Content-Type": "application/json", "X-CSRFToken": self._token}
        return self._ask("POST", f"/events/{event.slug}/check-in/presses", json.dumps({"presses": presses}), headers)


@pytest.fixture
def visit(make: Make, clock: FixedClock) -> Event:
    """It runs now, with ten guests, however late in the day it is."""
    now = SystemClock().now()
    clock.set(now - timedelta(days=20))
    visit = make.visit(slots=[now - timedelta(minutes=1)], capacity=GUESTS)
    for number in range(GUESTS):
        make.booking(make.account(f"Guest {number}", f"guest{number}@council.example"), visit)
    clock.set(now)
    return visit


@pytest.fixture
def telephones(app: Flask, make: Make, visit: Event, web: Web) -> list[Telephone]:
    hosts = [make.account(f"Host {number}") for number in range(TELEPHONES)]
    for host in hosts:
        make.grant(host, Role.HOST, event=visit)
    return [Telephone(app, host.id, web.port) for host in hosts]


def press(number: int, seat: int, part: Part, status: str = "attended", ago: int = 0) -> dict[str, Any]:
    return {"id": str(UUID(int=number)), "part": part.id, "seat": seat, "status": status, "ago": ago}


def current(reading: Reads) -> Counter[int]:
    with reading() as read:
        return Counter(read.session.scalars(select(Mark.seat_id).where(Mark.superseded_at.is_(None))))


def test_all_send_for_the_same_guests_at_once_and_each_is_here_once(
    telephones: list[Telephone], visit: Event, reading: Reads
) -> None:
    batches = []
    for number in range(TELEPHONES):
        seats = list(range(1, GUESTS + 1))
        ordered = seats if number % 2 else seats[::-1]
        batches.append([press(100 * number + seat, seat, visit.parts[0], ago=1_000 * number) for seat in ordered])
    twice = [*zip(telephones, batches, strict=True)] * 2
    replies = at_once([partial(telephone.send, visit, batch) for telephone, batch in twice])
    assert {reply.status for reply in replies} == {200}
    assert current(reading) == Counter(range(1, GUESTS + 1))
    with reading() as read:
        assert read.session.scalar(select(func.count()).select_from(DoorPress)) == TELEPHONES * GUESTS
        by_door = read.session.scalars(select(Mark.source)).all()
    assert set(by_door) == {MarkSource.CHECK_IN}
    said = [json.loads(reply.body)["outcomes"] for reply in replies]
    assert said[:TELEPHONES] == said[TELEPHONES:]


def test_the_last_press_decides_whoever_sends_first(telephones: list[Telephone], visit: Event, reading: Reads) -> None:
    """Each telephone pressed once for each guest, in turn here and gone; the newest of all said gone for the odd."""
    minute = 60_000
    batches = [
        [
            press(
                100 * number + seat,
                seat,
                visit.parts[0],
                status="" if (number + seat) % 2 else "attended",
                ago=minute * (TELEPHONES - number) + seat,
            )
            for seat in range(1, GUESTS + 1)
        ]
        for number in range(TELEPHONES)
    ]
    replies = at_once([partial(phone.send, visit, batch) for phone, batch in zip(telephones, batches, strict=True)])
    assert {reply.status for reply in replies} == {200}
    newest = TELEPHONES - 1
    assert current(reading) == Counter(seat for seat in range(1, GUESTS + 1) if not (newest + seat) % 2)


def test_guests_and_hosts_at_once_leave_one_mark_each(
    app: Flask, telephones: list[Telephone], visit: Event, web: Web, make: Make, work: Working, reading: Reads
) -> None:
    with reading() as read:
        host_id = telephones[0].person_id
        assert host_id is not None
        host = read.session.get_one(Person, host_id)
    door = open_code(make, work, visit, host)
    path = f"/check-in/{door.code}"
    guests = [
        partial(Visitor(app, None, web.port).post, path, email=f"guest{number}@council.example")
        for number in range(GUESTS)
        for _ in range(2)
    ]
    part = visit.parts[0]
    hosts = [
        partial(phone.send, visit, [press(100 * number + seat, seat, part) for seat in range(1, GUESTS + 1)])
        for number, phone in enumerate(telephones[:3])
    ]
    replies = at_once([*guests, *hosts])
    assert Counter(reply.status for reply in replies) == {302: 2 * GUESTS, 200: 3}
    assert current(reading) == Counter(range(1, GUESTS + 1))
