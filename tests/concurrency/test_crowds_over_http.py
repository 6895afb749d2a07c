"""Crowds at the door of real web processes."""

import re
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from cop.models.events import Event
from tests.concurrency.conftest import PLACES
from tests.concurrency.crowds import Reply, Visitor, at_once, look
from tests.concurrency.processes import Web

Crowd = Callable[[int, int], list[Visitor]]


def all_book(visitors: list[Visitor], visit: Event, sizes: list[int]) -> list[Reply]:
    slot = visit.parts[0].id
    return at_once(
        [partial(visitor.book, visit.slug, slot, size) for visitor, size in zip(visitors, sizes, strict=True)]
    )


@pytest.mark.parametrize(
    "limit", [{"capacity": PLACES}, {"day_capacity": PLACES}, {"event_capacity": PLACES}], ids=["slot", "day", "event"]
)
def test_a_hundred_at_once_get_the_fifteen_places_and_no_more(
    web: Web,
    crowd: Crowd,
    visit: Callable[..., Event],
    wrong_numbers: Callable[[], list[str]],
    people_booked: Callable[[], int],
    limit: dict[str, int],
) -> None:
    replies = all_book(crowd(100, web.port), visit(**{"capacity": None, **limit}), [1] * 100)
    assert Counter(reply.status for reply in replies) == {302: PLACES, 422: 100 - PLACES}
    assert sum(reply.is_polite for reply in replies) == 100 - PLACES
    assert people_booked() == PLACES
    assert wrong_numbers() == []


def test_parties_of_all_sizes_fill_the_places_and_no_more(
    web: Web,
    crowd: Crowd,
    visit: Callable[..., Event],
    wrong_numbers: Callable[[], list[str]],
    people_booked: Callable[[], int],
) -> None:
    sizes = [position % 5 + 1 for position in range(60)]
    replies = all_book(crowd(60, web.port), visit(capacity=PLACES, party_max=5), sizes)
    assert {reply.status for reply in replies} == {302, 422}
    assert all(reply.is_polite for reply in replies if reply.status == 422)
    booked = people_booked()
    assert booked == sum(size for reply, size in zip(replies, sizes, strict=True) if reply.status == 302) <= PLACES
    refused = [size for reply, size in zip(replies, sizes, strict=True) if reply.status == 422]
    assert min(refused) > PLACES - booked, "a party was refused that would have fitted"
    assert wrong_numbers() == []


def test_whoever_presses_the_button_ten_times_books_once(
    web: Web,
    crowd: Crowd,
    visit: Callable[..., Event],
    wrong_numbers: Callable[[], list[str]],
    people_booked: Callable[[], int],
) -> None:
    [hasty] = crowd(1, web.port)
    replies = all_book([hasty] * 10, visit(capacity=PLACES), [1] * 10)
    assert Counter(reply.status for reply in replies) == {302: 1, 422: 9}
    assert all(reply.is_polite for reply in replies if reply.status == 422)
    assert people_booked() == 1
    assert wrong_numbers() == []


def test_every_worker_shows_a_booking_as_soon_as_it_is_answered(
    web: Web, crowd: Crowd, visit: Callable[..., Event]
) -> None:
    opened = visit(capacity=PLACES)
    for left, visitor in zip(range(PLACES - 1, 0, -1), crowd(PLACES - 1, web.port), strict=True):
        assert visitor.book(opened.slug, opened.parts[0].id).status == 302
        pages = at_once([partial(look, web.port, f"/visits/{opened.slug}")] * 8)
        assert {found for page in pages for found in re.findall(r"(\d+) places? left", page.body)} == {str(left)}
