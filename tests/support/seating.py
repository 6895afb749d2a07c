"""Summits with tables: people who come, where they sit, and everything seated through the services."""

from collections.abc import Mapping, Sequence

from cop.core.access import SYSTEM, Actor
from cop.models.accounts import Person, Sector
from cop.models.events import Event
from cop.models.summits import Answer
from cop.queries import seating as queries
from cop.services import seating as services
from tests.support.make import Make, Reads, Working
from tests.support.summits import answer, invitation_of, invite, make_summit

SECTORS = tuple(Sector)


def come(make: Make, work: Working, reading: Reads, event: Event, names: Mapping[str, str]) -> Sequence[Person]:
    """These people say yes; each name with the organisation, ``""`` for none."""
    homes = {name: make.organisation(name) for name in dict.fromkeys(names.values()) if name}
    people = [
        make.account(name, sector=SECTORS[number % len(SECTORS)], organisation=homes.get(home))
        for number, (name, home) in enumerate(names.items())
    ]
    invite(work, event, *people)
    for person in people:
        answer(work, invitation_of(reading, event, person), Answer.YES)
    return people


class Tables:
    """The tables of one summit, as somebody would set them up page by page."""

    def __init__(self, make: Make, work: Working, reading: Reads, event: Event | None = None) -> None:
        self._make, self._work, self._reading = make, work, reading
        self.event = event or make_summit(make, work, breakouts=())

    def come(self, names: Mapping[str, str]) -> Sequence[Person]:
        return come(self._make, self._work, self._reading, self.event, names)

    def now(self) -> queries.Seating:
        with self._reading() as read:
            return queries.seating(read, slug=self.event.slug)

    def set_up(self, *seats: int, rounds: int = 1, actor: Actor = SYSTEM) -> None:
        tables = [services.TableToSet(f"Table {number}", size) for number, size in enumerate(seats, start=1)]
        seen = self.now().seen
        with self._work(actor) as unit:
            services.set_up(unit, event_id=self.event.id, tables=tables, rounds=rounds, seen=seen)

    def seat(self) -> None:
        found = self.now()
        seated = services.compute(found, seen=found.seen, tell=lambda done, total: None)
        with self._work() as unit:
            services.keep_seated(unit, event_id=self.event.id, seen=found.seen, seated=seated)

    def sit(self, name: str, table: int = 0) -> int:
        """Put somebody at a table by hand, in the first round; what is returned is their seat."""
        seat_id, seen = self.seat_of(name), self.now().seen
        with self._work() as unit:
            services.move(unit, event_id=self.event.id, round_=0, seat_id=seat_id, table=table, seen=seen)
        return seat_id

    def seat_of(self, name: str) -> int:
        return next(one.seat_id for one in self.now().sitters if one.called == name)

    def at(self, round_: int = 0) -> Mapping[str, Sequence[str]]:
        """Names by table."""
        return {table.name: [one.called for one in table.people] for table in self.now().tables(round_)}

    def table_of(self, name: str, round_: int = 0) -> str | None:
        return self.now().name_of_table(round_, self.seat_of(name))
