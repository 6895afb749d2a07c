"""Signing in, the session, and one's own pages, as a visitor without JavaScript meets them."""

import logging
import re
from dataclasses import replace
from datetime import timedelta
from http.cookies import Morsel, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import text

from cop import create_app
from cop.core import secrecy
from cop.core.access import VISITOR, Role
from cop.core.settings import Settings
from cop.models.accounts import Person
from cop.services import accounts
from cop.web import db
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working

ADDRESS = "amina@council.example"


def ask(browse: Browse, email: str = ADDRESS, **query: str) -> Browse:
    return browse.get("/sign-in", **query).submit(email=email)


def link_to(browse: Browse, mailbox: Mailbox, email: str = ADDRESS, **query: str) -> str:
    """The path of the link that came by mail."""
    ask(browse, email, **query)
    return mailbox.deliver()[-1].link("/sign-in/")


def is_signed_in(browse: Browse) -> bool:
    page = browse.get("/account", follow=False)
    assert page.status in (200, 302)
    return page.status == 200


def where_next_leads(page: Browse) -> str:
    """The value of ``next`` in a redirect to the sign-in page."""
    assert page.status == 302
    target = urlsplit(page.location)
    assert (target.netloc, target.path) == ("", "/sign-in")
    return parse_qs(target.query)["next"][0]


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", ADDRESS)


class TestSigningInByLink:
    def test_takes_a_newcomer_through_the_profile_to_where_they_were_going(
        self, browse: Browse, mailbox: Mailbox, make: Make
    ) -> None:
        make.organisation("Stevenage Borough Council")
        visit = make.visit()
        page = browse.get(f"/visits/{visit.slug}/book")
        assert page.heading == "Sign in or join"
        page.submit(email=ADDRESS)
        assert page.heading == "Check your e-mail"
        assert ADDRESS in page.text
        (mail,) = mailbox.deliver()
        assert (mail["To"], mail["Auto-Submitted"]) == (ADDRESS, "auto-generated")
        page.get(mail.link("/sign-in/")).submit()
        assert page.heading == "About you"
        page.submit(name="Amina Yusuf", sector="council officer")
        assert page.heading == "Your organisation"
        page.submit("Search", q="stevenage")
        page.submit("Save", organisation=page.soup.select_one("input[type=radio]")["value"])  # type: ignore[index]
        assert page.path == f"/visits/{visit.slug}/book"
        assert "Your organisation is saved." in page.text

    def test_takes_somebody_known_straight_there(self, browse: Browse, mailbox: Mailbox, amina: Person) -> None:
        page = browse.get(link_to(browse, mailbox, next="/account/bookings?show=past")).submit()
        assert page.path == "/account/bookings?show=past"

    def test_happens_by_pressing_the_button_only(self, browse: Browse, mailbox: Mailbox) -> None:
        """Mail filters open links, and some open them twice."""
        link = link_to(browse, mailbox)
        for _ in range(2):
            page = browse.get(link)
            assert (page.status, page.heading) == (200, "Sign in")
            assert ADDRESS in page.text
            assert not is_signed_in(browse)
        browse.get(link).submit()
        assert is_signed_in(browse)

    def test_works_on_another_device(self, browse: Browse, mailbox: Mailbox, amina: Person) -> None:
        link = link_to(browse, mailbox)
        phone = browse.another()
        phone.get(link).submit()
        assert (is_signed_in(phone), is_signed_in(browse)) == (True, False)

    def test_with_a_forged_link_is_not_found(self, browse: Browse, mailbox: Mailbox) -> None:
        link = link_to(browse, mailbox)
        for forged in (f"{link}x", "/sign-in/nonsense", "/sign-in/’🙂", f"/sign-in/{secrecy.sign('booking', 'w1')}"):
            assert browse.get(forged).status == 404
            assert browse.post(forged).status == 404
        assert not is_signed_in(browse)

    def test_with_a_spent_link_says_so(self, browse: Browse, mailbox: Mailbox) -> None:
        link = link_to(browse, mailbox)
        tab, stranger = browse.another().get(link), browse.another()
        browse.get(link).submit()
        assert tab.submit().status == 422
        page = stranger.get(link)
        assert (page.status, page.heading) == (410, "This link does not work any more")
        assert page.click("Send me a new link").heading == "Sign in or join"
        assert not is_signed_in(tab)
        assert not is_signed_in(stranger)

    def test_with_an_old_link_says_so(self, browse: Browse, mailbox: Mailbox, clock: FixedClock) -> None:
        page = browse.get(link_to(browse, mailbox))
        clock.move(timedelta(minutes=15))
        assert page.submit().status == 422
        assert page.get(page.path).status == 410

    def test_sends_the_newest_of_several_requests_only(self, browse: Browse, mailbox: Mailbox) -> None:
        ask(browse)
        ask(browse)
        (mail,) = mailbox.deliver()
        assert browse.get(mail.link("/sign-in/")).submit().heading == "About you"

    def test_leaves_no_token_in_the_log(
        self, browse: Browse, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
    ) -> None:
        link = link_to(browse, mailbox)
        payload, _, signature = link.rpartition("/")[2].partition(".")
        with caplog.at_level(logging.INFO, "cop.request"):
            browse.get(link)
        logged = str([vars(record) for record in caplog.records if record.name == "cop.request"])
        assert "/sign-in/" in logged
        assert payload not in logged
        assert signature not in logged


