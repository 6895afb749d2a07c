"""The roster as those see it who run the course."""

import csv
import io

import pytest
from sqlalchemy import select, text

from cop.core.access import Actor, Role
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.models.rosters import RosterNote
from cop.models.service import Observation
from cop.services.cohorts import offers
from cop.services.events.arrangements import Diet
from tests.support import panel, pdf
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

BASE = "/cohorts/change-makers/roster"


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.fixture
def hana(make: Make, course: Event) -> Person:
    """The host of the course."""
    person = make.account("Hana Host")
    make.grant(person, Role.HOST, event=course)
    return person


@pytest.fixture
def members(make: Make, course: Event) -> list[int]:
    """The ids of two people with a place, of three who were offered one."""
    found = panel.offered(make, course, "ooo")
    for offer in found[:2]:
        panel.accept(make, offer)
    return [offer.person_id for offer in found[:2]]


def test_shows_who_has_a_place_and_how_they_stand(
    make: Make, browse: Browse, course: Event, hana: Person, members: list[int], clock: FixedClock
) -> None:
    clock.set(course.parts[-1].ends_at)
    panel.mark(make, course, members[0], "aaaa")
    panel.mark(make, course, members[1], "aapx")
    page = browse.sign_in(hana).get(BASE)
    for words in ("2 of 15 places", "1 completed the course", "4 of 4", "Completed", "2 of 4", "Cannot complete"):
        assert words in page.text
    assert "Applicant 3" not in page.text
    page.get(BASE).click("Mark who came")
    assert page.path == f"/events/{course.slug}/attendance"


def test_an_empty_roster_says_where_people_come_from(make: Make, browse: Browse, course: Event, hana: Person) -> None:
    page = browse.sign_in(hana).get(BASE)
    assert "Nobody has a place yet" in page.text
    assert "Go to the selection" not in page.text
    page.sign_in(panel.chair(make)).get(BASE).click("Go to the selection")
    assert page.path == "/cohorts/change-makers/selection"


def test_takes_the_same_statements_however_long(make: Make, browse: Browse, course: Event, hana: Person) -> None:
    found = panel.offered(make, course, "ooo")
    browse.sign_in(hana)
    counts = []
    for some in (found[:1], found[1:]):
        for offer in some:
            panel.accept(make, offer)
        browse.get(BASE)
        with count_queries() as statements:
            browse.get(BASE)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_the_file_has_a_row_for_each_and_its_download_is_noted(
    make: Make, browse: Browse, hana: Person, members: list[int], reading: Reads, work: Working
) -> None:
    with work() as opened:
        opened.session.get_one(Person, members[0]).name = "=SUM(A1)"
    page = browse.sign_in(hana).get(f"{BASE}.csv")
    assert page.response.headers["Content-Disposition"] == 'attachment; filename="roster-change-makers.csv"'
    rows = list(csv.DictReader(io.StringIO(page.html)))
    assert [row["name"] for row in rows] == ["'=SUM(A1)", "Applicant 2"]
    assert (rows[0]["Half-day 1"], rows[0]["attended"], rows[0]["needed"], rows[0]["progress"]) == (
        "",
        "0",
        "3",
        "on course",
    )
    with reading() as read:
        noted = read.session.scalars(select(Observation)).one()
    assert (noted.kind, noted.person_id) == ("roster exported", hana.id)


def test_what_people_need_is_one_step_further_and_its_reading_is_noted(
    make: Make, browse: Browse, course: Event, hana: Person, members: list[int], work: Working, reading: Reads
) -> None:
    offer = panel.offers_of(make, course)[0]
    with work(Actor(offer.person_id, via="link")) as opened:
        offers.arrange(
            opened,
            public_id=offer.public_id,
            access="A ramp",
            diet=Diet(allergens=["milk", "eggs"]),
            emergency_contact="",
            travel="By train",
        )
    page = browse.sign_in(hana).get(BASE)
    assert "1 with access needs" in page.text
    assert "A ramp" not in page.text
    page.click("Read what they need")
    for words in ("Applicant 1", "A ramp", "milk; eggs", "By train"):
        assert words in page.text
    assert "Applicant 2" not in page.text
    with reading() as read:
        assert [one.kind for one in read.session.scalars(select(Observation))] == ["access needs read"]


def test_nothing_told_is_said(browse: Browse, course: Event, hana: Person) -> None:
    assert "Nobody has told us" in browse.sign_in(hana).get(f"{BASE}/arrangements").text


