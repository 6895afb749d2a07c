"""The interface for programs: read-only JSON by tokens, the document that describes it, and a page for people."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from flask import Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cop.blueprints.api.asking import CURSOR, LIMIT, asked, following, wanted
from cop.blueprints.api.events import of_event
from cop.blueprints.api.openapi import document
from cop.blueprints.api.resources import LISTINGS, Asked, Listing
from cop.core.access import ANY_TOKEN, PUBLIC, TokenScope, token_for
from cop.queries.api import directory, event_id
from cop.queries.exports import Scope, scope
from cop.web import CALLS_A_MINUTE, Area, bearer, observe, ports, read

area = Area("api", __name__, url_prefix="/api")

DOCUMENT_AGE = 3_600
"""Seconds for which a program may use its copy of the document without asking."""


@area.get("/", access=PUBLIC, shared=True)
def about() -> ResponseReturnValue:
    base = ports().settings.base_url
    return render_template("api/about.html", listings=LISTINGS, base=base, calls=CALLS_A_MINUTE)


@area.get("/v1/openapi.json", access=PUBLIC)
def openapi() -> ResponseReturnValue:
    asked(())
    base = ports().settings.base_url
    response = _answer(document(LISTINGS, name=current_app.config["SERVICE_NAME"], base=base))
    response.headers["Cache-Control"] = f"public, max-age={DOCUMENT_AGE}"
    return response


@area.get("/v1/", access=ANY_TOKEN)
def index() -> ResponseReturnValue:
    """What the token is good for, and where."""
    asked(())
    token = bearer()
    base = ports().settings.base_url
    return _answer(
        {
            "name": token.name,
            "programme": token.programme,
            "scopes": [scope for scope in TokenScope if scope in token.scopes],
            "expires_at": token.expires_at.isoformat(),
            "lists": {
                one.name: f"{base}/api/v1{one.rule.replace('<slug>', token.programme or '{slug}')}"
                for one in LISTINGS
                if one.scope in token.scopes
            },
            "documentation": f"{base}{url_for('.openapi')}",
        }
    )


@area.get("/v1/programmes/<slug>/events/<event_slug>", access=token_for(TokenScope.EVENTS))
def event(slug: str, event_slug: str) -> ResponseReturnValue:
    asked(())
    programme = _programme(slug)
    return _answer(of_event(directory.event(read(), programme_id=programme.programme_id, slug=event_slug), slug))


def _listed(listing: Listing) -> Callable[..., ResponseReturnValue]:
    """The view of one list."""

    def view(slug: str | None = None) -> ResponseReturnValue:
        given = asked((LIMIT, CURSOR, *listing.filters))
        programme = _programme(slug) if slug is not None else None
        only = None
        if programme is not None and "event" in given:
            only = event_id(read(), programme_id=programme.programme_id, slug=given["event"])
        page = listing.page(Asked(read(), wanted(listing.name, given, only), given, programme))
        answer = _answer({"items": page.rows, "next": following(listing.name, given, page.next)})
        if listing.noted and programme is not None and programme.key is None and answer.status_code != NOT_MODIFIED:
            observe(listing.noted, "programme", programme.programme_id, value=len(page.rows))
        return answer

    view.__name__ = listing.name
    return view


def _programme(slug: str) -> Scope:
    """The programme in the address, with names where the token may read them; NotFound where it is for another."""
    return scope(read(), programme_slug=slug, pseudonymised=TokenScope.NAMES not in bearer().scopes)


NOT_MODIFIED = 304


def _answer(told: dict[str, Any]) -> Response:
    """JSON under a strong ETag; 304 without it where the program has these bytes already."""
    body = json.dumps(told, ensure_ascii=False).encode()
    response = Response(body, content_type="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Authorization"
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    response.make_conditional(request)
    return response


for one in LISTINGS:
    area.get(f"/v1{one.rule}", access=one.access)(_listed(one))
