"""How long it takes to plan 100,000 messages: the job that posts what rules ask for, on the courses of the exports."""

from datetime import timedelta
from time import perf_counter

from flask import Flask
from sqlalchemy import func, select

from bench.exports import COURSES, PEOPLE, PROGRAMME
from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.models.programmes import Programme
from cop.models.telling import Anchor, MessageRule, RuleAudience
from cop.web import read, run
from scheduled import send_rules

RULES = 4
MESSAGES = COURSES * PEOPLE * RULES


def measure(app: Flask) -> float:
    """Seconds. The rows of the exports are there already."""
    with app.app_context():
        run(_rules, SYSTEM)
        began = perf_counter()
        send_rules.run()
        seconds = perf_counter() - began
        posted = read(SYSTEM).session.scalar(select(func.count()).where(Outbox.template == "event_note"))
    if posted != MESSAGES:
        raise RuntimeError(f"{posted} messages were planned, not {MESSAGES}")
    return seconds


def _rules(work: Work) -> None:
    courses = select(Event.id).join(Programme, Programme.id == Event.programme_id).where(Programme.slug == PROGRAMME)
    work.session.add_all(
        MessageRule(
            event_id=event_id,
            anchor=Anchor.END,
            after=timedelta(days=25, hours=number),
            audience=RuleAudience.BOOKED,
            subject="What happened next",
            body="Dear {name}, tell us about it.",
            made_at=work.now,
        )
        for event_id in work.session.scalars(courses)
        for number in range(RULES)
    )
