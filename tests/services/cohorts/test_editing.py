"""Preparing a course: what is refused, what is told to whom, and that nobody overwrites anybody unseen."""

from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cop.core.access import SYSTEM, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.core.questions import read_items
from cop.models.accounts import Person, Sector
from cop.models.cohorts import Application, Cohort, Decision, DecisionOutcome, Review, ReviewState
from cop.models.events import Booking, BookingState, Choice, Claim, Event, EventState, PartState
from cop.models.offers import Offer, OfferState
from cop.models.outbox import Outbox
from cop.models.surveys import Questionnaire
from cop.queries.cohorts.applications import questions_of
from cop.queries.cohorts.calls import missing_in_call
from cop.queries.cohorts.preparing import Listing, entries_of, version_of, version_of_call
from cop.services.cohorts import editing as courses
from cop.services.events import booking, editing
from tests.support import cohorts
from tests.support.clock import START, FixedClock
from tests.support.cohorts import DAY, LONDON
from tests.support.make import Make, Reads, Working

Posted = Callable[..., Sequence[Outbox]]

HALF_DAY: dict[str, Any] = {
    "title": "Day 3",
    "on_date": date(2026, 4, 20),
    "start": time(10),
    "end": time(13),
    "place": "",
    "zone": LONDON,
}
SCREENING = {"question": "Can you come?", "needed": "yes", "otherwise": "A pity."}
TARGET = {"attribute": "sector", "value": "resident", "minimum": 3, "maximum": None}


class Preparing:
    """One course, and short ways for staff to alter it."""

    def __init__(self, work: Working, reading: Reads, make: Make) -> None:
        self.work, self.reading, self.make = work, reading, make
        self.event: Event = cohorts.course(work, make)

    def do(self, command: Callable[..., Any], *, actor: Actor = SYSTEM, **values: Any) -> Any:
        with self.work(actor) as unit:
            return command(unit, **values)

    def alter(self, command: Callable[..., Any], *, actor: Actor = SYSTEM, **values: Any) -> Any:
        return self.do(command, actor=actor, event_id=self.event.id, **values)

    def cohort(self) -> Cohort:
        with self.reading() as read:
            return read.session.get_one(Cohort, self.event.id)

    def entries(self, listing: Listing) -> Any:
        with self.reading() as read:
            return entries_of(read, read.session.get_one(Cohort, self.event.id), listing)

    def put(self, listing: Listing, entry: dict[str, Any], position: int | None = None, seen: str = "") -> None:
        seen = seen or version_of(self.entries(listing))
        self.alter(courses.put_entry, listing=listing, entry=entry, position=position, seen=seen)

    def call(self, **values: Any) -> Any:
        cohort = self.cohort()
        as_it_is = {
            name: getattr(cohort, name)
            for name in ("involves", "eligibility", "selecting", "decisions_on", "offer_days", "half_days_needed")
        }
        return self.alter(courses.edit_call, **{**as_it_is, "seen": version_of_call(cohort), **values})

    def applicant(self, name: str = "Amina") -> Application:
        person = self.make.account(name, sector=Sector.RESIDENT)
        return cohorts.apply(self.work, self.make, person, self.event)

    def holder(self, *, accepted: bool = True) -> Booking | None:
        """Somebody with an offer, which they have accepted or not."""
        made = self.applicant()
        with self.work() as unit:
            person = unit.session.get_one(Person, made.person_id)
            unit.session.add(
                Decision(
                    application_id=made.id,
                    outcome=DecisionOutcome.OFFER,
                    decided_by=person.id,
                    decided_at=unit.now,
                    released_at=unit.now,
                )
            )
            event = unit.session.get_one(Event, self.event.id)
            offer = booking.hold_course(
                unit, event, person_id=person.id, application_id=made.id, expires_at=unit.now + DAY
            )
            return booking.book_offered(unit, event, offer) if accepted else None

    def parts(self) -> Sequence[Any]:
        return self.make.event(self.event.id).parts


@pytest.fixture
def preparing(work: Working, reading: Reads, make: Make) -> Preparing:
    return Preparing(work, reading, make)


