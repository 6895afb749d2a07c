"""Who may open what: an access on every route, a table to read in a review, and a walk that tries every door."""

from pathlib import Path
from pkgutil import iter_modules

import pytest
from flask import Flask, Response

import cop.blueprints
from cop import create_app
from cop.blueprints import ALL_AREAS, DEMO_AREAS
from cop.core.access import EVALUATION, EVENT_STAFF_ONLY, SIGNED_IN, Access
from cop.core.settings import Settings
from cop.web import Area, refuse_open_routes
from tests.rules.conftest import Lasting, World
from tests.rules.walks import ANSWERS, access_of, addresses, built, choices, fault, numbers, rules, walk
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
HUGE = [str(10**18), str(10**30)]
HOSTILE = {
    "NUL": "\x00",
    "huge": "9" * 30,
    "negative": "-1",
    "format": "%s",
    "long": "a" * 3000,
    "path": "../../etc/passwd",
    "unicode": "’🙂\u202e",
}


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


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_page_answers_every_visitor(visitor: str, lasting: Lasting) -> None:
    assert walk(lasting.app, lasting.make, lasting.world, visitor, "GET") == []


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_form_answers_every_visitor(visitor: str, app: Flask, make: Make, world: World) -> None:
    """With nothing filled in: refused or carried out, and never a fault of ours."""
    assert walk(app, make, world, visitor, "POST") == []


@pytest.mark.parametrize(
    ("visitor", "access"), [("signed out", SIGNED_IN), ("participant", EVENT_STAFF_ONLY), ("host", EVALUATION)]
)
def test_an_open_door_is_noticed(
    visitor: str, access: Access, lasting: Lasting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A view that forgot to ask for the access that its route declares."""
    app = lasting.app
    rule = next(rule for rule in rules(app, "GET") if access_of(app, rule) == access)

    def forgetful(**_values: str) -> Response:
        return Response("open", mimetype="text/plain")

    forgetful.access = access  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, rule.endpoint, forgetful)
    monkeypatch.setattr(app.url_map, "iter_rules", lambda: iter([rule]))
    found = walk(app, lasting.make, lasting.world, visitor, "GET")
    assert found
    assert all(f"({rule.endpoint}): 200" in line for line in found)


@pytest.mark.parametrize("visitor", ["signed out", "admin"])
@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_addresses_find_nothing(visitor: str, value: str, lasting: Lasting) -> None:
    browse = lasting.browse(visitor)
    wrong = []
    for rule in rules(lasting.app, "GET"):
        known = {name: HUGE if name in numbers(rule) else [value] for name in rule.arguments - choices(rule)}
        known |= {name: lasting.world.values(rule.rule, name)[:1] for name in choices(rule)}
        for address in built(rule, known) if known else ():
            try:
                status = browse.get(address, follow=False).status
            except Exception as error:  # noqa: BLE001  a fault is listed, and the walk goes on
                wrong.append(f"{address[:60]}: {fault(error)}")
            else:
                wrong += [] if status in {301, 302, 308, 404, 410} else [f"{address[:60]}: {status}"]
    assert wrong == []


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_questions_are_answered(value: str, lasting: Lasting) -> None:
    """Of each page, for the first of its records that is found."""
    browse = lasting.browse("admin")
    names = ("page", "q", "next", "slot", "date", "day", "organisation", "programme", "format", "state", "v")
    wrong = []
    for rule in rules(lasting.app, "GET"):
        for address in addresses(rule, lasting.world):
            try:
                status = browse.get(address, follow=False, **dict.fromkeys(names, value)).status
            except Exception as error:  # noqa: BLE001  a fault is listed, and the walk goes on
                wrong.append(f"{address}: {fault(error)}")
            else:
                wrong += [] if status in ANSWERS else [f"{address}: {status}"]
                if status != 404:
                    break
    assert wrong == []
