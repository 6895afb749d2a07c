"""Below all services: whatever code writes to the database, it cannot oversell."""

from collections import Counter
from collections.abc import Callable
from functools import partial

import psycopg
import pytest
from sqlalchemy import insert

from cop.models.events import Booking, Event
from tests.concurrency.conftest import PLACES
from tests.concurrency.crowds import at_once
from tests.support.make import Working

CLAIMS, CONNECTIONS = 200, 20


def add_bookings(work: Working, event: Event, person_ids: list[int]) -> list[int]:
    """Ids of bookings that claim nothing yet."""
    with work() as opened:
        rows = [
            {"event_id": event.id, "person_id": person_id, "party_size": 1, "booked_at": opened.now}
            for person_id in person_ids
        ]
        return list(opened.session.scalars(insert(Booking).returning(Booking.id), rows))


def claim(database_url: str, event_id: int, part_id: int | None, booking_ids: list[int]) -> list[str]:
    """Claim a place for each booking, a transaction each: which constraint stood against it, or nothing."""
    found = []
    with psycopg.connect(database_url, autocommit=True) as connection:
        for booking_id in booking_ids:
            try:
                connection.execute(
                    "INSERT INTO claim (event_id, part_id, booking_id, seats) VALUES (%s, %s, %s, 1)",
                    (event_id, part_id, booking_id),
                )
                found.append("")
            except psycopg.errors.IntegrityError as refused:
                found.append(str(refused.diag.constraint_name))
    return found


@pytest.mark.parametrize(
    ("limit", "constraint"),
    [
        ({"capacity": PLACES}, "ck_part_seats_fit"),
        ({"day_capacity": PLACES}, "ck_day_limit_seats_fit"),
        ({"event_capacity": PLACES}, "ck_event_seats_fit"),
    ],
)
def test_two_hundred_claims_at_once_leave_fifteen(
    database_url: str,
    work: Working,
    people: Callable[[int], list[int]],
    visit: Callable[..., Event],
    limit: dict[str, int],
    constraint: str,
) -> None:
    opened = visit(**{"capacity": None, **limit})
    bookings = add_bookings(work, opened, people(CLAIMS))
    part_id = None if "event_capacity" in limit else opened.parts[0].id
    shares = [bookings[position::CONNECTIONS] for position in range(CONNECTIONS)]
    outcomes = at_once([partial(claim, database_url, opened.id, part_id, share) for share in shares])
    assert Counter(outcome for share in outcomes for outcome in share) == {"": PLACES, constraint: CLAIMS - PLACES}
