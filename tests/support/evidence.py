"""The traces that people leave along the whole chain, saved at once: what exports, figures and home pages read.

Only what those read is made, without the rules of the services that make it in earnest; places on a course are held
and taken by the real booking, since the database counts them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import (
    Application,
    ApplicationState,
    Cohort,
    Decision,
    DecisionOutcome,
    Moderation,
    Review,
    ReviewState,
)
from cop.models.events import (
    Attendance,
    Booking,
    BookingState,
    Choice,
    Event,
    EventKind,
    EventState,
    Mark,
    MarkSource,
    Part,
    Seat,
)
from cop.models.forum import Post, Report, Space, Topic
from cop.models.offers import Offer, OfferState
from cop.models.programmes import Programme
from cop.models.summits import Answer, Invitation
from cop.models.surveys import Ask, Questionnaire, Response, ResponseState, Subject, Wave
from cop.models.toolkit import ItemKind, Resource, ResourceState, ResourceUse, Step
from cop.queries.accounts import standing_of
from cop.services.answers import publish_questionnaire
from cop.services.events import booking as bookings
from cop.services.events.locking import lock_event
from tests.support.make import Make, Row, working

QUESTIONS: list[dict[str, Any]] = [
    {"code": "why", "kind": "text", "text": "Why do you want to come?"},
    {"code": "confidence", "kind": "scale", "text": "How confident are you?"},
    {"code": "ways", "kind": "choices", "text": "How do you work?", "options": [["alone", "Alone"], ["both", "Both"]]},
]


class Evidence:
    def __init__(self, app: Flask, make: Make) -> None:
        self._app, self._make = app, make
        self._numbers = count(1)

    def event(
        self,
        kind: EventKind,
        title: str,
        *,
        starts: Sequence[datetime] = (),
        programme: Programme | None = None,
        **columns: Any,
    ) -> Event:
        """A published event with parts of an hour each; without ``starts`` one a week from now at 10am."""
        programme = programme or self._make.programme()
        columns = {"state": EventState.PUBLISHED, "choice": Choice.ALL, **columns}
        with working(self._app) as work:
            event = Event(
                programme_id=programme.id,
                kind=kind,
                slug=f"{kind}-{next(self._numbers)}",
                title=title,
                changed_at=work.now,
                **columns,
            )
            work.session.add(event)
            work.session.flush()
            week = (work.now + timedelta(days=7)).replace(hour=10, minute=0)
            for number, at in enumerate(starts or [week], start=1):
                work.session.add(
                    Part(
                        event_id=event.id,
                        title=f"Part {number}",
                        starts_at=at,
                        ends_at=at + timedelta(hours=1),
                        changed_at=work.now,
                    )
                )
        return self._make.event(event.id)

    def course(self, title: str = "Change makers", *, half_days: int = 2, places: int = 15, **columns: Any) -> Event:
        """A course of half-days a week from now, on days that follow one another."""
        cohort = {name: columns.pop(name) for name in ("released_at", "half_days_needed") if name in columns}
        with working(self._app) as work:
            first = (work.now + timedelta(days=7)).replace(hour=10, minute=0)
            asked = publish_questionnaire(work, code="course", title="Apply", items=QUESTIONS)
        starts = [first + timedelta(days=day) for day in range(half_days)]
        event = self.event(EventKind.COHORT, title, starts=starts, capacity=places, **columns)
        self._save(Cohort(event_id=event.id, questionnaire_id=asked.id, **cohort))
        return event

    def application(
        self,
        person: Person,
        course: Event,
        state: ApplicationState = ApplicationState.SUBMITTED,
        answers: dict[str, Any] | None = None,
    ) -> Application:
        is_draft = state is ApplicationState.DRAFT
        with working(self._app) as work:
            cohort = work.session.get_one(Cohort, course.id)
            assert cohort.questionnaire_id is not None
            response = Response(
                questionnaire_id=cohort.questionnaire_id,
                answers=answers or {},
                state=ResponseState.DRAFT if is_draft else ResponseState.SUBMITTED,
                saved_at=work.now,
                submitted_at=None if is_draft else work.now,
            )
            work.session.add(response)
            work.session.flush()
            before = select(func.count(Application.number)).where(Application.cohort_id == course.id)
            standing = standing_of(work, person.id)
            made = Application(
                cohort_id=course.id,
                person_id=person.id,
                response_id=response.id,
                state=state,
                number=None if is_draft else (work.session.scalar(before) or 0) + 1,
                started_at=work.now,
                submitted_at=None if is_draft else work.now,
                withdrawn_at=work.now if state is ApplicationState.WITHDRAWN else None,
                organisation_id=standing.organisation_id,
                sector=standing.sector,
                membership=standing.membership,
                region=standing.region,
                newer_member=standing.newer_member,
            )
            work.session.add(made)
        return made

    def review(self, application: Application, reviewer: Person, total: float | None) -> Review:
        """A submitted review, or a draft where there is no total."""
        with working(self._app) as work:
            made = Review(
                application_id=application.id,
                reviewer_id=reviewer.id,
                state=ReviewState.DRAFT if total is None else ReviewState.SUBMITTED,
                total=total,
                saved_at=work.now,
            )
            work.session.add(made)
        return made

    def moderation(self, application: Application, by: Person, score: float | None) -> Moderation:
        with working(self._app) as work:
            made = Moderation(
                application_id=application.id, score=score, reason="Agreed", by_person_id=by.id, at=work.now
            )
            work.session.add(made)
        return made

    def decision(
        self, application: Application, by: Person, outcome: DecisionOutcome, *, rank: int | None = None
    ) -> Decision:
        with working(self._app) as work:
            made = Decision(
                application_id=application.id,
                outcome=outcome,
                reserve_rank=rank,
                decided_by=by.id,
                decided_at=work.now,
            )
            work.session.add(made)
        return made

    def release(self, course: Event) -> None:
        """Tell everybody what was decided."""
        with working(self._app) as work:
            work.session.get_one(Cohort, course.id).released_at = work.now
            decided = select(Decision).join(Application).where(Application.cohort_id == course.id)
            for decision in work.session.scalars(decided):
                decision.released_at = work.now

    def offer(self, application: Application, state: OfferState = OfferState.OPEN, *, days: int = 7) -> Offer:
        """An offer of a place; accepted, it is a booking."""
        with working(self._app) as work:
            event = lock_event(work, application.cohort_id)
            made = bookings.hold_course(
                work,
                event,
                person_id=application.person_id,
                application_id=application.id,
                expires_at=work.now + timedelta(days=days),
            )
            if state is OfferState.ACCEPTED:
                bookings.book_offered(work, event, made)
            elif state is not OfferState.OPEN:
                bookings.end_offer(work, made, state)
        return made

    def participant(self, person: Person, course: Event) -> Booking:
        """Somebody who applied, was offered a place and took it."""
        self.offer(self.application(person, course), OfferState.ACCEPTED)
        return self.booking_of(person, course)

    def booking_of(self, person: Person, event: Event) -> Booking:
        with working(self._app) as work:
            return work.session.scalars(
                select(Booking).where(
                    Booking.event_id == event.id, Booking.person_id == person.id, Booking.state == BookingState.LIVE
                )
            ).one()

    def mark(self, held: Booking, part: Part, status: Attendance = Attendance.ATTENDED, *, seat: int = 0) -> None:
        """What was said of a seat, without asking whether its day has come."""
        wanted = select(Seat.id).where(Seat.booking_id == held.id, Seat.position == seat)
        with working(self._app) as work:
            work.session.add(
                Mark(
                    part_id=part.id,
                    seat_id=work.session.scalars(wanted).one(),
                    status=status,
                    source=MarkSource.ROSTER,
                    recorded_at=work.now,
                )
            )

    def alumnus(self, person: Person, course: Event) -> Booking:
        """Somebody who attended all half-days; an alumnus once those are over."""
        held = self.participant(person, course)
        for part in course.parts:
            self.mark(held, part)
        return held

    def invitation(self, person: Person, event: Event, response: Answer = Answer.NONE) -> Invitation:
        with working(self._app) as work:
            made = Invitation(
                event_id=event.id,
                person_id=person.id,
                response=response,
                invited_at=work.now,
                answered_at=None if response is Answer.NONE else work.now,
            )
            work.session.add(made)
        return made

    def questionnaire(self, work: Work, code: str = "pulse") -> Questionnaire:
        return publish_questionnaire(work, code=code, title="How was it?", items=QUESTIONS)

    def ask(
        self,
        person: Person,
        event: Event,
        answers: dict[str, Any] | None = None,
        *,
        wave: Wave = Wave.PULSE,
        days: int = 14,
    ) -> Ask:
        """A survey about an event, submitted where there are answers."""
        with working(self._app) as work:
            asked = self.questionnaire(work)
            made = Ask(
                questionnaire_id=asked.id,
                person_id=person.id,
                subject_kind=Subject.EVENT,
                subject_id=event.id,
                wave=wave,
                opens_at=work.now,
                closes_at=work.now + timedelta(days=days),
                done_on=None if answers is None else work.now.date(),
            )
            work.session.add(made)
            work.session.flush()
            if answers is not None:
                work.session.add(
                    Response(
                        questionnaire_id=asked.id,
                        ask_id=made.id,
                        answers=answers,
                        state=ResponseState.SUBMITTED,
                        saved_at=work.now,
                        submitted_at=work.now,
                    )
                )
        return made

    def space(self, slug: str = "everybody", *, course: Event | None = None) -> Space:
        return self._save(
            Space(
                programme_id=self._make.programme().id,
                cohort_id=course.id if course else None,
                slug=slug,
                name=slug.capitalize(),
            )
        )

    def topic(self, space: Space, author: Person, title: str = "How do you begin?", body: str = "Tell me.") -> Topic:
        with working(self._app) as work:
            made = Topic(
                space_id=space.id,
                author_id=author.id,
                title=title,
                slug="topic",
                posts=0,
                made_at=work.now,
                last_post_at=work.now,
            )
            work.session.add(made)
        self.post(made, author, body)
        return made

    def post(self, topic: Topic, author: Person, body: str = "Begin small.", **columns: Any) -> Post:
        with working(self._app) as work:
            found = work.session.get_one(Topic, topic.id)
            found.posts, found.last_post_at = found.posts + 1, work.now
            made = Post(
                topic_id=topic.id,
                number=found.posts,
                author_id=author.id,
                body=body,
                html=f"<p>{body}</p>",
                made_at=work.now,
                **columns,
            )
            work.session.add(made)
        return made

    def report(self, post: Post, by: Person) -> Report:
        with working(self._app) as work:
            made = Report(post_id=post.id, reporter_id=by.id, reason="Unkind", made_at=work.now)
            work.session.add(made)
        return made

    def resource_used(self, person: Person, words: str = "We began small.", **columns: Any) -> ResourceUse:
        """A resource of the toolkit that the person tells they used, which they looked at when nobody knew them."""
        resource = Resource(
            programme_id=self._make.programme().id,
            slug=f"resource-{next(self._numbers)}",
            title="How to begin",
            summary="A guide.",
            kind=ItemKind.GUIDE,
            state=ResourceState.PUBLISHED,
            version=1,
            **columns,
        )
        with working(self._app) as work:
            resource.made_at = resource.changed_at = work.now
            work.session.add(resource)
            work.session.flush()
            standing = standing_of(work, person.id)
            told = ResourceUse(
                person_id=person.id,
                resource_id=resource.id,
                organisation_id=standing.organisation_id,
                sector=standing.sector,
                step=Step.USED,
                words=words,
                version=1,
                at=work.now,
            )
            work.session.add(told)
        return told

    def _save(self, row: Row) -> Row:
        with working(self._app) as work:
            work.session.add(row)
        return row
