"""The pages of the waiting list: joining, one's place, the offer, leaving, and the list that staff see."""

import pytest
from flask import Flask

from cop.core import secrecy
from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Booking, Choice, Event, EventKind, Queue
from cop.models.offers import OfferState
from cop.models.outbox import Bounce
from cop.models.waiting import WaitingState
from cop.queries.offers import link_token
from cop.services.events import booking
from tests.support.browse import Browse
from tests.support.make import Make, Working
from tests.support.queries import count_queries
from tests.support.waiting import Line

JOIN, QUEUE = "/events/healthy-hub/wait", "/events/healthy-hub/waiting"


@pytest.fixture
def holder(make: Make) -> Person:
    return make.account("Holder", "holder@people.example")


@pytest.fixture
def visit(make: Make) -> Event:
    """Two slots with one place each."""
    return make.visit("Healthy Hub", slug="healthy-hub", capacity=1)


@pytest.fixture
def held(make: Make, visit: Event, holder: Person) -> Booking:
    """The first slot is taken."""
    return make.booking(holder, visit)


@pytest.fixture
def line(app: Flask, make: Make, visit: Event, held: Booking) -> Line:
    return Line(app, make, visit)


@pytest.fixture
def ana(make: Make) -> Person:
    return make.account("Ana Quill", "ana@people.example")


@pytest.fixture
def offered(make: Make, work: Working, line: Line, ana: Person, held: Booking, holder: Person) -> str:
    """Ana waited, the place became free, and this is the token of her offer."""
    line.join(ana)
    with work(make.actor(holder)) as unit:
        booking.cancel(unit, public_id=held.public_id)
    return link_token(line.offer_of(ana))


class TestJoining:
    def test_from_a_full_visit_to_ones_place(self, browse: Browse, line: Line, ana: Person) -> None:
        browse.sign_in(ana).get("/visits/healthy-hub").click("Join the waiting list for times that are full")
        assert browse.path == JOIN
        browse.submit("Join the waiting list", slots=[str(line.event.parts[0].id)], party_size="1")
        assert browse.path.startswith("/waiting/")
        assert "You are next" in browse.text
        browse.get("/visits/healthy-hub")
        assert "You are on the waiting list." in browse.text
        assert "1 party waiting" in browse.text
        browse.get("/account").click("Healthy Hub")
        assert browse.path.startswith("/waiting/")
        browse.get(JOIN)
        assert browse.path.startswith("/waiting/")

    def test_asks_to_sign_in_first(self, browse: Browse, visit: Event) -> None:
        assert browse.get(JOIN, follow=False).response.headers["Location"] == "/sign-in?next=/events/healthy-hub/wait"

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"slots": []}, "Choose one or more of the times in the list"),
            ({"slots": ["{free}"]}, "There is room for you now"),
            ({"slots": ["{full}"], "party_size": "4"}, "would never get them together"),
            ({"slots": ["{full}"], "party_size": "6"}, "A party here is 1 to 5 people"),
            ({"slots": ["{full}"], "party_size": "many"}, "Enter a whole number"),
            ({"slots": ["999"]}, "Choose from the list"),
        ],
    )
    def test_refuses_with_what_was_typed(
        self, browse: Browse, line: Line, ana: Person, fields: dict[str, list[str] | str], message: str
    ) -> None:
        full, free = (str(part.id) for part in line.event.parts)
        browse.sign_in(ana).get(JOIN)
        filled = {
            name: [item.format(full=full, free=free) for item in value] if isinstance(value, list) else value
            for name, value in fields.items()
        }
        browse.post(JOIN, {"party_size": "1", **filled})
        assert browse.response.status_code == 422
        assert message in browse.text
        assert line.states() == []

    def test_a_webinar_asks_for_nothing_more(
        self, app: Flask, browse: Browse, make: Make, holder: Person, ana: Person
    ) -> None:
        webinar = make.visit(
            "Door to door", slug="door", kind=EventKind.WEBINAR, choice=Choice.ALL, slots=1, capacity=None,
            event_capacity=1, party_max=1,
        )  # fmt: skip
        make.booking(holder, webinar)
        browse.sign_in(ana).get("/webinars/door").click("Join the waiting list").submit("Join the waiting list")
        assert "You are next" in browse.text

    def test_tells_where_there_is_no_need_to_wait(
        self, browse: Browse, make: Make, line: Line, ana: Person, holder: Person
    ) -> None:
        page = browse.sign_in(ana).get(JOIN).click("Book it instead of waiting")
        assert page.path == "/visits/healthy-hub"
        make.booking(make.account("Other"), line.event, 1)
        assert "instead of waiting" not in browse.get(JOIN).text
        make.visit(
            "Door to door", slug="door", kind=EventKind.WEBINAR, choice=Choice.ALL, slots=1, capacity=None,
            event_capacity=1, party_max=1,
        )  # fmt: skip
        assert browse.get("/events/door/wait").click("Take one instead of waiting").path == "/webinars/door"

    def test_counts_the_places_of_the_visit_as_a_whole(self, browse: Browse, make: Make, ana: Person) -> None:
        visit = make.visit(slug="small", capacity=5, event_capacity=1)
        make.booking(make.person(), visit, 0)
        page = browse.sign_in(ana).get("/events/small/wait")
        assert page.text.count("Full") == 2
        assert "places left" not in page.text

    def test_there_may_be_none(self, browse: Browse, make: Make, ana: Person) -> None:
        make.visit(slug="without", queue=Queue.NONE)
        browse.sign_in(ana).get("/events/without/wait")
        assert "There is no waiting list here" in browse.text
        course = make.visit(kind=EventKind.COHORT, choice=Choice.ALL, slug="course")
        assert browse.get(f"/events/{course.slug}/wait").response.status_code == 404


