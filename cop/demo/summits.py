"""The roundtable summit in seven weeks: an agenda, four breakouts of which one is full, invitations in every state,
somebody who comes for another and somebody who would like to, and tables in two rounds.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from cop.core.access import Actor
from cop.core.work import Work
from cop.demo import past_summit
from cop.demo.stage import Stage, as_person
from cop.formats.tables import Row
from cop.models.accounts import Person
from cop.models.events import Event, Part
from cop.models.seating import Company
from cop.models.service import Observation
from cop.models.summits import Answer, Invitation, PartKind
from cop.queries import seating as seated
from cop.queries.summits import OPENED, Needs, proposals
from cop.services import seating
from cop.services import summits as services
from cop.services.events import editing as events
from cop.services.events.editing import summits as editing

PLACES = 85
DAYS_AHEAD = 49

AGENDA = (
    ("Welcome and introductions", time(10), time(10, 30)),
    ("What the course has taught us", time(10, 30), time(11, 30)),
    ("Closing: who does what by when", time(15), time(16)),
)
BREAKOUTS = (
    ("Citizens as equal partners", time(11, 45), time(12, 45), "Room 1", 6),
    ("Social prescribing in small towns", time(11, 45), time(12, 45), "Room 2", 25),
    ("Sharing budgets between councils and health", time(13, 45), time(14, 45), "Room 1", 25),
    ("What newer members need", time(13, 45), time(14, 45), "Room 2", None),
)

NEEDS = (
    Needs(),
    Needs(ways=("vegetarian",)),
    Needs(allergens=("peanuts", "tree nuts"), food="Traces are fine."),
    Needs(needs=("step-free access",)),
    Needs(ways=("vegan",), allergens=("sesame",)),
    Needs(needs=("BSL interpreter",), access="The interpreter sits opposite me."),
    Needs(),
    Needs(ways=("halal",)),
    Needs(needs=("quiet space", "large print"), allergens=("milk",)),
    Needs(access="I bring an assistance dog."),
)


def load(stage: Stage) -> None:
    event = _summit(stage)
    invited = stage.people[60:105]
    _invite(stage, event, invited)
    _open(stage, event, invited[:37])
    first, second, third, fourth = _breakouts(stage.work, event)
    choices: Sequence[tuple[Part, ...]] = ((second, third), (first, third), (first, fourth), (second,), (first,), ())
    full = 0
    for number, person in enumerate(invited[:24]):
        chosen = choices[number % len(choices)]
        if first in chosen and full == first.capacity:
            chosen = (second, *chosen[1:])
        full += first in chosen
        _answer(stage, event, person, Answer.YES, chosen, NEEDS[number % len(NEEDS)])
    for person in invited[24:28]:
        _answer(stage, event, person, Answer.NO)
    for person in invited[28:32]:
        _answer(stage, event, person, Answer.TENTATIVE)
    _answer(stage, event, stage.role("participant"), Answer.YES, (second, fourth), Needs(ways=("vegetarian",)))
    _answer(stage, event, stage.role("alumna"), Answer.TENTATIVE)
    for person in (invited[23], invited[36]):
        services.withdraw(
            stage.ago(days=2), public_id=_invitation(stage.work, event, person).public_id, reason="Invited twice."
        )
    _send_others(stage, event, invited[:2])
    _seat(stage.ago(days=1), event)
    past_summit.load(stage)


def _send_others(stage: Stage, event: Event, senders: Sequence[Person]) -> None:
    """Two who come would like to send a colleague: one was agreed to, the other waits for the staff."""
    first, second = senders
    named = (first, "Dilys Delegate", "On leave that week."), (second, "Stan Standin", "A committee meets that day.")
    for sender, name, reason in named:
        services.propose(
            as_person(stage.work, sender, stage.ago(days=3).now),
            public_id=_invitation(stage.work, event, sender).public_id,
            name=name,
            email=f"{name.split()[0].lower()}@delegates.example",
            reason=reason,
        )
    proposal = proposals(stage.work, event)[0]
    services.approve(stage.ago(days=2), substitution_id=proposal.id)


def _seat(work: Work, event: Event) -> None:
    """Everybody who comes, with somebody who looks after a newcomer and two who have met often enough; published."""
    tables = [seating.TableToSet("Top table", 8), *(seating.TableToSet(f"Table {n}", 6) for n in range(2, 6))]
    seating.set_up(work, event_id=event.id, tables=tables, rounds=2, seen=0)
    for company, at in ((Company.TOGETHER, 0), (Company.APART, 4)):
        found = seated.seating_of(work, event)
        chosen = [one.seat_id for one in found.sitters[at : at + 2]]
        seating.add_rules(work, event_id=event.id, company=company, seat_ids=chosen, seen=found.seen)
    found = seated.seating_of(work, event)
    places = seating.compute(found, seen=found.seen, tell=lambda done, total: None)
    seating.keep_seated(work, event_id=event.id, seen=found.seen, seated=places)
    seating.publish(work, event_id=event.id, is_published=True, seen=found.seen)


def _summit(stage: Stage) -> Event:
    before = stage.ago(days=30)
    event = editing.create_summit(
        before,
        programme_id=stage.programme.id,
        slug="roundtable-summit",
        title="Roundtable summit on health inequalities",
        summary="Councils, the voluntary sector, health and residents agree on what each of them will do next.",
        description=(
            "After a year of visits, talks and courses we sit down together round the report of the Policy Lab. The "
            "morning is for what has been learnt, the afternoon for what each of us promises to do."
        ),
    )
    events.edit_practicalities(
        before,
        event_id=event.id,
        place="The Old Library, Swindon",
        getting_there=(
            "Swindon station is an hour from London Paddington. From there it is a walk of eight minutes, or bus 1."
        ),
        step_free=(
            "The way in, all rooms and the toilets are step-free. Each room has a hearing loop, and all slides are "
            "sent in large print beforehand.\n\nThere is a quiet room all day, and an accessible parking space at the "
            "door. Lunch is vegetarian, and everything is labelled."
        ),
        bring="One thing that worked in your place, and one that did not.",
    )
    events.edit_booking_rules(
        before,
        event_id=event.id,
        party_max=1,
        capacity=PLACES,
        opens_at=None,
        closes_at=stage.at(DAYS_AHEAD - 10, 17),
        change_until=stage.at(DAYS_AHEAD - 7, 17),
    )
    on = stage.day(DAYS_AHEAD)
    for title, start, end in AGENDA:
        _plan(stage, before, event, PartKind.AGENDA, title, on, start, end)
    for title, start, end, room, places in BREAKOUTS:
        _plan(stage, before, event, PartKind.BREAKOUT, title, on, start, end, place=room, capacity=places)
    events.publish_event(before, event_id=event.id)
    return event


def _plan(
    stage: Stage,
    work: Work,
    event: Event,
    kind: PartKind,
    title: str,
    on: date,
    start: time,
    end: time,
    *,
    place: str = "",
    capacity: int | None = None,
) -> None:
    editing.add_part(
        work,
        event_id=event.id,
        kind=kind,
        title=title,
        on_date=on,
        start=start,
        end=end,
        place=place,
        capacity=capacity,
        zone=stage.zone,
    )


def _breakouts(work: Work, event: Event) -> Sequence[Part]:
    chosen = select(Part).where(Part.event_id == event.id, Part.kind == PartKind.BREAKOUT.value)
    return work.session.scalars(chosen.order_by(Part.starts_at, Part.id)).all()


def _invite(stage: Stage, event: Event, people: Sequence[Person]) -> None:
    """Twelve days ago, with the accounts of the demonstration, and somebody without e-mail."""
    roles = [stage.role(role) for role in ("participant", "alumna", "applicant")]
    rows = [Row(number, {"email": person.email or "", "name": person.name}) for number, person in enumerate(people)]
    rows += [Row(len(rows), {"email": person.email or "", "name": person.name}) for person in roles]
    rows.append(Row(len(rows), {"email": "", "name": "Rowan Resident", "organisation": "Residents’ panel, Swindon"}))
    services.invite(stage.ago(days=12), event_id=event.id, rows=rows)


def _open(stage: Stage, event: Event, people: Sequence[Person]) -> None:
    """Those who looked at their invitation, whether they answered or not."""
    for number, person in enumerate(people):
        at: datetime = stage.work.now - timedelta(days=11, hours=-number)
        invitation = _invitation(stage.work, event, person)
        stage.work.session.add(
            Observation(kind=OPENED, subject_kind="invitation", subject_id=invitation.id, person_id=person.id, at=at)
        )
    stage.work.session.flush()


def _invitation(work: Work, event: Event, person: Person) -> Invitation:
    found = select(Invitation).where(Invitation.event_id == event.id, Invitation.person_id == person.id)
    return work.session.scalars(found).one()


def _answer(
    stage: Stage,
    event: Event,
    person: Person,
    response: Answer,
    breakouts: Sequence[Part] = (),
    needs: Needs | None = None,
) -> None:
    then = replace(stage.ago(days=8), actor=Actor(person.id, via="link"))
    reply = services.Reply(response, [part.id for part in breakouts], needs=needs or Needs())
    services.answer(then, public_id=_invitation(stage.work, event, person).public_id, reply=reply)
