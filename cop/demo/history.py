"""Two changes by the secretariat after everything was set up, so that the audit has something to tell."""

from sqlalchemy import select

from cop.core.access import Actor, Grant, Role
from cop.core.work import Work
from cop.demo.people import NAMES
from cop.demo.roles import ROLES
from cop.demo.visits import COMING
from cop.models.accounts import Channel, Person
from cop.models.events import Event
from cop.queries import people as known
from cop.services import people
from cop.services.events import editing
from cop.web import read, run


def load() -> None:
    """Each change is a unit of work of its own: the audit names whoever opened it."""
    admin_id = read().session.scalars(select(Person.id).where(Person.email == ROLES["admin"])).one()
    for change in (_what_to_bring, _by_telephone):
        run(change, Actor(admin_id, (Grant(Role.ADMIN),)))


def _what_to_bring(work: Work) -> None:
    event = work.session.scalars(select(Event).where(Event.slug == COMING)).one()
    editing.edit_practicalities(
        work,
        event_id=event.id,
        place=event.place,
        getting_there=event.getting_there,
        step_free=event.step_free,
        bring="A coat: we begin outside, whatever the weather.",
        map_url=event.map_url,
        parking=event.parking,
        contact=event.contact,
        safety=event.safety,
    )


def _by_telephone(work: Work) -> None:
    public_id = work.session.scalars(select(Person.public_id).where(Person.name == NAMES[3])).one()
    found = known.profile(work, public_id=public_id)
    people.edit_person(
        work,
        public_id=public_id,
        name=found.name,
        email=found.email,
        phone="01632 960 123",
        prefers=Channel.PHONE,
        organisation=found.organisation or "",
        sector=found.sector,
        role_title=found.role_title,
    )
