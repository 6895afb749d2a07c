"""For those who receive people: the roll, their notes, who walks in, which slots are theirs; and the visit pack."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_STAFF_ONLY, PUBLIC, SIGNED_IN
from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.forms.base import Confirm
from cop.forms.hosting import AddWalkIn, AnswerRota, WriteNotes
from cop.models.events import Booking, BookingState, Event, EventKind, MarkSource
from cop.queries import bookings, check_in, events, rota, walk_ins
from cop.queries import hosting as queries
from cop.services.events import hosting
from cop.services.events import walk_ins as came
from cop.services.events.rota import answer_rota
from cop.web import Area, attempt, form_page, observe, read

BLANK_LINES = 8

area = Area("hosting", __name__)


@area.get("/events/<slug>/roll", access=EVENT_STAFF_ONLY)
def roll(slug: str) -> ResponseReturnValue:
    event = events.staffed_event(read(), slug=slug)
    days = queries.days_of_roll(event)
    on = _day(request.args.get("day"), days) or queries.day_to_call(days, read().now)
    found = queries.rolls(read(), event, on) if on is not None else ()
    observe("access needs read", "event", event.id)
    return render_template("hosting/roll.html", event=event, days=days, on=on, rolls=found, blank_lines=BLANK_LINES)


def _day(text: str | None, days: Sequence[date]) -> date | None:
    """The day in the address, if the event has something planned on it."""
    try:
        asked = date.fromisoformat(text or "")
    except ValueError:
        return None
    return asked if asked in days else None


@area.form("/events/<slug>/notes", access=EVENT_STAFF_ONLY)
def notes(slug: str) -> ResponseReturnValue:
    event = events.staffed_event(read(), slug=slug)
    form = WriteNotes(data={"notes": event.host_notes, "seen": queries.notes_revision(event)})
    command = partial(hosting.write_host_notes, event_id=event.id)
    if form.validate_on_submit() and attempt(form, partial(command, **form.answers())):
        flash(_("The notes are saved."))
        return redirect(url_for("bookings.for_event", slug=slug))
    stands = events.staffed_event(read(), slug=slug)
    is_stale = form.seen.data != queries.notes_revision(stands)
    form.seen.data = queries.notes_revision(stands)
    return form_page("hosting/notes.html", form, event=event, others=stands.host_notes if is_stale else None)


@area.form("/events/<slug>/walk-in", access=EVENT_STAFF_ONLY)
def walk_in(slug: str) -> ResponseReturnValue:
    event = events.staffed_event(read(), slug=slug)
    form = AddWalkIn(data={"part": request.args.get("part", type=int), "source": _source(), "party_size": 1})
    if form.part.data is not None and form.part.data not in {part.id for part in event.parts}:
        raise NotFound
    part = check_in.current_part(event, read().now, form.part.data)
    if request.method == "GET" and part is not None:
        form.part.data = part.id
    source = next((each for each in MarkSource if each == form.source.data), MarkSource.CHECK_IN)
    if form.validate_on_submit():
        answers = form.answers()
        command = partial(came.add_walk_in, event_id=event.id, part_id=answers.pop("part"))
        if attempt(form, partial(command, **{**answers, "source": source})):
            flash(_("%(name)s is written down as here.", name=form.name.data))
            return redirect(_list_of(event, form.part.data, source))
        event = events.staffed_event(read(), slug=slug)
    known = walk_ins.booking_with(read(), event, email=form.email.data) if form.email.errors else None
    return form_page(
        "hosting/walk_in.html",
        form,
        event=event,
        part=part,
        known=known,
        too_early=part is not None and day_of(read().now) < day_of(part.starts_at),
        back_to=_list_of(event, part.id if part is not None else None, source),
    )


def _source() -> MarkSource:
    """From which list somebody comes: the door, or the sheet of who came."""
    return MarkSource.ROSTER if request.args.get("at") == "sheet" else MarkSource.CHECK_IN


def _list_of(event: Event, part_id: int | None, source: MarkSource) -> str:
    if source is MarkSource.ROSTER:
        return url_for("attendance.sheet", slug=event.slug, slot=part_id)
    return url_for("check_in.door", slug=event.slug, part=part_id)


@area.form("/events/<slug>/walk-in/<int(max=9223372036854775807):part_id>/<public_id>", access=EVENT_STAFF_ONLY)
def take_back(slug: str, part_id: int, public_id: str) -> ResponseReturnValue:
    event = events.staffed_event(read(), slug=slug)
    form = Confirm()
    back_to = _list_of(event, part_id, _source())
    command = partial(came.take_back, event_id=event.id, part_id=part_id, public_id=public_id)
    if form.validate_on_submit() and attempt(form, command):
        flash(_("It is taken back, as if nobody had come."))
        return redirect(back_to)
    party = walk_ins.walk_in(read(), event, public_id=public_id, part_id=part_id)
    if party is None and not form.errors:
        raise NotFound
    return form_page("hosting/take_back.html", form, event=event, party=party, back_to=back_to)


@area.form("/events/<slug>/rota", access=SIGNED_IN)
def own_slots(slug: str) -> ResponseReturnValue:
    event = events.event_page(read(), slug=slug, kind=EventKind.VISIT)
    form = AnswerRota()
    if form.validate_on_submit() and attempt(form, partial(answer_rota, event_id=event.id, **form.answers())):
        said_yes = form.answer.data == "yes"
        flash(_("Thank you: you receive these visitors.") if said_yes else _("Thank you for telling us."))
        return redirect(url_for(".own_slots", slug=slug))
    asked = rota.own_slots(read(), event)
    if not asked:
        raise NotFound
    runs_it = events.may_run(read().actor, event)
    return form_page("hosting/own_slots.html", form, event=event, asked=asked, runs_it=runs_it)


@area.get("/events/<slug>/pack", access=EVENT_STAFF_ONLY)
def pack(slug: str) -> ResponseReturnValue:
    event = events.staffed_event(read(), slug=slug)
    if event.kind is not EventKind.VISIT:
        raise NotFound
    return render_template("hosting/pack.html", event=event, booking=None, parts=(), door=None, by_link=None)


@area.get("/bookings/<public_id>/pack", access=SIGNED_IN)
def own_pack(public_id: str) -> ResponseReturnValue:
    return _pack_of(bookings.booking_page(read(), public_id=public_id), None)


@area.get("/bookings/t/<token>/pack", access=PUBLIC)
def pack_by_link(token: str) -> ResponseReturnValue:
    booking_id, _person_id = bookings.booking_of_link(read(), token=token)
    return _pack_of(bookings.booking_by_id(read(), booking_id), token)


def _pack_of(found: Booking, token: str | None) -> ResponseReturnValue:
    if found.event.kind is not EventKind.VISIT:
        raise NotFound
    if found.state is BookingState.CANCELLED:
        by_link = url_for("bookings.by_link", token=token) if token else None
        return redirect(by_link or url_for("bookings.booking", public_id=found.public_id))
    parts = bookings.held_parts(found)
    door = (
        url_for("check_in.show", public_id=found.public_id)
        if any(part.ends_at > read().now for part in parts)
        else None
    )
    return render_template("hosting/pack.html", event=found.event, booking=found, parts=parts, door=door, by_link=token)
