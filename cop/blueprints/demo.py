"""Only in the demonstration: one button per role, and every mail that the service sent."""

import email
from collections.abc import Mapping
from email.message import EmailMessage, MIMEPart
from email.policy import default
from functools import partial
from pathlib import Path

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC, SIGNED_IN, SYSTEM
from cop.core.errors import NotFound, marked
from cop.forms.base import Confirm
from cop.models.words import ROLES
from cop.queries import accounts as queries
from cop.services import accounts
from cop.web import (
    Area,
    letter_page,
    note_second_factor,
    page_number,
    paged,
    ports,
    read,
    run,
    safe_path,
    sign_in_person,
)

DOMAIN = "demo.example"
PAGE = 30

NAMES: Mapping[str, str] = {
    **ROLES,
    "alumna": marked("Alumna"),
    "participant": marked("Participant"),
    "applicant": marked("Applicant"),
}

area = Area("demo", __name__, url_prefix="/demo")


@area.get("/sign-in", access=PUBLIC)
def sign_in() -> ResponseReturnValue:
    addresses = queries.addresses_at(read(), domain=DOMAIN)
    return render_template("demo/sign_in.html", form=Confirm(), addresses=addresses, names=NAMES)


@area.post("/sign-in/<role>", access=PUBLIC)
def sign_in_as(role: str) -> ResponseReturnValue:
    address = f"{role}@{DOMAIN}"
    if address not in queries.addresses_at(read(), domain=DOMAIN):
        raise NotFound
    token = run(partial(accounts.make_sign_in_link, email=address), SYSTEM)
    arrival = run(partial(accounts.sign_in_by_link, token=token), SYSTEM)
    if sign_in_person(arrival.person_id, arrival.session_epoch, tells=False) is None:
        raise NotFound
    note_second_factor()  # nobody has to set up anything to look around
    return redirect(url_for("accounts.account"))


@area.post("/second-factor/skip", access=SIGNED_IN)
def skip_second_factor() -> ResponseReturnValue:
    """Whoever looks around as staff has no phone of theirs to show."""
    note_second_factor()
    return redirect(safe_path(request.args.get("next")))


@area.get("/mail", access=PUBLIC)
def mail() -> ResponseReturnValue:
    numbers = sorted((int(path.stem) for path in _folder().glob("*.eml")), reverse=True)
    first = (page_number() - 1) * PAGE
    found = [(number, _message(number)) for number in numbers[first : first + PAGE + 1]]
    return render_template("demo/mail.html", pager=paged(found, PAGE))


@area.get("/mail/<int:number>", access=PUBLIC)
def one_mail(number: int) -> ResponseReturnValue:
    message = _message(number)
    parts = [part for part in message.walk() if not part.is_multipart()]
    texts = [(part.get_content_type(), _text(part)) for part in parts if part.get_content_maintype() == "text"]
    return render_template("demo/one_mail.html", number=number, message=message, parts=parts, texts=texts)


@area.get("/mail/<int:number>/html", access=PUBLIC)
def mail_as_html(number: int) -> ResponseReturnValue:
    body = _message(number).get_body(preferencelist=("html",))
    if body is None:
        raise NotFound
    return letter_page(_text(body))


@area.get("/mail/<int:number>/raw", access=PUBLIC)
def mail_as_sent(number: int) -> ResponseReturnValue:
    return Response(_path(number).read_bytes(), content_type="text/plain; charset=utf-8")


def _folder() -> Path:
    return ports().settings.data_dir / "mail"


def _path(number: int) -> Path:
    path = _folder() / f"{number}.eml"
    if not path.exists():
        raise NotFound
    return path


def _message(number: int) -> EmailMessage:
    return email.message_from_bytes(_path(number).read_bytes(), policy=default)


def _text(part: MIMEPart) -> str:
    content = part.get_content()
    return content if isinstance(content, str) else str(content)
