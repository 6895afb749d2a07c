"""Signing in with an organisation's own account, against a provider that is a real process."""

import time
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import func, select

from cop.core.access import Role
from cop.models.accounts import Account, Person
from cop.models.audit import Audit
from cop.models.organisations import Organisation
from cop.models.outbox import Outbox
from cop.models.security import ExternalIdentity, IdentityProvider
from cop.services import identity_providers as services
from cop.web.second_factor import FRESH_SECONDS
from tests.support import identity
from tests.support.browse import Browse
from tests.support.make import Make, Working

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture(scope="module")
def process() -> Iterator[identity.Provider]:
    provider = identity.start()
    yield provider
    provider.stop()


@pytest.fixture
def council(make: Make) -> Organisation:
    return make.organisation("Harbour Council", domains=["harbour.example", "old-harbour.example"])


class Door:
    """The sign-in of the council, and a browser that goes through it."""

    def __init__(self, process: identity.Provider, browse: Browse, make: Make, work: Working, slug: str) -> None:
        self.process, self.browse, self._make, self._work, self._slug = process, browse, make, work, slug
        self.admin = make.admin()
        self.set_up()

    def set_up(self, *, counts: bool = False, issuer: str | None = None) -> None:
        with self._work(self._make.actor(self.admin)) as work:
            provider = services.save(
                work,
                slug=self._slug,
                name="your council account",
                issuer=issuer or self.process.issuer,
                client_id="cop",
                client_secret="secret",  # noqa: S106
                counts_as_second=counts,
            )
            self.public_id = provider.public_id

    def begin(self, browse: Browse | None = None, onward: str = "/account/bookings") -> str:
        """The address of the provider's page to which we send the browser."""
        path = f"/single-sign-on/{self.public_id}/begin?{urlencode({'next': onward})}"
        page = (browse or self.browse).get(path, follow=False)
        assert page.status == 302, page.text
        return page.location

    def back(self, subject: str, browse: Browse | None = None) -> str:
        """Where the provider sends the browser after this subject has signed in there."""
        parts = urlsplit(self.process.sign_in(self.begin(browse), subject))
        return f"{parts.path}?{parts.query}"

    def come(self, subject: str, **claims: object) -> Browse:
        self.process.known(subject, **claims)
        return self.browse.get(self.back(subject))


@pytest.fixture
def door(process: identity.Provider, browse: Browse, make: Make, work: Working, council: Organisation) -> Door:
    return Door(process, browse, make, work, council.slug)


FIELDS = {"name": "your council account", "client_id": "cop", "client_secret": "secret"}
AMINA = {"email": "Amina@harbour.example", "email_verified": True, "name": "Amina Yusuf"}


def ago(seconds: float) -> int:
    return int(time.time() - seconds)  # noqa: TID251  sessions stay on real time


def people(work: Working, email: str) -> Sequence[Person]:
    with work() as opened:
        return opened.session.scalars(select(Person).where(Person.email == email)).all()


def assert_refused(page: Browse, words: str = "") -> None:
    assert (page.status, page.heading) == (422, "You are not signed in")
    assert words in page.text
    assert not page.is_signed_in


