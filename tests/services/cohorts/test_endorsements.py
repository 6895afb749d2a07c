"""Asking somebody to support an application: named, asked again, replaced, and answered by a link that ends."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from cop.core.access import Actor
from cop.core.errors import NotFound, Refusal
from cop.core.secrecy import sign
from cop.models.accounts import Person, Sector
from cop.models.cohorts import (
    Application,
    ApplicationState,
    Cohort,
    Endorsement,
    EndorsementKind,
    EndorsementState,
    Endorsing,
)
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.queries.cohorts.endorsements import everybody_asked, link_token, support_of
from cop.queries.cohorts.panel import Hidden, hidden_because
from cop.services.cohorts import applications, editing, endorsements
from cop.services.events import editing as events
from tests.support import cohorts, panel
from tests.support.clock import FixedClock
from tests.support.cohorts import ANSWERS, DAY
from tests.support.make import Make, Reads, Working

Posted = Callable[..., Sequence[Outbox]]

MANAGER, NOMINATOR = EndorsementKind.MANAGER, EndorsementKind.NOMINATOR


class Applying:
    """One draft, and short ways to have it supported."""

    def __init__(self, work: Working, reading: Reads, make: Make) -> None:
        self.work, self._reading, self.make = work, reading, make
        self.event: Event = cohorts.course(work, make)
        self.person: Person = make.account("Amina", "amina@council.example", sector=Sector.RESIDENT)
        self.application = cohorts.begin(work, make, self.person, self.event, **ANSWERS)

    def do(self, command: Callable[..., Any], *, who: Person | None = None, **values: Any) -> Any:
        with self.work(self.make.actor(who or self.person)) as unit:
            return command(unit, event_id=self.event.id, **values)

    def name(self, **values: Any) -> Endorsement:
        return cohorts.named(self.work, self.make, self.person, self.event, **values)

    def answer(self, asked: Endorsement, *, supports: bool = True, words: str = "") -> Endorsement:
        return cohorts.supported(self.work, asked, supports=supports, words=words)

    def want(self, endorsing: Endorsing) -> None:
        with self.work() as unit:
            unit.session.get_one(Cohort, self.event.id).endorsing = endorsing

    def one(self, asked: Endorsement) -> Endorsement:
        with self._reading() as read:
            return read.session.get_one(Endorsement, asked.id)


@pytest.fixture
def applying(work: Working, reading: Reads, make: Make) -> Applying:
    return Applying(work, reading, make)


class TestNaming:
    def test_writes_to_the_address_until_the_close(self, applying: Applying, outbox: Posted) -> None:
        made = applying.name(email=" Ruth@Council.example ")
        assert (made.state, made.email, made.name) == (EndorsementState.ASKED, "ruth@council.example", "Ruth Bello")
        (mail,) = outbox("endorsement_asked")
        assert (mail.person_id, mail.address) == (None, "ruth@council.example")
        assert mail.useless_after == applying.event.closes_at

    def test_somebody_else_ends_the_link_of_the_first(self, applying: Applying, outbox: Posted) -> None:
        first = applying.name()
        token = link_token(first)
        second = applying.name(name="Sola Ade", email="sola@council.example")
        assert (second.id != first.id, applying.one(first).replaced_at is not None) == (True, True)
        with pytest.raises(NotFound), applying.work(Actor(via="link")) as unit:
            endorsements.answer(unit, token=token, supports=True, words="")
        assert [row.address for row in outbox("endorsement_asked")] == ["ruth@council.example", "sola@council.example"]

    def test_whoever_was_replaced_stays_on_record_and_may_not_judge(
        self, applying: Applying, work: Working, reading: Reads
    ) -> None:
        rhona = panel.reviewer(applying.make, email="rhona@council.example")
        applying.answer(applying.name(email="rhona@council.example"), supports=False, words="Not this year.")
        applying.name(name="Sola Ade", email="sola@council.example")
        hidden = select(hidden_because()).where(Application.id == applying.application.id)
        with reading() as read:
            found = everybody_asked(read, applying.application.id)
            assert [(item.email, item.words) for item in found] == [
                ("rhona@council.example", "Not this year."),
                ("sola@council.example", ""),
            ]
            assert [item.email for item in support_of(read, applying.application.id)] == ["sola@council.example"]
            assert read.session.scalar(hidden, {"panellist": rhona.id}) == Hidden.ENDORSED

    def test_one_of_each_kind_stand_beside_each_other(self, applying: Applying) -> None:
        manager, nominator = applying.name(), applying.name(kind=NOMINATOR, name="Sola", email="sola@c.example")
        assert applying.answer(nominator).state is EndorsementState.GIVEN
        assert applying.one(manager).state is EndorsementState.ASKED

    @pytest.mark.parametrize("address", ["amina@council.example", "AMINA@council.example"])
    def test_oneself_is_refused(self, applying: Applying, address: str) -> None:
        with pytest.raises(Refusal, match="Somebody else has to support") as refused:
            applying.name(email=address)
        assert refused.value.field == "email"

    def test_the_same_person_twice_is_refused_until_they_decline(self, applying: Applying, outbox: Posted) -> None:
        asked = applying.name()
        for kind in EndorsementKind:
            with pytest.raises(Refusal, match="asked already"):
                applying.name(kind=kind)
        applying.answer(asked, supports=False)
        again = applying.name()
        assert (again.state, again.words, again.answered_at) == (EndorsementState.ASKED, "", None)
        assert len(outbox("endorsement_asked")) == 2

    def test_nobody_in_the_place_of_somebody_who_supports_it(self, applying: Applying) -> None:
        applying.answer(applying.name())
        with pytest.raises(Refusal, match="Ruth Bello supports the application already"):
            applying.name(name="Sola", email="sola@council.example")

    def test_has_an_end(self, applying: Applying, outbox: Posted) -> None:
        for number in range(endorsements.MOST_NAMED):
            applying.name(email=f"somebody-{number}@council.example")
        with pytest.raises(Refusal, match="named many people"):
            applying.name(email="one-more@council.example")
        assert len(outbox("endorsement_asked")) == endorsements.MOST_NAMED

    @pytest.mark.parametrize(
        ("name", "email", "field"),
        [("Ruth", "ruth", "email"), (" ", "r@c.example", "name"), ("\x07", "r@c.example", "name")],
    )
    def test_needs_a_name_and_an_address(self, applying: Applying, name: str, email: str, field: str) -> None:
        with pytest.raises(Refusal) as refused:
            applying.name(name=name, email=email)
        assert refused.value.field == field

    def test_is_for_open_calls_that_want_it_and_for_ones_own_application(
        self, applying: Applying, clock: FixedClock
    ) -> None:
        values = {"kind": MANAGER, "name": "Ruth", "email": "ruth@council.example"}
        with pytest.raises(NotFound):
            applying.do(endorsements.ask, who=applying.make.account("Ben"), **values)
        applying.want(Endorsing.NONE)
        with pytest.raises(NotFound):
            applying.name()
        applying.want(Endorsing.OPTIONAL)
        clock.move(14 * DAY)
        with pytest.raises(Refusal, match="have closed"):
            applying.name()


class TestAskingAgain:
    def test_goes_out_once_a_day(self, applying: Applying, outbox: Posted, clock: FixedClock) -> None:
        applying.name()
        with pytest.raises(Refusal, match="today already"):
            applying.do(endorsements.ask_again, kind=MANAGER)
        clock.move(DAY)
        applying.do(endorsements.ask_again, kind=MANAGER)
        assert len(outbox("endorsement_asked")) == 2

    def test_keeps_the_first_link(self, applying: Applying, clock: FixedClock) -> None:
        asked = applying.name()
        clock.move(DAY)
        applying.do(endorsements.ask_again, kind=MANAGER)
        assert applying.answer(asked).state is EndorsementState.GIVEN

    def test_of_whom_nobody_asked_or_who_has_answered(self, applying: Applying) -> None:
        with pytest.raises(NotFound):
            applying.do(endorsements.ask_again, kind=NOMINATOR)
        applying.answer(applying.name())
        with pytest.raises(Refusal, match="answered meanwhile"):
            applying.do(endorsements.ask_again, kind=MANAGER)


class TestAnswering:
    @pytest.mark.parametrize(("supports", "state"), [(True, EndorsementState.GIVEN), (False, EndorsementState.REFUSED)])
    def test_is_kept_and_told_to_the_applicant(
        self,
        applying: Applying,
        outbox: Posted,
        clock: FixedClock,
        supports: bool,  # noqa: FBT001
        state: EndorsementState,
    ) -> None:
        said = applying.answer(applying.name(), supports=supports, words="She asks the right questions.")
        assert (said.state, said.words, said.answered_at) == (state, "She asks the right questions.", clock.now())
        (mail,) = outbox("endorsement_answered")
        assert mail.person_id == applying.person.id
        assert "right questions" not in str(mail.params)

    def test_twice_changes_nothing_and_otherwise_is_refused(self, applying: Applying, outbox: Posted) -> None:
        asked = applying.name()
        applying.answer(asked, words="First")
        assert applying.answer(asked).words == "First"
        for again in ({"words": "Second"}, {"supports": False}):
            with pytest.raises(Refusal, match="answered already"):
                applying.answer(asked, **again)
        assert len(outbox("endorsement_answered")) == 1

    def test_ends_with_the_call(self, applying: Applying, clock: FixedClock) -> None:
        asked = applying.name()
        clock.move(14 * DAY)
        with pytest.raises(Refusal, match="have closed"):
            applying.answer(asked)

    def test_ends_with_the_withdrawal_and_the_course(self, applying: Applying) -> None:
        asked = applying.name()
        with applying.work() as unit:
            events.cancel_event(unit, event_id=applying.event.id, reason="Rain")
        with pytest.raises(Refusal, match="has been cancelled"):
            applying.answer(asked)
        applying.do(applications.withdraw)
        with pytest.raises(Refusal, match="was withdrawn"):
            applying.answer(asked)

    @pytest.mark.parametrize("purpose", ["offer", "endorsements"])
    def test_by_a_forged_link_is_not_found(self, applying: Applying, purpose: str) -> None:
        asked = applying.name()
        for token in ("x", sign(purpose, asked.public_id, 0), sign("endorsement", "nobody")):
            with pytest.raises(NotFound), applying.work(Actor(via="link")) as unit:
                endorsements.answer(unit, token=token, supports=True, words="")


class TestSubmitting:
    def submit(self, applying: Applying) -> ApplicationState:
        state: ApplicationState = applying.do(applications.submit).state
        return state

    def test_needs_nobody_where_support_is_only_welcome(self, applying: Applying) -> None:
        assert self.submit(applying) is ApplicationState.SUBMITTED

    def test_needs_somebody_to_be_asked_where_it_is_required(self, applying: Applying) -> None:
        applying.want(Endorsing.REQUIRED)
        with pytest.raises(Refusal, match="name somebody who supports"):
            self.submit(applying)
        asked = applying.name()
        applying.answer(asked, supports=False)
        with pytest.raises(Refusal, match="name somebody who supports"):
            self.submit(applying)
        applying.name(kind=NOMINATOR, email="sola@council.example")
        assert self.submit(applying) is ApplicationState.SUBMITTED

    def test_stays_done_when_somebody_declines_later(self, applying: Applying, reading: Reads) -> None:
        applying.want(Endorsing.REQUIRED)
        asked = applying.name()
        self.submit(applying)
        applying.answer(asked, supports=False)
        assert self.submit(applying) is ApplicationState.SUBMITTED


class TestWhatACourseWants:
    def test_is_set_by_its_staff(self, applying: Applying) -> None:
        with applying.work() as unit:
            kept = editing.edit_support(
                unit, event_id=applying.event.id, endorsing=Endorsing.REQUIRED, seen=Endorsing.OPTIONAL
            )
        assert kept.endorsing is Endorsing.REQUIRED

    def test_is_not_overwritten_unseen_or_by_others(self, applying: Applying) -> None:
        values: dict[str, Any] = {"endorsing": Endorsing.NONE, "seen": Endorsing.REQUIRED}
        with pytest.raises(Refusal, match="changed this meanwhile"), applying.work() as unit:
            editing.edit_support(unit, event_id=applying.event.id, **values)
        with pytest.raises(NotFound):
            applying.do(editing.edit_support, **values)
