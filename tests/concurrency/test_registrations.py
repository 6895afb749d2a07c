"""Registrations for a webinar with few places, pressed at once on real web processes."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask

from cop.core.clock import SystemClock
from cop.models.events import Event
from tests.concurrency.conftest import PLACES
from tests.concurrency.crowds import Visitor, at_once, look
from tests.concurrency.processes import Web
from tests.support.make import Make, Working
from tests.support.webinars import Webinars, confirm_path

CROWD = 100


@pytest.fixture
def webinars(make: Make, work: Working) -> Webinars:
    return Webinars(make, work)


@pytest.fixture
def webinar(webinars: Webinars) -> Event:
    month = SystemClock().now() + timedelta(days=30)
    begins = month.replace(hour=10, minute=0, second=0, microsecond=0)
    return webinars.webinar("Guelph plans", begins=begins, capacity=PLACES)


def test_a_hundred_who_confirm_at_once_get_the_fifteen_places_and_the_others_are_told(
    app: Flask,
    web: Web,
    webinars: Webinars,
    webinar: Event,
    wrong_numbers: Callable[[], list[str]],
    people_booked: Callable[[], int],
) -> None:
    paths = [confirm_path(webinars.asking(webinar, email=f"person{number}@crowd.example")) for number in range(CROWD)]
    replies = at_once([partial(Visitor(app, None, web.port).post, path) for path in paths])
    assert Counter(reply.status for reply in replies) == {302: CROWD}
    pages = [look(web.port, path) for path in paths]
    assert sum("<h1" in page.body and "You are registered" in page.body for page in pages) == PLACES
    assert sum("“Guelph plans” is full." in page.body for page in pages) == CROWD - PLACES
    assert people_booked() == PLACES
    assert wrong_numbers() == []


def test_a_hundred_who_register_at_once_get_the_fifteen_places_and_no_more(
    web: Web,
    crowd: Callable[[int, int], list[Visitor]],
    webinar: Event,
    wrong_numbers: Callable[[], list[str]],
    people_booked: Callable[[], int],
) -> None:
    path = f"/webinars/{webinar.slug}/register"
    replies = at_once([partial(visitor.post, path, needs="") for visitor in crowd(CROWD, web.port)])
    assert Counter(reply.status for reply in replies) == {302: PLACES, 422: CROWD - PLACES}
    assert sum(reply.is_polite for reply in replies) == CROWD - PLACES
    assert people_booked() == PLACES
    assert wrong_numbers() == []


def test_whoever_confirms_ten_times_at_once_is_registered_once(
    app: Flask, web: Web, webinars: Webinars, webinar: Event, people_booked: Callable[[], int]
) -> None:
    path = confirm_path(webinars.asking(webinar))
    replies = at_once([partial(Visitor(app, None, web.port).post, path)] * 10)
    assert Counter(reply.status for reply in replies) == {302: 10}
    assert people_booked() == 1


def test_a_crowd_that_picks_several_webinars_in_any_order_waits_for_nobody_for_ever(
    web: Web,
    crowd: Callable[[int, int], list[Visitor]],
    make: Make,
    webinars: Webinars,
    wrong_numbers: Callable[[], list[str]],
) -> None:
    series = make.series()
    begins = (SystemClock().now() + timedelta(days=30)).replace(hour=10, minute=0, second=0, microsecond=0)
    made = [
        webinars.webinar(f"Webinar {number}", begins=begins, capacity=PLACES, series_id=series.id)
        for number in range(3)
    ]
    ids = [event.id for event in made]
    orders = [ids, ids[::-1], ids[1:] + ids[:1]]
    replies = at_once(
        [
            partial(visitor.post, "/series/speaker-series/register", needs="", webinars=orders[number % 3])
            for number, visitor in enumerate(crowd(30, web.port))
        ]
    )
    assert Counter(reply.status for reply in replies) <= Counter({302: 30, 422: 30})
    assert [make.event(event_id).seats_taken for event_id in ids] == [PLACES] * 3
    assert wrong_numbers() == []
