"""A thousand people press buttons at once while offers run out: every promise holds, at every instant and at rest."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import chain, cycle, islice
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop.core.access import Actor
from cop.core.clock import SystemClock
from cop.models.events import Booking, BookingState, Event, Queue
from cop.models.offers import Offer, OfferState
from cop.models.outbox import OFFER_LETTER, Outbox, OutboxState
from cop.models.waiting import Waiting, WaitingState
from cop.queries import offers as offer_queries
from cop.queries.soundness import unsound
from cop.services.events import booking, waiting
from cop.services.events.booking import Party
from cop.services.events.waiting import Wish
from cop.web import run
from tests.concurrency.crowds import Reply, Visitor, at_once
from tests.concurrency.post_office import PostOffice
from tests.concurrency.processes import Web, environment, scheduled
from tests.support.make import Make, Reads, reading, working

PRESSES = 1_000
DAYS, SLOTS, PLACES, OF_DAY, OF_ALL = 3, 4, 8, 28, 75
NEWCOMERS, JOINERS, WAITERS, GAVE_BACK, CANCELLED = 165, 50, 75, 20, 30
"""At each of two visits."""

SIZES = (1, 2, 1, 3, 1, 2, 4)
BROWSERS_PATIENCE = 300.0
"""Seconds: a thousand questions at once are many for a small machine."""

Press = Callable[[], Reply]


@dataclass(frozen=True)
class Scene:
    """A full visit with people in its line; ``offers`` are open, though the time of ``late`` ones is over."""

    event: Event
    held: Sequence[Booking]
    line: Sequence[Waiting]
    offers: Sequence[Offer]
    late: Sequence[Offer]
    new: Sequence[int]
    """Ids of people who have nothing yet."""


@pytest.fixture
def scenes(app: Flask, make: Make, people: Callable[[int], list[int]]) -> list[Scene]:
    """Two visits, one of each rule for sharing out places."""
    ids = people(2 * (OF_ALL + WAITERS + NEWCOMERS + JOINERS))
    return [_scene(app, make, queue, ids[number::2]) for number, queue in enumerate((Queue.STRICT, Queue.FIT))]


def _scene(app: Flask, make: Make, queue: Queue, ids: Sequence[int]) -> Scene:
    first = (SystemClock().now() + timedelta(days=30)).replace(hour=8, minute=0, second=0, microsecond=0)
    slots = [first + timedelta(days=day, hours=hour) for day in range(DAYS) for hour in range(SLOTS)]
    event = make.visit(
        slots=slots, capacity=PLACES, day_capacity=OF_DAY, event_capacity=OF_ALL, party_max=4, queue=queue
    )
    guests, waiters, new = ids[:OF_ALL], ids[OF_ALL : OF_ALL + WAITERS], ids[OF_ALL + WAITERS :]

    def act(person_id: int, what: Callable[..., Any], **values: Any) -> Any:
        with app.app_context():
            return run(partial(what, **values), Actor(person_id))

    held = [
        act(guest, booking.book, event_id=event.id, part_ids=[part.id], party=Party(1))
        for guest, part in zip(guests, cycle(event.parts), strict=False)
    ]
    for number, (waiter, size) in enumerate(zip(waiters, cycle(SIZES), strict=False)):
        wanted = [event.parts[(number + more) % len(event.parts)].id for more in range(1 + number % 3)]
        act(waiter, waiting.join, event_id=event.id, wish=Wish(wanted, size, split_ok=number % 5 == 0))
    for given_back in held[:GAVE_BACK]:
        act(given_back.person_id, booking.cancel, public_id=given_back.public_id)

    of_event = (Waiting.event_id == event.id, Waiting.state == WaitingState.WAITING)
    is_open = (Offer.event_id == event.id, Offer.state == OfferState.OPEN)
    with reading(app) as found:
        line = found.session.scalars(select(Waiting).where(*of_event).order_by(Waiting.id)).all()
        offers = found.session.scalars(select(Offer).where(*is_open).order_by(Offer.id)).all()
    late = offers[::4]
    with working(app) as work:
        over = SystemClock().now() - timedelta(hours=1)
        work.session.execute(update(Offer).where(Offer.id.in_([each.id for each in late])).values(expires_at=over))
        letters = update(Outbox).where(Outbox.template == OFFER_LETTER)  # before they arrive, nothing lapses
        work.session.execute(letters.values(state=OutboxState.SENT))
    return Scene(event, held[GAVE_BACK:], line, [each for each in offers if each not in late], late, new)


@pytest.fixture
def presses(app: Flask, scenes: list[Scene], web: Web) -> list[Press]:
    """A thousand buttons about to be pressed, mixed; many of them twice."""
    once, again = zip(*(_presses(app, scene, web.port) for scene in scenes), strict=True)
    several = list(chain(*once, *again))
    return _mixed([*several, *islice(cycle(chain(*again)), PRESSES - len(several))])


def _presses(app: Flask, scene: Scene, port: int) -> tuple[list[Press], list[Press]]:
    """What is pressed once, and what may be pressed again."""

    def press(person_id: int, path: str, **fields: object) -> Press:
        return partial(Visitor(app, person_id, port, BROWSERS_PATIENCE).post, path, **fields)

    with app.app_context():
        offers = {offer.id: f"/offers/{offer_queries.link_token(offer)}" for offer in (*scene.offers, *scene.late)}
    slug, slots = scene.event.slug, [part.id for part in scene.event.parts]
    sizes, wanted = cycle(SIZES), cycle(slots)
    undecided, others = scene.offers[::6], scene.offers[1::3]
    decline = [press(offer.person_id, f"{offers[offer.id]}/decline") for offer in (*undecided, *others)]
    accepted = [offer for offer in (*scene.offers, *scene.late) if offer not in others]
    accept = [press(offer.person_id, offers[offer.id]) for offer in accepted]
    cancel = [press(each.person_id, f"/bookings/{each.public_id}/cancel") for each in scene.held[:CANCELLED]]
    change = [
        press(each.person_id, f"/bookings/{each.public_id}/change", slot=next(wanted), party_size=next(sizes), names="")
        for each in scene.held[CANCELLED:]
    ]
    leave = [press(entry.person_id, f"/waiting/{entry.public_id}/leave") for entry in scene.line[::4]]
    join = [
        press(person_id, f"/events/{slug}/wait", slots=[next(wanted), next(wanted)], party_size=next(sizes))
        for person_id in scene.new[:JOINERS]
    ]
    book = [
        press(person_id, f"/visits/{slug}/book", slot=next(wanted), party_size=next(sizes), names="")
        for person_id in scene.new[JOINERS:]
    ]
    return [*decline, *change, *leave, *join], [*accept, *cancel, *book]


def _mixed(presses: Sequence[Press]) -> list[Press]:
    """Every kind of act beside every other, in an order that is always the same."""
    stride = 383  # has no factor in common with a thousand, so that each comes once
    return [presses[number * stride % len(presses)] for number in range(len(presses))]


@contextmanager
def witness(app: Flask) -> Iterator[list[list[str]]]:
    """Looks at every promise again and again; each look's broken ones."""
    looks: list[list[str]] = []
    stop = Signal()

    def watch() -> None:
        while not stop.wait(0.01):
            with app.app_context(), reading(app) as read:
                looks.append(unsound(read, at_rest=False))

    thread = Thread(target=watch)
    thread.start()
    try:
        yield looks
    finally:
        stop.set()
        thread.join()


