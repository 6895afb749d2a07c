"""Second factors and devices as pages: what opens with them, what stays closed without, and ways back."""

import re
import time
from base64 import urlsafe_b64decode
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Actor, Role
from cop.models.accounts import Person
from cop.models.security import Authenticator, Device
from cop.queries import factors as queries
from cop.services import factors
from cop.web.second_factor import FRESH_SECONDS
from tests.support.browse import Browse
from tests.support.clock import START, FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.passkeys import SITE
from tests.support.passkeys import Device as Key
from tests.support.queries import count_queries

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


def code(secret: str, steps: int = 1) -> str:
    """Of a step that was not used yet: the app is set up with the present one."""
    return str(pyotp.TOTP(secret).at(int(time.time()) + steps * factors.STEP_SECONDS))  # noqa: TID251  real time


def with_app(work: Working, person: Person) -> str:
    """The secret of an app that this person has set up long ago."""
    with work() as opened:
        app = Authenticator(
            person_id=person.id, secret=pyotp.random_base32(), begun_at=opened.now, confirmed_at=opened.now
        )
        opened.session.add(app)
        return app.secret


def set_second(browse: Browse, seconds_ago: int | None) -> None:
    with browse.client.session_transaction() as session:
        session.pop("second", None)
        if seconds_ago is not None:
            session["second"] = int(time.time()) - seconds_ago  # noqa: TID251  sessions stay on real time


def next_of(browse: Browse) -> str:
    assert browse.status == 302
    parts = urlsplit(browse.location)
    assert parts.path == "/account/security/confirm"
    return parse_qs(parts.query)["next"][0]


@pytest.fixture
def admin(make: Make) -> Person:
    return make.admin()


class TestStaff:
    def test_set_up_an_app_the_first_time(self, browse: Browse, admin: Person, mailbox: Mailbox) -> None:
        page = browse.sign_in(admin, second_factor=False).get("/admin/people/")
        assert page.heading == "Set up a second factor"
        page.submit("Set up an app")
        assert page.soup.select_one("svg.cop-qr") is not None
        secret = "".join(page.soup.select_one(".cop-address").get_text().split()).removeprefix("Key:")  # type: ignore[union-attr]
        page.submit(code="000000" if code(secret, 0) != "000000" else "000001")
        assert (page.status, page.errors[0][:18]) == (422, "This code is wrong")
        page.submit(code=code(secret, 0))
        assert page.heading == "Recovery codes"
        page.submit("Show me ten codes")
        shown = re.findall(r"<code>([^<]+)</code>", page.html)
        assert len(shown) == 10
        assert page.click("I have kept them").heading == "People"
        told = [mail.message["Subject"] for mail in mailbox.deliver()]
        assert told == ["The second factor of your account has changed"] * 2
        another = browse.another().sign_in(admin, second_factor=False).get("/admin/people/")
        assert another.heading == "Confirm that it is you"
        assert another.submit(code=shown[0]).heading == "People"

    def test_give_a_code_and_come_back_to_the_page(self, browse: Browse, admin: Person, work: Working) -> None:
        secret = with_app(work, admin)
        page = browse.sign_in(admin, second_factor=False).get("/admin/people/?q=amina")
        assert page.heading == "Confirm that it is you"
        page.submit(code=code(secret))
        assert (page.heading, page.path) == ("People", "/admin/people/?q=amina")

    def test_act_as_participants_until_then(self, browse: Browse, admin: Person, work: Working) -> None:
        with_app(work, admin)
        browse.sign_in(admin, second_factor=False)
        assert browse.get("/account").click("Staff").heading == "Confirm that it is you"
        assert next_of(browse.get("/admin/", follow=False)) == "/admin/"
        for path in ("/account/bookings", "/account/profile", "/account/security"):
            assert browse.get(path).status == 200

    def test_are_told_a_wrong_code_on_its_field(self, browse: Browse, admin: Person, work: Working) -> None:
        with_app(work, admin)
        page = browse.sign_in(admin, second_factor=False).get("/account/security/confirm")
        for _ in range(factors.SHORT_TRIES):
            assert "wrong" in page.submit(code="no-such-code").errors[0]
        assert "too many" in page.submit(code="no-such-code").errors[0]
        assert page.status == 422
        assert next_of(page.get("/admin/", follow=False)) == "/admin/"

    @pytest.mark.parametrize("role", [Role.FACILITATOR, Role.REVIEWER, Role.EVALUATOR])
    def test_of_every_role_that_reads_about_many_need_one(self, role: Role, browse: Browse, make: Make) -> None:
        person = make.account()
        make.grant(person, role, programme=make.programme())
        browse.sign_in(person, second_factor=False)
        assert next_of(browse.get("/admin/", follow=False)) == "/admin/"

    def test_hosts_and_leads_need_none(self, browse: Browse, make: Make) -> None:
        host, lead = make.account(), make.account()
        make.grant(host, Role.HOST, event=make.visit())
        make.grant(lead, Role.LEAD, organisation=make.organisation())
        for person in (host, lead):
            assert browse.sign_in(person, second_factor=False).get("/admin/", follow=False).status == 200

    def test_who_took_one_give_it_too(self, browse: Browse, make: Make, work: Working) -> None:
        host = make.account()
        make.grant(host, Role.HOST, event=make.visit())
        secret = with_app(work, host)
        page = browse.sign_in(host, second_factor=False).get("/admin/")
        assert page.submit(code=code(secret)).path == "/admin/"

    def test_a_role_that_they_get_meanwhile_waits_for_it(self, browse: Browse, make: Make) -> None:
        person = make.account()
        browse.sign_in(person, second_factor=False).get("/account")
        make.grant(person, Role.ADMIN)
        assert next_of(browse.get("/admin/", follow=False)) == "/admin/"

    def test_in_two_tabs_give_it_once(self, browse: Browse, admin: Person, work: Working) -> None:
        secret = with_app(work, admin)
        page = browse.sign_in(admin, second_factor=False)
        for path in ("/admin/people/", "/admin/organisations/"):
            page.get(path)
        page.submit(code=code(secret))
        assert page.heading == "Organisations"
        assert page.get("/account/security/confirm?next=/admin/people/").heading == "People"

    def test_of_another_session_is_not_this_one(self, browse: Browse, admin: Person, work: Working) -> None:
        secret = with_app(work, admin)
        other = browse.another().sign_in(admin, second_factor=False)
        browse.sign_in(admin, second_factor=False).get("/admin/").submit(code=code(secret))
        assert browse.get("/admin/", follow=False).status == 200
        assert next_of(other.get("/admin/", follow=False)) == "/admin/"

    def test_signing_in_leads_there(self, browse: Browse, admin: Person, mailbox: Mailbox, work: Working) -> None:
        secret = with_app(work, admin)
        browse.get("/sign-in?next=/admin/people/").submit(email=admin.email)
        link = next(mail for mail in mailbox.deliver() if "Sign in" in mail.message["Subject"]).link("/sign-in/")
        page = browse.get(urlsplit(link).path).submit()
        assert page.heading == "Confirm that it is you"
        assert page.submit(code=code(secret)).path == "/admin/people/"

    def test_a_way_back_to_another_site_is_none(self, browse: Browse, admin: Person, work: Working) -> None:
        secret = with_app(work, admin)
        page = browse.sign_in(admin, second_factor=False).get("/account/security/confirm?next=//evil.example/")
        assert page.submit(code=code(secret)).path == "/account"


