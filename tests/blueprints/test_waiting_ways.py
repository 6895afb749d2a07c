"""Whoever finds no place is led to the waiting list, from events of all kinds; and so are those who run them."""

from collections.abc import Callable
from datetime import time

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop.core.errors import NotFound
from cop.models.accounts import Person
from cop.models.events import Booking, Event, Queue
from cop.models.summits import Answer, PartKind
from cop.models.waiting import WaitingState
from cop.models.webinars import Registration
from cop.services.events import booking, waiting
from cop.services.events.waiting import Wish
from tests.support import cohorts
from tests.support.browse import Browse
from tests.support.make import Make, Reads, Working
from tests.support.summits import answer, invitation_of, invite, link_to, make_summit, plan
from tests.support.waiting import Line
from tests.support.webinars import Webinars, confirm_path

ASKED = {"email": "noor@stevenage.example", "name": "Noor Adeyemi"}


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", "amina@council.example")


@pytest.fixture
def webinars(make: Make, work: Working) -> Webinars:
    return Webinars(make, work)


def ways(page: Browse) -> list[str]:
    """Where the links on the page to waiting lists lead."""
    return [str(link["href"]) for link in page.soup.select("main a[href$='/wait']")]


def fill(work: Working, event: Event) -> None:
    """Past all rules: nothing is left."""
    with work() as unit:
        unit.session.execute(update(Event).where(Event.id == event.id).values(capacity=0))


class TestAVisit:
    def test_with_a_full_time_leads_there_from_each_page_on_the_way_to_a_booking(
        self, browse: Browse, make: Make, amina: Person
    ) -> None:
        visit = make.visit("Hub", slug="hub", capacity=1)
        browse.sign_in(amina)
        assert ways(browse.get("/visits/hub")) == []
        make.booking(make.person(), visit)
        for address in ("/visits/hub", f"/visits/hub/book?date={visit.parts[0].starts_at.date()}"):
            assert ways(browse.get(address)) == ["/events/hub/wait"]

    def test_of_several_dates_leads_there_where_one_is_chosen(self, browse: Browse, make: Make, amina: Person) -> None:
        first = make.visit(slots=1).parts[0].starts_at
        visit = make.visit("Hub", slug="hub", capacity=1, slots=[first, first.replace(day=first.day + 1)])
        make.booking(make.person(), visit)
        browse.sign_in(amina).get("/visits/hub/book")
        assert browse.heading == "Choose a date"
        assert ways(browse) == ["/events/hub/wait"]

    def test_tells_who_is_signed_out_that_no_account_is_needed(self, browse: Browse, make: Make) -> None:
        make.booking(make.person(), make.visit("Hub", slug="hub", capacity=1))
        assert "you need neither an account nor a password" in browse.get("/visits/hub").text

    def test_without_a_list_leads_nowhere(self, browse: Browse, make: Make, amina: Person) -> None:
        make.booking(make.person(), make.visit("Hub", slug="hub", capacity=1, queue=Queue.NONE))
        assert ways(browse.sign_in(amina).get("/visits/hub")) == []


