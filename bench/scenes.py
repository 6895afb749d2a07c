"""What the figures are about: the demo programme and more beside it."""

import random
import time as machine
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import func, insert, literal, select, text

from bench import crowds
from cop.core.access import SYSTEM, Actor, Role
from cop.core.questions import read_items, sections
from cop.core.secrecy import random_word
from cop.core.work import Work
from cop.demo import programme
from cop.demo.cohort_answers import compose
from cop.demo.roles import ROLES
from cop.models.accounts import Account, Affiliation, Person, Relation, RoleGrant, Sector
from cop.models.cohorts import Application, ApplicationState, Cohort
from cop.models.events import Event, EventKind, EventState, Part
from cop.models.forum import Space
from cop.models.programmes import Programme, Series
from cop.models.security import Device
from cop.models.surveys import Ask, Questionnaire, Response, Subject, Wave
from cop.models.waiting import Waiting
from cop.queries.forum import RULES_VERSION
from cop.queries.surveys import token_of
from cop.services import forum
from cop.services.answers import publish_questionnaire
from cop.services.cohorts import editing as courses
from cop.services.events import editing
from cop.web import db, ports, run

DEMO_VISIT = "healthy-hub-stevenage"
BOOKED_VISIT = "many-bookings"
FEED = "two-hundred"
FEED_EVENTS = 200
PEOPLE = 6_000
APPLICATION = "/cohorts/change-makers-3/apply/challenge"
APPLIED_COURSE, APPLICATIONS = "many-applications", 1_000
REVIEWED_COURSE, REVIEWED = "many-reviews", 2_000
POSTS, QUESTIONS = 20, 10
REPLIED = 20
SLOTS = 8
SLOT_PLACES = 1_000
BROWSER = "bench"
"""What the word of everybody's browser begins with."""


@dataclass(frozen=True)
class Stage:
    """What was loaded, as far as scenes need to know it."""

    demo_day: str
    slots: tuple[int, ...]
    cookies: tuple[str, ...]
    application: tuple[str, str]
    topic: tuple[str, str]
    waiting: tuple[str, str]
    survey: str
    """Path and cookie of a page of an application, of a topic of 20 posts and of a place in the waiting list; the path
    of a page of a survey.
    """

    replied: tuple[str, ...]
    """Paths of topics in which the same person replies."""

    surveys: tuple[str, ...]
    """Paths of surveys of ten questions on one page, each for somebody else."""

    applicants: tuple[str, ...]
    """Cookies of people with an application that only has to be submitted."""

    reviewer: str
    """Cookie of a reviewer of the course with very many applications."""

    crowds: crowds.Stage
    devices: tuple[str, ...]
    """Cookies of the hosts at the door."""


def load(app: Flask) -> Stage:
    """Fill the empty database; every person of ours gets the cookie of somebody who is signed in."""
    with app.app_context():
        programme.load(lambda step: None)
        slots = run(_add, SYSTEM)
        people, demo_day = run(_people, SYSTEM), run(_demo_day, SYSTEM)
        applicant, alumna = (run(partial(_role, role=role), SYSTEM) for role in ("applicant", "alumna"))
        topic, *replied = run(_topics, Actor(alumna))
        waiting = run(partial(_waiting, person_id=applicant), SYSTEM)
        survey = run(partial(_survey, person_id=alumna), SYSTEM)
        surveys = run(partial(_surveys, people=people), SYSTEM)
        run(partial(_drafts, people=people[:APPLICATIONS]), SYSTEM)
        reviewer = run(partial(_reviewed, people=people[APPLICATIONS : APPLICATIONS + REVIEWED]), SYSTEM)
        crowd = run(partial(crowds.load, people=people), SYSTEM)
        run(browsers, SYSTEM)
        with db.engine.begin() as connection:
            connection.execute(text("ANALYZE"))  # PostgreSQL does it by itself within a minute of such a load
    cookies = tuple(cookie_of(app, person) for person in people)
    return Stage(
        demo_day,
        tuple(slots),
        cookies,
        (APPLICATION, cookie_of(app, applicant)),
        (topic, cookie_of(app, alumna)),
        (waiting, cookie_of(app, applicant)),
        survey,
        tuple(replied),
        tuple(surveys),
        cookies[:APPLICATIONS],
        cookie_of(app, reviewer),
        crowd,
        tuple(cookie_of(app, host) for host in crowd.devices),
    )


def cookie_of(app: Flask, person_id: int) -> str:
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own sessions
    seen = int(machine.time())  # noqa: TID251  sessions stay on real time
    said = {"_user_id": f"{person_id}.0", "_fresh": True, "_permanent": True, "seen": seen, "second": seen}
    value = serializer.dumps({**said, "device": f"{BROWSER}{person_id}"})
    return f"{app.config['SESSION_COOKIE_NAME']}={value}"