class TestSigningInByCode:
    def test_takes_somebody_where_they_were_going(self, browse: Browse, mailbox: Mailbox, amina: Person) -> None:
        ask(browse, next="/account/privacy")
        code = mailbox.deliver()[0].code()
        page = browse.submit(code=f"{code[:3]} {code[3:]}")
        assert (page.path, page.heading) == ("/account/privacy", "Your information")

    def test_takes_a_newcomer_to_the_profile_first(self, browse: Browse, mailbox: Mailbox) -> None:
        ask(browse, next="/visits/")
        page = browse.submit(code=mailbox.deliver()[0].code())
        assert page.heading == "About you"
        page.submit(name="Amina Yusuf", sector="resident")
        assert page.submit("I belong to none of them").path == "/visits/"

    def test_with_a_wrong_code_says_so_and_lets_one_try_again(self, browse: Browse, mailbox: Mailbox) -> None:
        ask(browse)
        code = mailbox.deliver()[0].code()
        page = browse.submit(code=f"{(int(code) + 1) % 1_000_000:06d}")
        assert (page.status, page.heading) == (422, "Check your e-mail")
        assert page.errors == ["This code is wrong or too old. Use the link in the mail, or ask for a new one."]
        assert page.submit(code="").status == 422
        assert page.submit(code="\N{EXTENDED ARABIC-INDIC DIGIT ONE}🙂").status == 422
        assert page.submit(code=code).heading == "About you"

    def test_works_in_the_browser_that_asked_only(self, browse: Browse, mailbox: Mailbox) -> None:
        ask(browse)
        code = mailbox.deliver()[0].code()
        stranger = browse.another()
        assert stranger.get("/sign-in/code").heading == "Sign in or join"
        ask(stranger, "stranger@council.example")
        assert stranger.submit(code=code).status == 422
        assert browse.submit(code=code).heading == "About you"

    def test_ends_after_five_wrong_ones(self, browse: Browse, mailbox: Mailbox) -> None:
        ask(browse)
        code = mailbox.deliver()[0].code()
        for _ in range(5):
            browse.submit(code=f"{(int(code) + 1) % 1_000_000:06d}")
        assert browse.submit(code=code).status == 422
        assert not is_signed_in(browse)


def without_what_varies(page: Browse, address: str) -> tuple[int, str, list[str]]:
    html = re.sub(r'name="csrf_token"[^>]*value="[^"]*"', "", page.html.replace(address, "ADDRESS"))
    return page.status, html, sorted(name for name, _ in page.response.headers)


