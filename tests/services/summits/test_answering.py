"""Answering an invitation: what a yes books, what another answer ends, and what stands against both."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.events import (
    Arrangement,
    Booking,
    BookingSource,
    BookingState,
    Claim,
    Entry,
    EntryStatus,
    Event,
    Part,
    Seat,
)
from cop.models.outbox import Outbox
from cop.models.summits import Answer, Invitation
from cop.queries.summits import Needs, kept_needs, version_of
from cop.services import summits as services
from cop.services.events import booking as bookings
from cop.services.events import editing
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.summits import answer, breakouts_of, invitation_of, invite, make_summit

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def summit(make: Make, work: Working) -> Event:
    """Four breakouts: 1 and 2 at once, then 3 and 4; the second has one place."""
    return make_summit(make, work, breakouts=(None, 1, None, None))


@pytest.fixture
def invitation(make: Make, work: Working, reading: Reads, summit: Event) -> Invitation:
    person = make.person("Amina Yusuf", "amina@council.example")
    invite(work, summit, person)
    return invitation_of(reading, summit, person)


def another(make: Make, work: Working, reading: Reads, summit: Event, name: str = "Ben Okri") -> Invitation:
    person = make.person(name)
    invite(work, summit, person)
    return invitation_of(reading, summit, person)


def bookings_of(reading: Reads, invitation: Invitation) -> Sequence[Booking]:
    with reading() as read:
        found = select(Booking).where(Booking.person_id == invitation.person_id)
        return read.session.scalars(found.order_by(Booking.id)).all()


def held(reading: Reads, invitation: Invitation) -> list[str]:
    """Titles of what the person's calendar shows, which equal what is claimed."""
    with reading() as read:
        mine = select(Part.title).join(Booking, Booking.person_id == invitation.person_id)
        entries = mine.join(Entry, (Entry.part_id == Part.id) & (Entry.booking_id == Booking.id))
        claims = mine.join(Claim, (Claim.part_id == Part.id) & (Claim.booking_id == Booking.id))
        shown = read.session.scalars(
            entries.where(Entry.status == EntryStatus.CONFIRMED).order_by(Part.starts_at, Part.id)
        ).all()
        claimed = read.session.scalars(claims.where(Claim.released_at.is_(None)).order_by(Part.starts_at, Part.id))
        assert shown == claimed.all()
        return list(shown)


