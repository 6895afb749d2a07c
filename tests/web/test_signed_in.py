"""Who is signed in, for how long, and where somebody is sent who is not."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import update

from cop.core.access import Role
from cop.models.accounts import Account, RoleGrant
from cop.web.signed_in import NOTE_ACTIVITY_EVERY_SECONDS, STAFF_IDLE_SECONDS
from tests.support.browse import Browse
from tests.support.clock import START
from tests.support.make import Make, Working
from tests.support.queries import count_queries


def person(page: Browse) -> int | None:
    answer: dict[str, int | None] = page.get("/trial/me").response.get_json()
    return answer["person"]


def wait(browse: Browse, seconds: int) -> None:
    """Let real time pass, of which a session knows by its cookie alone."""
    with browse.client.session_transaction() as session:
        session["seen"] = int(time.time()) - seconds  # noqa: TID251  sessions stay on real time


def test_somebody_signed_in_is_known_by_one_statement(browse: Browse, make: Make) -> None:
    someone = make.account()
    assert person(browse) is None
    browse.sign_in(someone)
    with count_queries() as statements:
        assert person(browse) == someone.id
    assert len(statements) == 1


@pytest.mark.parametrize("user_id", ["", "x", "1", "1.", ".0", "-1.0", "1.0.0", "7.0", "\x00.0"])
def test_a_session_that_names_nobody_is_a_visitor(user_id: str, browse: Browse) -> None:
    with browse.client.session_transaction() as session:
        session["_user_id"] = user_id
    assert person(browse) is None


def test_a_forged_cookie_is_a_visitor(browse: Browse) -> None:
    browse.client.set_cookie("cop", "eyJfdXNlcl9pZCI6IjEuMCJ9.forged.forged")
    assert person(browse) is None


def test_raising_the_epoch_signs_out_everywhere(browse: Browse, make: Make, work: Working) -> None:
    someone, other = make.account(), make.account()
    browse.sign_in(someone)
    elsewhere, stranger = browse.another().sign_in(someone), browse.another().sign_in(other)
    with work() as opened:
        opened.session.execute(update(Account).where(Account.person_id == someone.id).values(session_epoch=1))
    assert (person(browse), person(elsewhere), person(stranger)) == (None, None, other.id)


def test_a_revoked_grant_ends_at_once(browse: Browse, make: Make, work: Working) -> None:
    host = make.account()
    make.grant(host, Role.HOST, event=make.visit())
    assert browse.sign_in(host).get("/trial/staff").status == 200
    with work() as opened:
        opened.session.execute(update(RoleGrant).values(revoked_at=START))
    assert browse.get("/trial/staff").status == 404


def test_staff_who_leave_are_signed_out(browse: Browse, make: Make) -> None:
    admin = make.admin()
    browse.sign_in(admin)
    wait(browse, STAFF_IDLE_SECONDS - 30)
    assert person(browse) == admin.id
    wait(browse, STAFF_IDLE_SECONDS + 30)
    assert person(browse) is None


def test_staff_who_stay_are_not(browse: Browse, make: Make) -> None:
    browse.sign_in(make.admin())
    wait(browse, STAFF_IDLE_SECONDS - 30)
    person(browse)
    with browse.client.session_transaction() as session:
        assert time.time() - session["seen"] < 30  # noqa: TID251  sessions stay on real time


def test_everybody_else_may_leave_the_page_open(browse: Browse, make: Make) -> None:
    someone = make.account()
    browse.sign_in(someone)
    wait(browse, 10 * STAFF_IDLE_SECONDS)
    assert person(browse) == someone.id


def test_activity_is_not_noted_at_every_step(browse: Browse, make: Make) -> None:
    browse.sign_in(make.account())
    browse.get("/trial/me")
    assert "Set-Cookie" not in browse.response.headers
    wait(browse, NOTE_ACTIVITY_EVERY_SECONDS + 5)
    browse.get("/trial/me")
    assert "Set-Cookie" in browse.response.headers


def next_of(page: Browse) -> str:
    assert page.status == 302
    parts = urlsplit(page.location)
    assert parts.path == "/sign-in"
    return parse_qs(parts.query)["next"][0]


def test_signing_in_leads_back_to_the_page_with_its_question(browse: Browse) -> None:
    assert next_of(browse.get("/trial/closed", follow=False, slot="3", q="a&b")) == "/trial/closed?slot=3&q=a%26b"
    assert next_of(browse.get("/trial/closed", follow=False)) == "/trial/closed"


def test_after_a_post_it_leads_to_the_page_of_the_form(browse: Browse) -> None:
    assert next_of(browse.post("/trial/closed", follow=False)) == "/trial/closed"


def test_after_a_post_without_a_page_it_leads_to_the_page_before(browse: Browse) -> None:
    browse.get("/trial/me")
    assert next_of(browse.post("/trial/closed/act", follow=False)) == "/trial/me"


def test_a_page_before_on_another_site_is_no_way_back(browse: Browse) -> None:
    token = browse._csrf_token()
    for referrer in ("https://elsewhere.example/trial/me", "", "http://localhost:8000/trial/me"):
        browse.response = browse.client.post(
            "/trial/closed/act", data={"csrf_token": token}, headers={"Referer": referrer}
        )
        assert next_of(browse) == "/"


def test_without_the_right_there_is_no_such_page(browse: Browse, make: Make) -> None:
    assert browse.sign_in(make.account()).get("/trial/staff").status == 404
