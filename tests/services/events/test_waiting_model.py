"""Whatever people, staff and time do, in whatever order: the promises of the waiting list hold after every step."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, update

from cop.core.access import SYSTEM
from cop.core.errors import Refusal
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Event, Queue
from cop.models.outbox import Outbox, OutboxState
from cop.models.waiting import Waiting
from cop.queries.soundness import unsound
from cop.queries.waiting import LIVE
from cop.services.events import booking, editing, waiting
from cop.services.events.booking import Party
from cop.services.events.editing.sharing import edit_waiting_rules
from cop.services.events.waiting import Wish
from scheduled import tend_offers
from tests.conftest import empty_tables
from tests.support.clock import FixedClock
from tests.support.make import Make, reading, working
from tests.support.waiting import LONDON, Line

PEOPLE, COLLEAGUES, SLOTS = 7, 3, 3
WHO, SLOT, SIZE = st.integers(0, PEOPLE - 1), st.integers(0, SLOTS - 1), st.integers(1, 4)


class Visits(RuleBasedStateMachine):
    """One visit with its people; each run begins with empty tables."""

    app: ClassVar[Flask]
    make: ClassVar[Make]
    clock: ClassVar[FixedClock]

    @initialize(
        queue=st.sampled_from([Queue.STRICT, Queue.FIT]),
        places=st.integers(2, 4),
        of_day=st.sampled_from([None, 5]),
        of_all=st.sampled_from([None, 6]),
        share=st.sampled_from([None, None, 2]),
    )
    def begin(self, queue: Queue, places: int, of_day: int | None, of_all: int | None, share: int | None) -> None:
        self.clock.reset()
        empty_tables(self.app)
        council = self.make.organisation("Stevenage Borough Council")
        self.people = [
            self.make.account(
                f"Person {number}", f"p{number}@people.example", organisation=council if number < 3 else None
            )
            for number in range(PEOPLE)
        ]
        self.admin = self.make.admin()
        self.event: Event = self.make.visit(
            slots=SLOTS,
            capacity=places,
            day_capacity=of_day,
            event_capacity=of_all,
            party_max=4,
            queue=queue,
            per_organisation=share,
        )
        self.line = Line(self.app, self.make, self.event)

    def act(self, who: Person | None, what: Callable[[Work], Any]) -> None:
        """One command; a refusal is an answer like any other."""
        with suppress(Refusal), working(self.app, self.make.actor(who) if who else SYSTEM) as work:
            what(work)

    @rule(who=WHO, slot=SLOT, size=SIZE)
    def book(self, who: int, slot: int, size: int) -> None:
        part_ids = [self.event.parts[slot].id]
        self.act(
            self.people[who],
            lambda work: booking.book(work, event_id=self.event.id, part_ids=part_ids, party=Party(size)),
        )

    @rule(who=WHO, slots=st.sets(SLOT, min_size=1), size=SIZE, split_ok=st.booleans())
    def join(self, who: int, slots: set[int], size: int, split_ok: bool) -> None:  # noqa: FBT001
        wish = Wish([self.event.parts[slot].id for slot in slots], size, split_ok)
        self.act(self.people[who], lambda work: waiting.join(work, event_id=self.event.id, wish=wish))

    @rule(which=st.integers(0, 20), slot=SLOT, size=SIZE)
    def change(self, which: int, slot: int, size: int) -> None:
        held = self.pick(select(Booking).where(Booking.state == BookingState.LIVE).order_by(Booking.id), which)
        if held is not None:
            part_ids = [self.event.parts[slot].id]
            self.act(
                Person(id=held.person_id),
                lambda work: booking.change(work, public_id=held.public_id, part_ids=part_ids, party=Party(size)),
            )

    @rule(which=st.integers(0, 20))
    def cancel(self, which: int) -> None:
        held = self.pick(select(Booking).where(Booking.state == BookingState.LIVE).order_by(Booking.id), which)
        if held is not None:
            self.act(Person(id=held.person_id), lambda work: booking.cancel(work, public_id=held.public_id))

    @rule(which=st.integers(0, 20))
    def leave(self, which: int) -> None:
        entry = self.pick(select(Waiting).where(Waiting.state.in_(LIVE)).order_by(Waiting.id), which)
        if entry is not None:
            self.act(Person(id=entry.person_id), lambda work: waiting.leave(work, public_id=entry.public_id))

    @rule(which=st.integers(0, 20), accepts=st.booleans())
    def answer(self, which: int, accepts: bool) -> None:  # noqa: FBT001
        offers = self.line.offers()
        if offers:
            offer = offers[which % len(offers)]
            with suppress(Refusal):
                self.line.accept(offer) if accepts else self.line.decline(offer)

    @rule(slot=SLOT, places=st.sampled_from([1, 2, 3, 5, None]))
    def resize(self, slot: int, places: int | None) -> None:
        part = self.make.event(self.event.id).parts[slot]
        begins, ends = part.starts_at.astimezone(LONDON), part.ends_at.astimezone(LONDON)
        self.act(
            self.admin,
            lambda work: editing.edit_slot(
                work,
                part_id=part.id,
                on_date=begins.date(),
                start=begins.time(),
                end=ends.time(),
                title=part.title,
                place=part.place,
                capacity=places,
                zone=LONDON,
            ),
        )

    @rule(queue=st.sampled_from([Queue.STRICT, Queue.FIT]), share=st.sampled_from([None, 1, 3]))
    def share_out(self, queue: Queue, share: int | None) -> None:
        self.act(
            self.admin,
            lambda work: edit_waiting_rules(
                work,
                event_id=self.event.id,
                queue=queue,
                offer_hours=5,
                per_organisation=share,
                fair_share_until=None,
            ),
        )

    @rule(slot=SLOT)
    def call_off(self, slot: int) -> None:
        part = self.event.parts[slot]
        self.act(self.admin, lambda work: editing.cancel_slot(work, part_id=part.id, reason="The boiler broke"))

    @rule(hours=st.sampled_from([1, 7, 40]))
    def time_passes(self, hours: int) -> None:
        """Letters have arrived by then: an offer does not lapse before."""
        with working(self.app) as work:
            work.session.execute(update(Outbox).values(state=OutboxState.SENT))
        self.clock.move(timedelta(hours=hours))
        with self.app.app_context():
            tend_offers.run()

    def pick(self, found: Any, which: int) -> Any:
        with reading(self.app) as read:
            rows: Sequence[Any] = read.session.scalars(found).all()
        return rows[which % len(rows)] if rows else None

    @invariant()
    def every_promise_is_kept(self) -> None:
        with reading(self.app) as read:
            assert not unsound(read)


def test_no_order_of_events_breaks_a_promise(app: Flask, make: Make, clock: FixedClock) -> None:
    run_state_machine_as_test(
        type("TheseVisits", (Visits,), {"app": app, "make": make, "clock": clock}),
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
