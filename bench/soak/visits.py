"""Two nodes, two schedulers, and people who book: fifty deaths, and what everybody was told holds."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from threading import Event as Signal
from time import sleep

from flask import Flask
from sqlalchemy import func, select

from bench.figures import table
from bench.soak import stage, verdict
from bench.soak.crowd import BROKEN, NO_ANSWER, Diary, Visitor, stroll
from bench.soak.deaths import BETWEEN, Deaths, Reaper, come_to_rest
from bench.soak.parts import Installation, Say
from cop.core.access import SYSTEM
from cop.models.offers import Offer, OfferState
from cop.web import db, read

BROWSERS = 8
SEED = 15
NUMBERS = {
    "a web worker": 8,
    "a web node": 7,
    "a scheduler": 9,
    "both schedulers": 4,
    "the mail server": 10,
    "a process of the database": 4,
    "the database": 4,
}
"""Fifty deaths, for two schedulers at once are two."""

EVERY_ACT = {"book", "change", "cancel", "join the list", "leave the list", "accept", "decline"}
"""What people must have got done, or the soak has shown nothing."""

_OFFERS = select(Offer.state, func.count()).group_by(Offer.state)


def soak(installed: Installation, app: Flask, say: Say) -> tuple[str, list[str]]:
    """The report, and a line for each promise that was broken."""
    chance = random.Random(SEED)  # noqa: S311  the same order of deaths each time
    say("loading two visits and the people who want to come")
    visits, guests = stage.load(app)
    diary, witness = Diary(), verdict.Witness()
    visitors = [Visitor(guest, installed.port, visits, diary) for guest in guests]
    reaper = Reaper(installed, app, chance)
    say("starting two web nodes, nginx, two schedulers and a mail server")
    with installed.running():
        _live_through(reaper, app, visitors, diary, witness, say)
        say("waiting until everything is at rest")
        for visitor in visitors:
            visitor.make_sure()
        come_to_rest(installed, app)
    mails = verdict.arrived(installed.mails)
    diary.broken += [
        f"after the death of {what} {pages} pages had no answer, though another node was there"
        for what in ("a web worker", "a web node")
        if (pages := _lost(what, reaper.deaths, diary)[0])
    ]
    if not witness.looks:
        witness.broken.append("nobody looked at the promises while others were at work")
    if missing := EVERY_ACT - set(diary.acts):
        diary.broken.append(f"nobody managed to {', '.join(sorted(missing))}")
    with app.app_context():
        broken = verdict.at_rest(read(SYSTEM), visitors, mails, reaper.deaths.times)
        offers = dict(read(SYSTEM).session.execute(_OFFERS).all())
        db.session.remove()
    return _report(reaper.deaths, diary, witness, mails, offers), [*witness.broken, *diary.broken, *broken]


def _live_through(
    reaper: Reaper, app: Flask, visitors: Sequence[Visitor], diary: Diary, witness: verdict.Witness, say: Say
) -> None:
    stop = Signal()
    with ThreadPoolExecutor(BROWSERS + 1) as threads:
        busy = [threads.submit(witness.watch, app, stop)]
        busy += [threads.submit(stroll, visitors[number::BROWSERS], number, stop) for number in range(BROWSERS)]
        try:
            sleep(BETWEEN[1])
            plan = reaper.plan(NUMBERS)
            for number, what in enumerate(plan, start=1):
                say(f"{number} of {len(plan)}: death of {what}; {sum(diary.acts.values())} acts so far")
                reaper.strike(what)
        finally:
            stop.set()
    for each in busy:
        each.result()


def _report(
    deaths: Deaths,
    diary: Diary,
    witness: verdict.Witness,
    mails: verdict.Arrived,
    offers: Mapping[OfferState, int],
) -> str:
    rows = [["what died", "times", "median s", "longest s", "pages without an answer", "buttons without an answer"]]
    for what, found in deaths.seconds.items():
        lost = _lost(what, deaths, diary)
        rows.append([what, str(len(found)), f"{median(found):.1f}", f"{max(found):.1f}", *map(str, lost)])
    statuses = Counter(status for _, _, status in diary.answers)
    figures = [
        ["figure", "found"],
        ["deaths by kill -9", str(len(deaths.times))],
        ["answers", f"{len(diary.answers):,}"],
        *([f"  of them {status or 'none'}", f"{number:,}"] for status, number in sorted(statuses.items())),
        *([f"acts: {act}", f"{number:,}"] for act, number in sorted(diary.acts.items())),
        *([f"offers {state}", f"{number:,}"] for state, number in sorted(offers.items(), key=str)),
        ["looks at every promise while others were at work", f"{witness.looks:,}"],
        ["messages in the mail server's files", f"{mails.messages:,}"],
        ["of them second copies, with the same Message-ID", str(mails.messages - len(mails.times))],
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
