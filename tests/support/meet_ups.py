"""Meet-ups for tests, made through the services as staff and alumni would make them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import update

from cop.algorithms.repeating import Repetition, Rhythm
from cop.core.secrecy import sign
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Booking, Event, EventState, Part
from cop.queries.events import revision
from cop.services.events import booking
from cop.services.events.editing import edit_details
from cop.services.events.editing import meet_ups as editing
from tests.support.make import Make, Working
from tests.support.webinars import ADDRESS, LONDON

FIRST = date(2026, 3, 10)
"""The second Tuesday of the month in which the clock of tests stands."""


class MeetUps:
    """``meet_up()`` is published, on the second Tuesday of each month at 12:30 for an hour, with an address."""

    def __init__(self, make: Make, work: Working) -> None:
        self.make, self.work = make, work

    def meet_up(
        self,
        title: str = "Quokka circle",
        *,
        times: int = 3,
        first: date = FIRST,
        rhythm: Rhythm = Rhythm.MONTHS,
        join_url: str = ADDRESS,
        made_at: datetime | None = None,
        **columns: Any,
    ) -> Event:
        """``columns`` are set past all rules; ``made_at`` plans it earlier, so that dates may be over."""
        with self.work() as work:
            made = editing.create_meet_up(
                work, programme_id=self.make.programme().id, title=title, summary="An hour among zorillas."
            )
            edit_details(
                work, event_id=made.id, title=title, summary=made.summary, description="What helps, and what does not."
            )
        self.plan(made, Repetition(first, rhythm, times=times), join_url=join_url, made_at=made_at)
        with self.work() as work:
            columns = {"state": EventState.PUBLISHED, **columns}
            work.session.execute(update(Event).where(Event.id == made.id).values(**columns))
        return self.make.event(made.id)

    def plan(
        self,
        event: Event,
        repetition: Repetition,
        *,
        join_url: str = ADDRESS,
        made_at: datetime | None = None,
        sure: bool = True,
    ) -> editing.Planned:
        with self.work() as work:
            return editing.add_dates(
                Work(work.session, made_at or work.now, work.actor),
                event_id=event.id,
                repetition=repetition,
                start=time(12, 30),
                end=time(13, 30),
                join_url=join_url,
                zone=LONDON,
                sure=sure,
            )

    def book(
        self, person: Person, event: Event, parts: Sequence[Part] | None = None, *, before: bool = False
    ) -> Booking:
        """All dates, or these; ``before`` the first of them, where that is over."""
        chosen = event.parts if parts is None else parts
        with self.work(self.make.actor(person)) as work:
            now = chosen[0].starts_at - timedelta(days=1) if before else work.now
            then = Work(work.session, now, work.actor)
            return booking.book(then, event_id=event.id, part_ids=[part.id for part in chosen], party=booking.Party(1))

    def change(self, person: Person, booked: Booking, part_ids: Collection[int]) -> Booking:
        with self.work(self.make.actor(person)) as work:
            return booking.change(work, public_id=booked.public_id, part_ids=part_ids, party=booking.Party(1))

    def move(self, event: Event, part: Part, on_date: date, *, note: str = "") -> None:
        with self.work() as work:
            seen = work.session.get_one(Part, part.id).sequence
            editing.edit_date(
                work,
                part_id=part.id,
                seen=seen,
                on_date=on_date,
                start=time(12, 30),
                end=time(13, 30),
                join_url=ADDRESS,
                zone=LONDON,
                note=note,
            )

    def revision(self, event: Event) -> int:
        return revision(self.make.event(event.id))


def join_path(event: Event, part: Part, booked: Booking) -> str:
    token = sign("join", booked.public_id, booked.link_generation)
    return f"/meet-ups/{event.slug}/dates/{part.id}/join?t={token}"