class TestAWebinar:
    def test_that_is_full_leads_there_signed_in_or_out(
        self, browse: Browse, webinars: Webinars, amina: Person, work: Working
    ) -> None:
        webinar = webinars.webinar("One")
        fill(work, webinar)
        for visitor in (browse, browse.another().sign_in(amina)):
            for address in (f"/webinars/{webinar.slug}", f"/webinars/{webinar.slug}/register"):
                assert ways(visitor.get(address)) == [f"/events/{webinar.slug}/wait"]

    @pytest.mark.parametrize("others_open", [True, False])
    def test_that_fills_while_somebody_types_their_address_says_what_to_do(
        self, browse: Browse, webinars: Webinars, make: Make, work: Working, *, others_open: bool
    ) -> None:
        series = make.series()
        one = webinars.webinar("One", series_id=series.id)
        if others_open:
            webinars.webinar("Other", series_id=series.id)
        page = browse.get(f"/webinars/{one.slug}/register")
        fill(work, one)
        page.submit("Register", **ASKED, webinars=[str(one.id)])
        assert page.status == 422
        assert ways(page) == [f"/events/{one.slug}/wait"]

    def test_that_is_full_when_the_link_is_confirmed_leads_there(
        self, browse: Browse, webinars: Webinars, work: Working
    ) -> None:
        fine, full = webinars.webinar("Fine"), webinars.webinar("Full")
        path = confirm_path(webinars.asking(fine, full))
        fill(work, full)
        page = browse.get(path).submit("Yes, register me")
        assert "“Full” is full." in page.text
        assert "you need neither an account nor a password" in page.text
        assert ways(page) == [f"/events/{full.slug}/wait"]

    def test_whose_places_are_kept_for_others_does_not_stop_those_beside_it(
        self, app: Flask, browse: Browse, webinars: Webinars, make: Make, reading: Reads
    ) -> None:
        council = make.organisation("Stevenage Borough Council", domains=["stevenage.example"])
        fine, shared = webinars.webinar("Fine"), webinars.webinar("Shared", capacity=5, per_organisation=1)
        webinars.register(make.account("Colleague", organisation=council), shared)
        page = browse.get(confirm_path(webinars.asking(fine, shared))).submit("Yes, register me")
        assert page.heading == "You are registered"
        assert "The places that are left in “Shared” are kept for others." in page.text
        assert ways(page) == [f"/events/{shared.slug}/wait"]
        with reading() as read:
            held = select(Booking.event_id).join(Person, Person.id == Booking.person_id)
            assert read.session.scalars(held.where(Person.email == ASKED["email"])).all() == [fine.id]

    def test_that_holds_a_place_for_somebody_by_an_offer_says_so_and_does_not_stop_those_beside_it(
        self, app: Flask, browse: Browse, webinars: Webinars, make: Make, work: Working, amina: Person
    ) -> None:
        series = make.series()
        fine = webinars.webinar("Fine", series_id=series.id)
        waited = webinars.webinar("Waited for", series_id=series.id, capacity=1)
        held = webinars.register(make.admin(), waited)
        confirmed = confirm_path(webinars.asking(fine, email="amina@council.example"))
        with work() as unit:
            asked = unit.session.scalars(select(Registration)).one()
            asked.wanted = {**asked.wanted, "event_ids": [fine.id, waited.id]}
        Line(app, make, waited).join(amina, slots=())
        with work(make.actor(make.admin())) as unit:
            booking.cancel(unit, public_id=held.public_id)
        page = browse.get(confirmed).submit("Yes, register me")
        words = "We hold a place in “Waited for” for you: answer the offer from the waiting list."
        assert page.heading == "You are registered"
        assert words in page.text
        assert ways(page) == []
        member = browse.another().sign_in(amina)
        member.post(f"/webinars/{waited.slug}/register", {"needs": ""})
        assert (member.status, member.errors) == (422, [words])
        member.click("See the offer")
        with work() as unit:
            unit.session.execute(update(Event).where(Event.id == waited.id).values(capacity=2))
        member.get(f"/series/{series.slug}/register").submit("Register", needs="")
        assert words in member.text

    def test_that_one_waits_for_leads_to_ones_place(
        self, app: Flask, browse: Browse, webinars: Webinars, make: Make, amina: Person
    ) -> None:
        webinar = webinars.webinar("One", capacity=1)
        webinars.register(make.account(), webinar)
        entry = Line(app, make, webinar).join(amina, slots=())
        for address in (f"/webinars/{webinar.slug}", f"/webinars/{webinar.slug}/register"):
            page = browse.sign_in(amina).get(address).click("See your place in the line")
            assert page.path == f"/waiting/{entry.public_id}"

    def test_of_a_series_is_named_where_others_can_be_picked(
        self, browse: Browse, webinars: Webinars, make: Make, amina: Person, work: Working
    ) -> None:
        series = make.series()
        one = webinars.webinar("One", series_id=series.id)
        other = webinars.webinar("Other", series_id=series.id)
        fill(work, one)
        for visitor in (browse, browse.another().sign_in(amina)):
            assert ways(visitor.get("/series/speaker-series/register")) == [f"/events/{one.slug}/wait"]
        fill(work, other)
        assert len(ways(browse.get("/series/speaker-series/register"))) == 2


