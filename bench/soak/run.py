"""The soak: what is killed when, and the report."""

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from threading import Event as Signal
from time import monotonic, sleep

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from bench.figures import table
from bench.load import WrongAnswerError, ask, get
from bench.servers import settings_for
from bench.soak import stage, verdict
from bench.soak.crowd import BROKEN, NO_ANSWER, Diary, Visitor, stroll
from bench.soak.parts import Installation, listens, until
from cop import create_app
from cop.core.access import SYSTEM
from cop.core.clock import SystemClock
from cop.demo import running
from cop.models.offers import Offer, OfferState
from cop.models.outbox import Outbox, OutboxChannel, OutboxState
from cop.web import db, ports, read, run
from scheduled.send_outbox import LEASE

BROWSERS = 8
SEED = 15
BETWEEN = (1.5, 4.0)
"""Seconds of peace after what died is there again."""

A_DAY_ON = timedelta(hours=26)
"""How far the clock goes on while both schedulers are dead: a working day, so that open offers run out."""

EVERY_ACT = {"book", "change", "cancel", "join the list", "leave the list", "accept", "decline"}
"""What people must have got done, or the soak has shown nothing."""

UNFINISHED = (OutboxState.PENDING, OutboxState.LEASED)
OK = 200


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

    def plan(self) -> list[tuple[str, Callable[[], None]]]:
        """What dies, in a random order: fifty deaths, where two schedulers at once are two."""
        kinds = [
            ("a web worker", 8, self._web_worker),
            ("a web node", 7, self._web_node),
            ("a scheduler", 9, self._scheduler),
            ("both schedulers", 4, self._both_schedulers),
            ("the mail server", 10, self._mail_server),
            ("a process of the database", 4, self._database_process),
            ("the database", 4, self._database),
        ]
        plan = [(what, act) for what, number, act in kinds for _ in range(number)]
        self._chance.shuffle(plan)
        return plan

    def strike(self, what: str, act: Callable[[], None]) -> None:
        began = monotonic()
        act()
        until(lambda: is_ready(self._installed.port), f"the service after {what} died")
        self.deaths.seconds.setdefault(what, []).append(monotonic() - began)
        until(lambda: all(map(is_ready, self._installed.ports)), f"both nodes after {what} died")
        sleep(self._chance.uniform(*BETWEEN))
        self.deaths.spans.append((what, began, monotonic()))

    def _web_worker(self) -> None:
        self.deaths.count("a web worker")
        self._chance.choice(self._installed.nodes).kill_child(self._chance.randrange(100))

    def _web_node(self) -> None:
        node = self._chance.choice(self._installed.nodes)
        self.deaths.count("a web node")
        node.kill()
        node.start()

    def _scheduler(self) -> None:
        scheduler = self._chance.choice(self._installed.schedulers)
        self.deaths.count("a scheduler")
        scheduler.kill()
        scheduler.start()

    def _both_schedulers(self) -> None:
        for scheduler in self._installed.schedulers:
            self.deaths.count("a scheduler")
            scheduler.kill()
        move_clock_on(self._app, A_DAY_ON)
        for scheduler in self._installed.schedulers:
            scheduler.start()

    def _mail_server(self) -> None:
        server = self._installed.mail
        assert server is not None
        self.deaths.count("the mail server")
        server.kill()
        server.start()
        until(lambda: listens(self._installed.mail_port), "the mail server")

    def _database_process(self) -> None:
        self.deaths.count("a process of the database")
        self._installed.database.kill_child(self._chance.randrange(100))
        until(self._installed.database.answers, "the database")

    def _database(self) -> None:
        self.deaths.count("the database")
        self._installed.database.kill()
        self._installed.database.start()


def is_ready(port: int) -> bool:
    with suppress(OSError, WrongAnswerError):
        return ask(port, get("/health/ready", "Connection: close")).status == OK
    return False


def move_clock_on(app: Flask, by: timedelta) -> None:
    with app.app_context():
        run(partial(running.move_clock_on, to=ports().clock.now() + by), SYSTEM)


