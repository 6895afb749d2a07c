"""What somebody may not read is found by none of the searches that they can open, and stands on no list of theirs."""

from functools import partial

import pytest
from flask import Flask

from cop.core.access import VISITOR, Role
from cop.models.accounts import Person
from cop.models.forum import Audience
from cop.models.toolkit import ResourceAudience
from cop.queries.search_page import Kind
from tests.rules.walks import access_of, rules
from tests.support import panel
from tests.support.browse import Browse
from tests.support.forum import MakeForum
from tests.support.make import Make, working
from tests.support.members import Directory
from tests.support.toolkit import Toolkit

SOUGHT, TOLD = "quokkanaut", "xanthorrhea"
"""Both stand in whatever is hidden; one is searched for, so the other shows that something was found."""

BOTH = f"A {SOUGHT} and a {TOLD}"

OUTSIDE = ("/demo/", "/sign-out")
"""The demonstration's own pages show every letter to everybody, and no other installation has them."""


@pytest.fixture
def visitors(app: Flask, make: Make) -> dict[str, Person | None]:
    """People beside a record of each sort that is hidden from all of them but the last three."""
    forum, toolkit, directory = MakeForum(app, make), Toolkit(make, partial(working, app)), Directory(app, make)
    pupil, alumna, chair = make.account("Pia Pupil"), forum.alumna("Alma Ashdown"), make.account("Femi Chair")
    here, other = make.programme(), make.programme("another-programme", name="Another programme")
    make.grant(chair, Role.FACILITATOR, programme=here)
    course = forum.course(pupil)
    forum.accept(pupil)
    forum.accept(chair)
    forum.topic(pupil, forum.space("Of one course", course=course), BOTH)
    forum.topic(chair, forum.space("Of facilitators", audience=Audience.FACILITATORS), BOTH)
    forum.hide_topic(forum.topic(recipient := forum.alumna("Otto Other"), forum.space(), BOTH))
    make.visit(BOTH, published=False)
    toolkit.words(toolkit.draft(BOTH), BOTH)
    toolkit.resource(f"{BOTH}, too", audience=ResourceAudience.COHORT, cohort=course.slug)
    panel.application(make, panel.course(make), BOTH, challenge=BOTH)
    directory.join(pupil)
    directory.join(recipient)
    directory.write(pupil, recipient, BOTH)
    visit = make.visit("Elsewhere", programme=other)
    elsewhere = {role: make.account(f"Elsewhere {role}") for role in Role}
    for role in (Role.ADMIN, Role.FACILITATOR, Role.REVIEWER, Role.EVALUATOR):
        make.grant(elsewhere[role], role, programme=other)
    make.grant(elsewhere[Role.HOST], Role.HOST, event=visit)
    make.grant(elsewhere[Role.LEAD], Role.LEAD, organisation=make.organisation())
    evaluator = make.account("Eve Evaluator")
    make.grant(evaluator, Role.EVALUATOR, programme=here)
    return {
        "signed out": None,
        "stranger": make.account("Sam Stranger"),
        "alumna of another course": alumna,
        "evaluator": evaluator,
        **{f"{role} elsewhere": who for role, who in elsewhere.items()},
        "pupil": pupil,
        "chair": chair,
        "admin": make.admin(),
    }


INSIDE = ("pupil", "chair", "admin")

COUNTED = {"evaluator": [f"/evaluation/toolkit?q={SOUGHT}"]}
"""Whoever evaluates a programme reads how often each of its resources is used, by its title, that of a course too."""


def telling(app: Flask, make: Make, who: Person | None) -> list[str]:
    """The addresses that tell of something hidden, among all that name no record, each asked for the word."""
    actor, browse = make.actor(who) if who is not None else VISITOR, Browse(app, make)
    if who is not None:
        browse.sign_in(who)
    open_to = [rule.rule for rule in rules(app, "GET") if not rule.arguments and access_of(app, rule).allows(actor)]
    asked = [
        *(f"{address}?q={SOUGHT}" for address in open_to if not address.startswith(OUTSIDE)),
        *(f"/search?q={SOUGHT}&kind={kind}" for kind in Kind),
    ]
    return [address for address in asked if TOLD in browse.client.get(address).text.lower()]


def test_nobody_finds_what_they_may_not_read(app: Flask, make: Make, visitors: dict[str, Person | None]) -> None:
    found = {name: telling(app, make, who) for name, who in visitors.items() if name not in INSIDE}
    assert {name: addresses for name, addresses in found.items() if addresses} == COUNTED


@pytest.mark.parametrize(
    ("visitor", "address"),
    [
        ("pupil", f"/search?q={SOUGHT}&kind=topics"),
        ("pupil", f"/search?q={SOUGHT}&kind=toolkit"),
        ("chair", f"/search?q={SOUGHT}&kind=topics"),
        ("admin", f"/admin/people/?q={SOUGHT}"),
    ],
)
def test_those_who_may_find_it(
    visitor: str, address: str, app: Flask, make: Make, visitors: dict[str, Person | None]
) -> None:
    assert address in telling(app, make, visitors[visitor])
