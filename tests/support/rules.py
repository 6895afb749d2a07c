"""Message rules of an event, and time that passes with their job at work."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from cop.core.access import SYSTEM, Actor
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.models.telling import Anchor, MessageRule, RuleAudience
from cop.services import rules
from cop.services.rules import Terms
from scheduled import send_rules
from tests.support.clock import FixedClock
from tests.support.make import working

DAY = timedelta(days=1)


def terms(
    audience: RuleAudience = RuleAudience.BOOKED,
    after: timedelta = -3 * DAY,
    anchor: Anchor = Anchor.START,
    *,
    subject: str = "Getting ready for {event}",
    body: str = "See you on **{when}**.",
) -> Terms:
    return Terms(audience, anchor, after, subject, body)


class Rules:
    def __init__(self, app: Flask, clock: FixedClock) -> None:
        self._app, self._clock = app, clock

    def add(
        self, event: Event, said: Terms | None = None, *, active: bool = True, actor: Actor = SYSTEM
    ) -> MessageRule:
        with working(self._app, actor) as work:
            rule = rules.add_rule(work, event_id=event.id, terms=said or terms())
        if active:
            self.switch(rule, active=True, actor=actor)
        return rule

    def switch(self, rule: MessageRule, *, active: bool, actor: Actor = SYSTEM) -> None:
        with working(self._app, actor) as work:
            revision = work.session.get_one(MessageRule, rule.id).revision
            rules.switch_rule(work, rule_id=rule.id, seen=revision, active=active)

    def run(self) -> str:
        with self._app.app_context():
            return send_rules.run()

    def at(self, instant: datetime) -> list[Outbox]:
        """What is posted when the job runs at that instant, in order."""
        self._clock.set(instant)
        before = {row.id for row in self.posted()}
        self.run()
        return [row for row in self.posted() if row.id not in before]

    def posted(self) -> Sequence[Outbox]:
        found = select(Outbox).where(Outbox.key.startswith("rule:")).order_by(Outbox.id)
        with working(self._app) as work:
            return work.session.scalars(found).all()
