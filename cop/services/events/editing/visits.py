"""A visit as a whole: its words, its rules, and whether the public sees it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select, update

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.events import Booking, BookingState, Choice, Event, EventKind, EventState, Part, PartState, Visibility
from cop.queries.alternatives import Alternative, instead_choices, online_choices
from cop.queries.cohorts.calls import missing_in_call
from cop.queries.staff_events import missing_to_publish
from cop.queries.waiting import somebody_waits
from cop.services.events.booking import advance
from cop.services.events.editing.courses import call_off_applications, refuse_if_applied
from cop.services.events.editing.shared import (
    announce_move,
    call_off,
    event_to_edit,
    https_address,
    lock_all_parts,
    lock_days,
    new_event,
    refuse_below,
    refuse_foreign_series,
    seats_claimed,
    touch,
)
from cop.services.events.editing.summits import post_invitations
from cop.services.forum import ensure_cohort_space

FIRST_PARTY_MAX = 5
"""How many may come together until staff say otherwise."""


def create_visit(
    work: Work,
    *,
    programme_id: int,
    title: str,
    summary: str,
    slug: str = "",
    description: str = "",
    series_id: int | None = None,
    visibility: Visibility = Visibility.PUBLIC,
) -> Event:
    """A draft without slots, which only staff see. A blank slug is made from the title and stays for good."""
    return new_event(
        work,
        programme_id=programme_id,
        kind=EventKind.VISIT,
        choice=Choice.ONE,
        title=title,
        summary=summary,
        slug=slug,
        description=description,
        series_id=series_id,
        visibility=visibility,
        party_max=FIRST_PARTY_MAX,
    )


def edit_details(
    work: Work,
    *,
    event_id: int,
    title: str,
    summary: str,
    description: str,
    series_id: int | None = None,
    visibility: Visibility | None = None,
) -> Event:
    """``visibility`` of None stays as it is. Meet-ups are for alumni and in no series, whatever is asked for."""
    event = event_to_edit(work, event_id)
    refuse_foreign_series(work, event.programme_id, series_id)
    event.title, event.summary, event.description = title, summary, description
    if event.kind is not EventKind.MEET_UP:
        event.series_id, event.visibility = series_id, visibility or event.visibility
    if event.kind is EventKind.WEBINAR:  # its one part bears its name
        work.session.execute(update(Part).where(Part.event_id == event.id).values(title=title))
    touch(work, event)
    return event


def edit_practicalities(  # noqa: PLR0913  one for each thing that people should know
    work: Work,
    *,
    event_id: int,
    place: str,
    getting_there: str,
    step_free: str,
    bring: str,
    map_url: str = "",
    parking: str = "",
    contact: str = "",
    safety: str = "",
    note: str = "",
) -> Event:
    """Another place is news to everybody whose slot has no place of its own; better directions are not."""
    event = event_to_edit(work, event_id)
    event.map_url = https_address(map_url, field="map_url") if map_url else ""
    event.parking, event.contact, event.safety = parking, contact, safety
    moved = [] if place == event.place else [part for part in _coming_parts(work, event) if not part.place]
    event.place, event.getting_there, event.step_free, event.bring = place, getting_there, step_free, bring
    touch(work, event)
    announce_move(work, moved, note=note)
    return event


def edit_booking_rules(
    work: Work,
    *,
    event_id: int,
    party_max: int | None = None,
    capacity: int | None,
    opens_at: datetime | None,
    closes_at: datetime | None,
    change_until: datetime | None,
) -> Event:
    """Rules for bookings from now on; those made stand. ``capacity`` counts people over all slots and days.

    ``party_max`` is left as it is where None: only to visits do people come in parties. Nobody books a course.
    """
    event = event_to_edit(work, event_id)
    if event.kind is EventKind.COHORT:
        raise NotFound
    if opens_at is not None and closes_at is not None and closes_at <= opens_at:
        raise Refusal(marked("Booking must close after it opens"), field="closes_at")
    refuse_below(seats_claimed(work, event), capacity)
    event.party_max, event.capacity = party_max or event.party_max, capacity
    event.opens_at, event.closes_at, event.change_until = opens_at, closes_at, change_until
    touch(work, event)
    work.session.flush()
    work.session.refresh(event)  # a trigger begins or ends the count of places
    advance(work, event)
    return event


def publish_event(work: Work, *, event_id: int) -> Event:
    """Show the event and let people take part; refused while something that they need to know is missing.

    With its call, a course gets its space of the forum, which opens to those who complete it.
    """
    event = event_to_edit(work, event_id)
    coming = exists().where(Part.event_id == event.id, Part.state == PartState.PLANNED, Part.starts_at > work.now)
    missing = [*missing_to_publish(event, has_coming_slot=bool(work.session.scalar(select(coming))))]
    if event.kind is EventKind.COHORT:
        missing += missing_in_call(work, event)
    if missing:
        raise Refusal(marked("Before you publish, add %(missing)s"), missing=in_words(missing))
    event.state = EventState.PUBLISHED
    touch(work, event)
    if event.kind is EventKind.SUMMIT:
        post_invitations(work, event)
    if event.kind is EventKind.COHORT:
        ensure_cohort_space(work, event.id)
    return event


def in_words(pieces: Sequence[str]) -> str:
    """One piece, two with "and", more with commas before it."""
    return " and ".join(part for part in (", ".join(pieces[:-1]), pieces[-1]) if part)


def unpublish(work: Work, *, event_id: int) -> Event:
    """Make it a draft again, as long as nobody relies on it."""
    event = event_to_edit(work, event_id)
    booked = exists().where(Booking.event_id == event.id, Booking.state == BookingState.LIVE)
    if work.session.scalar(select(booked)) or somebody_waits(work, event.id):
        raise Refusal(marked("People have booked or wait, so this cannot go back to being a draft. Cancel it instead."))
    if event.kind is EventKind.COHORT:
        refuse_if_applied(work, event)
    event.state = EventState.DRAFT
    touch(work, event)
    return event


def choose_online(work: Work, *, event_id: int, online_event_id: int | None) -> Event:
    """Where those who cannot come to a visit take part instead; None for nowhere."""
    event = event_to_edit(work, event_id)
    if event.kind is not EventKind.VISIT:
        raise NotFound
    _refuse_unless_offered(online_choices(work, event), online_event_id, field="online_event_id")
    event.online_event_id = online_event_id
    touch(work, event)
    return event


def _refuse_unless_offered(choices: Sequence[Alternative], chosen: int | None, *, field: str) -> None:
    if chosen is not None and chosen not in {choice.id for choice in choices}:
        raise Refusal(marked("Choose one from the list"), field=field)


def cancel_event(work: Work, *, event_id: int, reason: str, instead_event_id: int | None = None) -> int:
    """Call off all that is still to come, and tell everybody who booked it; how many bookings that ended.

    Slots that are over, their bookings and who came to them stay: they did happen. Where there is another event
    instead, the message and the page of the cancelled one lead there.
    """
    event = event_to_edit(work, event_id)
    if instead_event_id is not None:
        _refuse_unless_offered(instead_choices(work, event), instead_event_id, field="instead_event_id")
    lock_days(work, event)
    parts = lock_all_parts(work, event)
    if parts and all(part.ends_at <= work.now for part in parts):
        raise Refusal(marked("All slots are over, so there is nothing to cancel"))
    event.state, event.sequence = EventState.CANCELLED, event.sequence + 1
    event.instead_event_id = instead_event_id
    touch(work, event)
    if event.kind is EventKind.COHORT:
        call_off_applications(work, event, reason=reason)
    return call_off(work, _coming(work, parts), reason=reason)


def _coming_parts(work: Work, event: Event) -> Sequence[Part]:
    lock_days(work, event)
    return _coming(work, lock_all_parts(work, event))


def _coming(work: Work, parts: Sequence[Part]) -> Sequence[Part]:
    return [part for part in parts if part.state is PartState.PLANNED and part.ends_at > work.now]
