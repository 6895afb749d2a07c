"""Staff prepare a summit: agenda, invitations, and the lists for the day."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Attendance, Event, EventKind, Part
from cop.models.outbox import Outbox
from cop.models.regions import Region
from cop.models.service import Observation
from cop.models.summits import Answer
from cop.queries import summits as queries
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.summits import answer, breakouts_of, invitation_of, invite, make_summit, mark

Posted = Callable[..., Sequence[Outbox]]

STAFF = "/admin/summits/roundtable-summit"


@pytest.fixture
def summit(make: Make, work: Working) -> Event:
    return make_summit(make, work, breakouts=(None, 3))


@pytest.fixture
def editor(make: Make, browse: Browse) -> Person:
    person = make.account("Femi Facilitator")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    browse.sign_in(person)
    return person


def coming(
    make: Make,
    work: Working,
    reading: Reads,
    summit: Event,
    name: str,
    *breakouts: Part,
    needs: queries.Needs | None = None,
    **columns: object,
) -> Person:
    """Somebody invited who has said yes."""
    person = make.person(name, **columns)  # type: ignore[arg-type]
    invite(work, summit, person)
    answer(work, invitation_of(reading, summit, person), Answer.YES, *breakouts, needs=needs)
    return person


def test_a_summit_is_planned_from_nothing_to_its_invitations(
    browse: Browse, editor: Person, make: Make, reading: Reads, clock: FixedClock, outbox: Posted
) -> None:
    page = browse.get("/admin/events/new").click("A summit")
    page.submit("Save the draft", title="Roundtable summit", summary="One day round one table.")
    assert page.path == STAFF
    page.click("Practicalities")
    page.submit("Save", place="Town Hall", getting_there="On foot.", step_free="A ramp.")
    for kind, title, start, end in (
        ("agenda", "Welcome", "10am", "10:30"),
        ("breakout", "Plain talk", "11am", "midday"),
        ("breakout", "Budgets", "11am", "midday"),
    ):
        page.get(STAFF).click("Agenda and breakouts").click("Add to the agenda")
        day = {"on_date-day": "20", "on_date-month": "4", "on_date-year": "2026"}
        page.submit("Add it", kind=kind, title=title, start=start, end=end, **day)
        assert f"“{title}” is planned." in page.text
    page.get(STAFF).click("Invitations").click("Invite people")
    page.submit("See what it would do", people="Amina Yusuf <amina@council.example>\nRosa Resident")
    assert "2" in page.text
    assert outbox() == []
    page.submit("Invite 2 people")
    assert "2 people are invited." in page.text
    assert outbox() == []
    page.get(STAFF).click("Publish").submit("Yes, publish it")
    assert page.path == STAFF
    assert len(outbox("invitation")) == 2
    with reading() as read:
        event = read.session.scalars(select(Event)).one()
    assert (event.kind, event.slug) == (EventKind.SUMMIT, "roundtable-summit")


class TestTheAgenda:
    def test_is_changed_cancelled_and_removed(
        self, browse: Browse, editor: Person, make: Make, work: Working, reading: Reads, summit: Event
    ) -> None:
        first, second = breakouts_of(summit)
        coming(make, work, reading, summit, "Amina Yusuf", first)
        page = browse.get(f"{STAFF}/agenda/{first.id}")
        assert "In it now: 1 person" in page.text
        page.submit("Save", title="Plain talk", place="Room 1", capacity="5")
        assert "Amina Yusuf" in page.text
        page.submit("Yes, move it and tell them")
        assert "1 of 5" in page.text
        page.get(f"/admin/events/{summit.slug}/parts/{first.id}/cancel")
        assert page.submit("See who is told", reason="").errors == ["Enter the reason, so that people know why"]
        page.submit("See who is told", reason="Ill").submit("Yes, cancel it and tell them")
        assert "It was in 1 booking" in page.text
        page.get(f"{STAFF}/agenda/{second.id}/remove").submit("Yes, remove it")
        assert "Breakout 2" not in page.text

    def test_says_what_is_wrong_and_keeps_what_was_typed(self, browse: Browse, editor: Person, summit: Event) -> None:
        page = browse.get(f"{STAFF}/agenda/new")
        page.submit("Add it", kind="agenda", title="Lunch", start="1pm", end="noon", capacity="5")
        assert page.status == 422
        assert page.errors == ["It must end after it begins"]
        assert 'value="Lunch"' in page.html
        page.submit("Add it", end="2pm")
        assert "The agenda is for everybody" in page.errors[0]
        page.submit("Add it", capacity="")
        assert "“Lunch” is planned." in page.text

    def test_knows_no_part_of_another_summit(self, browse: Browse, editor: Person, make: Make, work: Working) -> None:
        make_summit(make, work)
        other = make_summit(make, work, title="Another summit").parts[0]
        for path in ("", "/remove"):
            assert browse.get(f"{STAFF}/agenda/{other.id}{path}").status == 404


class TestInvitingFromTheDirectory:
    def test_counts_first_and_invites_those_who_were_counted(
        self, browse: Browse, editor: Person, make: Make, work: Working, summit: Event, outbox: Posted
    ) -> None:
        brent = make.organisation("Brent Council", region=Region.LONDON)
        make.person("Amina Yusuf", "amina@council.example", organisation=brent)
        make.person("Rosa Resident", None, organisation=brent)
        invite(work, summit, make.person("Ben Okri", "ben@council.example", organisation=brent))
        page = browse.get(f"{STAFF}/invitations").click("Invite from the directory")
        assert "Who fits" not in page.text
        page.submit("See who fits", region="London")
        for words in ("To invite 2 people", "From 1 organisation", "1 person: tell them yourself", "Amina Yusuf"):
            assert words in page.text
        assert "Ben Okri" not in page.text
        make.person("Newly Come", "new@council.example", organisation=brent)
        assert page.submit("Invite 2 people").status == 422
        assert "Others fit now than when you looked" in page.text
        page.submit("Invite 3 people")
        assert "3 people are invited." in page.text
        assert len(outbox("invitation")) == 4
        page.get(f"{STAFF}/invitations/directory", region="London")
        assert "All of them were invited before." in page.text
        assert "Nobody in the directory fits." in page.get(f"{STAFF}/invitations/directory", region="Wales").text

    def test_takes_nonsense_in_the_address_as_not_asked(self, browse: Browse, editor: Person, summit: Event) -> None:
        page = browse.get(f"{STAFF}/invitations/directory", region="Atlantis", came_to="any thing")
        assert (page.status, "Who fits" in page.text) == (200, False)

    def test_offers_what_people_came_to(
        self, browse: Browse, editor: Person, make: Make, work: Working, summit: Event, clock: FixedClock
    ) -> None:
        visit = make.visit("A visit")
        mark(work, make.booking(make.person("Amina Yusuf", "amina@council.example"), visit), visit, Attendance.ATTENDED)
        clock.set(visit.parts[0].ends_at)
        page = browse.get(f"{STAFF}/invitations/directory")
        for chosen in ("any visit", visit.slug):
            assert "Amina Yusuf" in page.submit("See who fits", came_to=chosen).text


class TestInviting:
    def test_shows_each_line_and_invites_nobody_while_one_is_wrong(
        self, browse: Browse, editor: Person, make: Make, work: Working, summit: Event, outbox: Posted
    ) -> None:
        make.person("Amina Yusuf", "amina@council.example")
        invite(work, summit, "ben@council.example")
        page = browse.get(f"{STAFF}/invitations/new")
        text = "amina@council.example\nben@council.example\nCara <cara@c.example>\nnobody@"
        page.submit("See what it would do", people=text)
        assert page.status == 422
        for words in ("Known as Amina Yusuf", "Invited already", "New, by e-mail", "correct format"):
            assert words in page.text
        assert "nobody@" in page.soup.select_one("textarea").text  # type: ignore[union-attr]
        page.submit("See what it would do", people=text.replace("nobody@", "<b>dan</b>@d.example"))
        assert page.status == 422
        page.submit("See what it would do", people=text.replace("nobody@", "Rosa Resident"))
        assert page.status == 200
        page.submit("Invite 3 people")
        assert "3 people are invited." in page.text
        assert len(outbox("invitation")) == 4

    def test_takes_a_file(self, browse: Browse, editor: Person, summit: Event, outbox: Posted) -> None:
        table = "\ufeffemail,name,organisation\r\namina@council.example,Amina Yusuf,Brent\n,Rosa Resident,\n"
        page = browse.get(f"{STAFF}/invitations/new")
        page.submit("See what it would do", file=(io.BytesIO(table.encode()), "list.csv"))
        assert page.status == 200
        page.submit("Invite 2 people")
        assert "2 people are invited." in page.text
        page.get(f"{STAFF}/invitations/new")
        page.submit("See what it would do", file=(io.BytesIO(table.encode()), "list.csv"))
        assert "All of them are invited already" in page.text

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            (b"name\nAmina\n", "missing column: email"),
            (b"email\n", "holds no rows"),
            (b"email\n\xff\n", "not UTF-8"),
            (b"email\n" + b"a" * 500_001, "larger than 0.5 MB"),
        ],
    )
    def test_refuses_a_file_that_is_no_list(
        self, browse: Browse, editor: Person, summit: Event, content: bytes, error: str
    ) -> None:
        page = browse.get(f"{STAFF}/invitations/new")
        page.submit("See what it would do", file=(io.BytesIO(content), "list.csv"))
        assert page.status == 422
        assert error in page.errors[0]

    def test_refuses_nothing_and_too_many(self, browse: Browse, editor: Person, summit: Event) -> None:
        page = browse.get(f"{STAFF}/invitations/new")
        page.submit("See what it would do", people=" ")
        assert page.errors == ["Enter whom you want to invite, or choose a file"]
        page.submit("See what it would do", people="\n".join(f"p{number}@x.example" for number in range(501)))
        assert (page.status, page.errors) == (422, ["Invite at most 500 people at once"])

    def test_asks_again_when_the_list_changed_meanwhile(
        self, browse: Browse, editor: Person, work: Working, summit: Event, clock: FixedClock
    ) -> None:
        page = browse.get(f"{STAFF}/invitations/new")
        page.submit("See what it would do", people="ben@council.example")
        clock.set(summit.parts[0].starts_at)
        page.submit("Invite 1 person")
        assert page.status == 422
        assert "Answers have closed" in page.errors[0]


class TestTheListOfInvitations:
    def test_counts_filters_and_searches(
        self, browse: Browse, editor: Person, make: Make, work: Working, reading: Reads, summit: Event
    ) -> None:
        coming(make, work, reading, summit, "Amina Yusuf", organisation=make.organisation("Brent Council"))
        invite(work, summit, "Ben Okri <ben@council.example>", "Rosa Resident")
        page = browse.get(f"{STAFF}/invitations")
        assert "Not opened 2 67%" in page.text
        assert "Yes 1 33%" in page.text
        assert "Brent Council · " in page.text
        page.submit("Show", state="yes")
        assert "Amina Yusuf" in page.text
        assert "Ben Okri" not in page.text
        page.submit("Show", state="", q="ben ok")
        assert "Ben Okri" in page.text
        assert "Amina Yusuf" not in page.text
        page.submit("Show", q="zzz")
        assert "No invitation fits" in page.text

    def test_asks_the_database_as_often_for_three_as_for_one(
        self, browse: Browse, editor: Person, work: Working, summit: Event
    ) -> None:
        counts = []
        for number in range(3):
            invite(work, summit, f"p{number}@x.example")
            with count_queries() as statements:
                browse.get(f"{STAFF}/invitations")
            counts.append(len(statements))
        assert len(set(counts)) == 1

    def test_is_paged(self, browse: Browse, editor: Person, work: Working, summit: Event) -> None:
        invite(work, summit, *(f"Person {number:02} <p{number}@x.example>" for number in range(51)))
        page = browse.get(f"{STAFF}/invitations")
        assert "Person 50" not in page.text
        assert "Person 50" in page.click("Next page").text


class TestRemindingAndWithdrawing:
    def test_reminders_say_first_how_many_they_reach(
        self,
        browse: Browse,
        editor: Person,
        work: Working,
        reading: Reads,
        clock: FixedClock,
        summit: Event,
        outbox: Posted,
    ) -> None:
        invite(work, summit, "ben@council.example", "cara@council.example")
        answer(work, invitation_of(reading, summit, "Cara"), Answer.TENTATIVE)
        page = browse.get(f"{STAFF}/invitations").click("Remind those who have not answered")
        assert "Left in peace, because they got a letter in the last three days: 2 people." in page.text
        clock.move(timedelta(days=4))
        page = browse.get(f"{STAFF}/invitations/remind")
        assert "Without any answer, and not written to in the last three days: 1 person." in page.text
        assert "Do not know yet, and not written to in the last three days: 1 person." in page.text
        assert outbox("invitation_reminder") == []
        page.submit("Send the reminders", tentative=True)
        assert "2 people are reminded." in page.text

    def test_a_place_is_withdrawn_with_its_reason(
        self, browse: Browse, editor: Person, make: Make, work: Working, reading: Reads, summit: Event, outbox: Posted
    ) -> None:
        person = coming(make, work, reading, summit, "Amina Yusuf")
        invitation = invitation_of(reading, summit, person)
        page = browse.get(f"{STAFF}/invitations").click("Withdraw")
        assert "The place is free at once" in page.text
        page.submit("Yes, withdraw it", reason="x" * 501)
        assert page.status == 422
        page.submit("Yes, withdraw it", reason="There is no room.")
        assert "The invitation is withdrawn." in page.text
        assert "Withdrawn 1" in page.text
        assert outbox("invitation_withdrawn")[0].params["reason"] == "There is no room."
        assert browse.post(f"{STAFF}/invitations/{invitation.public_id}/withdraw").status == 422


class TestAnsweringForSomebody:
    def test_books_for_them_and_is_noted_as_a_reading_of_needs(
        self, browse: Browse, make: Make, work: Working, reading: Reads, summit: Event, outbox: Posted
    ) -> None:
        host = make.account("Hana Host")
        make.grant(host, Role.HOST, event=summit)
        invite(work, summit, "Rosa Resident")
        page = browse.sign_in(host).get(f"{STAFF}/invitations").click("Enter an answer")
        assert page.heading.endswith("Answer of Rosa Resident")
        page.submit("Send my answer", response="yes", needs=["BSL interpreter"])
        assert "The answer of Rosa Resident is saved." in page.text
        page.click("Enter an answer")
        assert page.soup.select_one('input[value="BSL interpreter"][checked]')
        with reading() as read:
            noted = read.session.scalars(select(Observation).where(Observation.kind == "access needs read")).all()
            booking = queries.booking_of(read, invitation_of(reading, summit, "Rosa Resident"))
        assert {(one.person_id, one.subject_id) for one in noted} == {(host.id, summit.id)}
        assert booking is not None
        assert booking.by_person_id == host.id

    def test_is_refused_when_they_answered_meanwhile(
        self, browse: Browse, editor: Person, work: Working, reading: Reads, summit: Event
    ) -> None:
        invite(work, summit, "Rosa Resident")
        page = browse.get(f"{STAFF}/invitations").click("Enter an answer")
        answer(work, invitation_of(reading, summit, "Rosa Resident"), Answer.NO)
        page.submit("Send my answer", response="yes")
        assert page.status == 422
        assert "answered elsewhere meanwhile" in page.errors[0]


class TestTheListsForTheDay:
    @pytest.fixture
    def guests(self, make: Make, work: Working, reading: Reads, summit: Event) -> None:
        first, second = breakouts_of(summit)
        brent = make.organisation("Brent Council")
        needs = queries.Needs(("BSL interpreter",), "A seat near the front", ("milk", "eggs"), ("vegan",), "No onions")
        coming(make, work, reading, summit, "Zoe Zander", first, needs=needs, organisation=brent)
        coming(make, work, reading, summit, "Amina Yusuf", second, needs=queries.Needs(allergens=("milk",)))
        coming(make, work, reading, summit, "=Ben Okri", needs=None)
        coming(make, work, reading, summit, "Cara Profile", needs=None)
        with work() as opened:
            opened.session.scalars(select(Person).where(Person.name == "Cara Profile")).one().needs = "Large print"
        gone = coming(make, work, reading, summit, "Dan Gone", needs=needs)
        answer(work, invitation_of(reading, summit, gone), Answer.NO)

    def test_the_caterer_gets_counts_first_and_names_only_where_needed(
        self, browse: Browse, editor: Person, guests: None, reading: Reads, summit: Event
    ) -> None:
        page = browse.get(STAFF).click("List for the caterer")
        assert "Coming: 4 people. With something to heed: 2." in page.text
        assert "Milk 2" in page.text
        assert "Vegan 1" in page.text
        assert page.text.index("Milk 2") < page.text.index("Zoe Zander")
        assert "No onions" in page.text
        for words in ("Ben Okri", "Cara Profile", "Dan Gone", "BSL"):
            assert words not in page.text
        assert self.noted(reading) == [("diets read", summit.id)]

    def test_the_access_list_falls_back_on_the_profile(
        self, browse: Browse, editor: Person, guests: None, reading: Reads, summit: Event
    ) -> None:
        page = browse.get(STAFF).click("Access list")
        assert "Coming: 4 people. With needs: 2." in page.text
        assert "A BSL interpreter 1" in page.text
        assert "From the profile: Large print" in page.text
        for words in ("Ben Okri", "Amina Yusuf", "Dan Gone", "milk"):
            assert words not in page.text
        assert self.noted(reading) == [("access needs read", summit.id)]

    def test_the_door_list_is_alphabetical_without_needs_and_safe_as_a_table(
        self, browse: Browse, editor: Person, guests: None
    ) -> None:
        page = browse.get(STAFF).click("Door list")
        names = [row.th.get_text() for row in page.soup.select("tbody tr")]  # type: ignore[union-attr]
        assert names == sorted(names)
        assert len(names) == 4
        assert "front" not in page.text
        table = page.click("Download as CSV").html
        rows = list(csv.reader(io.StringIO(table)))
        assert rows[0] == ["name", "organisation", "breakouts"]
        assert ["Zoe Zander", "Brent Council", "Breakout 1"] in rows
        assert ["'=Ben Okri", "", ""] in rows

    def test_are_empty_without_guests(self, browse: Browse, editor: Person, summit: Event) -> None:
        for path in ("caterer", "access", "door"):
            page = browse.get(f"{STAFF}/{path}")
            assert page.status == 200
            assert "so far" in page.text

    def noted(self, reading: Reads) -> list[tuple[str, int | None]]:
        with reading() as read:
            return [(one.kind, one.subject_id) for one in read.session.scalars(select(Observation))]


PAGES = ("", "/agenda", "/invitations", "/caterer", "/access", "/door", "/door.csv")
FORMS = ("/agenda/new", "/invitations/new", "/invitations/remind")


class TestWhoMay:
    def test_hosts_of_the_summit_see_but_do_not_change(
        self, browse: Browse, make: Make, work: Working, summit: Event
    ) -> None:
        host = make.account("Hana Host")
        make.grant(host, Role.HOST, event=summit)
        browse.sign_in(host)
        invite(work, summit, "Rosa Resident")
        assert {browse.get(STAFF + path).status for path in PAGES} == {200}
        assert {browse.get(STAFF + path).status for path in FORMS} == {404}
        page = browse.get(f"{STAFF}/invitations")
        links = {link.get_text(" ", strip=True) for link in page.soup.select("main a")}
        assert "Enter an answer (Rosa Resident)" in links
        assert not {"Invite people", "Remind those who have not answered", "Withdraw (Rosa Resident)"} & links

    def test_staff_of_others_and_guests_see_nothing(
        self, browse: Browse, make: Make, work: Working, reading: Reads, summit: Event
    ) -> None:
        person = coming(make, work, reading, summit, "Amina Yusuf")
        invitation = invitation_of(reading, summit, person)
        answer_page = f"/invitations/{invitation.public_id}/answer"
        for role in (Role.HOST, Role.FACILITATOR, Role.ADMIN):
            staff = make.account(str(role))
            make.grant(staff, role, event=make.visit())
            browse.sign_in(staff)
            assert {browse.get(STAFF + path).status for path in (*PAGES, *FORMS, answer_page)} == {404}
        browse.sign_in(person)
        assert {browse.get(STAFF + path).status for path in (*PAGES, *FORMS, answer_page)} == {404}

    def test_a_visit_has_no_page_here(self, browse: Browse, editor: Person, make: Make) -> None:
        slug = make.visit().slug
        assert {browse.get(f"/admin/summits/{slug}{path}").status for path in (*PAGES, *FORMS)} == {404}

    def test_an_invitation_of_another_summit_is_not_found(
        self, browse: Browse, editor: Person, make: Make, work: Working, reading: Reads, summit: Event
    ) -> None:
        other = make_summit(make, work, title="Another summit")
        invite(work, other, "Rosa Resident")
        public_id = invitation_of(reading, other, "Rosa Resident").public_id
        for act in ("answer", "withdraw"):
            assert browse.get(f"{STAFF}/invitations/{public_id}/{act}").status == 404
