"""Measures scene by scene, each run of ours right after one of the bare application; medians are reported."""

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter

from flask import Flask
from flask_migrate import upgrade

from bench import crowds, exports, figures, forum, lottery, planning, scenes
from bench.journeys import UNCHANGED, Bookings, CheckIns, Page, Registers, Replies, Responses, Submissions
from bench.load import CONNECTIONS_EACH, PROCESSES, Scene, Tally, apply, ask, get
from bench.servers import WORKERS, Server, database, gunicorn, settings_for
from bench.statements import statements
from cop import create_app
from cop.demo import running
from cop.exporting import Format
from cop.web import db, ports

ROUNDS = 5
WARM_SECONDS = 0.5
PAGE_SECONDS = 0.6
CHAIN_SECONDS = 2.0

PAGE_GOALS, MOST_SQL = (0.20, 0.50), 6
REVIEWS_SQL = 7
EIGHTH = (0.125,)
FEED_GOALS, UNCHANGED_GOALS = (0.25,), (0.50,)
BOOKINGS_GOAL, RESPONSES_GOAL, SUBMISSIONS_GOAL, MEMORY_GOAL, FIRST_ANSWER_GOAL = 60, 100, 30, 130, 3.0
REGISTRATIONS_GOAL, JOINS_GOAL, CHECK_INS_GOAL = 9, 5, 10
REPLIES_GOAL = 60
EXPORT_GOAL, EXPORT_MEMORY_GOAL, PLANNING_GOAL = 50_000, 64, 10.0
EXPORT_ROUNDS = 3

SERIES = "/series/speaker-series"

CONNECTIONS = PROCESSES * CONNECTIONS_EACH
COUNTED = 2
"""Journeys of a chain that are for counting statements."""

BARE = Page("/")


@dataclass(frozen=True)
class Measured:
    """A page to measure, with the ratios to the bare application that are wanted of it."""

    name: str
    page: Page
    goals: Sequence[float] = ()
    most_sql: int | None = None


@dataclass
class Chain:
    """Several requests that belong together: how many of them are complete in a second. The first scene is for
    counting statements. ``kept`` counts what came of all of them, where that is to be looked at.
    """

    name: str
    goal: float
    scenes: Sequence[Scene]
    kept: crowds.Kept | None = None
    sql: Sequence[int] = ()
    tallies: Sequence[Tally] = ()

    def row(self) -> list[str]:
        complete = median(tally.journeys / tally.seconds for tally in self.tallies)
        cpu = median(tally.cpu / tally.journeys for tally in self.tallies) * 1000
        needs = f"{'+'.join(map(str, self.sql))} SQL, {cpu:.0f} ms of CPU"
        return figures.other_row(f"{self.name} a second ({needs})", complete, self.goal, most=False)

    def losses(self, app: Flask) -> list[str]:
        """A complaint where something answered was not kept, or was kept twice. What a round cut off in the middle
        may have been kept without an answer.
        """
        if self.kept is None:
            return []
        answered = COUNTED + sum(tally.journeys for tally in self.tallies)
        cut_off = CONNECTIONS * len(self.tallies)
        rows, people = crowds.kept(app, self.kept)
        is_right = answered <= rows <= answered + cut_off and rows == people
        return [] if is_right else [f"{self.name}: {answered} answered, {rows} kept, of {people} people"]


def main() -> None:
    say = _Steps()
    with tempfile.TemporaryDirectory() as folder, database() as url:
        settings = settings_for(url)
        environment, log = running.environment_for(settings), Path(folder) / "servers.log"
        app = create_app(settings)
        say("loading the demo programme and what the figures need")
        with app.app_context():
            upgrade(directory=str(running.MIGRATIONS))
        stage = scenes.load(app)
        say("starting both web servers")
        with (
            ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as executor,
            gunicorn("bench.bare:app", {**environment, "DATABASE_URL": url}, log) as bare,
            gunicorn("wsgi:app", {**environment, "COP_TRUSTED_PROXIES": "1"}, log) as ours,
        ):
            report = _measure(app, stage, executor, bare, ours, say)
        with app.app_context():
            db.engine.dispose()
    grown = forum.measure(say)
    say("done")
    print(report, grown, sep="\n\n")


class _Steps:
    """Progress on standard error: each step with the second at which it began."""

    def __init__(self) -> None:
        self._began = perf_counter()

    def __call__(self, step: str) -> None:
        print(f"· {perf_counter() - self._began:5.1f} s  {step}", file=sys.stderr)


