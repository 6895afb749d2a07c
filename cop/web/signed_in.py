"""Signing in and out: a thin wrapper around Flask-Login."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from flask import Flask, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, login_user, logout_user

from cop.core.access import STAFF_ROLES, Actor
from cop.queries import accounts
from cop.services import devices
from cop.web.acting import current_person, forget_actor
from cop.web.database import db, ports, run
from cop.web.second_factor import SecondFactorWanted, real_time

STAFF_IDLE_SECONDS = 60 * 60
"""Staff who leave a browser open are signed out; a session of others lasts as long as its cookie."""

NOTE_ACTIVITY_EVERY_SECONDS = 60

NOTE_DEVICE_EVERY = timedelta(hours=1)

LONGEST_PATH = 500

DEVICE = "device"
"""Where a session names its browser. The name stays when the session ends, so that the browser is known again."""


@dataclass(frozen=True)
class SignedIn:
    """Flask-Login's user. Its id carries the session epoch, so raising the epoch signs out everywhere."""

    person: accounts.SignedInPerson

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return f"{self.person.id}.{self.person.session_epoch}"


def init_app(app: Flask) -> None:
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)  # error pages are drawn without asking who reads them
    manager.session_protection = None  # councils' proxies change addresses in mid-session
    app.register_error_handler(SecondFactorWanted, lambda _error: _wants_second_factor())

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(user_id: str) -> SignedIn | None:
        person_id, _, epoch = user_id.partition(".")
        if not (person_id.isdigit() and epoch.isdigit()):
            return None
        person = accounts.signed_in_person(db.session(), int(person_id), int(epoch), session.get(DEVICE, ""))
        if person is None or _idle_too_long(person):
            return None
        _note_device(person)
        return SignedIn(person)


def _idle_too_long(person: accounts.SignedInPerson) -> bool:
    """Whether a member of staff was away too long; the time of the last act lives in the signed cookie."""
    seen, now = session.get("seen", 0), real_time()
    is_staff = any(grant.role in STAFF_ROLES for grant in person.grants)
    if is_staff and now - seen > STAFF_IDLE_SECONDS:
        return True
    if now - seen > NOTE_ACTIVITY_EVERY_SECONDS:
        session["seen"] = now
    return False


def _note_device(person: accounts.SignedInPerson) -> None:
    """Keep to the hour when this browser was last seen; a GET may do so, in a transaction of its own."""
    now = ports().clock.now()
    if now - person.device_seen_at >= NOTE_DEVICE_EVERY:
        with db.engine.begin() as connection:
            connection.execute(devices.seen(person.device, now))


def sign_in_person(person_id: int, session_epoch: int, *, tells: bool = True) -> accounts.SignedInPerson | None:
    """Begin a session of this person in this browser; None where the account cannot be used any more.

    ``tells`` is whether staff are mailed that they signed in from a browser that was never seen with them.
    """
    begin = partial(
        devices.begin,
        person_id=person_id,
        session_epoch=session_epoch,
        user_agent=request.user_agent.string,
        before=session.get(DEVICE, ""),
        tells=tells,
    )
    device = run(begin, Actor(person_id))
    if device is None:
        return None
    session.clear()  # a session made before signing in is not carried over
    session.permanent = True
    session["seen"] = real_time()
    session[DEVICE] = device
    person = accounts.signed_in_person(db.session(), person_id, session_epoch, device)
    if person is not None:
        login_user(SignedIn(person))
        forget_actor()
    return person


def sign_out_person() -> None:
    """End the session in this browser, also for whoever holds a copy of its cookie."""
    person, device = current_person(), session.get(DEVICE)
    if person is not None:
        run(partial(devices.leave, public_id=person.device), Actor(person.id))
    logout_user()
    session.clear()
    if device:
        session.permanent = True
        session[DEVICE] = device
    forget_actor()


def forget_person() -> None:
    """Leave nothing in this browser of whoever was signed in and is erased."""
    logout_user()
    session.clear()
    forget_actor()


def safe_path(target: str | None) -> str:
    """``target`` if it is a path of this service, else the account page: no link leads a person elsewhere."""
    if not target or len(target) > LONGEST_PATH or "\\" in target or not target.isprintable():
        return url_for("accounts.account")
    return target if target.startswith("/") and not target.startswith("//") else url_for("accounts.account")


def wants_sign_in() -> ResponseReturnValue:
    """Send a signed-out visitor to sign in and then back; after a POST, back to the page that held the form."""
    return redirect(url_for("accounts.sign_in", next=_way_back()))


def _wants_second_factor() -> ResponseReturnValue:
    """Send somebody signed in to give their second factor and then back, as ``wants_sign_in`` does."""
    return redirect(url_for("security.confirm", next=_way_back()))


def _way_back() -> str:
    if request.method == "GET":
        return request.full_path.rstrip("?")
    return _page_before() or url_for("pages.home")


def _page_before() -> str | None:
    if request.url_rule is not None and "GET" in (request.url_rule.methods or ()):
        return request.full_path.rstrip("?")
    before = urlsplit(request.referrer or "")
    return before.path if before.path and before.netloc == request.host else None