def test_the_page_after_asking_tells_nobody_who_is_known(browse: Browse, make: Make, work: Working) -> None:
    make.person("Entered by staff", "entered@council.example")
    make.account("Amina", ADDRESS)
    make.grant(make.account("Ada", "ada@council.example"), Role.ADMIN)
    busy = "busy@council.example"
    for _ in range(5):
        ask(browse.another(), busy)
    addresses = ["nobody@council.example", "entered@council.example", ADDRESS, "ada@council.example", busy]
    pages = [without_what_varies(ask(browse.another(), address), address) for address in addresses]
    assert pages[0][0] == 200
    assert all(page == pages[0] for page in pages)


@pytest.mark.parametrize("typed", ["", "amina", "amina@council.example\x00", "a" * 300 + "@council.example"])
def test_an_address_that_is_none_is_refused_with_the_field_still_filled(typed: str, browse: Browse) -> None:
    page = browse.get("/sign-in").submit(email=typed)
    assert (page.status, len(page.errors)) == (422, 1)
    field = page.soup.select_one("input[name=email]")
    assert field is not None
    assert str(field.get("value", "")) == typed.replace("\x00", "\ufffd") or field.get("value") == typed


def test_too_many_requests_from_one_network_are_told_to_wait(browse: Browse, work: Working) -> None:
    with work(VISITOR) as unit:
        for number in range(300):
            accounts.ask_to_sign_in(
                unit, email=f"p{number}@council.example", next_path="/", browser="", network="127.0.0.1"
            )
    browse.client.environ_base["HTTP_X_FORWARDED_FOR"] = "192.0.2.9"  # which nobody vouches for
    page = ask(browse)
    assert (page.status, page.response.headers["Retry-After"]) == (429, "300")


ELSEWHERE = {
    "nothing": "",
    "two slashes": "//evil.example",
    "three slashes": "///evil.example",
    "a site": "https://evil.example/account",
    "capitals": "HTTPS://EVIL.EXAMPLE",
    "no slashes": "https:evil.example",
    "user and host": "http://localhost@evil.example",
    "backslash": "/\\evil.example",
    "backslashes": "\\\\evil.example",
    "script": "javascript:alert(1)",
    "data": "data:text/html,hello",
    "encoded": "%2F%2Fevil.example",
    "encoded once": "%2Faccount%2Fprivacy",
    "newline": "/\n/evil.example",
    "header": "/\r\nSet-Cookie: a=b",
    "tab": "/\t/evil.example",
    "turned": "/\u202eevil",
    "relative": "evil",
    "very long": f"/{'a' * 3000}",
    "half an address": "//[",
    "half a site": "https://[evil.example",
}


