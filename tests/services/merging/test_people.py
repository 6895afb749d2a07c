"""Two records of one person become one, and two again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select

from cop.core.access import SYSTEM, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Account, Affiliation, Channel, Person, RoleGrant, Sector, SignIn
from cop.models.events import Arrangement, Attendance, Booking, BookingState, Event, MarkSource, Seat
from cop.models.forum import RulesAccepted
from cop.models.merging import AddressChange
from cop.models.outbox import Preference
from cop.models.security import (
    Authenticator,
    ExternalIdentity,
    FactorTry,
    IdentityProvider,
    Passkey,
    RecoveryCode,
)
from cop.models.service import Observation
from cop.models.waiting import Waiting, WaitingState
from cop.queries.accounts import signed_in_person
from cop.services import accounts, merging
from cop.services.events import attendance
from cop.services.events.arrangements import save_arrangements
from tests.support.clock import START, FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.merging import Merging


@pytest.fixture
def merges(app: Flask) -> Merging:
    return Merging(app)


def fresh(reading: Reads, person: Person) -> Person:
    with reading() as read:
        return read.session.get_one(Person, person.id)


def bookings_of(reading: Reads, person: Person) -> list[tuple[int, BookingState]]:
    with reading() as read:
        found = select(Booking).where(Booking.person_id == person.id).order_by(Booking.id)
        return [(booking.event_id, booking.state) for booking in read.session.scalars(found)]


# What passes over


def test_everything_passes_to_the_record_that_is_kept(make: Make, merges: Merging, reading: Reads) -> None:
    kept, gone = make.account("Amina Yusuf"), make.person("A Yusuf", organisation=make.organisation())
    visit = make.visit()
    make.booking(gone, visit)
    merges.people(kept, gone)
    assert bookings_of(reading, kept) == [(visit.id, BookingState.LIVE)]
    assert bookings_of(reading, gone) == []
    assert fresh(reading, gone).merged_into == kept.id
    with reading() as read:
        assert read.session.scalars(select(Seat.person_id)).all() == [kept.id]
        assert read.session.scalars(select(Affiliation.person_id)).all() == [kept.id]


def test_undoing_restores_every_row(make: Make, merges: Merging, clock: FixedClock) -> None:
    kept = make.account("Amina Yusuf", organisation=make.organisation(), phone="01632 960 001")
    gone = make.account("A Yusuf", organisation=make.organisation(), sector=Sector.COUNCILLOR)
    make.grant(kept, Role.HOST, programme=make.programme())
    make.grant(gone, Role.HOST, programme=make.programme())
    make.grant(gone, Role.REVIEWER, programme=make.programme())
    make.booking(kept, make.visit("First"))
    make.booking(gone, make.visit("Second"))
    before = merges.rows("account")
    clock.move(timedelta(hours=1))
    merge = merges.people(kept, gone, take=["name", "email", "place"])
    assert merges.rows("account") != before
    clock.move(timedelta(days=30))
    merges.undo(merge)
    assert merges.rows("account") == before


def test_fields_are_chosen_one_by_one_and_come_back(make: Make, merges: Merging, reading: Reads) -> None:
    kept = make.person("Amina Yusuf", "amina@council.example", phone="1", needs="A ramp", timezone="Europe/Paris")
    gone = make.person("A Yusuf", "a@home.example", phone="2", needs="Large print", prefers=Channel.PHONE)
    merge = merges.people(kept, gone, take=["name", "phone", "needs"])
    now = fresh(reading, kept)
    assert (now.name, now.email, now.phone, now.needs) == ("A Yusuf", "amina@council.example", "2", "Large print")
    assert (now.prefers, now.timezone) == (Channel.EMAIL, "Europe/Paris")
    assert fresh(reading, gone).email is None
    assert merge.before["gone"]["email"] == "a@home.example"
    assert "ramp" not in str(merge.before)
    assert "print" not in str(merge.before)
    merges.undo(merge)
    one, other = fresh(reading, kept), fresh(reading, gone)
    assert (one.name, one.email, one.phone, one.needs) == ("Amina Yusuf", "amina@council.example", "1", "A ramp")
    assert (other.name, other.email, other.phone, other.needs) == ("A Yusuf", "a@home.example", "2", "Large print")
    assert other.merged_into is None


def test_what_only_one_of_them_says_is_no_choice(make: Make, merges: Merging, reading: Reads) -> None:
    kept = make.person("Amina Yusuf", None)
    gone = make.person("Amina Yusuf", "a@home.example", phone="2", needs="Large print", sector=Sector.RESIDENT)
    preview = merges.preview(kept, gone)
    assert preview.choices == []
    assert preview.settled == {"email": True, "phone": True, "needs": True, "place": True}
    merge = merges.people(kept, gone)
    now = fresh(reading, kept)
    assert (now.email, now.phone, now.needs) == ("a@home.example", "2", "Large print")
    merges.undo(merge)
    assert fresh(reading, kept).email is None
    assert fresh(reading, gone).email == "a@home.example"


def test_a_merge_of_merged_records_leads_straight_to_the_last(make: Make, merges: Merging, reading: Reads) -> None:
    first, second, third = (make.person(name) for name in ("One", "Two", "Three"))
    earlier = merges.people(second, first)
    later = merges.people(third, second)
    assert fresh(reading, first).merged_into == third.id
    with pytest.raises(Refusal, match="undo that first"):
        merges.undo(earlier)
    merges.undo(later)
    assert fresh(reading, first).merged_into == second.id
    merges.undo(earlier)
    assert fresh(reading, first).merged_into is None


# Signing in


def test_the_doubles_sessions_end_and_its_address_leads_to_nobody(
    make: Make, merges: Merging, reading: Reads, work: Working
) -> None:
    kept, gone = make.account("Amina", "amina@council.example"), make.account("Amina", "a@home.example")
    with work() as opened:
        token = accounts.make_sign_in_link(opened, email="a@home.example")
    devices = {person.id: make.device_of(person) for person in (kept, gone)}
    merges.people(kept, gone)
    with reading() as read:
        assert signed_in_person(read.session, gone.id, 0, devices[gone.id]) is None
        assert signed_in_person(read.session, kept.id, 0, devices[gone.id]) is None
        assert signed_in_person(read.session, kept.id, 0, devices[kept.id]) is not None
    with pytest.raises(Refusal, match="used already"), work() as opened:
        accounts.sign_in_by_link(opened, token=token)
    with work() as opened:
        again = accounts.make_sign_in_link(opened, email="a@home.example")
    with work() as opened:
        arrival = accounts.sign_in_by_link(opened, token=again)
    assert arrival.is_new
    assert arrival.person_id not in {kept.id, gone.id}


def test_the_doubles_second_factors_open_nothing_of_the_record_that_is_kept(
    make: Make, merges: Merging, reading: Reads, work: Working
) -> None:
    kept, gone = make.account("Amina", "amina@council.example"), make.account("Amina", "a@home.example")
    provider = IdentityProvider(organisation_id=make.organisation().id, name="x", issuer="https://x.example")
    provider.client_id, provider.client_secret, provider.made_at = "cop", "secret", START
    with work() as opened:
        opened.session.add(provider)
        opened.session.flush()
        for number, person in enumerate((kept, gone)):
            word, mine = str(number), {"person_id": person.id}
            known = {**mine, "provider_id": provider.id, "subject": word, "linked_at": opened.now}
            opened.session.add_all(
                [
                    Passkey(**mine, credential_id=word.encode(), public_key=b"1", name=word, added_at=opened.now),
                    Authenticator(**mine, secret=word, begun_at=opened.now, confirmed_at=opened.now),
                    RecoveryCode(**mine, digest="same", made_at=opened.now),
                    FactorTry(**mine, at=opened.now),
                    ExternalIdentity(**known),
                ]
            )
    merge = merges.people(kept, gone)
    for _ in range(2):
        with reading() as read:
            for table in (Passkey, Authenticator, RecoveryCode, FactorTry, ExternalIdentity):
                assert read.session.scalars(select(table.person_id)).all() == [kept.id], table
        if merge.undone_at is None:
            merge = merges.undo(merge)


def test_the_proof_of_an_address_goes_with_the_address(make: Make, merges: Merging, reading: Reads) -> None:
    kept, gone = make.account("Amina", "amina@council.example"), make.account("Amina", "a@home.example")
    before = make.device_of(kept)
    merge = merges.people(kept, gone, take=["email"])
    after = make.device_of(kept)
    assert fresh(reading, kept).email == "a@home.example"
    with reading() as read:
        assert [account.person_id for account in read.session.scalars(select(Account))] == [kept.id]
        assert signed_in_person(read.session, kept.id, 0, before) is None
        assert signed_in_person(read.session, kept.id, 1, before) is None
        assert signed_in_person(read.session, kept.id, 1, after) is not None
    merges.undo(merge)
    with reading() as read:
        epochs = {account.person_id: account.session_epoch for account in read.session.scalars(select(Account))}
    assert epochs == {kept.id: 1, gone.id: 1}  # whoever was signed in before signs in anew


@pytest.mark.parametrize("signs_in", ["kept", "gone"])
def test_the_address_that_somebody_proved_is_kept(
    signs_in: str, make: Make, merges: Merging, reading: Reads, work: Working
) -> None:
    people = {"kept": make.person("Amina", "kept@home.example"), "gone": make.person("Amina", "gone@home.example")}
    make.account_of(people[signs_in])
    assert "email" not in merges.preview(people["kept"], people["gone"]).choices
    with pytest.raises(Refusal):
        merges.people(people["kept"], people["gone"], take=["email"])
    merges.people(people["kept"], people["gone"])
    assert fresh(reading, people["kept"]).email == f"{signs_in}@home.example"
    with reading() as read:
        assert read.session.scalars(select(Account.person_id)).all() == [people["kept"].id]


def test_a_change_of_address_under_way_ends(make: Make, merges: Merging, reading: Reads, work: Working) -> None:
    kept, gone = make.account("Amina"), make.account("Amina")
    with work() as opened:
        for person in (kept, gone):
            opened.session.add(
                AddressChange(
                    person_id=person.id,
                    email=f"{person.id}@new.example",
                    asked_at=opened.now,
                    expires_at=opened.now + timedelta(days=1),
                )
            )
    merges.people(kept, gone)
    with reading() as read:
        changes = read.session.scalars(select(AddressChange)).all()
    assert [change.person_id for change in changes] == [kept.id, kept.id]
    assert all(change.ended_at for change in changes)


# What stands twice


def test_of_two_bookings_the_older_stays_and_nobody_is_told(
    make: Make, merges: Merging, reading: Reads, outbox: Callable[..., list[object]]
) -> None:
    kept, gone, visit = make.person("Amina"), make.person("Amina"), make.visit(event_capacity=5)
    older = make.booking(gone, visit, party_size=2)
    newer = make.booking(kept, visit, slot=1)
    posted = len(outbox())
    before = merges.rows("entry")
    merge = merges.people(kept, gone)
    assert len(outbox()) == posted
    assert bookings_of(reading, kept) == [(visit.id, BookingState.LIVE), (visit.id, BookingState.CANCELLED)]
    with reading() as read:
        assert read.session.get_one(Booking, older.id).state is BookingState.LIVE
        assert read.session.get_one(Booking, newer.id).state is BookingState.CANCELLED
        assert read.session.get_one(Event, visit.id).seats_taken == 2
    merges.undo(merge)
    assert merges.rows("entry") == before


def test_a_calendar_entry_that_comes_back_is_newer_than_what_calendars_have(
    make: Make, merges: Merging, reading: Reads
) -> None:
    kept, gone, visit = make.person("Amina"), make.person("Amina"), make.visit()
    make.booking(kept, visit)
    make.booking(gone, visit)

    def entries() -> list[tuple[int, str]]:
        return [(row["sequence"], row["status"]) for row in merges.rows()["entry"]]

    merge = merges.people(kept, gone)
    assert entries() == [(0, "confirmed"), (1, "cancelled")]
    merges.undo(merge)
    assert entries() == [(0, "confirmed"), (2, "confirmed")]


def test_the_booking_whose_attendance_is_known_stays(
    make: Make, merges: Merging, reading: Reads, work: Working, clock: FixedClock
) -> None:
    kept, gone, visit = make.person("Amina"), make.person("Amina"), make.visit()
    make.booking(kept, visit)
    newer = make.booking(gone, visit)
    clock.move(timedelta(days=8))
    mark(work, visit, newer)
    merges.people(kept, gone)
    with reading() as read:
        live = select(Booking.id).where(Booking.state == BookingState.LIVE)
        assert read.session.scalars(live).all() == [newer.id]


def mark(work: Working, visit: Event, booking: Booking) -> None:
    with work() as opened:
        seat_id = opened.session.scalars(select(Seat.id).where(Seat.booking_id == booking.id)).one()
        status, source = Attendance.ATTENDED, MarkSource.ROSTER
        attendance.mark(opened, part_id=visit.parts[0].id, seat_id=seat_id, status=status, source=source)


def test_two_marked_bookings_are_for_a_person_to_decide(
    make: Make, merges: Merging, work: Working, clock: FixedClock
) -> None:
    kept, gone, visit = make.person("Amina"), make.person("Amina"), make.visit("The hub")
    booked = [make.booking(person, visit) for person in (kept, gone)]
    clock.move(timedelta(days=8))
    for booking in booked:
        mark(work, visit, booking)
    before = merges.rows()
    with pytest.raises(Refusal, match="Both have booked “The hub”"):
        merges.people(kept, gone)
    assert merges.rows() == before


def test_what_was_arranged_goes_with_the_booking_that_stays(
    make: Make, merges: Merging, reading: Reads, work: Working
) -> None:
    kept, gone, visit = make.person("Amina"), make.person("Amina"), make.visit()
    stays, ends = make.booking(kept, visit), make.booking(gone, visit)
    with work() as opened:
        save_arrangements(opened, booking_id=ends.id, access="A ramp")
    merge = merges.people(kept, gone)

    def arranged() -> list[tuple[int, str | None]]:
        with reading() as read:
            return [(row.booking_id, row.access) for row in read.session.scalars(select(Arrangement))]

    assert arranged() == [(stays.id, "A ramp")]
    merges.undo(merge)
    assert arranged() == [(ends.id, "A ramp")]
    with work() as opened:
        save_arrangements(opened, booking_id=stays.id, access="A lift")
    with pytest.raises(Refusal, match="said what they need"):
        merges.people(kept, gone)


def test_places_that_others_took_meanwhile_cannot_be_given_back(make: Make, merges: Merging, reading: Reads) -> None:
    kept, gone = make.person("Amina"), make.person("Amina")
    visit = make.visit(slots=1, capacity=3)
    make.booking(kept, visit)
    make.booking(gone, visit, party_size=2)
    merge = merges.people(kept, gone)
    make.booking(make.person("Ben"), visit, party_size=2)
    before = merges.rows()
    with pytest.raises(Refusal, match="somebody else’s by now"):
        merges.undo(merge)
    assert merges.rows() == before
    assert fresh(reading, gone).merged_into == kept.id


def waits(work: Working, person: Person, visit: Event, state: WaitingState = WaitingState.WAITING) -> Waiting:
    with work() as opened:
        made = Waiting(event_id=visit.id, person_id=person.id, party_size=1, state=state, joined_at=opened.now)
        opened.session.add(made)
    return made


def test_the_earlier_place_in_the_queue_stays(make: Make, merges: Merging, reading: Reads, work: Working) -> None:
    kept, gone, visit = make.person("Amina"), make.person("Amina"), make.visit()
    earlier, later = waits(work, gone, visit), waits(work, kept, visit)
    before = merges.rows()
    merge = merges.people(kept, gone)
    with reading() as read:
        entries = {entry.id: (entry.person_id, entry.state) for entry in read.session.scalars(select(Waiting))}
    assert entries == {earlier.id: (kept.id, WaitingState.WAITING), later.id: (kept.id, WaitingState.LEFT)}
    merges.undo(merge)
    assert merges.rows() == before


def test_an_open_offer_is_answered_first(make: Make, merges: Merging, work: Working) -> None:
    kept, gone, visit = make.person("Amina"), make.person("Amina"), make.visit()
    waits(work, kept, visit)
    waits(work, gone, visit, WaitingState.OFFERED)
    with pytest.raises(Refusal, match="open offer"):
        merges.people(kept, gone)


def test_whoever_said_no_to_mail_gets_none_and_rules_are_accepted_once(
    make: Make, merges: Merging, reading: Reads, work: Working
) -> None:
    kept, gone, programme = make.person("Amina"), make.person("Amina"), make.programme()
    with work() as opened:
        for person, wanted in ((kept, True), (gone, False)):
            topic, at = "forum", opened.now
            opened.session.add(Preference(person_id=person.id, topic=topic, wanted=wanted, changed_at=at))
            opened.session.add(RulesAccepted(person_id=person.id, programme_id=programme.id, version=1, at=at))
    before = merges.rows()
    merge = merges.people(kept, gone)
    with reading() as read:
        assert [(row.person_id, row.wanted) for row in read.session.scalars(select(Preference))] == [(kept.id, False)]
        assert read.session.scalars(select(RulesAccepted.person_id)).all() == [kept.id]
    merges.undo(merge)
    assert merges.rows() == before


def test_a_role_that_both_hold_is_held_once(make: Make, merges: Merging, reading: Reads) -> None:
    kept, gone = make.person("Amina"), make.person("Amina")
    for person in (kept, gone):
        make.grant(person, Role.HOST, programme=make.programme())
    merges.people(kept, gone)
    with reading() as read:
        grants = read.session.scalars(select(RoleGrant).order_by(RoleGrant.id)).all()
    assert [(grant.person_id, grant.revoked_at is None) for grant in grants] == [(kept.id, True), (kept.id, False)]


def test_one_of_two_places_ends_today_and_stays_in_the_history(
    make: Make, merges: Merging, reading: Reads, clock: FixedClock
) -> None:
    brent, oldham = make.organisation("Brent"), make.organisation("Oldham")
    kept, gone = make.person("Amina", organisation=brent), make.person("Amina", organisation=oldham)
    merge = merges.people(kept, gone, take=["place"])

    def places() -> list[tuple[int | None, int, object]]:
        with reading() as read:
            rows = read.session.scalars(select(Affiliation).order_by(Affiliation.id))
            return [(row.organisation_id, row.person_id, row.to_on) for row in rows]

    assert places() == [(brent.id, kept.id, clock.now().date()), (oldham.id, kept.id, None)]
    merges.undo(merge)
    assert places() == [(brent.id, kept.id, None), (oldham.id, gone.id, None)]


# Undoing


def test_what_came_after_the_merge_stays_with_the_record_that_was_kept(
    make: Make, merges: Merging, reading: Reads
) -> None:
    kept, gone, first, then = make.person("Amina"), make.person("Amina"), make.visit(), make.visit()
    make.booking(gone, first)
    merge = merges.people(kept, gone)
    make.booking(kept, then)
    merges.undo(merge)
    assert bookings_of(reading, gone) == [(first.id, BookingState.LIVE)]
    assert bookings_of(reading, kept) == [(then.id, BookingState.LIVE)]


def test_what_was_deleted_meanwhile_stands_in_no_way(make: Make, merges: Merging, work: Working) -> None:
    kept, gone = make.person("Amina"), make.person("Amina")
    with work() as opened:
        opened.session.add(Observation(kind="view", subject_kind="event", person_id=gone.id, at=opened.now))
    merge = merges.people(kept, gone)
    with work() as opened:
        opened.session.execute(delete(Observation))
    merges.undo(merge)
    assert merges.rows()["observation"] == []


def test_an_address_that_somebody_else_has_by_now_cannot_be_given_back(make: Make, merges: Merging) -> None:
    kept, gone = make.person("Amina", "amina@council.example"), make.person("Amina", "a@home.example")
    merge = merges.people(kept, gone)
    make.person("Another Amina", "a@home.example")
    with pytest.raises(Refusal, match=r"a@home\.example belongs to Another Amina by now"):
        merges.undo(merge)


def test_a_field_that_was_changed_since_stands_in_the_way(make: Make, merges: Merging, work: Working) -> None:
    kept, gone = make.person("Amina"), make.person("A Yusuf", needs="Large print")
    merge = merges.people(kept, gone, take=["name"])
    with work() as opened:
        opened.session.get_one(Person, kept.id).needs = "Braille"
    with pytest.raises(Refusal, match="changed since"):
        merges.undo(merge)


def test_a_merge_is_undone_once(make: Make, merges: Merging) -> None:
    merge = merges.people(make.person("Amina"), make.person("Amina"))
    merges.undo(merge)
    with pytest.raises(Refusal, match="undone already"):
        merges.undo(merge)


# Who may, and when it is refused


def test_only_admins_merge_and_undo(make: Make, merges: Merging, work: Working) -> None:
    kept, gone = make.person("Amina"), make.person("Amina")
    facilitator = make.account("Facilitator")
    make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
    make.grant(facilitator, Role.ADMIN, programme=make.programme())
    for actor in (Actor(), make.actor(kept), make.actor(facilitator)):
        with pytest.raises(NotFound), work(actor) as opened:
            merging.people.merge(opened, kept=kept.public_id, gone=gone.public_id, take=(), seen="")
        with pytest.raises(NotFound), work(actor) as opened:
            merging.undo(opened, merge_id=1)


@pytest.mark.parametrize("other", ["the same", "nobody"])
def test_there_have_to_be_two_records(other: str, make: Make, work: Working) -> None:
    kept = make.person("Amina")
    gone = kept.public_id if other == "the same" else "nosuchperson"
    with pytest.raises(NotFound), work() as opened:
        merging.people.merge(opened, kept=kept.public_id, gone=gone, take=(), seen="")


def test_nobody_merges_themselves_away(make: Make, merges: Merging, work: Working) -> None:
    admin, kept = make.admin(), make.person("Ada Admin")
    with pytest.raises(Refusal, match="signed in with the record"), work(make.actor(admin)) as opened:
        seen = merges.preview(kept, admin).seen
        merging.people.merge(opened, kept=kept.public_id, gone=admin.public_id, take=(), seen=seen)


def test_what_was_changed_since_the_page_was_opened_is_looked_at_again(
    make: Make, merges: Merging, work: Working
) -> None:
    kept, gone, visit = make.person("Amina"), make.person("Amina"), make.visit()
    seen = merges.preview(kept, gone).seen
    make.booking(gone, visit)
    with pytest.raises(Refusal, match="Nothing was merged"), work() as opened:
        merging.people.merge(opened, kept=kept.public_id, gone=gone.public_id, take=(), seen=seen)


def test_looking_at_pages_changes_nothing_that_has_to_be_seen(make: Make, merges: Merging, work: Working) -> None:
    kept, gone = make.person("Amina"), make.person("Amina")
    seen = merges.preview(kept, gone).seen
    with work() as opened:
        opened.session.add(Observation(kind="view", subject_kind="event", person_id=gone.id, at=opened.now))
    with work() as opened:
        assert merging.people.merge(opened, kept=kept.public_id, gone=gone.public_id, take=(), seen=seen)


def test_the_second_of_two_admins_is_told(make: Make, merges: Merging, work: Working) -> None:
    kept, gone = make.person("Amina"), make.person("Amina")
    seen = merges.preview(kept, gone).seen
    merges.people(kept, gone)
    with pytest.raises(Refusal, match="Somebody else has merged"), work() as opened:
        merging.people.merge(opened, kept=kept.public_id, gone=gone.public_id, take=(), seen=seen)


def test_a_merged_record_is_not_booked_for(make: Make, merges: Merging, work: Working) -> None:
    kept, gone, visit = make.person("Amina"), make.person("Amina"), make.visit()
    merges.people(kept, gone)
    with pytest.raises(Exception, match="was merged with another"):
        make.booking(gone, visit)


def test_signs_of_an_address_that_goes_are_closed_only_there(
    make: Make, merges: Merging, reading: Reads, work: Working
) -> None:
    kept, gone = make.account("Amina", "amina@council.example"), make.account("Amina", "a@home.example")
    with work(SYSTEM) as opened:
        for email in ("amina@council.example", "a@home.example"):
            accounts.make_sign_in_link(opened, email=email)
    merges.people(kept, gone)
    with reading() as read:
        open_ones = read.session.scalars(select(SignIn.email).where(SignIn.closed_at.is_(None))).all()
    assert open_ones == ["amina@council.example"]
