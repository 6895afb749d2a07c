"""Blueprints on which a route without a declared access cannot exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, abort
from flask.typing import ResponseReturnValue

from cop.core.access import Access, Actor
from cop.web.acting import current_actor, current_person
from cop.web.database import ports
from cop.web.second_factor import SecondFactorWanted, is_fresh
from cop.web.shared_pages import drawn_once
from cop.web.signed_in import wants_sign_in
from cop.web.tokens import admit

View = Callable[..., ResponseReturnValue]


class Area(Blueprint):
    """``fresh=True`` asks for the second factor again where it was not given a moment ago; see ``second_factor``."""

    def get(  # type: ignore[override]
        self, rule: str, *, access: Access, shared: bool = False, fresh: bool = False
    ) -> Callable[[View], View]:
        """A page. ``shared`` tells that it looks the same to all who are signed out, so that it is drawn once."""
        register = self._on(rule, ["GET"], access, fresh=fresh)
        return (lambda view: register(_shared(view))) if shared else register

    def form(
        self, rule: str, *, access: Access, most_bytes: int | None = None, fresh: bool = False
    ) -> Callable[[View], View]:
        """A page that shows a form on GET and acts on POST. ``most_bytes`` lets more in than elsewhere, for uploads."""
        return self._on(rule, ["GET", "POST"], access, most_bytes, fresh=fresh)

    def post(self, rule: str, *, access: Access, fresh: bool = False) -> Callable[[View], View]:  # type: ignore[override]
        return self._on(rule, ["POST"], access, fresh=fresh)

    def _on(
        self, rule: str, methods: list[str], access: Access, most_bytes: int | None = None, *, fresh: bool
    ) -> Callable[[View], View]:
        def register(view: View) -> View:
            @wraps(view)
            def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
                if access.by_token:
                    admit(access)
                    return view(*args, **kwargs)
                actor = current_actor()
                if not access.allows(actor):
                    return _not_allowed(access, actor)
                if fresh and not is_fresh():
                    raise SecondFactorWanted
                return view(*args, **kwargs)

            guarded.access = access  # type: ignore[attr-defined]
            guarded.most_bytes = most_bytes  # type: ignore[attr-defined]
            super(Area, self).add_url_rule(rule, view_func=guarded, methods=methods)
            return view

        return register

    def add_url_rule(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("declare routes with get(), form() or post() and an access")


def _not_allowed(access: Access, actor: Actor) -> ResponseReturnValue:
    """Whoever would be let in by grants that wait for their second factor is asked for it."""
    if actor.person_id is None:
        return wants_sign_in()
    person = current_person()
    if actor.withheld and person is not None and access.allows(Actor(person.id, person.grants)):
        raise SecondFactorWanted
    return abort(404)


def _shared(view: View) -> View:
    @wraps(view)
    def drawn(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if current_actor().person_id is not None:
            return view(*args, **kwargs)
        return drawn_once(ports().shelf, view, *args, **kwargs)

    return drawn


def refuse_open_routes(app: Flask) -> None:
    """Stop start-up if any endpoint, static files included, declares no access."""
    for rule in app.url_map.iter_rules():
        if not isinstance(getattr(app.view_functions[rule.endpoint], "access", None), Access):
            raise TypeError(f"{rule.endpoint} declares no access")
