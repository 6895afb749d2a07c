"""Courses and applications to start from, made by the services with sensible defaults."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cop.core.access import Actor
from cop.models.accounts import Person
from cop.models.cohorts import Application, Cohort, Endorsement, EndorsementKind
from cop.models.events import Event
from cop.models.programmes import Programme
from cop.queries.cohorts.endorsements import link_token
from cop.services.cohorts import applications, endorsements, entering
from cop.services.cohorts import editing as courses
from cop.services.events import editing
from cop.services.events.booking import Guest
from tests.support.clock import START
from tests.support.make import Make, Working

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)

TEXTS: dict[str, Any] = {
    "place": "Town Hall, Swindon",
    "getting_there": "Ten minutes from the station.",
    "step_free": "A lift to every floor.",
    "bring": "A question from your own place.",
}

ANSWERS: Mapping[str, Any] = {
    "challenge": "Damp flats make children ill, and nobody feels responsible.",
    "change": "Tenants would be heard within a week.",
    "with_residents": "I was one of them for ten years.",
    "all_half_days": "yes",
    "time_agreed": "not needed",
    "heard": "webinar",
    "confident_coproduction": 4,
    "confident_change": 0,
}
"""What the questions of a new course need; only who suggested it is left out."""

HALF_DAYS = (
    ("Day 1 morning", 0, time(9, 30), time(12, 30)),
    ("Day 1 afternoon", 0, time(13, 30), time(16, 30)),
    ("Day 2 morning", 1, time(9, 30), time(12, 30)),
    ("Day 2 afternoon", 1, time(13, 30), time(16, 30)),
)


def course(
    work: Working,
    make: Make,
    title: str = "Change Makers",
    *,
    places: int = 15,
    opens_at: datetime = START - DAY,
    closes_at: datetime = START + 14 * DAY,
    begins_at: datetime = START + 30 * DAY,
    published: bool = True,
    screening: bool = False,
    programme: Programme | None = None,
) -> Event:
    """A course of four half-days on two days, open for applications; without first questions unless asked for."""
    programme = programme or make.programme()
    with work() as unit:
        event = courses.create_course(
            unit,
            programme_id=programme.id,
            title=title,
            summary="Residents and council people learn together.",
            capacity=places,
        )
        editing.edit_practicalities(unit, event_id=event.id, **TEXTS)
        for name, days, start, end in HALF_DAYS:
            courses.add_half_day(
                unit,
                event_id=event.id,
                title=name,
                on_date=(begins_at + days * DAY).date(),
                start=start,
                end=end,
                place="",
                zone=LONDON,
            )
        courses.edit_window(unit, event_id=event.id, opens_at=opens_at, closes_at=closes_at)
        if not screening:
            unit.session.get_one(Cohort, event.id).screening = []
        if published:
            editing.publish_event(unit, event_id=event.id)
    return make.event(event.id)


def begin(work: Working, make: Make, person: Person, event: Event, **answers: Any) -> Application:
    """A draft of that person with these answers."""
    with work(make.actor(person)) as unit:
        made = applications.start(unit, event_id=event.id)
        applications.save(unit, event_id=event.id, answers=answers, seen=0)
    return made


def apply(work: Working, make: Make, person: Person, event: Event, **answers: Any) -> Application:
    """A submitted application; the person needs a sector."""
    begin(work, make, person, event, **{**ANSWERS, **answers})
    with work(make.actor(person)) as unit:
        return applications.submit(unit, event_id=event.id)


def named(
    work: Working,
    make: Make,
    person: Person,
    event: Event,
    *,
    kind: EndorsementKind = EndorsementKind.MANAGER,
    name: str = "Ruth Bello",
    email: str = "ruth@council.example",
) -> Endorsement:
    """Somebody whom the applicant asks to support them."""
    with work(make.actor(person)) as unit:
        return endorsements.ask(unit, event_id=event.id, kind=kind, name=name, email=email)


def supported(work: Working, asked: Endorsement, *, supports: bool = True, words: str = "") -> Endorsement:
    """What somebody who was asked answers by the link."""
    with work(Actor(via="link")) as unit:
        return endorsements.answer(unit, token=link_token(asked), supports=supports, words=words)


def entered(work: Working, chair: Actor, event: Event, guest: Guest) -> Application:
    """An application that staff begin for somebody."""
    with work(chair) as unit:
        return entering.start_for(unit, event_id=event.id, guest=guest)
