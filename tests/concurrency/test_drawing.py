"""Several chairs and several schedulers at once: one draw, and each free place offered once."""

from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask

from cop.core.access import SYSTEM
from cop.core.errors import Refusal
from cop.models.cohorts import SelectionStep
from cop.models.events import Event
from cop.models.offers import OfferState
from cop.services.cohorts import drawing
from tests.concurrency.crowds import Reply, Visitor, at_once
from tests.concurrency.processes import Web
from tests.support import drawing as draws
from tests.support import panel
from tests.support.make import Make, Working


def counted(replies: list[Reply]) -> dict[int, int]:
    assert all(reply.is_polite for reply in replies if reply.status == 422)
    return dict(Counter(reply.status for reply in replies))


@pytest.fixture
def job(work: Working) -> Callable[[Event], Callable[[], int]]:
    """``job(course)`` is what each of many schedulers does to a course; how many it offered a place."""

    def run(course: Event) -> int:
        try:
            with work(SYSTEM) as opened:
                return len(drawing.replace_dropouts(opened, cohort_id=course.id))
        except Refusal:
            return 0

    return lambda course: partial(run, course)


def test_two_chairs_draw_once(app: Flask, web: Web, make: Make, wrong_numbers: Callable[[], list[str]]) -> None:
    course, chair = draws.course(make)
    draws.freeze(make, chair, course)
    draws.seal(make, chair, course)
    seen, path = draws.seen(make, course), f"/cohorts/{course.slug}/selection/draw/panel"
    chairs = [Visitor(app, who.id, web.port) for who in (chair, panel.chair(make, "Another chair"))]
    replies = at_once([partial(each.post, path, words=f"word {n}", seen=seen) for each in chairs for n in range(4)])
    assert counted(replies) == {302: 1, 422: 7}
    chain = draws.chain(make, course)
    assert [step.step for step in chain.steps].count(SelectionStep.DRAWN) == 1
    assert panel.revision(make, course) == 1
    assert wrong_numbers() == []


def test_each_free_place_is_offered_once_by_jobs_and_chairs_together(
    app: Flask,
    web: Web,
    make: Make,
    job: Callable[[Event], Callable[[], int]],
    wrong_numbers: Callable[[], list[str]],
) -> None:
    course, chair = draws.course(make)
    draws.drawn(make, chair, course)
    panel.release(make, chair, course)
    for offer in panel.offers_of(make, course)[:2]:
        panel.decline(make, offer)
    button = Visitor(app, chair.id, web.port)
    path, seen = f"/cohorts/{course.slug}/selection/draw/replace", draws.seen(make, course)
    pressed: list[Callable[[], object]] = [job(course) for _ in range(6)]
    pressed += [partial(button.post, path, seen=seen) for _ in range(4)]
    at_once(pressed)
    made = panel.offers_of(make, course)
    assert Counter(offer.state for offer in made) == {OfferState.DECLINED: 2, OfferState.OPEN: 3}
    assert len({offer.application_id for offer in made}) == 5
    chain = draws.chain(make, course)
    assert (len(chain.replacements), chain.fault) == (1, None)
    assert make.event(course.id).seats_taken == 3
    assert wrong_numbers() == []


def test_who_declines_meanwhile_is_followed_by_the_next_run(
    make: Make, job: Callable[[Event], Callable[[], int]], wrong_numbers: Callable[[], list[str]]
) -> None:
    course, chair = draws.course(make)
    draws.drawn(make, chair, course)
    panel.release(make, chair, course)
    first, second, _third = panel.offers_of(make, course)
    panel.decline(make, first)
    acts: list[Callable[[], object]] = [*[job(course)] * 4, partial(panel.decline, make, second)]
    at_once(acts)
    at_once([job(course)] * 4)
    made = panel.offers_of(make, course)
    assert Counter(offer.state for offer in made) == {OfferState.DECLINED: 2, OfferState.OPEN: 3}
    assert draws.chain(make, course).fault is None
    assert wrong_numbers() == []