class TestSomebodyOfTheOrganisation:
    def test_is_offered_it_by_their_address(self, door: Door, browse: Browse, outbox: Posted) -> None:
        page = browse.get("/sign-in?next=/plans/").submit(email="amina@harbour.example")
        assert page.heading == "How do you want to sign in?"
        link = page.soup.find("a", string="Sign in with your council account")
        assert link["href"].endswith("/begin?next=/plans/")  # type: ignore[index, union-attr]
        assert not outbox("sign_in")
        page.submit("Send a link to amina@harbour.example")
        assert page.heading == "Check your e-mail"
        assert len(outbox("sign_in")) == 1

    def test_of_another_is_not(self, door: Door, browse: Browse, make: Make) -> None:
        make.organisation("Hill Council", domains=["hill.example"])
        for address in ("ben@hill.example", "ben@sub.harbour.example", "harbour.example@elsewhere.example"):
            assert browse.get("/sign-in").submit(email=address).heading == "Check your e-mail"

    def test_is_made_the_first_time(self, door: Door, work: Working) -> None:
        page = door.come("amina-1", **AMINA)
        assert (page.heading, page.is_signed_in) == ("About you", True)
        person = people(work, "amina@harbour.example")[0]
        assert person.name == "Amina Yusuf"
        with work() as opened:
            assert opened.session.get(Account, person.id) is not None
            linked = opened.session.scalars(select(ExternalIdentity)).one()
        assert (linked.subject, linked.person_id) == ("amina-1", person.id)

    def test_who_is_known_keeps_their_account(self, door: Door, make: Make, work: Working) -> None:
        known = make.account("Amina", "amina@harbour.example")
        page = door.come("amina-2", **AMINA)
        assert (page.path, page.is_signed_in) == ("/account/bookings", True)
        assert [person.name for person in people(work, "amina@harbour.example")] == ["Amina"]
        with work() as opened:
            assert opened.session.scalars(select(ExternalIdentity.person_id)).all() == [known.id]

    def test_is_known_by_their_number_after_a_new_address(self, door: Door, work: Working) -> None:
        door.come("amina-3", **AMINA)
        person = people(work, "amina@harbour.example")[0]
        door.come("amina-3", **{**AMINA, "email": "amina.married@harbour.example"})
        assert people(work, "amina.married@harbour.example") == []
        with work() as opened:
            assert opened.session.scalars(select(ExternalIdentity.person_id)).all() == [person.id]

    def test_goes_where_they_wanted_and_nowhere_else(self, door: Door, make: Make) -> None:
        make.account("Amina", "amina@harbour.example")
        door.process.known("amina-4", **AMINA)
        for onward in ("//evil.example/", "https://evil.example/"):
            parts = urlsplit(door.process.sign_in(door.begin(onward=onward), "amina-4"))
            assert door.browse.get(f"{parts.path}?{parts.query}").path == "/account"

    def test_is_asked_with_a_proof_and_words_of_ours(self, door: Door) -> None:
        first, second = (parse_qs(urlsplit(door.begin()).query) for _ in range(2))
        assert first["redirect_uri"] == ["http://localhost/single-sign-on/back"]
        assert (first["code_challenge_method"], first["response_type"]) == (["S256"], ["code"])
        for name in ("state", "nonce", "code_challenge"):
            assert len(first[name][0]) >= 32
            assert first[name] != second[name]


class TestNobodyElse:
    @pytest.mark.parametrize(
        ("claims", "words"),
        [
            ({"email": "amina@elsewhere.example", "email_verified": True}, "not one of its own"),
            ({"email": "amina@sub.harbour.example", "email_verified": True}, "not one of its own"),
            ({"email": "amina@harbour.example@elsewhere.example", "email_verified": True}, "correct format"),
            ({"email": "amina@harbour.example", "email_verified": False}, "has not verified"),
            ({"email": "amina@harbour.example", "email_verified": "true"}, "has not verified"),
            ({"email": "amina@harbour.example"}, "has not verified"),
            ({"email_verified": True}, "correct format"),
            ({"email": ["amina@harbour.example"], "email_verified": True}, "correct format"),
        ],
    )
    def test_is_let_in(self, claims: dict[str, object], words: str, door: Door, make: Make, work: Working) -> None:
        make.account("Amina", "amina@elsewhere.example")
        assert_refused(door.come("stranger", **claims), words)
        with work() as opened:
            assert opened.session.scalar(select(func.count()).select_from(ExternalIdentity)) == 0

    def test_who_left_the_organisation_is_let_in_by_it(self, door: Door, work: Working) -> None:
        door.come("amina-5", **AMINA)
        door.browse.get("/sign-out").submit()
        with work() as opened:
            person = opened.session.scalars(select(Person).where(Person.email == "amina@harbour.example")).one()
            person.email = "amina@home.example"
        assert_refused(door.come("amina-5", **AMINA), "not one of its own")

    def test_is_let_in_with_the_address_of_somebody_before_them(self, door: Door) -> None:
        door.come("amina-6", **AMINA)
        door.browse.get("/sign-out").submit()
        assert_refused(door.come("amina-7", **AMINA), "belongs to somebody else")

    def test_is_let_in_for_a_state_that_is_not_theirs(self, door: Door) -> None:
        door.process.known("amina-8", **AMINA)
        path = door.back("amina-8")
        stranger = door.browse.another()
        assert_refused(stranger.get(path))  # the link of somebody else, in a browser that began nothing
        door.begin(stranger)
        assert_refused(stranger.get(path))  # or that began something else
        state = parse_qs(urlsplit(path).query)["state"][0]
        forged = f"{state[:10]}{'a' if state[10] != 'a' else 'b'}{state[11:]}"
        assert_refused(door.browse.get(path.replace(state, forged)))
        assert_refused(door.browse.get(path))  # one try is all

    def test_is_let_in_for_a_nonce_that_is_not_theirs(self, door: Door) -> None:
        door.process.known("amina-9", **AMINA)
        path = door.back("amina-9")
        with door.browse.client.session_transaction() as session:
            session["single_sign_on"] = {**session["single_sign_on"], "nonce": "of another"}
        assert_refused(door.browse.get(path))

    def test_is_let_in_a_second_time_by_the_same_code(self, door: Door) -> None:
        door.process.known("amina-10", **AMINA)
        path = door.back("amina-10")
        cookie = door.browse.client.get_cookie("cop")
        assert cookie is not None
        assert door.browse.get(path).is_signed_in
        door.browse.client.set_cookie("cop", cookie.value)  # as if it had not been used yet
        assert_refused(door.browse.get(path))

    def test_is_let_in_who_said_no(self, door: Door) -> None:
        parts = urlsplit(door.process.sign_in(door.begin(), "amina-11", action="deny"))
        assert "error=access_denied" in parts.query
        state = door.browse.get("/single-sign-on/back?error=access_denied&state=x")
        assert_refused(state)

    @pytest.mark.parametrize("query", ["", "?code=1", "?state=1", "?code=1&state=1", "?code=é&state=é"])
    def test_is_let_in_without_having_begun(self, query: str, browse: Browse) -> None:
        assert_refused(browse.get(f"/single-sign-on/back{query}"))

    def test_is_let_in_by_a_provider_that_was_ended(self, door: Door, work: Working, council: Organisation) -> None:
        door.process.known("amina-12", **AMINA)
        path = door.back("amina-12")
        with work() as opened:
            services.close(opened, slug=council.slug)
        assert door.browse.get(path).status == 404
        assert door.browse.get(f"/single-sign-on/{door.public_id}").status == 404


