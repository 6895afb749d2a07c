"""Requests under data protection law: how they come, their clocks, and who deals with them."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.outbox import Outbox, OutboxChannel
from cop.models.privacy import (
    PrivacyRequest,
    RequestKind,
    RequestState,
    RequestStep,
    RequestWay,
    StepKind,
    StoppedFor,
)
from cop.queries import requests as queries
from cop.queries.requests import Shown
from cop.services import requests as services
from cop.services.requests import Asker
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

DAY = timedelta(days=1)

Posted = Callable[..., Sequence[Outbox]]


class Desk:
    """Somebody who asks, an admin who answers, and what the two do."""

    def __init__(self, make: Make, work: Working, reading: Reads) -> None:
        self.person = make.account("Amina Yusuf", "amina@council.example")
        self.admin = make.admin()
        self.actor, self.asker = make.actor(self.admin), make.actor(self.person)
        self._work, self._reading = work, reading

    def asked(self, kind: RequestKind = RequestKind.ACCESS, words: str = "All of it, please.") -> PrivacyRequest:
        with self._work(self.asker) as unit:
            return services.ask(unit, kind=kind, asked_for=words)

    def complained(self, email: str = "sam@home.example", words: str = "You wrote to me.") -> PrivacyRequest | None:
        with self._work(Actor()) as unit:
            return services.complain(unit, name="Sam Pell", email=email, asked_for=words, network="192.0.2.1").request

    def do(self, act: Callable[..., Any], request: PrivacyRequest, **given: Any) -> PrivacyRequest:
        with self._work(self.actor) as unit:
            done: PrivacyRequest = act(unit, public_id=request.public_id, **given)
        return done

    def looked(self, request: PrivacyRequest) -> queries.Looked:
        with self._reading(self.actor) as read:
            return queries.one(read, public_id=request.public_id)

    def steps(self, request: PrivacyRequest) -> list[StepKind]:
        return [step.what for step in self.looked(request).steps]

    def listed(self, shown: Shown = Shown.OPEN, kind: RequestKind | None = None) -> list[str]:
        with self._reading(self.actor) as read:
            return [row.public_id for row in queries.register(read, shown=shown, kind=kind)]


@pytest.fixture
def desk(make: Make, work: Working, reading: Reads) -> Desk:
    return Desk(make, work, reading)


class TestAsking:
    def test_is_due_a_month_later_and_confirmed(self, desk: Desk, outbox: Posted) -> None:
        request = desk.asked()
        assert (request.due_on, request.acknowledge_by, request.state) == (date(2026, 4, 2), None, RequestState.OPEN)
        assert [(row.person_id, row.params) for row in outbox("request_received")] == [
            (desk.person.id, {"request_id": request.id})
        ]
        assert desk.steps(request) == [StepKind.RECEIVED]

    def test_pressed_twice_is_one_request(self, desk: Desk, clock: FixedClock) -> None:
        first = desk.asked()
        assert desk.asked().id == first.id
        assert desk.asked(RequestKind.ERASURE).id != first.id
        clock.move(timedelta(minutes=1))
        assert desk.asked().id != first.id

    def test_more_than_ten_a_day_wait(self, desk: Desk, clock: FixedClock) -> None:
        for number in range(services.REQUESTS_A_DAY):
            desk.asked(words=f"Number {number}")
        with pytest.raises(Refusal, match="10 requests within a day"):
            desk.asked(words="One more")
        clock.move(DAY)
        assert desk.asked(words="One more").id

    @pytest.mark.parametrize("words", ["", "  \n", "x" * (services.WORDS_MOST + 1)])
    def test_needs_words_but_not_too_many(self, desk: Desk, words: str) -> None:
        with pytest.raises(Refusal) as refused:
            desk.asked(words=words)
        assert refused.value.field == "asked_for"

    @pytest.mark.parametrize("via", ["link", "session"])
    def test_is_for_people_who_are_signed_in(self, desk: Desk, work: Working, via: Any) -> None:
        actor = Actor(desk.person.id, via="link") if via == "link" else Actor()
        with pytest.raises(NotFound), work(actor) as unit:
            services.ask(unit, kind=RequestKind.ACCESS, asked_for="All of it")

    def test_lies_encrypted(self, desk: Desk, reading: Reads) -> None:
        desk.complained(words="A secret matter")
        request = desk.asked(words="Another secret matter")
        desk.do(services.note, request, words="A private note")
        desk.do(services.answer, request, words="An answer to her")
        with reading() as read:
            columns = text("SELECT name, email, asked_for, answer FROM privacy_request")
            kept = [value for row in read.session.execute(columns) for value in row if value is not None]
            notes = read.session.scalars(text("SELECT note FROM privacy_request_step WHERE note IS NOT NULL")).all()
        assert len(kept) == 5
        words = (b"secret", b"private", b"answer", b"Sam", b"home.example")
        assert all(word not in bytes(value) for value in (*kept, *notes) for word in words)


class TestComplainingWithoutAnAccount:
    def test_is_acknowledged_within_thirty_days_and_confirmed_to_the_address(self, desk: Desk, outbox: Posted) -> None:
        request = desk.complained("Sam@Home.example")
        assert request is not None
        assert (request.kind, request.came_by) == (RequestKind.COMPLAINT, RequestWay.FORM)
        assert (request.acknowledge_by, request.due_on) == (date(2026, 4, 1), date(2026, 4, 2))
        assert [(row.address, row.person_id) for row in outbox("request_received")] == [("sam@home.example", None)]

    def test_is_no_claim_to_the_record_of_somebody_with_that_address(self, desk: Desk) -> None:
        request = desk.complained("amina@council.example")
        assert request is not None
        looked = desk.looked(request)
        assert (looked.person, looked.known.id if looked.known else None) == (None, desk.person.id)

    def test_in_the_name_of_one_address_is_limited(self, desk: Desk, clock: FixedClock) -> None:
        for number in range(services.FORMS_AN_ADDRESS):
            desk.complained(words=f"Number {number}")
        with pytest.raises(Refusal) as refused:
            desk.complained("SAM@home.example")
        assert refused.value.field == "email"
        assert desk.complained("other@home.example") is not None
        clock.move(services.WINDOW)
        assert desk.complained() is not None

    def test_from_one_network_is_limited(self, desk: Desk, work: Working, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(services, "FORMS_A_NETWORK", 1)
        desk.complained()
        with work(Actor()) as unit:
            done = services.complain(unit, name="Ann", email="ann@home.example", asked_for="So", network="192.0.2.1")
            elsewhere = services.complain(
                unit, name="Ann", email="ann@home.example", asked_for="So", network="192.0.2.2"
            )
        assert (done.request, done.network_is_busy) == (None, True)
        assert elsewhere.request is not None

    @pytest.mark.parametrize(("name", "email"), [("", "a@home.example"), ("x" * 201, "a@home.example"), ("Ann", "a@")])
    def test_needs_a_name_and_an_address(self, work: Working, name: str, email: str) -> None:
        with pytest.raises(Refusal), work(Actor()) as unit:
            services.complain(unit, name=name, email=email, asked_for="So", network="192.0.2.1")


class TestEntering:
    def enter(self, desk: Desk, work: Working, actor: Actor | None = None, **given: Any) -> PrivacyRequest:
        wanted: dict[str, Any] = {
            "kind": RequestKind.ERASURE,
            "asker": Asker(name="Sam Pell", contact="01632 960001"),
            "asked_for": "Take me out.",
            "came_by": RequestWay.PHONE,
            "received_on": date(2026, 3, 2),
            **given,
        }
        with work(actor or desk.actor) as unit:
            return services.enter(unit, **wanted)

    def test_begins_the_clock_on_the_day_on_which_it_came(self, desk: Desk, work: Working, outbox: Posted) -> None:
        request = self.enter(desk, work, received_on=date(2026, 1, 31))
        assert (request.due_on, request.entered_by) == (date(2026, 3, 2), desk.admin.id)
        assert outbox() == []

    def test_for_somebody_with_a_record_is_told_to_them(self, desk: Desk, work: Working, outbox: Posted) -> None:
        request = self.enter(desk, work, asker=Asker(person_id=desk.person.public_id))
        assert (request.person_id, request.name) == (desk.person.id, None)
        assert [row.person_id for row in outbox("request_received")] == [desk.person.id]

    def test_for_somebody_without_e_mail_is_for_staff_to_tell(
        self, desk: Desk, work: Working, make: Make, outbox: Posted
    ) -> None:
        person = make.person("Nia", None)
        self.enter(desk, work, asker=Asker(person_id=person.public_id))
        assert [row.channel for row in outbox("request_received")] == [OutboxChannel.TELL]

    @pytest.mark.parametrize("received_on", [date(2026, 3, 3), date(2025, 2, 28)])
    def test_of_another_time_is_refused(self, desk: Desk, work: Working, received_on: date) -> None:
        with pytest.raises(Refusal) as refused:
            self.enter(desk, work, received_on=received_on)
        assert refused.value.field == "received_on"

    @pytest.mark.parametrize(
        ("asker", "field"),
        [(Asker(name="Sam"), "email"), (Asker(contact="By post"), "name"), (Asker(name="Sam", email="sam@"), "email")],
    )
    def test_needs_a_name_and_a_way_to_reach_them(self, desk: Desk, work: Working, asker: Asker, field: str) -> None:
        with pytest.raises(Refusal) as refused:
            self.enter(desk, work, asker=asker)
        assert refused.value.field == field

    def test_for_nobody_is_not_found(self, desk: Desk, work: Working) -> None:
        with pytest.raises(NotFound):
            self.enter(desk, work, asker=Asker(person_id="nobody"))

    def test_is_for_admins(self, desk: Desk, work: Working) -> None:
        with pytest.raises(NotFound):
            self.enter(desk, work, desk.asker)


class TestTheClock:
    def test_stands_still_while_the_person_is_asked(self, desk: Desk, clock: FixedClock, outbox: Posted) -> None:
        request = desk.asked()
        clock.move(10 * DAY)
        stopped = desk.do(services.stop, request, waits_for=StoppedFor.IDENTITY, words="Who are you?")
        assert (stopped.state, stopped.stopped_on, stopped.due_on) == (
            RequestState.STOPPED,
            date(2026, 3, 12),
            date(2026, 4, 2),
        )
        clock.move(7 * DAY)
        going = desk.do(services.resume, request)
        assert (going.state, going.stopped_on, going.stopped_days) == (RequestState.OPEN, None, 7)
        assert going.due_on == date(2026, 4, 9)
        assert len(outbox("request_news")) == 2

    def test_counts_all_the_days_on_which_it_stood_still(self, desk: Desk, clock: FixedClock) -> None:
        request = desk.asked()
        for days in (3, 0, 4):
            desk.do(services.stop, request, waits_for=StoppedFor.CLARIFICATION, words="Which?")
            clock.move(days * DAY)
            desk.do(services.resume, request)
        assert desk.looked(request).request.stopped_days == 7

    def test_of_a_complaint_does_not_stand_still_nor_is_it_put_off(self, desk: Desk) -> None:
        request = desk.asked(RequestKind.COMPLAINT)
        with pytest.raises(Refusal, match="does not stop"):
            desk.do(services.stop, request, waits_for=StoppedFor.IDENTITY, words="Who?")
        with pytest.raises(Refusal, match="without undue delay"):
            desk.do(services.extend, request, words="Busy")

    def test_is_put_off_once_with_the_reason(self, desk: Desk, outbox: Posted) -> None:
        request = desk.asked()
        assert desk.do(services.extend, request, words="It is complex.").due_on == date(2026, 6, 2)
        assert len(outbox("request_news")) == 1
        with pytest.raises(Refusal, match="only once"):
            desk.do(services.extend, request, words="It is complex.")

    def test_is_put_off_on_the_last_day_and_not_after_it(self, desk: Desk, clock: FixedClock) -> None:
        late, last = desk.asked(words="One"), desk.asked(words="Two")
        clock.move(31 * DAY)
        assert desk.do(services.extend, last, words="It is complex.").extended_on == date(2026, 4, 2)
        clock.move(DAY)
        with pytest.raises(Refusal, match="overdue"):
            desk.do(services.extend, late, words="It is complex.")

    def test_is_not_put_off_while_it_stands_still(self, desk: Desk) -> None:
        request = desk.asked()
        desk.do(services.stop, request, waits_for=StoppedFor.IDENTITY, words="Who?")
        with pytest.raises(Refusal, match="stands still"):
            desk.do(services.extend, request, words="It is complex.")

    def test_stops_and_goes_on_only_once_at_a_time(self, desk: Desk) -> None:
        request = desk.asked()
        with pytest.raises(Refusal, match="Somebody else"):
            desk.do(services.resume, request)
        desk.do(services.stop, request, waits_for=StoppedFor.IDENTITY, words="Who?")
        with pytest.raises(Refusal, match="Somebody else"):
            desk.do(services.stop, request, waits_for=StoppedFor.IDENTITY, words="Who?")


class TestClosing:
    def test_with_an_answer_sends_it(self, desk: Desk, outbox: Posted) -> None:
        request = desk.asked()
        done = desk.do(services.answer, request, words="Here it is.")
        assert (done.state, done.answer) == (RequestState.ANSWERED, "Here it is.")
        assert done.closed_at is not None
        assert done.acknowledged_at is not None
        assert [row.params for row in outbox("request_closed")] == [{"request_id": request.id}]

    def test_while_the_clock_stands_still_counts_those_days(self, desk: Desk, clock: FixedClock) -> None:
        request = desk.asked()
        desk.do(services.stop, request, waits_for=StoppedFor.IDENTITY, words="Who?")
        clock.move(2 * DAY)
        done = desk.do(services.refuse, request, words="You did not say who you are.")
        assert (done.state, done.stopped_days, done.stopped_on) == (RequestState.REFUSED, 2, None)

    @pytest.mark.parametrize(
        ("act", "given"),
        [
            (services.acknowledge, {}),
            (services.give_to, {"handler_id": ""}),
            (services.stop, {"waits_for": StoppedFor.IDENTITY, "words": "Who?"}),
            (services.resume, {}),
            (services.extend, {"words": "So"}),
            (services.note, {"words": "So"}),
            (services.answer, {"words": "So"}),
            (services.refuse, {"words": "So"}),
            (services.withdraw, {}),
        ],
    )
    def test_is_for_good_and_nobody_but_admins_deals_with_it(
        self, desk: Desk, work: Working, make: Make, act: Callable[..., Any], given: dict[str, Any]
    ) -> None:
        request = desk.asked()
        facilitator = make.account("Femi")
        make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
        programme_admin = make.account("Pat")
        make.grant(programme_admin, Role.ADMIN, programme=make.programme())
        for outsider in (facilitator, programme_admin):
            with pytest.raises(NotFound), work(make.actor(outsider)) as unit:
                act(unit, public_id=request.public_id, **given)
        with pytest.raises(NotFound):
            desk.do(act, PrivacyRequest(public_id="nothing"), **given)
        desk.do(services.answer, request, words="Here it is.")
        with pytest.raises(Refusal, match="is closed"):
            desk.do(act, request, **given)

    def test_by_taking_it_back_is_for_whoever_asked(self, desk: Desk, work: Working, make: Make) -> None:
        request = desk.asked()
        with pytest.raises(NotFound), work(make.actor(make.account("Somebody else"))) as unit:
            services.withdraw(unit, public_id=request.public_id)
        with work(desk.asker) as unit:
            assert services.withdraw(unit, public_id=request.public_id).state is RequestState.WITHDRAWN
        with pytest.raises(Refusal, match="is closed"), work(desk.asker) as unit:
            services.withdraw(unit, public_id=request.public_id)

    def test_is_no_business_of_a_link_that_was_mailed(self, desk: Desk, work: Working) -> None:
        request = desk.asked()
        with pytest.raises(NotFound), work(Actor(desk.person.id, via="link")) as unit:
            services.withdraw(unit, public_id=request.public_id)


class TestDealingWithIt:
    def test_is_given_to_an_admin_of_everything(self, desk: Desk, make: Make) -> None:
        request = desk.asked()
        programme_admin = make.account("Pat")
        make.grant(programme_admin, Role.ADMIN, programme=make.programme())
        assert desk.do(services.give_to, request, handler_id=desk.admin.public_id).handler_id == desk.admin.id
        with pytest.raises(Refusal) as refused:
            desk.do(services.give_to, request, handler_id=programme_admin.public_id)
        assert refused.value.field == "handler"
        assert desk.do(services.give_to, request, handler_id="").handler_id is None
        assert desk.steps(request) == [StepKind.RECEIVED, StepKind.GIVEN, StepKind.GIVEN]

    def test_is_acknowledged_once(self, desk: Desk, outbox: Posted) -> None:
        request = desk.asked(RequestKind.COMPLAINT)
        desk.do(services.acknowledge, request, words="Thank you.")
        assert len(outbox("request_news")) == 1
        with pytest.raises(Refusal, match="Somebody else"):
            desk.do(services.acknowledge, request)

    def test_keeps_notes_from_the_person(self, desk: Desk, reading: Reads, outbox: Posted) -> None:
        request = desk.asked()
        desk.do(services.note, request, words="Look in the old folder.")
        desk.do(services.give_to, request, handler_id=desk.admin.public_id)
        assert outbox("request_news") == []
        with reading(desk.asker) as read:
            _found, steps = queries.own_one(read, public_id=request.public_id)
        assert [step.what for step in steps] == [StepKind.RECEIVED]

    def test_is_seen_by_whoever_asked_and_nobody_else(self, desk: Desk, reading: Reads, make: Make) -> None:
        request = desk.asked()
        with reading(desk.asker) as read:
            assert [found.id for found in queries.own(read)] == [request.id]
        other = make.actor(make.account("Somebody else"))
        with reading(other) as read:
            assert queries.own(read) == []
            with pytest.raises(NotFound):
                queries.own_one(read, public_id=request.public_id)
            with pytest.raises(NotFound):
                queries.one(read, public_id=request.public_id)
            with pytest.raises(NotFound):
                queries.register(read)
            with pytest.raises(NotFound):
                queries.counts(read)
            assert queries.waiting(read) == queries.Waiting(0, 0, 0)


class TestTheRegister:
    def test_has_what_is_due_first_and_stopped_clocks_last(self, desk: Desk, clock: FixedClock) -> None:
        first = desk.asked(words="First")
        clock.move(DAY)
        stopped = desk.asked(words="Stopped")
        clock.move(DAY)
        complaint = desk.asked(RequestKind.COMPLAINT)
        desk.do(services.stop, stopped, waits_for=StoppedFor.IDENTITY, words="Who?")
        desk.do(services.extend, first, words="It is complex.")
        assert desk.listed() == [complaint.public_id, first.public_id, stopped.public_id]
        assert desk.listed(Shown.STOPPED) == [stopped.public_id]
        assert desk.listed(kind=RequestKind.COMPLAINT) == [complaint.public_id]

    def test_counts_each_list(self, desk: Desk, reading: Reads) -> None:
        request = desk.asked()
        desk.complained()
        desk.do(services.answer, request, words="Here it is.")
        with reading(desk.actor) as read:
            assert dict(queries.counts(read)) == {
                Shown.OPEN: 1,
                Shown.OVERDUE: 0,
                Shown.SOON: 0,
                Shown.STOPPED: 0,
                Shown.CLOSED: 1,
                Shown.ALL: 2,
            }
        assert desk.listed(Shown.CLOSED) == [request.public_id]

    @pytest.mark.parametrize(("days", "lists"), [(23, []), (24, ["soon"]), (31, ["soon"]), (32, ["overdue"])])
    def test_says_what_is_due_soon_and_late(self, desk: Desk, clock: FixedClock, days: int, lists: list[str]) -> None:
        desk.asked()
        clock.move(days * DAY)
        assert [shown.value for shown in (Shown.SOON, Shown.OVERDUE) if desk.listed(shown)] == lists

    @pytest.mark.parametrize(("days", "lists"), [(22, []), (23, ["soon"]), (30, ["soon"]), (31, ["overdue"])])
    def test_says_which_complaints_are_to_be_acknowledged(
        self, desk: Desk, clock: FixedClock, days: int, lists: list[str]
    ) -> None:
        request = desk.complained()
        assert request is not None
        clock.move(days * DAY)
        assert [shown.value for shown in (Shown.SOON, Shown.OVERDUE) if desk.listed(shown)] == lists
        desk.do(services.acknowledge, request)
        assert desk.listed(Shown.OVERDUE) == []

    def test_is_read_by_as_many_statements_for_one_as_for_many(self, desk: Desk, reading: Reads) -> None:
        for number in range(3):
            desk.asked(words=f"Number {number}")
        with reading(desk.actor) as read:
            assert len(queries.register(read, limit=2)) == 3
            assert len(queries.register(read, offset=2, limit=2)) == 1


class TestReminders:
    def run(self, work: Working) -> int:
        with work() as unit:
            return services.remind(unit)

    def test_go_to_all_admins_once_a_week_before_and_once_when_late(
        self, desk: Desk, work: Working, make: Make, clock: FixedClock, outbox: Posted
    ) -> None:
        second = make.admin("Bo Admin")
        desk.asked()
        clock.move(23 * DAY)
        assert self.run(work) == 0
        clock.move(DAY)
        assert [self.run(work), self.run(work)] == [2, 0]
        assert {row.person_id for row in outbox("request_due")} == {desk.admin.id, second.id}
        clock.move(7 * DAY)
        assert self.run(work) == 0
        clock.move(DAY)
        assert [self.run(work), self.run(work)] == [2, 0]
        assert [row.params["is_late"] for row in outbox("request_due")] == [False, False, True, True]

    def test_go_to_whoever_deals_with_it(self, desk: Desk, work: Working, make: Make, clock: FixedClock) -> None:
        make.admin("Bo Admin")
        request = desk.asked()
        desk.do(services.give_to, request, handler_id=desk.admin.public_id)
        clock.move(24 * DAY)
        assert self.run(work) == 1

    def test_are_silent_while_the_clock_stands_still_and_once_it_is_closed(
        self, desk: Desk, work: Working, clock: FixedClock
    ) -> None:
        stopped, closed = desk.asked(words="One"), desk.asked(words="Two")
        desk.do(services.stop, stopped, waits_for=StoppedFor.IDENTITY, words="Who?")
        desk.do(services.withdraw, closed)
        clock.move(60 * DAY)
        assert self.run(work) == 0


def test_steps_are_only_added_to(desk: Desk, reading: Reads) -> None:
    request = desk.asked()
    desk.do(services.acknowledge, request)
    desk.do(services.answer, request, words="Here it is.")
    with reading() as read:
        assert read.session.scalar(select(func.count()).select_from(RequestStep)) == 3
        assert read.session.scalars(select(Person.name).where(Person.id == desk.person.id)).one() == "Amina Yusuf"
