"""The rehearsal of an event: its plan and its letters, in a unit of work that is rolled back when all was looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from flask_babel import gettext as _
from sqlalchemy import select

from cop.core.access import Actor
from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.core.work import Work
from cop.mail.drawing import Drawn
from cop.mail.letters import as_it_reads
from cop.mail.samples import ONLY_KEYS
from cop.models.cohorts import Cohort
from cop.models.events import Event, EventKind, EventState
from cop.models.outbox import Outbox
from cop.models.surveys import Ask, Subject, Wave
from cop.queries import planner, retention, rules, staff_events
from cop.queries.dry_run import Line, dry_run, remarks
from cop.queries.planner import Ending, Forgotten, Plan
from cop.services import stand_ins
from cop.services.surveys.asking import ROUNDS, ask
from cop.services.surveys.publishing import in_force
from cop.web import unit_of_work

T = TypeVar("T")


@dataclass(frozen=True)
class Rehearsed:
    """A message of the plan as its first recipient would read it; ``drawn`` is None where there is nothing to show."""

    line: Line
    plan: Plan
    drawn: Drawn | None


class _Undone(Exception):  # noqa: N818  rolls a rehearsal back, and is never seen outside
    pass


def plan_of(slug: str, *, actor: Actor | None = None) -> Plan:
    """What will go out about an event, for those who may change it: whoever asks, or ``actor``."""
    return _and_undo(lambda work: _plan(work, _event(work, slug)), actor)


def letter_of(slug: str, *, key: str, on: date, actor: Actor | None = None) -> Rehearsed:
    """The message of the plan with this key on that day, or when somebody comes to be there, with its words."""

    def draw(work: Work) -> Rehearsed:
        event = _event(work, slug)
        plan = _plan(work, event)
        found = [*plan.lines, *(soon.line for soon in plan.soon)]
        line = next((one for one in found if one.key == key and one.on == on), None)
        if line is None:
            raise NotFound
        return Rehearsed(line, plan, _drawn(work, event, line))

    return _and_undo(draw, actor)


def _and_undo(look: Callable[[Work], T], actor: Actor | None) -> T:
    found: list[T] = []
    try:
        with unit_of_work(actor) as work:
            found.append(look(work))
            work.session.expunge_all()  # what was found keeps what it is
            raise _Undone  # noqa: TRY301  it has to leave the unit of work
    except _Undone:
        return found[0]


def _event(work: Work, slug: str) -> Event:
    return staff_events.staff_event(work, slug=slug, to_edit=True).event


def _plan(work: Work, event: Event) -> Plan:
    state = event.state
    is_off = state is EventState.CANCELLED
    entered = () if is_off else stand_ins.enter(work, event, name=_("a person to come"))
    there = {one.person_id: one for one in entered}
    found = dry_run(work, event, ROUNDS, stand_ins=there)
    lines, soon = planner.sorted_out(found, there, now=work.now)
    course = work.session.get(Cohort, event.id) if event.kind is EventKind.COHORT else None
    said = remarks(
        event,
        found,
        rules.rules_of(work, event),
        now=work.now,
        has_questions=course is None or course.questionnaire_id is not None,
        online={part.id for part in event.parts if part.join_url},
    )
    return Plan(
        state=state,
        lines=lines,
        soon=soon,
        acts=planner.acts(event),
        endings=_endings(work, event),
        remarks=() if is_off else said,
        stand_ins=there,
    )


def _endings(work: Work, event: Event) -> Sequence[Ending]:
    """What is deleted, the next first."""
    kept = {code: timedelta(days=count) for code, count in retention.days(work).items()}
    found = [(Forgotten.NEEDS, planner.ends_on(event, kept=kept["needs"]))]
    if event.kind is EventKind.COHORT and event.closes_at is not None:
        found += [
            (Forgotten.DRAFTS, day_of(event.closes_at + kept["drafts"])),
            (Forgotten.APPLICATIONS, day_of(event.closes_at + kept["applications"])),
        ]
    return sorted((Ending(what, on) for what, on in found if on), key=lambda ending: ending.on)


def _drawn(work: Work, event: Event, line: Line) -> Drawn | None:
    params = line.params
    if line.template in ONLY_KEYS or line.first is None:
        return None
    if params is None and line.what in {"survey_invitation", "survey_reminder"}:
        params = _asked(work, event, Wave(line.which), line.first)
    if params is None:
        return None
    return as_it_reads(work, Outbox(template=line.template, person_id=line.first, params=params))


def _asked(work: Work, event: Event, wave: Wave, person_id: int) -> dict[str, int] | None:
    """What the message about a survey needs: the question put to somebody, as the job will put it."""
    template = ROUNDS[wave].template
    if template is None:
        return None
    asking = in_force(work, template)
    ask(work, questionnaire=asking, wave=wave, people=[(event.id, person_id)])
    about = (Ask.subject_kind == Subject.EVENT, Ask.subject_id == event.id, Ask.wave == wave)
    ask_id = work.session.scalar(select(Ask.id).where(*about, Ask.person_id == person_id))
    return {"ask_id": ask_id} if ask_id is not None else None
