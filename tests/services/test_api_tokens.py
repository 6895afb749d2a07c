"""Who makes tokens for programs, what they may be for, and who takes them back."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from cop.core.access import SYSTEM, Actor, Grant, Role, TokenScope
from cop.core.errors import NotFound, Refusal
from cop.models.security import ApiToken
from cop.queries import api_tokens as queries
from cop.services import accounts, api_tokens
from tests.support.api import PROGRAMME, Tokens
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working


@pytest.fixture
def tokens(app: Flask, make: Make) -> Tokens:
    make.programme()
    return Tokens(app, make)


class TestMaking:
    def test_keeps_the_digest_and_not_the_secret(self, tokens: Tokens, reading: Reads) -> None:
        made = tokens.made()
        with reading() as read:
            kept = read.session.scalars(select(ApiToken)).one()
        assert made.secret.startswith(kept.prefix)
        assert len(kept.prefix) == 8
        values = [str(getattr(kept, column.key)) for column in ApiToken.__table__.columns]
        assert not any(made.secret in value or made.secret[8:] in value for value in values)
        assert kept.digest == queries.digest_of(made.secret)

    def test_two_secrets_differ(self, tokens: Tokens) -> None:
        maker = tokens.admin()
        assert tokens.made(maker).secret != tokens.made(maker).secret

    @pytest.mark.parametrize("role", [Role.FACILITATOR, Role.EVALUATOR, Role.REVIEWER])
    def test_is_for_admins(self, role: Role, tokens: Tokens, make: Make) -> None:
        other = make.account()
        make.grant(other, role, programme=make.programme())
        with pytest.raises(NotFound):
            tokens.made(other)

    def test_an_admin_of_one_programme_makes_none_for_another(self, tokens: Tokens, make: Make) -> None:
        make.programme("another")
        with pytest.raises(NotFound):
            tokens.made(tokens.admin(), programme="another")

    def test_only_an_admin_of_everything_makes_one_for_all(self, tokens: Tokens, make: Make) -> None:
        with pytest.raises(NotFound):
            tokens.made(tokens.admin(), programme=None)
        assert tokens.made(make.admin(), programme=None)

    def test_is_for_no_programme_that_is_not_there(self, tokens: Tokens, make: Make) -> None:
        with pytest.raises(NotFound):
            tokens.made(make.admin(), programme="nowhere")

    def test_is_made_by_people_who_are_signed_in(self, tokens: Tokens, make: Make, work: Working) -> None:
        person = make.admin()
        grants = (Grant(Role.ADMIN),)
        for actor in (SYSTEM, Actor(person.id, grants, "api"), Actor(person.id, grants, "link")):
            with pytest.raises(NotFound), work(actor) as unit:
                api_tokens.make(
                    unit,
                    name="A",
                    scopes=[TokenScope.EVENTS],
                    programme_slug=PROGRAMME,
                    lasts=timedelta(days=1),
                )

    @pytest.mark.parametrize("days", [-1, 0, 365.1, 400])
    def test_lasts_a_year_at_most(self, days: float, tokens: Tokens) -> None:
        with pytest.raises(Refusal, match="a year"):
            tokens.made(days=days)

    def test_the_database_knows_the_year_too(self, tokens: Tokens, work: Working) -> None:
        tokens.made(days=365)
        with pytest.raises(IntegrityError, match="ck_api_token_expires_within_a_year"), work() as unit:
            unit.session.execute(update(ApiToken).values(expires_at=ApiToken.made_at + timedelta(days=367)))

    def test_reads_something(self, tokens: Tokens) -> None:
        with pytest.raises(Refusal, match="may read"):
            tokens.made(None, TokenScope.NAMES)

    def test_nobody_has_more_than_twenty_that_work(self, tokens: Tokens, work: Working, make: Make) -> None:
        maker = tokens.admin()
        made = [tokens.made(maker) for _ in range(api_tokens.MOST)]
        with pytest.raises(Refusal, match="tokens that work"):
            tokens.made(maker)
        with work(make.actor(maker)) as unit:
            api_tokens.revoke(unit, public_id=made[0].public_id)
        assert tokens.made(maker)


class TestTakingBack:
    def test_ends_it_at_once_and_twice_is_the_same(
        self, tokens: Tokens, make: Make, work: Working, reading: Reads, clock: FixedClock
    ) -> None:
        maker = tokens.admin()
        made = tokens.made(maker)
        with work(make.actor(maker)) as unit:
            assert api_tokens.revoke(unit, public_id=made.public_id) == "The dashboard"
            first = unit.now
        clock.move(timedelta(hours=1))
        with work(make.actor(maker)) as unit:
            api_tokens.revoke(unit, public_id=made.public_id)
        with reading() as read:
            assert read.session.scalars(select(ApiToken.revoked_at)).one() == first
            assert queries.bearer(read, secret=made.secret) is None

    def test_is_for_every_admin_of_its_programme(self, tokens: Tokens, make: Make, work: Working) -> None:
        made = tokens.made()
        with work(make.actor(tokens.admin())) as unit:
            assert api_tokens.revoke(unit, public_id=made.public_id)

    def test_is_for_no_admin_of_another(self, tokens: Tokens, make: Make, work: Working) -> None:
        made = tokens.made()
        everything = tokens.made(make.admin(), programme=None)
        for found in (made, everything):
            with pytest.raises(NotFound), work(make.actor(tokens.admin("another"))) as unit:
                api_tokens.revoke(unit, public_id=found.public_id)

    def test_its_maker_takes_it_back_when_they_are_admin_no_more(
        self, tokens: Tokens, make: Make, work: Working
    ) -> None:
        maker = tokens.admin()
        made = tokens.made(maker)
        with work(Actor(maker.id)) as unit:
            assert api_tokens.revoke(unit, public_id=made.public_id)

    def test_there_has_to_be_one(self, tokens: Tokens, make: Make, work: Working) -> None:
        with pytest.raises(NotFound), work(make.actor(make.admin())) as unit:
            api_tokens.revoke(unit, public_id="nothing")


class TestWhoseItIs:
    def test_it_acts_as_an_evaluator_of_its_programme(self, tokens: Tokens, reading: Reads, make: Make) -> None:
        maker = tokens.admin()
        made = tokens.made(maker, TokenScope.ATTENDANCE)
        with reading() as read:
            found = queries.bearer(read, secret=made.secret)
        assert found is not None
        assert found.actor == Actor(
            maker.id, (Grant(Role.EVALUATOR, make.programme().id),), "api", frozenset({TokenScope.ATTENDANCE})
        )

    def test_with_names_as_an_admin_of_it_alone(self, tokens: Tokens, reading: Reads, make: Make) -> None:
        made = tokens.made(make.admin(), TokenScope.ATTENDANCE, TokenScope.NAMES)
        with reading() as read:
            found = queries.bearer(read, secret=made.secret)
        assert found is not None
        assert found.actor is not None
        assert found.actor.grants == (Grant(Role.ADMIN, make.programme().id),)
        assert not found.actor.is_admin()

    def test_runs_out(self, tokens: Tokens, reading: Reads, clock: FixedClock) -> None:
        made = tokens.made(days=1)
        clock.move(timedelta(days=1) - timedelta(seconds=1))
        with reading() as read:
            assert queries.bearer(read, secret=made.secret)
        clock.move(timedelta(seconds=1))
        with reading() as read:
            assert queries.bearer(read, secret=made.secret) is None

    def test_reads_nothing_once_its_maker_is_admin_no_more(
        self, tokens: Tokens, reading: Reads, work: Working, make: Make
    ) -> None:
        maker = make.account()
        held = make.grant(maker, Role.ADMIN, programme=make.programme())
        made = tokens.made(maker)
        with work() as unit:
            accounts.revoke(unit, grant_id=held.id)
        with reading() as read:
            found = queries.bearer(read, secret=made.secret)
        assert found is not None
        assert found.actor is None

    def test_one_for_all_programmes_needs_an_admin_of_all(
        self, tokens: Tokens, reading: Reads, work: Working, make: Make
    ) -> None:
        make.admin("Another admin")
        maker = make.account()
        held = make.grant(maker, Role.ADMIN)
        made = tokens.made(maker, programme=None)
        make.grant(maker, Role.ADMIN, programme=make.programme())
        with work() as unit:
            accounts.revoke(unit, grant_id=held.id)
        with reading() as read:
            found = queries.bearer(read, secret=made.secret)
        assert found is not None
        assert found.actor is None

    @pytest.mark.parametrize("wrong", ["", "cop_", "nothing", "’🙂"])
    def test_nothing_else_is_a_token(self, wrong: str, tokens: Tokens, reading: Reads) -> None:
        tokens.made()
        with reading() as read:
            assert queries.bearer(read, secret=wrong) is None


class TestTheList:
    def test_shows_admins_the_tokens_of_their_programme(self, tokens: Tokens, make: Make, reading: Reads) -> None:
        tokens.made()
        tokens.made(tokens.admin("another"), programme="another")
        tokens.made(make.admin(), programme=None)
        with reading(make.actor(tokens.admin())) as read:
            assert [one.programme for one in queries.listed(read)] == [make.programme().name]
        with reading(make.actor(make.admin())) as read:
            assert len(queries.listed(read)) == 3

    def test_live_ones_come_first_then_the_newest(
        self, tokens: Tokens, make: Make, reading: Reads, work: Working, clock: FixedClock
    ) -> None:
        maker = tokens.admin()
        short, first, gone, second = (tokens.made(maker, days=days) for days in (1, 30, 30, 30))
        with work(make.actor(maker)) as unit:
            api_tokens.revoke(unit, public_id=gone.public_id)
        clock.move(timedelta(days=2))
        with reading(make.actor(maker)) as read:
            found = queries.listed(read)
            assert len(queries.listed(read, limit=2)) == 3
        assert [one.public_id for one in found] == [one.public_id for one in (second, first, gone, short)]
        assert [one.is_live for one in found] == [True, True, False, False]

    def test_one_of_somebody_else_is_not_found(self, tokens: Tokens, make: Make, reading: Reads) -> None:
        made = tokens.made()
        with pytest.raises(NotFound), reading(make.actor(tokens.admin("another"))) as read:
            queries.one(read, public_id=made.public_id)
