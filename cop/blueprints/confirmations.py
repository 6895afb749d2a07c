"""Links that confirm something, at one address: what somebody asked for by e-mail counts once its owner presses."""

from functools import partial

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC
from cop.core.errors import NotFound
from cop.core.secrecy import read_signed, sign
from cop.forms.base import Confirm
from cop.models.events import Booking
from cop.queries import interest, webinars
from cop.queries.addresses import CONFIRMS, STOPS, Stage, change_of_link
from cop.services import addresses
from cop.services import interest as interested
from cop.services import webinars as registrations
from cop.web import (
    Area,
    attempt,
    current_actor,
    form_page,
    held_second_factor,
    keep_second_factor,
    read,
    sign_in_person,
    sign_out_person,
)

area = Area("confirmations", __name__)


@area.form("/confirm/<token>", access=PUBLIC)
def confirm(token: str) -> ResponseReturnValue:
    pages = {
        "registration": _registration,
        CONFIRMS: _new_address,
        STOPS: _former_address,
        interest.PURPOSE: _interest,
    }
    for purpose, page in pages.items():
        if read_signed(purpose, token):
            return page(token)
    raise NotFound


def _registration(token: str) -> ResponseReturnValue:
    asking = webinars.asking_of_link(read(), token=token)
    if asking is None:
        return render_template("webinars/spent_link.html"), 410
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(registrations.confirm, token=token)):
        return redirect(url_for(".confirm", token=token))
    wanted = [(event, webinars.session_of(event)) for event in asking.events]
    if asking.registration.confirmed_at is None:
        return form_page("webinars/confirm.html", form, asking=asking, wanted=wanted)
    return render_template("webinars/confirmed.html", asking=asking, wanted=wanted, booking_link=_booking_link)


def _booking_link(booking: Booking) -> str:
    token = sign("booking", booking.public_id, booking.link_generation)
    return url_for("bookings.by_link", token=token)


def _interest(token: str) -> ResponseReturnValue:
    """Who confirmed it sees so under the same address."""
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(interested.confirm, token=token)):
        return redirect(url_for(".confirm", token=token))
    found = interest.of_link(read(), token=token)
    stage = interest.stage_of(read(), found)
    return form_page("interest/confirm.html", form, found=found, stage=stage, token=token)


def _new_address(token: str) -> ResponseReturnValue:
    """Whoever is signed in as the person stays so in this browser, and nowhere else."""
    change = change_of_link(read(), token=token, purpose=CONFIRMS)
    form = Confirm()
    if change.stage is Stage.WAITING and form.validate_on_submit():
        was_signed_in = current_actor().person_id == change.person_id
        done = attempt(form, partial(addresses.confirm, token=token))
        if done:
            if was_signed_in and done.result is not None:
                _stay_signed_in(change.person_id, done.result)
            return redirect(url_for(".confirm", token=token))
    page = form_page("accounts/new_address.html", form, change=change)
    return page if change.stage is not Stage.ENDED else (render_template("accounts/spent_address.html"), 410)


def _stay_signed_in(person_id: int, epoch: int) -> None:
    held = held_second_factor()
    if sign_in_person(person_id, epoch, tells=False) is not None:
        keep_second_factor(held)


def _former_address(token: str) -> ResponseReturnValue:
    """Whoever has the address before may stop the change, without being signed in."""
    change = change_of_link(read(), token=token, purpose=STOPS)
    form = Confirm()
    if change.stage is Stage.WAITING and form.validate_on_submit():
        is_own = current_actor().person_id == change.person_id
        if attempt(form, partial(addresses.stop, token=token)):
            if is_own:
                sign_out_person()
            return redirect(url_for(".confirm", token=token))
    return form_page("accounts/former_address.html", form, change=change)