class TestYes:
    def test_books_the_agenda_and_the_chosen_breakouts(
        self, work: Working, reading: Reads, summit: Event, invitation: Invitation, outbox: Posted
    ) -> None:
        first, _, third, _ = breakouts_of(summit)
        answer(work, invitation, Answer.YES, first, third)
        [booking] = bookings_of(reading, invitation)
        assert (booking.state, booking.source, booking.party_size) == (BookingState.LIVE, BookingSource.INVITATION, 1)
        assert held(reading, invitation) == ["Welcome", "Breakout 1", "Breakout 3", "Closing"]
        assert [row.template for row in outbox()] == ["invitation", "booking_confirmed"]

    def test_needs_no_breakout(self, work: Working, reading: Reads, invitation: Invitation) -> None:
        answer(work, invitation, Answer.YES)
        assert held(reading, invitation) == ["Welcome", "Closing"]

    def test_may_choose_other_breakouts_later_while_the_rest_of_the_calendar_stays(
        self, work: Working, reading: Reads, summit: Event, invitation: Invitation, outbox: Posted
    ) -> None:
        first, second, third, _ = breakouts_of(summit)
        answer(work, invitation, Answer.YES, first)
        with reading() as read:
            before = {entry.part_id: entry.uid for entry in read.session.scalars(select(Entry))}
        answer(work, invitation, Answer.YES, second, third)
        with reading() as read:
            after = {entry.part_id: (entry.uid, entry.sequence) for entry in read.session.scalars(select(Entry))}
        agenda = [part.id for part in summit.parts if part.kind == "agenda"]
        assert [after[part_id] for part_id in agenda] == [(before[part_id], 0) for part_id in agenda]
        assert after[second.id] == (before[first.id], 1)
        assert held(reading, invitation) == ["Welcome", "Breakout 2", "Breakout 3", "Closing"]
        assert [row.template for row in outbox()] == ["invitation", "booking_confirmed", "booking_changed"]
        answer(work, invitation, Answer.YES)
        assert held(reading, invitation) == ["Welcome", "Closing"]

    def test_the_same_again_is_no_news(
        self, work: Working, invitation: Invitation, summit: Event, outbox: Posted
    ) -> None:
        for _ in range(2):
            answer(work, invitation, Answer.YES, breakouts_of(summit)[0])
        assert len(outbox("booking_changed")) == 0
        assert len(outbox("booking_confirmed")) == 1

    def test_cannot_be_in_two_breakouts_at_once(
        self, work: Working, reading: Reads, summit: Event, invitation: Invitation
    ) -> None:
        first, second, *_ = breakouts_of(summit)
        with pytest.raises(Refusal, match="at the same time") as refused:
            answer(work, invitation, Answer.YES, first, second)
        assert refused.value.field == "breakouts"
        assert bookings_of(reading, invitation) == []

    def test_is_refused_a_full_breakout_by_name(
        self, make: Make, work: Working, reading: Reads, summit: Event, invitation: Invitation
    ) -> None:
        second = breakouts_of(summit)[1]
        other = another(make, work, reading, summit)
        answer(work, other, Answer.YES, second)
        with pytest.raises(Refusal, match="“Breakout 2” is full") as refused:
            answer(work, invitation, Answer.YES, second)
        assert refused.value.field == "breakouts"
        answer(work, other, Answer.YES, second)  # whoever holds the place keeps it

    def test_is_refused_where_all_places_are_taken(self, make: Make, work: Working, reading: Reads) -> None:
        summit = make_summit(make, work, capacity=1)
        first, second = (another(make, work, reading, summit, name) for name in ("Amina", "Ben"))
        answer(work, first, Answer.YES)
        with pytest.raises(Refusal, match="All places are taken") as refused:
            answer(work, second, Answer.YES)
        assert refused.value.field == "response"
        answer(work, first, Answer.NO)
        answer(work, second, Answer.YES)
        assert make.event(summit.id).seats_taken == 1

    def test_cannot_choose_what_is_no_breakout_of_this_summit(
        self, make: Make, work: Working, summit: Event, invitation: Invitation
    ) -> None:
        stranger = breakouts_of(make_summit(make, work, title="Another summit"))[0]
        for part in (stranger, summit.parts[0]):
            with pytest.raises(Refusal, match="Choose from the list") as refused:
                answer(work, invitation, Answer.YES, part)
            assert refused.value.field == "breakouts"


