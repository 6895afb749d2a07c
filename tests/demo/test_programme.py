"""The demo programme as it stands once it is loaded, at whatever time of year."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import selectinload

from cop.core.access import Role
from cop.core.errors import Refusal
from cop.demo import directory
from cop.demo.programme import load
from cop.models.accounts import Account, Person, RoleGrant, Sector
from cop.models.base import Base
from cop.models.events import (
    Attendance,
    Booking,
    BookingSource,
    BookingState,
    Claim,
    Event,
    EventState,
    Mark,
    Part,
    Seat,
    Visibility,
)
from cop.models.organisations import Organisation
from cop.models.programmes import Programme
from scheduled import send_reminders
from tests.support.browse import Browse
from tests.support.clock import START, FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads

LONDON = ZoneInfo("Europe/London")
COMING, PAST = "healthy-hub-stevenage", "healthy-hub-opening"
ROLES = ("admin", "facilitator", "reviewer", "evaluator", "host", "alumna", "participant", "applicant")

Loads = Callable[[], None]


@pytest.fixture
def load_it(app: Flask) -> Loads:
    def loading() -> None:
        with app.app_context():
            load(lambda _step: None)

    return loading


def visit(reading: Reads, slug: str) -> Event:
    wanted = select(Event).where(Event.slug == slug).options(selectinload(Event.parts))
    with reading() as read:
        return read.session.scalars(wanted).one()


def days_of(event: Event) -> list[datetime]:
    return sorted({part.starts_at.astimezone(LONDON).replace(hour=0, minute=0) for part in event.parts})


@pytest.mark.usefixtures("loaded")
class TestOnceLoaded:
    def test_ninety_organisations_have_members_who_joined_early_and_late(self, reading: Reads, browse: Browse) -> None:
        with reading() as read:
            real = Organisation.source != directory.SOURCE
            found = read.session.scalars(select(Organisation).where(real)).all()
        assert len(found) == 90
        assert len({organisation.slug for organisation in found}) == 90
        newer = [organisation.joined_on > START.date() - timedelta(days=3 * 365) for organisation in found]  # type: ignore[operator]
        assert 5 < sum(newer) < 85
        assert all("invented" in (organisation.source or "") for organisation in found)
        assert browse.get("/members/").status == 200

    def test_each_role_has_an_account_and_its_grant(self, reading: Reads) -> None:
        wanted = (
            select(Person.email, RoleGrant.role, RoleGrant.programme_id, RoleGrant.event_id)
            .join(Account, Account.person_id == Person.id)
            .outerjoin(RoleGrant, RoleGrant.person_id == Person.id)
            .where(Person.email.endswith("@demo.example"))
        )
        with reading() as read:
            programme_id = read.session.scalars(select(Programme.id)).one()
            rows = read.session.execute(wanted).all()
        assert {email: (role, where, event) for email, role, where, event in rows} == {
            "admin@demo.example": (Role.ADMIN, None, None),
            "facilitator@demo.example": (Role.FACILITATOR, programme_id, None),
            "reviewer@demo.example": (Role.REVIEWER, programme_id, None),
            "evaluator@demo.example": (Role.EVALUATOR, programme_id, None),
            "host@demo.example": (Role.HOST, programme_id, None),
            **{f"{role}@demo.example": (None, None, None) for role in ("alumna", "participant", "applicant")},
        }
        assert len(rows) == len(ROLES)

    def test_a_coming_visit_over_two_days_has_one_full_slot_and_room_elsewhere(self, reading: Reads) -> None:
        event = visit(reading, COMING)
        assert (event.state, event.visibility) == (EventState.PUBLISHED, Visibility.PUBLIC)
        assert len(days_of(event)) == 2
        left = [(part.capacity or 0) - part.seats_taken for part in event.parts]
        assert len(left) >= 6
        assert left.count(0) == 1
        assert any(0 < places < max(left) for places in left)

    def test_its_bookings_are_of_every_sort(self, reading: Reads) -> None:
        with reading() as read:
            event_id = read.session.scalars(select(Event.id).where(Event.slug == COMING)).one()
            bookings = read.session.scalars(
                select(Booking).where(Booking.event_id == event_id).options(selectinload(Booking.seats))
            ).all()
            without_mail = read.session.scalar(select(func.count()).where(Person.email.is_(None)))
        assert {booking.source for booking in bookings} == {BookingSource.SELF, BookingSource.STAFF}
        assert {booking.state for booking in bookings} == {BookingState.LIVE, BookingState.CANCELLED}
        assert {booking.party_size for booking in bookings} >= {1, 2, 3, 4}
        assert any(seat.name for booking in bookings for seat in booking.seats)
        assert without_mail

    def test_a_past_visit_was_marked_to_the_last_seat(self, reading: Reads) -> None:
        event = visit(reading, PAST)
        assert all(part.ends_at < START for part in event.parts)
        with reading() as read:
            live = read.session.scalars(select(Seat.id).where(Seat.event_id == event.id, Seat.live)).all()
            marked = select(Mark).where(Mark.superseded_at.is_(None), Mark.seat_id.in_(live))
            marks = read.session.scalars(marked).all()
            cancelled = read.session.scalar(
                select(func.count()).where(Booking.event_id == event.id, Booking.state == BookingState.CANCELLED)
            )
        assert sorted(mark.seat_id for mark in marks) == sorted(live)
        counts = Counter(mark.status for mark in marks)
        assert counts[Attendance.ATTENDED] > counts[Attendance.ABSENT] + counts[Attendance.EXCUSED] > 0
        assert cancelled == 2

    def test_other_visits_are_a_draft_unlisted_and_cancelled(self, reading: Reads, browse: Browse) -> None:
        with reading() as read:
            events = read.session.scalars(select(Event).where(Event.slug.not_in([COMING, PAST]))).all()
        slugs = {(event.state, event.visibility): event.slug for event in events}
        draft, unlisted, cancelled = (
            slugs[EventState.DRAFT, Visibility.PUBLIC],
            slugs[EventState.PUBLISHED, Visibility.UNLISTED],
            slugs[EventState.CANCELLED, Visibility.PUBLIC],
        )
        assert browse.get(f"/visits/{draft}").status == 404
        assert browse.get(f"/visits/{unlisted}").status == 200
        assert "cancelled" in browse.get(f"/visits/{cancelled}").text
        listed = browse.get("/visits/").html
        assert [slug in listed for slug in (COMING, draft, unlisted)] == [True, False, False]

    def test_all_sectors_take_part_and_some_have_access_needs(self, reading: Reads) -> None:
        with reading() as read:
            people = read.session.scalars(select(Person)).all()
            sectors = set(read.session.scalars(select(Booking.sector)))
        assert sectors >= set(Sector)
        assert 3 <= sum(person.needs is not None for person in people) < len(people) / 2
        assert all(
            (person.phone or "01632 960 ").startswith("01632 960 ") for person in people
        )  # kept free for fiction

    def test_addresses_are_invented(self, reading: Reads) -> None:
        found = {address.lower() for address in re.findall(r"[\w.+-]+@[\w.-]+\w", "\n".join(everything(reading)))}
        assert len(found) > 30
        assert {address for address in found if not address.endswith(".example")} == set()

    def test_counters_equal_what_is_claimed(self, reading: Reads) -> None:
        claimed = (
            select(Claim.part_id, func.sum(Claim.seats))
            .join(Part, Part.id == Claim.part_id)
            .where(Claim.released_at.is_(None), Part.capacity.is_not(None))
            .group_by(Claim.part_id)
        )
        with reading() as read:
            sums = dict(read.session.execute(claimed).all())
            taken = {
                part_id: seats for part_id, seats in read.session.execute(select(Part.id, Part.seats_taken)) if seats
            }
        assert taken == sums

    def test_nobody_is_mailed_about_the_past(self, app: Flask, mailbox: Mailbox) -> None:
        with app.app_context():
            send_reminders.run()
        assert [mail.subject for mail in mailbox.deliver()] == []

    def test_the_pages_of_each_role_are_there(self, browse: Browse, reading: Reads) -> None:
        with reading() as read:
            people = read.session.scalars(select(Person).where(Person.email.endswith("@demo.example"))).all()
        for person in people:
            assert browse.sign_in(person).get("/account").heading == f"Hello, {person.name}"
            if (person.email or "").startswith(("host", "admin", "facilitator")):
                assert browse.get(f"/events/{COMING}/attendance").status == 200
        assert "Healthy Hub" in browse.another().get("/").text

    def test_it_is_loaded_once(self, load_it: Loads, reading: Reads) -> None:
        before = sorted(everything(reading))
        with pytest.raises(Refusal, match="not empty"):
            load_it()
        assert sorted(everything(reading)) == before


def everything(reading: Reads) -> Iterator[str]:
    """Every row of every table as text, and what is encrypted in the clear."""
    with reading() as read:
        for table in Base.metadata.sorted_tables:
            rows = read.session.execute(text(f'SELECT row_to_json(t)::text FROM "{table.name}" AS t'))  # noqa: S608
            yield from rows.scalars()
        yield from (needs for needs in read.session.scalars(select(Person.needs)) if needs)


def test_nothing_is_loaded_beside_a_programme_of_ones_own(load_it: Loads, make: Make, reading: Reads) -> None:
    make.programme("our-own")
    with pytest.raises(Refusal, match="not empty"):
        load_it()
    with reading() as read:
        assert read.session.scalar(select(func.count()).select_from(Organisation)) == 0


SEASONS = {
    "a Friday": datetime(2026, 6, 5, 16, 45, tzinfo=UTC),
    "a Sunday at midnight": datetime(2026, 8, 9, 0, 0, tzinfo=UTC),
    "24 December": datetime(2026, 12, 24, 12, tzinfo=UTC),
    "the night of the longer day": datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    "the night of the shorter day": datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    "three weeks before the clocks change": datetime(2026, 3, 7, 23, 30, tzinfo=UTC),
    "29 February": datetime(2028, 2, 29, 9, tzinfo=UTC),
}


@pytest.mark.parametrize("at", SEASONS.values(), ids=SEASONS.keys())
def test_it_loads_at_any_time_of_year(
    at: datetime, load_it: Loads, clock: FixedClock, reading: Reads, make: Make
) -> None:
    clock.set(at)
    load_it()
    coming, past = visit(reading, COMING), visit(reading, PAST)
    assert timedelta(days=14) < first_start(coming) - at < timedelta(days=28)
    assert timedelta(days=30) < at - first_start(past) < timedelta(days=60)
    for event in (coming, past):
        assert all(day.weekday() < 5 for day in days_of(event))
        assert {start.time() for start in starts(event)} >= {time(10)}
        assert all(time(9) <= start.time() <= time(17) for start in starts(event))
    assert make.booking(make.account(), coming, 0).public_id


def starts(event: Event) -> Sequence[datetime]:
    return [part.starts_at.astimezone(LONDON) for part in event.parts]


def first_start(event: Event) -> datetime:
    return min(part.starts_at for part in event.parts)
