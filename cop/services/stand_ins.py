"""Somebody who stands in for everybody that may still book, wait, be invited or apply.

They are made of what the statements that send look at, in a unit of work that is rolled back: what a plan lists for
them is what those statements find, and its letters are drawn as theirs. They claim no places, so nobody's booking is
held up by a count of them.
"""

from collections.abc import Sequence
from datetime import datetime

from cop.core.place import day_of
from cop.core.secrecy import random_word
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import Application, ApplicationState, Cohort
from cop.models.commitments import Commitment, CommitmentKind
from cop.models.events import Booking, Entry, Event, EventKind, EventState, Part, PartState, Queue, Seat
from cop.models.offers import Offer, OfferState
from cop.models.summits import Answer, Invitation
from cop.models.surveys import Questionnaire, Response, ResponseState
from cop.models.waiting import Waiting
from cop.queries.planner import Each, StandIn
from cop.queries.plans import SOURCE, first_check_on


def enter(work: Work, event: Event, *, name: str) -> Sequence[StandIn]:
    """Publish the event, with its parts, and have one of each sort of people be there, called ``name``.

    Whoever calls it rolls the unit of work back.
    """
    event.state = EventState.PUBLISHED
    ahead = [part for part in event.parts if part.state is PartState.PLANNED and part.starts_at > work.now]
    ways = _ways_to_book(event, ahead)
    others = _others(event, work.now) if ahead else []
    people = [
        Person(name=name, email=f"{random_word()}@rehearsal.invalid", created_at=work.now) for _ in (*ways, *others)
    ]
    work.session.add_all(people)
    work.session.flush()
    found = []
    for person, held in zip(people, ways, strict=False):
        _book(work, event, person, held)
        found.append(StandIn(person.id, Each.BOOKED, held[0] if len(held) < len(ahead) else None))
    for person, each in zip(people[len(ways) :], others, strict=True):
        _be_there(work, event, person, each)
        found.append(StandIn(person.id, each))
    work.session.flush()
    return found


def _ways_to_book(event: Event, ahead: Sequence[Part]) -> Sequence[Sequence[Part]]:
    """Visits and meet-ups are booked slot by slot; everything else as a whole."""
    if event.kind in {EventKind.VISIT, EventKind.MEET_UP}:
        return [[part] for part in ahead]
    return [ahead] if ahead else []


def _others(event: Event, now: datetime) -> Sequence[Each]:
    """Who there may be that has not booked."""
    is_called_for = event.kind is EventKind.COHORT and event.closes_at is not None and event.closes_at > now
    is_queued_for = event.queue is not Queue.NONE and event.kind is not EventKind.MEET_UP
    there = {
        Each.DRAFTING: is_called_for,
        Each.INVITED: event.kind is EventKind.SUMMIT,
        Each.WAITING: is_queued_for,
    }
    return [each for each, is_there in there.items() if is_there]


def _be_there(work: Work, event: Event, person: Person, each: Each) -> None:
    match each:
        case Each.DRAFTING:
            _apply(work, event, person, ApplicationState.DRAFT)
        case Each.INVITED:
            work.session.add(_invitation(work, event, person, Answer.NONE))
        case Each.WAITING:
            work.session.add(Waiting(event_id=event.id, person_id=person.id, party_size=1, joined_at=work.now))


def _book(work: Work, event: Event, person: Person, held: Sequence[Part]) -> None:
    booking = Booking(event_id=event.id, person_id=person.id, party_size=1, booked_at=work.now)
    booking.entries = [
        Entry(position=position, part_id=part.id, changed_at=work.now) for position, part in enumerate(held)
    ]
    booking.seats = [Seat(event_id=event.id, position=0, person_id=person.id)]
    work.session.add(booking)
    if event.kind is EventKind.SUMMIT:
        work.session.add(_invitation(work, event, person, Answer.YES))
    if event.kind is EventKind.COHORT:
        _be_chosen(work, event, person)


def _be_chosen(work: Work, event: Event, person: Person) -> None:
    """Applied, said yes to an offer, and wrote an action plan."""
    application = _apply(work, event, person, ApplicationState.SUBMITTED)
    accepted = Offer(
        event_id=event.id,
        person_id=person.id,
        application_id=application.id,
        state=OfferState.ACCEPTED,
        offered_at=work.now,
        ended_at=work.now,
    )
    plan = Commitment(
        kind=CommitmentKind.PLAN,
        person_id=person.id,
        source_kind=SOURCE,
        source_id=event.id,
        what="…",
        check_on=first_check_on(event.parts, day_of(work.now)),
        made_at=work.now,
        changed_at=work.now,
    )
    work.session.add_all([accepted, plan])


def _apply(work: Work, event: Event, person: Person, state: ApplicationState) -> Application:
    course = work.session.get_one(Cohort, event.id)
    response = Response(questionnaire_id=course.questionnaire_id or _some_questions(work, event), saved_at=work.now)
    is_sent = state is ApplicationState.SUBMITTED
    if is_sent:
        response.state, response.submitted_at = ResponseState.SUBMITTED, work.now
    work.session.add(response)
    work.session.flush()
    application = Application(
        cohort_id=event.id,
        person_id=person.id,
        state=state,
        response_id=response.id,
        started_at=work.now,
        submitted_at=work.now if is_sent else None,
        number=0 if is_sent else None,
    )
    work.session.add(application)
    work.session.flush()
    return application


def _some_questions(work: Work, event: Event) -> int:
    """Of a course that has no questions yet."""
    questions = Questionnaire(code=f"rehearsal-{event.id}", version=1, title="…", items=[], made_at=work.now)
    work.session.add(questions)
    work.session.flush()
    return questions.id


def _invitation(work: Work, event: Event, person: Person, answer: Answer) -> Invitation:
    return Invitation(
        event_id=event.id,
        person_id=person.id,
        response=answer,
        invited_at=work.now,
        answered_at=None if answer is Answer.NONE else work.now,
    )