class TestNoAndTentative:
    @pytest.mark.parametrize("response", [Answer.NO, Answer.TENTATIVE])
    def test_books_nothing(
        self, work: Working, reading: Reads, summit: Event, invitation: Invitation, response: Answer
    ) -> None:
        answer(work, invitation, response, breakouts_of(summit)[0], needs=Needs(food="No salt"))
        assert bookings_of(reading, invitation) == []
        assert invitation_of(reading, summit, invitation.person).response is response

    @pytest.mark.parametrize("response", [Answer.NO, Answer.TENTATIVE])
    def test_ends_the_place_of_an_earlier_yes_and_forgets_what_was_needed(
        self,
        make: Make,
        work: Working,
        reading: Reads,
        summit: Event,
        invitation: Invitation,
        outbox: Posted,
        response: Answer,
    ) -> None:
        second = breakouts_of(summit)[1]
        answer(work, invitation, Answer.YES, second, needs=Needs(access="A chair with arms"))
        answer(work, invitation, response)
        assert [booking.state for booking in bookings_of(reading, invitation)] == [BookingState.CANCELLED]
        assert held(reading, invitation) == []
        assert [row.template for row in outbox()][-1] == "booking_cancelled"
        with reading() as read:
            assert read.session.scalars(select(Arrangement)).all() == []
        answer(work, another(make, work, reading, summit), Answer.YES, second)

    def test_may_become_a_yes_again(self, work: Working, reading: Reads, summit: Event, invitation: Invitation) -> None:
        for response in (Answer.YES, Answer.NO, Answer.YES):
            answer(work, invitation, response, breakouts_of(summit)[0])
        states = [booking.state for booking in bookings_of(reading, invitation)]
        assert states == [BookingState.CANCELLED, BookingState.LIVE]
        with reading() as read:
            assert len(read.session.scalars(select(Seat).where(Seat.live)).all()) == 1

    def test_follows_from_cancelling_the_booking(
        self, work: Working, reading: Reads, summit: Event, invitation: Invitation
    ) -> None:
        answer(work, invitation, Answer.YES, needs=Needs(food="No salt"))
        [booking] = bookings_of(reading, invitation)
        with work(Actor(invitation.person_id)) as opened:
            bookings.cancel(opened, public_id=booking.public_id)
        assert invitation_of(reading, summit, invitation.person).response is Answer.NO
        with reading() as read:
            assert read.session.scalars(select(Arrangement)).all() == []


class TestNeeds:
    SAID = Needs(
        needs=("BSL interpreter", "quiet space"),
        access="A seat near the front.\nI arrive late.",
        allergens=("milk", "eggs"),
        ways=("vegan",),
        food="No onions",
    )

    def kept(self, reading: Reads, invitation: Invitation) -> Needs:
        booking = bookings_of(reading, invitation)[-1]
        with reading() as read:
            return kept_needs(read, booking_id=booking.id)

    def test_are_kept_encrypted_with_the_booking_and_read_back_as_they_were_said(
        self, work: Working, reading: Reads, invitation: Invitation, summit: Event
    ) -> None:
        answer(work, invitation, Answer.YES, needs=self.SAID)
        assert self.kept(reading, invitation) == self.SAID
        with reading() as read:
            arrangement = read.session.scalars(select(Arrangement)).one()
            raw = read.session.connection().exec_driver_sql("SELECT access, diet FROM arrangement").one()
        assert b"BSL interpreter" not in bytes(raw[0])
        assert b'"milk"' not in bytes(raw[1])
        assert arrangement.forget_at == summit.parts[-1].ends_at + timedelta(days=30)

    def test_are_replaced_by_what_is_said_later(self, work: Working, reading: Reads, invitation: Invitation) -> None:
        answer(work, invitation, Answer.YES, needs=self.SAID)
        answer(work, invitation, Answer.YES, needs=Needs(food="No salt"))
        assert self.kept(reading, invitation) == Needs(food="No salt")
        answer(work, invitation, Answer.YES)
        with reading() as read:
            assert read.session.scalars(select(Arrangement)).all() == []

    def test_stay_where_the_page_did_not_show_them_and_nothing_is_said(
        self, work: Working, reading: Reads, invitation: Invitation
    ) -> None:
        answer(work, invitation, Answer.YES, needs=self.SAID)
        for said in (Needs(), Needs(food="No salt")):
            reply = services.Reply(Answer.YES, needs=said, keeps_blanks=True)
            with work(Actor(invitation.person_id, via="link")) as opened:
                services.answer(opened, public_id=invitation.public_id, reply=reply)
        assert self.kept(reading, invitation) == Needs(needs=self.SAID.needs, access=self.SAID.access, food="No salt")


class TestTwoWindows:
    def test_the_older_one_is_refused_and_the_newer_answer_stands(
        self, work: Working, reading: Reads, summit: Event, invitation: Invitation
    ) -> None:
        shown = version_of(invitation)
        answer(work, invitation, Answer.YES, seen=shown)
        with pytest.raises(Refusal, match="answered elsewhere"):
            answer(work, invitation, Answer.NO, seen=shown)
        after = invitation_of(reading, summit, invitation.person)
        assert after.response is Answer.YES
        answer(work, after, Answer.NO, seen=version_of(after))

    def test_are_told_apart_within_one_instant(self, work: Working, invitation: Invitation) -> None:
        versions = [version_of(answer(work, invitation, response)) for response in (Answer.NO, Answer.NO, Answer.YES)]
        assert versions == sorted(set(versions))


