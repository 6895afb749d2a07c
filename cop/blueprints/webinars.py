"""Webinars as visitors see them: what there is, one webinar, registering with and without an account, joining."""

from collections.abc import Collection, Sequence
from functools import partial

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import PUBLIC
from cop.core.errors import NotFound
from cop.forms.base import Confirm
from cop.forms.webinars import READERS_ZONES, Register, RegisterByMail, RegisterForSeveral
from cop.models.events import Event, EventKind, EventState, Part
from cop.models.programmes import Series
from cop.queries import (
    accounts,
    alternatives,
    bookings,
    events,
    files,
    joining,
    programmes,
    speakers,
    stories,
    toolkit,
    waiting_lists,
)
from cop.queries import webinars as queries
from cop.queries.forum import topics_about
from cop.queries.webinars import WHY_NOT, Registering
from cop.services import webinars as services
from cop.web import (
    Area,
    attempt,
    current_actor,
    current_person,
    form_page,
    observe,
    page_number,
    paged,
    ports,
    read,
    shown_or_refused,
)
from cop.web.joining import booking_of_mailed_link, join_page
from cop.web.readers import is_somebody

PAGE = 20

area = Area("webinars", __name__)


@area.get("/webinars/", access=PUBLIC, shared=True)
def index() -> ResponseReturnValue:
    past = request.args.get("show") == "past"
    found = events.listed_events(
        read(),
        EventKind.WEBINAR,
        ports().settings.timezone,
        past=past,
        offset=(page_number() - 1) * PAGE,
        limit=PAGE,
    )
    beside = queries.beside(read(), [item.slug for item in found])
    return render_template("webinars/index.html", pager=paged(found, PAGE), past=past, beside=beside)


@area.get("/webinars/<slug>", access=PUBLIC, shared=True)
def webinar(slug: str) -> ResponseReturnValue:
    event = events.event_page(read(), slug=slug, kind=EventKind.WEBINAR)
    part = queries.session_of(event)
    return render_template(
        "webinars/webinar.html",
        event=event,
        part=part,
        state=queries.registering(event, read().now),
        left=events.places_left(event, part) if part else None,
        speakers=speakers.shown(read(), event.id),
        links=queries.links_of(read(), event.id) if _is_over(event, part) else (),
        resources=toolkit.of_event(read(), event.id) if _is_over(event, part) else (),
        booked=bookings.live_booking_of(read(), event.id),
        waits=waiting_lists.own_entry_of(read(), event.id),
        runs_it=events.may_run(read().actor, event),
        zone=_readers_zone(),
        zones=READERS_ZONES,
        own_zone=ports().settings.timezone.key,
        files=files.offered(read(), event),
        stories=stories.of_event(read(), event),
        topics=topics_about(read(), event_id=event.id),
        instead=alternatives.instead(read(), event),
    )


def _is_over(event: Event, part: Part | None) -> bool:
    return part is not None and part.ends_at <= read().now and event.state is EventState.PUBLISHED


def _readers_zone() -> str | None:
    """The zone of the account, else the one that the address asks for; None is that of the programme."""
    if person := current_person():
        return person.timezone
    asked = request.args.get("zone")
    return asked if asked in dict(READERS_ZONES) else None


@area.get("/webinars/<slug>/links/<int:link_id>", access=PUBLIC)
def link(slug: str, link_id: int) -> ResponseReturnValue:
    """The way to a recording or resource leads through here, so that it is counted apart from joining."""
    event = events.event_page(read(), slug=slug, kind=EventKind.WEBINAR)
    for item in queries.links_of(read(), event.id) if _is_over(event, queries.session_of(event)) else ():
        if item.id == link_id:
            if is_somebody():
                observe(queries.opened_as(item.kind), "event link", item.id)
            return redirect(item.url)
    raise NotFound


@area.form("/webinars/<slug>/register", access=PUBLIC)
def register(slug: str) -> ResponseReturnValue:
    event = events.event_page(read(), slug=slug, kind=EventKind.WEBINAR)
    if current_actor().person_id is None:
        return _register_by_mail(queries.coming_with(read(), event), event=event)
    held = bookings.live_booking_of(read(), event.id) if request.method == "GET" else None
    if held is not None:
        flash(_("You are registered for this webinar already. Here is your booking."))
        return redirect(url_for("bookings.booking", public_id=held.public_id))
    if request.method == "GET" and queries.registering(event, read().now) is not Registering.OPEN:
        return _nothing_to_register(event)
    form = Register(needs=_needs_of_profile())
    if form.validate_on_submit():
        done = attempt(
            form, partial(services.register, event_id=event.id, needs=form.needs.data, question=form.question.data)
        )
        if done:
            flash(_("You are registered. We have sent you a confirmation by e-mail."))
            return redirect(url_for("bookings.booking", public_id=done.result.public_id))
        event = events.event_page(read(), slug=slug, kind=EventKind.WEBINAR)
    waits = waiting_lists.own_entry_of(read(), event.id)
    return form_page("webinars/register.html", form, event=event, part=queries.session_of(event), waits=waits)


