"""No form acts for somebody who did not send it."""

import pytest
from flask import Flask
from flask_wtf import CSRFProtect

from tests.rules.conftest import World
from tests.rules.walks import addresses, rules
from tests.support.browse import Browse
from tests.support.make import Make

EXEMPT = {"cop.blueprints.messages.unsubscribe"}
"""Views that act on a POST from anywhere: one-click unsubscribe (RFC 8058), and nothing else. It takes the body that
mail programs send and asks for the token wherever anything else is posted, which the walk below shows."""


def exempt(app: Flask) -> set[str]:
    protection = app.extensions["csrf"]
    return {*protection._exempt_views, *(str(blueprint) for blueprint in protection._exempt_blueprints)}


@pytest.mark.parametrize("visitor", ["signed out", "admin"])
def test_a_post_without_its_token_is_refused(visitor: str, app: Flask, make: Make, world: World) -> None:
    who = world.visitors[visitor]
    tried = 0
    for rule in rules(app, "POST"):
        for address in addresses(rule, world):
            browse = Browse(app, make)
            if who is not None:
                browse.sign_in(who)
            assert browse.post(address, csrf=False, follow=False).status == 403, address
            tried += 1
    assert tried


def test_a_token_of_somebody_else_is_refused(browse: Browse) -> None:
    stolen = browse.another()._csrf_token()
    page = browse.post("/sign-out", {"csrf_token": stolen}, csrf=False, follow=False)
    assert page.status == 403


def test_nothing_is_exempt_that_is_not_in_the_list(app: Flask) -> None:
    assert exempt(app) == EXEMPT


def test_an_exemption_is_noticed() -> None:
    app = Flask("exempt")
    CSRFProtect(app).exempt("somewhere.act")
    assert exempt(app) == {"somewhere.act"}
