"""Courses that are being judged: applications whose call has closed, a panel, scores, choices and offers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from cop.core.access import Actor, Role
from cop.core.criteria import Score
from cop.models.accounts import Person, Sector
from cop.models.cohorts import Application, ApplicationState, Cohort, Decision, DecisionOutcome, Review
from cop.models.events import Attendance, Booking, Choice, Event, EventKind, EventState, Part, Seat
from cop.models.offers import Offer
from cop.models.organisations import Organisation
from cop.models.surveys import Questionnaire, Response, ResponseState
from cop.queries.accounts import standing_of
from cop.queries.cohorts import letters as letter_queries
from cop.queries.cohorts import reconsidering as review_queries
from cop.queries.offers import link_token
from cop.services import offers as answers
from cop.services.cohorts import choice, letters, reconsidering, reviews
from cop.services.events import attendance
from tests.support.make import Make, reading, working

ITEMS = [
    {"code": "work", "kind": "section", "text": "Your work"},
    {"code": "challenge", "kind": "text", "text": "What is your challenge?", "required": True},
    {"code": "confidence", "kind": "section", "text": "How you feel now"},
    {"code": "confident", "kind": "scale", "text": "How confident are you?"},
]

CRITERIA = [
    {
        "code": "c1",
        "title": "A real challenge",
        "about": "It matters to residents.",
        "weight": 2,
        "levels": ["None", "Vague", "Clear", "Clear and known", "All this"],
    },
    {"code": "c2", "title": "Working together", "about": "", "weight": 1, "levels": ["No", "", "", "", "Yes"]},
]

OUTCOMES = {"o": DecisionOutcome.OFFER, "r": DecisionOutcome.RESERVE, "d": DecisionOutcome.DECLINE, "-": None}


def course(
    make: Make,
    title: str = "Change Makers",
    *,
    places: int | None = 15,
    half_days: int = 4,
    starts_in: timedelta = timedelta(days=30),
    closes_in: timedelta = timedelta(hours=-1),
    targets: Sequence[Mapping[str, Any]] = (),
    needed: int | None = None,
    slug: str = "change-makers",
    **columns: Any,
) -> Event:
    """A published course with half-days on two or more days; its call closed an hour ago unless told otherwise."""
    programme = make.programme()
    with working(make._app) as work:
        questionnaire = work.session.scalars(
            select(Questionnaire).where(Questionnaire.code == "application")
        ).one_or_none()
        if questionnaire is None:
            questionnaire = Questionnaire(
                code="application", version=1, title="Application", items=ITEMS, made_at=work.now
            )
            work.session.add(questionnaire)
        event = Event(
            programme_id=programme.id,
            kind=EventKind.COHORT,
            choice=Choice.ALL,
            slug=slug,
            title=title,
            summary="Two days together.",
            place="Town Hall, Stevenage",
            getting_there="Ten minutes from the station.",
            step_free="Step-free throughout.",
            capacity=places,
            opens_at=work.now - timedelta(days=30),
            closes_at=work.now + closes_in,
            changed_at=work.now,
            **{"state": EventState.PUBLISHED, **columns},
        )
        work.session.add(event)
        work.session.flush()
        first = (work.now + starts_in).replace(hour=9, minute=0, second=0, microsecond=0)
        for number in range(half_days):
            at = first + timedelta(days=number // 2, hours=4 * (number % 2))
            work.session.add(
                Part(
                    event_id=event.id,
                    kind="half-day",
                    title=f"Half-day {number + 1}",
                    starts_at=at,
                    ends_at=at + timedelta(hours=3),
                    changed_at=work.now,
                )
            )
        work.session.add(
            Cohort(
                event_id=event.id,
                questionnaire_id=questionnaire.id,
                criteria=CRITERIA,
                targets=[dict(target) for target in targets],
                half_days_needed=needed,
            )
        )
    return make.event(event.id)


def application(
    make: Make,
    event: Event,
    name: str = "Amina Yusuf",
    *,
    person: Person | None = None,
    organisation: Organisation | None = None,
    sector: Sector | None = Sector.RESIDENT,
    challenge: str = "Damp flats and asthma",
    state: ApplicationState = ApplicationState.SUBMITTED,
    newer_member: bool | None = None,
    email: str | None = "",
) -> Application:
    """A submitted application with its person loaded, numbered in the order of making."""
    person = person or make.person(name, email, organisation=organisation, sector=sector)
    with working(make._app) as work:
        cohort = work.session.get_one(Cohort, event.id)
        assert cohort.questionnaire_id is not None
        response = Response(
            questionnaire_id=cohort.questionnaire_id,
            answers={"challenge": challenge, "confident": 7},
            state=ResponseState.SUBMITTED,
            saved_at=work.now,
            submitted_at=work.now,
        )
        work.session.add(response)
        work.session.flush()
        highest = select(func.coalesce(func.max(Application.number), 0)).where(Application.cohort_id == event.id)
        standing = standing_of(work, person.id)
        made = Application(
            cohort_id=event.id,
            person_id=person.id,
            number=(work.session.scalar(highest) or 0) + 1,
            state=state,
            response_id=response.id,
            started_at=work.now,
            submitted_at=work.now,
            withdrawn_at=work.now if state is ApplicationState.WITHDRAWN else None,
            organisation_id=standing.organisation_id,
            sector=sector,
            membership=standing.membership,
            region=standing.region,
            newer_member=newer_member,
        )
        work.session.add(made)
    return _with_person(make, made.id)


def _with_person(make: Make, application_id: int) -> Application:
    wanted = select(Application).where(Application.id == application_id)
    with reading(make._app) as read:
        return read.session.scalars(wanted.options(joinedload(Application.person))).one()


def applications(make: Make, event: Event, number: int) -> list[Application]:
    """So many of them, each from a council of its own."""
    return [
        application(make, event, f"Applicant {position + 1}", organisation=make.organisation())
        for position in range(number)
    ]


def reviewer(make: Make, name: str = "Rhona Reviewer", *, event: Event | None = None, **more: Any) -> Person:
    """Somebody who scores for the programme, or for one course."""
    return _granted(make, Role.REVIEWER, name, event, **more)


def chair(make: Make, name: str = "Femi Chair", *, event: Event | None = None, **more: Any) -> Person:
    """The facilitator of the programme, or of one course."""
    return _granted(make, Role.FACILITATOR, name, event, **more)


def _granted(make: Make, role: Role, name: str, event: Event | None, **more: Any) -> Person:
    person = make.account(name, **more)
    make.grant(person, role, event=event, programme=None if event else make.programme())
    return person


def scores(score: int | None = 3, reason: str = "It says so.") -> dict[str, Score]:
    """The same for each criterion."""
    return {str(criterion["code"]): Score(score, reason) for criterion in CRITERIA}


def review(
    make: Make,
    who: Person,
    event: Event,
    number: int,
    score: int = 3,
    *,
    reason: str = "It says so.",
    comment: str = "",
    seen: int = 0,
    submit: bool = True,
) -> Review:
    with working(make._app, make.actor(who)) as work:
        return reviews.save_review(
            work,
            cohort_id=event.id,
            number=number,
            scores=scores(score, reason),
            comment=comment,
            seen=seen,
            submit=submit,
        )


def review_with(make: Make, who: Person, event: Event, number: int, given: Mapping[str, int]) -> Review:
    """A submitted review with a score of its own for each criterion."""
    said = {code: Score(score, "It says so.") for code, score in given.items()}
    with working(make._app, make.actor(who)) as work:
        return reviews.save_review(
            work, cohort_id=event.id, number=number, scores=said, comment="", seen=0, submit=True
        )


def declare(make: Make, who: Person, event: Event, number: int) -> None:
    """Somebody says that they should not judge an application."""
    with working(make._app, make.actor(who)) as work:
        reviews.declare_conflict(work, cohort_id=event.id, number=number, reason="I know them")


def both(make: Make, name: str = "Bo Both") -> Person:
    """Somebody who chairs and scores."""
    person = chair(make, name)
    make.grant(person, Role.REVIEWER, programme=make.programme())
    return person


def decide(make: Make, who: Person, event: Event, letters: str) -> None:
    """One letter for each application in order: o(ffer), r(eserve), d(ecline), - for undecided."""
    verdicts = {number: choice.Verdict(OUTCOMES[letter]) for number, letter in enumerate(letters, start=1)}
    with working(make._app, make.actor(who)) as work:
        choice.choose(work, cohort_id=event.id, verdicts=verdicts, seen=revision(make, event))


def revision(make: Make, event: Event) -> int:
    """That of the choice as it stands."""
    with reading(make._app) as read:
        return read.session.get_one(Cohort, event.id).choice_revision


def release(make: Make, who: Person, event: Event) -> choice.Released:
    with working(make._app, make.actor(who)) as work:
        return choice.release(work, cohort_id=event.id, seen=revision(make, event))


def offered(make: Make, event: Event, letters: str = "o") -> list[Offer]:
    """Applications as the letters say, decided and released: the offers in order of application."""
    applications(make, event, len(letters))
    who = chair(make)
    decide(make, who, event, letters)
    release(make, who, event)
    return offers_of(make, event)


def offers_of(make: Make, event: Event) -> list[Offer]:
    with reading(make._app) as read:
        return list(read.session.scalars(select(Offer).where(Offer.event_id == event.id).order_by(Offer.id)))


def token(offer: Offer) -> str:
    return link_token(offer)


def accept(make: Make, offer: Offer) -> Booking:
    with working(make._app, Actor(offer.person_id, via="link")) as work:
        return answers.accept(work, public_id=offer.public_id)


def mark(make: Make, event: Event, person_id: int, marks: str) -> None:
    """One letter a half-day: a(ttended), p(artial), x absent, - not marked."""
    words = {"a": Attendance.ATTENDED, "p": Attendance.PARTIAL, "x": Attendance.ABSENT}
    with working(make._app) as work:
        seat = work.session.scalars(
            select(Seat).where(Seat.event_id == event.id, Seat.person_id == person_id, Seat.live)
        ).one()
        for part, letter in zip(event.parts, marks, strict=True):
            if letter != "-":
                attendance.mark(work, part_id=part.id, seat_id=seat.id, status=words[letter])


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def moderate(
    make: Make, who: Person, event: Event, number: int, score: float | None, *, reason: str = "The panel talked"
) -> None:
    with working(make._app, make.actor(who)) as work:
        choice.moderate(work, cohort_id=event.id, number=number, reason=reason, score=score)


def decline(make: Make, offer: Offer) -> None:
    with working(make._app, Actor(offer.person_id, via="link")) as work:
        answers.decline(work, public_id=offer.public_id)


def until(offer: Offer) -> datetime:
    """When an offer of a course ends: those always have an end."""
    assert offer.expires_at is not None
    return offer.expires_at


def write_feedback(make: Make, who: Person, event: Event, number: int, words: str) -> None:
    """Save the feedback to one application, over whatever stands there."""
    with working(make._app, make.actor(who)) as work:
        decision = work.session.scalars(
            select(Decision)
            .join(Application, Application.id == Decision.application_id)
            .where(Application.cohort_id == event.id, Application.number == number)
        ).one()
        seen = letter_queries.version_of_feedback(decision)
        letters.write_feedback(work, cohort_id=event.id, number=number, words=words, seen=seen)


def write_paragraphs(make: Make, who: Person, event: Event, **paragraphs: str) -> None:
    with working(make._app, make.actor(who)) as work:
        seen = letter_queries.version_of_letters(work.session.get_one(Cohort, event.id))
        meant = {DecisionOutcome(outcome): words for outcome, words in paragraphs.items()}
        letters.write_paragraphs(work, cohort_id=event.id, paragraphs=meant, seen=seen)


def application_of(make: Make, event: Event, number: int) -> Application:
    with reading(make._app) as read:
        found = select(Application).where(Application.cohort_id == event.id, Application.number == number)
        return read.session.scalars(found).one()


def ask_review(make: Make, application: Application, words: str = "You misread my second answer.") -> None:
    with working(make._app, Actor(application.person_id, via="link")) as work:
        reconsidering.ask(work, public_id=application.public_id, words=words)


def answer_review(
    make: Make, who: Person, event: Event, number: int = 1, *, changed: bool = False, words: str = "We read it again."
) -> reconsidering.CameOf:
    with working(make._app, make.actor(who)) as work:
        return reconsidering.answer(work, cohort_id=event.id, number=number, changed=changed, words=words)


def decision_token(application: Application) -> str:
    return review_queries.link_token(application)
