"""One booking: for its owner, for whoever holds the link in the mail, and the host's lists."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.calendar_entries import join_address, own_entry, web_calendar_links
from cop.core.access import EVENT_STAFF_ONLY, PUBLIC, SIGNED_IN, Actor
from cop.core.errors import NotFound
from cop.formats import ical
from cop.forms.base import Confirm
from cop.forms.meet_ups import ChooseDates
from cop.forms.visits import BookForSomebody, BookVisit
from cop.models.accounts import Sector
from cop.models.events import Booking, BookingSource, BookingState, EventKind, Part
from cop.models.organisations import Organisation
from cop.queries import alternatives, attendance, calendars, files, meet_ups, organisations, seating, walk_ins
from cop.queries import bookings as booked
from cop.queries import events as queries
from cop.services.events import booking as services
from cop.web import Area, attempt, form_page, observe, ports, read
from cop.web.templating import when

TIMES_SHOWN = 5
"""Other times that a cancelled booking's page names."""

WITH_A_DOOR = frozenset({EventKind.VISIT, EventKind.SUMMIT, EventKind.COHORT})

area = Area("bookings", __name__)


@area.get("/bookings/<public_id>", access=SIGNED_IN)
def booking(public_id: str) -> ResponseReturnValue:
    found = booked.booking_page(read(), public_id=public_id)
    return render_template("bookings/booking.html", **_page_of(found), by_link=None)


@area.get("/bookings/<public_id>/calendar.ics", access=SIGNED_IN)
def calendar_file(public_id: str) -> ResponseReturnValue:
    found = booked.booking_page(read(), public_id=public_id)
    settings = ports().settings
    body = ical.feed(
        found.event.title,
        found.event.summary,
        _entries(found),
        source=request.base_url,
        timezone=settings.timezone,
        domain=settings.domain,
    )
    return Response(
        body,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{found.event.slug}.ics"'},
    )


@area.form("/bookings/<public_id>/change", access=SIGNED_IN)
def change(public_id: str) -> ResponseReturnValue:
    found = booked.booking_page(read(), public_id=public_id)
    walked_in = found.source is BookingSource.WALK_IN
    if found.state is BookingState.LIVE and found.event.kind is EventKind.MEET_UP and not walked_in:
        return _change_dates(found)
    if found.state is BookingState.CANCELLED or found.event.kind is not EventKind.VISIT or walked_in:
        return redirect(url_for("bookings.booking", public_id=public_id))
    event, held = found.event, booked.held_parts(found)
    days = list(queries.days_of(event, ports().settings.timezone, after=read().now))
    form = BookVisit(
        slot=held[0].id if held else None,
        party_size=found.party_size,
        names="\n".join(seat.name for seat in found.seats if seat.position > 0 and seat.name),
    )
    form.submit.label.text = _("Save the change")
    form.offer(event.parts)
    if form.validate_on_submit():
        party = services.Party(form.party_size.data, form.party_names())
        done = attempt(form, partial(services.change, public_id=public_id, part_ids=[form.slot.data], party=party))
        if done:
            flash(_("Your booking is changed. The seats you gave back are free for others at once."))
            return redirect(url_for("bookings.booking", public_id=public_id))
    return form_page(
        "visits/book.html",
        form,
        event=event,
        booking=found,
        held=[part.id for part in held],
        shown=days,
        days=days,
        places_left=queries.places_left,
    )


def _change_dates(found: Booking) -> ResponseReturnValue:
    """The dates to come of a meet-up, chosen anew; those that were stay."""
    now, held = read().now, booked.held_parts(found)
    coming, past = meet_ups.coming(found.event, now), [part for part in held if part.starts_at <= now]
    form = ChooseDates(dates=[part.id for part in held])
    form.offer((part, when(part)) for part in coming)
    names = tuple(seat.name for seat in found.seats if seat.position > 0 and seat.name)
    party = services.Party(found.party_size, names)
    public_id, values = found.public_id, {"past": past, "is_open": bool(coming)}
    if form.validate_on_submit():
        command = partial(services.change, public_id=public_id, part_ids=form.dates.data, party=party)
        if attempt(form, command):
            flash(_("Your dates are saved, and your calendar follows."))
            return redirect(url_for("bookings.booking", public_id=public_id))
        found = booked.booking_page(read(), public_id=public_id)
    return form_page("meet_ups/book.html", form, event=found.event, booking=found, **values)


@area.form("/bookings/<public_id>/cancel", access=SIGNED_IN)
def cancel(public_id: str) -> ResponseReturnValue:
    found = booked.booking_page(read(), public_id=public_id)
    if found.state is BookingState.CANCELLED and request.method == "GET":
        return redirect(url_for("bookings.booking", public_id=public_id))
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.cancel, public_id=public_id)):
        flash(_("The booking is cancelled, and the seats are free for others."))
        return redirect(url_for("bookings.booking", public_id=public_id))
    return form_page("bookings/cancel.html", form, **_page_of(found), by_link=None)


@area.get("/bookings/t/<token>", access=PUBLIC)
def by_link(token: str) -> ResponseReturnValue:
    found, _actor = _booking_of_link(token)
    return render_template("bookings/booking.html", **_page_of(found), by_link=token)


