"""Message rules of events: what staff say they are, and posting what they make due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, delete, func, literal, or_, select

from cop.core import fields
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.events import Event, EventState, Part, PartState
from cop.models.outbox import IS_OF_A_RULE, RULE_ID, Outbox, OutboxClass
from cop.models.telling import Anchor, MessageRule, RuleAudience
from cop.queries import rules, staff_events
from cop.services import outbox

FURTHEST = timedelta(days=366)

AFTERWARDS = frozenset({RuleAudience.ATTENDED, RuleAudience.NO_SHOW})
"""Who they are is known once it has begun."""


@dataclass(frozen=True)
class Terms:
    """What a rule says: to whom, when, and in which words."""

    audience: RuleAudience
    anchor: Anchor
    after: timedelta
    subject: str
    body: str


def add_rule(work: Work, *, event_id: int, terms: Terms) -> MessageRule:
    """A rule that is switched off, so that its message can be looked at before anybody gets it."""
    event = work.session.get(Event, event_id)
    if event is None:
        raise NotFound
    _refuse_unfit(work, event, terms)
    rule = MessageRule(event_id=event.id, active=False, made_at=work.now, made_by=work.actor.person_id, **vars(terms))
    work.session.add(rule)
    work.session.flush()
    return rule


def edit_rule(work: Work, *, rule_id: int, seen: int, terms: Terms) -> MessageRule:
    """Say it otherwise; whoever has got the message does not get it again.

    Those who got it were told as one audience, and are counted as that: it stays.
    """
    event, rule = _locked(work, rule_id, seen)
    _refuse_unfit(work, event, terms)
    if terms.audience is not rule.audience and _has_gone_out(work, rule):
        raise Refusal(
            marked("This message has gone out to somebody. For other people, write another message."), field="audience"
        )
    for name, value in vars(terms).items():
        setattr(rule, name, value)
    if rule.active:
        _refuse_third_reminder(work, rule)
    rule.revision += 1
    return rule


def switch_rule(work: Work, *, rule_id: int, seen: int, active: bool) -> None:
    """Let a rule send from now on, or stop it: what waits to be sent is then dropped."""
    event, rule = _locked(work, rule_id, seen)
    if active:
        _refuse_unfit(work, event, _terms_of(rule))
        _refuse_third_reminder(work, rule)
    rule.active = active
    rule.revision += 1


def remove_rule(work: Work, *, rule_id: int, seen: int) -> None:
    """Only one that has sent nothing, so that what people got can always be explained."""
    _event, rule = _locked(work, rule_id, seen)
    if _has_gone_out(work, rule):
        raise Refusal(marked("This message has gone out to somebody. Switch it off instead of removing it."))
    work.session.execute(delete(MessageRule).where(MessageRule.id == rule.id))


def _has_gone_out(work: Work, rule: MessageRule) -> bool:
    """Whether anything of it was posted, whatever became of it."""
    posted = select(Outbox.id).where(IS_OF_A_RULE, RULE_ID.in_([str(rule.id)]))
    return work.session.scalar(posted.limit(1)) is not None


def _locked(work: Work, rule_id: int, seen: int) -> tuple[Event, MessageRule]:
    """The rule and its event, as the acting person may change them, and has seen them."""
    rule = work.session.get(MessageRule, rule_id)
    event = work.session.get(Event, rule.event_id) if rule is not None else None
    if rule is None or event is None or not staff_events.may_edit(work.actor, event):
        raise NotFound
    _lock_rules(work, event.id)
    work.session.refresh(rule)
    if rule.revision != seen:
        raise Refusal(marked("Somebody else has changed this message meanwhile. Look at it again."))
    return event, rule


def _lock_rules(work: Work, event_id: int) -> None:
    """Whoever changes rules of an event, and whoever sends by them, follow one another."""
    own = select(MessageRule.id).where(MessageRule.event_id == event_id)
    work.session.execute(own.order_by(MessageRule.id).with_for_update())


def _terms_of(rule: MessageRule) -> Terms:
    return Terms(rule.audience, rule.anchor, rule.after, rule.subject, rule.body)


def _refuse_unfit(work: Work, event: Event, terms: Terms) -> None:
    if not staff_events.may_edit(work.actor, event):
        raise NotFound
    if event.state is EventState.CANCELLED:
        raise Refusal(marked("This event has been cancelled, so it sends no messages"))
    if terms.audience not in rules.AUDIENCES.get(event.kind, ()):
        raise Refusal(marked("There is nobody of this sort at an event of this kind"), field="audience")
    if abs(terms.after) > FURTHEST:
        raise Refusal(marked("Choose a time within a year"), field="number")
    is_before = terms.after < timedelta()
    if terms.audience in AFTERWARDS and (is_before or terms.anchor is Anchor.DEADLINE):
        raise Refusal(
            marked("Who came is known afterwards: choose a time after the start or after the end"), field="anchor"
        )
    if terms.audience in rules.UNANSWERED and not is_before:
        raise Refusal(marked("Whoever has not answered cannot do so afterwards: choose a time before"), field="anchor")
    for name in ("subject", "body"):
        unknown = fields.unknown(getattr(terms, name), rules.FIELDS)
        if unknown:
            raise Refusal(
                marked("“{%(unknown)s}” stands for nothing. You can use %(known)s."),
                field=name,
                unknown=unknown[0],
                known=", ".join(f"{{{known}}}" for known in rules.FIELDS),
            )


def _refuse_third_reminder(work: Work, rule: MessageRule) -> None:
    if not rules.is_reminder(rule):
        return
    others = select(func.count()).where(
        MessageRule.event_id == rule.event_id,
        MessageRule.audience == RuleAudience.SILENT,
        MessageRule.active,
        MessageRule.id != rule.id,
    )
    if (work.session.scalar(others) or 0) >= rules.REMINDERS_MOST:
        raise Refusal(marked("Two messages go to those who have not answered already. Switch one of them off first."))


def rules_under_way(work: Work) -> Sequence[int]:
    """Rules that are switched on and by whose dates something may be due, those of one event together."""
    planned = and_(Part.event_id == MessageRule.event_id, Part.state == PartState.PLANNED)
    ends = select(func.max(Part.ends_at)).where(planned).correlate(MessageRule).scalar_subquery()
    is_over = ends + func.greatest(MessageRule.after, literal(timedelta())) + rules.WORTH_SENDING < work.now
    found = (
        select(MessageRule.id)
        .join(Event, Event.id == MessageRule.event_id)
        .where(MessageRule.active, Event.state == EventState.PUBLISHED, or_(ends.is_(None), ~is_over))
    )
    return work.session.scalars(found.order_by(MessageRule.event_id, MessageRule.id)).all()


def post_due(work: Work, *, rule_id: int) -> int:
    """Post the rule's message to everybody for whom its moment has come, in as few statements; to how many.

    What presses goes out at any hour, everything else in working hours; nothing, where the rule was removed meanwhile.
    """
    if work.actor.via != "system":
        raise NotFound
    event_id = work.session.scalar(select(MessageRule.event_id).where(MessageRule.id == rule_id))
    if event_id is None:
        return 0
    _lock_rules(work, event_id)
    rule = work.session.get(MessageRule, rule_id, populate_existing=True)
    if rule is None or not rule.active:
        return 0
    who = rules.to_send(rule).subquery("to_send")
    ready = select(who.c.person_id, who.c.key, who.c.until).where(who.c.at <= work.now, who.c.until > work.now)
    is_pressing = rules.is_pressing(rule, who, now=work.now)
    return sum(
        outbox.post_all(
            work,
            found=ready.where(chosen),
            template=rules.template_of(rule),
            urgency=urgency,
            rule_id=rule.id,
        )
        for urgency, chosen in ((OutboxClass.TIMELY, is_pressing), (OutboxClass.ROUTINE, ~is_pressing))
    )