def browsers(work: Work) -> None:
    """One for everybody with an account, in which they are signed in: ``cookie_of`` names it."""
    now = literal(work.now)
    columns = ("public_id", "person_id", "session_epoch", "browser", "signed_in_at", "seen_at")
    everybody = select(
        func.concat(BROWSER, Account.person_id), Account.person_id, Account.session_epoch, literal("Figures"), now, now
    )
    work.session.execute(insert(Device).from_select(columns, everybody))


def _add(work: Work) -> list[int]:
    """A programme of its own, so that the home page stays as the demonstration has it."""
    today = work.now.date()
    made = Programme(
        slug="bench", name="Figures", summary="Only figures.", starts_on=today, ends_on=today + timedelta(days=300)
    )
    work.session.add(made)
    work.session.flush()
    series = Series(programme_id=made.id, slug=FEED, name="Two hundred", summary="As many as a feed is asked for.")
    work.session.add(series)
    work.session.flush()
    _feed(work, series)
    return _booked_visit(work, made)


def _feed(work: Work, series: Series) -> None:
    """Public visits, one a day; they also fill the list of visits."""
    shared = {
        "programme_id": series.programme_id,
        "series_id": series.id,
        "kind": EventKind.VISIT,
        "state": EventState.PUBLISHED,
        "place": "Healthy Hub, Stevenage",
        "summary": "A morning at the Healthy Hub in Stevenage, with the people who run it and use it.",
        "changed_at": work.now,
    }
    events = [{**shared, "slug": f"feed-{number}", "title": f"Morning {number}"} for number in range(FEED_EVENTS)]
    ids = work.session.scalars(insert(Event).returning(Event.id, sort_by_parameter_order=True), events).all()
    parts = []
    for number, event_id in enumerate(ids):
        starts_at = work.now + timedelta(days=30 + number)
        times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2)}
        more = {"title": "Morning", "kind": "slot", "capacity": 20, "changed_at": work.now}
        parts.append({"event_id": event_id, **times, **more})
    work.session.execute(insert(Part), parts)


def _booked_visit(work: Work, made: Programme) -> list[int]:
    visit = editing.create_visit(
        work, programme_id=made.id, slug=BOOKED_VISIT, title="Many bookings", summary="Room for everybody."
    )
    editing.edit_practicalities(
        work, event_id=visit.id, place="Town hall", getting_there="By any bus.", step_free="All of it.", bring=""
    )
    slots = editing.add_slots(
        work,
        event_id=visit.id,
        on_date=work.now.date() + timedelta(days=40),
        first_start=time(9),
        length_minutes=45,
        gap_minutes=15,
        count=SLOTS,
        capacity=SLOT_PLACES,
        zone=ports().settings.timezone,
    )
    editing.publish_event(work, event_id=visit.id)
    return [slot.id for slot in slots]


def _people(work: Work) -> Sequence[int]:
    people = [
        {"name": f"Person {number}", "email": f"person-{number}@bench.example", "created_at": work.now}
        for number in range(PEOPLE)
    ]
    ids = work.session.scalars(insert(Person).returning(Person.id), people).all()
    work.session.execute(insert(Account), [{"person_id": found, "email_verified_at": work.now} for found in ids])
    return ids


def _role(work: Work, *, role: str) -> int:
    return work.session.scalars(select(Person.id).where(Person.email == ROLES[role])).one()


def _topics(work: Work) -> Sequence[str]:
    """A topic of 20 posts, and others in which replies are written; the paths of their pages."""
    forum.accept_rules(work, version=RULES_VERSION)
    space = work.session.scalars(select(Space).where(Space.cohort_id.is_(None)).order_by(Space.id).limit(1)).one()
    topic = forum.open_topic(work, space_id=space.id, title="What twenty of us tried", body=_post(1))
    for number in range(2, POSTS + 1):
        forum.reply(work, topic_id=topic.id, body=_post(number))
    others = [
        forum.open_topic(work, space_id=space.id, title=f"Where many reply, {number}", body=_post(number))
        for number in range(REPLIED)
    ]
    return [f"/forum/{space.slug}/{each.id}-{each.slug}" for each in (topic, *others)]


def _post(number: int) -> str:
    return (
        f"**Try {number}.** We began with the people who use the hub, and not with a plan.\n\n"
        "- two kitchen tables, one notice board\n- a budget of nothing\n- an hour on Tuesdays\n\n"
        "What could be different: _start smaller_, and say sooner what does not work."
    )


def _survey(work: Work, *, person_id: int) -> str:
    """The path of the longest page of a survey that waits for somebody."""
    waiting = select(Ask).where(Ask.person_id == person_id, Ask.done_on.is_(None), Ask.closes_at > work.now)
    ask = work.session.scalars(waiting.order_by(Ask.closes_at.desc()).limit(1)).one()
    items = work.session.get_one(Questionnaire, ask.questionnaire_id).items
    longest = max(sections(read_items(items)), key=lambda section: len(section.items))
    return f"/surveys/{token_of(ask)}?section={longest.code}"


