"""Inviting people by a list, reminding those who are silent, and taking an invitation back."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.formats.guest_lists import read_people
from cop.models.accounts import Affiliation, Person
from cop.models.events import BookingState, Event
from cop.models.outbox import Outbox, OutboxChannel, OutboxClass
from cop.models.summits import Answer, Invitation
from cop.queries import summits as queries
from cop.services import summits as services
from cop.services.events import editing
from cop.services.imports.planning import Action, Plan
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.summits import answer, breakouts_of, invitation_of, invite, link_to, make_summit

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def summit(make: Make, work: Working) -> Event:
    return make_summit(make, work)


def invite_all(work: Working, summit: Event, text: str, actor: Actor | None = None) -> Plan:
    with work(*([actor] if actor else [])) as opened:
        return services.invite(opened, event_id=summit.id, rows=read_people(text))


def people(reading: Reads) -> int:
    with reading() as read:
        return read.session.scalar(select(func.count()).select_from(Person)) or 0


class TestTheList:
    def test_invites_people_whom_we_know_and_whom_we_do_not(
        self, make: Make, work: Working, reading: Reads, summit: Event, outbox: Posted
    ) -> None:
        known = make.person("Amina Yusuf", "amina@council.example")
        plan = invite_all(work, summit, "Somebody Else <AMINA@council.example>\nBen Okri, ben@council.example")
        assert [line.action for line in plan.lines] == [Action.UPDATE, Action.CREATE]
        assert invitation_of(reading, summit, known).person.name == "Amina Yusuf"
        ben = invitation_of(reading, summit, "Ben Okri")
        assert (ben.response, ben.person.email) == (Answer.NONE, "ben@council.example")
        assert [(row.template, row.urgency) for row in outbox()] == [("invitation", OutboxClass.NOW)] * 2

    def test_may_be_sent_again_without_effect(
        self, work: Working, reading: Reads, summit: Event, outbox: Posted
    ) -> None:
        text = "ben@council.example\nRosa Resident\nBEN@council.example"
        first, second = (invite_all(work, summit, text) for _ in range(2))
        assert [line.action for line in first.lines] == [Action.CREATE, Action.CREATE, Action.UNCHANGED]
        assert str(first.lines[2].reason) == "the same as line 1"
        assert {line.action for line in second.lines} == {Action.UNCHANGED}
        assert people(reading) == 2
        assert len(outbox("invitation")) == 2

    def test_is_all_or_nothing(self, work: Working, reading: Reads, summit: Event, outbox: Posted) -> None:
        with pytest.raises(Refusal, match="line 2: Enter an e-mail address"):
            invite_all(work, summit, "ben@council.example\nnot an address@\n,,")
        assert people(reading) == 0
        assert outbox() == []

    def test_shows_what_it_would_do_without_doing_it(self, reading: Reads, summit: Event) -> None:
        rows = read_people("ben@council.example\n,,\n@")
        with reading() as read:
            plan = services.plan_invitations(read, event_id=summit.id, rows=rows)
        assert [line.action for line in plan.lines] == [Action.CREATE, Action.REFUSE, Action.REFUSE]
        assert people(reading) == 0

    def test_puts_those_without_email_on_the_list_of_people_to_tell(
        self, work: Working, summit: Event, outbox: Posted
    ) -> None:
        invite_all(work, summit, "Rosa Resident")
        [row] = outbox("invitation")
        assert row.channel is OutboxChannel.TELL

    def test_keeps_the_organisation_of_somebody_new(
        self, make: Make, work: Working, reading: Reads, summit: Event
    ) -> None:
        brent = make.organisation("Brent Council")
        invite_all(work, summit, "Ben, ben@council.example, brent council\nCara, cara@c.example, Friends of the Park")
        with reading() as read:
            found = read.session.scalars(select(Affiliation).order_by(Affiliation.id)).all()
        assert [(one.organisation_id, one.organisation_text) for one in found] == [
            (brent.id, None),
            (None, "Friends of the Park"),
        ]

    def test_is_refused_when_it_is_too_long(self, work: Working, summit: Event) -> None:
        with pytest.raises(Refusal, match="at most 500 people"):
            invite_all(work, summit, "\n".join(f"p{number}@x.example" for number in range(501)))

    def test_is_refused_when_answers_have_closed(self, work: Working, clock: FixedClock, summit: Event) -> None:
        clock.set(summit.parts[0].starts_at)
        with pytest.raises(Refusal, match="Answers have closed"):
            invite_all(work, summit, "ben@council.example")

    def test_waits_for_the_publication_of_a_draft(self, make: Make, work: Working, outbox: Posted) -> None:
        draft = make_summit(make, work, published=False)
        invite_all(work, draft, "ben@council.example")
        assert outbox() == []
        for _ in range(2):
            with work() as opened:
                editing.publish_event(opened, event_id=draft.id)
        assert len(outbox("invitation")) == 1

    def test_is_for_editors_of_the_event(self, make: Make, work: Working, summit: Event, reading: Reads) -> None:
        host, facilitator = make.account(), make.account()
        make.grant(host, Role.HOST, event=summit)
        make.grant(facilitator, Role.FACILITATOR, event=make.visit())
        for actor in (make.actor(host), make.actor(facilitator), Actor()):
            with pytest.raises(NotFound):
                invite_all(work, summit, "ben@council.example", actor)
            with reading(actor) as read, pytest.raises(NotFound):
                services.plan_invitations(read, event_id=summit.id, rows=[])

    def test_is_for_summits_alone(self, make: Make, work: Working) -> None:
        with pytest.raises(NotFound):
            invite_all(work, make.visit(), "ben@council.example")


class TestReminding:
    def remind(self, work: Working, summit: Event, *, tentative: bool = False) -> int:
        with work() as opened:
            return services.remind(opened, event_id=summit.id, tentative=tentative)

    @pytest.fixture
    def invited(self, make: Make, work: Working, reading: Reads, summit: Event) -> dict[str, Invitation]:
        """One invitation for each answer, and one that was withdrawn."""
        found = {}
        for name in [*Answer, "withdrawn"]:
            person = make.person(str(name), f"{name}@council.example")
            invite(work, summit, person)
            found[str(name)] = invitation_of(reading, summit, person)
        for response in (Answer.YES, Answer.NO, Answer.TENTATIVE):
            answer(work, found[response], response)
        with work() as opened:
            services.withdraw(opened, public_id=found["withdrawn"].public_id)
        return found

    def to(self, outbox: Posted) -> list[int | None]:
        return [row.person_id for row in outbox("invitation_reminder")]

    def test_reaches_those_alone_who_have_not_answered(
        self, work: Working, clock: FixedClock, summit: Event, invited: dict[str, Invitation], outbox: Posted
    ) -> None:
        clock.move(timedelta(days=3))
        assert self.remind(work, summit) == 1
        assert self.to(outbox) == [invited["none"].person_id]

    def test_reaches_the_undecided_where_staff_ask(
        self, work: Working, clock: FixedClock, summit: Event, invited: dict[str, Invitation], outbox: Posted
    ) -> None:
        clock.move(timedelta(days=3))
        assert self.remind(work, summit, tentative=True) == 2
        assert set(self.to(outbox)) == {invited["none"].person_id, invited["tentative"].person_id}

    def test_leaves_people_in_peace_for_three_days_after_each_letter(
        self,
        work: Working,
        reading: Reads,
        clock: FixedClock,
        summit: Event,
        invited: dict[str, Invitation],
        outbox: Posted,
    ) -> None:
        counts, previews = [], []
        for _ in range(5):
            with reading() as read:
                previews.append(queries.silent(read, summit, tentative=False))
            counts.append(self.remind(work, summit))
            clock.move(timedelta(days=1, hours=12))
        assert counts == [0, 0, 1, 0, 1]
        assert [preview.due for preview in previews] == counts
        assert {preview.due + preview.resting for preview in previews} == {1}
        assert len(outbox("invitation_reminder")) == 2

    def test_is_refused_for_a_draft_and_after_the_close(
        self, make: Make, work: Working, clock: FixedClock, summit: Event
    ) -> None:
        with pytest.raises(Refusal, match="draft"):
            self.remind(work, make_summit(make, work, title="A draft", published=False))
        clock.set(summit.parts[0].starts_at)
        with pytest.raises(Refusal, match="Answers have closed"):
            self.remind(work, summit)

    def test_is_for_editors(self, make: Make, work: Working, summit: Event) -> None:
        host = make.account()
        make.grant(host, Role.HOST, event=summit)
        with work(make.actor(host)) as opened, pytest.raises(NotFound):
            services.remind(opened, event_id=summit.id, tentative=False)


class TestWithdrawing:
    @pytest.fixture
    def invitation(self, make: Make, work: Working, reading: Reads, summit: Event) -> Invitation:
        person = make.person("Ben Okri", "ben@council.example")
        invite(work, summit, person)
        return invitation_of(reading, summit, person)

    def withdraw(self, work: Working, invitation: Invitation, actor: Actor | None = None, reason: str = "") -> None:
        with work(*([actor] if actor else [])) as opened:
            services.withdraw(opened, public_id=invitation.public_id, reason=reason)

    def test_writes_to_nobody_who_had_not_said_yes(
        self, work: Working, summit: Event, invitation: Invitation, outbox: Posted, reading: Reads
    ) -> None:
        self.withdraw(work, invitation)
        assert [row.template for row in outbox()] == ["invitation"]
        assert invitation_of(reading, summit, "Ben Okri").withdrawn_at is not None

    def test_ends_the_place_of_a_yes_and_tells_why(
        self, make: Make, work: Working, summit: Event, invitation: Invitation, outbox: Posted, reading: Reads
    ) -> None:
        answer(work, invitation, Answer.YES, breakouts_of(summit)[0], needs=queries.Needs(food="No salt"))
        self.withdraw(work, invitation, reason="There is no room.")
        with reading() as read:
            assert queries.booking_of(read, invitation) is None
            assert queries.caterer_list(read, summit).coming == 0
        [row] = outbox("invitation_withdrawn")
        assert row.params["reason"] == "There is no room."

    def test_happens_once(self, work: Working, invitation: Invitation) -> None:
        self.withdraw(work, invitation)
        with pytest.raises(Refusal, match="withdrawn already"):
            self.withdraw(work, invitation)

    def test_may_be_followed_by_a_new_invitation_with_a_new_link(
        self, work: Working, summit: Event, invitation: Invitation, outbox: Posted, reading: Reads
    ) -> None:
        answer(work, invitation, Answer.YES)
        self.withdraw(work, invitation)
        plan = invite_all(work, summit, "ben@council.example")
        assert [line.action for line in plan.lines] == [Action.UPDATE]
        after = invitation_of(reading, summit, "Ben Okri")
        assert (after.id, after.response, after.withdrawn_at) == (invitation.id, Answer.NONE, None)
        assert link_to(after) != link_to(invitation)
        assert len(outbox("invitation")) == 2
        answer(work, after, Answer.YES)
        with reading() as read:
            booking = queries.booking_of(read, after)
            assert booking is not None
            assert booking.state is BookingState.LIVE

    def test_is_for_editors(self, make: Make, work: Working, summit: Event, invitation: Invitation) -> None:
        host = make.account()
        make.grant(host, Role.HOST, event=summit)
        for actor in (make.actor(host), Actor(invitation.person_id)):
            with pytest.raises(NotFound):
                self.withdraw(work, invitation, actor)