class TestAHeavyAct:
    def test_goes_ahead_within_a_quarter_of_an_hour(self, browse: Browse, admin: Person, make: Make) -> None:
        path = f"/admin/people/{make.account().public_id}/grants"
        browse.sign_in(admin)
        set_second(browse, FRESH_SECONDS - 30)
        assert browse.get(path).heading == "Give Amina Yusuf a role"

    def test_of_staff_who_have_set_up_none_waits_too(self, browse: Browse, admin: Person, make: Make) -> None:
        path = f"/admin/people/{make.account().public_id}/grants"
        browse.sign_in(admin)
        set_second(browse, FRESH_SECONDS + 5)
        assert next_of(browse.get(path, follow=False)) == path
        assert browse.post("/demo/second-factor/skip", follow=False).status == 404

    def test_asks_later_and_leads_back(self, browse: Browse, admin: Person, make: Make, work: Working) -> None:
        secret, path = with_app(work, admin), f"/admin/people/{make.account().public_id}/grants"
        browse.sign_in(admin)
        set_second(browse, FRESH_SECONDS + 5)
        assert browse.get("/admin/people/", follow=False).status == 200
        page = browse.get(path)
        assert "within the last 15 minutes" in page.text
        assert page.submit(code=code(secret)).path == path

    def test_asks_when_the_form_is_sent_too(self, browse: Browse, admin: Person, make: Make, work: Working) -> None:
        with_app(work, admin)
        path = f"/admin/people/{make.account().public_id}/grants"
        browse.sign_in(admin).get(path)
        set_second(browse, FRESH_SECONDS + 5)
        assert next_of(browse.post(path, {"role": "admin"}, follow=False)) == path

    def test_a_time_to_come_is_none(self, browse: Browse, admin: Person, make: Make, work: Working) -> None:
        with_app(work, admin)
        browse.sign_in(admin)
        set_second(browse, -600)
        path = f"/admin/people/{make.account().public_id}/grants"
        assert next_of(browse.get(path, follow=False)) == path

    def test_changing_factors_is_one(self, browse: Browse, admin: Person, work: Working, reading: Reads) -> None:
        with_app(work, admin)
        with reading(Actor(admin.id)) as read:
            app = queries.own_factors(read).apps[0]
        browse.sign_in(admin)
        set_second(browse, FRESH_SECONDS + 5)
        for path in ("app", "recovery-codes", f"{app.public_id}/remove"):
            assert next_of(browse.get(f"/account/security/{path}", follow=False)) == f"/account/security/{path}"