class TestTime:
    def rules(self, work: Working, summit: Event, **moments: object) -> None:
        known = {"opens_at": None, "closes_at": None, "change_until": None, **moments}
        with work() as opened:
            editing.edit_booking_rules(opened, event_id=summit.id, party_max=1, capacity=None, **known)  # type: ignore[arg-type]

    def test_answers_close_when_staff_said(
        self, work: Working, clock: FixedClock, summit: Event, invitation: Invitation
    ) -> None:
        close = clock.now() + timedelta(days=2)
        self.rules(work, summit, closes_at=close)
        clock.set(close)
        with pytest.raises(Refusal, match="Answers have closed"):
            answer(work, invitation, Answer.YES)

    def test_answers_close_when_it_begins(
        self, work: Working, clock: FixedClock, summit: Event, invitation: Invitation
    ) -> None:
        clock.set(summit.parts[0].starts_at)
        for actor in (None, Actor(via="system")):
            with pytest.raises(Refusal, match="has begun"):
                answer(work, invitation, Answer.NO, actor=actor)

    def test_a_yes_stays_after_the_last_change_but_a_first_answer_may_come(
        self, make: Make, work: Working, reading: Reads, clock: FixedClock, summit: Event, invitation: Invitation
    ) -> None:
        late = clock.now() + timedelta(days=2)
        self.rules(work, summit, change_until=late)
        answer(work, invitation, Answer.YES)
        other = another(make, work, reading, summit)
        clock.set(late)
        with pytest.raises(Refusal, match="Write to us"):
            answer(work, invitation, Answer.NO)
        answer(work, other, Answer.YES)

    def test_staff_enter_answers_after_the_close(
        self, work: Working, reading: Reads, clock: FixedClock, summit: Event, invitation: Invitation, make: Make
    ) -> None:
        self.rules(work, summit, closes_at=clock.now() + timedelta(days=2))
        clock.move(timedelta(days=3))
        host = make.account("Hana Host")
        make.grant(host, Role.HOST, event=summit)
        answer(work, invitation, Answer.YES, actor=make.actor(host))
        [booking] = bookings_of(reading, invitation)
        assert (booking.person_id, booking.by_person_id) == (invitation.person_id, host.id)


class TestWhoMay:
    def test_nobody_answers_for_somebody_else(self, make: Make, work: Working, invitation: Invitation) -> None:
        stranger, host = make.account(), make.account()
        make.grant(host, Role.HOST, event=make.visit())
        for actor in (Actor(stranger.id), make.actor(host), Actor()):
            with pytest.raises(NotFound):
                answer(work, invitation, Answer.YES, actor=actor)

    def test_a_withdrawn_invitation_is_not_answered(self, work: Working, invitation: Invitation) -> None:
        with work() as opened:
            services.withdraw(opened, public_id=invitation.public_id)
        with pytest.raises(Refusal, match="was withdrawn"):
            answer(work, invitation, Answer.YES)

    def test_a_cancelled_summit_takes_no_answer(self, work: Working, summit: Event, invitation: Invitation) -> None:
        with work() as opened:
            editing.cancel_event(opened, event_id=summit.id, reason="Flood")
        with pytest.raises(Refusal, match="has been cancelled"):
            answer(work, invitation, Answer.NO)

    def test_a_draft_takes_no_answer(self, make: Make, work: Working, reading: Reads) -> None:
        draft = make_summit(make, work, published=False)
        invitation = another(make, work, reading, draft)
        with pytest.raises(NotFound):
            answer(work, invitation, Answer.YES)
        with pytest.raises(Refusal, match="draft"):
            answer(work, invitation, Answer.YES, actor=Actor(via="system"))