@pytest.mark.parametrize("target", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_next_never_leads_elsewhere(target: str, browse: Browse, mailbox: Mailbox, amina: Person) -> None:
    page = browse.get(link_to(browse, mailbox, next=target)).submit(follow=False)
    assert (page.status, page.location) == (302, "/account")
    assert page.get("/sign-in", follow=False, next=target).location == "/account"
    page.get("/account/organisation", next=target)
    assert page.submit("I belong to none of them", follow=False).location == "/account"


@pytest.mark.parametrize("target", ["/", "/visits/", "/visits/?show=past", "/account/bookings?page=2#top"])
def test_next_leads_to_pages_of_the_service(target: str, browse: Browse, amina: Person) -> None:
    assert browse.sign_in(amina).get("/sign-in", follow=False, next=target).location == target


class TestSignedOut:
    @pytest.mark.parametrize(
        "path", ["/account", "/account/bookings?show=past&page=2", "/account/profile?next=%2Fvisits%2F", "/admin/"]
    )
    def test_a_page_leads_to_sign_in_and_back(self, path: str, browse: Browse) -> None:
        assert where_next_leads(browse.get(path, follow=False)) == path

    def test_a_form_leads_back_to_its_page(self, browse: Browse) -> None:
        assert where_next_leads(browse.post("/account/profile", follow=False)) == "/account/profile"
        browse.path = "/account/organisation?q=stevenage"
        page = browse.post("/account/organisation/none", follow=False)
        assert urlsplit(where_next_leads(page)).path == "/account/organisation"

    def test_a_form_from_elsewhere_leads_home(self, browse: Browse) -> None:
        browse.path = "https://evil.example/account"
        assert where_next_leads(browse.post("/account/organisation/none", follow=False)) == "/"

    def test_a_form_keeps_the_question_of_its_page(self, browse: Browse) -> None:
        """Or somebody whose session ended half way starts again from nothing."""
        path = "/account/profile?next=/visits/hub/book"
        assert where_next_leads(browse.post(path, follow=False)) == path


class TestSigningOut:
    def test_happens_by_pressing_the_button_only(self, browse: Browse, amina: Person) -> None:
        page = browse.sign_in(amina).get("/sign-out")
        assert is_signed_in(browse)
        page.get("/sign-out").submit()
        assert "You are signed out." in page.text
        assert not is_signed_in(browse)

    def test_leaves_other_devices_alone(self, browse: Browse, amina: Person) -> None:
        phone = browse.another().sign_in(amina)
        browse.sign_in(amina).get("/sign-out").submit()
        assert is_signed_in(phone)

    def test_everywhere_ends_all_sessions_of_that_person(self, browse: Browse, amina: Person, make: Make) -> None:
        phone, ben = browse.another().sign_in(amina), browse.another().sign_in(make.account("Ben"))
        page = browse.sign_in(amina).get("/account/security").submit("Sign out everywhere")
        assert (page.heading, "signed out on every device" in page.text) == ("Sign in or join", True)
        assert [is_signed_in(who) for who in (browse, phone, ben)] == [False, False, True]


def away(browse: Browse, seconds: int) -> None:
    """So long ago was the last act in this browser."""
    with browse.client.session_transaction() as session:
        session["seen"] -= seconds


class TestTheSession:
    @pytest.mark.parametrize("role", [Role.ADMIN, Role.HOST, Role.FACILITATOR, Role.REVIEWER, Role.EVALUATOR])
    def test_of_staff_ends_after_an_hour_away(self, role: Role, browse: Browse, make: Make, amina: Person) -> None:
        make.grant(amina, role, programme=make.programme())
        browse.sign_in(amina)
        away(browse, 3590)
        assert is_signed_in(browse)
        away(browse, 3590)
        assert is_signed_in(browse)  # the act before began the hour anew
        away(browse, 3605)
        assert where_next_leads(browse.get("/account/bookings", follow=False)) == "/account/bookings"

    def test_of_participants_and_leads_does_not(self, browse: Browse, make: Make, amina: Person) -> None:
        make.grant(amina, Role.LEAD, organisation=make.organisation())
        for person in (make.account("Ben"), amina):
            browse.sign_in(person)
            away(browse, 20 * 24 * 3600)
            assert is_signed_in(browse)

    def test_that_somebody_planted_is_not_carried_over(self, browse: Browse, mailbox: Mailbox) -> None:
        link = link_to(browse, mailbox)
        with browse.client.session_transaction() as session:
            session["planted"] = "by a stranger"
            token_before = session["csrf_token"]
        browse.get(link).submit()
        with browse.client.session_transaction() as session:
            assert "planted" not in session
            assert session.get("csrf_token") != token_before
            assert not {"sign_in", "sign_in_email", "browser"} & set(session)

    def test_from_before_signing_in_stays_signed_out(self, browse: Browse, mailbox: Mailbox) -> None:
        link = link_to(browse, mailbox)
        before = browse.client.get_cookie("cop")
        assert before is not None
        browse.get(link).submit()
        stranger = browse.another()
        stranger.client.set_cookie("cop", before.value)
        assert (is_signed_in(browse), is_signed_in(stranger)) == (True, False)


def cookie_of(browse: Browse) -> Morsel[str]:
    return SimpleCookie(browse.response.headers["Set-Cookie"])["cop"]


class TestTheCookie:
    def test_of_somebody_signed_in_is_out_of_reach_of_scripts_and_other_sites(
        self, browse: Browse, mailbox: Mailbox
    ) -> None:
        browse.get(link_to(browse, mailbox)).submit(follow=False)
        cookie = cookie_of(browse)
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert not cookie["domain"]
        assert cookie["expires"]

    def test_insists_on_tls_where_the_service_has_it(self, app: Flask, settings: Settings, make: Make) -> None:
        secure = create_app(replace(settings, base_url="https://learning.example"))
        browse = Browse(secure, make).get("/sign-in")
        assert cookie_of(browse)["secure"]
        with secure.app_context():
            db.engine.dispose()

    def test_does_without_where_it_has_not(self, browse: Browse) -> None:
        assert not cookie_of(browse.get("/sign-in"))["secure"]


FILLED = {"name": "Amina Yusuf", "sector": "councillor", "prefers": "email", "timezone": "Europe/London"}


class TestTheProfile:
    def test_is_saved_and_shown_again(self, browse: Browse, amina: Person) -> None:
        answers = FILLED | {
            "name": "  Amina 🙂 يوسف ",
            "role_title": "Deputy leader",
            "phone": "01632 960 001",
            "prefers": "phone",
            "timezone": "America/Toronto",
            "needs": "A ramp.\nAnd tea.",
        }
        browse.sign_in(amina).get("/account/profile").submit(**answers)
        page = browse.get("/account/profile")
        kept = {name: page.soup.select_one(f"[name={name}]") for name in ("name", "role_title", "phone")}
        assert {name: tag and tag.get("value") for name, tag in kept.items()} == {
            "name": "Amina 🙂 يوسف",
            "role_title": "Deputy leader",
            "phone": "01632 960 001",
        }
        chosen = [str(tag["value"]) for tag in page.soup.select("input[checked], option[selected]")]
        assert chosen == ["councillor", "phone", "America/Toronto"]
        needs = page.soup.select_one("textarea")
        assert needs is not None
        assert needs.get_text().split() == ["A", "ramp.", "And", "tea."]

    @pytest.mark.parametrize(
        ("answers", "error"),
        [
            ({"name": " "}, "Enter your full name"),
            ({"name": "Amina\x07"}, "Remove the invisible control characters from this answer"),
            ({"name": "a" * 201}, "Use 200 characters or fewer"),
            ({"needs": "a" * 2001}, "Use 2000 characters or fewer"),
            ({"prefers": "phone", "phone": ""}, "Enter a phone number, so that we can call you"),
            ({"sector": None}, "Choose how you come to us"),
        ],
    )
    def test_is_refused_with_the_answers_kept(
        self, answers: dict[str, Any], error: str, browse: Browse, amina: Person
    ) -> None:
        page = browse.sign_in(amina).get("/account/profile").submit(**FILLED | {"role_title": "Chair"} | answers)
        assert (page.status, page.errors) == (422, [error])
        kept = page.soup.select_one("[name=role_title]")
        assert kept is not None
        assert kept["value"] == "Chair"
        assert "Chair" not in page.get("/account/privacy").text

    @pytest.mark.parametrize("forged", [{"timezone": "Europe/Nowhere"}, {"sector": "admin"}, {"prefers": "fax"}])
    def test_refuses_what_the_form_does_not_offer(self, forged: dict[str, str], browse: Browse, amina: Person) -> None:
        page = browse.sign_in(amina).post("/account/profile", FILLED | forged)
        assert page.status == 422
        assert page.errors

    def test_refuses_megabytes(self, browse: Browse, amina: Person) -> None:
        page = browse.sign_in(amina).get("/account/profile")
        assert page.post("/account/profile", FILLED | {"needs": "a" * 5_000_000}).status == 413


def needs_in_the_table(reading: Reads) -> bytes:
    with reading() as read:
        return bytes(read.session.execute(text("SELECT needs FROM person WHERE needs IS NOT NULL")).scalar_one())


class TestAccessNeeds:
    def test_are_encrypted_in_the_table(self, browse: Browse, amina: Person, reading: Reads) -> None:
        browse.sign_in(amina).get("/account/profile").submit(**FILLED | {"needs": "Step-free access"})
        raw = needs_in_the_table(reading)
        assert b"Step-free" not in raw
        assert secrecy.decrypt(raw) == "Step-free access"

    def test_are_shown_to_their_owner_and_to_nobody_else(self, browse: Browse, make: Make) -> None:
        organisation, visit = make.organisation(domains=["council.example"]), make.visit()
        owner = make.account("Amina Yusuf", organisation=organisation, needs="Step-free access")
        make.booking(owner, visit)
        stranger, lead = make.account("Ben", organisation=organisation), make.account("Lea")
        make.grant(lead, Role.LEAD, organisation=organisation)
        browse.sign_in(owner)
        assert "Step-free access" in browse.get("/account/profile").text
        assert "Step-free access" in browse.get("/account/privacy").text
        for reader in (stranger, lead):
            browse.sign_in(reader)
            for path in ("/account", "/account/profile", "/account/privacy", f"/organisations/{organisation.slug}"):
                assert "Step-free access" not in browse.get(path).html
            assert "Step-free access" not in browse.get(f"/visits/{visit.slug}").html


def offered(page: Browse) -> list[str]:
    return [" ".join(label.get_text(" ").split()) for label in page.soup.select(".govuk-radios__label")]


class TestTheOrganisation:
    def test_is_found_by_name_and_chosen(self, browse: Browse, amina: Person, make: Make) -> None:
        stevenage = make.organisation("Stevenage Borough Council")
        make.organisation("Leeds City Council")
        page = browse.sign_in(amina).get("/account/organisation", next="/visits/").submit("Search", q="stev")
        assert offered(page) == ["Stevenage Borough Council"]
        page.submit("Save", organisation=stevenage.id)
        assert page.path == "/visits/"
        assert "Stevenage Borough Council" in page.get("/account/privacy").text

    def test_is_proposed_from_the_address(self, browse: Browse, make: Make) -> None:
        make.organisation("County", domains=["gov.example"])
        district = make.organisation("District", domains=["district.gov.example"])
        page = browse.sign_in(make.account(email="jo@mail.district.gov.example")).get("/account/organisation")
        assert offered(page) == ["District"]
        page.submit("Save", organisation=district.id)
        assert "District" in page.get("/account/privacy").text

    def test_is_not_proposed_from_the_address_of_somebody_else(self, browse: Browse, make: Make) -> None:
        make.organisation("District", domains=["district.gov.example"])
        for email in ("jo@notdistrict.gov.example", "jo@gov.example", "district.gov.example@council.example"):
            assert offered(browse.sign_in(make.account(email=email)).get("/account/organisation")) == []

    def test_that_nobody_finds_says_so(self, browse: Browse, amina: Person) -> None:
        page = browse.sign_in(amina).get("/account/organisation", q="Atlantis")
        assert "No organisation is called “Atlantis”" in page.text

    def test_may_be_none(self, browse: Browse, make: Make) -> None:
        person = make.account(organisation=make.organisation("Stevenage"))
        page = browse.sign_in(person).get("/account/organisation").submit("I belong to none of them")
        assert "you belong to no organisation" in page.text
        assert "Stevenage" not in page.get("/account/privacy").text

    def test_that_was_not_offered_is_refused(self, browse: Browse, amina: Person, make: Make) -> None:
        make.organisation("Stevenage")
        other = make.organisation("Leeds")
        browse.sign_in(amina)
        for forged in (str(other.id), "0", "-1", "x", "", "9" * 30):
            page = browse.post("/account/organisation?q=stevenage", {"organisation": forged})
            assert (page.status, bool(page.errors)) == (422, True)
        assert "Leeds" not in browse.get("/account/privacy").text

    @pytest.mark.parametrize("words", ["'", "a & | ! :*", "%", "a" * 5000, "\U0001f642 \u202e", "\\", "-" * 50])
    def test_may_be_searched_for_by_anything(self, words: str, browse: Browse, amina: Person, make: Make) -> None:
        make.organisation("Stevenage")
        page = browse.sign_in(amina).get("/account/organisation", q=words)
        assert (page.status, offered(page)) == (200, [])

    def test_is_asked_for_on_the_account_page_until_it_is_told(self, browse: Browse, amina: Person, make: Make) -> None:
        page = browse.sign_in(amina).get("/account")
        assert page.click("Complete your profile").heading == "About you"
        page.submit(**FILLED)
        page.get("/account/organisation", q="council").get("/account")
        assert page.click("Complete your profile").heading == "Your organisation"
