"""Nothing that asks for a grant opens to somebody who needs a second factor and has not given it."""

import time

import pytest
from flask import Flask

from cop.core.access import Actor, Role
from cop.web.second_factor import FRESH_SECONDS
from tests.rules.conftest import Lasting, World
from tests.rules.walks import ANSWERS, access_of, addresses, fault, rules
from tests.support.browse import Browse
from tests.support.make import Make

STAFF = ("facilitator", "reviewer", "evaluator", "programme admin", "admin")
CONFIRM = "/account/security/confirm?next="


def walk(app: Flask, make: Make, world: World, visitor: str, method: str) -> list[str]:
    """Every address that needs a grant, without the second factor; what was answered that should not have been."""
    who = world.visitors[visitor]
    assert who is not None
    without, held = Actor(who.id), make.actor(who)
    wrong, asked, browse = [], 0, Browse(app, make).sign_in(who, second_factor=False)
    for rule in rules(app, method):
        access = access_of(app, rule)
        if access.by_token or access.allows(without):
            continue
        for address in addresses(rule, world)[:1]:
            page = browse.get(address, follow=False) if method == "GET" else browse.post(address, follow=False)
            is_asked = page.status == 302 and page.location.startswith(CONFIRM)
            right = is_asked if access.allows(held) else page.status == 404
            asked += is_asked
            wrong += [] if right else [f"{method} {address} ({rule.endpoint}): {page.status}"]
    assert asked
    return wrong


@pytest.mark.parametrize("visitor", STAFF)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_door_of_staff_opens_without_it(method: str, visitor: str, lasting: Lasting) -> None:
    """A POST is turned away before anything is done, so that the world stays as it is."""
    assert walk(lasting.app, lasting.make, lasting.world, visitor, method) == []


@pytest.mark.parametrize("visitor", STAFF)
def test_what_is_left_answers(visitor: str, lasting: Lasting) -> None:
    """As a participant, they see all else, and nothing ends in a fault of ours."""
    who = lasting.world.visitors[visitor]
    assert who is not None
    wrong, browse = [], Browse(lasting.app, lasting.make).sign_in(who, second_factor=False)
    for rule in rules(lasting.app, "GET"):
        access = access_of(lasting.app, rule)
        if access.by_token or not access.allows(Actor(who.id)):
            continue
        for address in addresses(rule, lasting.world)[:1]:
            try:
                status = browse.get(address, follow=False).status
            except Exception as error:  # noqa: BLE001  a fault is listed, and the walk goes on
                wrong.append(f"{address}: {fault(error)}")
            else:
                wrong += [] if status in ANSWERS else [f"{address}: {status}"]
    assert wrong == []


def without_it(browse: Browse, seconds_ago: int | None) -> None:
    with browse.client.session_transaction() as session:
        session.pop("second", None)
        if seconds_ago is not None:
            session["second"] = int(time.time()) - seconds_ago  # noqa: TID251  sessions stay on real time


class TestInTheDemo:
    """Where invented people are tried out, by anybody."""

    def test_staff_who_have_none_may_skip_it(self, app: Flask, make: Make) -> None:
        page = Browse(app, make).sign_in(make.admin(), second_factor=False).get("/admin/people/")
        assert page.heading == "Set up a second factor"
        page.submit("Skip this: it is a demonstration")
        assert page.heading == "People"

    def test_staff_who_have_none_are_let_through_later(self, app: Flask, make: Make) -> None:
        browse = Browse(app, make).sign_in(make.admin())
        without_it(browse, FRESH_SECONDS + 5)
        assert browse.get(f"/admin/people/{make.account().public_id}/grants", follow=False).status == 200

    def test_the_buttons_of_roles_skip_it(self, app: Flask, make: Make) -> None:
        admin = make.account("Ada", "admin@demo.example")
        make.grant(admin, Role.ADMIN)
        page = Browse(app, make).get("/demo/sign-in").submit("Admin")
        assert page.get("/admin/people/").heading == "People"