class TestASummit:
    @pytest.fixture
    def summit(self, make: Make, work: Working, reading: Reads, amina: Person) -> Event:
        """One place, which Ben has; Amina is invited too."""
        summit, ben = make_summit(make, work, capacity=1), make.account("Ben", "ben@council.example")
        invite(work, summit, amina, ben)
        answer(work, invitation_of(reading, summit, ben), Answer.YES)
        return summit

    @pytest.mark.parametrize("by_link", [True, False])
    def test_that_is_full_leads_there_and_from_there_to_a_place(
        self,
        browse: Browse,
        work: Working,
        reading: Reads,
        summit: Event,
        amina: Person,
        *,
        by_link: bool,
    ) -> None:
        address = f"/summits/{summit.slug}/rsvp"
        if by_link:
            address = link_to(invitation_of(reading, summit, amina))
        else:
            browse.sign_in(amina)
        way = f"/events/{summit.slug}/wait"
        assert ways(browse.get(address)) == [way]
        browse.submit("Send my answer", response="yes")
        assert (browse.status, browse.errors) == (
            422,
            ["All places are taken. Join the waiting list, and we write when there is one for you."],
        )
        assert ways(browse) == [way]
        member = browse.another().sign_in(amina)
        assert ways(member.get(f"/summits/{summit.slug}")) == [way]
        member.click("Join the waiting list").submit("Join the waiting list")
        assert browse.get(address).click("See your place in the line").status == 200
        assert "You are next" in browse.text
        ben = invitation_of(reading, summit, "Ben")
        answer(work, ben, Answer.NO)
        browse.get(address).click("See the offer").click("See the offer and answer it").submit("Accept the place")
        assert invitation_of(reading, summit, amina).response is Answer.YES

    def test_shows_whoever_has_an_offer_what_was_planned_since(
        self, app: Flask, browse: Browse, make: Make, work: Working, reading: Reads, summit: Event, amina: Person
    ) -> None:
        line = Line(app, make, summit)
        line.join(amina, slots=())
        answer(work, invitation_of(reading, summit, "Ben"), Answer.NO)
        with work() as unit:
            plan(unit, summit, PartKind.AGENDA, "Lunch", time(13), time(14))
        browse.sign_in(amina).get(f"/summits/{summit.slug}/rsvp").click("See the offer")
        assert "Lunch: " in browse.click("See the offer and answer it").text

    def test_without_a_list_does_not_speak_of_one(
        self, browse: Browse, work: Working, summit: Event, amina: Person
    ) -> None:
        with work() as unit:
            unit.session.execute(update(Event).where(Event.id == summit.id).values(queue=Queue.NONE))
        page = browse.sign_in(amina).get(f"/summits/{summit.slug}/rsvp").submit("Send my answer", response="yes")
        assert (page.errors, ways(page)) == (["All places are taken just now"], [])

    def test_takes_nobody_on_its_list_who_is_not_invited(
        self, browse: Browse, make: Make, work: Working, summit: Event
    ) -> None:
        eve = make.account("Eve")
        page = browse.sign_in(eve).get(f"/events/{summit.slug}/wait")
        assert page.heading == "Places are by invitation"
        assert browse.post(f"/events/{summit.slug}/wait").status == 404
        with pytest.raises(NotFound), work(make.actor(eve)) as unit:
            waiting.join(unit, event_id=summit.id, wish=Wish([], 1))

    def test_is_not_waited_for_by_whoever_says_no(
        self, app: Flask, make: Make, work: Working, reading: Reads, summit: Event, amina: Person
    ) -> None:
        line = Line(app, make, summit)
        line.join(amina, slots=())
        answer(work, invitation_of(reading, summit, amina), Answer.TENTATIVE)
        assert line.states() == [("Amina Yusuf", WaitingState.WAITING)]
        answer(work, invitation_of(reading, summit, amina), Answer.NO)
        assert line.states() == [("Amina Yusuf", WaitingState.LEFT)]


@pytest.fixture
def events(make: Make, work: Working, webinars: Webinars) -> Callable[[str], Event]:
    made = {
        "visit": lambda: make.visit("Hub"),
        "webinar": lambda: webinars.webinar("Hub"),
        "summit": lambda: make_summit(make, work, title="Hub"),
    }
    return lambda kind: made[kind]()


@pytest.mark.parametrize(
    ("kind", "public", "staff"),
    [
        ("visit", "/visits/", "/admin/events/"),
        ("webinar", "/webinars/", "/admin/webinars/"),
        ("summit", "/summits/", "/admin/summits/"),
    ],
)
def test_those_who_run_an_event_get_to_its_list_and_its_rules(
    browse: Browse, make: Make, events: Callable[[str], Event], kind: str, public: str, staff: str
) -> None:
    event = events(kind)
    browse.sign_in(make.admin()).get(f"{public}{event.slug}").click("Waiting list")
    assert browse.path == f"/events/{event.slug}/waiting"
    browse.get(f"{staff}{event.slug}").click("Waiting list")
    assert browse.path == f"/events/{event.slug}/waiting"
    browse.get(f"{staff}{event.slug}").click("Sharing out places").submit("Save", queue="fit", offer_hours="20")
    assert browse.path == f"{staff}{event.slug}"
    assert "Whoever fits" in browse.text


def test_a_course_has_neither(browse: Browse, make: Make, work: Working) -> None:
    course = cohorts.course(work, make)
    for address in (f"/cohorts/{course.slug}", f"/admin/cohorts/{course.slug}"):
        assert "Waiting list" not in browse.sign_in(make.admin()).get(address).text
        assert browse.status == 200
    assert browse.get(f"/events/{course.slug}/waiting/rules").status == 404