class TestWriting:
    def test_is_seen_before_it_goes_and_goes_once(
        self, browse: Browse, course: Event, hana: Person, members: list[int], reading: Reads
    ) -> None:
        page = browse.sign_in(hana).get(BASE).click("Write to everybody")
        page.submit("See it before it goes", subject="Tomorrow", body="Bring a pen.\nAnd paper.\n\nSee you there.")
        assert page.heading.startswith("See it before it goes")
        assert "Bring a pen. And paper. See you there." in page.text
        before = page.path
        page.submit("Change it")
        assert "Bring a pen." in page.html
        page.submit("See it before it goes", subject="Tomorrow")
        page.submit("Send it to 2 people")
        assert "The message goes to 2 people." in page.text
        page.get(before)
        page.submit("See it before it goes", subject="Tomorrow", body="Bring a pen.\nAnd paper.\n\nSee you there.")
        page.submit("Send it to 2 people")
        assert "Everybody has this message already" in page.text
        with reading() as read:
            rows = read.session.scalars(select(Outbox).where(Outbox.template == "roster_message")).all()
        assert len(rows) == 2

    def test_needs_a_subject_and_words(self, browse: Browse, course: Event, hana: Person, members: list[int]) -> None:
        page = browse.sign_in(hana).get(f"{BASE}/message")
        page.submit("See it before it goes", body="Words stay")
        assert (page.status, page.errors) == (422, ["Enter a subject"])
        assert "Words stay" in page.html

    def test_to_nobody_is_refused(self, browse: Browse, course: Event, hana: Person) -> None:
        page = browse.sign_in(hana).get(f"{BASE}/message")
        page.post(f"{BASE}/message", {"subject": "A", "body": "B", "act": "send"})
        assert (page.status, page.errors) == (422, ["Nobody has a place yet, so there is nobody to write to"])


def test_is_for_those_who_run_the_course(make: Make, browse: Browse, course: Event, members: list[int]) -> None:
    other = make.account("Other host")
    make.grant(other, Role.HOST, event=panel.course(make, "Another", slug="another"))
    for who in (other, panel.reviewer(make), make.account("Stranger")):
        browse.sign_in(who)
        for path in ("", ".csv", "/arrangements", "/message"):
            assert browse.get(BASE + path).status == 404
    assert browse.another().get(BASE, follow=False).location.startswith("/sign-in")


class TestAFilter:
    @pytest.fixture
    def people(self, make: Make, course: Event, members: list[int], clock: FixedClock) -> list[int]:
        clock.set(course.parts[-1].ends_at)
        panel.mark(make, course, members[0], "aaaa")
        panel.mark(make, course, members[1], "xxxx")
        return members

    def test_shows_some_and_leads_to_writing_to_them(
        self, browse: Browse, hana: Person, people: list[int], reading: Reads
    ) -> None:
        page = browse.sign_in(hana).get(BASE)
        page.submit("Show", progress="completed")
        assert "1 of 2 are shown." in page.text
        assert "Applicant 2" not in page.text
        page.click("Write to these 1 person")
        page.submit("See it before it goes", subject="Well done", body="Thank you.")
        assert "It goes to: Applicant 1" in page.text
        page.submit("Send it to 1 person")
        with reading() as read:
            sent = read.session.scalars(select(Outbox).where(Outbox.template == "roster_message")).all()
        assert [row.person_id for row in sent] == [people[0]]

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            ({"q": "applicant 2"}, 1),
            ({"q": "nobody"}, 0),
            ({"sector": "resident"}, 2),
            ({"sector": "nonsense"}, 2),
            ({"progress": "missed"}, 1),
            ({"group": "Group 1"}, 2),
            ({"q": "applicant 2", "progress": "completed"}, 0),
        ],
    )
    def test_finds(self, browse: Browse, hana: Person, people: list[int], wanted: dict[str, str], found: int) -> None:
        page = browse.sign_in(hana).get(BASE, **wanted)
        assert len(page.soup.select("tbody tr th")) == found
        assert ("Nobody on the roster is like this." in page.text) == (found == 0)

    def test_can_be_changed_where_the_message_is_written(self, browse: Browse, hana: Person, people: list[int]) -> None:
        page = browse.sign_in(hana).get(f"{BASE}/message", q="Applicant 1")
        page.submit("See it before it goes", subject="A", body="B", to=[])
        assert (page.status, page.errors) == (422, ["Choose who gets the message"])
        page.post(f"{BASE}/message", {"subject": "A", "body": "B", "to": "somebody-else", "act": "send"})
        assert page.status == 422


