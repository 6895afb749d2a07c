"""Blueprints on which a route without a declared access cannot exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, abort
from flask.typing import ResponseReturnValue

from cop.core.access import Access
from cop.web.signed_in import current_actor, wants_sign_in

View = Callable[..., ResponseReturnValue]


class Area(Blueprint):
    def get(self, rule: str, *, access: Access) -> Callable[[View], View]:  # type: ignore[override]
        return self._on(rule, ["GET"], access)

    def form(self, rule: str, *, access: Access) -> Callable[[View], View]:
        """A page that shows a form on GET and acts on POST."""
        return self._on(rule, ["GET", "POST"], access)

    def post(self, rule: str, *, access: Access) -> Callable[[View], View]:  # type: ignore[override]
        return self._on(rule, ["POST"], access)

    def _on(self, rule: str, methods: list[str], access: Access) -> Callable[[View], View]:
        def register(view: View) -> View:
            @wraps(view)
            def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
                actor = current_actor()
                if not access.allows(actor):
                    return wants_sign_in() if actor.person_id is None else abort(404)
                return view(*args, **kwargs)

            guarded.access = access  # type: ignore[attr-defined]
            super(Area, self).add_url_rule(rule, view_func=guarded, methods=methods)
            return view

        return register

    def add_url_rule(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("declare routes with get(), form() or post() and an access")


def refuse_open_routes(app: Flask) -> None:
    """Stop start-up if any endpoint, static files included, declares no access."""
    for rule in app.url_map.iter_rules():
        if not isinstance(getattr(app.view_functions[rule.endpoint], "access", None), Access):
            raise TypeError(f"{rule.endpoint} declares no access")