def _measure(
    app: Flask, stage: scenes.Stage, executor: Executor, bare: Server, ours: Server, say: Callable[[str], None]
) -> str:
    pages, chains = _pages(stage, ours), _chains(stage)
    page_sql = [_sql(app, measured.page)[0] for measured in pages]
    for chain in chains:
        chain.sql = _sql(app, chain.scenes[0])
    for server, scene in [(bare, BARE), *((ours, measured.page) for measured in pages)]:
        _load(executor, server, scene, WARM_SECONDS)
    runs: list[list[figures.Run]] = [[] for _ in pages]
    for number in range(ROUNDS):
        say(f"pages, round {number + 1} of {ROUNDS}")
        for measured, found in zip(pages, runs, strict=True):
            beside = _load(executor, bare, BARE, PAGE_SECONDS)
            found.append(figures.Run(beside, _load(executor, ours, measured.page, PAGE_SECONDS)))
    for chain in chains:
        say(chain.name)
        chain.tallies = [_load(executor, ours, scene, CHAIN_SECONDS) for scene in chain.scenes[1:]]
    say(f"exports of {exports.ROWS:,} rows")
    exported = _exported(app)
    say(f"planning {planning.MESSAGES:,} messages")
    planned = planning.measure(app)
    say("drawing fair lotteries")
    drawn = lottery.measure()
    return "\n".join(
        [
            f"{WORKERS} workers, {CONNECTIONS} connections, medians of {ROUNDS} rounds\n",
            _page_table(pages, runs, page_sql),
            "",
            _other_table(chains, ours, bare, exported, planned, drawn),
            *_complaints(
                [*(run.ours for found in runs for run in found), *(each for chain in chains for each in chain.tallies)]
            ),
            *(loss for chain in chains for loss in chain.losses(app)),
        ]
    )


def _load(executor: Executor, server: Server, scene: Scene, seconds: float) -> Tally:
    before = server.cpu()
    tally = apply(executor, server.port, scene, seconds)
    tally.cpu = server.cpu() - before
    return tally


def _pages(stage: scenes.Stage, ours: Server) -> list[Measured]:
    feed = f"/series/{scenes.FEED}.ics"
    tag = ask(ours.port, get(feed)).header("ETag")
    visit = f"/visits/{scenes.DEMO_VISIT}"
    return [
        Measured("home page", Page("/"), PAGE_GOALS, MOST_SQL),
        Measured("home page, drawn anew", Page("/", anew=True), PAGE_GOALS, MOST_SQL),
        Measured("visit page", Page(visit), PAGE_GOALS, MOST_SQL),
        Measured("visit page, drawn anew", Page(visit, anew=True), PAGE_GOALS, MOST_SQL),
        Measured("list of 20 visits", Page("/visits/"), PAGE_GOALS, MOST_SQL),
        Measured("list of 20 visits, drawn anew", Page("/visits/", anew=True), PAGE_GOALS, MOST_SQL),
        Measured(
            "booking form, signed in", Page(f"{visit}/book?date={stage.demo_day}", (f"Cookie: {stage.cookies[0]}",))
        ),
        Measured("series page", Page(SERIES), EIGHTH, MOST_SQL),
        Measured("series page, drawn anew", Page(SERIES, anew=True), EIGHTH, MOST_SQL),
        Measured("application page", Page(stage.application[0], (f"Cookie: {stage.application[1]}",)), EIGHTH),
        Measured(
            f"list of a reviewer, of {scenes.REVIEWED:,} applications",
            Page(f"/cohorts/{scenes.REVIEWED_COURSE}/reviews", (f"Cookie: {stage.reviewer}",)),
            most_sql=REVIEWS_SQL,
        ),
        Measured("topic page of 20 posts", Page(stage.topic[0], (f"Cookie: {stage.topic[1]}",)), EIGHTH),
        Measured("survey page", Page(stage.survey), EIGHTH),
        Measured(
            "form for the waiting list", Page(f"/events/{scenes.DEMO_VISIT}/wait", (f"Cookie: {stage.cookies[0]}",))
        ),
        Measured("own place in the waiting list", Page(stage.waiting[0], (f"Cookie: {stage.waiting[1]}",))),
        Measured("feed of 200 events, full", Page(feed), FEED_GOALS),
        Measured("feed of 200 events, 304", Page(feed, (f"If-None-Match: {tag}",), UNCHANGED), UNCHANGED_GOALS),
    ]


def _chains(stage: scenes.Stage) -> list[Chain]:
    """By people who have not done so yet: a few to count statements, and many for each round."""
    path, groups = f"/visits/{scenes.BOOKED_VISIT}/book", range(ROUNDS + 1)
    cookies = [stage.cookies[1 + number :: ROUNDS + 1] for number in groups]
    surveys = [stage.surveys[number :: ROUNDS + 1] for number in groups]
    answers = tuple((f"q{number}", str(number)) for number in range(scenes.QUESTIONS))
    submitting = f"/cohorts/{scenes.APPLIED_COURSE}/apply/check-answers"
    applicants = [stage.applicants[number :: ROUNDS + 1] for number in groups]
    return [
        Chain("complete bookings", BOOKINGS_GOAL, [Bookings(path, stage.slots, group) for group in cookies]),
        Chain("complete responses of ten questions", RESPONSES_GOAL, [Responses(group, answers) for group in surveys]),
        Chain(
            f"submitted applications, of {scenes.APPLICATIONS:,},",
            SUBMISSIONS_GOAL,
            [Submissions(submitting, group) for group in applicants],
        ),
        Chain("replies in the forum", REPLIES_GOAL, [Replies(stage.replied, stage.topic[1]) for _ in groups]),
        *_crowds(stage.crowds, stage.devices, groups),
    ]


