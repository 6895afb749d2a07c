"""Signing in and out: a thin wrapper around Flask-Login."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, login_user, logout_user

from cop.core.access import STAFF_ROLES
from cop.core.clock import SystemClock
from cop.queries import accounts
from cop.web.acting import forget_actor
from cop.web.database import db

STAFF_IDLE_SECONDS = 60 * 60
"""Staff who leave a browser open are signed out; a session of others lasts as long as its cookie."""

NOTE_ACTIVITY_EVERY_SECONDS = 60


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

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(user_id: str) -> SignedIn | None:
        person_id, _, epoch = user_id.partition(".")
        if not (person_id.isdigit() and epoch.isdigit()):
            return None
        person = accounts.signed_in_person(db.session(), int(person_id), int(epoch))
        if person is None or _idle_too_long(person):
            return None
        return SignedIn(person)


def _idle_too_long(person: accounts.SignedInPerson) -> bool:
    """Whether a member of staff was away too long; the time of the last act lives in the signed cookie."""
    seen, now = session.get("seen", 0), _real_time()
    is_staff = any(grant.role in STAFF_ROLES for grant in person.grants)
    if is_staff and now - seen > STAFF_IDLE_SECONDS:
        return True
    if now - seen > NOTE_ACTIVITY_EVERY_SECONDS:
        session["seen"] = now
    return False


def _real_time() -> int:
    """Seconds by the machine's clock: a service's clock that is moved on signs nobody out."""
    return int(SystemClock().now().timestamp())


def sign_in_person(person: accounts.SignedInPerson) -> None:
    session.clear()  # a session made before signing in is not carried over
    session.permanent = True
    session["seen"] = _real_time()
    login_user(SignedIn(person))
    forget_actor()


def sign_out_person() -> None:
    logout_user()
    session.clear()
    forget_actor()


def wants_sign_in() -> ResponseReturnValue:
    """Send a signed-out visitor to sign in and then back; after a POST, back to the page that held the form."""
    target = request.full_path.rstrip("?")
    if request.method != "GET":
        target = _page_before() or url_for("pages.home")
    return redirect(url_for("accounts.sign_in", next=target))


def _page_before() -> str | None:
    if request.url_rule is not None and "GET" in (request.url_rule.methods or ()):
        return request.full_path.rstrip("?")
    before = urlsplit(request.referrer or "")
    return before.path if before.path and before.netloc == request.host else None
