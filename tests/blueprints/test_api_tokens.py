"""The pages on which admins make tokens for programs, see whether they are used, and take them back."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Role, TokenScope
from cop.models.accounts import Person
from cop.models.security import ApiToken
from tests.support.api import PROGRAMME, Program, Tokens
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads


@pytest.fixture
def tokens(app: Flask, make: Make) -> Tokens:
    make.programme()
    return Tokens(app, make)


@pytest.fixture
def admin(tokens: Tokens) -> Person:
    return tokens.admin()


def make_one(browse: Browse, **more: str) -> Browse:
    given = {"name": "Dashboard", "programme": PROGRAMME, "scopes": ["events", "attendance"], "lasts": "90", **more}
    return browse.get("/admin/tokens/new").submit("Make the token", **given)


def secret_on(page: Browse) -> str | None:
    shown = page.soup.select_one("code.cop-address")
    return shown.get_text(strip=True) if shown else None


class TestMaking:
    def test_shows_the_token_once(self, browse: Browse, admin: Person, app: Flask, make: Make) -> None:
        page = make_one(browse.sign_in(admin))
        assert page.heading == "Dashboard"
        assert "Copy the token now" in page.text
        secret = secret_on(page)
        assert secret is not None
        assert Program(app, secret).call("/").get_json()["scopes"] == ["events", "attendance"]
        assert page.response.headers["Cache-Control"] == "private, no-store"
        page.get(page.path)
        assert secret_on(page) is None
        assert secret not in page.html
        assert "Works until 31 May 2026" in page.text

    def test_the_session_holds_it_sealed_and_only_until_then(self, browse: Browse, admin: Person) -> None:
        browse.sign_in(admin).get("/admin/tokens/new").submit(
            "Make the token", follow=False, name="A", programme=PROGRAMME, scopes=["events"], lasts="30"
        )
        with browse.client.session_transaction() as session:
            waiting = session["token"]
        assert "cop_" not in waiting
        browse.get(browse.location)
        with browse.client.session_transaction() as session:
            assert "token" not in session
        assert waiting not in str(secret_on(browse))

    def test_another_token_does_not_show_it(self, browse: Browse, admin: Person, tokens: Tokens) -> None:
        other = tokens.made(admin)
        browse.sign_in(admin).get("/admin/tokens/new").submit(
            "Make the token", follow=False, name="A", programme=PROGRAMME, scopes=["events"], lasts="30"
        )
        assert secret_on(browse.get(f"/admin/tokens/{other.public_id}")) is None

    def test_asks_for_what_is_missing(self, browse: Browse, admin: Person, reading: Reads) -> None:
        page = browse.sign_in(admin).get("/admin/tokens/new").submit("Make the token", name=" ", programme=PROGRAMME)
        assert page.status == 422
        assert page.errors == ["Say what the token is for", "Choose what the token may read"]
        with reading() as read:
            assert read.session.scalars(select(ApiToken)).all() == []

    def test_names_alone_are_nothing_to_read(self, browse: Browse, admin: Person) -> None:
        page = browse.sign_in(admin).get("/admin/tokens/new")
        page.submit("Make the token", name="A", programme=PROGRAMME, scopes=["names"], lasts="30")
        assert page.errors == ["Choose what the token may read"]

    @pytest.mark.parametrize(
        "forged", [{"programme": "another"}, {"programme": ""}, {"lasts": "3650"}, {"scopes": "everything"}]
    )
    def test_what_the_page_does_not_offer_is_refused(
        self, forged: dict[str, str], browse: Browse, admin: Person, make: Make, reading: Reads
    ) -> None:
        make.programme("another")
        page = browse.sign_in(admin).get("/admin/tokens/new")
        asked = {"name": "A", "programme": PROGRAMME, "scopes": "events", "lasts": "30", **forged}
        page.post("/admin/tokens/new", asked)
        assert page.status == 422
        with reading() as read:
            assert read.session.scalars(select(ApiToken)).all() == []

    def test_an_admin_of_everything_may_read_all_programmes(self, browse: Browse, make: Make, app: Flask) -> None:
        make.programme("another")
        page = make_one(browse.sign_in(make.admin()), programme="")
        assert "All programmes" in page.text
        assert Program(app, secret_on(page)).call("/").get_json()["programme"] is None

    def test_one_too_many_is_refused_on_the_page(self, browse: Browse, admin: Person, tokens: Tokens) -> None:
        for _ in range(20):
            tokens.made(admin)
        page = make_one(browse.sign_in(admin))
        assert page.errors == ["You have 20 tokens that work. Take one back first."]

    def test_asks_for_the_second_factor_again(self, browse: Browse, admin: Person) -> None:
        page = browse.sign_in(admin, second_factor=False).get("/admin/tokens/new", follow=False)
        assert page.status != 200


class TestTheList:
    def test_says_what_to_do_where_there_is_none(self, browse: Browse, admin: Person) -> None:
        page = browse.sign_in(admin).get("/admin/tokens/")
        assert "Nobody has made a token yet" in page.text
        assert page.click("Make a token").heading == "Make a token"

    def test_tells_each_token_by_its_beginning(
        self, browse: Browse, admin: Person, tokens: Tokens, app: Flask, clock: FixedClock
    ) -> None:
        made = tokens.made(admin, TokenScope.SURVEYS, TokenScope.NAMES)
        page = browse.sign_in(admin).get("/admin/tokens/")
        assert f"{made.secret[:8]}…" in page.text
        assert made.secret not in page.html
        assert "Answers to surveys; Names, e-mail addresses" in page.text
        assert "Never" in page.text
        clock.move(timedelta(minutes=40))
        Program(app, made.secret).call("/")
        assert "2 March 2026 at 9am" in page.get("/admin/tokens/").text
        clock.move(timedelta(days=31))
        assert "Run out" in browse.sign_in(admin).get("/admin/tokens/").text

    def test_has_pages(self, browse: Browse, make: Make, tokens: Tokens) -> None:
        for maker in (tokens.admin(), tokens.admin()):
            for _ in range(11):
                tokens.made(maker)
        page = browse.sign_in(make.admin()).get("/admin/tokens/")
        assert len(page.soup.select("tbody tr")) == 20
        assert len(page.click("Next page").soup.select("tbody tr")) == 2

    def test_stands_among_the_pages_of_staff(self, browse: Browse, admin: Person) -> None:
        page = browse.sign_in(admin).get("/admin/").click("Tokens for programs")
        assert page.heading == "Tokens for programs"

    @pytest.mark.parametrize("role", [Role.FACILITATOR, Role.EVALUATOR, Role.REVIEWER])
    def test_is_for_admins_alone(self, role: Role, browse: Browse, make: Make, tokens: Tokens) -> None:
        person = make.account()
        make.grant(person, role, programme=make.programme())
        made = tokens.made()
        browse.sign_in(person)
        for path in ("", "new", made.public_id, f"{made.public_id}/revoke"):
            assert browse.get(f"/admin/tokens/{path}").status == 404

    def test_shows_no_token_of_another_programme(self, browse: Browse, tokens: Tokens, reading: Reads) -> None:
        made = tokens.made()
        browse.sign_in(tokens.admin("another"))
        assert "Nobody has made a token" in browse.get("/admin/tokens/").text
        for path in (made.public_id, f"{made.public_id}/revoke"):
            assert browse.get(f"/admin/tokens/{path}").status == 404
        assert browse.post(f"/admin/tokens/{made.public_id}/revoke").status == 404
        with reading() as read:
            assert read.session.scalars(select(ApiToken.revoked_at)).one() is None


class TestTakingBack:
    def test_asks_first_and_then_it_works_no_longer(
        self, browse: Browse, admin: Person, tokens: Tokens, app: Flask
    ) -> None:
        made = tokens.made(admin)
        page = browse.sign_in(admin).get(f"/admin/tokens/{made.public_id}").click("Take it back")
        assert page.heading == "Take back “The dashboard”?"
        assert Program(app, made.secret).call("/").status_code == 200
        page.submit("Take it back")
        assert "The token “The dashboard” is taken back" in page.html
        assert "Taken back" in page.text
        assert Program(app, made.secret).call("/").status_code == 401
        page.click("The dashboard")
        assert "Take it back" not in page.text

    def test_stands_in_the_history_of_its_maker(
        self, browse: Browse, admin: Person, tokens: Tokens, make: Make
    ) -> None:
        made = tokens.made(admin)
        browse.sign_in(admin).get(f"/admin/tokens/{made.public_id}/revoke").submit("Take it back")
        page = browse.sign_in(make.admin()).get(f"/admin/audit/person/{admin.id}")
        assert page.text.count("a token for programs") == 2
        assert "The dashboard ended" in page.text
        assert made.secret[:8] not in page.text
