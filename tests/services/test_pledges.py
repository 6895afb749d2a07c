"""Pledges of people and organisations: who makes them, who reads them, and whether they were kept."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import VISITOR, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.core.place import day_of
from cop.models.accounts import Person, RoleGrant
from cop.models.commitments import Commitment, CommitmentState
from cop.models.organisations import Organisation
from cop.models.outbox import Outbox, OutboxState
from cop.queries import audit
from cop.queries import pledges as queries
from cop.queries.plans import Standing
from cop.services import pledges as services
from scheduled import ask_plans
from tests.support.adoption import lead_of, pledge
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.panel import at

Posted = Callable[..., Sequence[Outbox]]

ON_THE_DAY = at(2026, 6, 1, 10)


@pytest.fixture(autouse=True)
def _programme(make: Make) -> None:
    make.programme()


@pytest.fixture
def council(make: Make) -> Organisation:
    return make.organisation("Brent Council")


@pytest.fixture
def lea(make: Make, council: Organisation) -> Person:
    return lead_of(make, council)


@pytest.fixture
def run(app: Flask) -> Callable[[], str]:
    def carry_out() -> str:
        with app.app_context():
            return ask_plans.run().rpartition(", ")[2]

    return carry_out


def ours(council: Organisation) -> str:
    return f"organisation {council.slug}"


def seen(reading: Reads, actor: Actor) -> list[str]:
    with reading(actor) as read:
        return [one.owner for one in queries.own_pledges(read)]


def check(work: Working, promise: Commitment, actor: Actor, revision: int = 1, **other: Any) -> Commitment:
    about = {"state": CommitmentState.DONE, "what_happened": "It is open.", **other}
    with work(actor) as opened:
        return services.check_pledge(opened, public_id=promise.public_id, seen=revision, **about)


class TestMaking:
    def test_is_for_oneself_and_for_the_organisation_that_one_leads(
        self, make: Make, work: Working, reading: Reads, council: Organisation, lea: Person
    ) -> None:
        actor = make.actor(lea)
        mine, theirs = pledge(work, actor), pledge(work, actor, ours(council))
        assert (mine.person_id, mine.organisation_id) == (lea.id, None)
        assert (theirs.person_id, theirs.organisation_id) == (None, council.id)
        assert mine.check_on == mine.by_on == date(2026, 6, 1)
        assert seen(reading, actor) == ["Brent Council", "Lea Lead"]

    def test_not_for_anybody_else(self, make: Make, work: Working, council: Organisation, lea: Person) -> None:
        colleague = make.actor(make.account("Colleague", organisation=council))
        other = make.organisation()
        for actor, owner in (
            (colleague, ours(council)),
            (make.actor(lea), ours(other)),
            (make.actor(lea), "organisation nowhere"),
            (make.actor(lea), ""),
        ):
            with pytest.raises(Refusal, match="who makes the pledge"):
                pledge(work, actor, owner)
            with pytest.raises(Refusal, match="who makes the pledge"):
                pledge(work, actor, owner, slug=owner.removeprefix("organisation "))
        with pytest.raises(NotFound):
            pledge(work, VISITOR)

    def test_the_secretariat_writes_one_down_for_an_organisation(
        self, make: Make, work: Working, council: Organisation
    ) -> None:
        admin = make.actor(make.admin())
        assert pledge(work, admin, ours(council), slug=council.slug).organisation_id == council.id
        with pytest.raises(Refusal, match="who makes the pledge"):
            pledge(work, admin, ours(council))

    def test_refuses_a_day_that_is_past_and_takes_today(self, make: Make, work: Working, clock: FixedClock) -> None:
        amina = make.actor(make.account())
        today = day_of(clock.now())
        with pytest.raises(Refusal, match="today or later"):
            pledge(work, amina, by_on=today - timedelta(days=1))
        assert pledge(work, amina, by_on=today).by_on == today

    def test_pressing_twice_is_once_and_twenty_are_enough(self, make: Make, work: Working) -> None:
        amina = make.actor(make.account())
        assert pledge(work, amina).id == pledge(work, amina).id
        for number in range(services.OPEN - 1):
            pledge(work, amina, what=f"Promise {number}.")
        with pytest.raises(Refusal, match="20 open pledges"):
            pledge(work, amina, what="One more.")
        check(work, pledge(work, amina), amina)
        pledge(work, amina, what="One more.")


class TestReading:
    def test_ones_own_is_ones_own(
        self, make: Make, work: Working, reading: Reads, council: Organisation, lea: Person
    ) -> None:
        amina = make.account(organisation=council)
        mine = pledge(work, make.actor(amina))
        admin, facilitator = make.admin(), make.account("Femi")
        make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
        for actor in (VISITOR, Actor(lea.id, via="link"), *map(make.actor, (lea, admin, facilitator))):
            with pytest.raises(NotFound), reading(actor) as read:
                queries.pledge(read, public_id=mine.public_id)
            with pytest.raises(NotFound):
                check(work, mine, actor)
            with pytest.raises(NotFound), work(actor) as opened:
                services.edit_pledge(opened, public_id=mine.public_id, what="X", by_on=date(2026, 7, 1), seen=1)
            with pytest.raises(NotFound), work(actor) as opened:
                services.remove_pledge(opened, public_id=mine.public_id, seen=1)

    def test_that_of_an_organisation_is_for_its_lead_and_the_secretariat(
        self, make: Make, work: Working, reading: Reads, council: Organisation, lea: Person
    ) -> None:
        theirs = pledge(work, make.actor(lea), ours(council))
        near, far = make.account("Near"), make.account("Far")
        make.grant(near, Role.ADMIN, programme=make.programme())
        make.grant(far, Role.ADMIN, programme=make.programme("another"))
        for person in (make.admin(), near):
            with reading(make.actor(person)) as read:
                assert not queries.pledge(read, public_id=theirs.public_id).is_own
        for person in (far, make.account("Colleague", organisation=council), lead_of(make, make.organisation(), "Leo")):
            with pytest.raises(NotFound), reading(make.actor(person)) as read:
                queries.pledge(read, public_id=theirs.public_id)


class TestSaying:
    def test_keeps_the_history(self, make: Make, work: Working, reading: Reads) -> None:
        amina = make.actor(make.account())
        mine = pledge(work, amina)
        check(work, mine, amina, state=CommitmentState.UNDER_WAY, what_happened="")
        check(work, mine, amina, 2)
        with reading(amina) as read:
            found = queries.pledge(read, public_id=mine.public_id)
            assert (found.state, found.standing) == (CommitmentState.DONE, Standing.DONE)
            said = [one.state for one in queries.checks(read, pledge_id=mine.id)]
        assert said == [CommitmentState.DONE, CommitmentState.UNDER_WAY]

    def test_needs_words_where_it_was_not_kept_and_a_fresh_page(self, make: Make, work: Working) -> None:
        amina = make.actor(make.account())
        mine = pledge(work, amina)
        with pytest.raises(Refusal, match="stood in the way"):
            check(work, mine, amina, state=CommitmentState.GIVEN_UP, what_happened="")
        with pytest.raises(Refusal, match="changed meanwhile"):
            check(work, mine, amina, 0)

    def test_changing_moves_the_day_on_which_we_ask(self, make: Make, work: Working) -> None:
        amina = make.actor(make.account())
        mine = pledge(work, amina)
        for revision, by_on, refused in ((0, date(2026, 7, 1), "changed meanwhile"), (1, date(2026, 1, 1), "today or")):
            with pytest.raises(Refusal, match=refused), work(amina) as opened:
                services.edit_pledge(opened, public_id=mine.public_id, what="More.", by_on=by_on, seen=revision)
        with work(amina) as opened:
            changed = services.edit_pledge(
                opened, public_id=mine.public_id, what="More.", by_on=date(2026, 7, 1), seen=1
            )
        assert (changed.what, changed.check_on, changed.revision) == ("More.", date(2026, 7, 1), 2)

    def test_is_removed_only_before_anything_was_said(self, make: Make, work: Working, reading: Reads) -> None:
        amina = make.actor(make.account())
        said, unsaid = pledge(work, amina), pledge(work, amina, what="By mistake.")
        check(work, said, amina)
        with pytest.raises(Refusal, match="how it stands already"), work(amina) as opened:
            services.remove_pledge(opened, public_id=said.public_id, seen=2)
        with pytest.raises(Refusal, match="changed meanwhile"), work(amina) as opened:
            services.remove_pledge(opened, public_id=unsaid.public_id, seen=0)
        with work(amina) as opened:
            services.remove_pledge(opened, public_id=unsaid.public_id, seen=1)
        with reading(amina) as read:
            assert [one.id for one in queries.own_pledges(read)] == [said.id]


class TestAsking:
    def test_asks_the_owner_on_the_day_and_once_more(
        self, make: Make, work: Working, run: Callable[[], str], clock: FixedClock, outbox: Posted
    ) -> None:
        amina = make.account()
        pledge(work, make.actor(amina))
        clock.set(ON_THE_DAY - timedelta(days=1))
        assert run() == "0 about a pledge"
        clock.set(ON_THE_DAY)
        assert [run(), run()] == ["1 about a pledge", "0 about a pledge"]
        clock.move(timedelta(days=14))
        assert [run(), run()] == ["1 about a pledge", "0 about a pledge"]
        assert [row.params["again"] for row in outbox("pledge_check")] == [False, True]
        assert {row.person_id for row in outbox("pledge_check")} == {amina.id}

    def test_asks_an_organisation_through_its_leads_of_today(
        self,
        make: Make,
        work: Working,
        run: Callable[[], str],
        clock: FixedClock,
        outbox: Posted,
        council: Organisation,
        lea: Person,
    ) -> None:
        leo = lead_of(make, council, "Leo Lead")
        left = lead_of(make, council, "Lou Left")
        pledge(work, make.actor(lea), ours(council))
        with work() as opened:
            grant = opened.session.scalars(select(RoleGrant).where(RoleGrant.person_id == left.id)).one()
            grant.revoked_at = opened.now
        clock.set(ON_THE_DAY)
        assert run() == "2 about a pledge"
        assert {row.person_id for row in outbox("pledge_check")} == {lea.id, leo.id}

    def test_does_not_ask_of_what_has_ended_or_was_said(
        self, make: Make, work: Working, run: Callable[[], str], clock: FixedClock
    ) -> None:
        amina = make.actor(make.account())
        check(work, pledge(work, amina), amina)
        stuck = pledge(work, amina, what="Another.")
        clock.set(ON_THE_DAY)
        check(work, stuck, amina, state=CommitmentState.STUCK, what_happened="No key.")
        assert run() == "0 about a pledge"

    def test_what_was_kept_meanwhile_is_not_sent(
        self, make: Make, work: Working, run: Callable[[], str], clock: FixedClock, outbox: Posted, mailbox: Mailbox
    ) -> None:
        amina = make.actor(make.account())
        mine = pledge(work, amina)
        clock.set(ON_THE_DAY)
        run()
        check(work, mine, amina)
        assert mailbox.deliver() == []
        assert outbox("pledge_check")[0].state is OutboxState.DROPPED


class TestTheLink:
    @pytest.fixture
    def theirs(self, make: Make, work: Working, council: Organisation, lea: Person, clock: FixedClock) -> Commitment:
        made = pledge(work, make.actor(lea), ours(council))
        clock.set(ON_THE_DAY)
        return made

    def test_lets_its_holder_say_how_it_stands_and_no_more(
        self, work: Working, reading: Reads, lea: Person, theirs: Commitment
    ) -> None:
        token = queries.link_token(lea, theirs.id)
        with reading() as read:
            assert queries.asked_of_link(read, token=token).person_id == lea.id
        holder = Actor(lea.id, via="link")
        with pytest.raises(NotFound), work(holder) as opened:
            services.edit_pledge(opened, public_id=theirs.public_id, what="X", by_on=date(2026, 7, 1), seen=1)
        assert check(work, theirs, holder).state is CommitmentState.DONE

    def test_forged_or_of_somebody_else_or_too_late_leads_nowhere(
        self, make: Make, work: Working, reading: Reads, lea: Person, theirs: Commitment, clock: FixedClock
    ) -> None:
        token = queries.link_token(lea, theirs.id)
        middle = len(token) // 2
        forged = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
        stranger = make.account("Sam")
        for wrong in (forged, queries.link_token(stranger, theirs.id), queries.link_token(lea, theirs.id + 1), "x"):
            with pytest.raises(NotFound), reading() as read:
                queries.asked_of_link(read, token=wrong)
        with pytest.raises(NotFound):
            check(work, theirs, Actor(stranger.id, via="link"))
        clock.move(timedelta(days=61))
        with pytest.raises(NotFound), reading() as read:
            queries.asked_of_link(read, token=token)

    def test_ends_with_the_role(
        self, make: Make, work: Working, reading: Reads, lea: Person, theirs: Commitment
    ) -> None:
        with work() as opened:
            opened.session.scalars(select(RoleGrant).where(RoleGrant.person_id == lea.id)).one().revoked_at = opened.now
        with pytest.raises(NotFound), reading() as read:
            queries.asked_of_link(read, token=queries.link_token(lea, theirs.id))


def test_the_audit_names_the_pledge_by_its_owner_and_programme(
    make: Make, work: Working, reading: Reads, council: Organisation, lea: Person
) -> None:
    actor = make.actor(lea)
    promise = pledge(work, actor, ours(council))
    check(work, promise, actor)
    with reading(make.actor(make.admin())) as read:
        found = audit.history(read, kind="commitment", subject_id=promise.id)
    assert (found.name, found.of) == ("Brent Council", "Tackling health inequalities")
