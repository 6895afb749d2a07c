"""Places that an offer holds, and bookings that follow from offers and invitations instead of one's own wish."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from cop.core.access import SYSTEM
from cop.core.errors import NotFound, Refusal
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import Application, Cohort
from cop.models.events import Booking, BookingSource, Choice, Claim, Entry, Event, EventKind, Part, Seat
from cop.models.offers import Offer, OfferState
from cop.models.summits import Answer, Invitation
from cop.models.surveys import Questionnaire, Response
from cop.services.events import booking
from cop.services.events.booking import AGENDA, Party
from cop.services.events.locking import lock_event
from tests.support.make import Make, Reads, Working

DAY = timedelta(days=1)


@pytest.fixture
def course(make: Make, work: Working) -> Event:
    """A course with two half-days and two places."""
    event = make.visit(kind=EventKind.COHORT, choice=Choice.ALL, slots=2, capacity=None, event_capacity=2)
    with work() as opened:
        opened.session.add(Cohort(event_id=event.id, minimum=1))
        opened.session.add(Questionnaire(code="application", version=1, title="A", items=[], made_at=opened.now))
    return event


def offer_to(work: Work, course: Event, person: Person) -> Offer:
    questionnaire_id = work.session.scalars(select(Questionnaire.id)).one()
    answers = Response(questionnaire_id=questionnaire_id, answers={}, saved_at=work.now)
    work.session.add(answers)
    work.session.flush()
    application = Application(cohort_id=course.id, person_id=person.id, response_id=answers.id, started_at=work.now)
    work.session.add(application)
    work.session.flush()
    event = lock_event(work, course.id)
    return booking.hold_course(
        work, event, person_id=person.id, application_id=application.id, expires_at=work.now + 7 * DAY
    )


def accept(work: Work, offer: Offer) -> Booking:
    event = lock_event(work, offer.event_id)
    return booking.book_offered(work, event, work.session.get_one(Offer, offer.id))


def taken(reading: Reads, course: Event) -> int:
    with reading() as read:
        return read.session.get_one(Event, course.id).seats_taken


class TestAnOffer:
    def test_holds_the_course_and_every_half_day(
        self, make: Make, work: Working, reading: Reads, course: Event
    ) -> None:
        with work() as opened:
            made = offer_to(opened, course, make.person())
        with reading() as read:
            claims = read.session.scalars(select(Claim).where(Claim.offer_id == made.id)).all()
        assert {claim.part_id for claim in claims} == {None, *(part.id for part in course.parts)}
        assert taken(reading, course) == 1

    def test_is_refused_when_all_places_are_held(self, make: Make, work: Working, course: Event) -> None:
        for _ in range(2):
            with work() as opened:
                offer_to(opened, course, make.person())
        with pytest.raises(Refusal, match="full"), work() as opened:
            offer_to(opened, course, make.person())

    def test_gives_its_place_back_when_it_ends(self, make: Make, work: Working, reading: Reads, course: Event) -> None:
        with work() as opened:
            made = offer_to(opened, course, make.person())
        with work() as opened:
            lock_event(opened, course.id)
            booking.end_offer(opened, opened.session.get_one(Offer, made.id), OfferState.DECLINED)
        assert taken(reading, course) == 0

    def test_becomes_a_booking_with_the_same_claims(
        self, make: Make, work: Working, reading: Reads, course: Event
    ) -> None:
        person = make.person()
        with work() as opened:
            made = offer_to(opened, course, person)
        with reading() as read:
            held = set(read.session.scalars(select(Claim.id).where(Claim.offer_id == made.id)))
        with work() as opened:
            booked = accept(opened, made)
        with reading() as read:
            assert set(read.session.scalars(select(Claim.id).where(Claim.booking_id == booked.id))) == held
            assert read.session.scalar(select(func.count()).select_from(Seat).where(Seat.person_id == person.id)) == 1
            entries = read.session.scalars(select(Entry.part_id).where(Entry.booking_id == booked.id)).all()
        assert list(entries) == [part.id for part in course.parts]
        assert booked.source is BookingSource.OFFER
        assert taken(reading, course) == 1

    def test_is_not_for_somebody_who_has_a_place(self, make: Make, work: Working, course: Event) -> None:
        person = make.person()
        with work() as opened:
            accept(opened, offer_to(opened, course, person))
        with work() as opened:
            opened.session.execute(update(Application).values(state="withdrawn", withdrawn_at=opened.now))
            second = offer_to(opened, course, person)
        with pytest.raises(Refusal, match="already booked"), work() as opened:
            accept(opened, second)

    def test_leaves_no_place_on_a_course_to_whoever_tries_to_book(
        self, make: Make, work: Working, course: Event
    ) -> None:
        with pytest.raises(NotFound), work(make.actor(make.person())) as opened:
            booking.book(opened, event_id=course.id, part_ids=[], party=Party(1))
        guest = booking.Guest("Sam Guest")
        with pytest.raises(NotFound), work(SYSTEM) as opened:
            booking.book_for(opened, event_id=course.id, part_ids=[], party=Party(1), guest=guest)


@pytest.fixture
def summit(make: Make, work: Working) -> Event:
    """An opening for all, two breakouts at the same time, and one after them."""
    event = make.visit(kind=EventKind.SUMMIT, choice=Choice.ANY, slots=4, capacity=1, party_max=1)
    opening, first, second, _third = event.parts
    with work() as opened:
        opened.session.execute(update(Part).where(Part.id == opening.id).values(kind=AGENDA, capacity=None))
        times = {"starts_at": first.starts_at, "ends_at": first.ends_at}
        opened.session.execute(update(Part).where(Part.id == second.id).values(**times))
    return make.event(event.id)


def say_yes(work: Working, summit: Event, person: Person, parts: Sequence[Part]) -> Booking:
    with work() as opened:
        opened.session.add(
            Invitation(
                event_id=summit.id,
                person_id=person.id,
                response=Answer.YES,
                invited_at=opened.now,
                answered_at=opened.now,
            )
        )
        opened.session.flush()
        return booking.book_invited(opened, event_id=summit.id, person=person, part_ids=[part.id for part in parts])


class TestAnInvitation:
    def test_books_the_agenda_and_the_breakouts_chosen(
        self, make: Make, work: Working, reading: Reads, summit: Event
    ) -> None:
        opening = next(part for part in summit.parts if part.kind == AGENDA)
        last = summit.parts[-1]
        booked = say_yes(work, summit, make.person(), [last])
        with reading() as read:
            entries = read.session.scalars(select(Entry.part_id).where(Entry.booking_id == booked.id)).all()
        assert set(entries) == {opening.id, last.id}
        assert booked.source is BookingSource.INVITATION

    def test_lets_nobody_be_in_two_places(self, make: Make, work: Working, summit: Event) -> None:
        twins = [part for part in summit.parts if part.kind != AGENDA][:2]
        with pytest.raises(Refusal, match="at the same time") as refused:
            say_yes(work, summit, make.person(), twins)
        assert refused.value.field == "breakouts"

    def test_is_answered_no_by_whoever_cancels(self, make: Make, work: Working, reading: Reads, summit: Event) -> None:
        person = make.person()
        booked = say_yes(work, summit, person, [])
        with work(make.actor(person)) as opened:
            booking.cancel(opened, public_id=booked.public_id)
        with reading() as read:
            assert read.session.scalars(select(Invitation.response)).one() is Answer.NO

    def test_is_needed(self, make: Make, work: Working, summit: Event) -> None:
        with pytest.raises(NotFound), work(make.actor(make.person())) as opened:
            booking.book(opened, event_id=summit.id, part_ids=[], party=Party(1))
