"""Messages that hang on the dates of what is to come: reminders of the summit, and of drafts to the open course."""

from sqlalchemy import select

from cop.demo.stage import Stage
from cop.models.events import Event, EventKind, EventState
from cop.services import rules
from cop.services.ready_made_rules import READY_MADE

SWITCHED_ON = {
    EventKind.SUMMIT: ("answer-soon", "answer-now", "getting-ready"),
    EventKind.COHORT: ("go-on",),
}
LOOKED_AT = {EventKind.SUMMIT: ("thank-you",)}
"""Taken, and not switched on yet."""


def load(stage: Stage) -> None:
    terms = {one.code: one.terms for one in READY_MADE}
    coming = select(Event).where(
        Event.kind.in_(SWITCHED_ON), Event.state == EventState.PUBLISHED, Event.closes_at > stage.work.now
    )
    for event in stage.work.session.scalars(coming.order_by(Event.id)).all():
        for code in SWITCHED_ON[event.kind]:
            rule = rules.add_rule(stage.work, event_id=event.id, terms=terms[code])
            rules.switch_rule(stage.work, rule_id=rule.id, seen=rule.revision, active=True)
        for code in LOOKED_AT.get(event.kind, ()):
            rules.add_rule(stage.work, event_id=event.id, terms=terms[code])
