"""The monthly hour of those who completed the first course: dates that were, and dates to come."""

from collections.abc import Sequence
from datetime import date, time, timedelta

from sqlalchemy import select

from cop.algorithms.repeating import Repetition, Rhythm
from cop.core.work import Work
from cop.demo.cohorts import FINISHED, cohort_of
from cop.demo.stage import Stage, as_person
from cop.models.accounts import Person
from cop.models.events import Event, Part
from cop.models.service import Observation
from cop.queries.alumni import alumni
from cop.queries.joining import JOINED
from cop.services.events import booking, editing
from cop.services.events.editing import meet_ups

SLUG = "change-makers-hour"
TUESDAY = 1


def load(stage: Stage) -> None:
    """Most of them come to all dates, some to the first alone, and the alumna left one out that is to come."""
    before = stage.ago(days=95)
    event = _planned(stage, before)
    done = alumni().subquery("done")
    found = select(Person).join(done, done.c.person_id == Person.id)
    of_course = found.where(done.c.event_id == cohort_of(stage, FINISHED).id).order_by(Person.id)
    people = stage.work.session.scalars(of_course, {"now": before.now}).all()
    alumna = stage.role("alumna")
    parts = stage.work.session.scalars(select(Part).where(Part.event_id == event.id).order_by(Part.starts_at)).all()
    for number, person in enumerate(person for person in people[:9] if person.id != alumna.id):
        _books(before, person, event, parts[:1] if number % 4 == 3 else parts)  # noqa: PLR2004  every fourth
    _books(before, alumna, event, [part for part in parts if part is not parts[3]])
    _joined(stage, parts[0], [*people[:5], alumna])


def _planned(stage: Stage, before: Work) -> Event:
    event = meet_ups.create_meet_up(
        before,
        programme_id=stage.programme.id,
        slug=SLUG,
        title="Change Makers’ hour",
        summary="Once a month, an hour online: what you are working on, where it sticks, and who could help.",
    )
    editing.edit_details(
        before,
        event_id=event.id,
        title=event.title,
        summary=event.summary,
        description="Everybody has three minutes; then two of us bring a question, and the others think along. It is "
        "hosted in turns, and nothing is recorded.\n\nCome when you can: each date stands by itself.",
    )
    meet_ups.add_dates(
        before,
        event_id=event.id,
        repetition=Repetition(_second_tuesday(stage.day(-62)), Rhythm.MONTHS, times=6),
        start=time(12, 30),
        end=time(13, 30),
        join_url="https://meet.example/change-makers-hour",
        zone=stage.zone,
        sure=True,
    )
    editing.publish_event(before, event_id=event.id)
    return event


def _second_tuesday(day: date) -> date:
    """Of the month in which the day lies."""
    first = day.replace(day=1)
    return first + timedelta(days=(TUESDAY - first.weekday()) % 7 + 7)


def _books(before: Work, person: Person, event: Event, parts: Sequence[Part]) -> None:
    chosen = [part.id for part in parts]
    booking.book(as_person(before, person), event_id=event.id, part_ids=chosen, party=booking.Party(1))


def _joined(stage: Stage, part: Part, people: list[Person]) -> None:
    """What the page to join would have noted then."""
    at = part.starts_at - timedelta(minutes=2)
    stage.work.session.add_all(
        Observation(kind=JOINED, subject_kind="part", subject_id=part.id, person_id=person.id, at=at)
        for person in people
    )