class TestANewCourse:
    def test_begins_with_questions_and_criteria(self, preparing: Preparing, make: Make, reading: Reads) -> None:
        made = preparing.do(
            courses.create_course, programme_id=make.programme().id, title="A new course", summary="…", capacity=12
        )
        assert (made.choice, made.party_max, made.capacity) == (Choice.ALL, 1, 12)
        assert made.slug == "a-new-course"
        with reading() as read:
            cohort = read.session.get_one(Cohort, made.id)
            assert len(questions_of(read, cohort)) == 12
            assert {len(criterion["levels"]) for criterion in cohort.criteria} == {5}
            code = read.session.scalar(select(Questionnaire.code).where(Questionnaire.id == cohort.questionnaire_id))
        assert code == "application-a-new-course"

    def test_is_made_by_staff_only(self, preparing: Preparing, make: Make) -> None:
        with pytest.raises(NotFound):
            preparing.do(
                courses.create_course,
                actor=make.actor(make.account()),
                programme_id=make.programme().id,
                title="A course",
                summary="…",
                capacity=12,
            )


class TestWhoMayAlterIt:
    def test_is_its_chair_and_nobody_else(self, preparing: Preparing, make: Make) -> None:
        chair, reviewer, other = (make.account(name) for name in ("Chair", "Reviewer", "Other chair"))
        make.grant(chair, Role.FACILITATOR, event=preparing.event)
        make.grant(reviewer, Role.REVIEWER, event=preparing.event)
        make.grant(other, Role.FACILITATOR, programme=make.programme("elsewhere"))
        preparing.alter(courses.edit_places, actor=make.actor(chair), capacity=14, minimum=2)
        for person in (reviewer, other):
            with pytest.raises(NotFound):
                preparing.alter(courses.edit_places, actor=make.actor(person), capacity=13, minimum=2)
        assert preparing.make.event(preparing.event.id).capacity == 14


class TestTheCall:
    def test_is_saved(self, preparing: Preparing) -> None:
        preparing.call(involves="Two days.", decisions_on=date(2026, 3, 20), half_days_needed=3)
        cohort = preparing.cohort()
        assert (cohort.involves, cohort.decisions_on, cohort.half_days_needed) == ("Two days.", date(2026, 3, 20), 3)

    def test_that_somebody_else_changed_meanwhile_is_refused(self, preparing: Preparing) -> None:
        seen = version_of_call(preparing.cohort())
        preparing.call(involves="Two days.")
        with pytest.raises(Refusal, match="Somebody else changed"):
            preparing.call(involves="Three days.", seen=seen)
        assert preparing.cohort().involves == "Two days."

    @pytest.mark.parametrize(
        ("values", "field"),
        [({"half_days_needed": 5}, "half_days_needed"), ({"decisions_on": date(2026, 3, 15)}, "decisions_on")],
    )
    def test_that_cannot_be_kept_is_refused(self, preparing: Preparing, values: dict[str, Any], field: str) -> None:
        with pytest.raises(Refusal) as refused:
            preparing.call(**values)
        assert refused.value.field == field


class TestPlaces:
    def test_can_be_no_fewer_than_are_held(self, preparing: Preparing) -> None:
        preparing.holder()
        preparing.alter(courses.edit_places, capacity=1, minimum=1)
        with pytest.raises(Refusal, match="1 places are taken") as refused:
            preparing.alter(courses.edit_places, capacity=0, minimum=0)
        assert refused.value.field == "capacity"

    def test_can_be_no_fewer_than_the_course_needs(self, preparing: Preparing) -> None:
        with pytest.raises(Refusal) as refused:
            preparing.alter(courses.edit_places, capacity=10, minimum=11)
        assert refused.value.field == "minimum"

    def test_are_not_altered_by_the_rules_of_other_events(self, preparing: Preparing) -> None:
        with pytest.raises(NotFound):
            preparing.alter(editing.edit_booking_rules, capacity=None, opens_at=None, closes_at=None, change_until=None)


