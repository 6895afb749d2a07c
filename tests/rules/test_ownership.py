"""What belongs to somebody else is not there: for people without a role, and for those whose roles are elsewhere."""

from collections.abc import Iterator
from itertools import product

import pytest
from flask import Flask
from werkzeug.routing import Rule

from cop.core.access import PUBLIC
from cop.exporting import KINDS, Format
from tests.rules import elsewhere
from tests.rules.conftest import Lasting, World
from tests.rules.walks import access_of, addresses, built, choices, rules
from tests.support.browse import Browse
from tests.support.make import Make

ELSEWHERE = (
    "stranger",
    "facilitator elsewhere",
    "reviewer elsewhere",
    "evaluator elsewhere",
    "admin elsewhere",
    "host elsewhere",
    "lead elsewhere",
)
OF_THE_NETWORK = {"facilitator elsewhere", "admin elsewhere"}
EVALUATING = {"evaluator elsewhere", "admin elsewhere"}

THEIR_PROGRAMME = "health-inequalities"

SHARED = {
    "cohorts.application": "leads to the call, of which anybody may read",
    "cohorts.apply": "anybody may apply",
    "consents.give": "one’s own consent, named by its purpose",
    "consents.withdraw": "one’s own consent, named by its purpose",
    "interest.leave": "one’s own interest in a programme of which anybody may read",
    "summits.rsvp": "of a summit that everybody may read: says that one is not invited, and nothing of anybody",
    "toolkit_use.used": "anybody may say what came of a resource that everybody may read",
    "toolkit_use.wishes": "anybody may ask to hear of a resource that everybody may read",
    "visits.book": "anybody may book",
    "waiting.join": "anybody may wait",
}
"""What names no record of somebody else: anybody who is signed in may open it."""

SHARED_WITH = {
    "evaluation.prepare": (EVALUATING, "names a kind of table; whose table stands in the question, and has its test"),
    "forum.tag": (OF_THE_NETWORK, "a word that all programmes share, with the topics that one may read"),
    "members.member": (OF_THE_NETWORK, "agreed to be shown to facilitators and admins of all programmes"),
    "members.write": (OF_THE_NETWORK, "agreed to be written to by facilitators and admins of all programmes"),
}
"""What some of those may open whose roles are elsewhere, and why."""

FILLED_IN = {
    "admin_collections.move_up": {"seen": "0"},
    "admin_collections.remove": {"seen": "0"},
    "forum.listen": {"level": "mute"},
}
"""What a form needs before it asks whose record it is."""

PARENTS = {
    "/admin/toolkit/collections/": [elsewhere.COLLECTION],
    "/toolkit/": [elsewhere.RESOURCE],
    "/organisations/": [elsewhere.COUNCIL],
    "/programmes/": [elsewhere.PROGRAMME],
    "/evaluation/": [elsewhere.PROGRAMME],
    "/forum/": [elsewhere.SPACE],
    "/cohorts/": ["course-elsewhere"],
    "/meet-ups/": ["meet-up-elsewhere"],
    "/summits/": ["summit-elsewhere"],
    "/webinars/": ["webinar-elsewhere"],
    "/": ["visit-elsewhere", "webinar-elsewhere"],
}
"""Part of an address, and the records of theirs that could stand before a record of somebody else in it."""


LED_BACK = {"self_check_in.slide": "to the codes of their own event, as from any code that is over"}
"""What answers a record of somebody else below one of their own with the way to what is theirs."""


def of_somebody(app: Flask, world: World, method: str) -> Iterator[tuple[Rule, str]]:
    """Every address that names a record and is not for everybody."""
    for rule in rules(app, method):
        if rule.arguments - choices(rule) and access_of(app, rule) != PUBLIC:
            yield from ((rule, address) for address in addresses(rule, world))


def shared(visitor: str) -> set[str]:
    return {*SHARED, *(endpoint for endpoint, (visitors, _why) in SHARED_WITH.items() if visitor in visitors)}


def answered(browse: Browse, rule: Rule, method: str, address: str) -> int:
    if method == "GET":
        return browse.get(address, follow=False).status
    return browse.post(address, FILLED_IN.get(rule.endpoint), follow=False).status


@pytest.mark.parametrize("visitor", ELSEWHERE)
def test_no_page_of_somebody_else_is_there(visitor: str, lasting: Lasting) -> None:
    """Pages, downloads and answers to programs alike."""
    browse, found = lasting.browse(visitor), []
    for rule, address in of_somebody(lasting.app, lasting.world, "GET"):
        status = answered(browse, rule, "GET", address)
        if status != 404 and rule.endpoint not in shared(visitor):
            found.append(f"{address} ({rule.endpoint}): {status}")
    assert found == []


def test_nothing_of_somebody_else_can_be_changed(app: Flask, make: Make, world: World) -> None:
    """What is not there stays as it is, so one world is enough for all of them."""
    found = []
    for visitor in ELSEWHERE:
        who = world.visitors[visitor]
        assert who is not None
        browse = Browse(app, make).sign_in(who)
        for rule, address in of_somebody(app, world, "POST"):
            status = answered(browse, rule, "POST", address)
            if status != 404 and rule.endpoint not in shared(visitor):
                found.append(f"{visitor}: {address} ({rule.endpoint}): {status}")
    assert found == []


