"""A place offered by a link: shown on GET, answered on POST, and plain pages for whatever is over."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core import secrecy
from cop.core.access import Actor
from cop.models.accounts import Person
from cop.models.events import Arrangement, Booking, Event, EventState
from cop.models.offers import Offer, OfferState
from cop.services import offers as answers
from cop.services.cohorts import offers
from cop.services.events import booking
from tests.support import panel
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.fixture
def offer(make: Make, course: Event) -> Offer:
    return panel.offered(make, course)[0]


@pytest.fixture
def address(offer: Offer) -> str:
    return f"/offers/{panel.token(offer)}"


def state(reading: Reads) -> OfferState:
    with reading() as read:
        return read.session.scalars(select(Offer)).one().state


class TestAnswering:
    def test_accepting_and_telling_what_one_needs(
        self, browse: Browse, course: Event, address: str, reading: Reads
    ) -> None:
        page = browse.get(address)
        assert page.heading.startswith("A place for you")
        for words in ("Applicant 1, we hold a place for you until Monday 9 March 2026, 11:59pm", "Half-day 4"):
            assert words in page.text
        assert state(reading) is OfferState.OPEN
        page.submit("Accept the place")
        assert page.heading.startswith("What do you need?")
        page.submit("Save", access="A ramp", ways=["vegan"], allergens=["milk"], emergency_contact="Sam, 01632 960 001")
        assert page.heading == "The place is yours"
        with reading() as read:
            kept = read.session.scalars(select(Arrangement)).one()
        assert (kept.access, kept.emergency_contact, kept.travel) == ("A ramp", "Sam, 01632 960 001", None)
        assert state(reading) is OfferState.ACCEPTED

    def test_accepting_twice_is_harmless(self, browse: Browse, address: str, reading: Reads) -> None:
        first, second = browse.get(address), browse.another().get(address)
        for page in (first, second):
            page.submit("Accept the place")
            assert (page.status, page.heading.split("?")[0]) == (200, "What do you need")
        with reading() as read:
            assert len(read.session.scalars(select(Booking)).all()) == 1

    def test_declining_asks_first(self, browse: Browse, address: str, reading: Reads, course: Event) -> None:
        page = browse.get(address).click("I cannot take it")
        assert state(reading) is OfferState.OPEN
        page.submit("Yes, decline it")
        assert (page.status, page.heading.startswith("You declined this place")) == (200, True)
        assert state(reading) is OfferState.DECLINED
        assert page.get(address).status == 200
        page.post(f"{address}/decline")
        assert page.status == 200
        page.post(address)
        assert page.status == 422
        assert "You have declined this offer" in page.errors[0]

    def test_a_scanner_changes_nothing(self, browse: Browse, address: str, reading: Reads) -> None:
        for path in ("", "/decline", "/arrangements"):
            browse.get(address + path)
        assert state(reading) is OfferState.OPEN

    def test_a_forged_press_is_refused(self, browse: Browse, address: str, reading: Reads) -> None:
        assert browse.post(address, csrf=False).status == 403
        assert state(reading) is OfferState.OPEN


class TestWhatIsOver:
    def test_whether_or_not_it_was_swept(
        self, browse: Browse, address: str, offer: Offer, clock: FixedClock, work: Working
    ) -> None:
        opened = browse.get(address)
        clock.set(panel.until(offer))
        opened.submit("Accept the place")
        assert (opened.status, opened.errors) == (422, ["The time to answer this offer is over"])
        for _ in range(2):
            page = browse.another().get(address)
            assert (page.status, page.heading.startswith("The time to answer is over")) == (410, True)
            assert browse.another().get(f"{address}/decline").status == 410
            with work() as opened_work:
                answers.lapse(opened_work, offer_id=offer.id)

    def test_taken_back(self, browse: Browse, address: str, make: Make, course: Event, work: Working) -> None:
        with work(make.actor(make.admin())) as opened:
            offers.withdraw_offer(opened, cohort_id=course.id, number=1, reason="A mistake")
        page = browse.get(address)
        assert (page.status, page.heading.startswith("This offer was taken back")) == (410, True)
        assert page.post(address).status == 422

    def test_given_back_later(self, browse: Browse, address: str, make: Make, offer: Offer, work: Working) -> None:
        booked = panel.accept(make, offer)
        with work(Actor(offer.person_id)) as opened:
            booking.cancel(opened, public_id=booked.public_id)
        page = browse.get(address)
        assert (page.status, page.heading.startswith("You gave this place back")) == (410, True)
        assert page.get(f"{address}/arrangements").status == 410
        assert page.post(f"{address}/arrangements", {"access": "x"}).status == 422

    def test_a_course_that_was_cancelled(self, browse: Browse, address: str, course: Event, work: Working) -> None:
        page = browse.get(address)
        with work() as opened:
            opened.session.get_one(Event, course.id).state = EventState.CANCELLED
        page.submit("Accept the place")
        assert (page.status, page.errors) == (422, ["“Change Makers” has been cancelled"])

    @pytest.mark.parametrize("purpose", ["booking", "invitation"])
    def test_forged_links_lead_nowhere(self, browse: Browse, offer: Offer, purpose: str) -> None:
        raised = secrecy.sign("offer", offer.public_id, offer.generation + 1)
        forged = secrecy.sign(purpose, offer.public_id, offer.generation)
        for token in (raised, forged, "nonsense", secrecy.sign("offer", "nobody"), f"{panel.token(offer)}x"):
            for path in ("", "/decline", "/arrangements"):
                assert browse.get(f"/offers/{token}{path}").status == 404
                assert browse.post(f"/offers/{token}{path}").status == 404


class TestWhatPeopleNeed:
    def test_is_shown_again_to_its_owner_and_to_nobody_with_the_link_alone(
        self, browse: Browse, make: Make, offer: Offer, address: str, reading: Reads
    ) -> None:
        panel.accept(make, offer)
        page = browse.get(f"{address}/arrangements")
        page.submit("Save", access="A private matter", allergens=["milk"])
        page.get(f"{address}/arrangements")
        assert "You told us on 2 March 2026" in page.text
        assert "private" not in page.html
        assert page.soup.select("input[checked]") == []
        with reading() as read:
            owner = read.session.get_one(Person, offer.person_id)
        page.sign_in(owner).get(f"{address}/arrangements")
        assert "A private matter" in page.html
        assert [box["value"] for box in page.soup.select("input[checked]")] == ["milk"]
        page.sign_in(make.admin()).get(f"{address}/arrangements")
        assert "private" not in page.html

    def test_all_of_it_is_optional(self, browse: Browse, make: Make, offer: Offer, address: str) -> None:
        panel.accept(make, offer)
        page = browse.get(f"{address}/arrangements")
        page.submit("Save")
        assert "Thank you" in page.text

    def test_too_much_is_refused_and_stays(self, browse: Browse, make: Make, offer: Offer, address: str) -> None:
        panel.accept(make, offer)
        page = browse.get(f"{address}/arrangements")
        page.submit("Save", access="A ramp " * 500, travel="By train")
        assert (page.status, page.errors) == (422, ["Use 2000 characters or fewer"])
        assert "By train" in page.html

    def test_is_asked_only_of_those_who_accepted(self, browse: Browse, address: str) -> None:
        page = browse.get(f"{address}/arrangements")
        assert page.path == address
        page.post(f"{address}/arrangements", {"access": "x"})
        assert (page.status, page.errors) == (422, ["Accept the offer first"])


def test_a_link_says_how_long_there_is_time_on_the_clock_of_the_place(
    make: Make, browse: Browse, clock: FixedClock
) -> None:
    clock.set(panel.at(2026, 7, 1, 9))
    course = panel.course(make, starts_in=timedelta(days=60))
    (offer,) = panel.offered(make, course)
    assert "Wednesday 8 July 2026, 11:59pm" in browse.get(f"/offers/{panel.token(offer)}").text
