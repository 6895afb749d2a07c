"""A visitor without a browser: every page that it is given is parsed and has to be sound."""

import hashlib
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from cop.models.accounts import Person
from tests.support.html import faults, parse
from tests.support.make import Make

REDIRECTS = frozenset({301, 302, 303, 307, 308})
REDIRECTS_AT_MOST = 5
PRESSED = ("submit", "image")

TOKEN = re.compile(r'(name="csrf_token"[^>]* value=")[^"]*')
SOUND: set[bytes] = set()
"""Digests of pages that were looked at and had no faults; tests see many of them again, but for the form's token."""


class Browse:
    """One visitor with cookies of their own; the properties speak of the page they see now.

    Redirects within the service are followed unless ``follow=False`` (typed loosely, so that fields may come from a
    ``dict[str, str]``); ``seen`` holds the statuses on the way.
    """

    def __init__(self, app: Flask, make: Make) -> None:
        self._app, self._make = app, make
        self.client = app.test_client()
        self.response: TestResponse
        self._soup: BeautifulSoup | None = None
        self.seen: list[int] = []
        self.path = "/"

    def another(self) -> "Browse":
        """Somebody else, on a machine of their own."""
        return Browse(self._app, self._make)

    def sign_in(self, person: Person, *, second_factor: bool = True) -> "Browse":
        """Sign in without the mail and, unless told otherwise, with a second factor given just now.

        Somebody without an account is given one.
        """
        epoch, device = self._make.account_of(person).session_epoch, self._make.device_of(person)
        with self.client.session_transaction() as session:
            session.clear()
            session["_user_id"], session["_fresh"] = f"{person.id}.{epoch}", True
            session["device"] = device
            session["seen"] = int(time.time())  # noqa: TID251  sessions stay on real time
            if second_factor:
                session["second"] = session["seen"]
        return self

    @property
    def is_signed_in(self) -> bool:
        with self.client.session_transaction() as session:
            return "_user_id" in session

    def get(self, path: str, *, follow: Any = True, **query: Any) -> "Browse":
        return self._open("GET", f"{path}?{urlencode(query, doseq=True)}" if query else path, follow=follow)

    def post(
        self, path: str, data: Mapping[str, Any] | None = None, *, csrf: bool = True, follow: bool = True
    ) -> "Browse":
        """Post what no form offered: a forged or a missing value. ``csrf=False`` leaves the token out."""
        token = {"csrf_token": self._csrf_token()} if csrf else {}
        return self._open("POST", path, data={**token, **(data or {})}, follow=follow)

    def submit(self, button: str | None = None, /, *, follow: Any = True, **fields: Any) -> "Browse":
        """Fill in the form of this page and press its button, as its owner would: only with what the form offers.

        ``button`` is the text on it, needed where a page has several forms. A value is text, True or False for a
        tick box, a list for several of one name, or ``(stream, filename)`` for a file.
        """
        form, pressed = self._form(button, set(fields))
        data = _filled(form, fields)
        if pressed is not None and pressed.get("name"):
            data[str(pressed["name"])] = str(pressed.get("value", ""))
        pressed_action = pressed.get("formaction") if pressed is not None else None
        action = urljoin(self.path, str(pressed_action or form.get("action") or self.path))
        if str(form.get("method", "get")).lower() == "get":
            return self.get(action.partition("?")[0], follow=follow, **data)  # what it asks replaces the question
        return self._open("POST", action, data=data, follow=follow)

    def click(self, text: str) -> "Browse":
        """Follow the link with this text, or the first whose text holds it."""
        links = self.soup.select("a[href]")
        found = [link for link in links if _words(link) == text] or [link for link in links if text in _words(link)]
        assert found, f"no link says {text!r} on {self.path}"
        return self.get(urljoin(self.path, str(found[0]["href"])))

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def location(self) -> str:
        """Where a redirect leads that was not followed."""
        return self.response.headers["Location"]

    @property
    def html(self) -> str:
        return self.response.get_data(as_text=True)

    @property
    def soup(self) -> BeautifulSoup:
        """The page, parsed when it is first asked for; to be looked at and not changed."""
        if self._soup is None:
            self._soup = parse(self.html)
        return self._soup

    @property
    def text(self) -> str:
        """What the main part of the page says, with single spaces."""
        return _words(self.soup.main or self.soup)

    @property
    def heading(self) -> str:
        return _words(self.soup.h1) if self.soup.h1 else ""

    @property
    def errors(self) -> list[str]:
        """What the error summary says, in its order."""
        return [_words(item) for item in self.soup.select(".govuk-error-summary__list li")]

    def _open(self, method: str, path: str, *, data: Any = None, follow: bool) -> "Browse":
        self.seen = []
        referrer = urljoin("http://localhost", self.path)
        for _ in range(REDIRECTS_AT_MOST):
            self.response = self.client.open(
                path, method=method, data=data, headers={"Referer": referrer}, buffered=True
            )
            self._soup = None
            self.path = path
            self.seen.append(self.status)
            self._look_at_the_page()
            if not follow or self.status not in REDIRECTS:
                return self
            target = urlsplit(urljoin(urljoin("http://localhost", path), self.location))
            assert target.netloc == "localhost", f"a redirect to another site: {self.location}"
            path = f"{target.path}?{target.query}" if target.query else target.path
            method, data = "GET", None
        raise AssertionError(f"redirected in a circle at {path}")

    def _look_at_the_page(self) -> None:
        if self.response.mimetype != "text/html" or self.status in REDIRECTS:
            return
        if "sandbox" in self.response.headers.get("Content-Security-Policy", ""):
            return  # a letter as its reader's mail program would draw it, and no page of ours
        digest = hashlib.sha256(TOKEN.sub(r"\1", self.html).encode()).digest()
        if digest not in SOUND:
            found = faults(self.soup)
            assert not found, f"{self.path} ({self.status}): {'; '.join(found)}"
            SOUND.add(digest)

    def _csrf_token(self) -> str:
        with self.client.session_transaction() as session:
            kept = session.setdefault("csrf_token", hashlib.sha256(secrets.token_bytes()).hexdigest())
        return str(URLSafeTimedSerializer(str(self._app.secret_key), salt="wtf-csrf-token").dumps(kept))

    def _form(self, button: str | None, names: set[str]) -> tuple[Tag, Tag | None]:
        """The form with that button; without one, the only form of the page that has all the named fields."""
        forms = (self.soup.main or self.soup).find_all("form")
        found = []
        for form in forms:
            buttons = [*form.select("button:not([type=button]), input[type=submit]"), *self._buttons_elsewhere(form)]
            fitting = [item for item in buttons if button in (None, _words(item), item.get("value"))]
            if names <= _names(form) and (fitting or button is None):
                found.append((form, fitting[0] if fitting else None))
        assert len(found) == 1, (
            f"{len(found)} of {len(forms)} forms on {self.path} fit button {button!r} and fields {sorted(names)}; "
            f"there are {[sorted(_names(form)) for form in forms]}"
        )
        return found[0]

    def _buttons_elsewhere(self, form: Tag) -> Sequence[Tag]:
        """Those that stand outside the form and name it."""
        return self.soup.select(f'button[form="{form["id"]}"]') if form.get("id") else []


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def _names(form: Tag) -> set[str]:
    return {str(control["name"]) for control in form.select("[name]")}


