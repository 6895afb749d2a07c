"""Staff plan a summit: what belongs to everybody, what is chosen, and who hears of a change."""

from collections.abc import Callable, Sequence
from datetime import date, time

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Role
from cop.core.errors import NotFound, Refusal
from cop.models.events import Claim, Entry, EntryStatus, Event, Part, PartState
from cop.models.outbox import Outbox
from cop.models.summits import Answer, Invitation, PartKind
from cop.queries import summits as queries
from cop.queries.soundness import unsound
from cop.services.events import editing as events
from cop.services.events.editing import summits as editing
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.summits import (
    LONDON,
    answer,
    breakouts_of,
    invitation_of,
    invite,
    make_summit,
    offered_in_line,
    plan,
)

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def summit(make: Make, work: Working) -> Event:
    return make_summit(make, work, breakouts=(2, None))


@pytest.fixture
def coming(make: Make, work: Working, reading: Reads, summit: Event) -> Invitation:
    """Somebody who has said yes, with the first breakout."""
    person = make.person("Amina Yusuf", "amina@council.example")
    invite(work, summit, person)
    invitation = invitation_of(reading, summit, person)
    return answer(work, invitation, Answer.YES, breakouts_of(summit)[0])


def edit(work: Working, part: Part, **changes: object) -> Part:
    local = part.starts_at.astimezone(LONDON)
    values: dict[str, object] = {
        "title": part.title,
        "on_date": local.date(),
        "start": local.time(),
        "end": part.ends_at.astimezone(LONDON).time(),
        "place": part.place,
        "capacity": part.capacity,
        **changes,
    }
    with work() as opened:
        return editing.edit_part(opened, part_id=part.id, zone=LONDON, **values)  # type: ignore[arg-type]


def held(reading: Reads) -> list[str]:
    """Titles that calendars show, which equal what is claimed."""
    with reading() as read:
        entries = select(Part.title).join(Entry, Entry.part_id == Part.id).where(Entry.status == EntryStatus.CONFIRMED)
        claims = select(Part.title).join(Claim, Claim.part_id == Part.id).where(Claim.released_at.is_(None))
        shown, claimed = (
            read.session.scalars(found.order_by(Part.starts_at, Part.id)).all() for found in (entries, claims)
        )
    assert shown == claimed
    return list(shown)


