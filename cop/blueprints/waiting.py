"""The waiting list: joining it, one's own place in it, and the list as staff see it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_EDITORS_ONLY, EVENT_STAFF_ONLY, PUBLIC, SIGNED_IN, Actor
from cop.core.errors import NotFound
from cop.forms.base import Confirm
from cop.forms.waiting import JoinLine, JoinLineFor, SharingRules
from cop.models.accounts import Sector
from cop.models.events import Event, EventKind, Part, PartState
from cop.models.waiting import Waiting, WaitingState
from cop.queries import bookings, offers, organisations, staff_events, summits
from cop.queries import events as event_queries
from cop.queries import waiting_lists as queries
from cop.queries.waiting import LAST_CALL, LIVE
from cop.services.events import waiting as services
from cop.services.events.booking import Guest
from cop.services.events.editing.sharing import edit_waiting_rules
from cop.web import STAFF_PAGES, Area, attempt, form_page, page_number, paged, ports, read

PAGE = 50

area = Area("waiting", __name__)


@area.form("/events/<slug>/wait", access=SIGNED_IN)
def join(slug: str) -> ResponseReturnValue:
    event = event_queries.event_page(read(), slug=slug)
    if event.kind is EventKind.COHORT:
        raise NotFound
    if request.method == "GET" and (already := _already(event)):
        return redirect(already)
    if request.method == "GET" and not _is_for_them(event):
        return render_template("summits/not_invited.html", event=event)
    parts = _coming(event)
    form = JoinLine()
    form.suit(event, parts)
    if form.validate_on_submit():
        done = attempt(form, partial(services.join, event_id=event.id, wish=services.Wish(**form.wish())))
        if done:
            flash(_("You are on the waiting list. We write to you as soon as there is a place for you."))
            return redirect(url_for(".entry", public_id=done.result.public_id))
    return form_page("waiting/join.html", form, **_line_to_join(event, parts))


def _is_for_them(event: Event) -> bool:
    return event.kind is not EventKind.SUMMIT or summits.own_invitation(read(), event_id=event.id) is not None


def _already(event: Event) -> str | None:
    """The page of what the person has at this event, instead of a form for more of it."""
    held, entry = bookings.live_booking_of(read(), event.id), queries.own_entry_of(read(), event.id)
    if entry is not None:
        return url_for(".entry", public_id=entry.public_id)
    return url_for("bookings.booking", public_id=held.public_id) if held is not None else None


def _line_to_join(event: Event, parts: Sequence[Part]) -> dict[str, Any]:
    return {
        "event": event,
        "parts": parts,
        "has_room": event_queries.has_room(event, parts),
        "left_of": {part.id: event_queries.places_left(event, part) for part in parts},
        "parties": queries.parties_waiting(read(), event.id),
    }


def _coming(event: Event) -> list[Part]:
    """What can still be waited for."""
    soon = read().now + LAST_CALL
    return [part for part in event.parts if part.state is PartState.PLANNED and part.starts_at > soon]


@area.get("/waiting/<public_id>", access=SIGNED_IN)
def entry(public_id: str) -> ResponseReturnValue:
    return render_template("waiting/entry.html", **_shown(queries.entry_page(read(), public_id=public_id)))


@area.form("/waiting/<public_id>/leave", access=SIGNED_IN)
def leave(public_id: str) -> ResponseReturnValue:
    found = queries.entry_page(read(), public_id=public_id)
    form = Confirm()
    is_own = found.person_id == read().actor.person_id
    back = url_for(".entry", public_id=public_id) if is_own else url_for(".line", slug=found.event.slug)
    if found.state not in LIVE and request.method == "GET":
        return redirect(back)
    if form.validate_on_submit() and attempt(form, partial(services.leave, public_id=public_id)):
        flash(
            _("You have left the waiting list.")
            if is_own
            else _("%(name)s is off the waiting list.", name=found.person.name)
        )
        return redirect(back)
    return form_page("waiting/leave.html", form, entry=found, event=found.event, is_own=is_own, back_to=back)


@area.get("/waiting/t/<token>", access=PUBLIC)
def by_link(token: str) -> ResponseReturnValue:
    return render_template("waiting/entry.html", **_shown(queries.entry_of_link(read(), token=token), token))


@area.form("/waiting/t/<token>/leave", access=PUBLIC)
def leave_by_link(token: str) -> ResponseReturnValue:
    found = queries.entry_of_link(read(), token=token)
    form, back = Confirm(), url_for(".by_link", token=token)
    if found.state not in LIVE and request.method == "GET":
        return redirect(back)
    holder = Actor(found.person_id, via="link")
    if form.validate_on_submit() and attempt(form, partial(services.leave, public_id=found.public_id), holder):
        flash(_("You have left the waiting list."))
        return redirect(back)
    return form_page("waiting/leave.html", form, entry=found, event=found.event, is_own=True, back_to=back)


def _shown(found: Waiting, token: str | None = None) -> dict[str, Any]:
    offer = queries.open_offer_of(read(), found) if found.state is WaitingState.OFFERED else None
    return {
        "entry": found,
        "event": found.event,
        "turns": queries.turns_of(read(), found) if found.state is WaitingState.WAITING else (),
        "offer": offer,
        "offer_token": offers.link_token(offer) if offer is not None else None,
        "by_link": token,
        "is_own": token is not None or found.person_id == read().actor.person_id,
    }


@area.get("/events/<slug>/waiting", access=EVENT_STAFF_ONLY)
def line(slug: str) -> ResponseReturnValue:
    event = event_queries.staffed_event(read(), slug=slug)
    found = queries.staff_line(read(), event, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template(
        "waiting/line.html", event=event, pager=paged(found, PAGE), may_edit=staff_events.may_edit(read().actor, event)
    )


@area.form("/events/<slug>/waiting/new", access=EVENT_STAFF_ONLY)
def join_for(slug: str) -> ResponseReturnValue:
    event = event_queries.staffed_event(read(), slug=slug)
    if event.kind is EventKind.COHORT:
        raise NotFound
    parts = _coming(event)
    form = JoinLineFor()
    form.suit(event, parts)
    if form.validate_on_submit():
        found = organisations.named(read(), form.organisation.data) if form.organisation.data else None
        if found is None and form.organisation.data:
            form.organisation.errors = [_("No organisation has this name. Leave it out or look it up under Members.")]
        else:
            guest = Guest(
                name=form.name.data,
                email=form.email.data or None,
                phone=form.phone.data or None,
                organisation_id=found.id if found is not None else None,
                sector=Sector(form.sector.data) if form.sector.data else None,
            )
            command = partial(services.join_for, event_id=event.id, wish=services.Wish(**form.wish()), guest=guest)
            if attempt(form, command):
                flash(_("%(name)s is on the waiting list.", name=form.name.data))
                return redirect(url_for(".line", slug=slug))
    return form_page("waiting/join_for.html", form, **_line_to_join(event, parts))


@area.form("/events/<slug>/waiting/rules", access=EVENT_EDITORS_ONLY)
def rules(slug: str) -> ResponseReturnValue:
    event = event_queries.staffed_event(read(), slug=slug)
    if event.kind is EventKind.COHORT or not staff_events.may_edit(read().actor, event):
        raise NotFound
    zone = ports().settings.timezone
    form = SharingRules.of(event, zone)
    command = partial(edit_waiting_rules, event_id=event.id)
    if form.validate_on_submit() and attempt(form, partial(command, **form.rules_in(zone))):
        flash(_("The rules for sharing out places are saved."))
        return redirect(url_for(STAFF_PAGES[event.kind], slug=slug))
    return form_page("waiting/rules.html", form, event=event)