def _waiting(work: Work, *, person_id: int) -> str:
    """The path of somebody's own place in a waiting list of the demonstration."""
    found = work.session.scalars(select(Waiting.public_id).where(Waiting.person_id == person_id)).one()
    return f"/waiting/{found}"


def _surveys(work: Work, *, people: Sequence[int]) -> Sequence[str]:
    """Ten questions put to everybody; the paths."""
    items = [
        {"code": f"q{number}", "kind": "scale", "text": f"How true is sentence {number}?", "required": True}
        for number in range(QUESTIONS)
    ]
    asked = publish_questionnaire(work, code="ten", title="Ten questions", items=items)
    event_id = work.session.scalars(select(Event.id).where(Event.slug == BOOKED_VISIT)).one()
    shared = {
        "questionnaire_id": asked.id,
        "subject_kind": Subject.EVENT,
        "subject_id": event_id,
        "wave": Wave.PULSE,
        "opens_at": work.now,
        "closes_at": work.now + timedelta(days=14),
    }
    rows = [{**shared, "person_id": person, "public_id": random_word()} for person in people]
    asks = work.session.scalars(insert(Ask).returning(Ask), rows)
    return [f"/surveys/{token_of(ask)}" for ask in asks]


def _drafts(work: Work, *, people: Sequence[int]) -> None:
    """Applications to a course of their own, finished and not submitted."""
    course = _course(work, APPLIED_COURSE)
    draft = {"state": ApplicationState.DRAFT}
    _applications(work, course, [{"person_id": person, **draft} for person in people])
    belonging = {"sector": Sector.RESIDENT, "relation": Relation.SUPPORTED_BY, "is_primary": True, "from_on": work.now}
    work.session.execute(insert(Affiliation), [{**belonging, "person_id": person} for person in people])


def _reviewed(work: Work, *, people: Sequence[int]) -> int:
    """A course whose call has closed on very many applications; the person who reviews them."""
    course = _course(work, REVIEWED_COURSE)
    course.closes_at = work.now - timedelta(hours=1)
    done = {"state": ApplicationState.SUBMITTED, "submitted_at": work.now, "sector": Sector.RESIDENT}
    rows = [{"person_id": person, "number": number, **done} for number, person in enumerate(people, start=1)]
    _applications(work, course, rows)
    reviewer = _role(work, role="reviewer")
    grant = RoleGrant(person_id=reviewer, role=Role.REVIEWER, event_id=course.id, granted_at=work.now)
    work.session.add(grant)
    return reviewer


def _applications(work: Work, course: Event, rows: Sequence[dict[str, Any]]) -> None:
    asked = work.session.get_one(Questionnaire, work.session.get_one(Cohort, course.id).questionnaire_id)
    answers = compose(random.Random(15), 0, is_resident=True)  # noqa: S311  the same words each time
    shared = {"questionnaire_id": asked.id, "answers": dict(answers), "revision": 1, "saved_at": work.now}
    made = work.session.scalars(insert(Response).returning(Response.id), [shared for _ in rows]).all()
    begun = {"cohort_id": course.id, "started_at": work.now}
    work.session.execute(
        insert(Application),
        [
            {**begun, **row, "by_person_id": row["person_id"], "response_id": response, "public_id": random_word()}
            for row, response in zip(rows, made, strict=True)
        ],
    )


def _course(work: Work, slug: str) -> Event:
    programme_id = work.session.scalars(select(Programme.id).where(Programme.slug == "bench")).one()
    event = courses.create_course(
        work,
        programme_id=programme_id,
        slug=slug,
        title=slug.replace("-", " ").capitalize(),
        summary="Few places.",
        capacity=15,
    )
    editing.edit_practicalities(
        work, event_id=event.id, place="Town hall", getting_there="By any bus.", step_free="All of it.", bring=""
    )
    courses.add_half_day(
        work,
        event_id=event.id,
        title="Morning",
        on_date=work.now.date() + timedelta(days=60),
        start=time(9, 30),
        end=time(12, 30),
        place="",
        zone=ports().settings.timezone,
    )
    closes_at = work.now + timedelta(days=30)
    courses.edit_window(work, event_id=event.id, opens_at=work.now - timedelta(days=1), closes_at=closes_at)
    editing.publish_event(work, event_id=event.id)
    return event


def _demo_day(work: Work) -> str:
    first = select(func.min(Part.starts_at)).join(Event, Event.id == Part.event_id).where(Event.slug == DEMO_VISIT)
    found = work.session.scalars(first).one()
    return found.astimezone(ports().settings.timezone).date().isoformat()
