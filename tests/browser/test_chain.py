"""The whole chain in a real browser: one person, from the first webinar to alumna to evidence, as time goes by.

She has no account when it begins. Staff do their part in browsers of their own; jobs run as they would, and every
letter comes through a real mail server.
"""

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from cop.core.access import SYSTEM, Role
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.summits import PartKind
from cop.queries.events import revision
from cop.services import forum
from cop.services.cohorts import editing as courses
from cop.services.events import editing
from cop.services.events.editing import summits, webinars
from cop.web import ports
from scheduled import ask_surveys, send_reminders
from tests.browser.conftest import Visitor
from tests.support.clock import FixedClock
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Working
from tests.support.pages import arrive, button, click_in_place, heading, leave, link

ADDRESS, NAME, COUNCIL = "noor@swindon.example", "Noor Adeyemi", "Swindon Borough Council"

MEETING = "https://meet.example/health"

WEBINAR = datetime(2026, 3, 9, 12, tzinfo=UTC)
VISIT = datetime(2026, 3, 16, 10, tzinfo=UTC)
CALL_CLOSES = datetime(2026, 3, 30, 16, tzinfo=UTC)
HALF_DAYS = {
    title: datetime(2026, 4, day, hour, tzinfo=UTC)
    for title, day, hour in (
        ("Day 1 morning", 28, 8),
        ("Day 1 afternoon", 28, 12),
        ("Day 2 morning", 29, 8),
        ("Day 2 afternoon", 29, 12),
    )
}
SUMMIT = datetime(2026, 6, 9, 9, tzinfo=UTC)
MORNING_AFTER = datetime(2026, 3, 31, 9, tzinfo=UTC)
THREE_MONTHS_ON = datetime(2026, 7, 30, 9, tzinfo=UTC)

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


@dataclass(frozen=True)
class Programme:
    """What the secretariat has prepared before anybody comes."""

    webinar: Event
    visit: Event
    course: Event
    summit: Event
    facilitator: Person
    reviewer: Person
    admin: Person


@pytest.fixture
def programme(make: Make, work: Working) -> Programme:
    made = make.programme()
    make.organisation(COUNCIL, slug="swindon", region="South West", domains=["swindon.example"])
    facilitator, reviewer = make.account("Femi Facilitator"), make.account("Rhian Reviewer")
    make.grant(facilitator, Role.FACILITATOR, programme=made)
    make.grant(reviewer, Role.REVIEWER, programme=made)
    series = make.series(programme=made)
    with work(SYSTEM) as opened:
        webinar = _webinar(opened, made.id, series.id)
        course = _course(opened, made.id)
        summit = _summit(opened, made.id)
        forum.create_space(
            replace(opened, actor=make.actor(facilitator)),
            programme_id=made.id,
            cohort_id=None,
            name="What worked",
            about="Small things that changed something.",
            slug="what-worked",
        )
    visit = make.visit("A morning at the Healthy Hub", slots=[VISIT], slug="healthy-hub", programme=made)
    return Programme(webinar, visit, course, summit, facilitator, reviewer, make.admin())


def _local(instant: datetime) -> tuple[date, time]:
    local = instant.astimezone(ports().settings.timezone)
    return local.date(), local.time()


def _webinar(work: Work, programme_id: int, series_id: int) -> Event:
    event = webinars.create_webinar(
        work,
        programme_id=programme_id,
        series_id=series_id,
        slug="what-guelph-learnt",
        title="What Guelph learnt",
        summary="An hour on health and housing.",
        description="How a city in Ontario brought housing and health to one table.",
    )
    on_date, start = _local(WEBINAR)
    webinars.set_session(
        work,
        event_id=event.id,
        seen=revision(event),
        on_date=on_date,
        start=start,
        end=start.replace(hour=start.hour + 1),
        join_url=MEETING,
        join_opens_minutes=60,
        zone=ports().settings.timezone,
    )
    return editing.publish_event(work, event_id=event.id)


def _practical(work: Work, event: Event) -> None:
    editing.edit_practicalities(
        work,
        event_id=event.id,
        place="Town hall, Swindon",
        getting_there="Ten minutes from the station.",
        step_free="All rooms are step-free.",
        bring="",
    )


