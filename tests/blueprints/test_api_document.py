"""The OpenAPI document, and whether the interface keeps to it whatever a program sends."""

from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from cop.blueprints.api.resources import LISTINGS
from cop.models.surveys import Mode
from tests.support.api import EVERY_SCOPE, PROGRAMME, Program, Tokens
from tests.support.clock import FixedClock
from tests.support.evidence import Evidence
from tests.support.make import Make, Working
from tests.support.surveys import Surveys
from tests.support.toolkit import Toolkit
from tests.support.waiting import Line

DOCUMENT = "/api/v1/openapi.json"
OPERATIONS = ("index", "event", *(one.name for one in LISTINGS))
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)

EXAMPLES = 10
"""Of each operation in each mode, with addresses of records that are there and with any."""


@pytest.fixture
def programs(app: Flask, make: Make, work: Working, clock: FixedClock) -> list[Program]:
    """One that reads names and one that does not, in a world in which no list is empty and no column always null."""
    evidence, surveys, tokens = Evidence(app, make), Surveys(app, make, clock), Tokens(app, make)
    council = make.organisation("Brent", region="London", joined_on=clock.now().date(), rural=False, code="E09000005")
    people = [make.account(f"Person {number}", organisation=council) for number in range(6)]
    series = make.series()
    visit = make.visit(series_id=series.id, capacity=None, slug="a-visit", opens_at=clock.now())
    for person in people:
        held = make.booking(person, visit)
        evidence.mark(held, visit.parts[0])
        evidence.ask(person, visit, {"confidence": 3, "ways": ["alone"], "why": "Because"})
    for asked in surveys.put(people, visit, Mode.PANEL):
        surveys.answer(asked)
    full = make.visit("Full", capacity=1)
    make.booking(make.account("Early"), full)
    Line(app, make, full).join(people[0])
    topic = evidence.topic(evidence.space(), people[0])
    evidence.post(topic, people[1])
    Toolkit(make, work).resource("A guide", slug="a-guide")
    evidence.resource_used(people[0])
    maker = make.admin()
    named, hidden = tokens.made(maker, *EVERY_SCOPE, days=365), tokens.made(maker, days=365)
    return [Program(app, token.secret) for token in (named, hidden)]


def document(app: Flask) -> dict[str, Any]:
    told: dict[str, Any] = app.test_client().get(DOCUMENT).get_json()
    return told


def test_describes_every_address_for_programs(app: Flask) -> None:
    told = document(app)
    known = {
        rule.rule.removeprefix("/api/v1").replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.rule != DOCUMENT
    }
    assert set(told["paths"]) == known
    assert {one["get"]["operationId"] for one in told["paths"].values()} == set(OPERATIONS)
    assert all(set(path) == {"get"} for path in told["paths"].values())


def test_the_first_columns_of_attendance_are_those_of_the_contract(app: Flask) -> None:
    fields = document(app)["components"]["schemas"]["attendance"]["properties"]
    assert ",".join(fields) == (
        "programme,event,event_kind,session,session_starts_at,person,name,email,organisation,organisation_kind,"
        "membership,region,newer_member,sector,status,minutes,source,recorded_at"
    )


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name.lower())
def test_keeps_to_the_document_whatever_is_sent(
    name: str, mode: GenerationMode, app: Flask, programs: list[Program], clock: FixedClock
) -> None:
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, app)
    operation = schema.find_operation_by_id(name)
    there = {"slug": PROGRAMME, "event_slug": "a-visit"} if name == "event" else {"slug": PROGRAMME}
    seen = set()

    def send(case: schemathesis.Case[Any]) -> None:
        for program in programs:
            clock.move(timedelta(minutes=1))  # or the token would have called too often
            headers = {"Authorization": f"Bearer {program.secret}"}
            # any word fits the schema of a cursor, and every word but ours is refused
            answer = case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])
            seen.add(answer.status_code)

    cases = operation.as_strategy(generation_mode=mode)
    if "{slug}" in operation.path:
        cases |= operation.as_strategy(generation_mode=mode, path_parameters=there)
    bounded(given(case=cases)(send))()
    if mode is GenerationMode.POSITIVE:
        assert 200 in seen
    assert seen <= {200, 304, 401, 404, 405, 422}


def bounded(test: Any) -> Any:
    """So many examples, always the same."""
    return settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(test)


@pytest.mark.parametrize("name", OPERATIONS)
def test_full_answers_keep_to_the_document(name: str, app: Flask, programs: list[Program]) -> None:
    """With every list filled, and each page of it."""
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, app)
    operation = schema.find_operation_by_id(name)
    address = operation.path.replace("{slug}", PROGRAMME).replace("{event_slug}", "a-visit")
    for program in programs:
        answer = program.call(address)
        assert answer.status_code == 200
        operation.validate_response(answer)
        if name not in {"index", "event", "indicators"}:
            assert answer.get_json()["items"]