class TestTheWindow:
    def test_is_saved(self, preparing: Preparing) -> None:
        preparing.alter(courses.edit_window, opens_at=START, closes_at=START + 3 * DAY)
        event = preparing.make.event(preparing.event.id)
        assert (event.opens_at, event.closes_at) == (START, START + 3 * DAY)

    @pytest.mark.parametrize("closes_in", [-1, 40])
    def test_lies_in_order_and_before_the_course(self, preparing: Preparing, closes_in: int) -> None:
        with pytest.raises(Refusal) as refused:
            preparing.alter(courses.edit_window, opens_at=START, closes_at=START + closes_in * DAY)
        assert refused.value.field == "closes_at"

    def test_has_an_end_once_somebody_has_begun(self, preparing: Preparing) -> None:
        preparing.alter(courses.edit_window, opens_at=START, closes_at=None)
        preparing.alter(courses.edit_window, opens_at=START, closes_at=START + 3 * DAY)
        preparing.applicant()
        with pytest.raises(Refusal, match="Somebody has begun an application") as refused:
            preparing.alter(courses.edit_window, opens_at=START, closes_at=None)
        assert refused.value.field == "closes_at"
        preparing.alter(courses.edit_window, opens_at=START, closes_at=START + 2 * DAY)

    def test_stays_as_it_is_after_the_release(self, preparing: Preparing) -> None:
        preparing.alter(courses.edit_window, opens_at=START, closes_at=START + DAY)
        with preparing.work() as unit:
            unit.session.get_one(Cohort, preparing.event.id).released_at = unit.now
        preparing.alter(courses.edit_window, opens_at=START, closes_at=START + DAY)
        for opens_at, closes_at in ((START, START + 2 * DAY), (None, START + DAY), (START, None)):
            with pytest.raises(Refusal, match="The decisions have been released"):
                preparing.alter(courses.edit_window, opens_at=opens_at, closes_at=closes_at)

    def test_ends_before_the_day_that_was_promised(self, preparing: Preparing) -> None:
        preparing.call(decisions_on=date(2026, 3, 20))
        with pytest.raises(Refusal, match="promises decisions on 20 March 2026"):
            preparing.alter(courses.edit_window, opens_at=START, closes_at=START + 20 * DAY)


class TestHalfDays:
    def test_are_added(self, preparing: Preparing) -> None:
        preparing.alter(courses.add_half_day, **HALF_DAY)
        assert [part.title for part in preparing.parts()][-1] == "Day 3"
        assert {part.kind for part in preparing.parts()} == {"half-day"}

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"end": time(10)}, "end"),
            ({"on_date": date(2026, 3, 1)}, "on_date"),
            ({"on_date": date(2026, 4, 1), "start": time(12), "end": time(14)}, "start"),
            ({"on_date": date(2027, 3, 28), "start": time(1, 30)}, "start"),
        ],
        ids=["ends before it begins", "past", "overlaps", "skipped hour"],
    )
    def test_that_cannot_be_are_refused(self, preparing: Preparing, values: dict[str, Any], field: str) -> None:
        with pytest.raises(Refusal) as refused:
            preparing.alter(courses.add_half_day, **{**HALF_DAY, **values})
        assert refused.value.field == field
        assert len(preparing.parts()) == 4

    def test_are_not_added_once_places_are_held(self, preparing: Preparing) -> None:
        preparing.holder(accepted=False)
        with pytest.raises(Refusal, match="Move one of its half-days"):
            preparing.alter(courses.add_half_day, **HALF_DAY)

    def test_that_move_are_told_to_all_who_hold_a_place(self, preparing: Preparing, outbox: Posted) -> None:
        preparing.holder()
        first = preparing.parts()[0]
        preparing.do(courses.edit_half_day, part_id=first.id, **{**HALF_DAY, "title": first.title})
        assert len(outbox("booking_changed")) == 1
        (moved,) = [part for part in preparing.parts() if part.id == first.id]
        assert moved.starts_at.astimezone(LONDON).date() == date(2026, 4, 20)

    def test_with_a_better_title_are_no_news(self, preparing: Preparing, outbox: Posted) -> None:
        preparing.holder()
        first = preparing.parts()[0]
        starts, ends = (at.astimezone(LONDON) for at in (first.starts_at, first.ends_at))
        as_it_is = {"on_date": starts.date(), "start": starts.time(), "end": ends.time(), "place": "", "zone": LONDON}
        preparing.do(courses.edit_half_day, part_id=first.id, title="Opening", **as_it_is)
        assert preparing.parts()[0].title == "Opening"
        assert not outbox("booking_changed")

    def test_that_have_begun_stay(self, preparing: Preparing, clock: FixedClock) -> None:
        first = preparing.parts()[0]
        clock.set(first.starts_at)
        with pytest.raises(Refusal, match="has begun already"):
            preparing.do(courses.edit_half_day, part_id=first.id, **HALF_DAY)

    def test_that_are_cancelled_leave_the_places_as_they_are(
        self, preparing: Preparing, outbox: Posted, reading: Reads
    ) -> None:
        held = preparing.holder()
        preparing.call(half_days_needed=4)
        first = preparing.parts()[0]
        assert preparing.do(courses.cancel_half_day, part_id=first.id, reason="Ill") == 1
        assert held is not None
        with reading() as read:
            assert read.session.get_one(Booking, held.id).state is BookingState.LIVE
            live = read.session.scalars(
                select(Claim.part_id).where(Claim.booking_id == held.id, Claim.released_at.is_(None))
            ).all()
        assert first.id not in live
        assert len(live) == 4  # the event and three half-days
        assert preparing.parts()[0].state is PartState.CANCELLED
        assert preparing.cohort().half_days_needed == 3
        assert len(outbox("booking_changed")) == 1
        with pytest.raises(Refusal, match="has been cancelled"):
            preparing.do(courses.cancel_half_day, part_id=first.id, reason="Ill")

    def test_are_not_all_cancelled(self, preparing: Preparing) -> None:
        *others, last = preparing.parts()
        for part in others:
            preparing.do(courses.cancel_half_day, part_id=part.id, reason="Ill")
        with pytest.raises(Refusal, match="the last half-day"):
            preparing.do(courses.cancel_half_day, part_id=last.id, reason="Ill")

    def test_are_removed_while_nobody_held_a_place(self, preparing: Preparing) -> None:
        first, second, *_others = preparing.parts()
        preparing.do(courses.remove_half_day, part_id=first.id)
        assert len(preparing.parts()) == 3
        preparing.holder()
        with pytest.raises(Refusal, match="Cancel it instead"):
            preparing.do(courses.remove_half_day, part_id=second.id)


