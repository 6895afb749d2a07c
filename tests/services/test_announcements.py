"""Announcements: to whom they may go, and how they go, in stages and not beyond a stop."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import SYSTEM, Role
from cop.core.audiences import ANY_EVENT, Audience, read_audience
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person, Sector
from cop.models.events import Attendance, Booking, Event, Seat
from cop.models.organisations import Membership, OrganisationKind
from cop.models.outbox import Bounce, Dropped, MailTopic, Outbox, OutboxChannel, OutboxClass, OutboxState
from cop.models.telling import AnnouncementState, Purpose
from cop.queries import announcements as queries
from cop.queries.announcements import Counted
from cop.services import announcements, consents, preferences
from cop.services.accounts import set_affiliation
from cop.services.events import attendance
from tests.support.clock import START, FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.merging import Merging
from tests.support.telling import EVERYBODY, Telling

Posted = Callable[..., Sequence[Outbox]]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def telling(app: Flask, make: Make) -> Telling:
    return Telling(app, make)


@pytest.fixture
def readers(telling: Telling) -> list[Person]:
    """Five people who agreed to news, one a council officer, two of health bodies."""
    return [telling.reader(name, f"{name.lower()}@council.example") for name in ("Ann", "Bob", "Cem", "Dee", "Eve")]


def mark(work: Working, event: Event, booking: Booking, status: Attendance) -> None:
    with work() as unit:
        seat_id = unit.session.scalars(select(Seat.id).where(Seat.booking_id == booking.id)).one()
        attendance.mark(unit, part_id=event.parts[0].id, seat_id=seat_id, status=status)


class TestWhoGetsIt:
    """The rule: consent to news, or a role or a booking in the programme; on the list of the next round, if for it."""

    def test_nobody_who_has_nothing_to_do_with_it(self, make: Make, telling: Telling) -> None:
        make.account("Zoe")
        assert telling.counted(EVERYBODY) == Counted(fitting=2, reached=1)
        assert telling.reached(EVERYBODY) == {"Ada Admin"}

    def test_whoever_agreed_to_news_until_they_withdraw(
        self, work: Working, make: Make, telling: Telling, readers: list[Person]
    ) -> None:
        assert telling.reached(Audience(consent=True)) == {"Ann", "Bob", "Cem", "Dee", "Eve"}
        with work(make.actor(readers[0])) as unit:
            consents.withdraw(unit, purpose=Purpose.NEWS)
            consents.give(unit, purpose=Purpose.QUOTES)
        assert telling.reached(Audience(consent=True)) == {"Bob", "Cem", "Dee", "Eve"}

    def test_whoever_has_a_booking_in_the_programme_and_no_other(self, make: Make, telling: Telling) -> None:
        here, elsewhere = make.visit(), make.visit(programme=make.programme("another"))
        make.booking(make.account("Here"), here)
        make.booking(make.account("Elsewhere"), elsewhere)
        assert telling.reached(EVERYBODY) == {"Ada Admin", "Here"}
        assert telling.reached(EVERYBODY, make.programme("another")) == {"Ada Admin", "Elsewhere"}

    @pytest.mark.parametrize("scope", ["programme", "event", "another", "organisation"])
    def test_whoever_has_a_role_in_the_programme_and_no_other(self, make: Make, telling: Telling, scope: str) -> None:
        person, visit = make.account("Rolf"), make.visit()
        over = {
            "programme": {"programme": make.programme()},
            "event": {"event": visit},
            "another": {"programme": make.programme("another")},
            "organisation": {"organisation": make.organisation()},
        }[scope]
        make.grant(person, Role.LEAD if scope == "organisation" else Role.HOST, **over)  # type: ignore[arg-type]
        assert ("Rolf" in telling.reached(EVERYBODY)) is (scope in {"programme", "event"})

    def test_whoever_wants_to_hear_of_the_next_round_if_it_is_for_them(self, make: Make, telling: Telling) -> None:
        telling.interested(make.account("Ingrid"), make.programme())
        telling.interested(make.account("Otto"), make.programme("another"))
        assert telling.reached(EVERYBODY) == {"Ada Admin"}
        assert telling.counted(Audience(interest=True)) == Counted(1, 1)
        assert telling.reached(Audience(interest=True)) == {"Ingrid"}

    def test_nobody_who_turned_news_off(
        self, work: Working, make: Make, telling: Telling, readers: list[Person]
    ) -> None:
        with work(make.actor(readers[0])) as unit:
            preferences.choose(unit, wanted=[topic for topic in MailTopic if topic is not MailTopic.NEWS])
        with work(make.actor(readers[1])) as unit:
            preferences.choose(unit, wanted=[MailTopic.NEWS])
        assert telling.counted(Audience(consent=True)) == Counted(5, 4)

    def test_nobody_whom_no_mail_reaches(
        self, work: Working, make: Make, telling: Telling, readers: list[Person]
    ) -> None:
        make.grant(make.person("No Mail", None), Role.HOST, programme=make.programme())
        with work() as unit:
            unit.session.add(Bounce(address="ann@council.example", hard=True, report_id="1", at=unit.now))
            unit.session.add(Bounce(address="bob@council.example", hard=False, report_id="2", at=unit.now))
        assert telling.counted(EVERYBODY) == Counted(7, 5)

    def test_nobody_who_was_merged_with_another(self, app: Flask, telling: Telling, readers: list[Person]) -> None:
        Merging(app).people(readers[0], readers[1])
        assert telling.counted(Audience(consent=True)) == Counted(4, 4)


class TestAnAudience:
    @pytest.fixture
    def mixed(self, make: Make, telling: Telling) -> None:
        council = make.organisation("Westhaven", kind=OrganisationKind.COUNCIL, membership=Membership.FULL)
        parish = make.organisation("Little Marsh", kind=OrganisationKind.TOWN_OR_PARISH, membership=None)
        trust = make.organisation("Trust", kind=OrganisationKind.HEALTH, membership=Membership.AFFILIATE)
        telling.reader("Ann", "ann@a.example", organisation=council, sector=Sector.COUNCILLOR)
        telling.reader("Bob", "bob@a.example", organisation=council, sector=Sector.COUNCIL_OFFICER)
        telling.reader("Cem", "cem@a.example", organisation=parish, sector=Sector.COUNCILLOR)
        telling.reader("Dee", "dee@a.example", organisation=trust, sector=Sector.HEALTH)
        telling.reader("Eve", "eve@a.example", sector=Sector.RESIDENT)

    @pytest.mark.parametrize(
        ("audience", "expected"),
        [
            (Audience(consent=True), "Ann Bob Cem Dee Eve"),
            (Audience(kinds=("council",)), "Ann Bob"),
            (Audience(kinds=("council", "health body")), "Ann Bob Dee"),
            (Audience(memberships=("affiliate", "full")), "Ann Bob Dee"),
            (Audience(sectors=("councillor",)), "Ann Cem"),
            (Audience(sectors=("councillor", "resident")), "Ann Cem Eve"),
            (Audience(kinds=("council",), sectors=("councillor", "resident")), "Ann"),
            (Audience(kinds=("council",), memberships=("affiliate",)), ""),
            (Audience(kinds=("other",)), ""),
        ],
    )
    def test_is_whoever_fits_all_that_is_said(
        self, mixed: None, telling: Telling, audience: Audience, expected: str
    ) -> None:
        assert telling.reached(audience) == set(expected.split())
        assert telling.counted(audience) == Counted(len(expected.split()), len(expected.split()))

    def test_counts_where_somebody_belongs_now(self, make: Make, work: Working, telling: Telling) -> None:
        health = make.organisation(kind=OrganisationKind.HEALTH)
        person = telling.reader("Ann", "ann@a.example", organisation=health)
        assert telling.reached(Audience(kinds=("health body",))) == {"Ann"}
        with work() as unit:
            set_affiliation(unit, person_id=person.id, organisation_id=make.organisation().id)
        assert telling.reached(Audience(kinds=("health body",))) == set()
        assert telling.reached(Audience(kinds=("council",))) == {"Ann"}

    def test_of_a_role_is_of_those_who_hold_it_now(self, make: Make, work: Working, telling: Telling) -> None:
        host, lead = make.account("Host"), telling.reader("Lead", "lead@a.example")
        make.grant(host, Role.HOST, event=make.visit())
        make.grant(lead, Role.LEAD, organisation=make.organisation())
        assert telling.reached(Audience(roles=("host",))) == {"Host"}
        assert telling.reached(Audience(roles=("lead", "admin"))) == {"Lead", "Ada Admin"}

    def test_of_an_event_is_who_booked_it_or_came(
        self, make: Make, work: Working, telling: Telling, clock: FixedClock
    ) -> None:
        visit, other = make.visit(slug="the-hub"), make.visit()
        came, missed = make.account("Came"), make.account("Missed")
        held = [make.booking(person, visit) for person in (came, missed)]
        make.booking(make.account("Other"), other)
        clock.set(visit.parts[0].ends_at + HOUR)
        for booking, status in zip(held, (Attendance.ATTENDED, Attendance.ABSENT), strict=True):
            mark(work, visit, booking, status)
        assert telling.reached(Audience(event="the-hub")) == {"Came", "Missed"}
        assert telling.reached(Audience(event="the-hub", attended=True)) == {"Came"}
        assert telling.reached(Audience(event=ANY_EVENT)) == {"Came", "Missed", "Other"}
        assert telling.reached(Audience(event=ANY_EVENT, attended=True)) == {"Came"}
        assert telling.reached(Audience(event=ANY_EVENT), make.programme("another")) == set()
        assert telling.reached(Audience(event="unknown")) == set()

    def test_is_kept_as_it_was_said(self) -> None:
        said = Audience(kinds=("council",), event="the-hub", attended=True)
        assert said.as_json() == {"kinds": ["council"], "event": "the-hub", "attended": True}
        assert read_audience(said.as_json()) == said
        assert read_audience({}) == EVERYBODY
        assert read_audience({"once": "known"}) == EVERYBODY
        assert EVERYBODY.is_everybody
        assert not said.is_everybody


class TestADraft:
    def test_goes_to_nobody(self, telling: Telling, readers: list[Person], outbox: Posted) -> None:
        telling.draft()
        assert telling.release() == "0 letters of announcements posted"
        assert not outbox()

    def test_is_changed_by_whoever_saw_it_last(self, work: Working, make: Make, telling: Telling) -> None:
        draft = telling.draft()
        said = {"public_id": draft.public_id, "subject": "Other", "body": "Words", "audience": Audience(interest=True)}
        with work(make.actor(telling.ada)) as unit:
            announcements.rewrite(unit, revision=0, **said)  # type: ignore[arg-type]
        with work(make.actor(telling.ada)) as unit, pytest.raises(Refusal, match="Somebody else has changed"):
            announcements.rewrite(unit, revision=0, **said)  # type: ignore[arg-type]
        now = telling.now(draft)
        assert (now.subject, now.audience, now.revision) == ("Other", {"interest": True}, 1)

    @pytest.mark.parametrize(("subject", "body"), [("Dear {nonsense}", "x"), ("x", "{when}")])
    def test_has_no_fields_that_stand_for_nothing(self, telling: Telling, subject: str, body: str) -> None:
        with pytest.raises(Refusal, match="stands for nothing"):
            telling.draft(subject=subject, body=body)

    def test_needs_a_programme(self, work: Working, make: Make, telling: Telling) -> None:
        with work(make.actor(telling.ada)) as unit, pytest.raises(Refusal, match="Choose a programme"):
            announcements.write(unit, programme_id=0, subject="x", body="y", audience=EVERYBODY)

    def test_does_not_go_out_to_nobody(self, telling: Telling) -> None:
        draft = telling.draft(Audience(interest=True))
        with pytest.raises(Refusal, match="Nobody would get it"):
            telling.send(draft)

    def test_does_not_go_out_in_the_past(self, telling: Telling, readers: list[Person], clock: FixedClock) -> None:
        with pytest.raises(Refusal, match="still to come"):
            telling.send(telling.draft(), send_at=clock.now())

    def test_goes_out_as_it_was_seen(self, work: Working, make: Make, telling: Telling, readers: list[Person]) -> None:
        draft = telling.draft()
        with work(make.actor(telling.ada)) as unit, pytest.raises(Refusal, match="Somebody else has changed"):
            announcements.send(unit, public_id=draft.public_id, revision=1, send_at=None, stage=None)


class TestSending:
    def test_reaches_each_once_as_routine_mail(
        self, telling: Telling, readers: list[Person], outbox: Posted, mailbox: Mailbox
    ) -> None:
        sent = telling.send(telling.draft(Audience(consent=True), subject="News for {name}"))
        assert telling.release() == "5 letters of announcements posted"
        assert telling.release() == "0 letters of announcements posted"
        rows = outbox("announcement")
        assert {row.key for row in rows} == {f"announcement:{sent.id}:{person.id}" for person in readers}
        assert {(row.urgency, row.channel) for row in rows} == {(OutboxClass.ROUTINE, OutboxChannel.EMAIL)}
        assert len({row.message_id for row in rows}) == 5
        assert {mail.subject for mail in mailbox.deliver()} == {
            f"News for {name}" for name in ("Ann", "Bob", "Cem", "Dee", "Eve")
        }

    def test_is_over_when_the_last_letter_left(
        self, telling: Telling, readers: list[Person], mailbox: Mailbox, clock: FixedClock
    ) -> None:
        sent = telling.send(telling.draft(Audience(consent=True)))
        telling.release()
        telling.release()
        assert telling.now(sent).state is AnnouncementState.SENDING
        assert telling.progress(sent).waiting == 5
        mailbox.deliver()
        telling.release()
        now = telling.now(sent)
        assert (now.state, now.ended_at) == (AnnouncementState.SENT, clock.now())
        assert (telling.progress(sent).posted, telling.progress(sent).waiting) == (5, 0)

    def test_waits_for_its_time(
        self, telling: Telling, readers: list[Person], clock: FixedClock, outbox: Posted
    ) -> None:
        sent = telling.send(telling.draft(), send_at=clock.now() + DAY)
        clock.move(DAY - MINUTE)
        telling.release()
        assert (telling.now(sent).state, outbox()) == (AnnouncementState.SCHEDULED, [])
        clock.move(MINUTE)
        telling.release()
        assert len(outbox()) == 6

    def test_goes_to_those_who_fit_when_it_goes(
        self, telling: Telling, readers: list[Person], clock: FixedClock, outbox: Posted
    ) -> None:
        telling.send(telling.draft(Audience(consent=True)), send_at=clock.now() + DAY)
        late = telling.reader("Late", "late@a.example")
        clock.move(DAY)
        telling.release()
        assert late.id in {row.person_id for row in outbox()}
        telling.reader("Too late", "too@a.example")
        telling.release()
        assert len(outbox()) == 6

    def test_goes_out_so_many_an_hour(
        self, telling: Telling, readers: list[Person], clock: FixedClock, outbox: Posted, mailbox: Mailbox
    ) -> None:
        sent = telling.send(telling.draft(Audience(consent=True)), stage=2)
        posted = []
        for _ in range(4):
            telling.release()
            telling.release()
            clock.move(59 * MINUTE)
            telling.release()
            posted.append(len(outbox()))
            clock.move(MINUTE)
            mailbox.deliver()
        assert posted == [2, 4, 5, 5]
        assert telling.now(sent).state is AnnouncementState.SENT
        assert len({row.person_id for row in outbox()}) == 5

    def test_goes_out_in_stages_by_day_only(
        self, telling: Telling, readers: list[Person], clock: FixedClock, outbox: Posted
    ) -> None:
        clock.set(START.replace(hour=18))
        telling.send(telling.draft(), stage=2)
        for _ in range(14):
            telling.release()
            assert not outbox()
            clock.move(HOUR)
        telling.release()
        assert len(outbox()) == 2

    def test_tells_nobody_by_telephone(
        self, work: Working, telling: Telling, readers: list[Person], outbox: Posted, mailbox: Mailbox
    ) -> None:
        telling.send(telling.draft(Audience(consent=True)))
        telling.release()
        with work() as unit:
            unit.session.add(Bounce(address="ann@council.example", hard=True, report_id="1", at=unit.now))
        mailbox.deliver()
        states = sorted((row.state, row.last_error) for row in outbox() if row.state is not OutboxState.SENT)
        assert states == [(OutboxState.DROPPED, Dropped.UNREACHABLE)]

    def test_is_not_read_by_who_withdrew_meanwhile(
        self, work: Working, make: Make, telling: Telling, readers: list[Person], mailbox: Mailbox, outbox: Posted
    ) -> None:
        telling.send(telling.draft(Audience(consent=True)))
        telling.release()
        with work(make.actor(readers[0])) as unit:
            consents.withdraw(unit, purpose=Purpose.NEWS)
        assert len(mailbox.deliver()) == 4
        assert [row.last_error for row in outbox() if row.state is OutboxState.DROPPED] == [Dropped.POINTLESS]

    def test_is_not_read_by_who_left_its_audience_though_we_may_write_to_them(
        self, work: Working, make: Make, telling: Telling, readers: list[Person], mailbox: Mailbox
    ) -> None:
        make.grant(readers[0], Role.HOST, programme=make.programme())
        telling.send(telling.draft(Audience(consent=True)))
        telling.release()
        with work(make.actor(readers[0])) as unit:
            consents.withdraw(unit, purpose=Purpose.NEWS)
        assert len(mailbox.deliver()) == 4

    def test_is_of_no_use_after_a_fortnight(
        self, telling: Telling, readers: list[Person], clock: FixedClock, mailbox: Mailbox
    ) -> None:
        telling.send(telling.draft(Audience(consent=True)))
        telling.release()
        clock.move(14 * DAY)
        assert mailbox.deliver() == []

    def test_reaches_nobody_again_by_a_record_that_was_merged(
        self, app: Flask, telling: Telling, readers: list[Person], clock: FixedClock, outbox: Posted
    ) -> None:
        telling.send(telling.draft(Audience(consent=True)), stage=4)
        telling.release()
        got = {row.person_id for row in outbox()}
        (left,) = [person for person in readers if person.id not in got]
        double = next(person for person in readers if person.id in got)
        Merging(app).people(left, double)
        clock.move(HOUR)
        telling.release()
        assert len(outbox("announcement")) == 4


class TestStopping:
    def test_drops_what_was_not_sent(
        self, telling: Telling, readers: list[Person], clock: FixedClock, outbox: Posted, mailbox: Mailbox
    ) -> None:
        sent = telling.send(telling.draft(Audience(consent=True)), stage=2)
        telling.release()
        mailbox.deliver()
        clock.move(HOUR)
        telling.release()
        assert telling.stop(sent) == 2
        now = telling.now(sent)
        assert (now.state, now.ended_at) == (AnnouncementState.STOPPED, clock.now())
        assert mailbox.deliver() == []
        clock.move(HOUR)
        telling.release()
        assert sorted(row.state for row in outbox()) == [OutboxState.DROPPED] * 2 + [OutboxState.SENT] * 2
        assert telling.now(sent).state is AnnouncementState.STOPPED

    def test_before_it_began_makes_it_a_draft_again(
        self, telling: Telling, readers: list[Person], clock: FixedClock, outbox: Posted
    ) -> None:
        sent = telling.send(telling.draft(), send_at=clock.now() + DAY, stage=2)
        assert telling.stop(sent) == 0
        now = telling.now(sent)
        assert (now.state, now.send_at, now.stage, now.revision) == (AnnouncementState.DRAFT, None, None, 2)
        clock.move(2 * DAY)
        telling.release()
        assert not outbox()

    def test_what_is_over_cannot_be_stopped(self, telling: Telling, readers: list[Person], mailbox: Mailbox) -> None:
        sent = telling.send(telling.draft())
        telling.release()
        mailbox.deliver()
        telling.release()
        with pytest.raises(Refusal, match="nothing left to stop"):
            telling.stop(sent)
        with pytest.raises(Refusal, match="nothing left to stop"):
            telling.stop(telling.draft())

    def test_what_is_under_way_cannot_be_changed(
        self, work: Working, make: Make, telling: Telling, readers: list[Person]
    ) -> None:
        sent = telling.send(telling.draft())
        with work(make.actor(telling.ada)) as unit:
            with pytest.raises(Refusal, match="under way already"):
                announcements.rewrite(
                    unit, public_id=sent.public_id, revision=1, subject="x", body="y", audience=EVERYBODY
                )
            with pytest.raises(Refusal, match="under way already"):
                announcements.send(unit, public_id=sent.public_id, revision=1, send_at=None, stage=None)


class TestATest:
    def test_goes_to_oneself_and_to_nobody_else(
        self, work: Working, make: Make, telling: Telling, readers: list[Person], mailbox: Mailbox, outbox: Posted
    ) -> None:
        draft = telling.draft(subject="News for {name}")
        with work(make.actor(telling.ada)) as unit:
            announcements.send_test(unit, public_id=draft.public_id)
        (mail,) = mailbox.deliver()
        assert "News for Ada Admin" in mail.subject
        assert [row.person_id for row in outbox()] == [telling.ada.id]
        assert telling.progress(draft).posted == 0


def test_only_admins_of_the_whole_service_write(
    work: Working, reading: Reads, make: Make, telling: Telling, readers: list[Person]
) -> None:
    draft = telling.draft()
    programme_admin = make.account("Programme admin")
    make.grant(programme_admin, Role.ADMIN, programme=make.programme())
    said: dict[str, Any] = {"subject": "x", "body": "y", "audience": EVERYBODY}
    for person in (programme_admin, readers[0]):
        with work(make.actor(person)) as unit:
            for act in (
                lambda unit: announcements.write(unit, programme_id=draft.programme_id, **said),
                lambda unit: announcements.rewrite(unit, public_id=draft.public_id, revision=0, **said),
                lambda unit: announcements.send(unit, public_id=draft.public_id, revision=0, send_at=None, stage=None),
                lambda unit: announcements.stop(unit, public_id=draft.public_id),
                lambda unit: announcements.send_test(unit, public_id=draft.public_id),
                lambda unit: announcements.release(unit, announcement_id=draft.id),
            ):
                with pytest.raises(NotFound):
                    act(unit)
        with reading(make.actor(person)) as read:
            for look in (queries.counted, queries.sample):
                with pytest.raises(NotFound):
                    look(read, draft)
            with pytest.raises(NotFound):
                queries.listed(read)
            with pytest.raises(NotFound):
                queries.announcement(read, public_id=draft.public_id)
            with pytest.raises(NotFound):
                queries.progress(read, announcement_id=draft.id)
    with work(SYSTEM) as unit, pytest.raises(NotFound):
        announcements.stop(unit, public_id="unknown")
