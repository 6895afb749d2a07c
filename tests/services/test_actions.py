"""Actions taken home from a summit: who takes them on, who says how they stand, and who only reads them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.commitments import Commitment, CommitmentCheck, CommitmentState
from cop.models.events import Event
from cop.models.outbox import Outbox, OutboxClass
from cop.models.summits import Answer
from cop.queries import actions as queries
from cop.queries.plans import Standing
from cop.services import actions as services
from scheduled import ask_plans
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.seating import come
from tests.support.summits import answer, invitation_of, make_summit

Posted = Callable[..., Sequence[Outbox]]

NOBODY_ASKED = "0 people asked about their plan, 0 about an action, 0 about a pledge"


@pytest.fixture
def summit(make: Make, work: Working) -> Event:
    return make_summit(make, work, breakouts=())


@pytest.fixture
def there(make: Make, work: Working, reading: Reads, clock: FixedClock, summit: Event) -> Mapping[str, Person]:
    """Amina and Ben of Brent, and Cara of nowhere, on the day; Dan is invited and does not come."""
    names = {"Amina": "Brent Council", "Ben": "Brent Council", "Cara": "", "Dan": ""}
    people = dict(zip(names, come(make, work, reading, summit, names), strict=True))
    answer(work, invitation_of(reading, summit, people["Dan"]), Answer.NO)
    clock.set(summit.parts[0].starts_at)
    return people


def person(one: Person) -> str:
    return f"person {one.public_id}"


def home(make: Make, reading: Reads, summit: Event) -> str:
    with reading() as read:
        return next(one.key for one in queries.owners(read, summit, own=False) if one.organisation_id is not None)


def add(work: Working, summit: Event, owner: str, actor: Actor | None = None, **other: Any) -> Commitment:
    about = {"what": "Meet the tenants.", "by_on": date(2026, 6, 1), **other}
    with work(*([actor] if actor else [])) as opened:
        return services.add_action(opened, event_id=summit.id, owner=owner, **about)


def check(work: Working, action: Commitment, actor: Actor, seen: int = 1, **other: Any) -> Commitment:
    about = {"state": CommitmentState.UNDER_WAY, "what_happened": "", **other}
    with work(actor) as opened:
        return services.check_action(opened, public_id=action.public_id, seen=seen, **about)


class TestTakingOn:
    def test_is_for_oneself_and_ones_organisation(
        self, make: Make, work: Working, reading: Reads, summit: Event, there: Mapping[str, Person]
    ) -> None:
        amina = make.actor(there["Amina"])
        mine = add(work, summit, person(there["Amina"]), amina)
        ours = add(work, summit, home(make, reading, summit), amina)
        assert (mine.person_id, mine.organisation_id) == (there["Amina"].id, None)
        assert (ours.person_id, ours.organisation_id is not None) == (None, True)
        assert mine.check_on == mine.by_on == date(2026, 6, 1)
        for owner in (person(there["Ben"]), "organisation nowhere", "person nobody", ""):
            with pytest.raises(Refusal, match="Choose who takes it on"):
                add(work, summit, owner, amina)

    def test_is_noted_by_staff_for_whoever_came(
        self, make: Make, work: Working, reading: Reads, summit: Event, there: Mapping[str, Person]
    ) -> None:
        host = make.account("Hana Host")
        make.grant(host, Role.HOST, event=summit)
        for owner in (person(there["Cara"]), home(make, reading, summit)):
            assert add(work, summit, owner, make.actor(host)).what == "Meet the tenants."
        with pytest.raises(Refusal, match="Choose who takes it on"):
            add(work, summit, person(there["Dan"]), make.actor(host))

    def test_is_for_nobody_who_was_not_there(
        self, make: Make, work: Working, reading: Reads, summit: Event, there: Mapping[str, Person]
    ) -> None:
        for actor in (make.actor(there["Dan"]), make.actor(make.account()), Actor()):
            with pytest.raises(NotFound):
                add(work, summit, person(there["Dan"]), actor)
            with pytest.raises(NotFound), reading(actor) as read:
                queries.actions_of(read, slug=summit.slug)
        with pytest.raises(NotFound):
            add(work, make.visit(), person(there["Amina"]))

    def test_begins_with_the_day_and_looks_ahead(
        self, make: Make, work: Working, clock: FixedClock, summit: Event, there: Mapping[str, Person]
    ) -> None:
        with pytest.raises(Refusal, match="The day has to be today or later"):
            add(work, summit, person(there["Cara"]), by_on=date(2026, 4, 19))
        clock.set(summit.parts[0].starts_at - timedelta(minutes=1))
        with pytest.raises(Refusal, match="from when the day begins"):
            add(work, summit, person(there["Cara"]))

    def test_is_one_action_when_pressed_twice(self, work: Working, summit: Event, there: Mapping[str, Person]) -> None:
        first, second = (add(work, summit, person(there["Cara"])) for _ in range(2))
        assert first.id == second.id
        assert add(work, summit, person(there["Cara"]), what="Something else.").id != first.id


class TestSayingHowItStands:
    def test_is_for_those_whose_it_is_and_for_staff(
        self, make: Make, work: Working, reading: Reads, summit: Event, there: Mapping[str, Person]
    ) -> None:
        ours = add(work, summit, home(make, reading, summit))
        host = make.account("Hana Host")
        make.grant(host, Role.HOST, event=summit)
        for one in (make.actor(there["Cara"]), make.actor(there["Dan"]), Actor()):
            with pytest.raises(NotFound):
                check(work, ours, one)
        check(work, ours, Actor(there["Amina"].id, via="link"))
        check(work, ours, make.actor(there["Ben"]), seen=2, state=CommitmentState.STUCK, what_happened="No money.")
        check(work, ours, make.actor(host), seen=3, state=CommitmentState.DONE)
        with reading() as read:
            said = read.session.scalars(select(CommitmentCheck).order_by(CommitmentCheck.id)).all()
        assert [(one.by_person_id, one.state) for one in said] == [
            (there["Amina"].id, CommitmentState.UNDER_WAY),
            (there["Ben"].id, CommitmentState.STUCK),
            (host.id, CommitmentState.DONE),
        ]

    def test_asks_for_words_and_refuses_a_page_that_is_not_up_to_date(
        self, make: Make, work: Working, summit: Event, there: Mapping[str, Person]
    ) -> None:
        action, cara = add(work, summit, person(there["Cara"])), make.actor(there["Cara"])
        with pytest.raises(Refusal, match="what stood in the way"):
            check(work, action, cara, state=CommitmentState.STUCK)
        check(work, action, cara)
        assert check(work, action, cara).revision == 2  # the same words a second time
        with pytest.raises(Refusal, match="The action was changed meanwhile"):
            check(work, action, cara, state=CommitmentState.DONE)

    def test_is_read_by_everybody_who_came(
        self, make: Make, work: Working, reading: Reads, clock: FixedClock, summit: Event, there: Mapping[str, Person]
    ) -> None:
        add(work, summit, person(there["Cara"]), by_on=date(2026, 5, 1))
        ours = add(work, summit, home(make, reading, summit), by_on=date(2026, 4, 30))
        check(work, ours, make.actor(there["Amina"]), state=CommitmentState.DONE, what_happened="Met them.")
        clock.move(timedelta(days=20))
        with reading(make.actor(there["Ben"])) as read:
            found = queries.actions_of(read, slug=summit.slug)
        assert [(one.owner, one.standing, one.is_own, one.what_happened) for one in found.all] == [
            ("Brent Council", Standing.DONE, True, "Met them."),
            ("Cara", Standing.SILENT, False, None),
        ]
        assert (found.follows, found.was_there, [one.owner for one in found.silent]) == (False, True, ["Cara"])


class TestChanging:
    def test_is_for_those_whose_it_is_and_for_staff(
        self, make: Make, work: Working, summit: Event, there: Mapping[str, Person]
    ) -> None:
        action = add(work, summit, person(there["Cara"]))

        def edit(actor: Actor, seen: int = 1, by_on: date = date(2026, 7, 1)) -> Commitment:
            with work(actor) as opened:
                return services.edit_action(
                    opened, public_id=action.public_id, what="Meet them twice.", by_on=by_on, seen=seen
                )

        with pytest.raises(NotFound):
            edit(make.actor(there["Amina"]))
        with pytest.raises(Refusal, match="today or later"):
            edit(make.actor(there["Cara"]), by_on=date(2026, 1, 1))
        changed = edit(make.actor(there["Cara"]))
        assert (changed.what, changed.check_on, changed.revision) == ("Meet them twice.", date(2026, 7, 1), 2)
        with pytest.raises(Refusal, match="changed meanwhile"):
            edit(make.actor(there["Cara"]))

    def test_what_was_noted_by_mistake_is_removed_by_staff(
        self, make: Make, work: Working, reading: Reads, summit: Event, there: Mapping[str, Person]
    ) -> None:
        action = add(work, summit, person(there["Cara"]))
        check(work, action, make.actor(there["Cara"]))
        for actor, seen, error in (
            (make.actor(there["Cara"]), 2, NotFound),
            (make.actor(make.admin()), 1, Refusal),
        ):
            with pytest.raises(error), work(actor) as opened:
                services.remove_action(opened, public_id=action.public_id, seen=seen)
        with work() as opened:
            services.remove_action(opened, public_id=action.public_id, seen=2)
        with reading() as read:
            assert read.session.scalars(select(Commitment)).all() == []


class TestAsking:
    @pytest.fixture
    def run(self, app: Flask) -> Callable[[], str]:
        def carry_out() -> str:
            with app.app_context():
                return ask_plans.run()

        return carry_out

    def test_is_done_on_the_day_and_once_more(
        self,
        make: Make,
        work: Working,
        reading: Reads,
        clock: FixedClock,
        summit: Event,
        there: Mapping[str, Person],
        run: Callable[[], str],
        outbox: Posted,
    ) -> None:
        add(work, summit, person(there["Cara"]), by_on=date(2026, 6, 1))
        add(work, summit, home(make, reading, summit), by_on=date(2026, 6, 1))
        clock.move(timedelta(days=41))
        assert run() == NOBODY_ASKED
        clock.move(timedelta(days=1))
        assert [run(), run()] == ["0 people asked about their plan, 3 about an action, 0 about a pledge", NOBODY_ASKED]
        assert {row.person_id for row in outbox("action_check")} == {
            there[name].id for name in ("Amina", "Ben", "Cara")
        }
        assert {row.urgency for row in outbox("action_check")} == {OutboxClass.ROUTINE}
        clock.move(timedelta(days=14))
        assert [run(), run()] == ["0 people asked about their plan, 3 about an action, 0 about a pledge", NOBODY_ASKED]
        clock.move(timedelta(days=20))
        assert run() == NOBODY_ASKED

    def test_leaves_in_peace_whoever_has_said_it_and_asks_anew_for_another_day(
        self,
        make: Make,
        work: Working,
        clock: FixedClock,
        summit: Event,
        there: Mapping[str, Person],
        run: Callable[[], str],
        mailbox: Mailbox,
    ) -> None:
        action, cara = add(work, summit, person(there["Cara"]), by_on=date(2026, 6, 1)), make.actor(there["Cara"])
        done = add(work, summit, person(there["Cara"]), what="Done already.", by_on=date(2026, 6, 1))
        check(work, done, cara, state=CommitmentState.DONE)
        mailbox.deliver()
        clock.move(timedelta(days=42))
        assert "1 about an action" in run()
        with work(cara) as opened:
            services.edit_action(opened, public_id=action.public_id, what=action.what, by_on=date(2026, 6, 10), seen=1)
        assert mailbox.deliver() == []  # it was put off before the letter went
        clock.move(timedelta(days=9))
        assert "1 about an action" in run()
        check(work, action, cara, seen=2)
        clock.move(timedelta(days=14))
        assert run() == NOBODY_ASKED
