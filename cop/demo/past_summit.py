"""The summit of last year: what its tables wrote down, what people took home, and what came of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from sqlalchemy import select

from cop.core.access import Actor
from cop.core.place import day_of
from cop.core.work import Work
from cop.demo.stage import Stage, as_person
from cop.formats.tables import Row
from cop.models.accounts import Person
from cop.models.commitments import CommitmentState
from cop.models.events import Event
from cop.models.summits import Answer, Invitation, OutcomeKind, PartKind
from cop.queries.actions import owners
from cop.queries.events import revision
from cop.services import actions, outcomes, seating
from cop.services import summits as services
from cop.services.events import editing as events
from cop.services.events.editing import summits as editing

DAYS_AGO = 120

NOTES = (
    "Damp and cold flats come up at every table. Tenants are not asked before repairs are planned.",
    "Link workers are known to surgeries and not to housing teams. One list of contacts would help.",
)
ACTIONS = (
    ("Invite tenants of two blocks to the meeting that plans repairs.", 60, CommitmentState.DONE, "Eleven came."),
    ("Write one list of contacts for housing and health.", 80, CommitmentState.UNDER_WAY, "Half of it stands."),
    ("Ask three other councils how they pay people for their time.", 100, None, ""),
)


def load(stage: Stage) -> None:
    event = _summit(stage)
    people = [*stage.people[40:46], stage.role("participant")]
    rows = [Row(number, {"email": person.email or "", "name": person.name}) for number, person in enumerate(people)]
    services.invite(stage.ago(days=DAYS_AGO + 40), event_id=event.id, rows=rows)
    for person in people:
        _say_yes(stage, event, person)
    on = stage.at(-DAYS_AGO, 12)
    then = replace(stage.work, now=on)
    seating.set_up(then, event_id=event.id, tables=[seating.TableToSet("Long table", 8)], rounds=len(NOTES), seen=0)
    for round_, words in enumerate(NOTES):
        services.write_note(then, event_id=event.id, round_=round_, table=0, words=words, seen=0)
    _take_home(stage, event, people, on)
    _lead_to(stage, event)


def _summit(stage: Stage) -> Event:
    before = stage.ago(days=DAYS_AGO + 60)
    event = editing.create_summit(
        before,
        programme_id=stage.programme.id,
        slug="first-roundtable",
        title="First roundtable on health inequalities",
        summary="A small beginning: councils and residents said what stands in the way of health where they live.",
        description="The summit from which the report of the Policy Lab grew.",
    )
    events.edit_practicalities(
        before,
        event_id=event.id,
        place="Civic Offices, Stockport",
        getting_there="The station is ten minutes away on foot, and bus 7 stops at the door.",
        step_free="The whole building is step-free, and each room has a hearing loop.",
        bring="",
    )
    for title, start, end in (("Two rounds of talk", time(10), time(12)), ("Who does what", time(13), time(14))):
        editing.add_part(
            before,
            event_id=event.id,
            kind=PartKind.AGENDA,
            title=title,
            on_date=stage.day(-DAYS_AGO),
            start=start,
            end=end,
            place="",
            capacity=None,
            zone=stage.zone,
        )
    events.publish_event(before, event_id=event.id)
    return event


def _say_yes(stage: Stage, event: Event, person: Person) -> None:
    theirs = select(Invitation).where(Invitation.event_id == event.id, Invitation.person_id == person.id)
    found = stage.work.session.scalars(theirs).one()
    then = replace(stage.ago(days=DAYS_AGO + 30), actor=Actor(person.id, via="link"))
    services.answer(then, public_id=found.public_id, reply=services.Reply(Answer.YES))


def _take_home(stage: Stage, event: Event, people: Sequence[Person], on: datetime) -> None:
    """One is done, one is under way, and of one nobody has said anything."""
    for person, (what, days, state, words) in zip(people, ACTIONS, strict=False):
        then = as_person(stage.work, person, on)
        by_on = day_of(on + timedelta(days=days))
        owner = f"person {person.public_id}"
        action = actions.add_action(then, event_id=event.id, owner=owner, what=what, by_on=by_on)
        if state is not None:
            later = as_person(stage.work, person, on + timedelta(days=days))
            actions.check_action(later, public_id=action.public_id, state=state, what_happened=words, seen=1)
    home = next((one for one in owners(stage.work, event, own=False) if one.organisation_id is not None), None)
    if home is not None:
        then, by_on = replace(stage.work, now=on), day_of(stage.work.now + timedelta(days=30))
        actions.add_action(then, event_id=event.id, owner=home.key, what="Set up a fund for tenants.", by_on=by_on)


def _lead_to(stage: Stage, event: Event) -> None:
    report = _add(stage.ago(days=90), event, OutcomeKind.REPORT, "What residents told us")
    fund = _add(stage.ago(days=50), event, OutcomeKind.DECISION, "A fund for warm homes", report)
    _add(stage.ago(days=20), event, OutcomeKind.DECISION, "Tenants sit on the board of the fund", fund)
    _add(stage.ago(days=30), event, OutcomeKind.DECISION, "Link workers meet housing teams each month", report)


def _add(work: Work, event: Event, kind: OutcomeKind, title: str, follows: int | None = None) -> int:
    said = outcomes.Said(kind=kind, title=title, on_date=day_of(work.now), follows=follows)
    work.session.refresh(event)
    return outcomes.add_outcome(work, event_id=event.id, seen=revision(event), said=said).id
