"""What somebody needs for one booking: only ever encrypted, replaced as a whole, and forgotten."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from cop.core.errors import NotFound
from cop.models.events import Arrangement
from cop.services.events.arrangements import Diet, save_arrangements
from scheduled import purge_expired
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working


def test_are_kept_encrypted(make: Make, work: Working, reading: Reads) -> None:
    held = make.booking(make.person(), make.visit())
    diet = Diet(allergens=["Celery"], ways=["Vegan"], other="No caffeine")
    with work() as opened:
        save_arrangements(opened, booking_id=held.id, access="Hearing loop", diet=diet, travel="By train")
    with reading() as read:
        raw = read.session.execute(text("SELECT access, diet, travel FROM arrangement")).one()
        kept = read.session.get_one(Arrangement, held.id)
    assert not any(word in bytes(column) for column in raw for word in (b"Hearing", b"Celery", b"train"))
    assert (kept.access, kept.travel, kept.emergency_contact) == ("Hearing loop", "By train", None)
    assert json.loads(kept.diet or "") == {"allergens": ["Celery"], "ways": ["Vegan"], "other": "No caffeine"}


def test_take_the_place_of_what_was_said_before(make: Make, work: Working, reading: Reads) -> None:
    held = make.booking(make.person(), make.visit())
    for access in ("Hearing loop", ""):
        with work() as opened:
            save_arrangements(opened, booking_id=held.id, access=access)
    with reading() as read:
        assert [kept.access for kept in read.session.scalars(select(Arrangement))] == [None]


def test_are_forgotten_four_weeks_after_the_last_part(
    make: Make, work: Working, reading: Reads, clock: FixedClock
) -> None:
    visit = make.visit(slots=2)
    held = make.booking(make.person(), visit)
    with work() as opened:
        save_arrangements(opened, booking_id=held.id, access="Hearing loop")
    last = max(part.ends_at for part in visit.parts)
    for now, left in ((last + timedelta(days=30), 1), (last + timedelta(days=30, seconds=1), 0)):
        clock.set(now)
        with reading():
            purge_expired.run()
        with reading() as read:
            assert len(read.session.scalars(select(Arrangement)).all()) == left


def test_belong_to_a_booking_that_there_is(work: Working) -> None:
    with pytest.raises(NotFound), work() as opened:
        save_arrangements(opened, booking_id=99)
