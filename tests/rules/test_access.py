"""Who may open what: an access on every route, a table to read in a review, and a walk that tries every door."""

import traceback
from itertools import product
from pathlib import Path
from pkgutil import iter_modules

import pytest
from flask import Flask, Response
from werkzeug.routing import Rule

import cop.blueprints
from cop import create_app
from cop.blueprints import ALL_AREAS, DEMO_AREAS
from cop.core.access import EVALUATION, EVENT_STAFF_ONLY, SIGNED_IN, VISITOR, Access
from cop.core.settings import Settings
from cop.web import Area, refuse_open_routes
from tests.rules.conftest import World
from tests.support.browse import Browse
from tests.support.golden import Golden
from tests.support.make import Make

VISITORS = (
    "signed out",
    "stranger",
    "participant",
    "alumna",
    "host",
    "facilitator",
    "reviewer",
    "evaluator",
    "lead",
    "programme admin",
    "admin",
)
NOTHING = "no-such-thing"
HUGE = [str(10**18), str(10**30)]
ANSWERS = frozenset({200, 301, 302, 303, 304, 308, 404, 410, 422, 429})
HOSTILE = {
    "NUL": "\x00",
    "huge": "9" * 30,
    "negative": "-1",
    "format": "%s",
    "long": "a" * 3000,
    "path": "../../etc/passwd",
    "unicode": "’🙂\u202e",
}


def access_of(app: Flask, rule: Rule) -> Access:
    access = getattr(app.view_functions[rule.endpoint], "access", None)
    assert isinstance(access, Access)
    return access


def rules(app: Flask, method: str) -> list[Rule]:
    return sorted((rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())), key=lambda r: r.rule)


def addresses(rule: Rule, world: World, *, absent: bool = False) -> list[str]:
    """The rule's address with every combination of values that name something, or nothing where ``absent``."""
    names = sorted(rule.arguments)
    more = {name: ["999999" if name in _numbers(rule) else NOTHING] if absent else [] for name in names}
    return built(rule, {name: world.values(rule.rule, name) + more[name] for name in names})


def built(rule: Rule, values: dict[str, list[str]]) -> list[str]:
    filled_in = [dict(zip(values, choice, strict=True)) for choice in product(*values.values())]
    return [address[1] for address in map(rule.build, filled_in) if address is not None]


def _numbers(rule: Rule) -> set[str]:
    return {name for name, converter in rule._converters.items() if type(converter).__name__ == "IntegerConverter"}


def test_a_route_without_access_cannot_be_declared() -> None:
    area = Area("area", __name__)
    with pytest.raises(TypeError):
        area.get("/")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        area.form("/")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        area.post("/")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="access"):
        area.route("/")(lambda: "")
    with pytest.raises(TypeError, match="access"):
        area.add_url_rule("/", view_func=lambda: "")


def test_an_open_route_of_a_stranger_stops_start_up() -> None:
    app = Flask("stranger", static_folder=None)
    app.add_url_rule("/open", endpoint="open", view_func=lambda: "")
    with pytest.raises(TypeError, match="open declares no access"):
        refuse_open_routes(app)


def test_flasks_own_static_files_stop_start_up_too() -> None:
    with pytest.raises(TypeError, match="static declares no access"):
        refuse_open_routes(Flask("cop"))


def test_every_area_is_registered() -> None:
    modules = {module.name for module in iter_modules(cop.blueprints.__path__)}
    assert {area.import_name.rpartition(".")[2] for area in ALL_AREAS + DEMO_AREAS} == modules


def test_the_table_of_access(app: Flask, settings: Settings, golden: Golden) -> None:
    real = create_app(settings).view_functions
    lines = [
        "# endpoint, methods, address, who. Written by `pytest --update-golden`; every change is one to think about.\n"
    ]
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule)):
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        who = access_of(app, rule).name + ("" if rule.endpoint in real else " (demonstration only)")
        lines.append(f"{rule.endpoint:<36} {methods:<9} {rule.rule:<52} {who}\n")
    golden(Path(__file__).with_name("access.txt"), "".join(lines))


