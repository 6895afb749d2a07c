"""Everybody answers at once, over real processes: exactly as many get in as there are places; two hosts at one door."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from cop.core.access import Role
from cop.core.clock import SystemClock
from cop.models.events import Booking, BookingState, Claim, Event, Mark, Part
from cop.models.summits import Answer, Invitation
from tests.concurrency.conftest import PLACES
from tests.concurrency.crowds import Reply, Visitor, at_once
from tests.concurrency.processes import Web
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.summits import answer, breakouts_of, invitation_of, invite, link_to, make_summit

GUESTS = 100

Crowd = Callable[[int, int], list[Visitor]]


@pytest.fixture
def invited(crowd: Crowd, work: Working, web: Web) -> Callable[[Event], list[Visitor]]:
    """A hundred people with an invitation and the form open."""

    def everybody(summit: Event) -> list[Visitor]:
        visitors = crowd(GUESTS, web.port)
        with work() as opened:
            rows = [
                {"event_id": summit.id, "person_id": visitor.person_id, "invited_at": opened.now}
                for visitor in visitors
            ]
            opened.session.execute(insert(Invitation), rows)
        return visitors

    return everybody


def say(visitor: Visitor, summit: Event, response: Answer, *breakouts: Part, seen: int | None = None) -> Reply:
    fields = {"response": response.value, "breakouts": [part.id for part in breakouts], "seen": seen}
    return visitor.post(
        f"/summits/{summit.slug}/rsvp", **{name: said for name, said in fields.items() if said is not None}
    )


def yeses(reading: Reads) -> int:
    with reading() as read:
        said = select(func.count()).select_from(Invitation).where(Invitation.response == Answer.YES)
        return read.session.scalar(said) or 0


def test_a_hundred_at_once_get_the_fifteen_places_of_a_breakout_and_no_more(
    app: Flask,
    web: Web,
    make: Make,
    work: Working,
    reading: Reads,
    invited: Callable[[Event], list[Visitor]],
    wrong_numbers: Callable[[], list[str]],
    people_booked: Callable[[], int],
) -> None:
    summit = make_summit(make, work, breakouts=(PLACES, None))
    small = breakouts_of(summit)[0]
    visitors = invited(summit)
    with reading() as read:
        links = [
            link_to(invitation)
            for invitation in read.session.scalars(select(Invitation).order_by(Invitation.id)).all()[::2]
        ]
    signed_in = [partial(say, visitor, summit, Answer.YES, small) for visitor in visitors[1::2]]
    signed_out = [
        partial(Visitor(app, None, web.port).post, link, response="yes", breakouts=small.id) for link in links
    ]
    replies = at_once([*signed_in, *signed_out])
    assert Counter(reply.status for reply in replies) == {302: PLACES, 422: GUESTS - PLACES}
    assert sum(reply.is_polite for reply in replies) == GUESTS - PLACES
    assert people_booked() == yeses(reading) == PLACES
    assert wrong_numbers() == []


def test_a_hundred_at_once_get_the_fifteen_places_of_a_summit_and_no_more(
    make: Make,
    work: Working,
    reading: Reads,
    invited: Callable[[Event], list[Visitor]],
    wrong_numbers: Callable[[], list[str]],
    people_booked: Callable[[], int],
) -> None:
    summit = make_summit(make, work, capacity=PLACES)
    replies = at_once([partial(say, visitor, summit, Answer.YES) for visitor in invited(summit)])
    assert Counter(reply.status for reply in replies) == {302: PLACES, 422: GUESTS - PLACES}
    assert sum(reply.is_polite for reply in replies) == GUESTS - PLACES
    assert people_booked() == yeses(reading) == PLACES
    assert wrong_numbers() == []


def test_whoever_answers_in_ten_windows_at_once_gives_one_answer(
    make: Make,
    work: Working,
    reading: Reads,
    invited: Callable[[Event], list[Visitor]],
    wrong_numbers: Callable[[], list[str]],
) -> None:
    summit = make_summit(make, work)
    hasty = invited(summit)[0]
    replies = at_once([partial(say, hasty, summit, Answer(word), seen=0) for word in ("yes", "no", "tentative") * 3])
    assert Counter(reply.status for reply in replies) == {302: 1, 422: 8}
    assert all(reply.is_polite for reply in replies if reply.status == 422)
    with reading() as read:
        bookings = read.session.scalar(select(func.count()).select_from(Booking))
    assert bookings == yeses(reading)
    assert wrong_numbers() == []


def test_minds_that_change_all_the_time_leave_every_number_right(
    make: Make,
    work: Working,
    reading: Reads,
    invited: Callable[[Event], list[Visitor]],
    wrong_numbers: Callable[[], list[str]],
) -> None:
    summit = make_summit(make, work, breakouts=(5, 5, None), capacity=PLACES)
    parts = breakouts_of(summit)

    def dither(visitor: Visitor, number: int) -> Counter[int]:
        turns = [
            partial(say, visitor, summit, Answer.YES, parts[number % 2]),
            partial(say, visitor, summit, Answer.YES, parts[2]),
            partial(say, visitor, summit, Answer.NO),
            partial(say, visitor, summit, Answer.YES, parts[(number + 1) % 2], parts[2]),
        ]
        return Counter(turn().status for turn in turns)

    visitors = invited(summit)[:24]
    outcomes = sum(at_once([partial(dither, visitor, number) for number, visitor in enumerate(visitors)]), Counter())
    assert set(outcomes) <= {302, 422}
    assert wrong_numbers() == []
    with reading() as read:
        live = select(func.count()).select_from(Booking).where(Booking.state == BookingState.LIVE)
        held = select(func.count()).select_from(Claim).where(Claim.part_id.is_(None), Claim.released_at.is_(None))
        assert read.session.scalar(live) == read.session.scalar(held) == yeses(reading)


def test_two_hosts_who_press_at_once_leave_one_mark(
    app: Flask, make: Make, work: Working, reading: Reads, web: Web, clock: FixedClock
) -> None:
    now = SystemClock().now()
    clock.set(now - timedelta(days=49))
    summit = make_summit(make, work)
    guest = make.person("Amina Yusuf", "amina@council.example")
    invite(work, summit, guest)
    answer(work, invitation_of(reading, summit, guest), Answer.YES)
    clock.set(now)
    hosts = [make.account(f"Host {number}") for number in range(2)]
    for host in hosts:
        make.grant(host, Role.HOST, event=summit)
    press = {"part": summit.parts[0].id, "seat": 1, "seen": 0, "status": "attended"}
    path = f"/events/{summit.slug}/check-in"
    visitors = [Visitor(app, host.id, web.port) for host in hosts]
    replies = at_once([partial(visitor.post, path, **press) for visitor in visitors])
    assert sorted(reply.status for reply in replies) == [302, 422]
    assert sum(reply.is_polite for reply in replies) == 1
    with reading() as read:
        assert read.session.scalar(select(func.count()).select_from(Mark)) == 1
