"""Everybody answers at once, two chairs choose at once, and one reviewer scores in two windows."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from cop.core import secrecy
from cop.core.access import SYSTEM
from cop.core.clock import SystemClock
from cop.models.accounts import Person
from cop.models.cohorts import Application, Decision, Review
from cop.models.events import Booking, BookingState, Claim, Event
from cop.models.offers import Offer, OfferState
from cop.models.outbox import Outbox
from cop.services import offers as answers
from cop.services.cohorts import offers
from tests.concurrency.conftest import PLACES
from tests.concurrency.crowds import Reply, Visitor, at_once
from tests.concurrency.processes import Web
from tests.support import panel
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

Press = Callable[..., Callable[[], Reply]]


@pytest.fixture
def press(app: Flask, web: Web) -> Press:
    """``press(path, person=person, field=value)`` is somebody with that form open, about to press its button."""

    def prepare(path: str, person: Person | None = None, **fields: object) -> Callable[[], Reply]:
        visitor = Visitor(app, person.id if person is not None else None, web.port)
        return partial(visitor.post, path, **fields)

    return prepare


def counted(replies: list[Reply]) -> dict[int, int]:
    assert all(reply.is_polite for reply in replies if reply.status == 422)
    return dict(Counter(reply.status for reply in replies))


def expire(work: Working, offer: Offer) -> None:
    """Let the time of an offer be over."""
    with work() as opened:
        over = SystemClock().now() - timedelta(hours=1)
        opened.session.execute(update(Offer).where(Offer.id == offer.id).values(expires_at=over))


def booked(reading: Reads, event: Event) -> list[int]:
    """Who holds a place, by their ids."""
    with reading() as read:
        live = select(Booking.person_id).where(Booking.event_id == event.id, Booking.state == BookingState.LIVE)
        return sorted(read.session.scalars(live))


KINDLY = {
    "withdrawn": "This offer was taken back",
    "lapsed": "The time to answer this offer is over",
    "late": "The time to answer this offer is over",
    "declined": "You have declined this offer",
}
"""What somebody reads whose answer comes when nothing is to be answered any more."""


class TestTwoHundredAcceptances:
    @pytest.fixture
    def course(self, make: Make) -> Event:
        """15 places for those whose offers are open, and one that an offer still holds though its time is over."""
        return panel.course(make, places=PLACES + 1)

    def test_are_exact(
        self,
        make: Make,
        work: Working,
        reading: Reads,
        course: Event,
        press: Press,
        wrong_numbers: Callable[[], list[str]],
    ) -> None:
        chair = make.admin()
        made = panel.offered(make, course, "o" * (PLACES + 1) + "r" * 3)
        with work(make.actor(chair)) as opened:
            offers.withdraw_offer(opened, cohort_id=course.id, number=1, reason="A mistake")
        expire(work, made[1])
        with work(SYSTEM) as opened:
            assert answers.lapse(opened, offer_id=made[1].id)
        panel.decline(make, made[3])
        for number in (PLACES + 2, PLACES + 3, PLACES + 4):
            with work(make.actor(chair)) as opened:
                offers.move_up(opened, cohort_id=course.id, number=number, seen=panel.revision(make, course))
        expire(work, made[2])
        withdrawn, lapsed, late, declined, *still_open = panel.offers_of(make, course)
        assert len(still_open) == PLACES
        ended = {"withdrawn": withdrawn, "lapsed": lapsed, "late": late, "declined": declined}
        some = still_open[0]
        forged = [
            secrecy.sign("booking", some.public_id),
            secrecy.sign("offer", some.public_id, some.generation + 1),
            secrecy.sign("offer", "nobody"),
            f"{panel.token(some)}x",
        ]

        pressed = [("open", f"/offers/{panel.token(offer)}") for offer in still_open for _ in range(8)]
        pressed += [(why, f"/offers/{panel.token(offer)}") for why, offer in ended.items() for _ in range(15)]
        pressed += [("forged", f"/offers/{token}") for token in forged for _ in range(5)]
        assert len(pressed) == 200
        replies = at_once([press(path) for _, path in pressed])

        assert counted(replies) == {302: 8 * PLACES, 422: 60, 404: 20}
        for (why, _), reply in zip(pressed, replies, strict=True):
            if why in KINDLY:
                assert (reply.status, KINDLY[why] in reply.body) == (422, True)
                assert "There are other ways to take part" in reply.body
            elif why == "forged":
                assert (reply.status, "Page not found" in reply.body) == (404, True)
        assert booked(reading, course) == sorted(offer.person_id for offer in still_open)
        assert Counter(offer.state for offer in panel.offers_of(make, course)) == {
            OfferState.ACCEPTED: PLACES,
            OfferState.WITHDRAWN: 1,
            OfferState.LAPSED: 1,
            OfferState.DECLINED: 1,
            OfferState.OPEN: 1,
        }
        with reading() as read:
            confirmed = select(func.count()).where(Outbox.template == "booking_confirmed")
            assert read.session.scalar(confirmed) == PLACES
            held = select(func.count()).where(Claim.offer_id.is_not(None), Claim.released_at.is_(None))
            assert read.session.scalar(held) == 1 + len(course.parts)
        assert make.event(course.id).seats_taken == PLACES + 1
        assert wrong_numbers() == []


def test_whatever_befalls_one_offer_at_once_it_ends_in_one_way(
    make: Make, reading: Reads, press: Press, wrong_numbers: Callable[[], list[str]]
) -> None:
    course = panel.course(make, places=1)
    (offer,) = panel.offered(make, course)
    address, chair = f"/offers/{panel.token(offer)}", make.admin()
    take_back = press(f"/cohorts/{course.slug}/selection/1/withdraw", chair, reason="A mistake")
    replies = at_once([*[press(address)] * 4, *[press(f"{address}/decline")] * 4, *[take_back] * 4])
    assert set(counted(replies)) <= {302, 422}
    (ended,) = panel.offers_of(make, course)
    assert ended.state in {OfferState.ACCEPTED, OfferState.DECLINED, OfferState.WITHDRAWN}
    is_booked = ended.state is OfferState.ACCEPTED
    assert booked(reading, course) == ([offer.person_id] if is_booked else [])
    assert make.event(course.id).seats_taken == is_booked
    assert wrong_numbers() == []


def test_an_offer_that_expires_while_it_is_being_accepted_ends_in_one_way(
    make: Make,
    work: Working,
    reading: Reads,
    press: Press,
    clock: FixedClock,
    wrong_numbers: Callable[[], list[str]],
) -> None:
    """The job comes by again and again while presses go on across the deadline: whoever read "yours" has a place."""
    course = panel.course(make, places=3)
    made = panel.offered(make, course, "ooo")
    over = SystemClock().now() + timedelta(seconds=1)
    with work() as opened:
        opened.session.execute(update(Offer).where(Offer.event_id == course.id).values(expires_at=over))

    def accept(offer: Offer, after: float) -> Callable[[], Reply]:
        answer = press(f"/offers/{panel.token(offer)}")

        def wait_and_press() -> Reply:
            time.sleep(after)
            return answer()

        return wait_and_press

    def sweep() -> Reply:
        while SystemClock().now() < over + timedelta(seconds=1):
            clock.set(SystemClock().now())
            for offer in made:
                with work(SYSTEM) as opened:
                    answers.lapse(opened, offer_id=offer.id)
        return Reply(0, "")

    pressed = [(offer, 0.8 + press_number * 0.05) for offer in made for press_number in range(9)]
    *replies, _swept = at_once([*(accept(offer, after) for offer, after in pressed), sweep])
    assert set(counted(replies)) <= {302, 422}
    ended = {offer.id: offer for offer in panel.offers_of(make, course)}
    for (offer, _), reply in zip(pressed, replies, strict=True):
        state = ended[offer.id].state
        assert state in {OfferState.ACCEPTED, OfferState.LAPSED}
        if state is OfferState.LAPSED:
            assert reply.status == 422
            assert KINDLY["lapsed"] in reply.body
    accepted = [offer for offer in ended.values() if offer.state is OfferState.ACCEPTED]
    assert booked(reading, course) == sorted(offer.person_id for offer in accepted)
    assert make.event(course.id).seats_taken == len(accepted)
    assert wrong_numbers() == []


def test_a_reserve_is_offered_one_of_two_free_places_once(
    make: Make, press: Press, wrong_numbers: Callable[[], list[str]]
) -> None:
    course = panel.course(make, places=2)
    panel.offered(make, course, "r")
    seen, chairs = panel.revision(make, course), [make.admin(), panel.chair(make, "Another chair")]
    path = f"/cohorts/{course.slug}/selection/1/offer"
    replies = at_once([press(path, chair, revision=seen) for chair in chairs for _ in range(4)])
    assert counted(replies) == {302: 1, 422: 7}
    assert all("Somebody else changed the choice" in reply.body for reply in replies if reply.status == 422)
    assert [offer.state for offer in panel.offers_of(make, course)] == [OfferState.OPEN]
    assert make.event(course.id).seats_taken == 1
    assert wrong_numbers() == []


def test_the_last_place_goes_to_a_reserve_or_to_whose_decision_was_changed(
    make: Make, reading: Reads, press: Press, wrong_numbers: Callable[[], list[str]]
) -> None:
    course = panel.course(make, places=1)
    panel.offered(make, course, "rdd")
    for number in (2, 3):
        panel.ask_review(make, panel.application_of(make, course, number))
    seen, chair = panel.revision(make, course), make.admin()
    move_up = press(f"/cohorts/{course.slug}/selection/1/offer", chair, revision=seen)
    change = [
        press(f"/cohorts/{course.slug}/reconsiderations/{number}", chair, changed="yes", words="You are right.")
        for number in (2, 3)
    ]
    replies = at_once([move_up, *change, *change, *change])
    assert set(counted(replies)) <= {302, 422}
    assert sum(reply.status == 302 for reply in replies[1:]) == 2
    assert [offer.state for offer in panel.offers_of(make, course)] == [OfferState.OPEN]
    assert make.event(course.id).seats_taken == 1
    with reading() as read:
        ranks = read.session.scalars(select(Decision.reserve_rank).where(Decision.reserve_rank.is_not(None))).all()
        answered = select(func.count()).where(Outbox.template == "decision_reviewed")
        assert read.session.scalar(answered) == 2
    assert len(set(ranks)) == len(ranks) == 2
    assert wrong_numbers() == []


def test_one_free_place_goes_to_one_of_the_reserves(
    make: Make, press: Press, wrong_numbers: Callable[[], list[str]]
) -> None:
    course = panel.course(make, places=1)
    panel.offered(make, course, "rrrr")
    seen, chairs = panel.revision(make, course), [make.admin(), panel.chair(make, "Another chair")]
    acts = [
        press(f"/cohorts/{course.slug}/selection/{number}/offer", chair, revision=seen)
        for number in (1, 2, 3, 4)
        for chair in chairs
    ]
    assert counted(at_once(acts)) == {302: 1, 422: 7}
    assert [offer.state for offer in panel.offers_of(make, course)] == [OfferState.OPEN]
    assert make.event(course.id).seats_taken == 1
    assert wrong_numbers() == []


def test_of_two_chairs_who_choose_at_once_one_has_to_look_again(make: Make, reading: Reads, press: Press) -> None:
    course = panel.course(make)
    panel.applications(make, course, 8)
    chairs = [make.admin(), panel.chair(make)]
    acts = []
    for position in range(8):
        outcome = ("offer", "decline")[position % 2]
        rows = {f"outcome_{number}": outcome for number in range(1, 9)}
        rows |= {f"{name}_{number}": "" for name in ("rank", "was") for number in range(1, 9)}
        acts.append(press(f"/cohorts/{course.slug}/selection", chairs[position % 2], revision=0, **rows))
    replies = at_once(acts)
    assert counted(replies) == {302: 1, 422: 7}
    winner = [reply.status for reply in replies].index(302) % 2
    with reading() as read:
        decisions = read.session.scalars(select(Decision)).all()
    assert {(str(one.outcome), one.decided_by) for one in decisions} == {
        (("offer", "decline")[winner], chairs[winner].id)
    }
    assert len(decisions) == 8
    assert panel.revision(make, course) == 1


def test_two_chairs_release_once(make: Make, reading: Reads, press: Press) -> None:
    course = panel.course(make, places=3)
    panel.applications(make, course, 5)
    first, second = make.admin(), panel.chair(make)
    panel.decide(make, first, course, "ooord")
    release = [press(f"/cohorts/{course.slug}/selection/release", chair, revision=1) for chair in (first, second)]
    assert counted(at_once(release * 3)) == {302: 1, 422: 5}
    assert len(panel.offers_of(make, course)) == 3
    with reading() as read:
        assert read.session.scalar(select(func.count()).select_from(Outbox)) == 5


def review(press: Press, course: Event, who: Person, reason: str) -> Callable[[], Reply]:
    fields = {"score_c1": "4", "reason_c1": reason, "score_c2": "2", "reason_c2": reason}
    return press(f"/cohorts/{course.slug}/reviews/1", who, revision=0, act="submit", comment="", **fields)


def test_reviewers_at_once_keep_each_their_own_and_one_in_many_windows_the_first(
    make: Make, reading: Reads, press: Press
) -> None:
    course = panel.course(make)
    panel.applications(make, course, 1)
    team = [panel.reviewer(make, f"Reviewer {number}") for number in range(4)]
    acts = [review(press, course, who, f"{who.name}, window {window}") for who in team for window in range(4)]
    replies = at_once(acts)
    assert counted(replies) == {302: 4, 422: 12}
    with reading() as read:
        kept = {one.reviewer_id: one for one in read.session.scalars(select(Review))}
    assert set(kept) == {who.id for who in team}
    for position, who in enumerate(team):
        own = [reply.status for reply in replies[4 * position : 4 * position + 4]]
        assert own.count(302) == 1
        won = f"{who.name}, window {own.index(302)}"
        assert {said["reason"] for said in kept[who.id].scores.values()} == {won}
        assert kept[who.id].revision == 1


def test_a_review_and_the_release_do_not_cross(make: Make, reading: Reads, press: Press) -> None:
    """A review counts before the release or is refused after it; nothing is written in between."""
    course = panel.course(make)
    panel.applications(make, course, 1)
    chair, rhona = make.admin(), panel.reviewer(make)
    panel.decide(make, chair, course, "o")
    release = press(f"/cohorts/{course.slug}/selection/release", chair, revision=1)
    replies = at_once([release, *[review(press, course, rhona, "In time?")] * 3])
    assert replies[0].status == 302
    accepted = sum(reply.status == 302 for reply in replies[1:])
    with reading() as read:
        assert len(read.session.scalars(select(Review)).all()) == accepted <= 1
        assert read.session.scalar(select(func.count()).select_from(Application)) == 1