def main() -> int:
    """0 when every promise was kept; the report goes to standard output."""
    chance, began = random.Random(SEED), monotonic()  # noqa: S311  the same order of deaths each time
    with tempfile.TemporaryDirectory(prefix="cop-soak-") as folder:
        installed = Installation(Path(folder))
        try:
            settings = settings_for(installed.database.url)
            app = create_app(settings)
            _say(began, "loading two visits and the people who want to come")
            with app.app_context():
                upgrade(directory=str(running.MIGRATIONS))
            visits, guests = stage.load(app)
            environment = running.environment_for(settings) | {
                "MAIL_SERVER": "127.0.0.1",
                "MAIL_PORT": str(installed.mail_port),
                "COP_TRUSTED_PROXIES": "1",
            }
            diary, witness = Diary(), verdict.Witness()
            visitors = [Visitor(guest, installed.port, visits, diary) for guest in guests]
            reaper = Reaper(installed, app, chance)
            _say(began, "starting two web nodes, nginx, two schedulers and a mail server")
            with installed.running(environment):
                _live_through(reaper, app, visitors, diary, witness, began)
                _say(began, "waiting until everything is at rest")
                for visitor in visitors:
                    visitor.make_sure()
                _come_to_rest(installed, app)
                mails = verdict.arrived(installed.mails)
                if missing := EVERY_ACT - set(diary.acts):
                    diary.broken.append(f"nobody managed to {', '.join(sorted(missing))}")
                with app.app_context():
                    broken = verdict.at_rest(read(SYSTEM), visitors, mails, reaper.deaths.times)
                    offers = dict(read(SYSTEM).session.execute(_OFFERS).tuples().all())
                    db.session.remove()
            broken = [*witness.broken, *diary.broken, *broken]
            _say(began, "done")
            print(_report(reaper.deaths, diary, witness, mails, offers, monotonic() - began))
            print("\n".join(["", f"{len(broken)} broken promises", *broken[:50]]))
            return 1 if broken else 0
        finally:
            with app.app_context():
                db.engine.dispose()
            installed.database.stop()


_OFFERS = select(Offer.state, func.count()).group_by(Offer.state)


def _say(began: float, step: str) -> None:
    print(f"· {monotonic() - began:5.1f} s  {step}", file=sys.stderr)


def _live_through(
    reaper: Reaper, app: Flask, visitors: Sequence[Visitor], diary: Diary, witness: verdict.Witness, began: float
) -> None:
    stop = Signal()
    with ThreadPoolExecutor(BROWSERS + 1) as threads:
        busy = [threads.submit(witness.watch, app, stop)]
        busy += [threads.submit(stroll, visitors[number::BROWSERS], number, stop) for number in range(BROWSERS)]
        try:
            sleep(BETWEEN[1])
            plan = reaper.plan()
            for number, (what, act) in enumerate(plan, start=1):
                _say(began, f"{number} of {len(plan)}: {what} dies; {sum(diary.acts.values())} acts so far")
                reaper.strike(what, act)
        finally:
            stop.set()
    for each in busy:
        each.result()


def _come_to_rest(installed: Installation, app: Flask) -> None:
    """Let time pass until every message that was due has gone, as hours would; nobody dies any more."""
    while (due := _still_to_come(app)) is not None:
        for scheduler in installed.schedulers:
            scheduler.stop()
        move_clock_on(app, max(timedelta(), due) + timedelta(seconds=1))
        for scheduler in installed.schedulers:
            scheduler.start()
        until(lambda: (left := _still_to_come(app)) is None or left > timedelta(), "all that is due being sent")


def _still_to_come(app: Flask) -> timedelta | None:
    """How long until the next unfinished message may be sent; None when there is none."""
    frees = func.greatest(Outbox.due_at, Outbox.lease_until)
    unfinished = select(func.min(frees), func.count()).where(
        Outbox.channel == OutboxChannel.EMAIL, Outbox.state.in_(UNFINISHED)
    )
    with app.app_context():
        found = read(SYSTEM)
        at, number = found.session.execute(unfinished).one()
        return at - found.now if number else None


def _report(
    deaths: Deaths,
    diary: Diary,
    witness: verdict.Witness,
    mails: verdict.Arrived,
    offers: Mapping[OfferState, int],
    seconds: float,
) -> str:
    rows = [["what died", "times", "median s", "longest s", "pages without an answer", "buttons without an answer"]]
    for what, found in deaths.seconds.items():
        lost = _lost(what, deaths, diary)
        rows.append([what, str(len(found)), f"{median(found):.1f}", f"{max(found):.1f}", *map(str, lost)])
    statuses = Counter(status for _, _, status in diary.answers)
    figures = [
        ["figure", "found"],
        ["seconds", f"{seconds:.0f}"],
        ["deaths by kill -9", str(len(deaths.times))],
        ["answers", f"{len(diary.answers):,}"],
        *([f"  of them {status or 'none'}", f"{number:,}"] for status, number in sorted(statuses.items())),
        *([f"acts: {act}", f"{number:,}"] for act, number in sorted(diary.acts.items())),
        *([f"offers {state}", f"{number:,}"] for state, number in sorted(offers.items(), key=str)),
        ["looks at every promise while others were at work", f"{witness.looks:,}"],
        ["messages in the mail server's files", f"{mails.messages:,}"],
        ["of them second copies, with the same Message-ID", str(mails.messages - len(mails.times))],
        ["lease of a message, s", f"{LEASE.total_seconds():.0f}"],
    ]
    return f"{table(rows)}\n\n{table(figures)}"


def _lost(what: str, deaths: Deaths, diary: Diary) -> tuple[int, int]:
    """Pages and buttons that met an error between a death of this kind and the next death."""
    spans = [(begin, end) for kind, begin, end in deaths.spans if kind == what]
    methods = [
        method
        for at, method, status in diary.answers
        if (status == NO_ANSWER or status in BROKEN) and any(begin <= at < end for begin, end in spans)
    ]
    return methods.count("GET"), methods.count("POST")
