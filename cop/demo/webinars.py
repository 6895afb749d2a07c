"""The speaker series: a webinar that was, with its recording and who came, one next week, and one from Ontario."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from itertools import zip_longest

from sqlalchemy import select

from cop.core.access import Actor
from cop.core.work import Work
from cop.demo import attendance_reports
from cop.demo.stage import Stage, as_person
from cop.models.accounts import Person
from cop.models.events import Attendance, Event, Part, Seat
from cop.models.programmes import Series
from cop.models.service import Observation
from cop.models.webinars import LinkKind, Speaker
from cop.queries.events import revision
from cop.queries.speakers import link_token
from cop.queries.speakers import revision as speaker_revision
from cop.queries.webinars import session_of, webinars
from cop.services import programmes, speakers
from cop.services import webinars as registering
from cop.services.events import editing
from cop.services.events.editing import webinars as staff

ACCESS = (
    "Live captions and a BSL interpreter at every webinar. The slides are sent the day before to whoever asks, and the "
    "chat is read out."
)


QUESTIONS = (
    "How do you find the people who never open the door?",
    "What does one round cost, and who pays for it?",
    "Did the family doctors mind at first?",
)


@dataclass(frozen=True)
class Talk:
    slug: str
    title: str
    summary: str
    description: str
    days: int
    start: time
    capacity: int | None = None


WAS = Talk(
    "neighbours-before-doctors",
    "Neighbours before doctors: what a street can do",
    "How residents of one estate halved the time that people spend alone, and what their council stopped doing for it.",
    "Loneliness shortens lives, and no surgery can prescribe it away. Two residents and an officer tell how a street "
    "got talking, who pays for the tea, and why the council gave up its own programme.\n\nHalf of the hour is for "
    "questions.",
    -42,
    time(12, 30),
)
NEXT = Talk(
    "door-to-door-in-brazil",
    "Door to door: community health workers in Brazil",
    "A quarter of a million people knock on every door of their own street. What could a council learn from them?",
    "In Brazil health begins at the door: somebody from the same street calls each month, knows who is pregnant, who "
    "has run out of tablets and who has lost their job. We hear how they are chosen, trained and paid, and what "
    "happened when a London ward tried it.\n\nBring the map of one ward.",
    8,
    time(14),
)
LATER = Talk(
    "guelph-a-city-plans-for-health",
    "A city plans for health: Guelph, Ontario",
    "A Canadian city wrote a plan for well-being with its residents and then had to keep it. What lasted?",
    "Guelph asked its residents what makes a good day, built a plan for safety and well-being on the answers, and "
    "publishes each year what came of it. We talk about what lasted after two elections.\n\nPlaces are few, because "
    "most of the hour is spent in small groups.",
    50,
    time(15),
    capacity=60,
)


def load(stage: Stage) -> None:
    series = programmes.create_series(
        stage.ago(days=120),
        programme_id=stage.programme.id,
        slug="speaker-series",
        name="Speaker series",
        summary="An hour online with people who have narrowed the gap, from member councils and from abroad.",
    )
    _past(stage, series)
    _next_week(stage, series)
    _from_ontario(stage, series)


def _webinar(stage: Stage, work: Work, series: Series, talk: Talk, *, join_url: str) -> Event:
    event = staff.create_webinar(
        work,
        programme_id=stage.programme.id,
        series_id=series.id,
        slug=talk.slug,
        title=talk.title,
        summary=talk.summary,
        description=talk.description,
    )
    part = staff.set_session(
        work,
        event_id=event.id,
        seen=revision(event),
        on_date=stage.day(talk.days),
        start=talk.start,
        end=talk.start.replace(hour=talk.start.hour + 1),
        join_url=join_url,
        join_opens_minutes=30,
        zone=stage.zone,
    )
    asked_until = part.starts_at - timedelta(days=5)
    staff.edit_access(work, event_id=event.id, seen=revision(event), access=ACCESS, needs_until=asked_until)
    if talk.capacity is not None:
        editing.edit_booking_rules(
            work, event_id=event.id, capacity=talk.capacity, opens_at=None, closes_at=None, change_until=None
        )
    return event


def _speaker(
    work: Work, event: Event, name: str, role_title: str, organisation: str, about: str, zone: str = "", email: str = ""
) -> Speaker:
    return speakers.add(
        work,
        event_id=event.id,
        seen=revision(event),
        name=name,
        role_title=role_title,
        organisation=organisation,
        about=about,
        timezone=zone or None,
        email=email,
    )


def _answers(work: Work, event: Event, speaker: Speaker, abstract: str, *, may_record: bool) -> None:
    """Asked, and answered by the link two days later."""
    speakers.ask(work, event_id=event.id, seen=revision(event), speaker_ids=[speaker.id])
    speakers.answer(
        replace(work, now=work.now + timedelta(days=2), actor=Actor(via="link")),
        token=link_token(speaker),
        seen=speaker_revision(speaker),
        role_title=speaker.role_title,
        organisation=speaker.organisation,
        about=speaker.about,
        abstract=abstract,
        timezone=speaker.timezone,
        may_record=may_record,
    )


def _register(work: Work, event: Event, people: Iterable[Person], questions: Sequence[str] = ()) -> None:
    """Each with the needs of their profile, as the form proposes them; the first of them ask something."""
    for person, question in zip_longest(people, questions):
        needs = person.needs or ""
        registering.register(as_person(work, person), event_id=event.id, needs=needs, question=question or "")


def _past(stage: Stage, series: Series) -> None:
    """Six weeks ago; some came, some for a part of it, some not, and the recording is there since."""
    before = stage.ago(days=90)
    event = _webinar(stage, before, series, WAS, join_url="https://meet.example/neighbours")
    josie = _speaker(
        before,
        event,
        "Josie Marchbanks",
        "Resident",
        "Four Lanes Street Club",
        "Josie has lived on Four Lanes for 41 years and put the first bench out.",
        email="josie@fourlanes.example",
    )
    _answers(before, event, josie, "How a bench became a club of sixty, and who holds the key.", may_record=True)
    _speaker(
        before,
        event,
        "Idris Vaughan-Lee",
        "Head of Neighbourhoods",
        "",
        "Idris stopped three projects to make room for one.",
    )
    editing.publish_event(before, event_id=event.id)
    _register(stage.ago(days=60), event, [*stage.people[60:84], stage.role("alumna")])
    _who_came(stage, event)
    after = stage.ago(days=40)
    for kind, title, url in (
        (LinkKind.RECORDING, "The whole hour, with captions (58 minutes)", "https://video.example/neighbours"),
        (LinkKind.RESOURCE, "Slides, large print", "https://files.example/neighbours-slides.pdf"),
        (LinkKind.RESOURCE, "Checklist: a street club in ten steps", "https://files.example/street-club.pdf"),
    ):
        link = staff.add_link(after, event_id=event.id, seen=revision(event), kind=kind, title=title, url=url)
        _looked(stage, f"{kind} opened", "event link", link.id, stage.people[70 : 82 - 3 * link.position])


def _who_came(stage: Stage, event: Event) -> None:
    """Some came, some for a part of it, some not, as a report of Teams says."""
    part = _part(stage.work, event)
    found = select(Person).join(Seat, Seat.person_id == Person.id).where(Seat.event_id == event.id).order_by(Seat.id)
    came = [Attendance.ATTENDED, Attendance.PARTIAL, Attendance.ABSENT]
    alumna = stage.role("alumna")
    people = [
        (person, Attendance.ATTENDED if person.id == alumna.id else stage.chance.choices(came, [6, 2, 2])[0])
        for person in stage.work.session.scalars(found).all()
    ]
    attendance_reports.load(stage, event, part, people)
    _looked(stage, "joined", "part", part.id, [person for person, how in people if how is not Attendance.ABSENT])


def _looked(stage: Stage, kind: str, subject_kind: str, subject_id: int, people: Sequence[Person]) -> None:
    """What the pages would have noted then."""
    stage.work.session.add_all(
        Observation(
            kind=kind,
            subject_kind=subject_kind,
            subject_id=subject_id,
            person_id=person.id,
            at=stage.work.now - timedelta(days=39),
        )
        for person in people
    )


def _part(work: Work, event: Event) -> Part:
    (found,) = webinars(work, [event.id])
    part = session_of(found)
    assert part is not None  # noqa: S101  it was set a moment ago
    return part


def _next_week(stage: Stage, series: Series) -> None:
    """Some of those who registered need something, and some ask something. One of the speakers is in another time zone
    and does not want to be recorded, the other was not asked yet.
    """
    before = stage.ago(days=30)
    event = _webinar(stage, before, series, NEXT, join_url="https://meet.example/door-to-door")
    luzia = _speaker(
        before,
        event,
        "Dr Luzia Ferraz-Andrade",
        "Family doctor and trainer",
        "Rede Saúde do Bairro",
        "Luzia has trained community health workers in three states, and was one.",
        "America/Sao_Paulo",
        email="luzia@rede.example",
    )
    _answers(before, event, luzia, "A day on the round, and what a visit costs and saves.", may_record=False)
    _speaker(
        before,
        event,
        "Kwabena Ofori-Hale",
        "Public health registrar",
        "",
        "Kwabena brought the idea to a London ward and counts what came of it.",
        email="kwabena@ward.example",
    )
    editing.publish_event(before, event_id=event.id)
    _register(
        stage.ago(days=12),
        event,
        [*stage.people[48:80:2], stage.role("participant"), stage.role("applicant")],
        QUESTIONS,
    )


def _from_ontario(stage: Stage, series: Series) -> None:
    """No joining address yet, and the speaker has not answered: staff see both."""
    before = stage.ago(days=20)
    event = _webinar(stage, before, series, LATER, join_url="")
    maren = _speaker(
        before,
        event,
        "Maren Oakfield",
        "Manager of Community Plans",
        "City of Guelph",
        "Maren keeps the city’s plan for safety and well-being honest.",
        "America/Toronto",
        "maren@guelph.example",
    )
    speakers.ask(before, event_id=event.id, seen=revision(event), speaker_ids=[maren.id])
    editing.publish_event(before, event_id=event.id)
    _register(stage.ago(days=6), event, [*stage.people[49:61:2], stage.role("participant")])
