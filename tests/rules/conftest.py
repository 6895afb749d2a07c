"""What the rules about pages look at: the application with every area, and records that pages can show."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask

from cop import create_app, exporting
from cop.core import secrecy
from cop.core.access import Role, TokenScope
from cop.core.settings import Settings
from cop.models.accounts import Person
from cop.models.commitments import Commitment, CommitmentKind
from cop.models.doors import DoorCode
from cop.models.events import Booking, Event
from cop.models.organisations import Organisation
from cop.models.outbox import Bounce
from cop.models.rosters import AttendanceRecord, RosterNote
from cop.models.security import IdentityProvider, Passkey
from cop.models.statement import Exemption
from cop.models.summits import Answer, Outcome, OutcomeKind
from cop.queries import interest, plans
from cop.queries.actions import link_token as action_token
from cop.queries.addresses import CONFIRMS, STOPS
from cop.queries.cohorts.endorsements import link_token as endorsement_token
from cop.queries.cohorts.preparing import Listing
from cop.queries.speakers import link_token as speaker_token
from cop.queries.summits import link_token
from cop.queries.surveys import token_of
from cop.services import addresses, api_tokens, known_issues, succession
from cop.services.accounts import make_sign_in_link
from cop.services.cohorts.subgroups import add_group
from cop.services.surveys import drafting
from cop.services.tasks import ask as ask_for_task
from cop.web import db
from tests.conftest import empty_tables
from tests.rules.answers import make_answers
from tests.rules.community import make_community
from tests.rules.data_protection import make_data_protection
from tests.rules.elsewhere import make_elsewhere
from tests.support import cohorts, drawing, equality, panel, visiting
from tests.support.attendance_reports import Reports
from tests.support.browse import Browse
from tests.support.clock import START, FixedClock
from tests.support.files import event_file
from tests.support.forum import MakeForum
from tests.support.funder_reports import keep_report
from tests.support.indicators import Indicators
from tests.support.make import Make, reading, working
from tests.support.meet_ups import MeetUps
from tests.support.merging import Merging
from tests.support.postgres import copy_of, settings_for_tests, worker_database
from tests.support.replies import Calendars
from tests.support.rules import Rules
from tests.support.seating import Tables
from tests.support.summits import answer, invitation_of, invite, make_summit, propose
from tests.support.surveys import Surveys
from tests.support.telling import Telling
from tests.support.waiting import Line
from tests.support.webinars import Webinars


@pytest.fixture(scope="session")
def worker_demo_app(settings: Settings, worker_clock: FixedClock) -> Iterator[Flask]:
    app = create_app(replace(settings, demo=True), clock=worker_clock)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(worker_demo_app: Flask, clock: FixedClock) -> Iterator[Flask]:
    """The application with every area that exists, those of the demonstration too."""
    assert clock is not None
    yield worker_demo_app
    empty_tables(worker_demo_app)


@dataclass(frozen=True)
class World:
    """A record of each sort, and somebody of each kind."""

    visit: Event
    booking: Booking
    organisation: Organisation
    visitors: dict[str, Person | None]
    known: list[tuple[str, str, list[str]]]
    """Part of an address, parameter, and values that name something there; the first that fits counts."""

    def values(self, rule: str, name: str) -> list[str]:
        for part, known, values in self.known:
            if part in rule and name == known:
                return values
        raise LookupError(f"tests/rules/conftest.py knows no {name} for {rule}")


@pytest.fixture
def world(app: Flask, make: Make, clock: FixedClock) -> World:
    return make_world(app, make, clock)


@dataclass(frozen=True)
class Lasting:
    """The application with a database and a clock of its own, and a world in it that tests read and never change."""

    app: Flask
    make: Make
    world: World

    def browse(self, visitor: str) -> Browse:
        who = self.world.visitors[visitor]
        browse = Browse(self.app, self.make)
        return browse.sign_in(who) if who else browse


@pytest.fixture(scope="session")
def lasting(template_url: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lasting]:
    """For walks that only read: made once for each worker, where `world` is made for each test."""
    with copy_of(template_url, worker_database(template_url, f"{worker_id}_lasting")) as url:
        clock = FixedClock()
        app = create_app(replace(settings_for_tests(url, tmp_path_factory.mktemp("data")), demo=True), clock=clock)
        make = Make(app)
        yield Lasting(app, make, make_world(app, make, clock))
        with app.app_context():
            db.engine.dispose()


def on_course(make: Make, course: Event, person_id: int) -> tuple[Person, Commitment, RosterNote, AttendanceRecord]:
    """Somebody with a place: their plan, a note about them, and the paper that says that they came."""
    with working(make._app) as work:
        written = Commitment(
            kind=CommitmentKind.PLAN,
            person_id=person_id,
            source_kind=plans.SOURCE,
            source_id=course.id,
            what="Meet the tenants.",
            check_on=(work.now + timedelta(days=100)).date(),
            made_at=work.now,
            changed_at=work.now,
        )
        noted = RosterNote(
            event_id=course.id, person_id=person_id, body="Prefers a call.", by_person_id=person_id, at=work.now
        )
        paper = AttendanceRecord(code="abcdefghjkmn", event_id=course.id, person_id=person_id, issued_at=work.now)
        work.session.add_all([written, noted, paper])
        return work.session.get_one(Person, person_id), written, noted, paper


def doors(app: Flask, organisation: Organisation, person: Person) -> tuple[Passkey, IdentityProvider]:
    """A second factor of somebody, and the sign-in of an organisation, which does not answer."""
    with working(app) as work:
        passkey = Passkey(person_id=person.id, credential_id=b"1", public_key=b"1", name="Laptop", added_at=work.now)
        provider = IdentityProvider(
            organisation_id=organisation.id,
            name="Council account",
            issuer="http://127.0.0.1:1",
            client_id="cop",
            client_secret="secret",  # noqa: S106
            made_at=work.now,
        )
        work.session.add_all([passkey, provider])
        return passkey, provider


def open_code(app: Flask, event: Event) -> DoorCode:
    """A code that people check themselves in with now."""
    with working(app) as work:
        part_id, closes_at = event.parts[0].id, work.now + timedelta(days=9)
        door = DoorCode(
            code="abcdef",
            event_id=event.id,
            part_id=part_id,
            opens_at=work.now,
            closes_at=closes_at,
            made_at=work.now,
        )
        work.session.add(door)
        return door


def after_summit(make: Make, summit: Event, person: Person) -> tuple[Commitment, Outcome]:
    """What somebody takes home from it, and a report about it."""
    with working(make._app) as work:
        taken_on = Commitment(
            kind=CommitmentKind.ACTION,
            person_id=person.id,
            source_kind=plans.SOURCE,
            source_id=summit.id,
            what="Ask the caretaker.",
            by_on=(work.now + timedelta(days=100)).date(),
            check_on=(work.now + timedelta(days=100)).date(),
            made_at=work.now,
            changed_at=work.now,
        )
        report = Outcome(event_id=summit.id, kind=OutcomeKind.REPORT, title="What we heard", added_at=work.now)
        work.session.add_all([taken_on, report])
        return taken_on, report


ISSUE = known_issues.Terms(
    what="The plan of the room is a picture.",
    who="",
    criterion="1.1.1",
    why=Exemption.NON_COMPLIANCE,
    instead="",
    found_on=START.date(),
    planned_on=None,
)


def make_world(app: Flask, make: Make, clock: FixedClock) -> World:
    programme = make.programme()
    series = make.series(programme=programme)
    organisation = make.organisation(domains=["council.example"])
    visit = make.visit(slots=2, party_max=3, series_id=series.id)
    other = make.visit("Another visit")
    participant = make.account(organisation=organisation)
    booking = make.booking(participant, visit, party_size=2, names=["Ben"])
    people = {
        name: make.account(name.capitalize())
        for name in ("stranger", "host", "facilitator", "reviewer", "evaluator", "lead")
    }
    make.grant(people["host"], Role.HOST, event=other)
    make.grant(people["facilitator"], Role.FACILITATOR, programme=programme)
    make.grant(people["reviewer"], Role.REVIEWER, programme=programme)
    make.grant(people["evaluator"], Role.EVALUATOR, programme=programme)
    make.grant(people["lead"], Role.LEAD, organisation=organisation)
    administrator = make.account("Programme admin")
    make.grant(administrator, Role.ADMIN, programme=programme)
    Calendars(app).answer(booking, method="COUNTER")
    with working(app) as work:
        sign_in = make_sign_in_link(work, email="newcomer@council.example")
        work.session.add(Bounce(address="gone@council.example", hard=True, report_id="1", at=work.now))
    forum = MakeForum(app, make)
    alumna = forum.alumna()
    space = forum.space()
    topic = forum.topic(alumna, space)
    report = forum.report(people["facilitator"], post_id=1)
    circle = MeetUps(make, partial(working, app)).meet_up()
    webinars = Webinars(make, partial(working, app))
    webinar = webinars.webinar(series_id=series.id)
    was = webinars.webinar("What was", begins=START - timedelta(days=7))
    webinars.register(participant, webinar, needs="Captions", question="What did it cost?")
    speaker, recording = webinars.spoken_for(webinar), webinars.link(was)
    asking = webinars.asking(webinar)
    came = visiting.walk_in(partial(working, app), was)
    reports = Reports(make, partial(working, app), partial(reading, app))
    draft_report = reports.keep(was, ("Somebody", "", "12:30", "13:30"))
    door = open_code(app, was)
    off = visiting.day_off(partial(working, app), visit, visit.parts[0].starts_at.date())
    visiting.ask(partial(working, app), other, people["host"])
    ask = Surveys(app, make, clock).asked(participant, visit)
    with working(app) as work:
        drafting.reopen(work, code="event-pulse")
    course = cohorts.course(partial(working, app), make, programme=programme, screening=True)
    cohorts.begin(partial(working, app), make, participant, course)
    supporter = cohorts.named(partial(working, app), make, participant, course)
    judged = panel.course(make, "Judged", slug="judged")
    panel.applications(make, judged, 2)
    chosen = panel.course(make, "Chosen", slug="chosen", places=2)
    accepted, offered = panel.offered(make, chosen, "oor")[:2]
    panel.accept(make, accepted)
    reserve = panel.application_of(make, chosen, 3)
    panel.ask_review(make, reserve)
    applied = cohorts.course(partial(working, app), make, "Applied", programme=programme)
    panel.application(make, applied, person=participant)
    equality.answer(make, participant, applied, sex="female")
    member, written, noted, paper = on_course(make, chosen, accepted.person_id)
    with working(app) as work:
        group = add_group(work, event_id=chosen.id, name="Group 1")
    drawn, chair = drawing.course(make, people=4, places=1, targets=(), slug="drawn")
    drawing.drawn(make, chair, drawn)
    panel.release(make, chair, drawn)
    attached = event_file(partial(working, app), visit)
    with working(app, make.actor(people["evaluator"])) as work:
        wanted = {"kind": "bookings", "programme_slug": programme.slug, "pseudonymised": True, "format": "csv"}
        task = ask_for_task(work, kind="export", title="Bookings", params=wanted)
    summit = make_summit(make, partial(working, app))
    invite(partial(working, app), summit, participant)
    invitation = invitation_of(partial(reading, app), summit, participant)
    tables = Tables(make, partial(working, app), partial(reading, app), summit)
    tables.come({"Guest": ""})
    tables.set_up(4, 4)
    sitting = tables.sit("Guest")
    guest = make.person("Delegate", "delegate@council.example")
    invite(partial(working, app), summit, guest)
    proposal = propose(partial(working, app), invitation_of(partial(reading, app), summit, guest))
    answer(partial(working, app), invitation, Answer.YES)
    taken_on, outcome = after_summit(make, summit, participant)
    full = make.visit("A full visit", capacity=1, slug="full-visit")
    make.booking(make.account("Early"), full)
    entry = Line(app, make, full).join(participant)
    rule = Rules(app, clock).add(visit)
    double, twin = make.person("Participant’s double"), make.organisation("The twin", slug="twin")
    merges = Merging(app)
    merge = merges.people(make.person("Kept"), make.person("Gone"))
    telling = Telling(app, make)
    draft, going = telling.draft(), telling.draft()
    telling.send(going)
    telling.release()
    wish = telling.wish(programme, "new@council.example")
    with working(app, make.actor(participant)) as work:
        change = addresses.ask(work, email="new@council.example")
    with working(app) as work:
        ahead = (work.now + timedelta(days=30)).date()
        given = {"predecessors": ["The twin"], "successors": [organisation.name]}
        plan = succession.plan_succession(work, **given, on_date=ahead, moves_domains=True)
        succession.record_succession(work, **given, on_date=ahead, moves_domains=True, seen=plan.seen)
    passkey, provider = doors(app, organisation, participant)
    elsewhere = make_elsewhere(app, make)
    admin = make.admin()
    with working(app, make.actor(admin)) as work:
        known_issues.add(work, terms=ISSUE)
    data_protection = make_data_protection(app, make, participant)
    judged_by = Indicators(app, make, administrator)
    judged_by.note(judged_by.add(name="Panels").code, 12, on=clock.now().date())
    with working(app, make.actor(administrator)) as work:
        token = api_tokens.make(
            work, name="A dashboard", scopes=[TokenScope.EVENTS], programme_slug=programme.slug, lasts=timedelta(days=9)
        )
    funder_reports = [keep_report(app, programme, attended) for attended in (12, 13)]
    community = make_community(app, make, forum, alumna, space, organisation)
    answers = make_answers(app, make, clock, visit, programme, people["evaluator"])
    return World(
        visit,
        booking,
        organisation,
        {
            "signed out": None,
            "participant": participant,
            "alumna": alumna,
            **people,
            "programme admin": administrator,
            **elsewhere,
            "admin": admin,
        },
        [
            *community,
            *data_protection,
            *answers,
            ("/evaluation/indicators/", "programme", [programme.slug]),
            ("/evaluation/indicators/", "code", ["panels"]),
            ("/evaluation/indicators/", "day", [clock.now().date().isoformat()]),
            ("/privacy/", "place", ["booking"]),
            ("/privacy/", "version", ["1"]),
            ("/admin/notices/", "place", ["booking"]),
            ("/forum/", "space", [space.slug]),
            ("/forum/", "topic_id", [str(topic.id)]),
            ("/forum/", "slug", [topic.slug]),
            ("/forum/", "number", ["1"]),
            ("/forum/", "report_id", [str(report.id)]),
            ("/unsubscribe/", "token", [forum.unsubscribe_token()]),
            ("/webinars/", "slug", [webinar.slug, was.slug]),
            ("/meet-ups/", "slug", [circle.slug]),
            ("/meet-ups/", "part_id", [str(circle.parts[0].id)]),
            ("/webinars/", "link_id", [str(recording.id)]),
            ("/people/", "other_id", [double.public_id]),
            ("/organisations/", "other_slug", [twin.slug]),
            ("/succession/take-back", "slug", [twin.slug]),
            ("/merges/", "merge_id", [str(merge.id)]),
            (
                "/confirm/",
                "token",
                [
                    secrecy.sign("registration", asking.public_id),
                    secrecy.sign(CONFIRMS, change.public_id),
                    secrecy.sign(STOPS, change.public_id),
                    interest.token_of(wish),
                ],
            ),
            ("/interest/", "token", [interest.token_of(wish)]),
            ("/consents/", "purpose", ["news"]),
            ("/announcements/", "slug", [programme.slug]),
            ("/announcements/", "public_id", [draft.public_id, going.public_id]),
            ("/surveys/", "token", [token_of(ask)]),
            ("/surveys/", "round_id", [str(ask.id)]),
            ("/surveys/", "public_id", [ask.public_id]),
            ("/questionnaires/", "code", ["event-pulse"]),
            ("/questionnaires/", "item_code", ["e1_6"]),
            ("/questionnaires/", "number", ["1"]),
            ("/application/equality/", "slug", [applied.slug]),
            ("/application/equality/", "question_code", ["sex"]),
            ("/plans/", "token", [plans.link_token(written)]),
            ("/plans/", "slug", [chosen.slug]),
            ("/cohorts/<slug>/plans/", "public_id", [member.public_id]),
            ("/roster/", "public_id", [member.public_id]),
            ("/notes/", "note_id", [str(noted.id)]),
            ("/verify/", "code", [paper.code]),
            ("/groups/", "group_id", [str(group.id)]),
            ("/selection/report", "slug", [drawn.slug]),
            ("/selection/draw/record", "slug", [drawn.slug]),
            ("/cohorts/", "slug", [course.slug, judged.slug, chosen.slug]),
            ("/cohorts/", "number", ["1", "2", "3"]),
            ("/endorsements/", "token", [endorsement_token(supporter)]),
            ("/decisions/", "token", [panel.decision_token(reserve)]),
            ("/offers/", "token", [panel.token(accepted), panel.token(offered)]),
            ("/cohorts/", "code", ["challenge"]),
            ("/cohorts/", "part_id", [str(course.parts[0].id)]),
            ("/cohorts/", "which", list(Listing)),
            ("/cohorts/", "position", ["0"]),
            ("/summits/<slug>/actions/", "public_id", [taken_on.public_id]),
            ("/actions/", "token", [action_token(participant, taken_on.id)]),
            ("/substitutes/", "substitution_id", [str(proposal.id)]),
            ("/outcomes/", "outcome_id", [str(outcome.id)]),
            ("/notes/", "table", ["1"]),
            ("/notes/<int:number>/", "number", ["1"]),
            ("/summits/", "slug", [summit.slug]),
            ("/summits/", "part_id", [str(part.id) for part in summit.parts]),
            ("/summits/", "public_id", [invitation.public_id]),
            ("/tables/", "number", ["1"]),
            ("/tables/", "seat_id", [str(sitting)]),
            ("/invitations/", "token", [link_token(invitation)]),
            ("/self-check-in/", "slug", [was.slug]),
            ("/check-in/", "code", [door.code]),
            ("/self-check-in/", "code", [door.code]),
            ("/walk-in/", "slug", [was.slug]),
            ("/walk-in/", "part_id", [str(was.parts[0].id)]),
            ("/walk-in/", "public_id", [came.public_id]),
            ("/blackouts/", "blackout_id", [str(off.id)]),
            ("/reports/<public_id>", "slug", [was.slug]),
            ("/reports/", "public_id", [draft_report.public_id]),
            ("/reports/", "key", [str(reports.people(draft_report)[0].id)]),
            ("/events/", "slug", [visit.slug, other.slug]),
            ("/questions", "slug", [webinar.slug]),
            ("/questions/", "question_id", ["1"]),
            ("/speakers/", "slug", [webinar.slug]),
            ("/speakers/", "speaker_id", [str(speaker.id)]),
            ("/speakers/", "public_id", [speaker.public_id]),
            ("/speakers/", "token", [speaker_token(speaker)]),
            ("/events/<slug>/wait", "slug", [full.slug, visit.slug]),
            ("/waiting/", "public_id", [entry.public_id]),
            ("/waiting/", "token", [secrecy.sign("waiting", entry.public_id, 0)]),
            ("/visits/", "slug", [visit.slug, other.slug]),
            ("/organisations/", "slug", [organisation.slug]),
            ("/programmes/", "slug", [programme.slug]),
            ("/series/", "slug", [series.slug]),
            ("/series/", "series_slug", [series.slug]),
            ("/events/", "part_id", [str(visit.parts[0].id), str(other.parts[0].id)]),
            ("/events/", "day", [visit.parts[0].starts_at.date().isoformat()]),
            ("/files/", "public_id", [attached.public_id]),
            ("/bookings/", "public_id", [booking.public_id]),
            ("/people/", "public_id", [participant.public_id]),
            ("/people/", "grant_id", ["1"]),
            ("/audit/", "kind", ["event", "person", "organisation"]),
            ("/audit/", "subject_id", ["1"]),
            ("/messages/plan/", "key", ["reminder-week"]),
            ("/messages/plan/", "on", [(visit.parts[0].starts_at - timedelta(days=7)).date().isoformat()]),
            ("/admin/accessibility/", "issue_id", ["1"]),
            ("/messages/", "outbox_id", ["1"]),
            ("/messages/", "rule_id", [str(rule.id)]),
            ("/messages/", "bounce_id", ["1"]),
            ("/replies/", "reply_id", ["1"]),
            ("/sign-in/", "token", [sign_in]),
            ("/bookings/", "token", [secrecy.sign("booking", booking.public_id, booking.link_generation)]),
            ("/calendar/", "token", [secrecy.sign("calendar", participant.public_id, participant.calendar_generation)]),
            ("/exports/", "format_", ["csv", "xlsx", "json"]),
            ("/evaluation/reports/", "public_id", [funder_reports[1].public_id]),
            ("/evaluation/reports/", "section", ["introduction", "reach"]),
            ("/evaluation/reports/", "format_", ["html", "docx", "pdf"]),
            ("/exports/", "kind", list(exporting.KINDS)),
            ("/static/", "filename", ["app.js"]),
            ("/demo/", "number", ["1"]),
            ("/demo/", "role", ["host"]),
            ("/tasks/", "public_id", [task.public_id]),
            ("/admin/tokens/", "public_id", [token.public_id]),
            ("/account/security/", "public_id", [passkey.public_id]),
            ("/single-sign-on/", "public_id", [provider.public_id]),
        ],
    )
