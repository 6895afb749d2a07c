"""The forum in tests: somebody who completed a course, spaces, topics and posts, made by the services."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from cop.core import secrecy
from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import Cohort
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
from cop.models.forum import Follow, FollowLevel, Post, Report, Space, Topic, TopicKind
from cop.models.forum_mail import Pace
from cop.models.programmes import Programme
from cop.services import forum as services
from cop.services.forum.sorting import About
from tests.support.make import Make, reading, working

HALF_DAYS = 4


class MakeForum:
    """Every method opens its own unit of work and returns an object that no session holds."""

    def __init__(self, app: Flask, make: Make) -> None:
        self._app, self._make = app, make
        self._courses = 0

    def course(
        self, *people: Person, programme: Programme | None = None, days_ago: float = 20, attended: int = HALF_DAYS
    ) -> Event:
        """A course of four half-days, the last of them so long ago, to whose first ones these people came."""
        programme = programme or self._make.programme()
        self._courses += 1
        with working(self._app) as work:
            event = Event(
                programme_id=programme.id,
                kind=EventKind.COHORT,
                slug=f"change-makers-{self._courses}",
                title=f"Change makers {self._courses}",
                state=EventState.PUBLISHED,
                choice=Choice.ALL,
                changed_at=work.now,
            )
            work.session.add(event)
            work.session.flush()
            work.session.add(Cohort(event_id=event.id))
            last = work.now - timedelta(days=days_ago)
            parts = [
                Part(
                    event_id=event.id,
                    title=f"Half-day {number + 1}",
                    starts_at=last - timedelta(days=7 * (HALF_DAYS - 1 - number), hours=3),
                    ends_at=last - timedelta(days=7 * (HALF_DAYS - 1 - number)),
                    changed_at=work.now,
                )
                for number in range(HALF_DAYS)
            ]
            work.session.add_all(parts)
            work.session.flush()
        for person in people:
            self.join(person, event, attended)
        return event

    def join(self, person: Person, event: Event, half_days: int = HALF_DAYS) -> None:
        """Let somebody have come to the first half-days of a course."""
        wanted = select(Part).where(Part.event_id == event.id).order_by(Part.starts_at)
        with working(self._app) as work:
            self._attend(work, event, person, work.session.scalars(wanted).all()[:half_days])

    @staticmethod
    def _attend(work: Work, event: Event, person: Person, parts: Sequence[Part]) -> None:
        booking = Booking(
            event_id=event.id, person_id=person.id, party_size=1, state=BookingState.LIVE, booked_at=work.now
        )
        work.session.add(booking)
        work.session.flush()
        seat = Seat(booking_id=booking.id, event_id=event.id, position=0, person_id=person.id)
        work.session.add(seat)
        work.session.flush()
        work.session.add_all(
            Mark(
                part_id=part.id,
                seat_id=seat.id,
                status=Attendance.ATTENDED,
                source=MarkSource.ROSTER,
                recorded_at=part.ends_at,
            )
            for part in parts
        )

    def alumna(self, name: str = "Alma Alumna", *, accepts: bool = True, **more: Any) -> Person:
        """Somebody who completed a course of their own, and accepted the house rules."""
        person = self._make.account(name, **more)
        self.course(person)
        if accepts:
            self.accept(person)
        return person

    def accept(self, person: Person) -> None:
        """Let somebody accept the house rules, and have been asked about mails."""
        with working(self._app, self._make.actor(person)) as work:
            services.accept_rules(work, version=1)
            services.note_asked(work)

    def hears(self, *people: Person, pace: Pace = Pace.EACH) -> None:
        """Let people choose how often they hear of the forum."""
        for person in people:
            with working(self._app, self._make.actor(person)) as work:
                services.choose_pace(work, pace=pace)

    def space(self, name: str = "Project updates", *, course: Event | None = None, **more: Any) -> Space:
        """A space for all of the programme, or for those of one course."""
        programme_id = course.programme_id if course is not None else more.pop("programme", self._make.programme()).id
        with working(self._app) as work:
            return services.create_space(
                work,
                programme_id=programme_id,
                cohort_id=course.id if course is not None else None,
                name=name,
                about="How it goes.",
                **more,
            )

    def topic(
        self,
        author: Person,
        space: Space,
        title: str = "What works in Brent",
        body: str = "We began with tea.",
        **more: Any,
    ) -> Topic:
        with working(self._app, self._make.actor(author)) as work:
            return services.open_topic(work, space_id=space.id, title=title, body=body, **more)

    def question(self, author: Person, space: Space, title: str = "Who pays for the minibus?") -> Topic:
        about = About(kind=TopicKind.QUESTION)
        with working(self._app, self._make.actor(author)) as work:
            return services.open_topic(work, space_id=space.id, title=title, body="Ours is out of money.", about=about)

    def reply(self, author: Person, topic: Topic, body: str = "So did we.", **more: Any) -> Post:
        with working(self._app, self._make.actor(author)) as work:
            return services.reply(work, topic_id=topic.id, body=body, **more)

    def posts(self, author: Person, topic: Topic, count: int) -> None:
        """So many further posts, one after the other."""
        for number in range(count):
            self.reply(author, topic, f"Reply with the number {number + topic.posts + 1}.")

    def report(self, reporter: Person, post_id: int, reason: str = "It names a patient.") -> Report:
        with working(self._app, self._make.actor(reporter)) as work:
            return services.report_post(work, post_id=post_id, reason=reason)

    def hide_topic(self, topic: Topic, reason: str = "It names a patient") -> None:
        with working(self._app, SYSTEM) as work:
            services.hide_topic(work, topic_id=topic.id, reason=reason)

    def hide_post(self, post_id: int, reason: str = "It names a patient") -> None:
        with working(self._app, SYSTEM) as work:
            services.hide_post(work, post_id=post_id, reason=reason)

    def lock_topic(self, topic: Topic) -> None:
        with working(self._app, SYSTEM) as work:
            services.lock_topic(work, topic_id=topic.id)

    def follow_past_all_rules(self, person: Person, **of: Topic | Space) -> None:
        """A subscription from a time when the person was let in."""
        columns = {f"{name}_id": record.id for name, record in of.items()}
        with working(self._app) as work:
            work.session.add(Follow(person_id=person.id, level=FollowLevel.FOLLOW, since=work.now, **columns))

    def unsubscribe_token(self, person: Person | None = None, topic: Topic | None = None) -> str:
        """The token in the mails of the first subscription that there is, or of this person's to this topic."""
        found = select(Follow.public_id).order_by(Follow.id)
        if person is not None and topic is not None:
            found = found.where(Follow.person_id == person.id, Follow.topic_id == topic.id)
        with reading(self._app) as read:
            return secrecy.sign("unfollow", read.session.scalars(found).first() or "")


def address_of(space: Space, topic: Topic) -> str:
    return f"/forum/{space.slug}/{topic.id}-{topic.slug}"