class TestASecondFactor:
    def test_is_asked_of_staff(self, door: Door, make: Make) -> None:
        make.grant(make.account("Amina", "amina@harbour.example"), Role.ADMIN)
        assert door.come("amina-13", **AMINA).heading == "Set up a second factor"

    def test_is_the_organisations_own_where_that_counts(self, door: Door, make: Make) -> None:
        make.grant(make.account("Amina", "amina@harbour.example"), Role.ADMIN)
        door.set_up(counts=True)
        assert door.come("amina-14", **AMINA).path == "/account/bookings"
        assert door.browse.get("/admin/people/").heading == "People"

    def heavy(self, door: Door, make: Make, council: Organisation, subject: str, **claims: object) -> Browse:
        """What an admin without a factor of their own sees where a heavy act begins."""
        make.grant(make.account("Amina", "amina@harbour.example"), Role.ADMIN)
        door.set_up(counts=True)
        door.come(subject, **{**AMINA, **claims})
        return door.browse.get(f"/admin/organisations/{council.slug}/single-sign-on")

    def test_of_the_organisation_is_as_fresh_as_the_sign_in_there(
        self, door: Door, make: Make, council: Organisation
    ) -> None:
        assert self.heavy(door, make, council, "amina-16", auth_time=ago(60)).heading != "Sign in again"
        assert door.browse.path == f"/admin/organisations/{council.slug}/single-sign-on"

    def test_of_the_organisation_is_given_again_there(self, door: Door, make: Make, council: Organisation) -> None:
        page = self.heavy(door, make, council, "amina-17", auth_time=ago(FRESH_SECONDS + 60))
        assert page.heading == "Sign in again"
        link = page.soup.find("a", string="Sign in again with your council account")["href"]  # type: ignore[index]
        there = page.get(str(link), follow=False).location
        asked = parse_qs(urlsplit(there).query)
        assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
        door.process.known("amina-17", **AMINA, auth_time=ago(FRESH_SECONDS + 60))
        parts = urlsplit(door.process.sign_in(there, "amina-17"))  # which asked them for nothing
        assert page.get(f"{parts.path}?{parts.query}").heading == "Sign in again"
        door.process.known("amina-17", **AMINA, auth_time=ago(0))
        parts = urlsplit(door.process.sign_in(page.get(str(link), follow=False).location, "amina-17"))
        page.get(f"{parts.path}?{parts.query}")
        assert page.path == f"/admin/organisations/{council.slug}/single-sign-on"

    @pytest.mark.parametrize("said", [None, -1])
    def test_without_a_time_is_never_fresh(
        self, said: int | None, door: Door, make: Make, council: Organisation
    ) -> None:
        page = self.heavy(door, make, council, "amina-18", auth_time=said)
        assert page.heading == "Sign in again"
        for way in ("app/begin", "passkeys/new/options"):  # nor does a new one make it so
            assert page.post(f"/account/security/{way}").heading == "Sign in again"

    def test_of_ones_own_is_set_up_once_the_organisations_counts_no_more(
        self, door: Door, make: Make, council: Organisation
    ) -> None:
        page = self.heavy(door, make, council, "amina-19", auth_time=None)
        door.set_up(counts=False)
        assert page.get(f"/admin/organisations/{council.slug}/single-sign-on").heading == "Set up a second factor"


