"""Courses whose places are drawn: a pool of applications with scores, and the steps as the chair takes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from cop.core.access import Actor
from cop.models.accounts import Person, Sector
from cop.models.cohorts import Cohort, Selection, SelectionPolicy
from cop.models.events import Event
from cop.models.offers import Offer
from cop.queries.cohorts.drawing import NOBODY, Chain, Fixed, chain_of, seen_of, version_of_selecting
from cop.services.cohorts import drawing
from tests.support import panel
from tests.support.make import Make, reading, working

SECTORS = (Sector.RESIDENT, Sector.VCSE, Sector.COUNCIL_OFFICER)

TARGETS: Sequence[Mapping[str, Any]] = (
    {"attribute": "sector", "value": "resident", "minimum": 1, "maximum": 2},
    {"attribute": "sector", "value": "council officer", "minimum": None, "maximum": 1},
)


def never() -> bool:
    return False


def course(
    make: Make,
    *,
    people: int = 9,
    places: int = 3,
    below: int = 1,
    targets: Sequence[Mapping[str, Any]] = TARGETS,
    slug: str = "change-makers",
) -> tuple[Event, Person]:
    """A course ready to be drawn and its chair: the last applications are ``below`` the score that is needed."""
    event = panel.course(make, places=places, targets=targets, slug=slug)
    chair, reviewer = panel.chair(make), panel.reviewer(make)
    for number in range(1, people + 1):
        panel.application(
            make,
            event,
            f"Applicant {number}",
            organisation=make.organisation(),
            sector=SECTORS[number % 3],
        )
        panel.review(make, reviewer, event, number, 2 if number > people - below else 4)
    rules(make, chair, event, threshold=3.0)
    return event, chair


def rules(
    make: Make,
    who: Person,
    event: Event,
    *,
    policy: SelectionPolicy = SelectionPolicy.LOTTERY,
    threshold: float | None = 3.0,
    per_organisation: int | None = None,
) -> None:
    with working(make._app, make.actor(who)) as work:
        seen = version_of_selecting(work.session.get_one(Event, event.id), work.session.get_one(Cohort, event.id))
        drawing.edit_selecting(
            work,
            event_id=event.id,
            policy=policy,
            threshold=threshold,
            per_organisation=per_organisation,
            seen=seen,
        )


def chain(make: Make, event: Event) -> Chain:
    with reading(make._app) as read:
        return chain_of(read, event.id)


def seen(make: Make, event: Event) -> str:
    return seen_of(chain(make, event))


def freeze(make: Make, who: Person, event: Event, fixed: Fixed = NOBODY) -> Selection:
    with working(make._app, make.actor(who)) as work:
        return drawing.freeze(work, cohort_id=event.id, fixed=fixed, seen=seen(make, event))


def seal(make: Make, who: Person, event: Event, *, source: str = "") -> Selection:
    """As the task does it that the chair asks for."""
    computed = drawing.compute(chain(make, event), stop=never)
    with working(make._app, make.actor(who)) as work:
        return drawing.seal(work, cohort_id=event.id, computed=computed, source=source)


def draw(make: Make, who: Person, event: Event, words: str = "") -> drawing.Drawn:
    with working(make._app, make.actor(who)) as work:
        return drawing.draw_panel(work, cohort_id=event.id, words=words, seen=seen(make, event))


def drawn(make: Make, who: Person, event: Event, fixed: Fixed = NOBODY) -> Chain:
    """All steps, one after the other."""
    freeze(make, who, event, fixed)
    seal(make, who, event)
    draw(make, who, event)
    return chain(make, event)


def set_aside(make: Make, who: Person, event: Event, reason: str = "A score was wrong") -> Selection:
    with working(make._app, make.actor(who)) as work:
        return drawing.set_aside(work, cohort_id=event.id, reason=reason, seen=seen(make, event))


def replaced(make: Make, event: Event, actor: Actor) -> Sequence[Offer]:
    with working(make._app, actor) as work:
        return drawing.replace_dropouts(work, cohort_id=event.id)
