"""Meet-ups as alumni see them: what there is, one meet-up with its dates, coming to them, joining."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import PUBLIC, SIGNED_IN
from cop.core.errors import NotFound
from cop.forms.base import Confirm
from cop.forms.meet_ups import ChooseDates
from cop.models.events import Booking, BookingState, Event, EventKind, EventState, Part, PartState
from cop.queries import alternatives, bookings, events, files, joining, stories
from cop.queries import meet_ups as queries
from cop.services.events import booking as services
from cop.web import Area, attempt, form_page, page_number, paged, read, shown_or_refused
from cop.web.joining import booking_of_mailed_link, join_page
from cop.web.templating import when

PAGE = 20

area = Area("meet_ups", __name__)


@area.get("/meet-ups/", access=SIGNED_IN)
def index() -> ResponseReturnValue:
    found = queries.listed(read(), offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("meet_ups/index.html", pager=paged(found, PAGE))


@area.get("/meet-ups/<slug>", access=SIGNED_IN)
def meet_up(slug: str) -> ResponseReturnValue:
    event = events.event_page(read(), slug=slug, kind=EventKind.MEET_UP)
    held = joining.own_booking_to_join(read(), event_id=event.id)
    return render_template(
        "meet_ups/meet_up.html",
        event=event,
        coming=[part for part in event.parts if part.ends_at > read().now],
        past=[part for part in event.parts if part.ends_at <= read().now and part.state is PartState.PLANNED],
        booked=held,
        held=queries.held_ids(held),
        is_open=events.is_open(read(), event) and bool(queries.coming(event, read().now)),
        runs_it=events.may_run(read().actor, event),
        files=files.offered(read(), event),
        stories=stories.of_event(read(), event),
        instead=alternatives.instead(read(), event),
    )


@area.form("/meet-ups/<slug>/book", access=SIGNED_IN)
def book(slug: str) -> ResponseReturnValue:
    event = events.event_page(read(), slug=slug, kind=EventKind.MEET_UP)
    held = bookings.live_booking_of(read(), event.id)
    if held is not None and request.method == "GET":
        return redirect(url_for("bookings.change", public_id=held.public_id))
    coming = queries.coming(event, read().now)
    form = ChooseDates(dates=[part.id for part in coming])
    form.offer((part, when(part)) for part in coming)
    if form.validate_on_submit():
        chosen = partial(services.book, event_id=event.id, part_ids=form.dates.data, party=services.Party(1))
        done = attempt(form, chosen)
        if done:
            flash(_("You are booked. We have sent you a confirmation with the dates for your calendar."))
            return redirect(url_for("bookings.booking", public_id=done.result.public_id))
        event = events.event_page(read(), slug=slug, kind=EventKind.MEET_UP)
    is_open = events.is_open(read(), event) and bool(coming)
    return form_page("meet_ups/book.html", form, event=event, booking=None, is_open=is_open, past=())


@area.form("/meet-ups/<slug>/dates/<int:part_id>/join", access=PUBLIC)
def join(slug: str, part_id: int) -> ResponseReturnValue:
    """Who has the link of a date need not sign in; without it, whoever does not see the meet-up learns nothing."""
    held = booking_of_mailed_link(slug)
    if held is None:
        if read().actor.person_id is None:
            return redirect(url_for("accounts.sign_in", next=request.path))
        event = events.event_page(read(), slug=slug, kind=EventKind.MEET_UP)
        held = joining.own_booking_to_join(read(), event_id=event.id)
        if held is None or part_id not in queries.held_ids(held):
            return shown_or_refused(
                render_template("meet_ups/not_booked.html", event=event, part=_part(event, part_id), booked=held)
            )
    return join_page(
        "meet_ups/join.html",
        booking=held,
        part=_held_part(held, part_id),
        pressed=Confirm().validate_on_submit(),
        address=url_for(".join", slug=slug, part_id=part_id, t=request.args.get("t")),
    )


def _held_part(booking: Booking, part_id: int) -> Part | None:
    """The date, if the booking still holds it; None once it was given back, NotFound where it never was one of it."""
    if booking.event.kind is not EventKind.MEET_UP:
        raise NotFound
    part = _part(booking.event, part_id)
    stands = booking.state is BookingState.LIVE and booking.event.state is EventState.PUBLISHED
    return part if not stands or part_id in queries.held_ids(booking) else None


def _part(event: Event, part_id: int) -> Part:
    for part in event.parts:
        if part.id == part_id:
            return part
    raise NotFound