class TestAPasskey:
    @pytest.fixture
    def key(self, admin: Person, make: Make, work: Working) -> Key:
        made, device = Key(), make.device_of(admin)
        with work(Actor(admin.id)) as opened:
            challenge = factors.challenge(opened, device=device)
        with work(Actor(admin.id)) as opened:
            factors.add_passkey(opened, device=device, site=SITE, answer=made.make(challenge), name="Laptop")
        return made

    def challenge_of(self, browse: Browse, path: str) -> bytes:
        text = browse.post(path).response.get_json()["challenge"]
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))

    def test_opens_what_waits(self, browse: Browse, admin: Person, key: Key) -> None:
        browse.sign_in(admin, second_factor=False)
        answer = key.sign(self.challenge_of(browse, "/account/security/confirm/options"))
        path = "/account/security/confirm/passkey?next=/admin/people/"
        assert browse.post(path, {"answer": answer}).heading == "People"
        assert browse.get("/admin/", follow=False).status == 200

    def test_opens_nothing_a_second_time(self, browse: Browse, admin: Person, key: Key) -> None:
        browse.sign_in(admin, second_factor=False)
        answer = key.sign(self.challenge_of(browse, "/account/security/confirm/options"))
        before = browse.client.get_cookie("cop")
        assert before is not None
        browse.post("/account/security/confirm/passkey", {"answer": answer})
        browse.client.set_cookie("cop", before.value)  # as if nothing had been given yet
        page = browse.post("/account/security/confirm/passkey", {"answer": answer})
        assert (page.status, page.heading) == (422, "Confirm that it is you")
        assert "was not accepted" in page.errors[0]
        assert next_of(browse.get("/admin/", follow=False)) == "/admin/"

    def test_is_added_by_whoever_gave_one_just_now(self, browse: Browse, admin: Person, key: Key) -> None:
        browse.sign_in(admin)
        challenge = self.challenge_of(browse, "/account/security/passkeys/new/options")
        page = browse.post("/account/security/passkeys/new", {"answer": Key().make(challenge), "name": "Phone"})
        assert page.heading == "Recovery codes"
        assert "Passkey: Phone" in browse.get("/account/security").text
        set_second(browse, FRESH_SECONDS + 5)
        options = browse.post("/account/security/passkeys/new/options", follow=False)
        assert options.status == 302
        assert key.count == 0

    def test_a_refused_one_says_so(self, browse: Browse, admin: Person) -> None:
        browse.sign_in(admin)
        self.challenge_of(browse, "/account/security/passkeys/new/options")
        page = browse.post("/account/security/passkeys/new", {"answer": "{}"})
        assert (page.status, page.errors) == (422, ["This passkey was not accepted. Try again."])

    def test_is_offered_where_browsers_can_bind_it(self, app: Flask, browse: Browse, admin: Person) -> None:
        ports = app.extensions["cop"]
        before = ports.settings
        offered = {}
        for address in (
            "http://localhost",
            "http://127.0.0.1:8000",
            "https://learning.example",
            "http://learning.example",
        ):
            ports.settings = replace(before, base_url=address)
            offered[address] = "Set up a passkey" in browse.sign_in(admin, second_factor=False).get("/admin/").text
        ports.settings = before
        assert list(offered.values()) == [True, False, True, False]


