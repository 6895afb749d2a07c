"""People with every role that there is, all of them in another programme, and the records there that are theirs."""

from functools import partial
from typing import Any

from flask import Flask

from cop.core.access import SYSTEM, Role
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.forum import Audience
from cop.models.programmes import Programme
from cop.models.toolkit import ItemKind
from cop.services import forum, toolkit
from cop.services.cohorts.editing import create_course
from cop.services.events.editing.meet_ups import create_meet_up
from cop.services.events.editing.summits import create_summit
from cop.services.events.editing.webinars import create_webinar
from tests.support.make import Make, working

PROGRAMME, COUNCIL = "another-programme", "elsewhere"
RESOURCE, COLLECTION, SPACE = "resource-elsewhere", "collection-elsewhere", "facilitators-elsewhere"


def make_elsewhere(app: Flask, make: Make) -> dict[str, Person | None]:
    """Everybody by what they are called in `World.visitors`; nobody else comes to anything in their programme."""
    other = make.programme(PROGRAMME, name="Another programme")
    council = make.organisation("Elsewhere", slug=COUNCIL)
    visit = make.visit("Visit elsewhere", slug="visit-elsewhere", programme=other)
    with working(app, SYSTEM) as work:
        _records(work, other)
    people: dict[str, Person | None] = {}
    for role in (Role.FACILITATOR, Role.REVIEWER, Role.EVALUATOR, Role.ADMIN, Role.HOST, Role.LEAD):
        people[f"{role} elsewhere"] = somebody = make.account(f"Elsewhere {role}")
        over: dict[Role, dict[str, Any]] = {Role.HOST: {"event": visit}, Role.LEAD: {"organisation": council}}
        make.grant(somebody, role, **over.get(role, {"programme": other}))
    return people


def _records(work: Work, programme: Programme) -> None:
    for name, create in (
        ("Webinar", create_webinar),
        ("Meet-up", create_meet_up),
        ("Summit", create_summit),
        ("Course", partial(create_course, capacity=9)),
    ):
        create(work, programme_id=programme.id, title=f"{name} elsewhere", summary="Of others.")
    about = toolkit.About(title="Resource elsewhere", summary="Of others.", kind=ItemKind.GUIDE)
    toolkit.create(work, programme_id=programme.id, about=about)
    toolkit.create_collection(work, programme_id=programme.id, title="Collection elsewhere", about="Of others.")
    forum.create_space(
        work,
        programme_id=programme.id,
        cohort_id=None,
        name="Facilitators elsewhere",
        about="Of others.",
        audience=Audience.FACILITATORS,
    )
