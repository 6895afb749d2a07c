"""The directory of members and letters between them, as members use them, and how little others learn."""

from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.forum import Audience
from cop.models.members import Relay
from cop.models.service import Observation
from tests.support.browse import Browse
from tests.support.forum import MakeForum
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads
from tests.support.members import Directory
from tests.support.queries import count_queries

PEOPLE = "/members/people/"


@pytest.fixture
def directory(app: Flask, make: Make) -> Directory:
    return Directory(app, make)


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Ashdown", "amina@council.example", organisation=make.organisation("Brent Council"))


@pytest.fixture
def ben(make: Make, directory: Directory) -> Person:
    person = make.account("Ben Birkett", "ben@council.example", organisation=make.organisation("Oldham Council"))
    directory.join(person, about="Damp and mould", offers=["Housing"])
    return person


class TestTheDirectory:
    def test_asks_strangers_to_sign_in_and_tells_others_whom_it_is_for(
        self, browse: Browse, make: Make, ben: Person
    ) -> None:
        assert browse.get("/members/").click("Find colleagues in the directory of members").heading == "Sign in or join"
        browse.sign_in(make.account("Stan Stranger"))
        assert "only members read it" in browse.get(PEOPLE).text
        assert "Ben Birkett" not in browse.text
        for path in ("me", ben.public_id, f"{ben.public_id}/write"):
            assert browse.get(f"{PEOPLE}{path}").status == 404

    def test_leads_to_the_forum_only_whom_the_forum_lets_in(
        self, app: Flask, browse: Browse, make: Make, amina: Person, ben: Person
    ) -> None:
        make.programme()
        assert "Offers and asks" not in browse.sign_in(amina).get(PEOPLE).text
        MakeForum(app, make).space(audience=Audience.MEMBERS)
        assert browse.get(PEOPLE).click("Offers and asks in the forum").heading == "Offers and asks"

    def test_a_member_joins_changes_and_leaves(
        self, browse: Browse, directory: Directory, make: Make, amina: Person, ben: Person
    ) -> None:
        housing, bids = directory.words("Housing", "Writing bids")
        browse.sign_in(amina).get(PEOPLE).click("Let members find you")
        assert "With the button you agree" in browse.text
        browse.submit(
            "Agree, and let members find me", about="Ask me about tea.", offers=[str(bids)], seeks=[str(housing)]
        )
        assert browse.heading == "Amina Ashdown"
        assert "Can help with: Writing bids" in browse.text
        assert "Would like help with: Housing" in browse.text
        browse.click("Change what members see of you").submit("Save", about="Ask me about coffee.")
        assert "Ask me about coffee." in browse.text
        other = browse.another().sign_in(ben)
        assert "Amina Ashdown" in other.get(PEOPLE).text
        browse.get(f"{PEOPLE}me").submit("Leave the directory")
        assert "You are not in the directory." in browse.text
        assert "Amina Ashdown" not in other.get(PEOPLE).text
        assert other.get(f"{PEOPLE}{amina.public_id}").status == 404

    def test_a_refusal_keeps_what_was_typed(self, browse: Browse, amina: Person) -> None:
        browse.sign_in(amina).get(f"{PEOPLE}me").submit("Agree, and let members find me", about="x" * 601)
        assert browse.status == 422
        assert browse.errors == ["Use 600 characters or fewer"]

    def test_what_was_saved_in_another_window_is_shown_before_it_is_replaced(
        self, browse: Browse, amina: Person
    ) -> None:
        browse.sign_in(amina).get(f"{PEOPLE}me")
        browse.another().sign_in(amina).get(f"{PEOPLE}me").submit("Agree, and let members find me", about="First")
        browse.submit("Agree, and let members find me", about="Second")
        assert browse.status == 422
        assert "another window" in browse.errors[0]
        browse.submit("Save", about="Second")
        assert "Second" in browse.text

    def test_is_searched_and_filtered_and_says_when_nobody_fits(
        self, browse: Browse, amina: Person, ben: Person
    ) -> None:
        browse.sign_in(amina)
        assert "Ben Birkett" in browse.get(PEOPLE, q="damp").text
        assert "Ben Birkett" in browse.get(PEOPLE, tag="housing").text
        assert "Nobody fits this search" in browse.get(PEOPLE, tag="writing-bids").text
        assert "Nobody fits this search" in browse.get(PEOPLE, q="100% _").text
        for nonsense in ({"region": "Atlantis"}, {"tag": "no"}, {"organisation": "'"}, {"page": "x"}):
            assert "Ben Birkett" in browse.get(PEOPLE, **nonsense).text

    def test_takes_as_many_statements_for_many_as_for_few(
        self, browse: Browse, directory: Directory, make: Make, amina: Person, ben: Person
    ) -> None:
        browse.sign_in(amina).get(PEOPLE)

        def statements() -> Sequence[str]:
            with count_queries() as sent:
                browse.get(PEOPLE)
            return sent

        few = len(statements())
        for number in range(5):
            directory.join(make.account(f"Person {number}", organisation=make.organisation()), offers=["Housing"])
        assert len(statements()) == few

    def test_the_page_of_consents_ends_it_too(self, browse: Browse, amina: Person, ben: Person) -> None:
        other = browse.another().sign_in(ben)
        other.post("/account/consents/directory/withdraw")
        assert "Ben Birkett" not in browse.sign_in(amina).get(PEOPLE).text


