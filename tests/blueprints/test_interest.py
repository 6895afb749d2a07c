"""Asking to hear of the next round, confirming it and leaving again, on pages."""

import pytest

from cop.models.accounts import Person
from cop.models.programmes import Programme
from cop.services import interest
from tests.support.browse import Browse
from tests.support.mailbox import Mailbox
from tests.support.make import Make

PATH = "/programmes/health-inequalities/interest"


@pytest.fixture
def programme(make: Make) -> Programme:
    return make.programme()


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", "amina@council.example")


def test_the_page_of_the_programme_leads_there(browse: Browse, programme: Programme) -> None:
    assert browse.get("/").soup.select_one(f"a[href='{PATH}']")


class TestByEMail:
    def test_the_link_puts_on_the_list_and_takes_off_it(
        self, browse: Browse, programme: Programme, mailbox: Mailbox
    ) -> None:
        page = browse.get(PATH).submit(email="new@council.example")
        assert page.heading == "Check your e-mail"
        (mail,) = mailbox.deliver()
        page = browse.get(mail.link("/confirm/"))
        assert page.heading == "Hear when the next round opens?"
        assert "new@council.example" in page.text
        page = page.submit()
        assert page.heading == "You are on the list"
        page = browse.get(str(page.soup.find_all("a", string="Leave the list")[0]["href"]))
        assert page.heading == "Leave the list?"
        assert page.submit().heading == "You are off the list"
        assert browse.get(mail.link("/confirm/")).heading == "You are not on the list"

    def test_looking_changes_nothing(self, browse: Browse, programme: Programme, mailbox: Mailbox) -> None:
        browse.get(PATH).submit(email="new@council.example")
        (mail,) = mailbox.deliver()
        for _ in range(2):
            assert browse.get(mail.link("/confirm/")).heading == "Hear when the next round opens?"

    def test_the_answer_tells_nobody_who_is_known(
        self, browse: Browse, make: Make, programme: Programme, amina: Person, mailbox: Mailbox
    ) -> None:
        browse.another().sign_in(amina).get(PATH).submit("Tell me")
        known = browse.get(PATH).submit(email="amina@council.example").text
        assert mailbox.deliver() == []
        assert browse.get(PATH).submit(email="new@council.example").text == known

    def test_what_is_no_address_stays_typed(self, browse: Browse, programme: Programme) -> None:
        page = browse.get(PATH).submit(email="new@")
        assert page.status == 422
        assert page.soup.select("input[name=email]")[0]["value"] == "new@"

    def test_a_busy_network_waits(self, browse: Browse, programme: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(interest, "REQUESTS_A_NETWORK", 0)
        page = browse.get(PATH).submit(email="new@council.example")
        assert page.status == 429

    def test_a_forged_link_is_no_page(self, browse: Browse) -> None:
        assert browse.get("/interest/forged").status == 404
        assert browse.get("/confirm/forged").status == 404


class TestWithAnAccount:
    def test_one_press_joins_and_one_leaves(self, browse: Browse, programme: Programme, amina: Person) -> None:
        page = browse.sign_in(amina).get(PATH).submit()
        assert "You are on the list." in page.text
        assert "since 2 March 2026" in page.text
        page = browse.post(f"{PATH}/leave")
        assert "You are off the list." in page.text
        assert "Tell me" in page.text

    def test_leaving_needs_one(self, browse: Browse, programme: Programme) -> None:
        assert "/sign-in" in browse.post(f"{PATH}/leave", follow=False).location


def test_no_programme_no_list(browse: Browse) -> None:
    assert browse.get("/programmes/unknown/interest").status == 404
    assert browse.get("/programmes/unknown/interest/check-mail").status == 404
