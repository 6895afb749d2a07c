"""Programs that read: tokens as an admin makes them, and calls with nothing else than a token."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from cop.core.access import Role, TokenScope
from cop.models.accounts import Person
from cop.services import api_tokens
from tests.support.make import Make, working

PROGRAMME = "health-inequalities"
EVERY_SCOPE = tuple(TokenScope)
WITHOUT_NAMES = tuple(scope for scope in TokenScope if scope is not TokenScope.NAMES)


class Program:
    """A program with one token, or with none."""

    def __init__(self, app: Flask, secret: str | None = None) -> None:
        self._client, self.secret = app.test_client(), secret

    def call(self, path: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> TestResponse:
        """``path`` is below /api/v1, or a whole address that an answer told."""
        address = path.partition("/api/v1")[2] if "/api/v1" in path else path
        token = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        return self._client.open(f"/api/v1{address}", method=method, headers={**token, **(headers or {})})

    def items(self, path: str) -> list[dict[str, Any]]:
        """All items of a list, page after page."""
        return [item for page in self.pages(path) for item in page]

    def pages(self, path: str) -> Iterator[list[dict[str, Any]]]:
        following: str | None = path
        while following is not None:
            answer = self.call(following)
            assert answer.status_code == 200, answer.get_data(as_text=True)
            told = answer.get_json()
            yield told["items"]
            following = told["next"]


class Tokens:
    def __init__(self, app: Flask, make: Make) -> None:
        self._app, self._make = app, make

    def admin(self, programme: str = PROGRAMME) -> Person:
        """An admin of one programme and of nothing else."""
        person = self._make.account("Pat Admin")
        self._make.grant(person, Role.ADMIN, programme=self._make.programme(programme))
        return person

    def made(
        self, maker: Person | None = None, *scopes: TokenScope, programme: str | None = PROGRAMME, days: float = 30
    ) -> api_tokens.Made:
        """A token with everything but names, unless ``scopes`` say what it is good for."""
        actor = self._make.actor(maker or self.admin(programme or PROGRAMME))
        with working(self._app, actor) as work:
            return api_tokens.make(
                work,
                name="The dashboard",
                scopes=scopes or WITHOUT_NAMES,
                programme_slug=programme,
                lasts=timedelta(days=days),
            )

    def program(self, maker: Person | None = None, *scopes: TokenScope, **more: Any) -> Program:
        return Program(self._app, self.made(maker, *scopes, **more).secret)
