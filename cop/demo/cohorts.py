"""The Change Maker course three times: one that is over, one in selection, and one that takes applications.

What the panel did, and who then had a place, is in :mod:`cop.demo.panel`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import select

from cop.core.work import Work
from cop.demo.cohort_answers import compose
from cop.demo.stage import Stage, as_person, working_day
from cop.models.accounts import Person, Sector
from cop.models.cohorts import Cohort
from cop.models.events import Event
from cop.queries.accounts import standing_of
from cop.queries.cohorts.preparing import Listing, version_of, version_of_call
from cop.services.cohorts import applications
from cop.services.cohorts import editing as courses
from cop.services.events import editing

FINISHED, IN_SELECTION, OPEN = "change-makers-1", "change-makers-2", "change-makers-3"

PLACES = 15

HALF_DAYS = (
    ("Day 1 morning", 0, time(9, 30), time(12, 30)),
    ("Day 1 afternoon", 0, time(13, 30), time(16, 30)),
    ("Day 2 morning", 1, time(9, 30), time(12, 30)),
    ("Day 2 afternoon", 1, time(13, 30), time(16, 30)),
)

TARGETS: Sequence[Mapping[str, Any]] = (
    {"attribute": "sector", "value": "resident", "minimum": 3, "maximum": 6},
    {"attribute": "sector", "value": "VCSE", "minimum": 2, "maximum": None},
    {"attribute": "sector", "value": "council officer", "minimum": None, "maximum": 5},
    {"attribute": "newer_member", "value": "yes", "minimum": 3, "maximum": None},
)


def load(stage: Stage) -> None:
    _finished(stage)
    _in_selection(stage)
    _open(stage)


def cohort_of(stage: Stage, slug: str) -> Event:
    """One of the three courses, by its slug."""
    return stage.work.session.scalars(select(Event).where(Event.slug == slug)).one()


def _finished(stage: Stage) -> None:
    """Half a year ago, with 36 applications for its 15 places."""
    event = _course(stage, stage.ago(days=255), FINISHED, "Change Makers 1", opens=-250, closes=-222, begins=-196)
    for number, person in enumerate([stage.role("alumna"), *stage.people[100:117], *stage.people[12:30]]):
        _apply(stage, event, person, number, days_ago=245 - number * 0.6)


def _in_selection(stage: Stage) -> None:
    """Closed ten days ago, with 60 applications for 15 places."""
    event = _course(stage, stage.ago(days=50), IN_SELECTION, "Change Makers 2", opens=-48, closes=-10, begins=40)
    for number, person in enumerate(stage.people[30:90]):
        _apply(stage, event, person, number, days_ago=44 - number * 0.55)


def _open(stage: Stage) -> None:
    """Open for four weeks more: some have applied, some are at it, and one has thought better of it."""
    event = _course(stage, stage.ago(days=16), OPEN, "Change Makers 3", opens=-14, closes=28, begins=75)
    for number, person in enumerate(stage.people[:7]):
        _apply(stage, event, person, number + 5, days_ago=9 - number)
    drafts = [*stage.people[7:11], stage.role("applicant")]
    for number, person in enumerate(drafts):
        _begin(stage, event, person, number, days_ago=6 - number, questions=number + 1)
    gone = stage.people[11]
    _apply(stage, event, gone, 3, days_ago=8)
    applications.withdraw(as_person(stage.work, gone, stage.ago(days=5).now), event_id=event.id)


def _apply(stage: Stage, event: Event, person: Person, number: int, *, days_ago: float) -> None:
    """An application that was finished some hours after it was begun."""
    _begin(stage, event, person, number, days_ago=days_ago)
    later = stage.ago(days=days_ago, hours=-5)
    applications.submit(as_person(stage.work, person, later.now), event_id=event.id)


def _begin(
    stage: Stage, event: Event, person: Person, number: int, *, days_ago: float, questions: int | None = None
) -> None:
    """A draft with answers to the first so many questions, or to all."""
    then = as_person(stage.work, person, stage.ago(days=days_ago).now)
    sector = standing_of(then, person.id).sector
    written = compose(stage.chance, number, is_resident=sector is Sector.RESIDENT)
    applications.start(then, event_id=event.id)
    applications.save(then, event_id=event.id, answers=dict(islice(written.items(), questions)), seen=0)


def _course(stage: Stage, work: Work, slug: str, title: str, *, opens: int, closes: int, begins: int) -> Event:
    """A published course; the days count from now, and ``work`` lies before all of them."""
    event = courses.create_course(
        work,
        programme_id=stage.programme.id,
        slug=slug,
        title=title,
        summary=(
            "Two days on site for 15 people who want to change something about health in their place: residents, "
            "council people and community partners learn together."
        ),
        capacity=PLACES,
    )
    editing.edit_practicalities(
        work,
        event_id=event.id,
        place="Northbank Community Hall, London",
        getting_there="Five minutes on foot from the nearest tube station; buses stop at the door.",
        step_free="Everything is on the ground floor. There is a hearing loop, and a quiet room for breaks.",
        bring="A picture or an object that stands for the challenge in your place.",
    )
    first = stage.day(begins)
    days = (first, working_day(first + timedelta(days=1)))
    for name, day, start, end in HALF_DAYS:
        courses.add_half_day(
            work, event_id=event.id, title=name, on_date=days[day], start=start, end=end, place="", zone=stage.zone
        )
    courses.edit_window(work, event_id=event.id, opens_at=stage.at(opens, 9), closes_at=stage.at(closes, 12))
    courses.edit_places(work, event_id=event.id, capacity=PLACES, minimum=10)
    _call(work, event, decisions_on=stage.day(closes + 18))
    _targets(work, event)
    editing.publish_event(work, event_id=event.id)
    return event


def _call(work: Work, event: Event, *, decisions_on: date) -> None:
    cohort = work.session.get_one(Cohort, event.id)
    courses.edit_call(
        work,
        event_id=event.id,
        involves=cohort.involves,
        eligibility=cohort.eligibility,
        selecting=cohort.selecting,
        decisions_on=decisions_on,
        offer_days=10,
        half_days_needed=3,
        seen=version_of_call(cohort),
    )


def _targets(work: Work, event: Event) -> None:
    cohort = work.session.get_one(Cohort, event.id)
    for target in TARGETS:
        courses.put_entry(
            work, event_id=event.id, listing=Listing.TARGETS, entry=target, seen=version_of(cohort.targets)
        )
