"""Requests and complaints on pages: for whoever asks, with or without an account, and for the admins who answer."""

import re
from datetime import timedelta

import pytest

from cop.models.accounts import Person
from cop.services import requests as services
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make

OWN, STAFF = "/account/privacy/requests/", "/admin/requests/"


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", "amina@council.example")


@pytest.fixture
def admin(browse: Browse, make: Make) -> Browse:
    return browse.another().sign_in(make.admin())


@pytest.fixture
def asked(browse: Browse, amina: Person) -> Browse:
    """The page of a request that Amina has sent a moment ago."""
    page = browse.sign_in(amina).get(OWN).click("Ask for something, or complain")
    return page.submit(kind="access", asked_for="All that you have.")


class TestWithAnAccount:
    def test_a_request_is_sent_followed_and_answered(self, asked: Browse, admin: Browse, mailbox: Mailbox) -> None:
        assert asked.heading == "Access, 2 March 2026"
        assert "All that you have." in asked.text
        assert [mail.subject for mail in mailbox.deliver()] == ["We have your request about your data"]
        page = admin.get("/admin/").click("Take it on").click("Access: Amina Yusuf")
        page = page.submit("Save who deals with it", handler=admin_word(page))
        assert "Ada Admin" in page.get(STAFF).text
        page = page.click("Access: Amina Yusuf").click("Acknowledge it").submit()
        page = page.click("Answer it").submit(words="It is in the file that you can download.")
        assert "It is answered and closed." in page.text
        assert "Answered" in page.text
        assert [mail.subject for mail in mailbox.deliver()] == [
            "We are dealing with your request",
            "Our answer to your request",
        ]
        assert "It is in the file that you can download." in asked.get(asked.path).text
        assert "Information Commissioner’s Office" in asked.text
        assert "1 of" not in admin.get("/admin/").text

    def test_the_clock_is_stopped_goes_on_and_is_put_off(
        self, asked: Browse, admin: Browse, mailbox: Mailbox, clock: FixedClock
    ) -> None:
        mailbox.deliver()
        path = admin.get(STAFF).click("Access: Amina Yusuf").path
        admin.click("Ask the person, and stop the clock").submit(waits_for="identity", words="Who are you?")
        assert "Was due 2 April 2026 when the clock stopped" in admin.text
        (mail,) = mailbox.deliver()
        assert "Who are you?" in mail.text
        assert "Who are you?" in asked.get(asked.path).text
        clock.move(timedelta(days=7))
        assert "9 April 2026" in admin.get(path).click("Let the clock go on").submit().text
        page = admin.click("Put it off by two months").submit(words="It is complex.")
        assert "9 June 2026" in page.text
        assert len(mailbox.deliver()) == 2
        assert admin.get(f"{path}/extend").submit(words="More").errors == [
            "It was put off already, and can be only once."
        ]

    def test_a_request_is_taken_back(self, asked: Browse, browse: Browse, make: Make) -> None:
        other = browse.another().sign_in(make.account("Ben"))
        assert other.get(asked.path).status == 404
        assert other.get(f"{asked.path}/withdraw").status == 404
        page = asked.click("Take it back").submit()
        assert "You have taken it back." in page.text
        assert page.post(f"{page.path}/withdraw").errors == [
            "This request is closed. Enter a new one if there is more to do."
        ]

    def test_the_address_can_say_what_it_is_about(self, browse: Browse, amina: Person) -> None:
        page = browse.sign_in(amina).get("/complaints")
        assert page.soup.select_one("input[value=complaint][checked]")
        assert page.get(f"{OWN}new", kind="nonsense").soup.select("input[type=radio][checked]") == []

    def test_what_is_missing_is_asked_for_and_what_was_typed_stays(self, browse: Browse, amina: Person) -> None:
        page = browse.sign_in(amina).get(f"{OWN}new").submit(asked_for="All of it")
        assert (page.status, page.errors) == (422, ["Choose what you ask for"])
        assert page.soup.textarea is not None
        assert page.soup.textarea.text.strip() == "All of it"

    def test_nothing_asked_yet_leads_to_the_form(self, browse: Browse, amina: Person) -> None:
        assert "You have not asked for anything yet." in browse.sign_in(amina).get(OWN).text