class TestOnesPlace:
    def test_is_seen_by_its_owner_and_staff_alone(self, browse: Browse, make: Make, line: Line, ana: Person) -> None:
        entry = line.join(ana)
        line.join(make.account("Ben"))
        page = f"/waiting/{entry.public_id}"
        assert browse.sign_in(make.account("Eve")).get(page).response.status_code == 404
        assert browse.get(f"{page}/leave").response.status_code == 404
        host = make.account("Hal")
        make.grant(host, Role.HOST, event=line.event)
        assert browse.sign_in(host).get(page).response.status_code == 200

    def test_counts_those_before(self, browse: Browse, make: Make, line: Line, ana: Person) -> None:
        line.join(make.account("First"))
        line.join(make.account("Second"))
        entry = line.join(ana)
        browse.sign_in(ana).get(f"/waiting/{entry.public_id}")
        assert "2 parties are before you" in browse.text

    def test_can_be_given_up(self, browse: Browse, line: Line, ana: Person) -> None:
        entry = line.join(ana)
        browse.sign_in(ana).get(f"/waiting/{entry.public_id}").click("Leave the waiting list")
        assert line.waiting() == ["Ana Quill"]
        browse.submit("Yes, leave it")
        assert "You have left the waiting list" in browse.text
        assert line.states() == [("Ana Quill", WaitingState.LEFT)]

    def test_is_reached_by_the_link_in_the_mail_without_an_account(
        self, browse: Browse, make: Make, line: Line, mailbox: object
    ) -> None:
        entry = line.join(make.account("Rose Hall", "rose@people.example"))
        token = secrecy.sign("waiting", entry.public_id, 0)
        browse.get(f"/waiting/t/{token}").click("Leave the waiting list").submit("Yes, leave it")
        assert line.waiting() == []
        assert browse.get(f"/waiting/t/{token}x").response.status_code == 404


class TestTheOffer:
    def test_is_found_on_the_account_and_accepted(self, browse: Browse, line: Line, ana: Person, offered: str) -> None:
        browse.sign_in(ana).get("/account").click("Accept or decline")
        assert browse.path == f"/offers/{offered}"
        assert "hold a place for you" in browse.text
        browse.submit("Accept the place")
        assert "You are booked" in browse.text
        assert line.states() == [("Ana Quill", WaitingState.BOOKED)]
        browse.get(f"/offers/{offered}")
        assert "The place is yours" in browse.text

    def test_looking_changes_nothing(self, browse: Browse, line: Line, offered: str) -> None:
        for path in ("", "/decline", "/arrangements"):
            browse.get(f"/offers/{offered}{path}")
        assert len(line.offers()) == 1

    def test_is_declined(self, browse: Browse, line: Line, offered: str) -> None:
        browse.get(f"/offers/{offered}").click("I cannot take it")
        assert "you leave the waiting list" in browse.text
        browse.submit("Yes, decline it")
        assert line.offers(OfferState.DECLINED)
        assert "You declined this place" in browse.text


