"""Which program reads what: every list with every token, and what is said to those that may not."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.routing import Rule

from cop.blueprints.api.resources import LISTINGS
from cop.core.access import Access, Role, TokenScope
from cop.models.accounts import Account, RoleGrant
from cop.models.audit import Audit
from cop.models.security import ApiToken
from cop.models.service import Observation
from cop.queries.audit import Read
from cop.services import accounts, api_tokens
from cop.web import CALLS_A_MINUTE
from tests.support.api import EVERY_SCOPE, PROGRAMME, WITHOUT_NAMES, Program, Tokens
from tests.support.browse import Browse
from tests.support.clock import START, FixedClock
from tests.support.make import Make, Reads, Working

ADDRESSES = {one.name: one.rule.replace("<slug>", PROGRAMME) for one in LISTINGS}
SCOPES = {one.name: one.scope for one in LISTINGS}


@pytest.fixture
def tokens(app: Flask, make: Make) -> Tokens:
    make.programme()
    return Tokens(app, make)


def for_tokens(app: Flask) -> Iterator[tuple[Rule, Access]]:
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "access", None)
        if isinstance(access, Access) and access.by_token:
            yield rule, access


def test_all_that_asks_for_a_token_stands_under_one_address(app: Flask) -> None:
    found = {rule.rule for rule, _access in for_tokens(app)}
    assert found == {
        "/api/v1/",
        "/api/v1/programmes/<slug>/events/<event_slug>",
        *(f"/api/v1{one.rule}" for one in LISTINGS),
    }
    assert {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")} == {
        "api.openapi",
        *(rule.endpoint for rule, _access in for_tokens(app)),
    }


@pytest.mark.parametrize("scope", WITHOUT_NAMES)
def test_a_token_reads_the_lists_of_its_scope_and_no_others(scope: TokenScope, tokens: Tokens) -> None:
    program = tokens.program(None, scope)
    found = {name: program.call(address).status_code for name, address in ADDRESSES.items()}
    assert found == {name: 200 if SCOPES[name] is scope else 403 for name in ADDRESSES}


def test_a_refusal_says_what_the_token_is_not_good_for(tokens: Tokens) -> None:
    answer = tokens.program(None, TokenScope.EVENTS).call("/organisations")
    assert answer.content_type == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api", error="insufficient_scope"'
    assert answer.get_json() == {
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "detail": "This token is not good for what was asked",
    }


def test_without_a_token_there_is_nothing_for_anybody(app: Flask, make: Make, browse: Browse) -> None:
    """A session is none: not even that of an admin of everything."""
    make.programme()
    browse.sign_in(make.admin())
    for address in ["/", *ADDRESSES.values(), f"/programmes/{PROGRAMME}/events/any"]:
        page = browse.get(f"/api/v1{address}", follow=False)
        assert page.status == 401
        assert page.response.headers["WWW-Authenticate"] == 'Bearer realm="api"'
        assert "Set-Cookie" not in page.response.headers
        assert page.response.get_json()["title"] == "Unauthorized"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic Zm9vOmJhcg==",
        "Token wrong",
        "Bearer a=b",
        "bearer \x80",
        "Digest",
    ],
)
def test_what_is_no_token_of_ours_opens_nothing(header: str, tokens: Tokens, app: Flask) -> None:
    tokens.made()
    answer = Program(app).call("/", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="api"')


def test_a_token_reads_no_other_programme(tokens: Tokens, make: Make) -> None:
    other = make.programme("another")
    hidden = make.visit("Elsewhere", programme=other)
    program = tokens.program(None, *EVERY_SCOPE)
    for one in LISTINGS:
        if one.of_programme:
            assert program.call(one.rule.replace("<slug>", other.slug)).status_code == 404
            assert program.call(one.rule.replace("<slug>", "nowhere")).status_code == 404
    assert program.call(f"/programmes/{other.slug}/events/{hidden.slug}").status_code == 404
    assert program.call(f"/programmes/{PROGRAMME}/events/{hidden.slug}").status_code == 404
    for name in ("attendance", "bookings", "surveys"):
        assert program.call(f"/programmes/{PROGRAMME}/{name}?event={hidden.slug}").status_code == 404
    assert [one["slug"] for one in program.items("/programmes")] == [PROGRAMME]


def test_a_token_of_an_admin_of_everything_reads_all_programmes(tokens: Tokens, make: Make) -> None:
    make.programme("another")
    program = tokens.program(make.admin(), *EVERY_SCOPE, programme=None)
    assert {one["slug"] for one in program.items("/programmes")} == {PROGRAMME, "another"}
    for slug in (PROGRAMME, "another"):
        for one in LISTINGS:
            assert program.call(one.rule.replace("<slug>", slug)).status_code == 200


def test_a_token_ends_with_its_time(tokens: Tokens, clock: FixedClock) -> None:
    program = tokens.program(days=1)
    clock.move(timedelta(days=1) - timedelta(seconds=1))
    assert program.call("/").status_code == 200
    clock.move(timedelta(seconds=1))
    answer = program.call("/")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'


def test_a_token_that_was_taken_back_ends_at_once(tokens: Tokens, app: Flask, make: Make, work: Working) -> None:
    maker = tokens.admin()
    made = tokens.made(maker)
    program = Program(app, made.secret)
    assert program.call("/").status_code == 200
    with work(make.actor(maker)) as unit:
        api_tokens.revoke(unit, public_id=made.public_id)
    assert program.call("/").status_code == 401


def test_a_token_reads_no_more_than_its_maker_may_today(
    tokens: Tokens, make: Make, work: Working, reading: Reads
) -> None:
    maker = tokens.admin()
    program = tokens.program(maker)
    assert program.call("/").status_code == 200
    with work() as unit:
        held = unit.session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == maker.id)).one()
        accounts.revoke(unit, grant_id=held)
    make.grant(maker, Role.EVALUATOR, programme=make.programme())
    answer = program.call("/")
    assert answer.status_code == 403
    assert "may no longer read" in answer.get_json()["detail"]


def test_a_token_ends_with_the_account_of_its_maker(tokens: Tokens, work: Working) -> None:
    maker = tokens.admin()
    program = tokens.program(maker)
    with work() as unit:
        unit.session.delete(unit.session.get_one(Account, maker.id))
    assert program.call("/").status_code == 401


class TestNames:
    def test_are_read_by_who_was_given_them(self, tokens: Tokens, make: Make) -> None:
        amina = make.person("Amina Yusuf", "amina@council.example")
        make.booking(amina, make.visit())
        maker = tokens.admin()
        for name in ("attendance", "bookings"):
            (hidden,) = tokens.program(maker).items(ADDRESSES[name])
            (shown,) = tokens.program(maker, *EVERY_SCOPE).items(ADDRESSES[name])
            assert (hidden["name"], hidden["email"]) == (None, None)
            assert (shown["name"], shown["email"]) == ("Amina Yusuf", "amina@council.example")
            assert shown["person"] == amina.public_id
            assert len(hidden["person"]) == 16

    def test_each_read_of_them_is_noted_under_the_maker(self, tokens: Tokens, make: Make, reading: Reads) -> None:
        make.booking(make.person(), make.visit())
        maker = tokens.admin()
        tokens.program(maker).call(ADDRESSES["attendance"])
        program = tokens.program(maker, *EVERY_SCOPE)
        answers = [program.call(ADDRESSES[name]) for name in ("attendance", "bookings", "surveys", "forum", "events")]
        assert {answer.status_code for answer in answers} == {200}
        same = {"If-None-Match": answers[0].headers["ETag"]}
        assert program.call(ADDRESSES["attendance"], headers=same).status_code == 304
        assert program.call(f"{ADDRESSES['attendance']}?limit=0").status_code == 422
        with reading() as read:
            noted = read.session.scalars(select(Observation).order_by(Observation.id)).all()
        assert [(one.kind, one.person_id, one.value) for one in noted] == [
            (Read.ATTENDANCE_BY_API, maker.id, 1),
            (Read.BOOKINGS_BY_API, maker.id, 1),
            (Read.SURVEYS_BY_API, maker.id, 0),
            (Read.FORUM_BY_API, maker.id, 0),
        ]
        assert {(one.subject_kind, one.subject_id) for one in noted} == {("programme", make.programme().id)}

    def test_the_read_stands_in_the_list_for_admins(self, tokens: Tokens, browse: Browse, make: Make) -> None:
        tokens.program(tokens.admin(), *EVERY_SCOPE).call(ADDRESSES["attendance"])
        page = browse.sign_in(make.admin()).get("/admin/audit/reads")
        assert "Attendance with names, read by a program" in page.text


class TestHowOften:
    def test_so_many_calls_a_minute_and_then_a_pause(self, tokens: Tokens, clock: FixedClock, work: Working) -> None:
        clock.set(START.replace(second=15))
        program = tokens.program()
        assert program.call("/").status_code == 200
        with work() as unit:
            unit.session.execute(update(ApiToken).values(calls=CALLS_A_MINUTE - 1))
        assert program.call("/").status_code == 200
        answer = program.call("/")
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "45"
        assert answer.get_json()["title"] == "Too Many Requests"
        clock.move(timedelta(seconds=45))
        assert program.call("/").status_code == 200

    def test_each_token_counts_for_itself(self, tokens: Tokens, work: Working) -> None:
        one, other = tokens.program(), tokens.program()
        one.call("/")
        with work() as unit:
            unit.session.execute(update(ApiToken).values(calls=CALLS_A_MINUTE).where(ApiToken.calls > 0))
        assert (one.call("/").status_code, other.call("/").status_code) == (429, 200)

    def test_calls_at_once_are_all_counted(self, tokens: Tokens, app: Flask, reading: Reads) -> None:
        secret = tokens.made().secret
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda _: Program(app, secret).call("/").status_code, range(20)))
        assert found == [200] * 20
        with reading() as read:
            assert read.session.scalars(select(ApiToken.calls)).one() == 20

    def test_the_last_use_is_known_to_the_hour(self, tokens: Tokens, clock: FixedClock, reading: Reads) -> None:
        program = tokens.program()
        clock.set(START.replace(hour=14, minute=37, second=12))
        program.call("/")
        with reading() as read:
            assert read.session.scalars(select(ApiToken.used_at)).one() == START.replace(hour=14, minute=0, second=0)

    def test_a_call_stands_in_no_history(self, tokens: Tokens, reading: Reads) -> None:
        program = tokens.program()
        with reading() as read:
            before = len(read.session.scalars(select(Audit.id)).all())
        program.call("/")
        with reading() as read:
            assert len(read.session.scalars(select(Audit.id)).all()) == before