class TestTheLists:
    @pytest.mark.parametrize(("listing", "entry"), [(Listing.SCREENING, SCREENING), (Listing.TARGETS, TARGET)])
    def test_take_entries_change_and_lose_them(
        self, preparing: Preparing, listing: Listing, entry: dict[str, Any]
    ) -> None:
        preparing.put(listing, entry)
        assert preparing.entries(listing) == [entry]
        changed = {**entry, next(iter(entry)): "region"}
        preparing.put(listing, changed, position=0)
        assert preparing.entries(listing) == [changed]
        seen = version_of(preparing.entries(listing))
        preparing.alter(courses.remove_entry, listing=listing, position=0, seen=seen)
        assert preparing.entries(listing) == []

    def test_give_new_questions_and_criteria_a_code_that_stays(self, preparing: Preparing) -> None:
        preparing.put(Listing.QUESTIONS, {"kind": "line", "text": "Why you?"})
        preparing.put(Listing.QUESTIONS, {"kind": "line", "text": "Why now?"})
        preparing.put(Listing.QUESTIONS, {"kind": "line", "text": "Why us?"}, position=12)
        items = read_items(preparing.entries(Listing.QUESTIONS))
        assert [(item.code, item.text) for item in items[12:]] == [("q1", "Why us?"), ("q2", "Why now?")]

    def test_let_neighbours_change_places(self, preparing: Preparing) -> None:
        before = [entry["code"] for entry in preparing.entries(Listing.CRITERIA)]

        def move(position: int, *, up: bool) -> list[str]:
            seen = version_of(preparing.entries(Listing.CRITERIA))
            preparing.alter(courses.move_entry, listing=Listing.CRITERIA, position=position, up=up, seen=seen)
            return [entry["code"] for entry in preparing.entries(Listing.CRITERIA)]

        assert move(1, up=True) == [before[1], before[0], *before[2:]]
        assert move(0, up=False) == before
        assert move(0, up=True) == before
        assert move(3, up=False) == before

    def test_are_not_changed_from_a_stale_page(self, preparing: Preparing) -> None:
        seen = version_of(preparing.entries(Listing.TARGETS))
        preparing.put(Listing.TARGETS, TARGET, seen=seen)
        with pytest.raises(Refusal, match="Somebody else changed"):
            preparing.put(Listing.TARGETS, {**TARGET, "value": "VCSE"}, seen=seen)
        assert preparing.entries(Listing.TARGETS) == [TARGET]

    def test_have_no_entry_beyond_their_end(self, preparing: Preparing) -> None:
        for position in (-1, 4, 10**18):
            with pytest.raises(NotFound):
                preparing.put(Listing.CRITERIA, {"title": "x"}, position=position)

    def test_have_one_target_for_each_group(self, preparing: Preparing) -> None:
        preparing.put(Listing.TARGETS, TARGET)
        with pytest.raises(Refusal, match="target for this group already"):
            preparing.put(Listing.TARGETS, {**TARGET, "minimum": 5})

    def test_of_questions_are_locked_once_somebody_began(self, preparing: Preparing, work: Working) -> None:
        cohorts.begin(work, preparing.make, preparing.make.account(), preparing.event)
        with pytest.raises(Refusal, match="the questions stay as they are"):
            preparing.put(Listing.QUESTIONS, {"kind": "line", "text": "One more?"})
        preparing.put(Listing.CRITERIA, {"title": "Better words"}, position=0)

    def test_of_criteria_are_locked_once_a_review_is_in(self, preparing: Preparing, work: Working) -> None:
        made = preparing.applicant()
        reviewer = preparing.make.person("Rhona")
        with work() as unit:
            review = Review(application_id=made.id, reviewer_id=reviewer.id, saved_at=unit.now)
            unit.session.add(review)
        preparing.put(Listing.CRITERIA, {"title": "Better words"}, position=0)
        with work() as unit:
            found = unit.session.get_one(Review, review.id)
            found.state, found.total = ReviewState.SUBMITTED, 3.5
        with pytest.raises(Refusal, match="the criteria stay as they are"):
            preparing.put(Listing.CRITERIA, {"title": "Other words"}, position=0)

    def test_keep_a_question_before_those_that_depend_on_it(self, preparing: Preparing) -> None:
        preparing.put(
            Listing.QUESTIONS,
            {"kind": "line", "text": "Where?", "only_if": {"code": "heard", "values": ["elsewhere"]}},
        )
        entries = preparing.entries(Listing.QUESTIONS)
        position = [entry["code"] for entry in entries].index("heard")
        with pytest.raises(Refusal, match="A later question depends"):
            preparing.alter(
                courses.remove_entry, listing=Listing.QUESTIONS, position=position, seen=version_of(entries)
            )