class TestAMember:
    @pytest.fixture
    def path(self, make: Make, members: list[int], reading: Reads) -> str:
        with reading() as read:
            return f"{BASE}/{read.session.get_one(Person, members[0]).public_id}"

    def test_is_one_press_away(
        self, make: Make, browse: Browse, course: Event, hana: Person, members: list[int], clock: FixedClock
    ) -> None:
        clock.set(course.parts[-1].ends_at)
        panel.mark(make, course, members[0], "a-px")
        page = browse.sign_in(hana).get(BASE).click("Applicant 1")
        assert page.heading == "Applicant 1 Change Makers"
        for words in ("Half-day 1, Wed 1 Apr: Came", "Not marked", "In part", "Did not come"):
            assert words in page.text
        assert page.click("In part").path.startswith(f"/events/{course.slug}/attendance?slot=")

    def test_has_notes_that_go_when_they_are_taken_out(
        self, browse: Browse, hana: Person, path: str, reading: Reads
    ) -> None:
        page = browse.sign_in(hana).get(path)
        page.submit("Keep the note")
        assert (page.status, page.errors) == (422, ["Enter a note"])
        for _ in range(2):
            page.get(path).submit("Keep the note", body="Prefers a call.\nAfter six.")
        assert page.text.count("Prefers a call.") == 1
        assert "1 note" in page.get(BASE).text
        page.get(path).submit("Take it out for good (2 March 2026 at 9am)")
        assert "The note is gone." in page.text
        assert "Prefers a call." not in page.get(path).text
        with reading() as read:
            assert read.session.scalars(select(RosterNote)).all() == []

    def test_has_notes_that_only_their_author_or_the_chair_takes_out(
        self, make: Make, browse: Browse, course: Event, hana: Person, path: str, reading: Reads
    ) -> None:
        browse.sign_in(hana).get(path).submit("Keep the note", body="Prefers a call.")
        second = make.account("Second host")
        make.grant(second, Role.HOST, event=course)
        page = browse.sign_in(second).get(path)
        assert "Prefers a call." in page.text
        assert "Take it out" not in page.text
        with reading() as read:
            note = read.session.scalars(select(RosterNote)).one()
        assert page.post(f"{path}/notes/{note.id}").status == 404
        assert page.post(f"{path}/notes/{note.id + 1}").status == 404
        page.sign_in(panel.chair(make, "Fran Chair")).get(path).submit("Take it out for good (2 March 2026 at 9am)")
        assert "The note is gone." in page.text

    def test_keeps_notes_encrypted_and_out_of_the_file(
        self, browse: Browse, hana: Person, path: str, reading: Reads
    ) -> None:
        browse.sign_in(hana).get(path).submit("Keep the note", body="Prefers a call.")
        assert "Prefers" not in browse.get(f"{BASE}.csv").html
        with reading() as read:
            kept = read.session.scalar(text("SELECT body FROM roster_note"))
        assert b"Prefers" not in kept

    def test_is_given_a_record_on_paper_once_the_course_is_completed(
        self, make: Make, browse: Browse, course: Event, hana: Person, members: list[int], path: str, clock: FixedClock
    ) -> None:
        page = browse.sign_in(hana).get(path)
        assert "There is one once they have completed the course." in page.text
        assert page.post(f"{path}/record").status == 404
        clock.set(course.parts[-1].ends_at)
        panel.mark(make, course, members[0], "aaaa")
        assert page.get(f"{path}/record.pdf").status == 404
        page.get(path).submit("Make the record")
        page.click("Download it (PDF)")
        assert "Applicant 1 completed “Change Makers”" in pdf.words(page.response.data)

    def test_is_not_somebody_without_a_place(self, make: Make, browse: Browse, course: Event, hana: Person) -> None:
        stranger = make.account("Stranger")
        assert browse.sign_in(hana).get(f"{BASE}/{stranger.public_id}").status == 404

    def test_is_for_those_who_run_the_course(self, make: Make, browse: Browse, course: Event, path: str) -> None:
        other = make.account("Other host")
        make.grant(other, Role.HOST, event=panel.course(make, "Another", slug="another"))
        for who in (other, panel.reviewer(make), make.account("Stranger")):
            browse.sign_in(who)
            assert browse.get(path).status == 404
            assert browse.get(f"{path}/record.pdf").status == 404
            assert browse.post(path, {"body": "Mine"}).status == 404