def _course(work: Work, programme_id: int) -> Event:
    event = courses.create_course(
        work, programme_id=programme_id, title="Change Makers", summary="Two days.", capacity=15, slug="change-makers"
    )
    _practical(work, event)
    for title, starts_at in HALF_DAYS.items():
        on_date, start = _local(starts_at)
        courses.add_half_day(
            work,
            event_id=event.id,
            title=title,
            on_date=on_date,
            start=start,
            end=start.replace(hour=start.hour + 3),
            place="",
            zone=ports().settings.timezone,
        )
    courses.edit_window(work, event_id=event.id, opens_at=work.now - timedelta(days=1), closes_at=CALL_CLOSES)
    return editing.publish_event(work, event_id=event.id)


def _summit(work: Work, programme_id: int) -> Event:
    event = summits.create_summit(
        work, programme_id=programme_id, title="Roundtable summit", summary="Around one table.", slug="roundtable"
    )
    _practical(work, event)
    for kind, title, hours in (("agenda", "Plenary", 0), ("breakout", "Housing and health", 2)):
        on_date, start = _local(SUMMIT + timedelta(hours=hours))
        summits.add_part(
            work,
            event_id=event.id,
            kind=PartKind(kind),
            title=title,
            on_date=on_date,
            start=start,
            end=start.replace(hour=start.hour + 2),
            place="",
            capacity=20 if kind == "breakout" else None,
            zone=ports().settings.timezone,
        )
    return editing.publish_event(work, event_id=event.id)


def fits(page: Page) -> None:
    """Nothing sticks out sideways; the rest is checked on the wide page."""
    width, room = page.evaluate("[document.scrollingElement.scrollWidth, document.scrollingElement.clientWidth]")
    assert width <= room, f"{page.url} is {width} pixels wide in {room}"


class Walk:
    """A page, what one does on it, and a look at each page on the way: each sort of page is checked once."""

    def __init__(self, page: Page, check: Check, shoot: Shoot, name: str) -> None:
        self.page, self._check, self._shoot, self._name = page, check, shoot, name
        self._seen: list[str] = []

    def go(self, path: str) -> "Walk":
        self.page.goto(path)
        return self.look()

    def look(self) -> "Walk":
        if self.heading not in self._seen:
            self._check(self.page)
        self._seen.append(self.heading)
        self._shoot(self.page, f"chain-{self._name}-{len(self._seen):02d}")
        return self

    @property
    def heading(self) -> str:
        return heading(self.page)

    @property
    def text(self) -> str:
        return self.page.get_by_role("main").inner_text()

    def follow(self, name: str) -> "Walk":
        arrive(link(self.page, name).or_(button(self.page, name)).first)
        return self.look()

    def press(self, name: str) -> "Walk":
        arrive(button(self.page, name).first)
        return self.look()

    def answer_all(self, words: str) -> "Walk":
        """Answer whatever the page asks: the last of each set of radios, and words or a number elsewhere."""
        main = self.page.get_by_role("main")
        names = main.locator("input[type=radio]").evaluate_all("all => [...new Set(all.map(one => one.name))]")
        for name in names:
            main.locator(f"input[type=radio][name='{name}']").last.check()
        for field in main.locator("textarea, input[type=text]").all():
            field.fill("3" if field.get_attribute("inputmode") == "numeric" else words)
        return self


@pytest.fixture
def letters(mailbox: Mailbox) -> Callable[[str], Mail]:
    """The newest letter to her whose subject holds these words, after all that is due was sent."""

    def newest(subject: str) -> Mail:
        mailbox.deliver()
        found = [mail for mail in mailbox.messages if subject in mail.subject and ADDRESS in mail["To"]]
        assert found, f"no “{subject}” among {[mail.subject for mail in mailbox.messages]}"
        return found[-1]

    return newest