class TestAdding:
    def test_a_new_part_of_the_agenda_is_given_to_all_who_come(
        self, work: Working, reading: Reads, summit: Event, coming: Invitation, outbox: Posted
    ) -> None:
        with work() as opened:
            plan(opened, summit, PartKind.AGENDA, "Lunch", time(13), time(14))
        assert held(reading) == ["Welcome", "Breakout 1", "Lunch", "Closing"]
        assert [row.template for row in outbox()][-1] == "booking_changed"

    def test_a_new_part_of_the_agenda_belongs_to_open_offers_whose_holders_see_it_when_they_answer(
        self, app: Flask, make: Make, work: Working, reading: Reads, outbox: Posted
    ) -> None:
        summit = make_summit(make, work, breakouts=(1,), capacity=1)
        line = offered_in_line(app, make, work, reading, summit)
        told = len(outbox())
        with work() as opened:
            plan(opened, summit, PartKind.AGENDA, "Lunch", time(13), time(14))
        with reading() as read:
            assert unsound(read) == []
        assert len(outbox()) == told
        line.accept(line.offers()[0])
        assert held(reading) == ["Welcome", "Breakout 1", "Lunch", "Closing"]
        with reading() as read:
            assert unsound(read) == []

    def test_a_new_breakout_is_given_to_nobody(
        self, work: Working, reading: Reads, summit: Event, coming: Invitation, outbox: Posted
    ) -> None:
        with work() as opened:
            plan(opened, summit, PartKind.BREAKOUT, "Another", time(13), time(14))
        assert held(reading) == ["Welcome", "Breakout 1", "Closing"]
        assert outbox("booking_changed") == []

    @pytest.mark.parametrize(
        ("kind", "start", "end", "capacity", "field", "words"),
        [
            (PartKind.AGENDA, time(13), time(13), None, "end", "end after it begins"),
            (PartKind.AGENDA, time(13), time(14), 5, "capacity", "for everybody"),
            (PartKind.BREAKOUT, time(11), time(12), 5, "title", "“Breakout 1” at this time already"),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self,
        work: Working,
        summit: Event,
        kind: PartKind,
        start: time,
        end: time,
        capacity: int | None,
        field: str,
        words: str,
    ) -> None:
        with work() as opened, pytest.raises(Refusal, match=words) as refused:
            plan(opened, summit, kind, "Breakout 1", start, end, capacity)
        assert refused.value.field == field

    def test_nothing_is_planned_in_the_past(self, work: Working, clock: FixedClock, summit: Event) -> None:
        with work() as opened, pytest.raises(Refusal, match="in the future"):
            editing.add_part(
                opened,
                event_id=summit.id,
                kind=PartKind.AGENDA,
                title="Lunch",
                on_date=date(2026, 3, 1),
                start=time(13),
                end=time(14),
                place="",
                capacity=None,
                zone=LONDON,
            )

    def test_is_for_editors_and_for_summits(self, make: Make, work: Working, summit: Event) -> None:
        host = make.account()
        make.grant(host, Role.HOST, event=summit)
        with work(make.actor(host)) as opened, pytest.raises(NotFound):
            plan(opened, summit, PartKind.AGENDA, "Lunch", time(13), time(14))
        with work() as opened, pytest.raises(NotFound):
            plan(opened, make.visit(), PartKind.AGENDA, "Lunch", time(13), time(14))


class TestChanging:
    def test_another_time_is_told_to_those_who_hold_it_and_moves_their_entry(
        self, work: Working, reading: Reads, summit: Event, coming: Invitation, outbox: Posted
    ) -> None:
        first, second = breakouts_of(summit)
        edit(work, second, start=time(13), end=time(14))
        assert outbox("booking_changed") == []
        edit(work, first, start=time(13), end=time(14))
        assert len(outbox("booking_changed")) == 1
        with reading() as read:
            [entry] = read.session.scalars(select(Entry).where(Entry.part_id == first.id))
        assert entry.sequence == 1

    def test_another_title_is_no_news(self, work: Working, summit: Event, coming: Invitation, outbox: Posted) -> None:
        assert edit(work, breakouts_of(summit)[0], title="Plain talk").title == "Plain talk"
        assert outbox("booking_changed") == []

    def test_places_follow_the_number_that_is_set(
        self, work: Working, summit: Event, coming: Invitation, make: Make, reading: Reads
    ) -> None:
        first, second = breakouts_of(summit)
        assert edit(work, first, capacity=1).places_left == 0
        answer(work, coming, Answer.YES, second)
        assert edit(work, second, capacity=1).places_left == 0

    def test_places_cannot_be_fewer_than_are_taken(
        self, make: Make, work: Working, reading: Reads, summit: Event, coming: Invitation
    ) -> None:
        first = breakouts_of(summit)[0]
        other = make.person("Ben Okri")
        invite(work, summit, other)
        answer(work, invitation_of(reading, summit, other), Answer.YES, first)
        with pytest.raises(Refusal, match="2 places are taken") as refused:
            edit(work, first, capacity=1)
        assert refused.value.field == "capacity"

    def test_what_has_begun_stays(self, work: Working, clock: FixedClock, summit: Event) -> None:
        clock.set(summit.parts[0].starts_at)
        with pytest.raises(Refusal, match="begun already"):
            edit(work, summit.parts[0], start=time(10, 15))
        with pytest.raises(Refusal, match="in the future"):
            edit(work, summit.parts[-1], start=time(9))


class TestCancelling:
    def test_a_breakout_leaves_the_rest_of_the_day(
        self, work: Working, reading: Reads, summit: Event, coming: Invitation, outbox: Posted
    ) -> None:
        first, second = breakouts_of(summit)
        with work() as opened:
            assert editing.cancel_part(opened, part_id=first.id, reason="The speaker is ill.") == 1
        assert held(reading) == ["Welcome", "Closing"]
        [row] = outbox("part_cancelled")
        assert row.params["reason"] == "The speaker is ill."
        with pytest.raises(Refusal, match="“Breakout 1” has been cancelled"):
            answer(work, coming, Answer.YES, first)
        answer(work, coming, Answer.YES, second)
        assert held(reading) == ["Welcome", "Breakout 2", "Closing"]

    def test_the_last_part_is_not_cancelled_alone(self, work: Working, summit: Event) -> None:
        *others, last = summit.parts
        with work() as opened:
            for part in others:
                editing.cancel_part(opened, part_id=part.id, reason="No")
        with work() as opened, pytest.raises(Refusal, match="Cancel the whole summit"):
            editing.cancel_part(opened, part_id=last.id, reason="No")

    def test_what_is_over_stays(self, work: Working, reading: Reads, clock: FixedClock, summit: Event) -> None:
        clock.set(summit.parts[0].ends_at)
        with work() as opened, pytest.raises(Refusal, match="is over"):
            editing.cancel_part(opened, part_id=summit.parts[0].id, reason="No")

    def test_the_whole_summit_ends_all_places(
        self, work: Working, reading: Reads, summit: Event, coming: Invitation, outbox: Posted
    ) -> None:
        with work() as opened:
            assert events.cancel_event(opened, event_id=summit.id, reason="Flood") == 1
        assert held(reading) == []
        assert len(outbox("booking_cancelled_by_staff")) == 1
        with reading() as read:
            assert {part.state for part in read.session.scalars(select(Part))} == {PartState.CANCELLED}
            assert queries.booking_of(read, coming) is None


def test_a_part_that_nobody_held_can_be_removed(make: Make, work: Working, summit: Event, coming: Invitation) -> None:
    first, second = breakouts_of(summit)
    with work() as opened:
        events.remove_slot(opened, part_id=second.id)
    with work() as opened, pytest.raises(Refusal, match="Cancel it instead"):
        events.remove_slot(opened, part_id=first.id)
    assert second.id not in {part.id for part in make.event(summit.id).parts}
