"""Visits as visitors see them: what there is, one visit, and booking a time."""

from datetime import date
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import PUBLIC, SIGNED_IN
from cop.forms.visits import BookVisit
from cop.models.events import Event, EventKind
from cop.queries import alternatives, bookings, files, stories, waiting_lists
from cop.queries import events as queries
from cop.queries.forum import topics_about
from cop.services.events import booking
from cop.web import Area, attempt, form_page, page_number, paged, ports, read

PAGE = 20

area = Area("visits", __name__, url_prefix="/visits")


@area.get("/", access=PUBLIC, shared=True)
def index() -> ResponseReturnValue:
    past = request.args.get("show") == "past"
    found = queries.listed_events(
        read(),
        EventKind.VISIT,
        ports().settings.timezone,
        past=past,
        offset=(page_number() - 1) * PAGE,
        limit=PAGE,
    )
    return render_template("visits/index.html", pager=paged(found, PAGE), past=past)


@area.get("/<slug>", access=PUBLIC, shared=True)
def visit(slug: str) -> ResponseReturnValue:
    event = queries.event_page(read(), slug=slug, kind=EventKind.VISIT)
    days = _days(event)
    return render_template(
        "visits/visit.html",
        event=event,
        days=days,
        booked=bookings.live_booking_of(read(), event.id),
        runs_it=queries.may_run(read().actor, event),
        places_left=queries.places_left,
        parties=waiting_lists.parties_waiting(read(), event.id),
        some_full=any(queries.places_left(event, part) == 0 for day in days for part in day.parts),
        waits=waiting_lists.own_entry_of(read(), event.id),
        files=files.offered(read(), event),
        stories=stories.of_event(read(), event),
        topics=topics_about(read(), event_id=event.id),
        **_alternatives(event),
    )


def _alternatives(event: Event) -> dict[str, Any]:
    """What there is for those who cannot come, or whose visit was cancelled."""
    return {
        "online": alternatives.online_alternative(read(), event),
        "instead": alternatives.instead(read(), event),
    }


@area.form("/<slug>/book", access=SIGNED_IN)
def book(slug: str) -> ResponseReturnValue:
    event = queries.event_page(read(), slug=slug, kind=EventKind.VISIT)
    booked = bookings.live_booking_of(read(), event.id) if request.method == "GET" else None
    if booked is not None:
        flash(_("You have a booking for this visit already. Here it is."))
        return redirect(url_for("bookings.booking", public_id=booked.public_id))
    days = _days(event)
    form = BookVisit()
    if request.method == "GET" and not (days and queries.is_open(read(), event)):
        return form_page("visits/nothing_to_book.html", form, event=event, **_alternatives(event))
    chosen = chosen_day(event, form.slot.data)
    if chosen is None and len(days) > 1 and request.method == "GET":
        return render_template("visits/choose_date.html", event=event, days=days, missed="choose" in request.args)
    form.offer(event.parts)
    if form.validate_on_submit():
        done = attempt(
            form,
            partial(
                booking.book,
                event_id=event.id,
                part_ids=[form.slot.data],
                party=booking.Party(form.party_size.data, form.party_names()),
            ),
        )
        if done:
            flash(_("Your visit is booked. We have sent you a confirmation by e-mail."))
            return redirect(url_for("bookings.booking", public_id=done.result.public_id))
        event = queries.event_page(read(), slug=slug)  # others were quicker: show what is left now
        days = _days(event)
    if not days:
        return form_page("visits/nothing_to_book.html", form, event=event, **_alternatives(event))
    shown = [day for day in days if day.on == chosen] or days
    return form_page(
        "visits/book.html",
        form,
        event=event,
        shown=shown,
        days=days,
        places_left=queries.places_left,
        parties=waiting_lists.parties_waiting(read(), event.id),
    )


def _days(event: Event) -> list[queries.Day]:
    return list(queries.days_of(event, ports().settings.timezone, after=read().now))


def chosen_day(event: Event, slot: int | None) -> date | None:
    """The day that the address names, or that of the slot in the form."""
    for part in event.parts:
        if part.id == slot:
            return part.starts_at.astimezone(ports().settings.timezone).date()
    try:
        return date.fromisoformat(request.args.get("date", ""))
    except ValueError:
        return None