@area.form("/series/<slug>/register", access=PUBLIC)
def register_for_series(slug: str) -> ResponseReturnValue:
    series = programmes.series_by_slug(read(), slug)
    coming = queries.coming_in_series(read(), series.id)
    if current_actor().person_id is None:
        return _register_by_mail(coming, series=series)
    held = queries.booked_by(read(), read().actor.person_id, [event.id for event in coming])
    offered = [event for event in queries.still_open(coming, read().now) if event.id not in held]
    full = queries.full_ones([event for event in coming if event.id not in held], read().now)
    if not offered:
        return _nothing_left(series, full, held=len(held))
    form = RegisterForSeveral(needs=_needs_of_profile(), webinars=[event.id for event in offered])
    form.offer((event.id, event.title) for event in coming)
    if form.validate_on_submit():
        done = attempt(
            form,
            partial(
                services.register_for_several,
                event_ids=form.webinars.data,
                needs=form.needs.data,
                question=form.question.data,
            ),
        )
        if done:
            _tell(done.result)
            return redirect(url_for("accounts.bookings"))
    return form_page("webinars/pick.html", form, series=series, offered=_with_sessions(offered), full=full)


def _needs_of_profile() -> str | None:
    return accounts.own_profile(read()).needs


def _tell(outcome: services.Outcome) -> None:
    if outcome.booked:
        titles = "”, “".join(event.title for event in outcome.booked)
        flash(_("You are registered for “%(titles)s”.", titles=titles))
    for event, state in outcome.refused:
        flash(_(WHY_NOT[state], title=event.title))


def _register_by_mail(
    coming: Sequence[Event], *, event: Event | None = None, series: Series | None = None
) -> ResponseReturnValue:
    """For whoever is signed out; the answer is the same whether or not anybody knows the address.

    What is full or closed is not shown, but may be asked for by a page that is older, and is then refused by name.
    """
    offered, full = queries.still_open(coming, read().now), queries.full_ones(coming, read().now)
    if not offered or (request.method == "GET" and event is not None and event not in offered):
        return _nothing_to_register(event) if event is not None else _nothing_left(series, full, held=0)
    form = RegisterByMail(webinars=[item.id for item in offered if event is None or item.id == event.id])
    form.offer((item.id, item.title) for item in coming)
    if form.validate_on_submit():
        done = attempt(
            form,
            partial(
                services.ask_to_register,
                email=form.email.data,
                name=form.name.data,
                organisation=form.organisation.data,
                event_ids=form.webinars.data,
                needs=form.needs.data,
                question=form.question.data,
                timezone=_readers_zone() or ports().settings.timezone.key,
                network=request.remote_addr or "",
            ),
        )
        if done and done.result.network_is_busy:
            return render_template("errors/429.html"), 429, {"Retry-After": "300"}
        if done:
            session["registering"] = form.email.data
            return redirect(url_for(".check_mail"))
    return form_page(
        "webinars/register_by_mail.html", form, event=event, series=series, offered=_with_sessions(offered), full=full
    )


def _with_sessions(found: Collection[Event]) -> list[tuple[Event, Part | None]]:
    return [(event, queries.session_of(event)) for event in found]


def _nothing_to_register(event: Event) -> ResponseReturnValue:
    state = queries.registering(event, read().now)
    page = render_template(
        "webinars/closed.html",
        event=event,
        why=WHY_NOT[state],
        is_full=state is Registering.FULL,
        waits=waiting_lists.own_entry_of(read(), event.id),
    )
    return shown_or_refused(page)


def _nothing_left(series: Series | None, full: Sequence[Event], *, held: int) -> ResponseReturnValue:
    return shown_or_refused(render_template("webinars/nothing_left.html", series=series, full=full, held=held))


@area.get("/confirm", access=PUBLIC)
def check_mail() -> ResponseReturnValue:
    return render_template("webinars/check_mail.html", email=session.get("registering", ""))


@area.form("/webinars/<slug>/join", access=PUBLIC)
def join(slug: str) -> ResponseReturnValue:
    """The meeting's own address stands on no page: the button leads there, for whoever registered and in time."""
    held = booking_of_mailed_link(slug)
    if held is None:
        event = events.event_page(read(), slug=slug, kind=EventKind.WEBINAR)
        held = joining.own_booking_to_join(read(), event_id=event.id) if read().actor.person_id else None
        if held is None:
            return shown_or_refused(render_template("webinars/not_registered.html", event=event))
    if held.event.kind is not EventKind.WEBINAR:
        raise NotFound
    pressed = Confirm().validate_on_submit()
    return join_page("webinars/join.html", booking=held, part=queries.session_of(held.event), pressed=pressed)