class TestDevices:
    def test_are_listed_and_signed_out_alone(self, browse: Browse, make: Make) -> None:
        amina = make.account()
        phone, ben = browse.another().sign_in(amina), browse.another().sign_in(make.account())
        page = browse.sign_in(amina).get("/account/security")
        assert [item.get_text().split("Signed")[0].split() for item in page.soup.select("#devices + ul > li")] == [
            ["Firefox", "on", "Linux", "This", "device"],
            ["Firefox", "on", "Linux"],
        ]
        page.post(str(page.soup.select_one("#devices + ul form")["action"]))  # type: ignore[index]
        assert "The device is signed out." in page.text
        assert [who.get("/account", follow=False).status for who in (browse, phone, ben)] == [200, 302, 200]

    def test_all_others_are_signed_out_at_once(self, browse: Browse, make: Make) -> None:
        amina = make.account()
        others = [browse.another().sign_in(amina) for _ in range(2)]
        page = browse.sign_in(amina).get("/account/security").submit("Sign out all others")
        assert "2 other devices are signed out." in page.text
        assert [who.get("/account", follow=False).status for who in (browse, *others)] == [200, 302, 302]

    def test_of_somebody_else_are_not_found(self, browse: Browse, make: Make) -> None:
        other = make.device_of(make.account())
        assert browse.sign_in(make.account()).post(f"/account/security/devices/{other}/end").status == 404

    def test_a_copy_of_the_cookie_ends_with_its_device(self, browse: Browse, make: Make) -> None:
        browse.sign_in(make.account()).get("/account")
        cookie = browse.client.get_cookie("cop")
        assert cookie is not None
        browse.get("/sign-out").submit()
        thief = browse.another()
        thief.client.set_cookie("cop", cookie.value)
        assert thief.get("/account", follow=False).status == 302

    def test_ending_this_one_signs_out(self, browse: Browse, make: Make, work: Working) -> None:
        browse.sign_in(make.account()).get("/account/security")
        with work() as opened:
            device = opened.session.scalars(select(Device.public_id)).one()
        assert browse.post(f"/account/security/devices/{device}/end").heading == "Sign in or join"

    def test_are_noted_once_an_hour_and_by_one_statement_else(
        self, browse: Browse, make: Make, work: Working, clock: FixedClock
    ) -> None:
        amina = make.account()
        browse.sign_in(amina)
        clock.set(START.replace(hour=9, minute=59))
        with count_queries() as statements:
            browse.get("/account/security/confirm", follow=False)
        assert len(statements) == 1
        clock.set(START.replace(hour=10, minute=1))
        with count_queries() as statements:
            browse.get("/account/security/confirm", follow=False)
        assert len(statements) == 2
        with work() as opened:
            assert opened.session.scalars(select(Device.seen_at)).one() == clock.now()

    def arrive(self, browse: Browse, mailbox: Mailbox, email: str, agent: str) -> list[str]:
        """Sign in by mail with this browser; the subjects of the mails that came after."""
        browse.client.environ_base["HTTP_USER_AGENT"] = agent
        browse.get("/sign-in").submit(email=email)
        browse.get(urlsplit(mailbox.deliver()[-1].link("/sign-in/")).path).submit(follow=False)
        return [mail.message["Subject"] for mail in mailbox.deliver()]

    def test_that_are_new_are_told_to_staff(self, browse: Browse, admin: Person, mailbox: Mailbox) -> None:
        assert self.arrive(browse, mailbox, str(admin.email), FIREFOX) == []  # the first of all
        browse.get("/sign-out").submit()
        assert self.arrive(browse, mailbox, str(admin.email), FIREFOX) == []  # known
        told = self.arrive(browse.another(), mailbox, str(admin.email), SAFARI)
        assert told == ["Somebody signed in to your account from a new browser"]

    def test_that_are_new_are_not_told_to_others(self, browse: Browse, make: Make, mailbox: Mailbox) -> None:
        email = str(make.account().email)
        assert self.arrive(browse, mailbox, email, FIREFOX) == []
        assert self.arrive(browse.another(), mailbox, email, SAFARI) == []


class TestSomebodyWhoLostAll:
    def test_is_helped_by_an_admin(self, browse: Browse, admin: Person, make: Make, work: Working) -> None:
        fay = make.account("Fay")
        make.grant(fay, Role.FACILITATOR, programme=make.programme())
        with_app(work, fay)
        hers = browse.another().sign_in(fay)
        page = browse.sign_in(admin).get(f"/admin/people/{fay.public_id}").click("Take their second factor away")
        page.submit("Take it away")
        assert "Fay has no second factor any more" in page.text
        assert hers.get("/account", follow=False).status == 302
        assert hers.sign_in(fay, second_factor=False).get("/admin/").heading == "Set up a second factor"

    def test_without_one_is_not(self, browse: Browse, admin: Person, make: Make) -> None:
        page = (
            browse.sign_in(admin).get(f"/admin/people/{make.account().public_id}/second-factor").submit("Take it away")
        )
        assert (page.status, page.errors) == (422, ["This person has no second factor"])


class TestThePage:
    def test_of_somebody_without_any(self, browse: Browse, make: Make) -> None:
        page = browse.sign_in(make.account()).get("/account/security")
        assert "You have none." in page.text
        assert page.get("/account/security/confirm").path == "/account/security"

    def test_removes_one(self, browse: Browse, make: Make, work: Working) -> None:
        amina = make.account()
        with_app(work, amina)
        page = browse.sign_in(amina).get("/account/security")
        assert "You have no recovery codes." in page.text
        page.click("Remove").submit("Remove")
        assert "You have none." in page.text

    def test_leaves_staff_their_last(self, browse: Browse, admin: Person, work: Working) -> None:
        with_app(work, admin)
        page = browse.sign_in(admin).get("/account/security").click("Remove").submit("Remove")
        assert (page.status, page.errors[0][:31]) == (422, "This is your last second factor")
