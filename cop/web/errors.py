"""Pages for what goes wrong: plain English, a way on, and never a stack trace."""

import logging

from flask import Flask, g, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from cop.core.access import VISITOR
from cop.core.clock import SystemClock
from cop.core.errors import NotFound, Refusal
from cop.web.problems import problem_of

log = logging.getLogger("cop.web")

WITH_A_PAGE = frozenset({404, 413, 429, 503})


def init_app(app: Flask) -> None:
    @app.errorhandler(NotFound)
    def not_found(error: NotFound) -> ResponseReturnValue:
        return problem_of(error) or (render_template("errors/404.html"), 404)

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> ResponseReturnValue:
        return render_template("errors/403.html"), 403

    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> ResponseReturnValue:
        return render_template("errors/422.html", refusal=error), 422

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        return problem_of(error) or _page_of(error)

    @app.errorhandler(OperationalError)
    def database_away(error: OperationalError) -> ResponseReturnValue:
        log.error("database unavailable", exc_info=error)
        _without_database()
        return problem_of(error) or (render_template("errors/503.html"), 503, {"Retry-After": "10"})


def _page_of(error: HTTPException) -> ResponseReturnValue:
    if error.code in WITH_A_PAGE:
        return render_template(f"errors/{error.code}.html"), error.code
    if error.code == 500:  # noqa: PLR2004
        _without_database()
        return render_template("errors/500.html", reference=g.get("reference", "")), 500
    if error.code is not None and error.code >= 400:  # noqa: PLR2004
        return render_template("errors/other.html", error=error), error.code
    return error


def _without_database() -> None:
    """Let the error page be drawn as a visitor sees it: asking the database who reads it might fail again."""
    g.actor, g.person, g.now = VISITOR, None, SystemClock().now()