class TestTheListForStaff:
    def test_says_why_no_offer_went_out(
        self, app: Flask, browse: Browse, make: Make, work: Working, holder: Person
    ) -> None:
        visit = make.visit("Healthy Hub", slug="healthy-hub", capacity=3)
        held = make.booking(holder, visit)
        make.booking(make.account("Other"), visit, party_size=2)
        line = Line(app, make, visit)
        line.join(make.account("Large"), size=3)
        line.join(make.account("Small"))
        with work(make.actor(holder)) as unit:
            booking.cancel(unit, public_id=held.public_id)
        browse.sign_in(make.admin()).get("/admin/events/healthy-hub").click("Waiting list")
        assert "No offer: 1 free, and the party is 3." in browse.text
        assert "No offer: what is free is kept for Large, who came first." in browse.text
        browse.click("Take off Large").submit("Yes, take them off")
        assert line.states()[1] == ("Small", WaitingState.OFFERED)
        assert "Offered" in browse.text

    def test_takes_people_without_email(self, browse: Browse, make: Make, line: Line) -> None:
        browse.sign_in(make.admin()).get(QUEUE).click("Put somebody on the list")
        browse.submit("Put on the waiting list", name="Rose Hall", slots=[str(line.event.parts[0].id)])
        assert line.waiting() == ["Rose Hall"]
        browse.get(f"{QUEUE}/new")
        browse.submit("Put on the waiting list", name="Ida", organisation="Nowhere", party_size="1")
        assert "No organisation has this name" in browse.text

    def test_says_whom_somebody_has_to_tell_and_whose_time_has_not_begun(
        self, browse: Browse, make: Make, work: Working, line: Line, ana: Person, held: Booking, holder: Person
    ) -> None:
        line.join(ana)
        with work() as unit:
            unit.session.add(Bounce(address="ana@people.example", hard=True, report_id="1", at=unit.now))
        with work(make.actor(holder)) as unit:
            booking.cancel(unit, public_id=held.public_id)
        host = make.account("Hal")
        make.grant(host, Role.HOST, event=line.event)
        assert "1 place is held. No mail reaches them" in browse.sign_in(host).get(QUEUE).text
        browse.sign_in(make.admin()).get(QUEUE).click("See whom to call")
        assert "Ana Quill" in browse.text
        browse.sign_in(ana).get("/visits/healthy-hub").click("See the offer")
        assert "Answer before they go to whoever is next." in browse.text
        assert "we hold a place for you." in browse.click("See the offer and answer it").text

    def test_asks_for_as_much_whatever_its_length(self, browse: Browse, make: Make, line: Line, ana: Person) -> None:
        browse.sign_in(make.admin())
        line.join(ana)
        with count_queries() as few:
            browse.get(QUEUE)
        for name in ("Ben", "Cleo"):
            line.join(make.account(name))
        with count_queries() as many:
            browse.get(QUEUE)
        assert len(few) == len(many)

    def test_its_rules_are_set_by_editors(self, browse: Browse, make: Make, line: Line) -> None:
        host = make.account("Hal")
        make.grant(host, Role.HOST, event=line.event)
        assert browse.sign_in(host).get(f"{QUEUE}/rules").response.status_code == 404
        browse.sign_in(make.admin()).get("/admin/events/healthy-hub").click("Sharing out places")
        browse.submit("Save", queue="fit", offer_hours="20", per_organisation="2")
        assert (found := make.event(line.event.id)).queue is Queue.FIT
        assert (found.offer_hours, found.per_organisation) == (20, 2)
        browse.get(f"{QUEUE}/rules").submit("Save", queue="fit", offer_hours="200")
        assert browse.response.status_code == 422
        browse.get(JOIN)
        assert "is passed over" in browse.text
        assert "2 places at one time" in browse.text