class TestPublishing:
    def test_waits_for_all_that_applicants_need(self, preparing: Preparing, make: Make, work: Working) -> None:
        bare = preparing.do(
            courses.create_course, programme_id=make.programme().id, title="Bare", summary="…", capacity=15
        )
        with pytest.raises(Refusal, match="when applications open and close"):
            preparing.do(editing.publish_event, event_id=bare.id)
        with work() as unit:
            cohort = unit.session.get_one(Cohort, bare.id)
            cohort.involves = cohort.eligibility = cohort.selecting = ""
            cohort.criteria, cohort.questionnaire_id = [], None
            unit.session.get_one(Event, bare.id).capacity = None
            unit.session.flush()
            assert len(missing_in_call(unit, unit.session.get_one(Event, bare.id))) == 7

    def test_is_not_undone_once_somebody_applied(self, preparing: Preparing, work: Working) -> None:
        cohorts.begin(work, preparing.make, preparing.make.account(), preparing.event)
        with pytest.raises(Refusal, match="People have applied"):
            preparing.alter(editing.unpublish)
        assert preparing.make.event(preparing.event.id).state is EventState.PUBLISHED


class TestCancellingTheCourse:
    def test_tells_everybody_once_and_ends_open_offers(
        self, preparing: Preparing, work: Working, outbox: Posted, reading: Reads
    ) -> None:
        preparing.holder()
        preparing.holder(accepted=False)
        cohorts.begin(work, preparing.make, preparing.make.account("Drafter"), preparing.event)
        assert preparing.alter(editing.cancel_event, reason="The hall burnt down") == 1
        assert len(outbox("booking_cancelled_by_staff")) == 1
        assert len(outbox("course_cancelled")) == 2
        assert {row.params["reason"] for row in outbox("course_cancelled")} == {"The hall burnt down"}
        with reading() as read:
            states = read.session.scalars(select(Offer.state).order_by(Offer.id)).all()
            held = read.session.scalars(select(Claim).where(Claim.released_at.is_(None))).all()
        assert states == [OfferState.ACCEPTED, OfferState.WITHDRAWN]
        assert not held
        assert preparing.make.event(preparing.event.id).seats_taken == 0


def test_an_hour_of_a_course_is_a_local_one(preparing: Preparing) -> None:
    first = preparing.parts()[0]
    assert first.starts_at.astimezone(LONDON).time() == time(9, 30)
    assert first.ends_at - first.starts_at == timedelta(hours=3)
