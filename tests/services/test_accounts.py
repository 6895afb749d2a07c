"""Signing in by e-mail, what people say of themselves, and what they are granted."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import func, select

from cop.core import secrecy
from cop.core.access import SYSTEM, VISITOR, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Account, Affiliation, Channel, Person, Relation, RoleGrant, Sector, SignIn
from cop.models.outbox import Outbox
from cop.queries import accounts as queries
from cop.services import accounts
from tests.support.clock import START, FixedClock
from tests.support.make import Make, Reads, Working

ADDRESS = "amina@council.example"
HERE = "the browser that asked"

Ask = Callable[..., SignIn]
Arrive = Callable[..., accounts.Arrival]
Posted = Callable[..., Sequence[Outbox]]
T = TypeVar("T")


def at_once(count: int, act: Callable[[int], T]) -> list[T | Exception]:
    """What comes of ``act(0)``, ``act(1)``, … when all of them begin at the same moment."""
    line = Barrier(count)

    def one(number: int) -> T | Exception:
        line.wait(timeout=10)
        try:
            return act(number)
        except Exception as error:  # noqa: BLE001  what came of it is for the test to judge
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.fixture
def try_to_ask(work: Working) -> Callable[..., accounts.Asked]:
    def ask(
        email: str = ADDRESS, *, browser: str = HERE, network: str = "192.0.2.1", next_path: str = "/account"
    ) -> accounts.Asked:
        with work(VISITOR) as unit:
            return accounts.ask_to_sign_in(unit, email=email, next_path=next_path, browser=browser, network=network)

    return ask


@pytest.fixture
def ask(try_to_ask: Callable[..., accounts.Asked]) -> Ask:
    """A request that is granted."""

    def asked(*args: str, **more: str) -> SignIn:
        sign_in = try_to_ask(*args, **more).sign_in
        assert sign_in is not None
        return sign_in

    return asked


def link_of(sign_in: SignIn) -> str:
    return secrecy.sign("sign-in", sign_in.public_id)


@pytest.fixture
def follow(work: Working) -> Arrive:
    """Press the button behind the link of a request, or behind a token."""

    def followed(link: SignIn | str) -> accounts.Arrival:
        with work(VISITOR) as unit:
            return accounts.sign_in_by_link(unit, token=link if isinstance(link, str) else link_of(link))

    return followed


@pytest.fixture
def enter(work: Working) -> Callable[..., accounts.Arrival | None]:
    """Type a code, the right one if none is given."""

    def entered(sign_in: SignIn, code: str | None = None, browser: str = HERE) -> accounts.Arrival | None:
        with work(VISITOR) as unit:
            return accounts.sign_in_by_code(
                unit, sign_in_id=sign_in.id, browser=browser, code=accounts.code_for(sign_in) if code is None else code
            )

    return entered


def wrong_for(sign_in: SignIn) -> str:
    return f"{(int(accounts.code_for(sign_in)) + 1) % 1_000_000:06d}"


def count(reading: Reads, table: type[Person | Account | SignIn | RoleGrant | Affiliation]) -> int:
    with reading() as read:
        return read.session.scalar(select(func.count()).select_from(table)) or 0


class TestTheLink:
    def test_signs_in_once(self, ask: Ask, follow: Arrive) -> None:
        asked = ask()
        assert follow(asked).person_id
        with pytest.raises(Refusal, match="used already"):
            follow(asked)

    def test_signs_in_one_of_two_who_use_it_at_the_same_moment(self, ask: Ask, follow: Arrive) -> None:
        asked = ask()
        came = at_once(2, lambda _: follow(asked))
        assert {type(item) for item in came} == {accounts.Arrival, Refusal}

    def test_works_for_fifteen_minutes(self, ask: Ask, follow: Arrive, clock: FixedClock) -> None:
        early, late = ask(), ask("late@council.example")
        clock.move(timedelta(minutes=15) - timedelta(microseconds=1))
        assert follow(early)
        clock.move(timedelta(microseconds=1))
        with pytest.raises(Refusal):
            follow(late)

    def test_dies_when_a_newer_one_is_asked_for(self, ask: Ask, follow: Arrive) -> None:
        older, newer = ask(), ask()
        with pytest.raises(Refusal):
            follow(older)
        assert follow(newer)

    def test_lives_on_when_somebody_else_asks(self, ask: Ask, follow: Arrive) -> None:
        mine = ask()
        ask("ben@council.example")
        assert follow(mine)

    def test_keeps_where_the_person_was_going(self, ask: Ask, follow: Arrive) -> None:
        assert follow(ask(next_path="/visits/healthy-hub/book?date=2026-03-09")).next_path == (
            "/visits/healthy-hub/book?date=2026-03-09"
        )

    def test_cannot_be_forged(self, ask: Ask, follow: Arrive) -> None:
        asked = ask()
        link = link_of(asked)
        payload, _, signature = link.partition(".")
        altered = f"{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
        other_purpose = secrecy.sign("booking", asked.public_id)
        for forged in ("", "nonsense", "’🙂", payload, altered, other_purpose):
            with pytest.raises(NotFound):
                follow(forged)
        assert follow(link)

    def test_of_an_operator_signs_in_without_a_mail(self, work: Working, follow: Arrive, outbox: Posted) -> None:
        with work() as unit:
            token = accounts.make_sign_in_link(unit, email=" Amina@Council.Example")
        assert follow(token).next_path == "/account"
        assert outbox() == []


class TestTheCode:
    def test_signs_in_once(self, ask: Ask, enter: Arrive) -> None:
        asked = ask(next_path="/visits/")
        arrival = enter(asked)
        assert arrival
        assert arrival.next_path == "/visits/"
        assert enter(asked) is None

    @pytest.mark.parametrize("written", ["{0} {1}", " {0}{1} ", "{0}\t{1}\n", "{0}\N{NO-BREAK SPACE}{1}"])
    def test_may_be_typed_with_spaces(self, written: str, ask: Ask, enter: Arrive) -> None:
        asked = ask()
        code = accounts.code_for(asked)
        assert enter(asked, written.format(code[:3], code[3:]))

    @pytest.mark.parametrize("browser", ["another browser", ""])
    def test_works_in_the_browser_that_asked_only(self, browser: str, ask: Ask, enter: Arrive) -> None:
        asked = ask()
        assert enter(asked, browser=browser) is None
        assert enter(asked)

    def test_is_that_of_the_request(self, ask: Ask, enter: Arrive) -> None:
        mine, other = ask(), ask("ben@council.example")
        assert enter(mine, accounts.code_for(other)) is None

    def test_may_be_tried_five_times(self, ask: Ask, enter: Arrive) -> None:
        patient, hasty = ask(), ask("ben@council.example")
        assert [enter(patient, wrong_for(patient)) for _ in range(4)] == [None] * 4
        assert enter(patient)
        assert [enter(hasty, wrong_for(hasty)) for _ in range(5)] == [None] * 5
        assert enter(hasty) is None

    def test_counts_every_wrong_try_for_good(self, ask: Ask, enter: Arrive, reading: Reads) -> None:
        asked = ask()
        enter(asked, wrong_for(asked))
        enter(asked, "")
        with reading() as read:
            assert read.session.get_one(SignIn, asked.id).tries == 2

    def test_counts_tries_that_come_at_once(self, ask: Ask, enter: Arrive, reading: Reads) -> None:
        asked = ask()
        at_once(8, lambda _: enter(asked, wrong_for(asked)))
        with reading() as read:
            assert read.session.get_one(SignIn, asked.id).tries == 5

    def test_cannot_be_used_up_from_another_browser(self, ask: Ask, enter: Arrive) -> None:
        asked = ask()
        for _ in range(6):
            enter(asked, "000000", browser="another browser")
        assert enter(asked)

    def test_used_up_leaves_the_link_alive(self, ask: Ask, enter: Arrive, follow: Arrive) -> None:
        asked = ask()
        for _ in range(6):
            enter(asked, wrong_for(asked))
        assert follow(asked)

    def test_works_for_fifteen_minutes(self, ask: Ask, enter: Arrive, clock: FixedClock) -> None:
        asked = ask()
        clock.move(timedelta(minutes=15))
        assert enter(asked) is None

    def test_dies_with_its_link(self, ask: Ask, enter: Arrive, follow: Arrive) -> None:
        asked = ask()
        follow(asked)
        assert enter(asked) is None
        again = ask()
        assert enter(again)
        with pytest.raises(Refusal):
            follow(again)

    def test_dies_when_a_newer_one_is_asked_for(self, ask: Ask, enter: Arrive) -> None:
        older, newer = ask(), ask()
        assert enter(older) is None
        assert enter(newer)

    @pytest.mark.parametrize("code", ["", "12345", "1234567", "’🙂", "x" * 20])
    def test_that_is_none_is_wrong_and_no_fault(self, code: str, ask: Ask, enter: Arrive) -> None:
        assert enter(ask(), code) is None

    def test_does_not_exist_for_an_operators_link(self, work: Working, reading: Reads, enter: Arrive) -> None:
        with work() as unit:
            accounts.make_sign_in_link(unit, email=ADDRESS)
        with reading() as read:
            made = read.session.scalars(select(SignIn)).one()
        for browser in ("", "None"):
            assert enter(made, accounts.code_for(made), browser=browser) is None


class TestAnAddress:
    @pytest.mark.parametrize("typed", ["Amina@Council.Example", "  amina@council.example\n", "AMINA@COUNCIL.EXAMPLE"])
    def test_is_the_same_in_any_case_and_between_spaces(
        self, typed: str, ask: Ask, follow: Arrive, outbox: Posted
    ) -> None:
        known = follow(ask())
        again = follow(ask(typed))
        assert (again.person_id, again.is_new) == (known.person_id, False)
        assert {row.address for row in outbox("sign_in")} == {ADDRESS}

    def test_may_have_a_domain_beyond_ascii(self, ask: Ask, follow: Arrive) -> None:
        written = follow(ask("jo@bücher.example"))
        assert follow(ask("jo@xn--bcher-kva.example")).person_id == written.person_id

    @pytest.mark.parametrize(
        "typed",
        [
            "",
            " ",
            "amina",
            "amina@",
            "@council.example",
            "amina@council",
            "amina@localhost",
            "amina@@council.example",
            "amina@council..example",
            "amina @council.example",
            "amina@coun cil.example",
            "amina@council.example, ben@council.example",
            "amina@council.example\nBcc: ben@council.example",
            "Amina <amina@council.example>",
            "amina@[192.0.2.1]",
            "amina\0@council.example",
            "am\u202eina@council.example",
            f"{'a' * 250}@council.example",
            f"amina@{'council.' * 40}example",
        ],
    )
    def test_that_is_none_is_refused(self, typed: str, ask: Ask, outbox: Posted, reading: Reads) -> None:
        with pytest.raises(Refusal, match="correct format") as refused:
            ask(typed)
        assert refused.value.field == "email"
        assert (outbox(), count(reading, SignIn)) == ([], 0)


class TestTooManyRequests:
    def test_for_one_address_send_five_mails_and_leave_the_newest_link_alive(
        self, try_to_ask: Callable[..., accounts.Asked], ask: Ask, follow: Arrive, outbox: Posted
    ) -> None:
        newest = [ask() for _ in range(5)][-1]
        asked = try_to_ask(ADDRESS.upper(), browser="a stranger's", network="198.51.100.7")
        assert asked == accounts.Asked(None, network_is_busy=False)
        assert len(outbox("sign_in")) == 5
        assert follow(newest)

    def test_that_come_at_once_send_five_mails_too(
        self, try_to_ask: Callable[..., accounts.Asked], outbox: Posted
    ) -> None:
        at_once(10, lambda number: try_to_ask(browser=f"browser {number}"))
        assert len(outbox("sign_in")) == 5

    def test_for_one_address_do_not_stop_another(self, ask: Ask) -> None:
        for _ in range(5):
            ask()
        assert ask("ben@council.example")

    def test_are_forgotten_after_fifteen_minutes(self, ask: Ask, clock: FixedClock) -> None:
        for _ in range(5):
            ask()
        clock.move(timedelta(minutes=15))
        assert ask()

    def test_do_not_include_links_that_an_operator_made(self, work: Working, ask: Ask) -> None:
        for _ in range(5):
            with work() as unit:
                accounts.make_sign_in_link(unit, email=ADDRESS)
        assert ask()

    def test_from_one_network_are_an_outcome_and_do_not_stop_other_networks(
        self, work: Working, try_to_ask: Callable[..., accounts.Asked], outbox: Posted, clock: FixedClock
    ) -> None:
        with work(VISITOR) as unit:
            for number in range(300):
                asked = accounts.ask_to_sign_in(
                    unit, email=f"p{number}@council.example", next_path="/", browser=HERE, network="192.0.2.1"
                )
                assert asked.sign_in
        assert try_to_ask() == accounts.Asked(None, network_is_busy=True)
        assert len(outbox("sign_in")) == 300
        assert try_to_ask(network="192.0.2.2").sign_in
        clock.move(timedelta(minutes=15))
        assert try_to_ask().sign_in

    def test_leave_no_network_address_behind(self, ask: Ask) -> None:
        assert "192.0.2.1" not in (ask(network="192.0.2.1").asked_from or "")


class TestWhoArrives:
    def test_asking_alone_makes_nobody(self, ask: Ask, enter: Arrive, reading: Reads) -> None:
        asked = ask()
        enter(asked, wrong_for(asked))
        assert (count(reading, Person), count(reading, Account)) == (0, 0)

    def test_is_new_once_and_has_a_first_guess_at_a_name(self, ask: Ask, follow: Arrive, reading: Reads) -> None:
        arrival = follow(ask("mary-jane.o_neill2@council.example"))
        assert (arrival.is_new, arrival.session_epoch) == (True, 0)
        with reading() as read:
            person = read.session.get_one(Person, arrival.person_id)
            account = read.session.get_one(Account, arrival.person_id)
        assert (person.name, person.email) == ("Mary Jane O Neill", "mary-jane.o_neill2@council.example")
        assert (person.timezone, account.email_verified_at) == ("Europe/London", START)
        assert not follow(ask("mary-jane.o_neill2@council.example")).is_new

    def test_becomes_the_person_whom_staff_entered_only_after_confirming(
        self, make: Make, ask: Ask, follow: Arrive, reading: Reads
    ) -> None:
        entered = make.person("Amina Yusuf-Khan", ADDRESS)
        asked = ask()
        assert count(reading, Account) == 0
        arrival = follow(asked)
        assert (arrival.person_id, arrival.is_new) == (entered.id, False)
        with reading() as read:
            assert read.session.get_one(Account, entered.id).email_verified_at == START
            assert read.session.get_one(Person, entered.id).name == "Amina Yusuf-Khan"

    def test_keeps_the_day_on_which_the_address_was_first_confirmed(
        self, ask: Ask, follow: Arrive, clock: FixedClock, reading: Reads
    ) -> None:
        follow(ask())
        clock.move(timedelta(days=3))
        arrival = follow(ask())
        with reading() as read:
            assert read.session.get_one(Account, arrival.person_id).email_verified_at == START


Save = Callable[..., Person]


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", ADDRESS)


@pytest.fixture
def save(work: Working, amina: Person) -> Save:
    """Amina saves her profile; what is not named is left empty."""

    def saved(**values: object) -> Person:
        empty: dict[str, object] = {
            "name": "Amina Yusuf",
            "phone": None,
            "prefers": Channel.EMAIL,
            "timezone": "Europe/London",
            "needs": None,
            "sector": None,
            "role_title": None,
        }
        with work(Actor(amina.id)) as unit:
            return accounts.save_profile(unit, **{**empty, **values})  # type: ignore[arg-type]

    return saved


@pytest.fixture
def own(reading: Reads, amina: Person) -> Callable[[], queries.OwnProfile]:
    def profile() -> queries.OwnProfile:
        with reading(Actor(amina.id)) as read:
            return queries.own_profile(read)

    return profile


class TestAProfile:
    def test_shows_its_owner_what_they_saved(self, save: Save, own: Callable[[], queries.OwnProfile]) -> None:
        save(
            name="Amina 🙂 يوسف",
            phone="01632 960 001",
            prefers=Channel.PHONE,
            timezone="America/Toronto",
            needs="Step-free access",
            sector=Sector.HEALTH,
            role_title="Nurse",
        )
        found = own()
        assert (found.name, found.phone, found.prefers) == ("Amina 🙂 يوسف", "01632 960 001", Channel.PHONE)
        assert (found.timezone, found.needs) == ("America/Toronto", "Step-free access")
        assert (found.sector, found.role_title, found.organisation_id) == (Sector.HEALTH, "Nurse", None)

    def test_keeps_nothing_for_answers_left_empty(self, save: Save, own: Callable[[], queries.OwnProfile]) -> None:
        save(phone="01632 960 001", needs="Large print", sector=Sector.VCSE, role_title="Chair")
        save(phone="", needs="", sector=Sector.VCSE, role_title="")
        assert (own().phone, own().needs, own().role_title) == (None, None, None)

    @pytest.mark.parametrize("zone", ["", "Europe/Stevenage", "../etc/passwd", "europe/london"])
    def test_is_refused_with_a_time_zone_that_does_not_exist(
        self, zone: str, save: Save, own: Callable[[], queries.OwnProfile]
    ) -> None:
        with pytest.raises(Refusal) as refused:
            save(name="Somebody else", timezone=zone)
        assert refused.value.field == "timezone"
        assert own().name == "Amina Yusuf"

    @pytest.mark.parametrize("phone", [None, ""])
    def test_is_refused_without_a_number_to_call(
        self, phone: str | None, save: Save, own: Callable[[], queries.OwnProfile]
    ) -> None:
        with pytest.raises(Refusal) as refused:
            save(name="Somebody else", prefers=Channel.PHONE, phone=phone)
        assert refused.value.field == "phone"
        assert (own().name, own().prefers) == ("Amina Yusuf", Channel.EMAIL)

    def test_belongs_to_somebody(self, work: Working) -> None:
        for actor in (SYSTEM, VISITOR, Actor(999_999)):
            with pytest.raises(NotFound), work(actor) as unit:
                accounts.join_organisation(unit, organisation_id=None)

    @pytest.mark.parametrize(
        ("sector", "relation"),
        [
            (Sector.RESIDENT, Relation.SUPPORTED_BY),
            (Sector.COUNCILLOR, Relation.ELECTED_TO),
            (Sector.COUNCIL_OFFICER, Relation.WORKS_FOR),
        ],
    )
    def test_says_how_somebody_belongs(
        self, sector: Sector, relation: Relation, save: Save, reading: Reads, make: Make, work: Working, amina: Person
    ) -> None:
        save(sector=sector)
        with work(Actor(amina.id)) as unit:
            accounts.join_organisation(unit, organisation_id=make.organisation().id)
        assert [item.relation for item in affiliations(reading)] == [relation]


def affiliations(reading: Reads) -> Sequence[Affiliation]:
    with reading() as read:
        return read.session.scalars(select(Affiliation).order_by(Affiliation.id)).all()


def spells(reading: Reads) -> list[tuple[int | None, date, date | None]]:
    return [(item.organisation_id, item.from_on, item.to_on) for item in affiliations(reading)]


class TestAnOrganisation:
    @pytest.fixture
    def join(self, work: Working, amina: Person) -> Callable[[int | None], None]:
        def joined(organisation_id: int | None) -> None:
            with work(Actor(amina.id)) as unit:
                accounts.join_organisation(unit, organisation_id=organisation_id)

        return joined

    def test_is_left_with_a_date_when_somebody_moves(
        self, join: Callable[[int | None], None], save: Save, make: Make, reading: Reads, clock: FixedClock
    ) -> None:
        old, new = make.organisation(), make.organisation()
        save(sector=Sector.COUNCILLOR, role_title="Deputy leader")
        join(old.id)
        clock.move(timedelta(days=30))
        join(new.id)
        first, moved = START.date(), date(2026, 4, 1)
        assert spells(reading) == [(old.id, first, moved), (new.id, moved, None)]
        assert [(item.sector, item.role_title) for item in affiliations(reading)] == [
            (Sector.COUNCILLOR, "Deputy leader")
        ] * 2

    def test_chosen_again_changes_nothing(
        self, join: Callable[[int | None], None], make: Make, reading: Reads, clock: FixedClock
    ) -> None:
        organisation = make.organisation()
        join(organisation.id)
        clock.move(timedelta(days=30))
        join(organisation.id)
        assert spells(reading) == [(organisation.id, START.date(), None)]

    def test_may_be_none_and_chosen_later(
        self, join: Callable[[int | None], None], make: Make, reading: Reads, clock: FixedClock
    ) -> None:
        organisation = make.organisation()
        join(organisation.id)
        join(None)
        assert spells(reading)[-1] == (None, START.date(), None)
        join(organisation.id)
        assert spells(reading)[-1][0] == organisation.id
        assert sum(to_on is None for _, _, to_on in spells(reading)) == 1

    def test_that_is_unknown_is_refused(self, join: Callable[[int | None], None], make: Make, reading: Reads) -> None:
        organisation = make.organisation()
        join(organisation.id)
        with pytest.raises(Refusal) as refused:
            join(organisation.id + 1)
        assert refused.value.field == "organisation"
        assert spells(reading) == [(organisation.id, START.date(), None)]

    def test_chosen_twice_at_once_is_joined_once(
        self, join: Callable[[int | None], None], make: Make, reading: Reads
    ) -> None:
        organisation = make.organisation()
        assert at_once(4, lambda _: join(organisation.id)) == [None] * 4
        assert spells(reading) == [(organisation.id, START.date(), None)]


Grants = Callable[..., bool]


@pytest.fixture
def grant(work: Working, make: Make) -> Grants:
    """An admin grants; there are a programme, a visit and an organisation to grant it for."""
    make.visit(programme=make.programme("policy-lab"), slug="hub")
    make.organisation(slug="stevenage")
    chief = make.actor(make.admin("Chief"))

    def granted(role: Role, email: str = ADDRESS, actor: Actor = chief, **scope: str) -> bool:
        with work(actor) as unit:
            return accounts.grant(unit, email=email, role=role, **scope)

    return granted


PROGRAMME, EVENT, ORGANISATION = (
    {"programme_slug": "policy-lab"},
    {"event_slug": "hub"},
    {"organisation_slug": "stevenage"},
)


def held_by(reading: Reads, email: str = ADDRESS) -> list[tuple[Role, bool, bool, bool]]:
    """Live grants: the role, and whether it is for a programme, an event or an organisation."""
    live = select(RoleGrant).join(Person, Person.id == RoleGrant.person_id)
    with reading() as read:
        rows = read.session.scalars(live.where(Person.email == email, RoleGrant.revoked_at.is_(None))).all()
    return [(row.role, bool(row.programme_id), bool(row.event_id), bool(row.organisation_id)) for row in rows]


class TestAGrant:
    @pytest.mark.parametrize("scope", [{}, PROGRAMME])
    def test_of_an_admin_may_go_without_a_scope(self, scope: dict[str, str], grant: Grants, reading: Reads) -> None:
        assert grant(Role.ADMIN, **scope)
        assert held_by(reading) == [(Role.ADMIN, bool(scope), False, False)]

    @pytest.mark.parametrize("role", [Role.FACILITATOR, Role.HOST, Role.REVIEWER, Role.EVALUATOR])
    def test_of_staff_is_for_a_programme_or_an_event(self, role: Role, grant: Grants, reading: Reads) -> None:
        assert grant(role, **PROGRAMME)
        assert grant(role, **EVENT)
        assert held_by(reading) == [(role, True, False, False), (role, False, True, False)]

    def test_of_a_lead_is_for_an_organisation(self, grant: Grants, reading: Reads) -> None:
        assert grant(Role.LEAD, **ORGANISATION)
        assert held_by(reading) == [(Role.LEAD, False, False, True)]

    @pytest.mark.parametrize(
        ("role", "scope"),
        [
            *((role, {}) for role in Role if role is not Role.ADMIN),
            *((role, ORGANISATION) for role in Role if role is not Role.LEAD),
            (Role.LEAD, PROGRAMME),
            (Role.LEAD, EVENT),
            (Role.HOST, PROGRAMME | EVENT),
            (Role.ADMIN, PROGRAMME | EVENT),
            (Role.LEAD, PROGRAMME | ORGANISATION),
            (Role.HOST, {"programme_slug": ""}),
        ],
    )
    def test_with_another_scope_is_refused(
        self, role: Role, scope: dict[str, str], grant: Grants, reading: Reads
    ) -> None:
        with pytest.raises(Refusal):
            grant(role, **scope)
        assert held_by(reading) == []

    @pytest.mark.parametrize(
        ("role", "scope"),
        [
            (Role.HOST, {"programme_slug": "no-such-programme"}),
            (Role.HOST, {"event_slug": "no-such-event"}),
            (Role.LEAD, {"organisation_slug": "no-such-council"}),
        ],
    )
    def test_for_something_unknown_is_refused_and_makes_nobody(
        self, role: Role, scope: dict[str, str], grant: Grants, reading: Reads
    ) -> None:
        before = count(reading, Person)
        with pytest.raises(Refusal, match="no-such-"):
            grant(role, **scope)
        assert count(reading, Person) == before

    def test_makes_a_person_and_no_account(self, grant: Grants, ask: Ask, follow: Arrive, reading: Reads) -> None:
        accounts_before = count(reading, Account)
        grant(Role.HOST, " Amina@Council.Example ", **EVENT)
        assert held_by(reading)
        assert count(reading, Account) == accounts_before
        assert not follow(ask()).is_new

    def test_given_twice_is_held_once(self, grant: Grants, reading: Reads) -> None:
        assert [grant(Role.ADMIN), grant(Role.ADMIN)] == [True, False]
        assert [grant(Role.HOST, **EVENT), grant(Role.HOST, **EVENT)] == [True, False]
        assert len(held_by(reading)) == 2

    def test_is_given_by_admins_of_the_whole_service_only(self, grant: Grants, make: Make, reading: Reads) -> None:
        local, lead = make.account("Local admin"), make.account("Lead")
        make.grant(local, Role.ADMIN, programme=make.programme("policy-lab"))
        make.grant(lead, Role.LEAD, organisation=make.organisation())
        for actor in (VISITOR, make.actor(make.account()), make.actor(local), make.actor(lead)):
            with pytest.raises(NotFound):
                grant(Role.HOST, actor=actor, **PROGRAMME)
        assert held_by(reading) == []


class TestRevoking:
    @pytest.fixture
    def revoke(self, work: Working) -> Callable[..., None]:
        def revoked(grant: RoleGrant, actor: Actor = SYSTEM) -> None:
            with work(actor) as unit:
                accounts.revoke(unit, grant_id=grant.id)

        return revoked

    def test_ends_one_grant_and_leaves_the_others(self, revoke: Callable[..., None], make: Make, amina: Person) -> None:
        visit = make.visit()
        host = make.grant(amina, Role.HOST, event=visit)
        make.grant(amina, Role.EVALUATOR, programme=make.programme())
        revoke(host)
        assert [item.role for item in make.actor(amina).grants] == [Role.EVALUATOR]

    def test_lets_the_role_be_granted_again(
        self, revoke: Callable[..., None], grant: Grants, make: Make, reading: Reads
    ) -> None:
        grant(Role.HOST, **EVENT)
        with reading() as read:
            given = read.session.scalars(select(RoleGrant).where(RoleGrant.role == Role.HOST)).one()
        revoke(given)
        assert held_by(reading) == []
        assert grant(Role.HOST, **EVENT)

    def test_happens_once(self, revoke: Callable[..., None], make: Make, amina: Person) -> None:
        given = make.grant(amina, Role.HOST, event=make.visit())
        revoke(given)
        with pytest.raises(NotFound):
            revoke(given)

    def test_is_for_admins_of_the_whole_service(self, revoke: Callable[..., None], make: Make, amina: Person) -> None:
        given = make.grant(amina, Role.ADMIN, programme=make.programme())
        for actor in (VISITOR, make.actor(amina)):
            with pytest.raises(NotFound):
                revoke(given, actor)

    def test_never_takes_away_the_last_admin(self, revoke: Callable[..., None], make: Make, amina: Person) -> None:
        first = make.grant(amina, Role.ADMIN)
        make.grant(make.account(), Role.ADMIN, programme=make.programme())
        with pytest.raises(Refusal, match="last admin"):
            revoke(first)
        second = make.grant(make.account(), Role.ADMIN)
        revoke(first)
        with pytest.raises(Refusal, match="last admin"):
            revoke(second)

    def test_at_once_leaves_one_admin(
        self, revoke: Callable[..., None], make: Make, amina: Person, reading: Reads
    ) -> None:
        grants = [make.grant(amina, Role.ADMIN), make.grant(make.account(), Role.ADMIN)]
        came = at_once(2, lambda number: revoke(grants[number]))
        assert {type(item) for item in came} == {type(None), Refusal}


class TestSigningOutEverywhere:
    def test_ends_every_session_of_that_person_only(
        self, ask: Ask, follow: Arrive, work: Working, reading: Reads
    ) -> None:
        mine, other = follow(ask()), follow(ask("ben@council.example"))
        with work(Actor(mine.person_id)) as unit:
            accounts.sign_out_everywhere(unit)
        still_in = partial(signed_in, reading)
        assert not still_in(mine)
        assert still_in(other)
        assert still_in(follow(ask()))

    def test_by_nobody_ends_no_session(self, ask: Ask, follow: Arrive, work: Working, reading: Reads) -> None:
        mine = follow(ask())
        with work(VISITOR) as unit:
            accounts.sign_out_everywhere(unit)
        assert signed_in(reading, mine)


def signed_in(reading: Reads, arrival: accounts.Arrival) -> bool:
    with reading() as read:
        return read.session.get_one(Account, arrival.person_id).session_epoch == arrival.session_epoch