def walk(app: Flask, make: Make, world: World, visitor: str, method: str) -> list[str]:
    """Try every address as this visitor; what was answered that should not have been.

    Signed out, what needs signing in leads there; signed in, what one has no right to is not found; nothing ever
    ends in a fault of ours.
    """
    who = world.visitors[visitor]
    actor = make.actor(who) if who else VISITOR
    wrong, browse = [], Browse(app, make)
    for rule in rules(app, method):
        access = access_of(app, rule)
        for address in addresses(rule, world, absent=True):
            if who is not None:
                browse.sign_in(who)  # anew, for the last form may have signed them out
            try:
                page = browse.get(address, follow=False) if method == "GET" else browse.post(address, follow=False)
            except Exception as error:  # noqa: BLE001  a fault is listed, and the walk goes on
                wrong.append(f"{method} {address}: {fault(error)}")
                continue
            if access.allows(actor):
                right = page.status in ANSWERS
            elif who is None:
                right = page.status == 302 and page.location.startswith("/sign-in?next=")
            else:
                right = page.status == 404
            if not right:
                wrong.append(f"{method} {address}: {page.status}")
    return wrong


def fault(error: Exception) -> str:
    """One line about an exception, with the last line of our own code that it came through."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "/cop/" in frame.filename]
    where = f" at {ours[-1].filename.rpartition('/cop/')[2]}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{where}: {' '.join(str(error).split())[:300]}"


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_page_answers_every_visitor(visitor: str, app: Flask, make: Make, world: World) -> None:
    assert walk(app, make, world, visitor, "GET") == []


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_form_answers_every_visitor(visitor: str, app: Flask, make: Make, world: World) -> None:
    """With nothing filled in: refused or carried out, and never a fault of ours."""
    assert walk(app, make, world, visitor, "POST") == []


@pytest.mark.parametrize(
    ("visitor", "access"), [("signed out", SIGNED_IN), ("participant", EVENT_STAFF_ONLY), ("host", EVALUATION)]
)
def test_an_open_door_is_noticed(
    visitor: str, access: Access, app: Flask, make: Make, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A view that forgot to ask for the access that its route declares."""
    rule = next(rule for rule in rules(app, "GET") if access_of(app, rule) == access)

    def forgetful(**_values: str) -> Response:
        return Response("open", mimetype="text/plain")

    forgetful.access = access  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, rule.endpoint, forgetful)
    monkeypatch.setattr(app.url_map, "iter_rules", lambda: iter([rule]))
    assert walk(app, make, world, visitor, "GET")


@pytest.mark.parametrize("visitor", ["signed out", "admin"])
@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_addresses_find_nothing(visitor: str, value: str, app: Flask, make: Make, world: World) -> None:
    browse = Browse(app, make)
    if who := world.visitors[visitor]:
        browse.sign_in(who)
    wrong = []
    for rule in rules(app, "GET"):
        known = {name: HUGE if name in _numbers(rule) else [value] for name in rule.arguments}
        for address in built(rule, known) if known else ():
            try:
                status = browse.get(address, follow=False).status
            except Exception as error:  # noqa: BLE001  a fault is listed, and the walk goes on
                wrong.append(f"{address[:60]}: {fault(error)}")
            else:
                wrong += [] if status in {301, 302, 308, 404, 410} else [f"{address[:60]}: {status}"]
    assert wrong == []


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_questions_are_answered(value: str, app: Flask, make: Make, world: World) -> None:
    browse = Browse(app, make).sign_in(make.admin())
    names = ("page", "q", "next", "slot", "date", "day", "organisation", "programme", "format", "state", "v")
    wrong = []
    for rule in rules(app, "GET"):
        for address in addresses(rule, world):
            try:
                status = browse.get(address, follow=False, **dict.fromkeys(names, value)).status
            except Exception as error:  # noqa: BLE001  a fault is listed, and the walk goes on
                wrong.append(f"{address}: {fault(error)}")
            else:
                wrong += [] if status in ANSWERS else [f"{address}: {status}"]
    assert wrong == []
