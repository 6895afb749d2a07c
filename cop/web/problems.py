"""What programs are told when something goes wrong: problems as RFC 9457 has them, and never a page."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NoReturn

from flask import Response, abort, g, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from cop.core.errors import NotFound

MEDIA_TYPE = "application/problem+json"

ADDRESSES = "/api/v1/"
"""Under these addresses programs ask."""


NOTHING_HERE = "There is nothing here, or nothing that this token may read"


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    reference: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer. ``errors`` name the parameters that are wrong, ``reference`` stands in our log."""
    told: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    told |= {"detail": detail} if detail else {}
    told |= {"errors": list(errors)} if errors else {}
    told |= {"reference": reference} if reference else {}
    body = json.dumps(told, ensure_ascii=False)
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, content_type=MEDIA_TYPE)


def refuse(status: int, detail: str, **more: Any) -> NoReturn:
    """End the request with a problem."""
    abort(problem(status, detail, **more))


def problem_of(error: NotFound | HTTPException | OperationalError) -> Response | None:
    """What a program is told of an error; None where a person asked, and a page has to tell it."""
    if not request.path.startswith(ADDRESSES):
        return None
    if isinstance(error, OperationalError):
        return problem(503, "The database does not answer. Try again soon.", headers={"Retry-After": "10"})
    if isinstance(error, NotFound) or error.code == HTTPStatus.NOT_FOUND:
        return problem(404, NOTHING_HERE)
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return None
    if error.code == HTTPStatus.INTERNAL_SERVER_ERROR:
        return problem(500, "Something went wrong on our side", reference=g.get("reference", ""))
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return problem(error.code, "", headers=headers)
