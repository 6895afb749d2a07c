"""Somebody books while two of their records become one: nothing is lost, and nothing points to what is no more."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text

from cop.core.errors import Refusal
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Event
from cop.services import merging
from cop.services.events import booking
from cop.web import run
from tests.concurrency.crowds import Visitor, at_once
from tests.concurrency.processes import Web
from tests.support.make import Make, Reads, Working
from tests.support.merging import Merging

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
PATIENCE = 30


@pytest.fixture
def merges(app: Flask) -> Merging:
    return Merging(app)


@pytest.fixture
def until_somebody_waits(reading: Reads) -> Callable[[], None]:
    def wait() -> None:
        for _ in range(PATIENCE * 100):
            with reading() as read:
                if read.session.scalar(WAITING):
                    return
            time.sleep(0.01)
        raise AssertionError("nobody waited for a lock")

    return wait


def held(reading: Reads) -> list[tuple[int, int]]:
    """Live bookings, as event and person."""
    with reading() as read:
        live = select(Booking.event_id, Booking.person_id).where(Booking.state == BookingState.LIVE)
        return sorted((row[0], row[1]) for row in read.session.execute(live))


def test_a_booking_under_way_is_waited_for_and_has_to_be_looked_at(
    make: Make, work: Working, reading: Reads, merges: Merging, until_somebody_waits: Callable[[], None]
) -> None:
    kept, gone, visit = make.account("Amina"), make.account("Amina"), make.visit()
    seen = merges.preview(kept, gone).seen
    with work() as opened:
        opened.session.add(Booking(event_id=visit.id, person_id=gone.id, party_size=1, booked_at=opened.now))
        opened.session.flush()

        def merge() -> str:
            with pytest.raises(Refusal) as refused, work() as other:
                merging.people.merge(other, kept=kept.public_id, gone=gone.public_id, take=(), seen=seen)
            return str(refused.value)

        with ThreadPoolExecutor(1) as threads:
            refused = threads.submit(merge)
            until_somebody_waits()
            opened.session.commit()
            assert "Nothing was merged" in refused.result(PATIENCE)
    assert held(reading) == [(visit.id, gone.id)]
    merges.people(kept, gone)
    assert held(reading) == [(visit.id, kept.id)]


def test_a_booking_that_comes_while_they_are_merged_is_refused_in_words(
    make: Make,
    app: Flask,
    work: Working,
    reading: Reads,
    merges: Merging,
    until_somebody_waits: Callable[[], None],
) -> None:
    kept, gone, visit = make.account("Amina"), make.account("Amina"), make.visit()
    seen = merges.preview(kept, gone).seen

    def book() -> str:
        command = partial(booking.book, event_id=visit.id, part_ids=[visit.parts[0].id], party=booking.Party(1))
        with pytest.raises(Refusal) as refused, app.app_context():
            run(command, make.actor(gone))
        return str(refused.value)

    with ThreadPoolExecutor(1) as threads:
        with work() as opened:
            merging.people.merge(opened, kept=kept.public_id, gone=gone.public_id, take=(), seen=seen)
            refused = threads.submit(book)
            until_somebody_waits()
        assert "merged with another" in refused.result(PATIENCE)
    assert held(reading) == []


def test_two_admins_merge_the_same_two_either_way_round(
    make: Make, work: Working, merges: Merging, reading: Reads
) -> None:
    one, other = make.person("Amina"), make.person("Amina")
    seen = {(a.id, b.id): merges.preview(a, b).seen for a, b in ((one, other), (other, one))}

    def merge(kept: Person, gone: Person) -> bool:
        try:
            with work() as opened:
                digest = seen[kept.id, gone.id]
                merging.people.merge(opened, kept=kept.public_id, gone=gone.public_id, take=(), seen=digest)
        except Refusal:
            return False
        return True

    assert sorted(at_once([partial(merge, one, other), partial(merge, other, one)])) == [False, True]
    with reading() as read:
        into = [read.session.get_one(Person, person.id).merged_into for person in (one, other)]
    assert sorted(into, key=str) in ([one.id, None], [other.id, None])


def test_a_crowd_books_while_its_doubles_are_merged(
    app: Flask,
    make: Make,
    work: Working,
    web: Web,
    visit: Callable[..., Event],
    merges: Merging,
    reading: Reads,
    wrong_numbers: Callable[[], list[str]],
) -> None:
    event = visit(event_capacity=100)
    pairs = [(make.account(f"Person {number}"), make.account(f"Person {number}")) for number in range(8)]
    for _kept, gone in pairs[:4]:
        make.booking(gone, event)
    seen = {kept.id: merges.preview(kept, gone).seen for kept, gone in pairs}

    def merge(kept: Person, gone: Person) -> int:
        try:
            with work() as opened:
                merging.people.merge(
                    opened, kept=kept.public_id, gone=gone.public_id, take=["email"], seen=seen[kept.id]
                )
        except Refusal:
            return 422
        return 200

    def book(visitor: Visitor) -> int:
        return visitor.book(event.slug, event.parts[0].id).status

    acts: list[Callable[[], int]] = [partial(merge, kept, gone) for kept, gone in pairs]
    acts += [partial(book, Visitor(app, person.id, web.port)) for pair in pairs for person in pair]
    statuses = at_once(acts)
    assert set(statuses) <= {200, 302, 404, 422}
    assert wrong_numbers() == []
    with reading() as read:
        gone_ids = read.session.scalars(select(Person.id).where(Person.merged_into.is_not(None))).all()
    assert not {person_id for _, person_id in held(reading)} & set(gone_ids)
