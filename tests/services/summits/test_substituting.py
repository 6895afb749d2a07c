"""Sending somebody else: proposed by whoever is invited, decided by staff, with a place that nobody else can take."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Affiliation, Person
from cop.models.events import Booking, BookingState, Claim, Entry, EntryStatus, Event
from cop.models.outbox import Outbox
from cop.models.summits import Answer, Invitation, Substitution, SubstitutionState
from cop.queries import summits as queries
from cop.queries.summits import Needs, kept_needs
from cop.services import summits as services
from cop.services.events import booking as bookings
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.summits import answer, breakouts_of, invitation_of, invite, make_summit, propose
from tests.support.waiting import Line

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def summit(make: Make, work: Working) -> Event:
    return make_summit(make, work, breakouts=(1, None), capacity=1)


@pytest.fixture
def amina(make: Make, work: Working, reading: Reads, summit: Event) -> Person:
    """Invited, with the only place and the only seat in the first breakout."""
    person = make.person("Amina Yusuf", "amina@council.example")
    invite(work, summit, person)
    needs = Needs(access="A seat near the front")
    answer(work, invitation_of(reading, summit, person), Answer.YES, breakouts_of(summit)[0], needs=needs)
    return person


def approve(work: Working, proposal: Substitution, actor: Actor | None = None) -> Invitation:
    with work(*([actor] if actor else [])) as opened:
        return services.approve(opened, substitution_id=proposal.id)


def live(reading: Reads, summit: Event) -> Sequence[Booking]:
    with reading() as read:
        held = select(Booking).where(Booking.event_id == summit.id, Booking.state == BookingState.LIVE)
        return read.session.scalars(held).all()


class TestProposing:
    def test_makes_nobody_known_and_keeps_the_place(
        self, work: Working, reading: Reads, summit: Event, amina: Person, outbox: Posted
    ) -> None:
        before = len(outbox())
        proposal = propose(work, invitation_of(reading, summit, amina), email=" Ben@Council.example ")
        assert (proposal.state, proposal.email) == (SubstitutionState.PROPOSED, "ben@council.example")
        with reading() as read:
            assert read.session.scalar(select(Person.id).where(Person.email == "ben@council.example")) is None
        assert [booking.person_id for booking in live(reading, summit)] == [amina.id]
        assert len(outbox()) == before

    def test_is_for_whoever_is_invited_and_for_staff(
        self, make: Make, work: Working, reading: Reads, summit: Event, amina: Person
    ) -> None:
        invitation = invitation_of(reading, summit, amina)
        stranger, host = make.account(), make.account()
        make.grant(host, Role.HOST, event=summit)
        for actor in (make.actor(stranger), Actor()):
            with pytest.raises(NotFound):
                propose(work, invitation, actor=actor)
        assert propose(work, invitation, actor=make.actor(host)).name == "Ben Okri"

    def test_is_refused_a_second_time_and_for_oneself(
        self, work: Working, reading: Reads, summit: Event, amina: Person
    ) -> None:
        invitation = invitation_of(reading, summit, amina)
        with pytest.raises(Refusal, match="This is the address of whoever is invited"):
            propose(work, invitation, email="amina@council.example")
        with pytest.raises(Refusal, match="Enter an e-mail address"):
            propose(work, invitation, email="ben")
        propose(work, invitation)
        with pytest.raises(Refusal, match="Somebody is proposed already"):
            propose(work, invitation)

    def test_can_be_taken_back_once(self, work: Working, reading: Reads, summit: Event, amina: Person) -> None:
        invitation = invitation_of(reading, summit, amina)
        holder = Actor(amina.id, via="link")
        proposal = propose(work, invitation)
        with pytest.raises(NotFound), work(Actor()) as opened:
            services.take_back(opened, public_id=invitation.public_id)
        with work(holder) as opened:
            services.take_back(opened, public_id=invitation.public_id)
        with pytest.raises(Refusal, match="decided, or taken back"), work(holder) as opened:
            services.take_back(opened, public_id=invitation.public_id)
        with pytest.raises(Refusal, match="decided, or taken back"):
            approve(work, proposal)
        assert propose(work, invitation).state is SubstitutionState.PROPOSED

    def test_works_late_for_whoever_has_a_place_and_until_the_day_begins(
        self, make: Make, work: Working, reading: Reads, clock: FixedClock, summit: Event, amina: Person
    ) -> None:
        silent = make.person("Silent", "silent@council.example")
        invite(work, summit, silent)
        with work() as opened:
            event = opened.session.get_one(Event, summit.id)
            event.closes_at = event.change_until = opened.now + timedelta(days=1)
        clock.move(timedelta(days=2))
        with pytest.raises(Refusal, match="Nobody else can be sent any more"):
            propose(work, invitation_of(reading, summit, silent))
        proposal = propose(work, invitation_of(reading, summit, amina))
        assert approve(work, proposal).response is Answer.YES
        clock.set(summit.parts[0].starts_at)
        with pytest.raises(Refusal, match="Nobody else can be sent any more"):
            propose(work, invitation_of(reading, summit, "Ben Okri"))

    def test_ends_when_the_invitation_is_withdrawn(
        self, work: Working, reading: Reads, summit: Event, amina: Person
    ) -> None:
        invitation = invitation_of(reading, summit, amina)
        proposal = propose(work, invitation)
        with work() as opened:
            services.withdraw(opened, public_id=invitation.public_id)
        with pytest.raises(Refusal, match="decided, or taken back"):
            approve(work, proposal)

    def test_keeps_the_place_from_a_no_and_from_a_cancelled_booking(
        self, work: Working, reading: Reads, summit: Event, amina: Person
    ) -> None:
        invitation = invitation_of(reading, summit, amina)
        propose(work, invitation)
        for response in (Answer.NO, Answer.TENTATIVE):
            with pytest.raises(Refusal, match="You want to send Ben Okri in your place"):
                answer(work, invitation, response)
        [booking] = live(reading, summit)
        with pytest.raises(Refusal, match="You want to send Ben Okri"), work(Actor(amina.id)) as opened:
            bookings.cancel(opened, public_id=booking.public_id)
        with work() as opened:
            bookings.cancel(opened, public_id=booking.public_id)
        assert live(reading, summit) == []


class TestApproving:
    def test_lets_the_place_pass_on_with_all_that_belongs_to_it(
        self, make: Make, work: Working, reading: Reads, summit: Event, amina: Person, outbox: Posted
    ) -> None:
        stevenage = make.organisation("Stevenage Borough Council")
        proposal = propose(work, invitation_of(reading, summit, amina), organisation="stevenage  borough council")
        theirs = approve(work, proposal)
        before, after = invitation_of(reading, summit, amina), invitation_of(reading, summit, "Ben Okri")
        assert (before.response, after.response) == (Answer.NO, Answer.YES)
        assert (after.id, after.substitute_for) == (theirs.id, before.id)
        [booking] = live(reading, summit)
        assert (booking.person_id, booking.organisation_id) == (after.person_id, stevenage.id)
        with reading() as read:
            held = select(Claim.booking_id, func.count()).where(Claim.released_at.is_(None)).group_by(Claim.booking_id)
            assert read.session.execute(held).all() == [(booking.id, 4)]
            entries = read.session.scalars(select(Entry).where(Entry.status == EntryStatus.CONFIRMED)).all()
            assert {entry.booking_id for entry in entries} == {booking.id}
            assert len(entries) == 3
            assert read.session.get_one(Event, summit.id).seats_taken == 1
            assert kept_needs(read, booking_id=booking.id) == Needs()
            assert read.session.scalars(select(Affiliation.organisation_id)).all() == [stevenage.id]
        assert [(row.template, row.person_id) for row in outbox()[-2:]] == [
            ("place_passed_on", amina.id),
            ("substitute_welcome", after.person_id),
        ]

    def test_gives_the_place_to_nobody_who_waits(
        self, app: Flask, make: Make, work: Working, reading: Reads, summit: Event, amina: Person
    ) -> None:
        waiting = make.account("Wanda", "wanda@council.example")
        invite(work, summit, waiting)
        line = Line(app, make, summit)
        line.join(waiting, slots=[])
        approve(work, propose(work, invitation_of(reading, summit, amina)))
        [booking] = live(reading, summit)
        assert booking.person_id == invitation_of(reading, summit, "Ben Okri").person_id
        assert (line.waiting(), line.offers()) == (["Wanda"], [])

    def test_invites_where_there_is_no_place_to_pass_on(
        self, make: Make, work: Working, reading: Reads, summit: Event, amina: Person, outbox: Posted
    ) -> None:
        silent = make.person("Silent", "silent@council.example")
        invite(work, summit, silent)
        approve(work, propose(work, invitation_of(reading, summit, silent)))
        ben = invitation_of(reading, summit, "Ben Okri")
        assert (ben.response, invitation_of(reading, summit, silent).response) == (Answer.NONE, Answer.NO)
        assert [row.template for row in outbox()[-2:]] == ["substitute_approved", "invitation"]
        assert [booking.person_id for booking in live(reading, summit)] == [amina.id]

    def test_keeps_who_passed_it_on_from_coming_as_well(
        self, work: Working, reading: Reads, summit: Event, amina: Person
    ) -> None:
        approve(work, propose(work, invitation_of(reading, summit, amina)))
        before = invitation_of(reading, summit, amina)
        with pytest.raises(Refusal, match="Ben Okri has your place"):
            answer(work, before, Answer.YES)
        with pytest.raises(Refusal, match="Ben Okri has this place already"):
            propose(work, before, email="cara@council.example")
        answer(work, invitation_of(reading, summit, "Ben Okri"), Answer.NO)
        answer(work, before, Answer.YES)
        assert [booking.person_id for booking in live(reading, summit)] == [amina.id]

    def test_can_be_passed_on_and_back(self, work: Working, reading: Reads, summit: Event, amina: Person) -> None:
        approve(work, propose(work, invitation_of(reading, summit, amina)))
        back = propose(work, invitation_of(reading, summit, "Ben Okri"), name="Amina", email="amina@council.example")
        approve(work, back)
        assert [booking.person_id for booking in live(reading, summit)] == [amina.id]
        assert invitation_of(reading, summit, amina).response is Answer.YES

    def test_takes_somebody_who_is_invited_and_not_somebody_who_comes(
        self, make: Make, work: Working, reading: Reads, amina: Person
    ) -> None:
        summit = make_summit(make, work, title="Another summit")
        ben, silent = make.person("Ben Okri", "ben@council.example"), make.person("Silent", "silent@council.example")
        invite(work, summit, amina, ben, silent)
        for person in (amina, ben):
            answer(work, invitation_of(reading, summit, person), Answer.YES)
        proposal = propose(work, invitation_of(reading, summit, amina))
        with pytest.raises(Refusal, match="Ben Okri comes already"):
            approve(work, proposal)
        answer(work, invitation_of(reading, summit, ben), Answer.NO)
        assert approve(work, proposal).response is Answer.YES
        second = propose(work, invitation_of(reading, summit, silent), name="Amina", email="amina@council.example")
        with pytest.raises(Refusal, match="Amina Yusuf is invited already"):
            approve(work, second)

    def test_renews_a_withdrawn_invitation(
        self, make: Make, work: Working, reading: Reads, summit: Event, amina: Person
    ) -> None:
        ben = make.person("Ben Okri", "ben@council.example")
        invite(work, summit, ben)
        with work() as opened:
            services.withdraw(opened, public_id=invitation_of(reading, summit, ben).public_id)
        theirs = approve(work, propose(work, invitation_of(reading, summit, amina)))
        assert (theirs.withdrawn_at, theirs.generation, theirs.response) == (None, 1, Answer.YES)

    def test_is_for_those_who_invite(
        self, make: Make, work: Working, reading: Reads, summit: Event, amina: Person
    ) -> None:
        host = make.account()
        make.grant(host, Role.HOST, event=summit)
        proposal = propose(work, invitation_of(reading, summit, amina))
        for actor in (make.actor(host), Actor(amina.id), Actor()):
            with pytest.raises(NotFound):
                approve(work, proposal, actor)
            with pytest.raises(NotFound), work(actor) as opened:
                services.decline(opened, substitution_id=proposal.id, reason="No.")
        with pytest.raises(NotFound), work() as opened:
            services.approve(opened, substitution_id=proposal.id + 1)

    def test_comes_too_late_once_the_day_has_begun(
        self, work: Working, reading: Reads, clock: FixedClock, summit: Event, amina: Person
    ) -> None:
        proposal = propose(work, invitation_of(reading, summit, amina))
        clock.set(summit.parts[0].starts_at)
        with pytest.raises(Refusal, match="has begun"):
            approve(work, proposal)


class TestDeclining:
    def test_tells_whoever_is_invited_and_changes_nothing(
        self, work: Working, reading: Reads, summit: Event, amina: Person, outbox: Posted
    ) -> None:
        proposal = propose(work, invitation_of(reading, summit, amina))
        with work() as opened:
            services.decline(opened, substitution_id=proposal.id, reason="There is one place a council.")
        [row] = outbox("substitute_declined")
        assert (row.person_id, row.params["reason"]) == (amina.id, "There is one place a council.")
        assert [booking.person_id for booking in live(reading, summit)] == [amina.id]
        with reading() as read:
            told = queries.sending(read, invitation_of(reading, summit, amina))
        assert told.declined is not None
        assert (told.declined.name, told.proposed, told.successor) == ("Ben Okri", None, None)
        assert propose(work, invitation_of(reading, summit, amina), email="cara@council.example")