class TestSettingItUp:
    def edit(self, browse: Browse, council: Organisation) -> Browse:
        return browse.get(f"/admin/organisations/{council.slug}").click("Its own sign-in")

    def test_is_done_and_tried_by_admins(
        self, browse: Browse, make: Make, council: Organisation, process: identity.Provider, work: Working
    ) -> None:
        page = self.edit(browse.sign_in(make.admin()), council)
        assert "harbour.example, old-harbour.example" in page.text
        page.submit("Save", issuer=process.issuer, **FIELDS)
        assert page.soup.select_one("#client_secret").get("value", "") == ""  # type: ignore[union-attr]
        assert page.submit("Ask the provider").heading == "The provider answers"
        with work() as opened:
            told = opened.session.scalars(select(Audit).where(Audit.subject_kind == "organisation")).all()
            secrets = opened.session.connection().exec_driver_sql("SELECT client_secret FROM identity_provider")
            kept = bytes(secrets.scalar_one())
        assert told
        assert b"secret" not in kept

    def test_says_what_is_wrong_with_a_provider(self, browse: Browse, make: Make, council: Organisation) -> None:
        page = self.edit(browse.sign_in(make.admin()), council)
        page.submit("Save", issuer="http://127.0.0.1:1", **FIELDS)
        page.submit("Ask the provider")
        assert (page.status, "it does not answer" in page.text) == (422, True)
        public_id = page.get(f"/admin/organisations/{council.slug}/single-sign-on").status
        assert public_id == 200

    def test_keeps_the_secret_that_is_not_typed_again(
        self, browse: Browse, make: Make, council: Organisation, process: identity.Provider, work: Working
    ) -> None:
        page = self.edit(browse.sign_in(make.admin()), council).submit("Save", issuer=process.issuer, **FIELDS)
        page.submit("Save", name="another name")
        with work() as opened:
            kept = opened.session.scalars(select(IdentityProvider)).one()
        assert (kept.name, kept.client_secret) == ("another name", "secret")
        page.submit("Save", issuer="https://login.harbour.example")
        assert page.errors == ["Enter the secret that the provider gave you"]

    def test_at_another_provider_begins_anew(self, door: Door, work: Working) -> None:
        door.come("amina-15", **AMINA)
        door.set_up(issuer="https://login.harbour.example")
        with work() as opened:
            kept = opened.session.scalars(select(IdentityProvider).order_by(IdentityProvider.id)).all()
        assert [one.closed_at is None for one in kept] == [False, True]

    @pytest.mark.parametrize(
        "issuer",
        [
            "login.harbour.example",
            "http://login.harbour.example",
            "ftp://login.harbour.example",
            "https://",
            "https://user@login.harbour.example",
            "https://login.harbour.example:0",
            "https://login.harbour.example/?a=b",
            "https://[",
            "javascript:alert(1)",
        ],
    )
    def test_takes_safe_addresses_only(self, issuer: str, browse: Browse, make: Make, council: Organisation) -> None:
        page = self.edit(browse.sign_in(make.admin()), council).submit("Save", issuer=issuer, **FIELDS)
        assert page.errors == ["Enter the provider’s address, like https://login.council.example"]

    def test_needs_domains(self, browse: Browse, make: Make) -> None:
        bare = make.organisation("Bare Council")
        page = self.edit(browse.sign_in(make.admin()), bare)
        page.submit("Save", issuer="https://login.bare.example", **FIELDS)
        assert "Enter the e-mail domains" in page.errors[0]

    def test_is_for_admins_of_the_service(self, browse: Browse, make: Make, council: Organisation) -> None:
        facilitator = make.account()
        make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
        for path in ("", "/close", "/try"):
            page = browse.sign_in(facilitator).post(f"/admin/organisations/{council.slug}/single-sign-on{path}")
            assert page.status == 404

    def test_can_be_ended(self, door: Door, council: Organisation) -> None:
        page = door.browse.sign_in(door.admin).get(f"/admin/organisations/{council.slug}/single-sign-on")
        page.click("End this sign-in").submit("End it")
        assert page.get("/sign-out").submit().get("/sign-in").submit(email="amina@harbour.example").heading == (
            "Check your e-mail"
        )
        assert door.browse.get(f"/single-sign-on/{door.public_id}").status == 404
