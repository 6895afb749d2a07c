"""Second factors in a real browser: an app without scripts on a narrow screen, and a passkey of a virtual device."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urljoin

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Browser, CDPSession, Page
from werkzeug.serving import BaseWSGIServer

from cop.models.accounts import Person
from cop.services.factors import STEP_SECONDS
from cop.web.second_factor import FRESH_SECONDS
from tests.browser.conftest import PATIENCE_MILLISECONDS, Visitor
from tests.support import chromium
from tests.support.make import Make
from tests.support.pages import follow, heading, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def cookie(app: Flask, make: Make, person: Person, second_seconds_ago: int | None = None) -> str:
    """Of a session without a second factor, or with one that was given so long ago."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    seen = int(time.time())  # noqa: TID251  sessions stay on real time
    epoch, device = make.account_of(person).session_epoch, make.device_of(person)
    said = {"_user_id": f"{person.id}.{epoch}", "_fresh": True, "_permanent": True, "seen": seen, "device": device}
    if second_seconds_ago is not None:
        said["second"] = seen - second_seconds_ago
    return str(signer.dumps(said))


def signed_in(page: Page, value: str) -> Page:
    page.context.add_cookies([{"name": "cop", "value": value, "url": urljoin(page.url, "/")}])
    return page


def code(secret: str, steps: int) -> str:
    return str(pyotp.TOTP(secret).at(int(time.time()) + steps * STEP_SECONDS))  # noqa: TID251  real time


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_staff_set_up_an_app_and_give_its_code(
    app: Flask,
    make: Make,
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    width: int,
    javascript: bool,  # noqa: FBT001
) -> None:
    admin = make.admin()
    page = visitor(width=width, javascript=javascript)
    page.goto("/")
    signed_in(page, cookie(app, make, admin)).goto("/admin/people/")
    assert heading(page) == "Set up a second factor"
    check_page(page)
    shoot(page, f"second-factor-begin-{width}")
    press(page, "Set up an app")
    check_page(page)
    shoot(page, f"second-factor-app-{width}")
    secret = "".join(page.locator(".cop-address").inner_text().split()).removeprefix("Key:")
    page.get_by_label("Code that the app shows").fill(code(secret, 0))
    press(page, "Continue")
    assert heading(page) == "Recovery codes"
    check_page(page)
    press(page, "Show me ten codes")
    assert page.locator("ol code").count() == 10
    recovery = page.locator("ol code").first.inner_text()
    check_page(page)
    shoot(page, f"second-factor-codes-{width}")
    press(page, "I have kept them")
    assert heading(page) == "People"

    another = visitor(width=width, javascript=javascript)
    another.goto("/")
    signed_in(another, cookie(app, make, admin)).goto("/admin/people/")
    assert heading(another) == "Confirm that it is you"
    check_page(another)
    another.get_by_label("Code").fill("no-such-code")
    press(another, "Continue")
    assert "This code is wrong" in another.inner_text(".govuk-error-summary")
    check_page(another)
    shoot(another, f"second-factor-confirm-{width}")
    another.get_by_label("Code").fill(recovery)
    press(another, "Continue")
    assert heading(another) == "People"

    another.goto("/account/security")
    assert "You have 9 recovery codes that were not used." in another.inner_text("main")
    check_page(another)
    shoot(another, f"second-factor-security-{width}")
    press(another, "Sign out all others")
    assert "1 other device is signed out." in another.inner_text("main")
    page.reload()
    assert heading(page) == "Sign in or join"


@pytest.fixture
def at_a_name(
    app: Flask,
    browser: Browser,
    server: BaseWSGIServer,
    consoles: dict[Page, chromium.Console],
) -> Iterator[Callable[[], Page]]:
    """Pages at a name and not at a number, to which browsers bind passkeys."""
    ports = app.extensions["cop"]
    before, address = ports.settings, f"http://localhost:{server.port}"
    ports.settings = replace(before, base_url=address)
    contexts = []

    def arrive() -> Page:
        context = browser.new_context(base_url=address, locale="en-GB", reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        contexts.append(context)
        page = context.new_page()
        consoles[page] = chromium.Console(page, javascript=True)
        page.goto("/")
        return page

    yield arrive
    for context in contexts:
        context.close()
    ports.settings = before


class Key:
    """A device with a finger on it, that Chromium believes to be there."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self.name = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def is_of_its_owner(self, *, yes: bool) -> None:
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.name, "isUserVerified": yes})


def test_staff_set_up_a_passkey_and_give_it_again_before_a_heavy_act(
    app: Flask, make: Make, at_a_name: Callable[[], Page], check_page: Check, shoot: Shoot
) -> None:
    admin, amina = make.admin(), make.account("Amina Yusuf")
    page = at_a_name()
    key = Key(page)
    signed_in(page, cookie(app, make, admin)).goto("/admin/people/")
    press(page, "Set up a passkey")
    assert heading(page) == "Add a passkey"
    check_page(page)
    page.get_by_label("Name of this passkey (optional)").fill("Work laptop")
    press(page, "Add a passkey")
    assert heading(page) == "Recovery codes"
    follow(page, "Go on without them")
    assert heading(page) == "People"

    signed_in(page, cookie(app, make, admin)).goto("/admin/people/")
    assert heading(page) == "Confirm that it is you"
    check_page(page)
    shoot(page, "second-factor-passkey-1280")
    key.is_of_its_owner(yes=False)
    page.get_by_role("button", name="Use a passkey").press("Enter")
    page.get_by_text("That did not work, or took too long.").wait_for()
    assert heading(page) == "Confirm that it is you"
    key.is_of_its_owner(yes=True)
    press(page, "Use a passkey")
    assert heading(page) == "People"

    old = cookie(app, make, admin, FRESH_SECONDS + 60)
    signed_in(page, old).goto(f"/admin/people/{amina.public_id}/grants")
    assert "within the last 15 minutes" in page.inner_text("main")
    press(page, "Use a passkey")
    assert heading(page) == "Give Amina Yusuf a role"


def test_where_a_browser_has_no_scripts_it_is_led_to_an_app(
    app: Flask, make: Make, visitor: Visitor, server: BaseWSGIServer
) -> None:
    ports = app.extensions["cop"]
    before = ports.settings
    ports.settings = replace(before, base_url=f"http://localhost:{server.port}")
    try:
        page = visitor(width=320, javascript=False)
        page.goto("/")
        signed_in(page, cookie(app, make, make.admin())).goto("/account/security/passkeys/new")
        assert not page.get_by_role("button", name="Add a passkey").is_visible()
        follow(page, "Use an app that shows codes")
        assert heading(page) == "Add an app that shows codes"
    finally:
        ports.settings = before