@area.form("/bookings/t/<token>/cancel", access=PUBLIC)
def cancel_by_link(token: str) -> ResponseReturnValue:
    found, actor = _booking_of_link(token)
    if found.state is BookingState.CANCELLED and request.method == "GET":
        return redirect(url_for("bookings.by_link", token=token))
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.cancel, public_id=found.public_id), actor):
        flash(_("The booking is cancelled, and the seats are free for others."))
        return redirect(url_for("bookings.by_link", token=token))
    return form_page("bookings/cancel.html", form, **_page_of(found), by_link=token)


def _booking_of_link(token: str) -> tuple[Booking, Actor]:
    """The booking that a mailed link names, and an actor who may touch nothing else."""
    booking_id, person_id = booked.booking_of_link(read(), token=token)
    actor = Actor(person_id, via="link")
    return booked.booking_by_id(read(), booking_id), actor


def _entries(found: Booking) -> Sequence[ical.Happening]:
    occasions = calendars.occasions_of_booking(read(), booking_id=found.id)
    return [own_entry(occasion, ports().settings.base_url) for occasion in occasions]


def _join(found: Booking, part: Part | None) -> str | None:
    """The page from which the person joins, where it is online."""
    part_id = part.id if part is not None else None
    return join_address("", found.event.kind, found.event.slug, found.public_id, found.link_generation, part_id)


def _page_of(found: Booking) -> dict[str, object]:
    parts = booked.parts_of(read(), found)
    now = read().now
    is_meet_up = found.event.kind is EventKind.MEET_UP
    begun = (all if is_meet_up else any)(part.starts_at <= now for part in parts)
    coming = [part for part in parts if part.ends_at > now] if is_meet_up else []
    following = coming[0] if coming else parts[0] if parts else None
    may_join = found.state is BookingState.LIVE and read().actor.person_id in {None, found.person_id}
    late = found.event.change_until is not None and now >= found.event.change_until
    live = found.state is BookingState.LIVE
    walked_in = found.source is BookingSource.WALK_IN
    ended = not live and not walked_in
    has_a_door = found.event.kind in WITH_A_DOOR and any(part.ends_at > now for part in parts)
    return {
        "booking": found,
        "event": found.event,
        "parts": parts,
        "may_change": live and not walked_in and not begun and (not late or queries.may_run(read().actor, found.event)),
        "too_late": live and not walked_in and not begun and late,
        "walked_in": walked_in,
        "door": url_for("check_in.show", public_id=found.public_id) if live and has_a_door and not walked_in else None,
        "next": following,
        "join": _join(found, following) if may_join and not is_meet_up else None,
        "joins": [(part, _join(found, part)) for part in coming] if may_join else [],
        "tables": seating.own_tables(read(), found) if live and found.event.kind is EventKind.SUMMIT else [],
        "files": files.of_event(read(), found.event_id) if live else (),
        "links": web_calendar_links(found, following, ports().settings.base_url) if live and following else [],
        "times": alternatives.other_times(read(), found.event, size=found.party_size)[:TIMES_SHOWN] if ended else (),
        "instead": alternatives.instead(read(), found.event) if ended else None,
        "online": alternatives.online_alternative(read(), found.event) if ended else None,
    }


@area.get("/events/<slug>/bookings", access=EVENT_STAFF_ONLY)
def for_event(slug: str) -> ResponseReturnValue:
    event = queries.staffed_event(read(), slug=slug)
    lists = attendance.host_lists(read(), event, with_needs=True)
    observe("access needs read", "event", event.id)
    return render_template(
        "bookings/for_event.html",
        event=event,
        lists=lists,
        walk_ins=walk_ins.walk_ins(read(), event),
        books_freely=event.kind in services.BOOKED_FREELY,
    )


@area.form("/events/<slug>/bookings/new", access=EVENT_STAFF_ONLY)
def book_for(slug: str) -> ResponseReturnValue:
    event = queries.staffed_event(read(), slug=slug)
    if event.kind not in services.BOOKED_FREELY:
        raise NotFound
    days = list(queries.days_of(event, ports().settings.timezone, after=read().now))
    form = BookForSomebody()
    form.offer(event.parts)
    if form.validate_on_submit():
        found = organisations.named(read(), form.organisation.data) if form.organisation.data else None
        if found is None and form.organisation.data:
            form.organisation.errors = [_("No organisation has this name. Leave it out or look it up under Members.")]
        elif attempt(form, partial(services.book_for, event_id=event.id, **_wanted(form, found))):
            flash(_("%(name)s is booked.", name=form.name.data))
            return redirect(url_for("bookings.for_event", slug=slug))
    return form_page("bookings/book_for.html", form, event=event, days=days, places_left=queries.places_left)


def _wanted(form: BookForSomebody, organisation: Organisation | None) -> dict[str, Any]:
    """What staff typed, as the service takes it."""
    guest = services.Guest(
        name=form.name.data,
        email=form.email.data or None,
        phone=form.phone.data or None,
        organisation_id=organisation.id if organisation is not None else None,
        sector=Sector(form.sector.data) if form.sector.data else None,
    )
    party = services.Party(form.party_size.data, form.party_names())
    return {"part_ids": [form.slot.data], "party": party, "guest": guest}
