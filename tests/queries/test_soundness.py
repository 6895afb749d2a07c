"""What ``cop db verify`` says of a database that somebody damaged; of one that nobody did it says nothing."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from cop.models.events import Booking, Event
from cop.models.offers import Offer
from cop.queries.soundness import unsound
from cop.services.events import booking
from tests.support import panel
from tests.support.make import Make, Reads, Working
from tests.support.summits import make_summit, offered_in_line
from tests.support.waiting import Line

Damage = Callable[..., list[str]]


@pytest.fixture
def damage(work: Working, reading: Reads) -> Damage:
    """What is found once a statement has changed the sound database past all services."""

    def damaging(statement: str, **values: object) -> list[str]:
        with reading() as read:
            assert unsound(read) == []
        with work() as unit:
            unit.session.execute(text(statement), values)
        with reading() as read:
            return unsound(read)

    return damaging


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit(slots=2, capacity=5, event_capacity=10)


@pytest.fixture
def held(make: Make, visit: Event) -> Booking:
    return make.booking(make.account(), visit, party_size=2)


class TestABooking:
    def test_without_a_claim_on_its_event(self, damage: Damage, visit: Event, held: Booking) -> None:
        assert damage("UPDATE claim SET released_at = '2026-03-01' WHERE part_id IS NULL") == [
            f"booking {held.id} has 0 claims on its event"
        ]

    def test_with_a_claim_after_it_was_cancelled(
        self, damage: Damage, make: Make, work: Working, held: Booking
    ) -> None:
        with work(make.actor(make.admin())) as unit:
            booking.cancel(unit, public_id=held.public_id)
        assert damage("UPDATE claim SET released_at = NULL WHERE part_id IS NULL") == [
            f"booking {held.id} has 1 claims on its event"
        ]

    def test_with_a_claim_on_another_event_only(self, damage: Damage, make: Make, held: Booking) -> None:
        other = make.visit("Another")
        found = damage("UPDATE claim SET event_id = :other WHERE part_id IS NULL", other=other.id)
        assert f"booking {held.id} has 0 claims on its event" in found

    def test_with_a_claim_of_another_size(self, damage: Damage, held: Booking) -> None:
        found = damage("UPDATE claim SET seats = 1 WHERE part_id IS NULL")
        assert f"booking {held.id} is for a party of 2, and a claim of it says 1" in found

    def test_whose_calendar_entry_no_claim_stands_behind(self, damage: Damage, visit: Event, held: Booking) -> None:
        assert damage("UPDATE claim SET released_at = '2026-03-01' WHERE part_id IS NOT NULL") == [
            f"booking {held.id} has calendar entries for the parts [{visit.parts[0].id}], and claims on []"
        ]

    def test_whose_claim_no_calendar_entry_shows(self, damage: Damage, visit: Event, held: Booking) -> None:
        assert damage("UPDATE entry SET status = 'cancelled'") == [
            f"booking {held.id} has calendar entries for the parts [], and claims on [{visit.parts[0].id}]"
        ]

    def test_whose_calendar_entry_shows_another_part(self, damage: Damage, visit: Event, held: Booking) -> None:
        first, second = (part.id for part in visit.parts)
        assert damage("UPDATE entry SET part_id = :second", second=second) == [
            f"booking {held.id} has calendar entries for the parts [{second}], and claims on [{first}]"
        ]


@pytest.mark.parametrize("table", ["event", "part"])
def test_what_is_not_limited_counts_nothing(damage: Damage, make: Make, table: str) -> None:
    visit = make.visit(slots=1, capacity=None)
    make.booking(make.account(), visit)
    name = {"event": visit.slug, "part": visit.parts[0].id}[table]
    assert damage(f"UPDATE {table} SET seats_taken = 3") == [  # noqa: S608
        f"{table} {name} counts 3 seats, and 1 are claimed"
    ]


class TestAnOpenOffer:
    @pytest.fixture
    def offer(self, app: Flask, make: Make, work: Working, visit: Event) -> Offer:
        """Of two places in the first slot, to somebody who waited for that one only."""
        taken = make.booking(make.admin(), visit, party_size=5)
        line = Line(app, make, visit)
        line.join(make.account("Ana"), size=2)
        with work(make.actor(make.admin())) as unit:
            booking.cancel(unit, public_id=taken.public_id)
        return line.offers()[0]

    def test_without_a_claim_on_its_event(self, damage: Damage, offer: Offer) -> None:
        assert damage("UPDATE claim SET released_at = '2026-03-01' WHERE offer_id > 0 AND part_id IS NULL") == [
            f"open offer {offer.id} has 0 claims on its event"
        ]

    def test_with_a_claim_of_another_size(self, damage: Damage, offer: Offer) -> None:
        found = damage("UPDATE claim SET seats = 1 WHERE offer_id > 0 AND part_id > 0")
        assert f"open offer {offer.id} is of 2 places, and a claim of it says 1" in found

    def test_without_a_claim_on_its_slot(self, damage: Damage, visit: Event, offer: Offer) -> None:
        assert damage("UPDATE claim SET released_at = '2026-03-01' WHERE offer_id > 0 AND part_id > 0") == [
            f"open offer {offer.id} has claims on the parts [], and belongs to [{visit.parts[0].id}]"
        ]

    def test_of_a_slot_that_was_not_asked_for(self, damage: Damage, visit: Event, offer: Offer) -> None:
        first, second = (part.id for part in visit.parts)
        found = damage("UPDATE claim SET part_id = :second WHERE offer_id > 0 AND part_id > 0", second=second)
        assert f"open offer {offer.id} has claims on the parts [{second}], and belongs to [{first}]" in found

    def test_of_two_slots_where_one_is_chosen(self, damage: Damage, visit: Event, offer: Offer) -> None:
        first, second = (part.id for part in visit.parts)
        found = damage(
            "INSERT INTO claim (event_id, part_id, offer_id, seats) VALUES (:event, :second, :offer, 2)",
            event=visit.id,
            second=second,
            offer=offer.id,
        )
        assert found == [f"open offer {offer.id} has claims on the parts [{first}, {second}], and belongs to [{first}]"]


class TestAnOpenOfferOfASummit:
    @pytest.fixture
    def summit(self, make: Make, work: Working) -> Event:
        return make_summit(make, work, capacity=1)

    @pytest.fixture
    def offer(self, app: Flask, make: Make, work: Working, reading: Reads, summit: Event) -> Offer:
        return offered_in_line(app, make, work, reading, summit).offers()[0]

    @pytest.mark.parametrize("title", ["Welcome", "Breakout 1"])
    def test_without_a_part_that_belongs_to_it(self, damage: Damage, summit: Event, offer: Offer, title: str) -> None:
        ids = {part.title: part.id for part in summit.parts}
        wanted = sorted(ids[each] for each in ("Welcome", "Breakout 1", "Closing"))
        left = [each for each in wanted if each != ids[title]]
        released = "UPDATE claim SET released_at = '2026-03-01' WHERE offer_id > 0 AND part_id = :part"
        assert damage(released, part=ids[title]) == [
            f"open offer {offer.id} has claims on the parts {left}, and belongs to {wanted}"
        ]

    def test_does_not_hold_what_was_called_off(self, damage: Damage, summit: Event, offer: Offer) -> None:
        called_off = next(part.id for part in summit.parts if part.title == "Welcome")
        (found,) = damage("UPDATE part SET state = 'cancelled' WHERE id = :part", part=called_off)
        assert found.startswith(f"open offer {offer.id} has claims on the parts ")


def test_an_open_offer_of_a_course_without_one_of_its_half_days(damage: Damage, make: Make) -> None:
    course = panel.course(make, places=2)
    offer = panel.offered(make, course, "od")[0]
    half_days = [part.id for part in course.parts]
    released = "UPDATE claim SET released_at = '2026-03-01' WHERE offer_id = :offer AND part_id = :part"
    assert damage(released, offer=offer.id, part=half_days[0]) == [
        f"open offer {offer.id} has claims on the parts {half_days[1:]}, and belongs to {half_days}"
    ]