def _crowds(stage: crowds.Stage, devices: tuple[str, ...], groups: range) -> list[Chain]:
    """500 who register in the minute after the mail, 300 who come in the minute before the start, and the door."""
    of = len(groups)
    registering, door = f"/webinars/{crowds.ASKED_ABOUT}/register", f"/events/{crowds.DOOR}/check-in"
    numbers = [tuple(range(number, crowds.EACH, of)) for number in groups]
    guests = [stage.guests[number::of] for number in groups]
    return [
        Chain(
            "registrations for a webinar",
            REGISTRATIONS_GOAL,
            [Registers(registering, group) for group in numbers],
            crowds.registrations_kept,
        ),
        Chain(
            "confirmed registrations",
            REGISTRATIONS_GOAL,
            [crowds.confirming(stage, number, of) for number in groups],
            crowds.confirmations_kept,
        ),
        Chain(
            "people who go into a webinar",
            JOINS_GOAL,
            [crowds.joining(stage, number, of) for number in groups],
            crowds.joins_of(stage),
        ),
        Chain(
            f"guests checked in by {crowds.DEVICES} devices",
            CHECK_INS_GOAL,
            [CheckIns(door, stage.part, devices, group) for group in guests],
            crowds.marks_of(stage),
        ),
    ]


def _exported(app: Flask) -> dict[Format, Sequence[exports.Taken]]:
    exports.load(app)
    with app.app_context():
        settings = ports().settings
    return {each: exports.measure(settings, each, EXPORT_ROUNDS if each is Format.CSV else 1) for each in Format}


def _sql(app: Flask, scene: Scene) -> list[int]:
    """Statements of each request of a scene's second journey; the first fills what a process keeps."""
    journeys = scene.journeys(0)
    statements(app, next(journeys))
    return statements(app, next(journeys))


def _page_table(pages: Sequence[Measured], runs: Sequence[Sequence[figures.Run]], sql: Sequence[int]) -> str:
    rows = [
        figures.page_row(measured.name, found, count, measured.goals, measured.most_sql)
        for measured, found, count in zip(pages, runs, sql, strict=True)
    ]
    bare = figures.bare_row([run for found in runs for run in found])
    return figures.table([figures.PAGE_HEADINGS, bare, *rows])


def _other_table(
    chains: Sequence[Chain],
    ours: Server,
    bare: Server,
    exported: Mapping[Format, Sequence[exports.Taken]],
    planned: float,
    drawn: Sequence[Sequence[lottery.Taken]],
) -> str:
    rows = exports.ROWS / median(taken.seconds for taken in exported[Format.CSV])
    extra = max(taken.megabytes for each in exported.values() for taken in each)
    return figures.table(
        [
            figures.OTHER_HEADINGS,
            *(chain.row() for chain in chains),
            figures.other_row("memory of the largest worker, MB", max(ours.memory()), MEMORY_GOAL, most=True),
            ["memory of the largest bare worker, MB", f"{max(bare.memory()):,.0f}", ""],
            figures.other_row("launch to first page, s", ours.first_answer, FIRST_ANSWER_GOAL, most=True, digits=1),
            ["launch to first page of bare Flask, s", f"{bare.first_answer:.1f}", ""],
            figures.other_row(
                f"attendance rows a second as csv ({exports.ROWS:,} rows)", rows, EXPORT_GOAL, most=False
            ),
            *_slower_formats(exported),
            figures.other_row(f"extra memory for {exports.ROWS:,} rows, MB", extra, EXPORT_MEMORY_GOAL, most=True),
            figures.other_row(
                f"planning {planning.MESSAGES:,} messages, s", planned, PLANNING_GOAL, most=True, digits=1
            ),
            *lottery.rows(drawn),
        ]
    )


def _slower_formats(exported: Mapping[Format, Sequence[exports.Taken]]) -> list[list[str]]:
    rates = {each: exports.ROWS / taken[0].seconds for each, taken in exported.items() if each is not Format.CSV}
    return [[f"the same as {each}", f"{rate:,.0f}", ""] for each, rate in rates.items()]


def _complaints(tallies: Sequence[Tally]) -> list[str]:
    """Wrong answers spoil a figure, so they are shown."""
    wrong = [complaint for tally in tallies for complaint in tally.wrong]
    return [f"\n{len(wrong)} wrong answers, such as: {wrong[0]}"] if wrong else []