class TestLetters:
    def test_go_there_and_back(self, browse: Browse, amina: Person, ben: Person, mailbox: Mailbox) -> None:
        browse.sign_in(amina).get(f"{PEOPLE}{ben.public_id}").click("Write to Ben Birkett")
        browse.submit("Send the letter", body="Have you done this before?")
        assert browse.heading == "Your letter to Ben Birkett"
        [mail] = mailbox.deliver()
        assert mail.subject == "Amina Ashdown wrote to you"
        link = mail.link("/members/letters/")
        answering = browse.another().sign_in(ben).get(link)
        assert answering.heading == "A letter from Amina Ashdown"
        answering.submit("Send the answer", body="Yes, twice.")
        [mail] = mailbox.deliver()
        assert mail.subject == "Ben Birkett has answered your letter"
        assert "Yes, twice." in browse.get(mail.link("/members/letters/")).text
        browse.click("The letter that this answers")
        assert "Have you done this before?" in browse.text
        found = browse.get("/members/letters/").text
        assert "To Ben Birkett" in found
        assert "From Ben Birkett" in found

    def test_are_nobody_elses(
        self, browse: Browse, make: Make, directory: Directory, amina: Person, ben: Person
    ) -> None:
        letter = directory.write(amina, ben)
        path = f"/members/letters/{letter.public_id}"
        assert browse.get(path).heading == "Sign in or join"
        for person in (make.admin(), make.account("Cara Cole", organisation=make.organisation())):
            other = browse.another().sign_in(person)
            for address in (path, f"{path}/report"):
                assert other.get(address).status == 404
                assert other.post(address, {"body": "No", "reason": "No"}).status == 404

    def test_without_words_are_refused(self, browse: Browse, amina: Person, ben: Person) -> None:
        browse.sign_in(amina).get(f"{PEOPLE}{ben.public_id}/write").submit("Send the letter", body=" ")
        assert (browse.status, browse.errors) == (422, ["Write a few words"])

    def test_to_somebody_who_takes_none_keep_their_words(
        self, browse: Browse, directory: Directory, amina: Person, ben: Person
    ) -> None:
        browse.sign_in(amina).get(f"{PEOPLE}{ben.public_id}/write")
        directory.join(ben, takes_letters=False, revision=1)
        browse.submit("Send the letter", body="Many words of mine")
        assert browse.status == 422
        assert "takes no letters" in browse.errors[0]
        assert "Many words of mine" in browse.html
        assert "They take no letters" in browse.get(f"{PEOPLE}{ben.public_id}").text

    def test_show_markup_as_it_was_typed(
        self, browse: Browse, directory: Directory, amina: Person, ben: Person, mailbox: Mailbox
    ) -> None:
        letter = directory.write(amina, ben, "<script>alert(1)</script>")
        browse.sign_in(ben).get(f"/members/letters/{letter.public_id}")
        [mail] = mailbox.deliver()
        assert browse.soup.find("script", string="alert(1)") is None
        assert mail.soup.find("script") is None
        assert "<script>alert(1)</script>" in browse.text
        assert "<script>alert(1)</script>" in mail.text

    def test_that_are_reported_are_read_by_an_admin_who_is_noted(
        self, browse: Browse, make: Make, directory: Directory, reading: Reads, amina: Person, ben: Person
    ) -> None:
        letter = directory.write(amina, ben, "A rude Quagga")
        browse.sign_in(ben).get(f"/members/letters/{letter.public_id}").click("Report this letter")
        browse.submit("Report the letter", reason="It is rude.")
        assert "can write to you no more" in browse.text
        staff = browse.another().sign_in(make.admin())
        assert "letter between members that was reported" in staff.get("/admin/").text
        staff.get("/admin/letters-reported").click("Amina Ashdown to Ben Birkett")
        assert "A rude Quagga" in staff.text
        assert "It is rude." in staff.text
        with reading() as read:
            seen = select(Observation).where(Observation.kind == "letter read")
            found = read.session.scalars(seen).one()
            letter_id = read.session.scalars(select(Relay.id)).one()
        assert (found.subject_kind, found.subject_id) == ("relay", letter_id)
        staff.submit("Note that it is settled")
        assert "Nothing waits" in staff.text
        assert "Reported letter read" in staff.get("/admin/audit/reads").text

    def test_that_are_reported_are_for_admins_of_everything(
        self, browse: Browse, make: Make, directory: Directory, amina: Person, ben: Person
    ) -> None:
        letter = directory.report(ben, directory.write(amina, ben))
        facilitator = make.account("Femi Facilitator")
        make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
        make.grant(facilitator, Role.ADMIN, programme=make.programme())
        browse.sign_in(facilitator)
        for path in ("/admin/letters-reported", f"/admin/letters-reported/{letter.public_id}"):
            assert browse.get(path).status == 404
        assert "that was reported" not in browse.get("/admin/").text
