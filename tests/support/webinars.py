"""Webinars for tests, made through the services as staff and visitors would make them."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update

from cop.core.access import VISITOR
from cop.core.secrecy import sign
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Booking, Event, EventState
from cop.models.webinars import EventLink, LinkKind, Registration, Speaker
from cop.queries.events import revision
from cop.queries.speakers import link_token as speaker_token
from cop.queries.speakers import revision as speaker_revision
from cop.services import speakers
from cop.services import webinars as services
from cop.services.events import booking
from cop.services.events.editing import webinars as editing
from tests.support.make import Make, Working
from tests.support.pictures import png

LONDON = ZoneInfo("Europe/London")

ADDRESS = "https://meet.example/room-of-their-own"
"""The joining address, which no page, feed or mail may show."""

IN = timedelta(days=7)


class Webinars:
    """``webinar()`` is published, a week from now at 12:30 for an hour, with a joining address and no limit."""

    def __init__(self, make: Make, work: Working) -> None:
        self.make, self.work = make, work

    def webinar(
        self,
        title: str = "Health beyond hospitals",
        *,
        begins: datetime | None = None,
        join_url: str = ADDRESS,
        published: bool = True,
        **columns: Any,
    ) -> Event:
        """``columns`` are set past all rules, so that a webinar may be long over."""
        with self.work() as work:
            made = editing.create_webinar(
                work,
                programme_id=self.make.programme().id,
                title=title,
                summary="An hour with somebody who did it.",
                description="What worked, what did not, and what it cost.",
            )
        begins = begins or self._now().replace(hour=12, minute=30) + IN
        self.move(made, begins, join_url=join_url)
        columns = {"state": EventState.PUBLISHED if published else EventState.DRAFT, **columns}
        with self.work() as work:
            work.session.execute(update(Event).where(Event.id == made.id).values(**columns))
        return self.make.event(made.id)

    def move(self, event: Event, begins: datetime, *, join_url: str = ADDRESS, minutes: int = 60) -> None:
        """Set the time, also one in the past, as somebody would have before it."""
        with self.work() as work:
            local = begins.astimezone(LONDON)
            earlier = Work(work.session, min(work.now, begins - IN), work.actor)
            editing.set_session(
                earlier,
                event_id=event.id,
                seen=revision(work.session.get_one(Event, event.id)),
                on_date=local.date(),
                start=local.time(),
                end=(local + timedelta(minutes=minutes)).time(),
                join_url=join_url,
                join_opens_minutes=60,
                zone=LONDON,
            )

    def speaker(self, event: Event, name: str = "Dr Irena Duarte", **more: Any) -> Speaker:
        return self._edit(event, speakers.add, name=name, **more)  # type: ignore[no-any-return]

    def spoken_for(self, event: Event, name: str = "Dr Irena Duarte", **more: Any) -> Speaker:
        """Somebody who was asked and has answered, with a photo."""
        speaker = self.speaker(event, name, email="irena@rede.example")
        self._edit(event, speakers.ask, speaker_ids=[speaker.id])
        with self.work(VISITOR) as work:
            seen = speaker_revision(work.session.get_one(Speaker, speaker.id))
            said = {"role_title": "Doctor", "organisation": "", "about": "", "abstract": "What lasted.", **more}
            return speakers.answer(
                work,
                token=speaker_token(speaker),
                seen=seen,
                timezone=None,
                may_record=True,
                photo=io.BytesIO(png()),
                **said,
            )

    def link(self, event: Event, title: str = "Watch it", *, kind: LinkKind = LinkKind.RECORDING) -> EventLink:
        url = f"https://video.example/{title.lower().replace(' ', '-')}"
        return self._edit(event, editing.add_link, title=title, kind=kind, url=url)  # type: ignore[no-any-return]

    def _edit(self, event: Event, command: Callable[..., Any], **values: Any) -> Any:
        with self.work() as work:
            seen = revision(work.session.get_one(Event, event.id))
            return command(work, event_id=event.id, seen=seen, **values)

    def register(self, person: Person, event: Event, needs: str = "", question: str = "") -> Booking:
        """As somebody with an account does."""
        with self.work(self.make.actor(person)) as work:
            return services.register(work, event_id=event.id, needs=needs, question=question)

    def booked_before(self, person: Person, event: Event) -> Booking:
        """A booking of a webinar that has begun, as it was made a day before."""
        with self.work(self.make.actor(person)) as work:
            then = event.parts[0].starts_at - timedelta(days=1)
            earlier = Work(work.session, then, work.actor)
            return booking.book(earlier, event_id=event.id, part_ids=(), party=booking.Party(1))

    def asking(self, *events: Event, email: str = "noor@stevenage.example", **more: Any) -> Registration:
        """A registration by e-mail that waits for its confirmation."""
        values = {
            "name": "Noor Adeyemi",
            "organisation": "",
            "needs": "",
            "timezone": "Europe/London",
            "network": "192.0.2.1",
            **more,
        }
        with self.work(VISITOR) as work:
            asked = services.ask_to_register(work, email=email, event_ids=[event.id for event in events], **values)
        assert asked.registration is not None
        return asked.registration

    def _now(self) -> datetime:
        with self.work() as work:
            return work.now


def confirm_path(registration: Registration) -> str:
    return f"/confirm/{sign('registration', registration.public_id)}"


def join_path(event: Event, booking: Booking) -> str:
    return f"/webinars/{event.slug}/join?t={sign('join', booking.public_id, booking.link_generation)}"