@pytest.fixture
def run_job(app: Flask) -> Callable[[Callable[[], str]], None]:
    def run(job: Callable[[], str]) -> None:
        with app.app_context():
            job()

    return run


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_from_the_first_webinar_to_the_evidence(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    programme: Programme,
    make: Make,
    clock: FixedClock,
    letters: Callable[[str], Mail],
    run_job: Callable[[Callable[[], str]], None],
) -> None:
    def walk(name: str, person: Person | None = None) -> Walk:
        check = check_page if javascript else fits
        return Walk(visitor(width, javascript=javascript, person=person), check, shoot, name)

    noor, facilitator = walk("noor"), walk("facilitator", programme.facilitator)

    def mark_all(event: Event, starts_at: datetime) -> None:
        """What the host does during a part: everybody who is booked came."""
        (part,) = [part for part in make.event(event.id).parts if part.starts_at == starts_at]
        facilitator.go(f"/events/{event.slug}/attendance?slot={part.id}").press("Everyone without a mark came")

    # She hears of the programme at a webinar, without an account.
    arrive(noor.go("/").page.get_by_role("link", name="Webinars", exact=True))
    noor.look().follow("What Guelph learnt").follow("Register")
    noor.page.get_by_label("E-mail address").fill(ADDRESS)
    noor.page.get_by_label("Full name").fill(NAME)
    noor.page.get_by_label("Organisation").fill(COUNCIL)
    noor.press("Register")
    noor.go(letters("Confirm that").link("/confirm/")).press("Yes, register me")
    booked = letters("Booked")
    assert MEETING not in booked.raw.decode()
    clock.set(WEBINAR - timedelta(minutes=30))
    noor.go(booked.link("/webinars/"))
    assert leave(button(noor.page, "Join now")).url == MEETING
    clock.set(WEBINAR + timedelta(hours=2))
    mark_all(programme.webinar, WEBINAR)

    # She signs in, says who she is, and visits the Healthy Hub.
    noor.go("/visits/").follow("A morning at the Healthy Hub").follow("Book a visit")
    noor.page.get_by_label("E-mail address").fill(ADDRESS)
    noor.press("Send me a link")
    noor.go(letters("Sign in").link("/sign-in/")).press("Sign in now")
    assert noor.heading.endswith("A morning at the Healthy Hub")
    noor.page.get_by_label("10am").check()
    noor.press("Book this visit")
    noor.go("/account/profile")
    assert noor.page.get_by_label("Full name").input_value() == NAME
    noor.page.get_by_label("Council officer").check()
    noor.press("Save")
    clock.set(VISIT + timedelta(hours=2))
    mark_all(programme.visit, VISIT)

    # She applies for one of the fifteen places.
    noor.go("/cohorts/").follow("Change Makers").follow("Apply now")
    for question in noor.page.get_by_role("group").all():
        question.get_by_label("Yes").check()
    noor.press("Continue").press("Start your application")
    while not noor.heading.endswith("Check your answers"):
        todo = noor.page.get_by_role("main").locator(".govuk-task-list__item", has_text=re.compile("Not started"))
        arrive((todo.get_by_role("link") if todo.count() else link(noor.page, "Check your answers")).first)
        noor.look()
        while noor.page.get_by_role("button", name="Save and continue").count():
            noor.answer_all("Neighbours who run their own health walks.").press("Save and continue")
    noor.press("Submit your application")
    letters("application")
    noor.go("/cohorts/change-makers/application")

    # A reviewer scores it without knowing her, the chair chooses and releases.
    clock.set(CALL_CLOSES + timedelta(hours=1))
    reviewer = walk("reviewer", programme.reviewer).go("/cohorts/change-makers/reviews").follow("Review application 1")
    assert NAME not in reviewer.page.content()
    assert COUNCIL not in reviewer.page.content()
    reviewer.answer_all("Clear, and close to the people.").press("Submit the review")
    facilitator.go("/cohorts/change-makers/selection")
    facilitator.page.get_by_label("Outcome of application 1").select_option("offer")
    facilitator.press("Save these choices")
    noor.go("/cohorts/change-makers/application")
    assert "offer" not in noor.text.lower()  # nothing leaks before the release
    facilitator.follow("Release the decisions").press("Release and tell everybody")

    # She is offered a place, accepts, and says what she needs.
    noor.go(letters("place").link("/offers/")).press("Accept the place")
    noor.page.get_by_label("Vegetarian").check()
    noor.press("Save")
    run_job(ask_surveys.run)
    clock.set(MORNING_AFTER)  # it is evening, and a survey waits for working hours
    _answer_survey(noor, letters("Change Makers").link("/surveys/"))

    # Four half-days, and she is an alumna.
    for starts_at in HALF_DAYS.values():
        clock.set(starts_at - timedelta(hours=1))
        run_job(send_reminders.run)
        clock.set(starts_at + timedelta(hours=1))
        mark_all(programme.course, starts_at)
    noor.go("/forum/")
    assert noor.page.get_by_role("link", name="What worked").count() == 0  # not before the last half-day is over
    clock.set(HALF_DAYS["Day 2 afternoon"] + timedelta(hours=4))

    # She asks a question in the practice forum.
    noor.go("/forum/").press("I accept the house rules").follow("What worked").follow("Start a topic")
    noor.page.get_by_label("Title").fill("What could be different?")
    noor.page.get_by_label("Your post").fill("What works, what **doesn’t**, and what could be different?")
    noor.press("Post the topic").follow("Not now: go to your post")
    assert noor.heading.endswith("What could be different?")

    # She comes to the summit.
    admin = walk("admin", programme.admin).go("/admin/summits/roundtable/invitations").follow("Invite people")
    admin.page.get_by_label(re.compile("People, one a line")).fill(f"{NAME} <{ADDRESS}>")
    admin.press("See what it would do").press("Invite 1 person")
    noor.go(letters("Roundtable summit").link("/invitations/"))
    noor.page.get_by_label("Yes, I will come").check()
    noor.page.get_by_label(re.compile("Housing and health")).check()
    noor.press("Send my answer")
    clock.set(SUMMIT + timedelta(minutes=10))
    click = click_in_place if javascript else arrive
    facilitator.go("/events/roundtable/check-in?q=noor")
    click(facilitator.page.get_by_role("button", name=re.compile("Check in")))
    expect(facilitator.page.get_by_role("button", name=re.compile("Undo"))).to_be_visible()
    facilitator.look()

    # Three months on, a job asks her what came of it.
    clock.set(THREE_MONTHS_ON)
    run_job(ask_surveys.run)
    _answer_survey(noor, letters("Change Makers").link("/surveys/"))
    noor.go("/account")

    # An admin exports it all as one record.
    exports = _exports(admin)
    (key,) = {row["person"] for row in exports["attendance"] if row["email"] == ADDRESS}
    came = {(row["event"], row["session"]): row["status"] for row in exports["attendance"] if row["person"] == key}
    assert set(came.values()) <= {"attended", "booked"}
    assert [status for (event, _), status in sorted(came.items()) if event == "change-makers"] == ["attended"] * 4
    assert {event for (event, _), status in came.items() if status == "attended"} == {
        "what-guelph-learnt",
        "healthy-hub",
        "change-makers",
        "roundtable",
    }
    for kind in ("bookings", "applications", "surveys", "forum"):
        assert key in {row["person"] for row in exports[kind]}, kind
    assert {row["wave"] for row in exports["surveys"]} == {"baseline", "3 months"}
    admin.go("/evaluation/")
    admin.go("/admin/people/").follow(NAME)


def _answer_survey(walk: Walk, path: str) -> None:
    walk.go(path)
    if walk.page.get_by_role("button", name="Start").count():
        walk.follow("Start")
    while walk.page.get_by_role("button", name="Save and continue").count():
        walk.answer_all("More than I thought.").press("Save and continue")
    walk.press("Send your answers")
    assert walk.heading == "Thank you"


def _exports(walk: Walk) -> Mapping[str, list[dict[str, str]]]:
    """What the admin downloads, by kind."""
    found = {}
    for kind in ("attendance", "bookings", "applications", "surveys", "forum"):
        answer = walk.page.request.get(f"/evaluation/exports/{kind}.csv?programme=health-inequalities")
        assert answer.status == 200, kind
        found[kind] = list(csv.DictReader(StringIO(answer.text().lstrip("\ufeff"))))
    return found
