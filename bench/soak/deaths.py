"""What is killed, how it is started again, and how everything comes to rest in the end."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from time import monotonic, sleep

from flask import Flask
from sqlalchemy import and_, func, select

from bench.soak.parts import Installation, listens, until
from cop.core.access import SYSTEM
from cop.core.clock import SystemClock
from cop.demo import running
from cop.models.outbox import Outbox, OutboxChannel, OutboxState
from cop.web import ports, read, run

BETWEEN = (1.5, 4.0)
"""Seconds of peace after what died is there again."""

A_DAY_ON = timedelta(hours=26)
"""How far the clock goes on while both schedulers are dead: a working day, so that open offers run out."""


@dataclass
class Deaths:
    """When each thing died, by the machine's clock, and how long it took until the service answered again."""

    times: list[float] = field(default_factory=list)
    of: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    spans: list[tuple[str, float, float]] = field(default_factory=list)

    def count(self, what: str) -> None:
        self.of[what] += 1
        self.times.append(SystemClock().now().timestamp())


class Reaper:
    """Kills one thing after the other, and does what a supervisor does: starts it again."""

    def __init__(self, installed: Installation, app: Flask, chance: random.Random) -> None:
        self._installed, self._app, self._chance = installed, app, chance
        self.deaths = Deaths()
        self._acts: dict[str, Callable[[], None]] = {
            "a web worker": self._web_worker,
            "a web node": self._web_node,
            "a scheduler": self._scheduler,
            "both schedulers": self._both_schedulers,
            "the mail server": self._mail_server,
            "a process of the database": self._database_process,
            "the database": self._database,
        }

    def plan(self, numbers: Mapping[str, int]) -> list[str]:
        """What dies, so many times each, in an order of chance."""
        plan = [what for what, number in numbers.items() for _ in range(number)]
        self._chance.shuffle(plan)
        return plan

    def strike(self, what: str) -> None:
        """Kill it, see that everything is there again, and leave the service in peace for a while."""
        began = monotonic()
        self._acts[what]()
        until(self._installed.answers, f"the service after {what} died")
        self.deaths.seconds.setdefault(what, []).append(monotonic() - began)
        until(self._installed.is_whole, f"everything after {what} died")
        sleep(self._chance.uniform(*BETWEEN))
        self.deaths.spans.append((what, began, monotonic()))

    def _web_worker(self) -> None:
        self._chance.choice(self._installed.nodes).kill_child(self._chance.randrange(100))
        self.deaths.count("a web worker")

    def _web_node(self) -> None:
        node = self._chance.choice(self._installed.nodes)
        node.kill()
        self.deaths.count("a web node")
        node.start()

    def _scheduler(self) -> None:
        scheduler = self._chance.choice(self._installed.schedulers)
        scheduler.kill()
        self.deaths.count("a scheduler")
        scheduler.start()

    def _both_schedulers(self) -> None:
        for scheduler in self._installed.schedulers:
            scheduler.kill()
            self.deaths.count("a scheduler")
        move_clock_on(self._app, A_DAY_ON)
        for scheduler in self._installed.schedulers:
            scheduler.start()

    def _mail_server(self) -> None:
        server = self._installed.mail
        assert server is not None
        server.kill()
        self.deaths.count("the mail server")
        server.start()
        until(lambda: listens(self._installed.mail_port), "the mail server")

    def _database_process(self) -> None:
        self._installed.database.kill_child(self._chance.randrange(100))
        self.deaths.count("a process of the database")
        until(self._installed.database.answers, "the database")

    def _database(self) -> None:
        self._installed.database.kill()
        self.deaths.count("the database")
        self._installed.database.start()


def move_clock_on(app: Flask, by: timedelta) -> None:
    with app.app_context():
        run(partial(running.move_clock_on, to=ports().clock.now() + by), SYSTEM)


def come_to_rest(installed: Installation, app: Flask) -> None:
    """Let time pass until every message has gone, as hours would; nobody dies any more."""
    _drain(app)
    while (wait := _next(app)) is not None:
        for scheduler in installed.schedulers:
            scheduler.stop()
        move_clock_on(app, max(timedelta(), wait) + timedelta(seconds=1))
        for scheduler in installed.schedulers:
            scheduler.start()
        _drain(app)


def _drain(app: Flask) -> None:
    """Wait until nothing is due at the present time."""
    while left := _due(app):
        until(lambda left=left: _due(app) < left, "one more message being sent")  # type: ignore[misc]


_free_at = func.greatest(Outbox.due_at, Outbox.lease_until)
UNFINISHED = and_(Outbox.channel == OutboxChannel.EMAIL, Outbox.state.in_([OutboxState.PENDING, OutboxState.LEASED]))


def _due(app: Flask) -> int:
    with app.app_context():
        found = read(SYSTEM)
        due = select(func.count()).select_from(Outbox).where(UNFINISHED, _free_at <= found.now)
        return found.session.scalar(due) or 0


def _next(app: Flask) -> timedelta | None:
    """How long until the next unfinished message may be sent; None when there is none."""
    with app.app_context():
        found = read(SYSTEM)
        at = found.session.scalar(select(func.min(_free_at)).where(UNFINISHED))
        return at - found.now if at is not None else None
