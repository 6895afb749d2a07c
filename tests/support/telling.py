"""Announcements, and people to whom they may go."""

from flask import Flask
from sqlalchemy import select

from cop.core.access import VISITOR
from cop.core.audiences import Audience
from cop.models.accounts import Person
from cop.models.programmes import Programme
from cop.models.telling import Announcement, Interest, Purpose
from cop.queries import announcements as queries
from cop.queries.announcements import Counted, Progress
from cop.services import announcements, consents, interest
from scheduled import release_announcements
from tests.support.make import Make, reading, working

EVERYBODY = Audience()


class Telling:
    """An admin who writes to audiences."""

    def __init__(self, app: Flask, make: Make) -> None:
        self._app, self._make = app, make
        self.ada = make.admin("Ada Admin")

    def reader(self, name: str, email: str, **more: object) -> Person:
        """Somebody who agreed to news."""
        person = self._make.account(name, email, **more)
        with working(self._app, self._make.actor(person)) as work:
            consents.give(work, purpose=Purpose.NEWS)
        return person

    def interested(self, person: Person, programme: Programme) -> None:
        with working(self._app, self._make.actor(person)) as work:
            interest.join(work, programme_id=programme.id)

    def wish(self, programme: Programme, email: str) -> Interest:
        """A request to hear of the next round that waits for the owner of the address."""
        with working(self._app, VISITOR) as work:
            interest.ask(work, programme_id=programme.id, email=email, network="192.0.2.1")
            return work.session.scalars(select(Interest).where(Interest.address == email)).one()

    def draft(
        self,
        audience: Audience = EVERYBODY,
        *,
        subject: str = "The next round",
        body: str = "Hello **all**",
        programme: Programme | None = None,
    ) -> Announcement:
        with working(self._app, self._make.actor(self.ada)) as work:
            return announcements.write(
                work,
                programme_id=(programme or self._make.programme()).id,
                subject=subject,
                body=body,
                audience=audience,
            )

    def send(self, draft: Announcement, **how: object) -> Announcement:
        """Let it go out; ``send_at`` and ``stage`` say when."""
        values = {"send_at": None, "stage": None, **how}
        revision = self.now(draft).revision
        with working(self._app, self._make.actor(self.ada)) as work:
            return announcements.send(work, public_id=draft.public_id, revision=revision, **values)  # type: ignore[arg-type]

    def stop(self, announcement: Announcement) -> int:
        with working(self._app, self._make.actor(self.ada)) as work:
            return announcements.stop(work, public_id=announcement.public_id)

    def release(self) -> str:
        with self._app.app_context():
            return release_announcements.run()

    def now(self, announcement: Announcement) -> Announcement:
        with reading(self._app) as read:
            return queries.announcement(read, public_id=announcement.public_id)

    def counted(self, audience: Audience, programme: Programme | None = None) -> Counted:
        draft = self.draft(audience, programme=programme)
        with reading(self._app) as read:
            return queries.counted(read, draft)

    def reached(self, audience: Audience, programme: Programme | None = None) -> set[str]:
        """The names of those who would get it."""
        draft = self.draft(audience, programme=programme)
        with reading(self._app) as read:
            return {item.name for item in queries.sample(read, draft)}

    def progress(self, announcement: Announcement) -> Progress:
        with reading(self._app) as read:
            return queries.progress(read, announcement_id=announcement.id)