def _filled(form: Tag, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the form would send: what it came with, and what the visitor filled in."""
    data: dict[str, Any] = {}
    for name in _names(form):
        controls = form.select(f'[name="{name}"]')
        offered = _offered(controls)
        if name not in fields:
            kept = _kept(controls)
            if kept:
                data[name] = kept
            continue
        value = fields[name]
        if value is None or value is False:
            continue
        if value is True:
            assert len(offered) == 1, f"{name} is not one tick box"
            value = offered[0]
        for item in value if isinstance(value, list) else [value]:
            assert not offered or str(item) in offered, f"{name} offers {offered}, not {item!r}"
        data[name] = value if isinstance(value, (list, tuple)) else str(value)
    return data


def _offered(controls: list[Tag]) -> list[str]:
    """The values to choose from; empty where anything may be typed."""
    values = [str(item.get("value", "on")) for item in controls if item.get("type") in ("radio", "checkbox")]
    options = [option for item in controls if item.name == "select" for option in item.select("option")]
    return values + [str(option.get("value", option.get_text())) for option in options]


def _kept(controls: list[Tag]) -> list[str]:
    kept: list[str] = []
    for control in controls:
        kind = control.get("type", "text")
        if control.name == "textarea":
            kept.append(control.get_text().removeprefix("\n"))
        elif control.name == "select":
            options = control.select("option")
            chosen = [option for option in options if option.has_attr("selected")] or options[:1]
            kept += [str(option.get("value", option.get_text())) for option in chosen]
        elif control.name == "input" and kind in ("radio", "checkbox"):
            kept += [str(control.get("value", "on"))] if control.has_attr("checked") else []
        elif control.name == "input" and kind not in (*PRESSED, "file", "button", "reset"):
            kept.append(str(control.get("value", "")))
    return kept
