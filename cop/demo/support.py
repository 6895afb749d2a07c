"""Who supports the applications of the demonstration, and one application that came by telephone."""

import random
from dataclasses import replace

from sqlalchemy import select

from cop.core.access import Actor, Grant, Role
from cop.core.work import Work
from cop.demo.cohort_answers import compose
from cop.demo.cohorts import IN_SELECTION, OPEN, cohort_of
from cop.demo.stage import Stage, as_person
from cop.models.accounts import Person, Sector
from cop.models.cohorts import Application, ApplicationState, EndorsementKind
from cop.models.events import Event
from cop.queries.cohorts.endorsements import link_token
from cop.services.cohorts import applications, endorsements, entering
from cop.services.events.booking import Guest

SUPPORTERS = ("Ruth Bello", "Sola Achterberg", "Gwen Tattersall", "Idris Maddox", "Petra Lindqvist", "Joan Okafor")

WORDS = (
    "They ask the questions that the rest of us leave out, and stay until there is an answer. I agree to the time.",
    "I have seen them bring a resident and a budget holder to one table. We would use what they learn.",
    "New to this, and the right person for it. Their team covers the two days.",
    "People on the estate trust them, which cannot be said of many of us.",
    "",
)

CALLER = Guest("Greta Wynstan", None, "01632 960 125", None, Sector.RESIDENT)


def load(stage: Stage) -> None:
    _of_those_in_selection(stage)
    _of_those_who_apply(stage)
    _by_telephone(stage)


def _of_those_in_selection(stage: Stage) -> None:
    """Every third named somebody; most of those answered in time, and one in ten declined."""
    event = cohort_of(stage, IN_SELECTION)
    for number, person in enumerate(_applicants(stage, event)[::3]):
        answered = None if number % 6 == 5 else number % 10 != 9  # noqa: PLR2004  so many, and no more
        _name(stage, event, person, number, days_ago=14, supports=answered)


def _of_those_who_apply(stage: Stage) -> None:
    """One has support, one was declined, and the others wait for an answer."""
    event = cohort_of(stage, OPEN)
    people = [*_applicants(stage, event)[:2], stage.role("applicant")]
    for number, (person, supports) in enumerate(zip(people, (True, False, None), strict=True)):
        _name(stage, event, person, number, days_ago=1, supports=supports)


def _applicants(stage: Stage, event: Event) -> list[Person]:
    submitted = Application.state == ApplicationState.SUBMITTED
    found = select(Person).join(Application, Application.person_id == Person.id)
    return list(
        stage.work.session.scalars(
            found.where(Application.cohort_id == event.id, submitted).order_by(Application.number)
        )
    )


def _name(stage: Stage, event: Event, person: Person, number: int, *, days_ago: int, supports: bool | None) -> None:
    """Without ``supports`` nobody has answered yet."""
    name = SUPPORTERS[number % len(SUPPORTERS)]
    asked = endorsements.ask(
        as_person(stage.work, person, stage.ago(days=days_ago).now),
        event_id=event.id,
        kind=EndorsementKind.NOMINATOR if number % 4 == 3 else EndorsementKind.MANAGER,  # noqa: PLR2004
        name=name,
        email=f"{'.'.join(name.lower().split())}.{number}@people.example",
    )
    if supports is not None:
        then = replace(stage.ago(days=days_ago, hours=-7), actor=Actor(via="link"))
        words = WORDS[number % len(WORDS)] if supports else ""
        endorsements.answer(then, token=link_token(asked), supports=supports, words=words)


def _by_telephone(stage: Stage) -> None:
    """Somebody without e-mail rang the facilitator."""
    event = cohort_of(stage, OPEN)
    then = _as_facilitator(stage)
    made = entering.start_for(then, event_id=event.id, guest=CALLER)
    answers = compose(random.Random(3), 4, is_resident=True)  # noqa: S311  the same words each time
    applications.save(then, event_id=event.id, answers=answers, seen=0, public_id=made.public_id)
    applications.submit(then, event_id=event.id, public_id=made.public_id)


def _as_facilitator(stage: Stage) -> Work:
    grants = (Grant(Role.FACILITATOR, programme_id=stage.programme.id),)
    return replace(stage.ago(days=2), actor=Actor(stage.role("facilitator").id, grants))
