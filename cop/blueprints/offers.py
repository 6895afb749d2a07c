"""A place on a course, offered by a mailed link: seen on GET, answered on POST."""

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import PUBLIC, Actor
from cop.core.errors import NotFound
from cop.forms.base import Confirm
from cop.forms.offers import Arrangements
from cop.models.offers import Offer, OfferState
from cop.queries import offers as queries
from cop.queries.bookings import link_token as booking_token
from cop.services import offers as services
from cop.services.cohorts.offers import arrange
from cop.services.events.arrangements import Diet
from cop.web import Area, attempt, form_page, read

OK, GONE, UNPROCESSABLE = 200, 410, 422

area = Area("offers", __name__, url_prefix="/offers/<token>")


@area.form("", access=PUBLIC)
def offer(token: str) -> ResponseReturnValue:
    found = queries.offer_of_link(read(), token=token)
    if request.method == "GET" and not queries.is_open(read(), found):
        return _answered_page(found, token)
    form = Confirm()
    if form.validate_on_submit():
        done = attempt(form, partial(services.accept, public_id=found.public_id), _holder(found))
        if done and found.waiting_id is not None:
            flash(_("Your places are booked. We have sent you a confirmation with the entry for your calendar."))
            return redirect(url_for("bookings.by_link", token=booking_token(done.result)))
        if done:
            flash(_("The place is yours. We have sent you a confirmation with the half-days for your calendar."))
            return redirect(url_for(".arrangements", token=token))
        found = queries.offer_of_link(read(), token=token)
    return _offer_page(found, token, form)


def _holder(found: Offer) -> Actor:
    """The person whose offer it is, who may touch nothing else by this link."""
    return Actor(found.person_id, via="link")


def _offer_page(found: Offer, token: str, form: Confirm) -> ResponseReturnValue:
    """The offer while it can be answered, then what became of it."""
    if queries.is_open(read(), found):
        return form_page("offers/offer.html", form, **_shown(found, token))
    return _answered_page(found, token, form)


def _answered_page(found: Offer, token: str, form: Confirm | None = None) -> ResponseReturnValue:
    """What became of an offer; what time or staff ended is gone. Nothing is left to send, so nothing needs a token."""
    is_refused = form is not None and bool(form.errors)
    if queries.booking_of_offer(read(), found) is not None:
        page = render_template("offers/accepted.html", form=form, **_shown(found, token))
        return page, UNPROCESSABLE if is_refused else OK
    is_gone = found.state is not OfferState.DECLINED and request.method == "GET"
    page = render_template("offers/ended.html", form=form, **_shown(found, token))
    return page, UNPROCESSABLE if is_refused else GONE if is_gone else OK


def _shown(found: Offer, token: str) -> dict[str, Any]:
    booked = queries.booking_of_offer(read(), found)
    return {
        "offer": found,
        "event": found.event,
        "parts": queries.parts_of(read(), found),
        "token": token,
        "booking_token": booking_token(booked) if booked is not None else None,
    }


@area.form("/decline", access=PUBLIC)
def decline(token: str) -> ResponseReturnValue:
    found = queries.offer_of_link(read(), token=token)
    if request.method == "GET" and not queries.is_open(read(), found):
        return _answered_page(found, token)
    form = Confirm()
    if form.validate_on_submit():
        done = attempt(form, partial(services.decline, public_id=found.public_id), _holder(found))
        if done:
            return redirect(url_for(".offer", token=token))
        found = queries.offer_of_link(read(), token=token)
    if not queries.is_open(read(), found):
        return _offer_page(found, token, form)
    return form_page("offers/decline.html", form, **_shown(found, token))


@area.form("/arrangements", access=PUBLIC)
def arrangements(token: str) -> ResponseReturnValue:
    """What was told before is shown to its owner when signed in, and to nobody who has the link alone."""
    found = queries.offer_of_link(read(), token=token)
    booked = queries.booking_of_offer(read(), found)
    if found.waiting_id is not None:
        raise NotFound
    if booked is None and request.method == "GET":
        return redirect(url_for(".offer", token=token))
    told = queries.arrangements_of(read(), booking_id=booked.id) if booked is not None else None
    is_owner = read().actor.person_id == found.person_id
    form = Arrangements(data=vars(told) if told is not None and is_owner else None)
    if form.validate_on_submit():
        done = attempt(
            form,
            partial(
                arrange,
                public_id=found.public_id,
                access=form.access.data or "",
                diet=Diet(form.allergens.data or (), form.ways.data or (), form.food.data or ""),
                emergency_contact=form.emergency_contact.data or "",
                travel=form.travel.data or "",
            ),
            _holder(found),
        )
        if done:
            flash(_("Thank you. Only those who run the course see what you told us."))
            return redirect(url_for(".offer", token=token))
    return form_page(
        "offers/arrangements.html",
        form,
        event=found.event,
        token=token,
        told_at=told.saved_at if told is not None else None,
        is_owner=is_owner,
    )
