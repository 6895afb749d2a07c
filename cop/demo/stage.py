"""What every part of the demo programme is loaded with: the people, the clock, and units of work in the past."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cop.core.access import Actor
from cop.core.work import Work
from cop.demo.roles import ROLES
from cop.models.accounts import Person
from cop.models.programmes import Programme


@dataclass(frozen=True)
class Stage:
    """``people`` are invented, in a fixed order; ``chance`` gives the same world each time."""

    work: Work
    programme: Programme
    people: Sequence[Person]
    zone: ZoneInfo
    chance: random.Random

    def day(self, days: int) -> date:
        """The working day nearest after so many days from now."""
        return working_day((self.work.now + timedelta(days=days)).astimezone(self.zone).date())

    def ago(self, **ago: float) -> Work:
        """The unit of work as it would have been then."""
        return replace(self.work, now=self.work.now - timedelta(**ago))

    def at(self, days: int, hour: int, minute: int = 0) -> datetime:
        """A time of the working day nearest after so many days from now, on the local clock."""
        return datetime.combine(self.day(days), time(hour, minute), self.zone).astimezone(UTC)

    def role(self, role: str) -> Person:
        """The account of a role of the demonstration."""
        return self.work.session.scalars(select(Person).where(Person.email == ROLES[role])).one()


def as_person(work: Work, person: Person, when: datetime | None = None) -> Work:
    """The unit of work as this person, who holds no grant, would have had it."""
    return replace(work, actor=Actor(person.id), now=when or work.now)


def working_day(found: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return found + timedelta(days=max(0, 7 - found.weekday()) if found.weekday() >= 5 else 0)  # noqa: PLR2004
