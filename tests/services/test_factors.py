"""Second factors: each is good once, for its owner alone, and wrong codes are counted."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from cop.core import secrecy
from cop.core.access import SYSTEM, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.formats.passkeys import Site
from cop.models.accounts import Account, Person
from cop.models.audit import Audit
from cop.models.outbox import Outbox
from cop.models.security import Authenticator, FactorTry, Passkey, RecoveryCode
from cop.queries import factors as queries
from cop.services import factors
from cop.services.factors import LONG_TRIES, RECOVERY_CODES, SHORT, SHORT_TRIES, STEP_SECONDS, Tried
from tests.support.clock import START, FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.passkeys import SITE, Device

Posted = Callable[..., Sequence[Outbox]]

STEP = timedelta(seconds=STEP_SECONDS)


class Owner:
    """Somebody with second factors, who acts by themselves."""

    def __init__(self, make: Make, work: Working, person: Person) -> None:
        self._make, self._work, self.person = make, work, person
        self.actor = Actor(person.id)
        self.device = make.device_of(person)
        self.secret = ""

    def app(self, at: datetime = START) -> None:
        with self._work(self.actor) as work:
            factors.begin_app(work)
        with self._work(self.actor) as work:
            self.secret = queries.secret_of_app(work) or ""
            factors.confirm_app(work, code=self.code(at), at=at)

    def code(self, at: datetime) -> str:
        return str(pyotp.TOTP(self.secret).at(at))

    def give(self, code: str, at: datetime = START) -> Tried:
        with self._work(self.actor) as work:
            return factors.give_code(work, code=code, at=at)

    def codes(self) -> list[str]:
        with self._work(self.actor) as work:
            return factors.make_recovery_codes(work)

    def challenge(self) -> bytes:
        with self._work(self.actor) as work:
            return factors.challenge(work, device=self.device)

    def passkey(self) -> Device:
        made = Device()
        self.add(made.make(self.challenge()))
        return made

    def add(self, answer: str, site: Site = SITE) -> None:
        with self._work(self.actor) as work:
            factors.add_passkey(work, device=self.device, site=site, answer=answer, name="Laptop")

    def show(self, answer: str, site: Site = SITE) -> Tried:
        with self._work(self.actor) as work:
            return factors.give_passkey(work, device=self.device, site=site, answer=answer)


@pytest.fixture
def amina(make: Make, work: Working) -> Owner:
    return Owner(make, work, make.account("Amina Yusuf", "amina@council.example"))


@pytest.fixture
def ben(make: Make, work: Working) -> Owner:
    return Owner(make, work, make.account("Ben Okri", "ben@council.example"))


WRONG = "000000"


def wrong(owner: Owner, at: datetime = START) -> str:
    """Six digits that the app shows at none of the steps around this instant."""
    shown = {owner.code(at + number * STEP) for number in (-1, 0, 1)}
    return next(code for code in (f"{number:06d}" for number in range(9)) if code not in shown)


class TestAnApp:
    def test_counts_once_a_code_of_it_was_typed(self, amina: Owner, reading: Reads, work: Working) -> None:
        with work(amina.actor) as opened:
            factors.begin_app(opened)
        with reading(amina.actor) as read:
            assert not queries.own_factors(read).any
            amina.secret = queries.secret_of_app(read) or ""
        with pytest.raises(Refusal, match="wrong"), work(amina.actor) as opened:
            factors.confirm_app(opened, code=wrong(amina), at=START)
        with work(amina.actor) as opened:
            factors.confirm_app(opened, code=f" {amina.code(START)[:3]} {amina.code(START)[3:]}", at=START)
        with reading(amina.actor) as read:
            assert queries.own_factors(read).any
            assert queries.secret_of_app(read) is None

    def test_begun_anew_has_another_secret(self, amina: Owner, work: Working) -> None:
        secrets: list[str] = []
        for _ in range(2):
            with work(amina.actor) as opened:
                factors.begin_app(opened)
            with work(amina.actor) as opened:
                secrets += opened.session.scalars(select(Authenticator.secret)).all()
        assert len(set(secrets)) == 2

    def test_that_nobody_began_cannot_be_confirmed(self, amina: Owner, work: Working) -> None:
        with pytest.raises(NotFound), work(amina.actor) as opened:
            factors.confirm_app(opened, code=WRONG, at=START)

    def test_shows_codes_that_are_good_once(self, amina: Owner) -> None:
        amina.app()
        assert amina.give(amina.code(START)) is Tried.WRONG  # it has confirmed the app
        later = START + STEP
        assert amina.give(amina.code(later), later) is Tried.RIGHT
        assert amina.give(amina.code(later), later) is Tried.WRONG

    @pytest.mark.parametrize(
        ("steps", "tried"), [(-2, "wrong"), (-1, "right"), (0, "right"), (1, "right"), (2, "wrong")]
    )
    def test_may_be_one_step_behind_or_ahead(self, steps: int, tried: str, amina: Owner) -> None:
        amina.app()
        now = START + timedelta(hours=1)
        assert amina.give(amina.code(now + steps * STEP), now) == tried

    def test_that_went_ahead_leaves_no_code_of_before(self, amina: Owner) -> None:
        amina.app()
        now = START + timedelta(hours=1)
        assert amina.give(amina.code(now + STEP), now) is Tried.RIGHT
        assert amina.give(amina.code(now), now) is Tried.WRONG

    def test_of_somebody_else_is_no_help(self, amina: Owner, ben: Owner) -> None:
        amina.app()
        ben.app()
        now = START + timedelta(hours=1)
        if amina.code(now) not in {ben.code(now + number * STEP) for number in (-1, 0, 1)}:
            assert ben.give(amina.code(now), now) is Tried.WRONG

    def test_its_secret_is_encrypted(self, amina: Owner, work: Working) -> None:
        amina.app()
        with work() as opened:
            kept = opened.session.connection().exec_driver_sql("SELECT secret FROM authenticator").scalar_one()
        assert amina.secret.encode() not in bytes(kept)

    def test_there_are_five_at_most(self, amina: Owner, work: Working) -> None:
        for _ in range(factors.MOST_APPS):
            amina.app()
        with pytest.raises(Refusal, match="remove one first"), work(amina.actor) as opened:
            factors.begin_app(opened)


class TestWrongCodes:
    def test_are_counted_and_wait_a_quarter_of_an_hour(self, amina: Owner, clock: FixedClock) -> None:
        amina.app()
        now = START + timedelta(hours=1)
        for _ in range(SHORT_TRIES):
            assert amina.give(wrong(amina, now), now) is Tried.WRONG
        assert amina.give(amina.code(now), now) is Tried.BUSY
        clock.move(SHORT)
        assert amina.give(amina.code(now), now) is Tried.RIGHT

    def test_of_somebody_else_are_none_of_mine(self, amina: Owner, ben: Owner) -> None:
        amina.app()
        ben.app()
        now = START + timedelta(hours=1)
        for _ in range(SHORT_TRIES):
            amina.give(wrong(amina, now), now)
        assert ben.give(ben.code(now), now) is Tried.RIGHT

    def test_of_a_day_leave_recovery_codes_and_passkeys(self, amina: Owner, clock: FixedClock) -> None:
        amina.app()
        codes, passkey, now = amina.codes(), amina.passkey(), START + timedelta(hours=1)
        for number in range(LONG_TRIES):
            if number and number % SHORT_TRIES == 0:
                clock.move(SHORT)
            assert amina.give(wrong(amina, now), now) is Tried.WRONG
        clock.move(SHORT)
        assert amina.give(amina.code(now), now) is Tried.BUSY
        assert amina.give(codes[0]) is Tried.RIGHT
        assert amina.show(passkey.sign(amina.challenge())) is Tried.RIGHT
        clock.move(timedelta(days=1))
        assert amina.give(amina.code(now), now) is Tried.RIGHT

    @pytest.mark.parametrize("code", ["", " ", "-", "１２３４５６", "12345", "1234567", "'; --", "x" * 40])
    def test_of_any_shape_are_wrong(self, code: str, amina: Owner) -> None:
        amina.app()
        assert amina.give(code, START + timedelta(hours=1)) is Tried.WRONG

    def test_of_somebody_without_an_account_are_not_found(self, make: Make, work: Working) -> None:
        stranger = Actor(make.person("Nobody").id)
        for actor in (stranger, Actor()):
            with pytest.raises(NotFound), work(actor) as opened:
                factors.give_code(opened, code=WRONG, at=START)


class TestRecoveryCodes:
    def test_are_ten_and_good_once_each(self, amina: Owner, reading: Reads) -> None:
        amina.app()
        codes = amina.codes()
        assert len(set(codes)) == RECOVERY_CODES
        assert amina.give(codes[3].upper().replace("-", " ")) is Tried.RIGHT
        assert amina.give(codes[3]) is Tried.WRONG
        with reading(amina.actor) as read:
            assert queries.own_factors(read).codes_left == RECOVERY_CODES - 1

    def test_are_kept_as_digests_alone(self, amina: Owner, work: Working) -> None:
        amina.app()
        codes = amina.codes()
        with work() as opened:
            digests = opened.session.scalars(select(RecoveryCode.digest)).all()
        assert len(digests) == RECOVERY_CODES
        assert not any(code.replace("-", "") in digest for code in codes for digest in digests)

    def test_of_digits_alone_is_good_too(self, amina: Owner, work: Working) -> None:
        amina.app()
        amina.codes()
        with work() as opened:
            one = opened.session.scalars(select(RecoveryCode).limit(1)).one()
            one.digest = secrecy.digest("recovery-code", "2345678923")
        assert amina.give("23456-78923") is Tried.RIGHT
        assert amina.give("23456-78923") is Tried.WRONG

    def test_made_anew_end_those_before(self, amina: Owner) -> None:
        amina.app()
        before, after = amina.codes(), amina.codes()
        assert amina.give(before[0]) is Tried.WRONG
        assert amina.give(after[0]) is Tried.RIGHT

    def test_are_few_when_three_are_left(self, amina: Owner, reading: Reads) -> None:
        amina.app()
        for number, code in enumerate(amina.codes()[: RECOVERY_CODES - queries.FEW], start=1):
            assert amina.give(code) is Tried.RIGHT
            with reading(amina.actor) as read:
                assert queries.own_factors(read).codes_are_few == (number == RECOVERY_CODES - queries.FEW)

    def test_stand_in_for_something(self, amina: Owner, work: Working) -> None:
        with pytest.raises(Refusal, match="Set up"), work(amina.actor) as opened:
            factors.make_recovery_codes(opened)

    def test_of_somebody_else_are_no_help(self, amina: Owner, ben: Owner) -> None:
        amina.app()
        ben.app()
        codes = amina.codes()
        ben.codes()
        assert ben.give(codes[0]) is Tried.WRONG


class TestAPasskey:
    def test_is_added_and_given(self, amina: Owner, work: Working) -> None:
        passkey = amina.passkey()
        assert amina.show(passkey.sign(amina.challenge())) is Tried.RIGHT
        with work() as opened:
            kept = opened.session.scalars(select(Passkey)).one()
        assert (kept.name, kept.sign_count, kept.transports) == ("Laptop", 1, ["internal"])

    def test_signs_each_challenge_once(self, amina: Owner) -> None:
        passkey = amina.passkey()
        answer = passkey.sign(amina.challenge())
        assert amina.show(answer) is Tried.RIGHT
        assert amina.show(answer) is Tried.WRONG

    def test_signs_the_challenge_of_now(self, amina: Owner) -> None:
        passkey = amina.passkey()
        old = passkey.sign(amina.challenge())
        amina.challenge()
        assert amina.show(old) is Tried.WRONG

    def test_signs_within_minutes(self, amina: Owner, clock: FixedClock) -> None:
        passkey = amina.passkey()
        answer = passkey.sign(amina.challenge())
        clock.move(factors.CHALLENGE_LIVES)
        assert amina.show(answer) is Tried.WRONG

    def test_a_wrong_answer_spends_the_challenge_too(self, amina: Owner) -> None:
        passkey = amina.passkey()
        challenge = amina.challenge()
        assert amina.show("{}") is Tried.WRONG
        assert amina.show(passkey.sign(challenge)) is Tried.WRONG

    @pytest.mark.parametrize(
        "site", [replace(SITE, origin="http://localhost.evil.example"), replace(SITE, host="evil")]
    )
    def test_of_another_site_is_not_accepted(self, site: Site, amina: Owner) -> None:
        passkey = amina.passkey()
        assert amina.show(passkey.sign(amina.challenge(), site)) is Tried.WRONG
        with pytest.raises(Refusal, match="not accepted"):
            amina.add(Device().make(amina.challenge(), site))

    def test_that_nobody_unlocked_is_not_accepted(self, amina: Owner) -> None:
        passkey = amina.passkey()
        assert amina.show(passkey.sign(amina.challenge(), verified=False)) is Tried.WRONG
        with pytest.raises(Refusal, match="not accepted"):
            amina.add(Device().make(amina.challenge(), verified=False))

    def test_whose_count_does_not_grow_is_a_copy(self, amina: Owner) -> None:
        passkey = amina.passkey()
        assert amina.show(passkey.sign(amina.challenge())) is Tried.RIGHT
        assert amina.show(passkey.sign(amina.challenge(), counts=False)) is Tried.WRONG

    def test_that_never_counts_is_fine(self, amina: Owner) -> None:
        passkey = amina.passkey()
        for _ in range(2):
            assert amina.show(passkey.sign(amina.challenge(), counts=False)) is Tried.RIGHT

    def test_of_somebody_else_is_not_accepted(self, amina: Owner, ben: Owner) -> None:
        passkey = amina.passkey()
        ben.passkey()
        assert ben.show(passkey.sign(ben.challenge())) is Tried.WRONG

    def test_under_the_name_of_another_key_is_not_accepted(self, amina: Owner) -> None:
        passkey = amina.passkey()
        forged = Device(credential_id=passkey.credential_id)
        assert amina.show(forged.sign(amina.challenge())) is Tried.WRONG

    def test_is_added_once(self, amina: Owner, ben: Owner) -> None:
        passkey = amina.passkey()
        with pytest.raises(Refusal, match="known already"):
            ben.add(passkey.make(ben.challenge()))

    def test_is_not_added_without_a_challenge(self, amina: Owner) -> None:
        with pytest.raises(Refusal, match="Try again"):
            amina.add(Device().make(b"x" * 32))

    @pytest.mark.parametrize("answer", ["", "null", "[]", "[" * 15_000, '{"id": 1}', "x" * 30_000])
    def test_answers_of_any_shape_are_wrong(self, answer: str, amina: Owner) -> None:
        amina.passkey()
        amina.challenge()
        assert amina.show(answer) is Tried.WRONG
        amina.challenge()
        with pytest.raises(Refusal):
            amina.add(answer)

    def test_an_answer_with_its_parts_mixed_up_is_wrong(self, amina: Owner) -> None:
        passkey = amina.passkey()
        answer = json.loads(passkey.sign(amina.challenge()))
        for part in ("clientDataJSON", "authenticatorData", "signature"):
            forged = json.dumps({**answer, "response": {**answer["response"], part: "AAAA"}})
            amina.challenge()
            assert amina.show(forged) is Tried.WRONG

    def test_in_another_browser_has_another_challenge(self, amina: Owner, make: Make, work: Working) -> None:
        passkey = amina.passkey()
        challenge, other = amina.challenge(), make.device_of(amina.person)
        with work(amina.actor) as opened:
            tried = factors.give_passkey(opened, device=other, site=SITE, answer=passkey.sign(challenge))
        assert tried is Tried.WRONG

    def test_of_a_browser_that_is_not_theirs_there_is_none(self, amina: Owner, ben: Owner, work: Working) -> None:
        with pytest.raises(NotFound), work(amina.actor) as opened:
            factors.challenge(opened, device=ben.device)


class TestRemoving:
    def test_takes_recovery_codes_along_with_the_last(self, amina: Owner, work: Working, reading: Reads) -> None:
        amina.app()
        amina.passkey()
        amina.codes()
        for left in (RECOVERY_CODES, 0):
            with reading(amina.actor) as read:
                own = queries.own_factors(read)
            with work(amina.actor) as opened:
                factors.remove(opened, public_id=[*own.passkeys, *own.apps][0].public_id, needs_one=False)
            with reading(amina.actor) as read:
                assert queries.own_factors(read).codes_left == left

    def test_leaves_one_to_those_who_need_it(self, amina: Owner, work: Working, reading: Reads) -> None:
        amina.app()
        with reading(amina.actor) as read:
            app = queries.own_factors(read).apps[0]
        with pytest.raises(Refusal, match="last second factor"), work(amina.actor) as opened:
            factors.remove(opened, public_id=app.public_id, needs_one=True)

    def test_is_for_owners(self, amina: Owner, ben: Owner, work: Working, reading: Reads) -> None:
        amina.app()
        ben.app()
        with reading(amina.actor) as read:
            app = queries.own_factors(read).apps[0]
        with pytest.raises(NotFound), work(ben.actor) as opened:
            factors.remove(opened, public_id=app.public_id, needs_one=False)


class TestResetting:
    def test_takes_all_away_signs_out_and_tells(
        self, amina: Owner, make: Make, work: Working, outbox: Posted, reading: Reads
    ) -> None:
        amina.app()
        amina.passkey()
        amina.codes()
        amina.give(wrong(amina))
        admin = make.actor(make.admin())
        with work(admin) as opened:
            factors.reset(opened, public_id=amina.person.public_id)
        with work() as opened:
            for table in (Authenticator, Passkey, RecoveryCode, FactorTry):
                assert opened.session.scalar(select(func.count()).select_from(table)) == 0
            assert opened.session.get_one(Account, amina.person.id).session_epoch == 1
            told = opened.session.scalars(select(Audit).where(Audit.actor_id == admin.person_id)).all()
        assert told
        assert [message.params["change"] for message in outbox("factors_changed")][-1] == "reset"

    def test_is_for_admins(self, amina: Owner, make: Make, work: Working) -> None:
        amina.app()
        facilitator = make.account("Fay")
        make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
        withheld = replace(make.actor(make.admin()), withheld=True)
        for actor in (make.actor(facilitator), amina.actor, Actor(), withheld):
            with pytest.raises(NotFound), work(actor) as opened:
                factors.reset(opened, public_id=amina.person.public_id)

    def test_is_not_for_oneself(self, make: Make, work: Working) -> None:
        admin = make.admin()
        with pytest.raises(Refusal, match="another admin"), work(make.actor(admin)) as opened:
            factors.reset(opened, public_id=admin.public_id)

    def test_needs_something_to_take(self, amina: Owner, make: Make, work: Working) -> None:
        for person in (amina.person, make.person("Nobody")):
            with pytest.raises(Refusal, match="no second factor"), work(make.actor(make.admin())) as opened:
                factors.reset(opened, public_id=person.public_id)

    def test_by_operators_goes_by_the_address(self, amina: Owner, work: Working) -> None:
        amina.app()
        with work(SYSTEM) as opened:
            factors.reset_by_address(opened, email=" Amina@council.example")
        with pytest.raises(Refusal, match="no second factor"), work(SYSTEM) as opened:
            factors.reset_by_address(opened, email="amina@council.example")
        with pytest.raises(Refusal, match="Nobody"), work(SYSTEM) as opened:
            factors.reset_by_address(opened, email="nobody@council.example")


def test_every_change_is_told_to_its_owner(amina: Owner, work: Working, outbox: Posted, reading: Reads) -> None:
    amina.app()
    amina.passkey()
    amina.codes()
    with reading(amina.actor) as read:
        own = queries.own_factors(read)
    for one in (*own.apps, *own.passkeys):
        with work(amina.actor) as opened:
            factors.remove(opened, public_id=one.public_id, needs_one=False)
    changes = [message.params["change"] for message in outbox("factors_changed")]
    assert changes == ["app added", "passkey added", "codes made", "app removed", "passkey removed"]
    with work() as opened:
        assert opened.session.scalar(select(func.count()).select_from(Passkey)) == 0
