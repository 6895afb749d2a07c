"""Summits as guests see them, and answering an invitation, signed in or by the link in a letter."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.models.accounts import Person
from cop.models.events import Event, Visibility
from cop.models.outbox import Outbox
from cop.models.service import Observation
from cop.models.summits import Answer, Invitation
from cop.queries import summits as queries
from cop.services import summits as services
from cop.services.events import editing
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.summits import answer, breakouts_of, invitation_of, invite, link_to, make_summit

Posted = Callable[..., Sequence[Outbox]]

PAGE = "/summits/roundtable-summit"
RSVP = "/summits/roundtable-summit/rsvp"

NEEDS = {
    "needs": ["BSL interpreter", "quiet space"],
    "access": "A seat near the front",
    "ways": ["vegan"],
    "allergens": ["milk", "tree nuts"],
    "food": "No onions",
}


@pytest.fixture
def summit(make: Make, work: Working) -> Event:
    return make_summit(make, work, breakouts=(None, 1, None))


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", "amina@council.example", needs="A ramp, please")


@pytest.fixture
def invitation(work: Working, reading: Reads, summit: Event, amina: Person) -> Invitation:
    invite(work, summit, amina)
    return invitation_of(reading, summit, amina)


@pytest.fixture(params=["signed in", "by link"])
def way_in(request: pytest.FixtureRequest, browse: Browse, invitation: Invitation, amina: Person) -> str:
    """The address of the same form, for somebody signed in and for somebody who is not."""
    if request.param == "by link":
        return link_to(invitation)
    browse.sign_in(amina)
    return RSVP


def rules(work: Working, summit: Event, **moments: object) -> None:
    known = {"opens_at": None, "closes_at": None, "change_until": None, **moments}
    with work() as opened:
        editing.edit_booking_rules(opened, event_id=summit.id, party_max=1, capacity=None, **known)  # type: ignore[arg-type]


class TestThePage:
    def test_tells_what_when_where_and_what_access_there_is_before_it_asks(self, browse: Browse, summit: Event) -> None:
        page = browse.get(PAGE)
        assert page.heading == "Roundtable summit"
        for words in (
            "Monday 20 April 2026, 10am to 3:30pm",
            "Town Hall, Stevenage",
            "Welcome",
            "Breakout 2",
            "1 place left",
        ):
            assert words in page.text
        assert page.text.index("A hearing loop in each room") < page.text.index("How to take part")
        assert page.click("Answer your invitation").heading == "Sign in or join"

    def test_stands_in_the_list_and_its_agenda_in_the_order_of_the_day(self, browse: Browse, summit: Event) -> None:
        page = browse.get("/summits/").click("Roundtable summit")
        assert page.path == PAGE
        titles = [strong.get_text() for strong in page.soup.select(".cop-timeline strong")]
        assert titles == [part.title for part in summit.parts]

    @pytest.mark.parametrize("visibility", [Visibility.INVITED, Visibility.UNLISTED])
    def test_is_in_no_list_unless_public(
        self, browse: Browse, make: Make, work: Working, visibility: Visibility
    ) -> None:
        make_summit(make, work, visibility=visibility)
        assert "No summit is announced" in browse.get("/summits/").text
        assert browse.get(PAGE).status == (404 if visibility is Visibility.INVITED else 200)

    def test_of_a_hidden_summit_is_for_those_who_are_invited(
        self, browse: Browse, make: Make, work: Working, amina: Person
    ) -> None:
        summit = make_summit(make, work, visibility=Visibility.INVITED)
        browse.sign_in(amina)
        assert [browse.get(path).status for path in (PAGE, RSVP)] == [404, 404]
        invite(work, summit, amina)
        assert [browse.get(path).status for path in (PAGE, RSVP)] == [200, 200]
        assert "Answer the invitation" in browse.get("/summits/").text

    def test_of_a_draft_is_nobodys(self, browse: Browse, make: Make, work: Working, amina: Person) -> None:
        summit = make_summit(make, work, published=False)
        invite(work, summit, amina)
        browse.sign_in(amina)
        assert [browse.get(path).status for path in (PAGE, RSVP)] == [404, 404]

    def test_shows_a_cancelled_and_a_past_one(
        self, browse: Browse, make: Make, work: Working, clock: FixedClock, summit: Event
    ) -> None:
        with work() as opened:
            editing.cancel_event(opened, event_id=summit.id, reason="Flood")
        assert "This summit is cancelled" in browse.get(PAGE).text
        make_summit(make, work, title="A second one")
        clock.move(timedelta(days=60))
        assert "A second one" in browse.get("/summits/", show="past").text
        assert "Answers have closed" in browse.get("/summits/a-second-one").text

    def test_the_list_asks_the_database_as_often_for_three_as_for_one(
        self, browse: Browse, make: Make, work: Working, amina: Person
    ) -> None:
        counts = []
        browse.sign_in(amina)
        for number in range(3):
            invite(work, make_summit(make, work, title=f"Summit {number}"), amina)
            with count_queries() as statements:
                browse.get("/summits/")
            counts.append(len(statements))
        assert len(set(counts)) == 1


class TestAnswering:
    def test_yes_books_and_is_shown(
        self, browse: Browse, way_in: str, reading: Reads, invitation: Invitation, summit: Event, outbox: Posted
    ) -> None:
        first, _, third = breakouts_of(summit)
        page = browse.get(way_in)
        assert page.text.index("A hearing loop in each room") < page.text.index("Which of these do you need?")
        page.submit("Send my answer", response="yes", breakouts=[str(first.id), str(third.id)], **NEEDS)
        assert page.status == 200
        assert "You have a place" in page.text
        assert "Breakout 1, Breakout 3" in page.text
        with reading() as read:
            booking = queries.booking_of(read, invitation)
            assert booking is not None
            kept = queries.kept_needs(read, booking_id=booking.id)
        assert kept == queries.Needs(
            ("BSL interpreter", "quiet space"), "A seat near the front", ("milk", "tree nuts"), ("vegan",), "No onions"
        )
        assert len(outbox("booking_confirmed")) == 1

    @pytest.mark.parametrize(("response", "words"), [("no", "Thank you for telling us"), ("tentative", "as soon as")])
    def test_no_and_tentative_are_kept(
        self, browse: Browse, way_in: str, reading: Reads, summit: Event, amina: Person, response: str, words: str
    ) -> None:
        page = browse.get(way_in).submit("Send my answer", response=response)
        assert words in page.text
        assert invitation_of(reading, summit, amina).response == response

    def test_looking_changes_nothing_but_is_noted(
        self, browse: Browse, way_in: str, reading: Reads, summit: Event, amina: Person, invitation: Invitation
    ) -> None:
        browse.get(way_in)
        with reading() as read:
            [seen] = read.session.scalars(select(Observation).where(Observation.kind == queries.OPENED))
            assert queries.tally(read, summit)[queries.State.OPENED] == 1
        assert (seen.person_id, seen.subject_id) == (amina.id, invitation.id)
        assert invitation_of(reading, summit, amina).response is Answer.NONE

    def test_nothing_typed_is_lost_when_a_breakout_has_filled_meanwhile(
        self, browse: Browse, way_in: str, make: Make, work: Working, reading: Reads, summit: Event
    ) -> None:
        second = breakouts_of(summit)[1]
        page = browse.get(way_in)
        other = make.person("Ben Okri")
        invite(work, summit, other)
        answer(work, invitation_of(reading, summit, other), Answer.YES, second)
        page.submit("Send my answer", response="yes", breakouts=[str(second.id)], **NEEDS)
        assert page.status == 422
        assert page.errors == ["“Breakout 2” is full. Choose another."]
        assert "A seat near the front" in page.html
        assert {box["value"] for box in page.soup.select("input[checked]")} == {
            "yes", str(second.id), "BSL interpreter", "quiet space", "vegan", "milk", "tree nuts",
        }  # fmt: skip
        page.submit("Send my answer", breakouts=None)
        assert "You have a place" in page.text

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({}, "Choose whether you will come"),
            ({"response": "perhaps"}, "Choose whether you will come"),
            ({"response": "yes", "breakouts": "999999"}, "Choose from the list"),
            ({"response": "yes", "allergens": "stone"}, "Choose from the list"),
            ({"response": "yes", "access": "x" * 2001}, "Use 2000 characters or fewer"),
            ({"response": "yes", "food": "a\x07b"}, "Remove the invisible control characters from this answer"),
        ],
    )
    def test_forged_and_oversized_answers_are_refused(
        self,
        browse: Browse,
        way_in: str,
        reading: Reads,
        summit: Event,
        amina: Person,
        fields: dict[str, str],
        error: str,
    ) -> None:
        browse.get(way_in)
        page = browse.post(way_in, fields)
        assert page.status == 422
        assert page.errors == [error]
        assert invitation_of(reading, summit, amina).response is Answer.NONE

    def test_a_no_is_taken_whatever_else_was_typed(
        self, browse: Browse, way_in: str, reading: Reads, summit: Event, amina: Person
    ) -> None:
        browse.get(way_in)
        assert browse.post(way_in, {"response": "no", "food": "x" * 501}).status == 200
        assert invitation_of(reading, summit, amina).response is Answer.NO

    def test_the_older_of_two_windows_is_told_what_counts_and_may_send_again(
        self, browse: Browse, way_in: str, work: Working, reading: Reads, invitation: Invitation, summit: Event
    ) -> None:
        page = browse.get(way_in)
        answer(work, invitation, Answer.YES)
        page.submit("Send my answer", response="no")
        assert page.status == 422
        assert "answered elsewhere meanwhile" in page.errors[0]
        assert "Yes, you come" in page.text
        page.submit("Send my answer")
        assert page.status == 200
        assert invitation_of(reading, summit, invitation.person).response is Answer.NO

    def test_what_comes_too_late_is_refused_with_what_was_typed(
        self, browse: Browse, way_in: str, work: Working, clock: FixedClock, summit: Event
    ) -> None:
        close = clock.now() + timedelta(days=1)
        rules(work, summit, closes_at=close)
        page = browse.get(way_in)
        clock.set(close)
        page.submit("Send my answer", response="yes", **NEEDS)
        assert page.status == 422
        assert "Answers have closed" in page.errors[0]
        assert "A seat near the front" in page.html
        page.get(way_in)
        assert page.status == 200
        assert "Answers closed on" in page.text
        assert not page.soup.select("main form")

    def test_after_the_last_change_a_guest_is_told_to_write(
        self, browse: Browse, way_in: str, work: Working, clock: FixedClock, summit: Event, invitation: Invitation
    ) -> None:
        late = clock.now() + timedelta(days=1)
        rules(work, summit, change_until=late)
        answer(work, invitation, Answer.YES)
        clock.set(late)
        page = browse.get(way_in)
        assert "write to us all the same" in page.text
        assert page.click("Help and contact").status == 200


class TestWhatIsShownToWhom:
    def test_the_profile_fills_in_needs_for_somebody_signed_in_alone(
        self, browse: Browse, invitation: Invitation, amina: Person
    ) -> None:
        assert "A ramp, please" not in browse.get(link_to(invitation)).html
        assert "A ramp, please" in browse.another().sign_in(amina).get(RSVP).html

    def test_a_link_does_not_show_what_was_said_and_a_blank_keeps_it(
        self, browse: Browse, work: Working, reading: Reads, invitation: Invitation, amina: Person
    ) -> None:
        answer(work, invitation, Answer.YES, needs=queries.Needs(access="A chair with arms", allergens=("milk",)))
        page = browse.get(link_to(invitation))
        assert "A chair with arms" not in page.html
        page.submit("Send my answer", food="No salt")
        with reading() as read:
            booking = queries.booking_of(read, invitation)
            assert booking is not None
            kept = queries.kept_needs(read, booking_id=booking.id)
        assert kept == queries.Needs(access="A chair with arms", food="No salt")
        assert "A chair with arms" in browse.another().sign_in(amina).get(RSVP).html

    def test_a_link_of_somebody_else_shows_nothing_of_ones_own(
        self, browse: Browse, make: Make, invitation: Invitation
    ) -> None:
        browse.sign_in(make.account("Ben Okri"))
        assert "A ramp, please" not in browse.get(link_to(invitation)).html

    def test_whoever_is_not_invited_is_told_whom_to_ask(self, browse: Browse, make: Make, summit: Event) -> None:
        browse.sign_in(make.account("Ben Okri"))
        for page in (browse.get(RSVP), browse.post(RSVP, {"response": "yes"})):
            assert page.status == 200
            assert page.heading == "Places are by invitation"
        assert page.click("Help and contact").status == 200

    def test_a_withdrawn_invitation_says_so_and_takes_no_answer(
        self, browse: Browse, work: Working, reading: Reads, invitation: Invitation, amina: Person
    ) -> None:
        with work() as opened:
            services.withdraw(opened, public_id=invitation.public_id)
        page = browse.get(link_to(invitation))
        assert (page.status, page.heading) == (200, "This invitation was withdrawn")
        for fields in ({"response": "yes"}, {}):
            page = browse.post(link_to(invitation), fields)
            assert (page.status, page.heading) == (422, "This invitation was withdrawn")
        assert browse.sign_in(amina).get(RSVP).heading == "Places are by invitation"

    def test_a_forged_or_old_link_finds_nothing(
        self, browse: Browse, work: Working, invitation: Invitation, summit: Event
    ) -> None:
        token = link_to(invitation)
        assert browse.get(f"{token[:-1]}{'a' if token[-1] != 'a' else 'b'}").status == 404
        with work() as opened:
            services.withdraw(opened, public_id=invitation.public_id)
        invite(work, summit, "amina@council.example")
        for page in (browse.get(token), browse.post(token, {"response": "no"})):
            assert page.status == 404
