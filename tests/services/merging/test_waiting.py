"""What becomes of places on waiting lists and of offers when two records become one person, and two again."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.errors import Refusal
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Event
from cop.models.offers import OfferState
from cop.models.outbox import Bounce, OutboxChannel
from cop.models.waiting import Waiting, WaitingState
from cop.queries import reach
from cop.queries.soundness import unsound
from cop.services.events import booking
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.merging import Merging
from tests.support.waiting import Line


@pytest.fixture
def merges(app: Flask) -> Merging:
    return Merging(app)


@pytest.fixture
def visit(make: Make) -> Event:
    """Two slots of two places, both of them full."""
    visit = make.visit("The hub", capacity=2)
    for number in range(2):
        make.booking(make.account("Holder"), visit, number, party_size=2)
    return visit


@pytest.fixture
def line(app: Flask, make: Make, visit: Event) -> Line:
    return Line(app, make, visit)


@pytest.fixture
def free(make: Make, work: Working, reading: Reads, visit: Event) -> Callable[..., None]:
    """Holders give back places of a slot: both of a party of two, or one."""

    def free(slot: int = 0, *, to: int = 0) -> None:
        with reading() as read:
            held = select(Booking).where(Booking.event_id == visit.id).order_by(Booking.id)
            holder = read.session.scalars(held).all()[slot]
        with work() as unit:
            if to:
                parts, party = [visit.parts[slot].id], booking.Party(to)
                booking.change(unit, public_id=holder.public_id, part_ids=parts, party=party)
            else:
                booking.cancel(unit, public_id=holder.public_id)

    return free


@pytest.fixture
def pair(make: Make) -> tuple[Person, Person]:
    """The record that is kept and its double."""
    return make.account("Amina", "amina@council.example"), make.account("A Yusuf", "a@home.example")


@pytest.fixture(autouse=True)
def _every_promise_is_kept(reading: Reads) -> Iterator[None]:
    yield
    with reading() as read:
        assert not unsound(read)


def entries(reading: Reads) -> list[tuple[int, WaitingState]]:
    with reading() as read:
        return [(entry.person_id, entry.state) for entry in read.session.scalars(select(Waiting).order_by(Waiting.id))]


def test_a_booking_stays_and_the_others_place_in_the_line_is_given_up(
    make: Make, merges: Merging, reading: Reads, line: Line, free: Callable[..., None], pair: tuple[Person, Person]
) -> None:
    kept, gone = pair
    free(1)
    make.booking(kept, line.event, 1)
    line.join(gone)
    before = merges.rows("account")
    (clash,) = [clash for clash in merges.preview(kept, gone).clashes if clash.what == "booked and waiting"]
    assert (clash.title, clash.ends["person_id"]) == ("The hub", gone.id)
    merge = merges.people(kept, gone)
    assert entries(reading) == [(kept.id, WaitingState.LEFT)]
    merges.undo(merge)
    assert merges.rows("account") == before


def test_it_is_the_doubles_booking_that_stays(
    make: Make, merges: Merging, reading: Reads, line: Line, free: Callable[..., None], pair: tuple[Person, Person]
) -> None:
    kept, gone = pair
    free(1)
    make.booking(gone, line.event, 1)
    line.join(kept)
    merges.people(kept, gone)
    assert entries(reading) == [(kept.id, WaitingState.LEFT)]


def test_who_waits_for_the_rest_of_a_party_goes_on_beside_the_booking(
    merges: Merging, reading: Reads, line: Line, free: Callable[..., None], pair: tuple[Person, Person]
) -> None:
    kept, gone = pair
    line.join(gone, size=2, split_ok=True)
    line.join(kept)
    free(to=1)
    line.accept(line.offer_of(gone))
    merges.people(kept, gone)
    assert entries(reading) == [(kept.id, WaitingState.WAITING), (kept.id, WaitingState.LEFT)]


def test_of_two_who_wait_for_the_rest_that_beside_the_booking_that_stays_goes_on(
    make: Make, merges: Merging, reading: Reads, line: Line, free: Callable[..., None], pair: tuple[Person, Person]
) -> None:
    kept, gone = pair
    other = make.account("Ben")
    line.join(gone, slots=(1,), size=2, split_ok=True)
    line.join(kept, slots=(0,), size=2, split_ok=True)
    line.join(other, slots=(1,), size=1)
    free(0, to=1)
    line.accept(line.offer_of(kept))
    free(1, to=1)
    line.accept(line.offer_of(gone))
    merge = merges.people(kept, gone)
    assert entries(reading)[:2] == [(kept.id, WaitingState.LEFT), (kept.id, WaitingState.WAITING)]
    assert line.offer_of(other)  # the place that the later booking held
    with pytest.raises(Refusal, match="somebody else’s by now"):
        merges.undo(merge)


@pytest.mark.parametrize("who_booked", [0, 1])
def test_an_offer_to_one_is_answered_before_the_merge_where_the_other_has_booked(
    make: Make,
    merges: Merging,
    line: Line,
    free: Callable[..., None],
    pair: tuple[Person, Person],
    who_booked: int,
) -> None:
    free(1)
    make.booking(pair[who_booked], line.event, 1)
    line.join(pair[1 - who_booked])
    free(0)
    with pytest.raises(Refusal, match="has booked “The hub”, and the other has an open offer"):
        merges.people(*pair)


def test_an_open_offer_passes_over_can_be_accepted_and_comes_back(
    merges: Merging, reading: Reads, line: Line, free: Callable[..., None], pair: tuple[Person, Person]
) -> None:
    kept, gone = pair
    line.join(gone)
    free()
    before = merges.rows("account")
    merge = merges.people(kept, gone)
    assert line.offer_of(kept)
    merges.undo(merge)
    assert merges.rows("account") == before
    merges.people(kept, gone)
    assert line.accept(line.offer_of(kept)).person_id == kept.id
    assert entries(reading) == [(kept.id, WaitingState.BOOKED)]


def test_an_offer_made_since_is_answered_before_the_merge_is_undone(
    merges: Merging, reading: Reads, line: Line, free: Callable[..., None], pair: tuple[Person, Person]
) -> None:
    kept, gone = pair
    line.join(gone)
    merge = merges.people(kept, gone)
    free()
    with pytest.raises(Refusal, match="open offer from the waiting list of “The hub”"):
        merges.undo(merge)
    line.decline(line.offer_of(kept))
    merges.undo(merge)
    assert entries(reading) == [(gone.id, WaitingState.LEFT)]
    assert [offer.person_id for offer in line.offers(OfferState.DECLINED)] == [kept.id]


def test_whoever_booked_since_does_not_wait_again_when_the_merge_is_undone(
    merges: Merging,
    reading: Reads,
    line: Line,
    free: Callable[..., None],
    pair: tuple[Person, Person],
    clock: FixedClock,
) -> None:
    kept, gone = pair
    line.join(gone)
    line.join(kept)
    merge = merges.people(kept, gone)
    clock.move(timedelta(hours=1))
    free()
    line.accept(line.offer_of(kept))
    merges.undo(merge)
    assert entries(reading) == [(gone.id, WaitingState.BOOKED), (kept.id, WaitingState.LEFT)]
    with reading() as read:
        held = select(Booking.state).where(Booking.person_id == kept.id)
        assert read.session.scalars(held).all() == [BookingState.LIVE]


def test_an_address_that_bounces_stays_unreachable_only_for_whom_it_remains(
    merges: Merging, work: Working, reading: Reads, pair: tuple[Person, Person]
) -> None:
    kept, gone = pair
    with work() as unit:
        unit.session.add(Bounce(address="a@home.example", hard=True, report_id="1", at=unit.now))

    def way_to(person: Person) -> OutboxChannel:
        with reading() as read:
            return reach.way(read, read.session.get_one(Person, person.id), "place_offered").channel

    merge = merges.people(kept, gone)
    assert way_to(kept) is OutboxChannel.EMAIL
    merges.undo(merge)
    assert (way_to(kept), way_to(gone)) == (OutboxChannel.EMAIL, OutboxChannel.TELL)
    merges.people(kept, gone, take=["email"])
    assert way_to(kept) is OutboxChannel.TELL
