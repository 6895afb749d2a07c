"""Answers to the equality questions, and courses large enough to be counted."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from cop.core.access import Actor
from cop.models.accounts import Person, Sector
from cop.models.cohorts import Application, ApplicationState, Cohort, EqualityAnswer, EqualityCount
from cop.models.events import Event
from cop.models.surveys import Response, ResponseState
from cop.services.cohorts import counting, equality
from tests.support import panel
from tests.support.make import Make, reading, working


def answer(make: Make, person: Person, event: Event, **answers: Any) -> None:
    """What that person, who has applied, tells us while the call is open."""
    with working(make._app, make.actor(person)) as work:
        equality.save(work, event_id=event.id, answers=answers)


def crowd(make: Make, event: Event, *answers: tuple[int, dict[str, Any]]) -> list[Application]:
    """So many applications with the same answers, for each pair, to a call that is still open."""
    made: list[Application] = []
    with working(make._app) as work:
        cohort = work.session.get_one(Cohort, event.id)
        for said in (said for number, said in answers for _ in range(number)):
            number = len(made) + 1
            person = Person(name=f"Applicant {number}", email=f"{event.slug}{number}@one.example", created_at=work.now)
            response = Response(
                questionnaire_id=cohort.questionnaire_id,
                answers={"challenge": f"Challenge {number}", "confident": 7},
                state=ResponseState.SUBMITTED,
                saved_at=work.now,
                submitted_at=work.now,
            )
            work.session.add_all([person, response])
            work.session.flush()
            one = Application(
                cohort_id=event.id,
                person_id=person.id,
                number=number,
                state=ApplicationState.SUBMITTED,
                response_id=response.id,
                started_at=work.now,
                submitted_at=work.now,
                sector=Sector.RESIDENT,
            )
            work.session.add(one)
            work.session.flush()
            if said:
                equality.save(replace(work, actor=Actor(person.id)), event_id=event.id, answers=said)
            made.append(one)
    return made


def open_course(make: Make, **columns: Any) -> Event:
    """One that closes in a day and begins a month later."""
    return panel.course(make, closes_in=timedelta(days=1), **columns)


def count(make: Make, event: Event) -> int:
    with working(make._app) as work:
        return counting.count(work, cohort_id=event.id)


def counts(make: Make, event: Event, question: str, stage: str) -> dict[str, int | None]:
    """What is stored of one question at one step."""
    found = select(EqualityCount).where(
        EqualityCount.cohort_id == event.id, EqualityCount.question == question, EqualityCount.stage == stage
    )
    with reading(make._app) as read:
        return {row.group: row.people for row in read.session.scalars(found)}


def kept(make: Make) -> Sequence[EqualityAnswer]:
    with reading(make._app) as read:
        return read.session.scalars(select(EqualityAnswer)).all()