def test_a_thousand_acts_at_once_break_no_promise(
    app: Flask,
    database_url: str,
    scenes: list[Scene],
    presses: list[Press],
    reading: Reads,
    post_office: PostOffice,
    tmp_path: Path,
) -> None:
    surroundings = environment(database_url, post_office.port)
    with witness(app) as looks, ExitStack() as stack:
        jobs = [stack.enter_context(scheduled(surroundings, tmp_path / "jobs.log", "tend_offers")) for _ in range(2)]
        replies = at_once(presses)
        assert [job.wait(BROWSERS_PATIENCE) for job in jobs] == [0, 0], (tmp_path / "jobs.log").read_text()

    assert len(replies) == PRESSES
    statuses = Counter(reply.status for reply in replies)
    assert set(statuses) == {302, 422}, statuses
    assert all(reply.is_polite for reply in replies if reply.status == 422)
    assert len(looks) > 1
    assert [broken for look in looks for broken in look] == []
    with reading() as read:
        assert unsound(read) == []
        states = Counter(read.session.scalars(select(Offer.state)))
        late = [each.id for scene in scenes for each in scene.late]
        assert set(read.session.scalars(select(Offer.state).where(Offer.id.in_(late)))) == {OfferState.LAPSED}
        live = select(Booking.id).where(Booking.state == BookingState.LIVE)
        assert read.session.scalars(live).first() is not None
    assert states[OfferState.ACCEPTED] > 0, states
    assert states[OfferState.DECLINED] > 0, states
    assert states[OfferState.OPEN] > 0, "places that were given back while others waited were offered at once"
