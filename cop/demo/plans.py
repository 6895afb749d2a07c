"""What came after the first course of the demonstration: plans and what became of them, groups, notes and papers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from cop.core.access import Actor, Grant, Role
from cop.core.place import day_of
from cop.core.work import Work
from cop.demo.cohorts import FINISHED, cohort_of
from cop.demo.stage import Stage, as_person
from cop.models.accounts import Person
from cop.models.commitments import CommitmentState
from cop.models.events import Event, Part
from cop.queries.cohorts.roster import roster
from cop.queries.cohorts.subgroups import version_of
from cop.services.attendance_records import issue
from cop.services.cohorts import subgroups
from cop.services.cohorts.roster import note
from cop.services.plans import check_plan, save_plan

DONE, UNDER_WAY, STUCK, GIVEN_UP = (
    CommitmentState.DONE,
    CommitmentState.UNDER_WAY,
    CommitmentState.STUCK,
    CommitmentState.GIVEN_UP,
)

PLANS: Sequence["Written"] = (
    (
        "Tenants with damp flats are sent from desk to desk.",
        "Bring housing, public health and six tenants to one table each month.",
        "Ask the caretakers which tenants would come.",
        "The tenants’ association and a colleague from public health",
        8,
        (UNDER_WAY, "We have met three times. The tenants chair it now, and two flats are dry."),
    ),
    (
        "Young carers do not come to our sessions.",
        "Hold two sessions at their school instead of ours, planned by them.",
        "Telephone the school’s pastoral lead.",
        "The school, and Ruth from the course",
        7,
        (DONE, "Eleven young carers came. They want a third session, and they will run it."),
    ),
    (
        "People wait months for the falls clinic and fall meanwhile.",
        "Try a weekly exercise hour in the community hall with a physiotherapist.",
        "Find out what the hall costs.",
        "",
        6,
        (STUCK, "The hall is found and the people too. No physiotherapist is free before the autumn."),
    ),
    (
        "Our consultations hear the same forty people.",
        "Ask in the queue of the food bank and at the mosque, with five questions on one card.",
        "Write the five questions with two residents.",
        "Two residents from the course, the imam",
        9,
        (DONE, "We heard 130 people, most of them for the first time. The report goes to cabinet."),
    ),
    (
        "Fathers do not come to the baby clinic.",
        "Open one clinic a month on a Saturday morning.",
        "Ask ten fathers when they could come.",
        "Health visitors",
        5,
        (GIVEN_UP, "No staff for Saturdays. The fathers have made a group of their own on the phone instead."),
    ),
    (
        "The allotments have a waiting list, and plots lie empty.",
        "Share five empty plots among groups from the health centre.",
        "Count the empty plots with the committee.",
        "The allotment committee",
        8,
        (DONE, "Four plots are dug, and the practice sends people there."),
    ),
    (
        "Residents do not trust what the council says about air.",
        "Put three sensors where residents choose, and show the figures in the library.",
        "Borrow sensors from the university.",
        "The university, the librarian",
        7,
        (UNDER_WAY, "Two of three hang. The library shows them from next week."),
    ),
    (
        "Nobody in the ward knows what help there is.",
        "Make a map on paper with the walking group.",
        "Walk the ward once with them and write down each door.",
        "The walking group",
        9,
        (DONE, "Printed 500, gone in two weeks. We print more."),
    ),
    (
        "Our reports are written so that nobody reads them.",
        "Let three residents rewrite the next one before it goes out.",
        "Agree it with my manager.",
        "My manager",
        6,
        (STUCK, "Two managers in three months. I begin again with the new one."),
    ),
    (
        "Older people in the high flats see nobody for days.",
        "A tea on each fourth floor, once a week, by neighbours.",
        "Knock on the doors of one floor.",
        "The caretaker",
        8,
        (UNDER_WAY, "Three floors of eight."),
    ),
    (
        "The health check van stands where nobody passes.",
        "Move it to the market for four Thursdays and count.",
        "Ask the market manager.",
        "",
        7,
        (DONE, "Twice as many people. It stays at the market."),
    ),
    (
        "Interpreters are booked too late, so people go home again.",
        "Ask for the language when the appointment is made.",
        "Look at one week of missed appointments.",
        "Reception",
        7,
        None,
    ),
    (
        "Volunteers stop after a few weeks.",
        "Telephone everybody after their second week.",
        "Make the list.",
        "",
        4,
        None,
    ),
    (
        "Members hear of projects when they are decided.",
        "Two evenings with residents before the paper is written.",
        "Find a date.",
        "Democratic services",
        5,
        (UNDER_WAY, "One evening was held, with twenty residents. The second is in the diary."),
    ),
)
"""Challenge, plan, first step, helpers, confidence, and what was said a hundred days later; one has written none."""

Written = tuple[str, str, str, str, int, tuple[CommitmentState, str] | None]

GROUPS = ("Homes and air", "Young and old", "Being heard")


def load(stage: Stage) -> None:
    event = cohort_of(stage, FINISHED)
    parts = stage.work.session.scalars(select(Part).where(Part.event_id == event.id).order_by(Part.starts_at)).all()
    members = roster(stage.work, slug=event.slug).members
    found = select(Person).where(Person.id.in_([member.person_id for member in members])).order_by(Person.id)
    alumna = stage.role("alumna")
    people = [alumna, *(one for one in stage.work.session.scalars(found) if one.id != alumna.id)]
    for position, (person, written) in enumerate(zip(people, PLANS, strict=False)):
        _plan(stage, event, person, parts, position, written)
    during = replace(stage.work, now=parts[1].starts_at)
    _groups(during, event)
    host = replace(
        during, now=parts[-1].ends_at, actor=Actor(stage.role("host").id, (Grant(Role.HOST, event_id=event.id),))
    )
    note(
        host,
        event_id=event.id,
        person_id=people[2].id,
        body="Would speak at the next course about the falls clinic. Ask by telephone, in the evening.",
    )
    for person in people[:2]:
        then = as_person(stage.work, person, parts[-1].ends_at + timedelta(days=2))
        issue(then, event_id=event.id, person_id=person.id)


def _plan(stage: Stage, event: Event, person: Person, parts: Sequence[Part], position: int, written: Written) -> None:
    challenge, what, first_step, helpers, confidence, became = written
    wrote = as_person(stage.work, person, parts[-1].starts_at + timedelta(minutes=90 + position))
    plan = save_plan(
        wrote,
        event_id=event.id,
        person_id=person.id,
        challenge=challenge,
        what=what,
        first_step=first_step,
        by_on=day_of(wrote.now) + timedelta(days=10 + position % 5),
        helpers=helpers,
        confidence=confidence,
        seen=0,
    )
    if became is not None:
        asked = parts[-1].ends_at + timedelta(days=100 + position % 6, hours=2 * position % 9)
        state, words = became
        check_plan(
            as_person(stage.work, person, asked),
            event_id=event.id,
            person_id=person.id,
            state=state,
            what_happened=words,
            seen=plan.revision,
        )


def _groups(work: Work, event: Event) -> None:
    """Three, of which one has a room in the forum."""
    made = [subgroups.add_group(work, event_id=event.id, name=name) for name in GROUPS]
    subgroups.split(work, event_id=event.id, number=len(made), seen=version_of(work, event.id))
    subgroups.open_space(work, event_id=event.id, group_id=made[0].id)
