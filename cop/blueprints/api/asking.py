"""What a program asks for, read from the address: whatever is not understood is refused, and never passed over."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from cop.blueprints.api.fields import SLUG, STRING, WHOLE, Schema
from cop.core import secrecy
from cop.queries.api import Key, Wanted
from cop.web import ports
from cop.web.problems import refuse

MOST = 500
USUAL = 100

LONGEST_CURSOR = 500


@dataclass(frozen=True)
class Parameter:
    name: str
    meaning: str
    schema: Schema


LIMIT = Parameter(
    "limit", f"At most so many items on a page; {USUAL} if it is left out", {**WHOLE, "minimum": 1, "maximum": MOST}
)
CURSOR = Parameter("cursor", "Where to go on, from the address in “next”", {**STRING, "maxLength": LONGEST_CURSOR})
EVENT = Parameter("event", "Only what belongs to the event with this address word", SLUG)


def asked(parameters: Sequence[Parameter]) -> dict[str, str]:
    """What the address asks for, by parameter; 422 where it asks for something else, or twice for the same."""
    errors = []
    known = {parameter.name: parameter for parameter in parameters}
    for name, values in request.args.lists():
        if name not in known:
            errors.append({"parameter": name, "detail": "There is no such parameter"})
        elif len(values) > 1:
            errors.append({"parameter": name, "detail": "Say it once"})
        else:
            errors += [{"parameter": name, "detail": detail} for detail in _wrong(known[name].schema, values[0])]
    if errors:
        refuse(422, "The address asks for what cannot be answered", errors=errors)
    return request.args.to_dict()


def _wrong(schema: Schema, value: str) -> Sequence[str]:
    """What a value breaks of a schema that this module declares; types are looked at by who reads the value."""
    if schema["type"] == "integer":
        is_number = value.isascii() and value.isdigit() and len(value) <= len(str(schema["maximum"]))
        if not (is_number and schema["minimum"] <= int(value) <= schema["maximum"]):
            return [f"Give a whole number from {schema['minimum']} to {schema['maximum']}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"Give one of these: {', '.join(schema['enum'])}"]
    if len(value) > schema.get("maxLength", len(value)):
        return ["This is no cursor of ours"]
    return []


def wanted(resource: str, given: Mapping[str, str], event_id: int | None) -> Wanted:
    """The page that is asked for. A cursor is good for the list that it came from, and for the same filters."""
    cursor = given.get("cursor")
    after: Key | None = None
    if cursor is not None:
        opened = secrecy.unseal(_purpose(resource, given), cursor)
        if opened is None:
            detail = {"parameter": "cursor", "detail": "This is no cursor of this list. Begin without one."}
            refuse(422, "The address asks for what cannot be answered", errors=[detail])
        after = json.loads(opened)
    return Wanted(int(given.get("limit", USUAL)), after, event_id)


def following(resource: str, given: Mapping[str, str], key: Key | None) -> str | None:
    """The address of the next page; None after the last."""
    if key is None:
        return None
    cursor = secrecy.seal(_purpose(resource, given), json.dumps(list(key)))
    values: dict[str, Any] = {**(request.view_args or {}), **given, "cursor": cursor}
    return f"{ports().settings.base_url}{url_for(request.endpoint or '', **values)}"


def _purpose(resource: str, given: Mapping[str, str]) -> str:
    filters = {name: value for name, value in given.items() if name not in {"cursor", "limit"}}
    return json.dumps(["cursor", resource, request.view_args, sorted(filters.items())])
