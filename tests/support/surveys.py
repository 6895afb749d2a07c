"""Events that people came to, courses that they took part in, and what they answered when they were asked."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from cop.core.access import Actor
from cop.core.questions import Item, Kind, asked, read_items
from cop.models.accounts import Person
from cop.models.cohorts import Cohort
from cop.models.events import Attendance, Booking, Choice, Event, EventKind, Part, Seat
from cop.models.service import Observation
from cop.models.surveys import Ask, Mode, Response, Wave
from cop.models.webinars import EventLink, LinkKind
from cop.queries.surveys import token_of
from cop.queries.webinars import opened_as
from cop.services import surveys as services
from cop.services.answers import publish_questionnaire
from cop.services.events import attendance, booking
from cop.services.surveys.asking import ask
from scheduled import ask_surveys
from tests.support.clock import FixedClock
from tests.support.make import Make, reading, working

FEW: Sequence[Mapping[str, Any]] = (
    {"code": "sure", "kind": "scale", "text": "How sure are you?", "required": True},
    {"code": "why", "kind": "text", "text": "Why?"},
)


class Surveys:
    """A programme in which time passes and the job asks people how it was."""

    def __init__(self, app: Flask, make: Make, clock: FixedClock) -> None:
        self._app, self._make, self._clock = app, make, clock

    def run(self) -> str:
        with self._app.app_context():
            return ask_surveys.run()

    def at(self, instant: datetime) -> list[tuple[str, str]]:
        """Run the job at that instant; wave and name of those whom it asked."""
        self._clock.set(instant)
        before = {item.id for item in self.asks()}
        self.run()
        return [(item.wave.value, item.person.name) for item in self.asks() if item.id not in before]

    def asks(self) -> Sequence[Ask]:
        found = select(Ask).options(joinedload(Ask.person), joinedload(Ask.questionnaire)).order_by(Ask.id)
        with reading(self._app) as read:
            return read.session.scalars(found).all()

    def ask_of(self, person: Person, wave: Wave = Wave.PULSE) -> Ask:
        return next(item for item in self.asks() if item.person_id == person.id and item.wave is wave)

    def address(self, waiting: Ask) -> str:
        return f"/surveys/{token_of(waiting)}"

    def course(self, *starts: datetime, title: str = "Change makers", **more: Any) -> Event:
        """A course with half-days of an hour each."""
        event = self._make.visit(
            title, kind=EventKind.COHORT, choice=Choice.ALL, slots=starts, capacity=None, event_capacity=15, **more
        )
        with working(self._app) as work:
            work.session.add(Cohort(event_id=event.id))
        return event

    def place(self, person: Person, course: Event) -> Booking:
        """A place on a course."""
        with working(self._app) as work:
            found = work.session.get_one(Person, person.id)
            parts = [part.id for part in course.parts]
            return booking.book_invited(work, event_id=course.id, person=found, part_ids=parts)

    def mark(self, held: Booking, part: Part, status: Attendance = Attendance.ATTENDED, *, seat: int = 0) -> None:
        """Mark the seat now; the clock has to have come to the day of the part."""
        with working(self._app) as work:
            wanted = select(Seat.id).where(Seat.booking_id == held.id, Seat.position == seat)
            seat_id = work.session.scalars(wanted).one()
            attendance.mark(work, part_id=part.id, seat_id=seat_id, status=status)

    def pulse(self, people: Sequence[Person], title: str = "A morning at the Healthy Hub", **columns: Any) -> Event:
        """A visit to which all these came, an hour ago, and after which they were just asked."""
        starts = self._clock.now() + timedelta(days=1)
        visit = self._make.visit(title, slots=[starts], capacity=None, **columns)
        held = [self._make.booking(person, visit) for person in people]
        self._clock.set(starts + timedelta(hours=2))
        for booked in held:
            self.mark(booked, visit.parts[0])
        self.run()
        return visit

    def asked(self, person: Person, event: Event, wave: Wave = Wave.PULSE) -> Ask:
        """Somebody who is asked now, whether or not the job would ask them."""
        with working(self._app) as work:
            template = services.ROUNDS[wave].template
            assert template is not None
            questionnaire = publish_questionnaire(
                work, code=template.code, title=template.title, items=template.items, introduction=template.introduction
            )
            ask(work, questionnaire=questionnaire, wave=wave, people=[(event.id, person.id)])
        return self.asks()[-1]

    def put(
        self,
        people: Sequence[Person],
        event: Event,
        mode: Mode,
        *,
        wave: Wave = Wave.PULSE,
        items: Sequence[Mapping[str, Any]] = FEW,
    ) -> list[Ask]:
        """A few questions in some mode, put to people now."""
        with working(self._app) as work:
            asking = publish_questionnaire(work, code=f"asked-{mode}", title="Tell us", items=items, mode=mode)
            ask(work, questionnaire=asking, wave=wave, people=[(event.id, person.id) for person in people])
        ids = {person.id for person in people}
        return [
            item
            for item in self.asks()
            if item.questionnaire_id == asking.id and item.wave is wave and item.person_id in ids
        ]

    def take_along(self, person: Person | None, event: Event, kind: LinkKind = LinkKind.RESOURCE) -> None:
        """Somebody opens what a webinar left behind, now."""
        with working(self._app) as work:
            link = EventLink(
                event_id=event.id,
                kind=kind,
                title="Slides",
                url="https://cop.example/slides",
                position=1,
                added_at=work.now,
            )
            work.session.add(link)
            work.session.flush()
            work.session.add(
                Observation(
                    kind=opened_as(kind),
                    subject_kind="event link",
                    subject_id=link.id,
                    person_id=person.id if person else None,
                    at=work.now,
                )
            )

    def answer(self, waiting: Ask, **more: Any) -> Response:
        """What somebody answers and sends: a first choice wherever one is needed, and what is given here."""
        given = {**needed(read_items(waiting.questionnaire.items)), **more}
        with working(self._app, Actor(waiting.person_id, via="link")) as work:
            return services.save_and_send(work, ask_id=waiting.id, answers=given, seen=0)


def needed(items: Sequence[Item]) -> dict[str, Any]:
    """An answer to each question that needs one: the first choice, and 5 on a scale."""
    answers: dict[str, Any] = {}
    while lacking := [item for item in asked(items, answers) if item.required and item.code not in answers]:
        answers |= {item.code: 5 if item.kind is Kind.SCALE else item.values[0] for item in lacking}
    return answers


def needed_in_words(waiting: Ask) -> dict[str, str]:
    """The same as a browser sends it, for the questions of one ask."""
    return {code: str(value) for code, value in needed(read_items(waiting.questionnaire.items)).items()}
