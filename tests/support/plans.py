"""People on a course that has begun, and the action plans that they wrote."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from cop.core.access import Actor
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.commitments import Commitment, CommitmentState
from cop.models.events import Event
from cop.services.plans import check_plan, save_plan
from tests.support import panel
from tests.support.make import Make, working

PLAN: dict[str, Any] = {
    "challenge": "Damp flats make children ill.",
    "what": "Meet the tenants of two blocks each month.",
    "first_step": "Ask the caretaker who would come.",
    "by_on": date(2026, 4, 20),
    "helpers": "The caretaker",
    "confidence": 7,
}


def member(make: Make, event: Event, name: str = "Alma Alumna", **more: Any) -> Person:
    """Somebody with an account who was offered a place and accepted it."""
    [found] = members(make, event, name, **more)
    return found


def members(make: Make, event: Event, *names: str, **more: Any) -> list[Person]:
    people = [make.account(name, **more) for name in names]
    for person in people:
        panel.application(make, event, person=person)
    femi = panel.chair(make, "Femi Facilitator")
    panel.decide(make, femi, event, "o" * len(people))
    panel.release(make, femi, event)
    for offer in panel.offers_of(make, event):
        panel.accept(make, offer)
    return people


@contextmanager
def _as(make: Make, actor: Actor | Person) -> Iterator[Work]:
    who = actor if isinstance(actor, Actor) else make.actor(actor)
    with working(make._app, who) as work:
        yield work


def plan(make: Make, event: Event, person: Person, by: Actor | Person | None = None, **other: Any) -> Commitment:
    """A plan written by that person, or by somebody for them."""
    with _as(make, by or person) as work:
        return save_plan(work, event_id=event.id, person_id=person.id, **{**PLAN, "seen": 0, **other})


def check(
    make: Make,
    event: Event,
    person: Person,
    state: CommitmentState = CommitmentState.UNDER_WAY,
    words: str = "",
    *,
    by: Actor | Person | None = None,
    seen: int = 1,
) -> Commitment:
    with _as(make, by or person) as work:
        return check_plan(work, event_id=event.id, person_id=person.id, state=state, what_happened=words, seen=seen)
