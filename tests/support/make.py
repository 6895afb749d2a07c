"""What a test starts from: people, visits and bookings with sensible defaults, saved at once.

Every method opens its own unit of work and returns an object that no session holds: its columns can be read, and
nothing else.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import selectinload

from cop.core.access import SYSTEM, Actor, Grant, Role
from cop.core.secrecy import random_word
from cop.core.work import Read, Work
from cop.models.accounts import Account, Affiliation, Person, RoleGrant, Sector
from cop.models.events import Booking, DayLimit, Event, EventKind, EventState, Part
from cop.models.organisations import Membership, Organisation, OrganisationDomain, OrganisationKind
from cop.models.programmes import Programme, Series
from cop.models.security import Device
from cop.services.accounts import relation_for
from cop.services.events import booking as bookings
from cop.web import db, ports, read, unit_of_work

Working = Callable[..., AbstractContextManager[Work]]
Reads = Callable[..., AbstractContextManager[Read]]

Row = TypeVar("Row")

INVENTED = ""
"""An e-mail address that is made up; None is somebody without one."""


@contextmanager
def working(app: Flask, actor: Actor = SYSTEM) -> Iterator[Work]:
    with app.app_context(), unit_of_work(actor) as work:
        yield work


@contextmanager
def reading(app: Flask, actor: Actor = SYSTEM) -> Iterator[Read]:
    with app.app_context():
        yield read(actor)


class Make:
    def __init__(self, app: Flask) -> None:
        self._app = app
        self._numbers = count(1)

    def organisation(
        self,
        name: str | None = None,
        *,
        kind: OrganisationKind = OrganisationKind.COUNCIL,
        membership: Membership | None = Membership.FULL,
        joined_on: date | None = None,
        domains: Sequence[str] = (),
        **columns: Any,
    ) -> Organisation:
        number = next(self._numbers)
        columns = {"slug": f"council-{number}", **columns}
        made = Organisation(
            name=name or f"Council {number}", kind=kind, membership=membership, joined_on=joined_on, **columns
        )
        made.domains = [OrganisationDomain(domain=domain) for domain in domains]
        return self._save(made)

    def person(
        self,
        name: str = "Amina Yusuf",
        email: str | None = INVENTED,
        *,
        organisation: Organisation | None = None,
        sector: Sector | None = None,
        **columns: Any,
    ) -> Person:
        """Somebody the programme knows, with a live affiliation where one is given."""
        if email == INVENTED:
            email = f"person{next(self._numbers)}@council.example"
        with working(self._app) as work:
            made = Person(name=name, email=email, created_at=work.now, **columns)
            work.session.add(made)
            work.session.flush()
            if organisation is not None or sector is not None:
                work.session.add(
                    Affiliation(
                        person_id=made.id,
                        organisation_id=organisation.id if organisation else None,
                        relation=relation_for(sector),
                        sector=sector,
                        from_on=work.now.date(),
                    )
                )
        return made

    def account(self, name: str = "Amina Yusuf", email: str = INVENTED, **more: Any) -> Person:
        """A person who has signed in before."""
        person = self.person(name, email, **more)
        self.account_of(person)
        return person

    def account_of(self, person: Person) -> Account:
        with working(self._app) as work:
            found = work.session.get(Account, person.id)
            if found is None:
                found = Account(person_id=person.id, email_verified_at=work.now, session_epoch=0)
                work.session.add(found)
        return found

    def device_of(self, person: Person) -> str:
        """A browser in which this person is signed in, from now on: its public id."""
        word, epoch = random_word(), self.account_of(person).session_epoch
        with self._app.app_context(), db.engine.begin() as connection:
            now = ports().clock.now()
            values = {"person_id": person.id, "browser": "Firefox on Linux", "signed_in_at": now, "seen_at": now}
            connection.execute(insert(Device).values(public_id=word, session_epoch=epoch, **values))
        return word

    def admin(self, name: str = "Ada Admin") -> Person:
        """Somebody who may act everywhere."""
        person = self.account(name)
        self.grant(person, Role.ADMIN)
        return person

    def grant(
        self,
        person: Person,
        role: Role,
        *,
        programme: Programme | None = None,
        event: Event | None = None,
        organisation: Organisation | None = None,
    ) -> RoleGrant:
        with working(self._app) as work:
            made = RoleGrant(
                person_id=person.id,
                role=role,
                programme_id=programme.id if programme else None,
                event_id=event.id if event else None,
                organisation_id=organisation.id if organisation else None,
                granted_at=work.now,
            )
            work.session.add(made)
        return made

    def actor(self, person: Person) -> Actor:
        """The person with the grants they hold now."""
        live = select(RoleGrant).where(RoleGrant.person_id == person.id, RoleGrant.revoked_at.is_(None))
        with reading(self._app) as found:
            grants = found.session.scalars(live.order_by(RoleGrant.id)).all()
        return Actor(
            person.id,
            tuple(Grant(item.role, item.programme_id, item.event_id, item.organisation_id) for item in grants),
        )

    def programme(self, slug: str = "health-inequalities", **columns: Any) -> Programme:
        """The programme of that slug, made the first time."""
        with working(self._app) as work:
            made = work.session.scalars(select(Programme).where(Programme.slug == slug)).one_or_none()
            if made is None:
                today = work.now.date()
                columns = {
                    "name": "Tackling health inequalities",
                    "summary": "Councils and residents learn together.",
                    "is_current": slug == "health-inequalities",
                    "starts_on": today - timedelta(days=200),
                    "ends_on": today + timedelta(days=400),
                    **columns,
                }
                made = Programme(slug=slug, **columns)
                work.session.add(made)
        return made

    def series(self, slug: str = "speaker-series", *, programme: Programme | None = None, **columns: Any) -> Series:
        columns = {"name": "Speaker series", "summary": "An hour with somebody who did it.", **columns}
        return self._save(Series(slug=slug, programme_id=(programme or self.programme()).id, **columns))

    def visit(
        self,
        title: str = "A morning at the Healthy Hub",
        *,
        slots: int | Sequence[datetime] = 2,
        capacity: int | None = 10,
        day_capacity: int | None = None,
        event_capacity: int | None = None,
        party_max: int = 5,
        published: bool = True,
        programme: Programme | None = None,
        kind: EventKind = EventKind.VISIT,
        **columns: Any,
    ) -> Event:
        """A visit, or an event of another kind, with its parts loaded, in order.

        ``slots`` are the times at which its hours begin; a number asks for so many on the day a week from now, from
        10am. ``capacity`` is each slot's, ``day_capacity`` that of a day over its slots, ``event_capacity`` of all.
        """
        number = next(self._numbers)
        programme = programme or self.programme()
        columns = {
            "slug": f"healthy-hub-{number}",
            "summary": "See how residents and the council run a health hub.",
            "description": "A walk round the hub, then tea with the people who use it.",
            "place": "Healthy Hub, Stevenage SG1 1EP",
            "state": EventState.PUBLISHED if published else EventState.DRAFT,
            **columns,
        }
        with working(self._app) as work:
            event = Event(
                kind=kind,
                programme_id=programme.id,
                title=title,
                capacity=event_capacity,
                party_max=party_max,
                changed_at=work.now,
                **columns,
            )
            work.session.add(event)
            work.session.flush()
            starts = _times(work.now, slots) if isinstance(slots, int) else list(slots)
            days: dict[date, DayLimit] = {}
            if day_capacity is not None:
                for on in dict.fromkeys(at.date() for at in starts):
                    days[on] = DayLimit(event_id=event.id, on_date=on, capacity=day_capacity)
                work.session.add_all(days.values())
                work.session.flush()
            for at in starts:
                limit = days.get(at.date())
                work.session.add(
                    Part(
                        event_id=event.id,
                        day_limit_id=limit.id if limit else None,
                        title=f"Visit at {at:%H:%M}",
                        starts_at=at,
                        ends_at=at + timedelta(hours=1),
                        capacity=capacity,
                        changed_at=work.now,
                    )
                )
        return self.event(event.id)

    def event(self, event_id: int) -> Event:
        """The event as it stands now, with its parts loaded."""
        wanted = select(Event).where(Event.id == event_id)
        with reading(self._app) as found:
            return found.session.scalars(
                wanted.options(selectinload(Event.parts).selectinload(Part.day_limit), selectinload(Event.programme))
            ).one()

    def booking(
        self, person: Person, visit: Event, slot: Part | int = 0, party_size: int = 1, names: Sequence[str] = ()
    ) -> Booking:
        """A booking as the person would make it; a rule that stands against it raises its Refusal."""
        part = visit.parts[slot] if isinstance(slot, int) else slot
        with working(self._app, self.actor(person)) as work:
            return bookings.book(
                work, event_id=visit.id, part_ids=[part.id], party=bookings.Party(party_size, tuple(names))
            )

    def _save(self, row: Row) -> Row:
        with working(self._app) as work:
            work.session.add(row)
        return row


def _times(now: datetime, number: int) -> list[datetime]:
    first = (now + timedelta(days=7)).replace(hour=10, minute=0, second=0, microsecond=0)
    return [first + timedelta(minutes=90) * position for position in range(number)]
