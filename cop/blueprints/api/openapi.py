"""The OpenAPI document, made from the declarations that make the answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from cop.blueprints.api.asking import CURSOR, LIMIT, Parameter
from cop.blueprints.api.fields import ADDRESS, INSTANT, SLUG, STRING, WHOLE, Field, Schema, list_of, object_of, words
from cop.blueprints.api.resources import Listing
from cop.core.access import TokenScope
from cop.web import CALLS_A_MINUTE
from cop.web.problems import MEDIA_TYPE

VERSION = "1.0.0"

PROBLEM: Schema = object_of(
    (
        Field("type", "Always about:blank: the status says it all"),
        Field("title", "What the status means"),
        Field("status", "The status of the answer", WHOLE),
        Field("detail", "What went wrong"),
        Field(
            "errors",
            "Which parameters of the address are wrong",
            list_of(Field("parameter", "Name of the parameter"), Field("detail", "What is wrong with it")),
        ),
        Field("reference", "Stands in our log beside what happened"),
    )
)
PROBLEM = {**PROBLEM, "required": ["type", "title", "status"]}

INDEX_FIELDS = (
    Field("name", "What the token is called"),
    Field("programme", "Address word of its programme; null where it reads all of them", SLUG, may_lack=True),
    Field("scopes", "What it is good for", {"type": "array", "items": words(TokenScope)}),
    Field("expires_at", "When it runs out", INSTANT),
    Field("lists", "Addresses of the lists that it reads", {"type": "object", "additionalProperties": STRING}),
    Field("documentation", "Address of this document", ADDRESS),
)

ETAG: Schema = {"ETag": {"description": "Tells these bytes from others", "schema": STRING}}

IF_NONE_MATCH: Schema = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of an earlier answer",
    "schema": STRING,
}

REFUSALS: Mapping[str, Schema] = {
    "304": {"description": "Nothing has changed since the ETag in If-None-Match"},
    "401": {
        "description": "No token, or one that has run out or been taken back",
        "headers": {"WWW-Authenticate": {"description": "Asks for a bearer token", "schema": STRING}},
    },
    "403": {"description": "The token is not good for this"},
    "404": {"description": "There is no such record, or the token may not read it"},
    "422": {"description": "A parameter is wrong or unknown; “errors” says which"},
    "429": {
        "description": f"More than {CALLS_A_MINUTE} calls within a minute",
        "headers": {"Retry-After": {"description": "Seconds to wait", "schema": WHOLE}},
    },
}


def document(listings: Sequence[Listing], *, name: str, base: str) -> dict[str, Any]:
    """The document as JSON has it."""
    paths = {"/": _operation("index", "What the token is good for", [], _schema("Index"), None)}
    for one in listings:
        paths[_template(one.rule)] = _list(one)
    paths["/programmes/{slug}/events/{event_slug}"] = _operation(
        "event",
        "One event with its parts",
        [_in_path("slug"), _in_path("event_slug")],
        _schema("events"),
        TokenScope.EVENTS,
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": name,
            "version": VERSION,
            "description": "Read-only JSON. Whoever does not hold the scope “names” reads stable pseudonyms.",
        },
        "servers": [{"url": f"{base}/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Problem": PROBLEM,
                "Index": object_of(INDEX_FIELDS),
                **{one.name: object_of(one.fields) for one in listings},
            },
        },
    }


def _list(one: Listing) -> dict[str, Any]:
    page = {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": _schema(one.name)},
            "next": {"type": ["string", "null"], "description": "Address of the next page; null after the last"},
        },
        "required": ["items", "next"],
        "additionalProperties": False,
    }
    in_path = [_in_path("slug")] if one.of_programme else []
    in_query = [_in_query(parameter) for parameter in (LIMIT, CURSOR, *one.filters)]
    return _operation(one.name, one.about, [*in_path, *in_query], page, one.scope)


def _operation(
    name: str, about: str, parameters: Sequence[Schema], answer: Schema, scope: TokenScope | None
) -> dict[str, Any]:
    good_for = f" Needs the scope “{scope}”." if scope else " Any token will do."
    problems = {MEDIA_TYPE: {"schema": _schema("Problem")}}
    refused = {code: told if code == "304" else {**told, "content": problems} for code, told in REFUSALS.items()}
    success = {"description": "Done", "headers": ETAG, "content": {"application/json": {"schema": answer}}}
    return {
        "get": {
            "operationId": name,
            "summary": about,
            "description": f"{about}.{good_for}",
            "parameters": [*parameters, IF_NONE_MATCH],
            "responses": {"200": success, **refused},
        }
    }


def _schema(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _template(rule: str) -> str:
    return rule.replace("<", "{").replace(">", "}")


def _in_path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": SLUG}


def _in_query(parameter: Parameter) -> Schema:
    return {"name": parameter.name, "in": "query", "description": parameter.meaning, "schema": parameter.schema}