def test_all_of_it_is_there_for_those_whose_it_is(lasting: Lasting) -> None:
    """Otherwise nothing would be proved."""
    browses = [lasting.browse(visitor) for visitor in lasting.world.visitors if visitor not in ELSEWHERE]
    browses.reverse()
    seen: set[str] = set()
    hidden: set[str] = set()
    for rule, address in of_somebody(lasting.app, lasting.world, "GET"):
        if rule.endpoint not in seen:
            is_there = any(answered(browse, rule, "GET", address) != 404 for browse in browses)
            (seen if is_there else hidden).add(rule.endpoint)
    assert sorted(hidden - seen) == []


def names_a_record(name: str) -> bool:
    """Whether a parameter names a record among all that there are, and not only among those of one parent."""
    return name == "public_id" or name.endswith("_id") or name in {"series_slug", "code", "other_slug"}


def below_theirs(app: Flask, world: World, method: str) -> Iterator[tuple[Rule, str]]:
    """Addresses that put a record of somebody else below one of their own."""
    for rule in rules(app, method):
        parent = next((name for name in ("space", "programme", "slug") if name in rule.arguments), None)
        others = rule.arguments - {parent}
        if parent is None or not any(names_a_record(name) for name in others) or access_of(app, rule) == PUBLIC:
            continue
        mine = next(values for part, values in PARENTS.items() if part in rule.rule)
        values = {parent: mine, **{name: world.values(rule.rule, name) for name in others}}
        yield from ((rule, address) for address in built(rule, values))


def test_nothing_is_reached_through_a_record_of_ones_own(app: Flask, make: Make, world: World) -> None:
    found, tried = [], set()
    for visitor in ("admin elsewhere", "facilitator elsewhere", "host elsewhere", "evaluator elsewhere"):
        who = world.visitors[visitor]
        assert who is not None
        browse = Browse(app, make).sign_in(who)
        for method in ("GET", "POST"):
            for rule, address in below_theirs(app, world, method):
                tried.add(rule.endpoint)
                status = answered(browse, rule, method, address)
                if status != 404 and (rule.endpoint, status) not in {(each, 302) for each in LED_BACK}:
                    found.append(f"{visitor}: {method} {address} ({rule.endpoint}): {status}")
    assert found == []
    assert tried


@pytest.mark.parametrize(
    "address",
    [
        "/admin/events/visit-elsewhere",
        "/admin/webinars/webinar-elsewhere/links/new",
        "/admin/meet-ups/meet-up-elsewhere",
        "/admin/summits/summit-elsewhere",
        "/admin/cohorts/course-elsewhere",
        f"/admin/toolkit/{elsewhere.RESOURCE}",
        f"/admin/toolkit/collections/{elsewhere.COLLECTION}",
        f"/forum/{elsewhere.SPACE}",
        f"/evaluation/coding/{elsewhere.PROGRAMME}/quotations",
    ],
)
def test_their_own_records_are_there(address: str, lasting: Lasting) -> None:
    assert lasting.browse("admin elsewhere").get(address).status == 200


def exports(programme: str) -> list[str]:
    files = [f"{kind}.{format_}" for kind, format_ in product(KINDS, Format)]
    return [
        f"/evaluation/exports/{name}?programme={programme}"
        for name in (*files, *(f"{kind}-codebook.csv" for kind in KINDS), *(f"{kind}/prepare" for kind in KINDS))
    ]


@pytest.mark.parametrize("visitor", ELSEWHERE)
def test_no_export_and_no_figure_of_another_programme_is_there(visitor: str, lasting: Lasting) -> None:
    pages = [rule.rule for rule in rules(lasting.app, "GET") if rule.rule.startswith("/evaluation/")]
    figures = [f"{page}?programme={THEIR_PROGRAMME}" for page in pages if "<" not in page]
    browse = lasting.browse(visitor)
    found = {address: browse.get(address, follow=False).status for address in [*exports(THEIR_PROGRAMME), *figures]}
    assert {address: status for address, status in found.items() if status != 404} == {}
    for kind in KINDS:
        asked = f"/evaluation/exports/{kind}/prepare?programme={THEIR_PROGRAMME}"
        assert browse.post(asked, {"written_as": "csv"}, follow=False).status == 404


@pytest.mark.parametrize("visitor", ["evaluator elsewhere", "admin elsewhere"])
def test_exports_of_their_own_programme_are_there(visitor: str, lasting: Lasting) -> None:
    browse = lasting.browse(visitor)
    assert {browse.get(address, follow=False).status for address in exports(elsewhere.PROGRAMME)} == {200}


def test_no_reason_is_left_of_what_is_gone(app: Flask) -> None:
    assert {*SHARED, *SHARED_WITH, *FILLED_IN, *LED_BACK} - {*app.view_functions} == set()