class TestWithoutAnAccount:
    def complain(self, browse: Browse, email: str = "sam@home.example") -> Browse:
        return browse.get("/complaints").submit(name="Sam Pell", email=email, asked_for="You wrote to me.")

    def test_a_complaint_is_taken_confirmed_and_answered(self, browse: Browse, admin: Browse, mailbox: Mailbox) -> None:
        assert self.complain(browse).heading == "We have your complaint"
        (mail,) = mailbox.deliver()
        assert (mail["To"], mail.subject) == ("sam@home.example", "We have your complaint")
        assert "Sam" not in mail.text
        assert "You wrote to me." not in mail.text
        page = admin.get(STAFF).click("Complaint: Sam Pell")
        assert "Acknowledge by 1 April 2026" in page.text
        assert "stop the clock" not in page.text
        page.click("Refuse it").submit(words="We may write to you.")
        (mail,) = mailbox.deliver()
        assert "We may write to you." in mail.text
        assert "https://ico.org.uk/make-a-complaint/" in mail.text

    def test_an_address_that_is_none_stays_typed(self, browse: Browse) -> None:
        page = self.complain(browse, "sam@")
        assert page.status == 422
        assert page.soup.select("input[name=email]")[0]["value"] == "sam@"

    def test_a_busy_network_waits(self, browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(services, "FORMS_A_NETWORK", 0)
        assert self.complain(browse).status == 429

    def test_the_privacy_page_need_not_be_found_first(self, browse: Browse) -> None:
        assert browse.get("/complaints").click("Sign in to complain").heading == "Sign in or join"


class TestForStaff:
    def test_what_comes_by_telephone_is_entered(self, admin: Browse) -> None:
        page = admin.get(STAFF).click("Enter a request")
        given = {"kind": "erasure", "came_by": "phone", "name": "Sam Pell", "contact": "01632 960001"}
        day = {"received_on-day": "27", "received_on-month": "2", "received_on-year": "2026"}
        page = page.submit(**given, **day, asked_for="Take me out.")
        assert page.heading == "Erasure: Sam Pell"
        assert "27 March 2026" in page.text
        assert "No mail reaches this person." in page.text

    def test_for_somebody_with_a_record(self, admin: Browse, amina: Person, mailbox: Mailbox) -> None:
        page = admin.get(f"{STAFF}new", person=amina.public_id)
        day = {"received_on-day": "2", "received_on-month": "3", "received_on-year": "2026"}
        page = page.submit(kind="access", came_by="letter", **day, asked_for="A copy.")
        assert page.heading == "Access: Amina Yusuf"
        assert [mail["To"] for mail in mailbox.deliver()] == ["Amina Yusuf <amina@council.example>"]
        assert admin.get(f"{STAFF}new", person="nobody").status == 404

    def test_opening_one_is_noted(self, asked: Browse, admin: Browse) -> None:
        admin.get(STAFF).click("Access: Amina Yusuf")
        page = admin.get("/admin/audit/reads")
        assert "Request read" in page.text

    def test_words_do_not_stand_among_the_messages(self, asked: Browse, admin: Browse, mailbox: Mailbox) -> None:
        path = admin.get(STAFF).click("Access: Amina Yusuf").path
        admin.get(f"{path}/stop").submit(waits_for="identity", words="A private question")
        admin.get(f"{path}/answer").submit(words="A private answer")
        mailbox.deliver()
        for number in (1, 2, 3):
            page = admin.get(f"/admin/messages/{number}")
            assert page.status == 200
            assert "private" not in page.html

    def test_lists_and_kinds_are_chosen_in_the_address(self, asked: Browse, admin: Browse) -> None:
        assert "Access: Amina Yusuf" in admin.get(STAFF, kind="access").text
        assert "There is nothing in this list." in admin.get(STAFF, kind="complaint").text
        assert "Access: Amina Yusuf" in admin.get(STAFF, kind="nonsense", show="nonsense").text
        assert "There is nothing in this list." in admin.get(STAFF, show="overdue").text

    def test_a_step_that_there_is_not_is_no_page(self, asked: Browse, admin: Browse) -> None:
        path = admin.get(STAFF).click("Access: Amina Yusuf").path
        assert admin.get(f"{path}/burn").status == 404
        assert admin.get(f"{STAFF}nothing").status == 404

    def test_late_ones_wait_on_the_desk(self, asked: Browse, admin: Browse, clock: FixedClock) -> None:
        clock.move(timedelta(days=32))
        page = admin.get("/admin/").click("Answer now")
        assert "Overdue" in page.text
        assert re.search(r"Overdue \(1\)", page.text)

    def test_others_find_nothing(self, asked: Browse, browse: Browse, amina: Person) -> None:
        for path in (STAFF, f"{STAFF}new"):
            assert asked.get(path).status == 404
            assert browse.another().get(path, follow=False).status == 302


def admin_word(page: Browse) -> str:
    """The word by which the form names the only admin."""
    (option,) = page.soup.select("select[name=handler] option:not([value=''])")
    return str(option["value"])
