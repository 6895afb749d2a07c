"""What a grant covers, and what a route asks for."""

import pytest

from cop.core.access import (
    ADMIN_ONLY,
    EVALUATION,
    EVENT_STAFF,
    EVENT_STAFF_ONLY,
    PROGRAMME_STAFF_ONLY,
    PUBLIC,
    SIGNED_IN,
    SYSTEM,
    VISITOR,
    Access,
    Actor,
    Grant,
    Role,
)


def with_grant(role: Role, **scope: int) -> Actor:
    return Actor(1, (Grant(role, **scope),))


@pytest.mark.parametrize(
    ("actor", "here", "elsewhere"),
    [
        (with_grant(Role.ADMIN), True, True),
        (with_grant(Role.ADMIN, programme_id=1), True, False),
        (with_grant(Role.FACILITATOR, programme_id=1), True, False),
        (with_grant(Role.FACILITATOR, programme_id=2), False, True),
        (with_grant(Role.HOST, event_id=10), True, False),
        (with_grant(Role.HOST, event_id=20), False, True),
        (with_grant(Role.EVALUATOR, programme_id=1), False, False),
        (with_grant(Role.REVIEWER, event_id=10), False, False),
        (with_grant(Role.LEAD, organisation_id=1), False, False),
        (Actor(1), False, False),
        (VISITOR, False, False),
        (SYSTEM, True, True),
    ],
)
def test_a_grant_covers_its_programme_or_its_event(actor: Actor, here: bool, elsewhere: bool) -> None:  # noqa: FBT001
    assert actor.may(*EVENT_STAFF, programme_id=1, event_id=10) is here
    assert actor.may(*EVENT_STAFF, programme_id=2, event_id=20) is elsewhere


def test_one_of_several_grants_is_enough() -> None:
    actor = Actor(1, (Grant(Role.EVALUATOR, programme_id=1), Grant(Role.HOST, event_id=20)))
    assert actor.may(*EVENT_STAFF, programme_id=2, event_id=20)
    assert not actor.may(*EVENT_STAFF, programme_id=1, event_id=10)


def test_a_scoped_grant_covers_nothing_that_has_no_scope() -> None:
    assert not with_grant(Role.FACILITATOR, programme_id=1).may(Role.FACILITATOR)
    assert not with_grant(Role.ADMIN, programme_id=1).is_admin()


@pytest.mark.parametrize("role", list(Role))
def test_a_grant_over_an_organisation_covers_no_event(role: Role) -> None:
    assert not with_grant(role, organisation_id=1).may(*Role, programme_id=1, event_id=1)


def test_holding_a_role_asks_for_no_scope() -> None:
    actor = with_grant(Role.HOST, event_id=10)
    assert actor.holds(Role.ADMIN, Role.HOST)
    assert not actor.holds(Role.ADMIN)


@pytest.mark.parametrize(
    ("access", "allowed"),
    [
        (PUBLIC, "visitor person lead host facilitator evaluator programme-admin admin"),
        (SIGNED_IN, "person lead host facilitator evaluator programme-admin admin"),
        (EVENT_STAFF_ONLY, "host facilitator programme-admin admin"),
        (PROGRAMME_STAFF_ONLY, "programme-admin admin"),
        (EVALUATION, "evaluator programme-admin admin"),
        (ADMIN_ONLY, "admin"),
    ],
)
def test_what_a_route_asks_for(access: Access, allowed: str) -> None:
    actors = {
        "visitor": VISITOR,
        "person": Actor(1),
        "lead": with_grant(Role.LEAD, organisation_id=1),
        "host": with_grant(Role.HOST, event_id=1),
        "facilitator": with_grant(Role.FACILITATOR, programme_id=1),
        "evaluator": with_grant(Role.EVALUATOR, programme_id=1),
        "programme-admin": with_grant(Role.ADMIN, programme_id=1),
        "admin": with_grant(Role.ADMIN),
    }
    assert [name for name, actor in actors.items() if access.allows(actor)] == allowed.split()
