"""Many people at once: those who press a button over HTTP, and threads that all begin at the same moment."""

import hashlib
import http.client
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import TypeVar
from urllib.parse import urlencode

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import insert

from cop.core.secrecy import random_word
from cop.core.work import Work
from cop.models.accounts import Account, Person
from cop.models.security import Device
from cop.web import db, ports
from tests.concurrency.processes import HOST, PATIENCE

T = TypeVar("T")


def at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Begin all acts at the same moment, each in a thread of its own; their results in order."""
    barrier = Barrier(len(acts))

    def wait_and(act: Callable[[], T]) -> T:
        barrier.wait(PATIENCE)
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(wait_and, acts))


def add_people(work: Work, number: int) -> list[int]:
    """Ids of people with accounts, whose addresses are person0@crowd.example and so on."""
    people = [
        {"name": f"Person {position}", "email": f"person{position}@crowd.example", "created_at": work.now}
        for position in range(number)
    ]
    ids = work.session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), people).all()
    work.session.execute(insert(Account), [{"person_id": found, "email_verified_at": work.now} for found in ids])
    return list(ids)


@dataclass(frozen=True)
class Reply:
    status: int
    body: str

    @property
    def is_polite(self) -> bool:
        """Refused with the form and what is wrong at its top."""
        return self.status == http.client.UNPROCESSABLE_ENTITY and "govuk-error-summary" in self.body


def _browser(app: Flask, person_id: int) -> str:
    """One in which this person is signed in: its public id."""
    word = random_word()
    with app.app_context(), db.engine.begin() as connection:
        now = ports().clock.now()
        values = {"person_id": person_id, "session_epoch": 0, "signed_in_at": now, "seen_at": now}
        connection.execute(insert(Device).values(public_id=word, browser="Firefox on Linux", **values))
    return word


class Visitor:
    """Somebody with a form open in their browser, who has only to press the button; signed out without an id."""

    def __init__(self, app: Flask, person_id: int | None, port: int, patience: float = PATIENCE) -> None:
        self.person_id, self._port, self._patience = person_id, port, patience
        kept = hashlib.sha256(secrets.token_bytes()).hexdigest()
        self._token = str(URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token").dumps(kept))
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        assert signer is not None
        seen = int(time.time())  # noqa: TID251  sessions stay on real time
        session: dict[str, object] = {"csrf_token": kept}
        if person_id is not None:
            device = _browser(app, person_id)
            session |= {"_user_id": f"{person_id}.0", "_fresh": True, "seen": seen, "second": seen, "device": device}
        self._cookie = f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(session)}"

    def book(self, slug: str, slot: int, party_size: int = 1) -> Reply:
        return self.post(f"/visits/{slug}/book", slot=slot, party_size=party_size, names="")

    def post(self, path: str, **fields: object) -> Reply:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urlencode({"csrf_token": self._token, **fields}, doseq=True), form)

    def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> Reply:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=self._patience)
        try:
            connection.request(method, path, body, {"Cookie": self._cookie, **headers})
            response = connection.getresponse()
            return Reply(response.status, response.read().decode())
        finally:
            connection.close()


def look(port: int, path: str) -> Reply:
    """A page as somebody sees it who is signed out."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return Reply(response.status, response.read().decode())
    finally:
        connection.close()
