"""Bookings, applications, surveys, forum and toolkit as files: who is in them, what is told of whom, and when."""

import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop import exporting
from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.settings import Settings
from cop.models.accounts import Affiliation, Person, Sector
from cop.models.cohorts import ApplicationState, Conflict, DecisionOutcome
from cop.models.events import Event, EventKind
from cop.models.offers import OfferState
from cop.models.organisations import Membership
from cop.models.service import Observation
from cop.models.summits import Answer
from cop.models.surveys import Mode, Wave
from cop.models.toolkit import Resource, Step
from cop.services import toolkit_use
from cop.services.events import booking
from scheduled import close_surveys
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.evidence import Evidence
from tests.support.make import Make, Reads, Working, working
from tests.support.queries import count_queries
from tests.support.surveys import Surveys
from tests.support.toolkit import Toolkit

SLUG = "health-inequalities"
KINDS = ("bookings", "applications", "surveys", "forum", "toolkit")
WHO = ("person", "name", "email", "organisation", "organisation_kind", "membership", "region", "newer_member", "sector")
TOLD = {
    "name": "Amina Yusuf",
    "email": "amina@brent.example",
    "organisation": "Brent",
    "organisation_kind": "council",
    "membership": "associate",
    "region": "London",
    "newer_member": "yes",
    "sector": "councillor",
}
SECRETS = ("Amina", "amina@", "Brent", "Because of my neighbours", "How do you begin", "Tell me", "Slowly", "We began")

Row = dict[str, str]
Export = Callable[..., list[Row]]


@pytest.fixture
def evidence(app: Flask, make: Make) -> Evidence:
    return Evidence(app, make)


@pytest.fixture
def amina(make: Make) -> Person:
    council = make.organisation("Brent", membership=Membership.ASSOCIATE, region="London", joined_on=date(2025, 1, 1))
    return make.account("Amina Yusuf", "amina@brent.example", organisation=council, sector=Sector.COUNCILLOR)


@pytest.fixture
def export(reading: Reads) -> Export:
    """``export("bookings")`` are the rows with names."""

    def rows(kind: str, *, pseudonymised: bool = False, slug: str = SLUG) -> list[Row]:
        with reading() as read:
            chunks = exporting.table(read, kind=kind, programme_slug=slug, pseudonymised=pseudonymised)
            return list(csv.DictReader(io.StringIO(b"".join(chunks).decode(), newline="")))

    return rows


@pytest.fixture
def codebook(reading: Reads) -> Export:
    def rows(kind: str, *, pseudonymised: bool = False) -> list[Row]:
        with reading() as read:
            chunks = exporting.codebook(read, kind=kind, programme_slug=SLUG, pseudonymised=pseudonymised)
            return list(csv.DictReader(io.StringIO(b"".join(chunks).decode(), newline="")))

    return rows


@dataclass(frozen=True)
class Chain:
    """What one person left behind, from an invitation to a post."""

    visit: Event
    course: Event


@pytest.fixture
def chain(make: Make, evidence: Evidence, amina: Person, clock: FixedClock) -> Chain:
    visit, course = make.visit(), evidence.course()
    evidence.invitation(amina, visit, Answer.YES)
    make.booking(amina, visit, party_size=2, names=["Ben Okri"])
    answers = {"why": "Because of my neighbours", "confidence": 6, "ways": ["both"]}
    evidence.offer(evidence.application(amina, course, answers=answers), OfferState.ACCEPTED)
    evidence.ask(amina, visit, {"why": "Slowly", "confidence": 9, "ways": ["alone", "both"]})
    topic = evidence.topic(evidence.space(), amina)
    clock.move(timedelta(minutes=90))
    evidence.post(topic, amina, "Tell me more of it")
    evidence.resource_used(amina)
    return Chain(visit, course)


class TestAnExport:
    @pytest.mark.parametrize("kind", ["attendance", *KINDS])
    def test_begins_with_the_words_of_the_contract(self, kind: str) -> None:
        names = [column.name for column in exporting.KINDS[kind].columns]
        shared = ("programme", "event", "event_kind", *WHO)
        assert [name for name in names if name in shared] == list(shared)
        assert kind == "attendance" or names[: len(shared)] == list(shared)

    @pytest.mark.usefixtures("chain")
    @pytest.mark.parametrize("kind", KINDS)
    def test_tells_who_somebody_was(self, export: Export, amina: Person, kind: str) -> None:
        found = [row for row in export(kind) if row["name"] == "Amina Yusuf"]
        assert found
        for row in found:
            assert {name: row[name] for name in WHO} == TOLD | {"person": amina.public_id}

    @pytest.mark.usefixtures("chain")
    @pytest.mark.parametrize("kind", KINDS)
    def test_hides_people_and_what_they_wrote_behind_keys_that_hold_in_all_kinds(
        self, export: Export, amina: Person, kind: str
    ) -> None:
        named, rows = export(kind), export(kind, pseudonymised=True)
        text = json.dumps(rows)
        assert not [secret for secret in (*SECRETS, amina.public_id) if secret in text]
        assert len(rows) == len(named)
        keys = {(row["person"], row["organisation"]) for row in rows}
        assert keys == {(row["person"], row["organisation"]) for row in export("bookings", pseudonymised=True)}
        for row in rows:
            assert (row["name"], row["email"]) == ("", "")

    @pytest.mark.usefixtures("chain")
    @pytest.mark.parametrize("hidden", [False, True])
    @pytest.mark.parametrize("kind", KINDS)
    def test_has_a_codebook_that_counts_the_same_rows(
        self,
        export: Export,
        codebook: Export,
        kind: str,
        hidden: bool,  # noqa: FBT001
    ) -> None:
        rows, book = export(kind, pseudonymised=hidden), codebook(kind, pseudonymised=hidden)
        assert list(rows[0]) == list(dict.fromkeys(row["column"] for row in book))
        assert all(row["meaning"] for row in book)
        for name in rows[0]:
            cells = Counter(row[name] for row in rows if row[name])
            counts = {row["value"]: int(row["count"]) for row in book if row["column"] == name}
            assert counts.pop("") == cells.total()
            assert {value: count for value, count in counts.items() if count} == (cells if counts else {})

    @pytest.mark.usefixtures("chain")
    @pytest.mark.parametrize("kind", KINDS)
    def test_stays_with_its_programme(self, make: Make, export: Export, kind: str) -> None:
        make.programme("another")
        assert export(kind, slug="another") == []

    @pytest.mark.parametrize("kind", KINDS)
    def test_of_nothing_is_a_header(self, make: Make, reading: Reads, kind: str) -> None:
        make.programme()
        with reading() as read:
            body = b"".join(exporting.table(read, kind=kind, programme_slug=SLUG, pseudonymised=False)).decode()
        assert body == ",".join(column.name for column in exporting.KINDS[kind].columns) + "\r\n"

    @pytest.mark.parametrize("kind", exporting.KINDS)
    def test_needs_the_same_statements_for_one_person_and_for_three(
        self, make: Make, evidence: Evidence, export: Export, kind: str
    ) -> None:
        visit, course, space, counted = make.visit(), evidence.course(), evidence.space(), []
        for _ in range(3):
            person = make.person(organisation=make.organisation())
            make.booking(person, visit)
            evidence.application(person, course, answers={"confidence": 3})
            evidence.ask(person, visit, {"confidence": 3})
            evidence.topic(space, person)
            evidence.resource_used(person)
            with count_queries() as sent:
                export(kind)
            counted.append(len(sent))
        assert set(counted) == {counted[0]}

    @pytest.mark.usefixtures("chain")
    @pytest.mark.parametrize("kind", KINDS)
    def test_reads_no_cell_as_a_formula(self, make: Make, evidence: Evidence, export: Export, kind: str) -> None:
        evil = make.person("=1+1", organisation=make.organisation("@SUM(A1)"))
        visit = make.visit()
        make.booking(evil, visit)
        evidence.application(evil, evidence.course(), answers={"why": "=2"})
        evidence.ask(evil, visit, {"why": "-3"})
        evidence.topic(evidence.space("another"), evil, "+4", "=5")
        evidence.resource_used(evil, "=6")
        cells = [cell for row in export(kind) if row["name"] == "'=1+1" for cell in row.values()]
        assert "'@SUM(A1)" in cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


class TestBookings:
    def test_hold_each_booking_once(self, export: Export, chain: Chain, amina: Person, evidence: Evidence) -> None:
        course, visit = export("bookings")
        assert {name: cell for name, cell in visit.items() if name not in WHO} == {
            "programme": SLUG,
            "event": chain.visit.slug,
            "event_kind": "visit",
            "booking": evidence.booking_of(amina, chain.visit).public_id,
            "state": "live",
            "source": "self",
            "party_size": "2",
            "sessions": "Visit at 10:00",
            "booked_at": "2026-03-02T09:00:00+00:00",
            "cancelled_at": "",
            "invited_at": "2026-03-02T09:00:00+00:00",
            "invitation": "yes",
        }
        assert (course["event_kind"], course["source"], course["sessions"]) == ("cohort", "offer", "Part 1; Part 2")
        assert (course["invited_at"], course["invitation"]) == ("", "")

    def test_keep_what_was_cancelled_with_what_it_held(
        self, make: Make, export: Export, work: Working, clock: FixedClock
    ) -> None:
        amina, visit = make.person(), make.visit()
        held = make.booking(amina, visit)
        clock.move(timedelta(hours=1))
        with work(make.actor(amina)) as unit:
            booking.change(unit, public_id=held.public_id, part_ids=[visit.parts[1].id], party=booking.Party(1))
        clock.move(timedelta(hours=1))
        with work(make.actor(amina)) as unit:
            booking.cancel(unit, public_id=held.public_id)
        make.booking(amina, visit)
        assert [(row["state"], row["sessions"], row["cancelled_at"]) for row in export("bookings")] == [
            ("cancelled", "Visit at 11:30", "2026-03-02T11:00:00+00:00"),
            ("live", "Visit at 10:00", ""),
        ]

    def test_have_other_words_when_pseudonymised(self, export: Export, chain: Chain) -> None:
        named, hidden = export("bookings"), export("bookings", pseudonymised=True)
        assert not {row["booking"] for row in named} & {row["booking"] for row in hidden}
        assert len({row["booking"] for row in hidden}) == 2


class TestApplications:
    def test_hold_each_application_with_its_scores(
        self, make: Make, export: Export, evidence: Evidence, amina: Person
    ) -> None:
        course, staff = evidence.course(), make.person("Staff")
        application = evidence.application(amina, course, answers={"confidence": 6, "why": "To learn", "ways": []})
        for total in (3.0, 4.5, None):
            evidence.review(application, make.person("Rita"), total)
        for score in (2.0, 4.25, None):
            evidence.moderation(application, staff, score)
        (before,) = export("applications")
        assert [before[name] for name in ("reviews", "mean_score", "moderated_score")] == ["", "", ""]
        evidence.release(course)
        (row,) = export("applications")
        assert {name: cell for name, cell in row.items() if name not in WHO} == {
            "programme": SLUG,
            "event": course.slug,
            "event_kind": "cohort",
            "application": application.public_id,
            "number": "1",
            "state": "submitted",
            "source": "self",
            "started_at": "2026-03-02T09:00:00+00:00",
            "submitted_at": "2026-03-02T09:00:00+00:00",
            "withdrawn_at": "",
            "reviews": "2",
            "mean_score": "3.75",
            "moderated_score": "4.25",
            "outcome": "",
            "reserve_rank": "",
            "offer": "",
            "questionnaire": "course 1",
            "answers": '{"why": "To learn", "confidence": 6, "ways": []}',
        }

    def test_tell_no_outcome_before_everybody_is_told(self, make: Make, export: Export, evidence: Evidence) -> None:
        course, staff = evidence.course(), make.admin()
        outcomes = [(DecisionOutcome.OFFER, None), (DecisionOutcome.RESERVE, 2), (DecisionOutcome.DECLINE, None)]
        for outcome, rank in outcomes:
            evidence.decision(evidence.application(make.person(), course), staff, outcome, rank=rank)
        assert {(row["outcome"], row["reserve_rank"]) for row in export("applications")} == {("", "")}
        evidence.release(course)
        told = [(row["outcome"], row["reserve_rank"]) for row in export("applications")]
        assert told == [("offer", ""), ("reserve", "2"), ("decline", "")]

    def test_tell_what_became_of_the_last_offer(self, make: Make, export: Export, evidence: Evidence) -> None:
        application = evidence.application(make.person(), evidence.course())
        for state in (OfferState.LAPSED, OfferState.OPEN):
            evidence.offer(application, state)
        assert [row["offer"] for row in export("applications")] == ["open"]

    def test_count_no_review_whose_author_took_it_back(self, make: Make, export: Export, evidence: Evidence) -> None:
        course, rita = evidence.course(), make.person("Rita")
        application = evidence.application(make.person(), course)
        evidence.review(application, rita, 1.0)
        evidence.review(application, make.person("Ron"), 4.0)
        with working(make._app) as work:
            said = Conflict(application_id=application.id, reviewer_id=rita.id, reason="A friend", declared_at=work.now)
            work.session.add(said)
        evidence.release(course)
        (row,) = export("applications")
        assert (row["reviews"], row["mean_score"]) == ("1", "4.00")

    @pytest.mark.parametrize("hidden", [False, True])
    def test_keep_judgement_and_answers_from_an_admin_in_conflict(
        self,
        make: Make,
        evidence: Evidence,
        reading: Reads,
        hidden: bool,  # noqa: FBT001
    ) -> None:
        council, course = make.organisation(), evidence.course()
        ada = make.account("Ada", organisation=council)
        make.grant(ada, Role.ADMIN, programme=make.programme())
        for place in (council, make.organisation()):
            application = evidence.application(make.person(organisation=place), course, answers={"confidence": 6})
            evidence.review(application, make.person(), 4.0)
            evidence.decision(application, ada, DecisionOutcome.OFFER)
            evidence.offer(application)
        evidence.release(course)
        with reading(make.actor(ada)) as read:
            chunks = exporting.table(read, kind="applications", programme_slug=SLUG, pseudonymised=hidden)
            rows = list(csv.DictReader(io.StringIO(b"".join(chunks).decode(), newline="")))
        told = ("reviews", "mean_score", "outcome", "offer", "answers")
        found = {tuple(row[name] for name in told) for row in rows}
        assert found == {("", "", "", "", ""), ("1", "4.00", "offer", "open", '{"confidence": 6}')}

    def test_say_of_those_without_a_place_nothing_that_finds_them_when_pseudonymised(
        self, make: Make, export: Export, evidence: Evidence, chain: Chain
    ) -> None:
        """Or the rows would count the groups that are too small to be shown, and lead to the report of the draw."""
        left = make.person(organisation=make.organisation(region="Wales"), sector=Sector.RESIDENT)
        evidence.offer(evidence.application(left, chain.course), OfferState.DECLINED)
        assert {row["region"] for row in export("applications")} == {"London", "Wales"}
        rows = export("applications", pseudonymised=True)
        standing = ("organisation", "organisation_kind", "membership", "region", "newer_member", "sector")
        (placed,) = [row for row in rows if row["offer"] == "accepted"]
        (other,) = [row for row in rows if row["offer"] == "declined"]
        assert all(placed[name] for name in standing)
        assert not any(other[name] for name in standing)
        assert {(row["number"], row["submitted_at"]) for row in rows} == {("", "2026-03-02")}
        assert all(row["person"] for row in rows)

    def test_leave_drafts_to_their_writers(self, make: Make, export: Export, evidence: Evidence) -> None:
        evidence.application(make.person(), evidence.course(), ApplicationState.DRAFT, {"why": "Half a sentence"})
        (row,) = export("applications")
        assert (row["state"], row["number"], row["answers"]) == ("draft", "", "")

    def test_leave_free_text_out_when_pseudonymised(self, export: Export, chain: Chain) -> None:
        (row,) = export("applications", pseudonymised=True)
        assert json.loads(row["answers"]) == {"confidence": 6, "ways": ["both"]}


class TestSurveys:
    def test_hold_each_answer(self, export: Export, chain: Chain) -> None:
        rows = export("surveys")
        assert [(row["code"], row["kind"], row["value"], row["label"]) for row in rows] == [
            ("why", "text", "Slowly", "Slowly"),
            ("confidence", "scale", "9", "9"),
            ("ways", "choices", "alone", "Alone"),
            ("ways", "choices", "both", "Both"),
        ]
        assert {name: rows[1][name] for name in rows[1] if name not in WHO} == {
            "programme": SLUG,
            "event": chain.visit.slug,
            "event_kind": "visit",
            "wave": "pulse",
            "questionnaire": "pulse",
            "version": "1",
            "mode": "named",
            "respondent": "",
            "submitted_on": "2026-03-02",
            "code": "confidence",
            "question": "How confident are you?",
            "kind": "scale",
            "value": "9",
            "label": "9",
        }

    def test_leave_free_text_out_when_pseudonymised(self, export: Export, chain: Chain) -> None:
        rows = export("surveys", pseudonymised=True)
        assert [(row["code"], row["value"]) for row in rows] == [
            *(("why", ""), ("confidence", "9"), ("ways", "alone"), ("ways", "both")),
        ]

    def test_name_nobody_of_a_panel_and_of_an_anonymous_survey(
        self, app: Flask, make: Make, clock: FixedClock, export: Export
    ) -> None:
        """Whoever asks, and with names: a key of the panel holds over time, that of a sheet stands for itself."""
        surveys, visit = Surveys(app, make, clock), make.visit(slots=[clock.now() - timedelta(days=20)])
        people = [make.person(f"Guest {number}", f"guest{number}@council.example") for number in range(5)]
        for mode in (Mode.PANEL, Mode.ANONYMOUS):
            for wave in (Wave.PULSE, Wave.REFLECTION):
                for ask in surveys.put(people, visit, mode, wave=wave):
                    surveys.answer(ask)
        clock.move(timedelta(days=15))
        with app.app_context():
            close_surveys.run()
        for pseudonymised in (False, True):
            rows = export("surveys", pseudonymised=pseudonymised)
            assert {(row["person"], row["name"], row["email"], row["organisation"]) for row in rows} == {("",) * 4}
            keys = {mode: {row["respondent"] for row in rows if row["mode"] == mode} for mode in ("panel", "anonymous")}
            assert (len(rows), len(keys["panel"]), len(keys["anonymous"])) == (20, 5, 10)
            assert {row["submitted_on"] for row in rows if row["mode"] == "anonymous"} == {"2026-03-17"}

    def test_list_the_questions_in_the_codebook(self, codebook: Export, chain: Chain) -> None:
        listed = [
            (row["value"], row["count"]) for row in codebook("surveys") if row["column"] == "code" and row["value"]
        ]
        assert listed == [("confidence", "1"), ("ways", "2"), ("why", "1")]

    def test_hold_no_draft(self, make: Make, export: Export, evidence: Evidence) -> None:
        evidence.ask(make.person(), evidence.event(EventKind.SUMMIT, "Summit"), wave=Wave.MONTHS_3)
        assert export("surveys") == []


class TestTheForum:
    def test_holds_each_post(self, export: Export, chain: Chain) -> None:
        first, second = export("forum")
        assert {name: cell for name, cell in second.items() if name not in WHO} == {
            "programme": SLUG,
            "event": "",
            "event_kind": "",
            "space": "everybody",
            "topic": first["topic"],
            "title": "How do you begin?",
            "post": "2",
            "made_at": "2026-03-02T10:30:00+00:00",
            "reply_hours": "1.50",
            "words": "5",
            "text": "Tell me more of it",
        }
        assert (first["post"], first["reply_hours"], first["text"]) == ("1", "", "Tell me.")

    def test_leaves_out_what_was_deleted_or_hidden(
        self, make: Make, export: Export, evidence: Evidence, clock: FixedClock, work: Working
    ) -> None:
        space, amina = evidence.space(), make.person()
        topic, gone = evidence.topic(space, amina), evidence.topic(space, amina, "Gone")
        evidence.post(topic, amina, "Deleted", deleted_at=clock.now())
        evidence.post(topic, amina, "Hidden", hidden_at=clock.now())
        evidence.post(topic, amina, "Left")
        with work() as unit:
            unit.session.merge(gone).hidden_at = unit.now
        assert [(row["post"], row["text"]) for row in export("forum")] == [("1", "Tell me."), ("4", "Left")]

    def test_names_the_course_of_a_space(self, make: Make, export: Export, evidence: Evidence) -> None:
        course = evidence.course()
        evidence.topic(evidence.space("alumni-one", course=course), make.person())
        assert [(row["event"], row["event_kind"]) for row in export("forum")] == [(course.slug, "cohort")]

    def test_hides_which_topic_it_is_when_pseudonymised(self, export: Export, chain: Chain) -> None:
        rows = export("forum", pseudonymised=True)
        assert len({row["topic"] for row in rows}) == 1
        assert rows[0]["topic"] != export("forum")[0]["topic"]
        assert {(row["title"], row["text"]) for row in rows} == {("", "")}
        assert [row["words"] for row in rows] == ["2", "5"]


class TestTheToolkit:
    @pytest.fixture
    def resource(self, make: Make, work: Working) -> Resource:
        toolkit = Toolkit(make, work)
        made = toolkit.draft(slug="panel")
        self.item = toolkit.file(made)
        return toolkit.publish(made)

    def test_holds_each_act_in_the_order_of_time(
        self, make: Make, work: Working, browse: Browse, export: Export, clock: FixedClock, resource: Resource
    ) -> None:
        amina = make.account("Amina", "amina@brent.example", organisation=make.organisation("Brent"))
        visitor, seen = browse.another(), f"/toolkit/{resource.slug}"
        visitor.get(seen)
        clock.move(timedelta(minutes=1))
        browse.sign_in(amina).get(seen)
        clock.move(timedelta(minutes=1))
        browse.client.get(f"{seen}/files/{self.item.public_id}")
        clock.move(timedelta(days=30))
        with work(make.actor(amina)) as unit:
            toolkit_use.tell_use(unit, slug="panel", step=Step.RESULT, words="A panel that meets.")
        clock.move(timedelta(minutes=1))
        with work(make.actor(amina)) as unit:
            toolkit_use.say_useful(unit, slug="panel", useful=False, words="Too long.", visitor=b"")
        rows = export("toolkit")
        told = ("name", "organisation", "act", "version", "item", "at", "text")
        assert [tuple(row[name] for name in told) for row in rows] == [
            ("", "", "viewed", "1", "", "2026-03-02T09:00:00+00:00", ""),
            ("Amina", "Brent", "viewed", "1", "", "2026-03-02T09:01:00+00:00", ""),
            ("Amina", "Brent", "downloaded", "1", "The guide, to print", "2026-03-02T09:02:00+00:00", ""),
            ("Amina", "Brent", "result", "1", "", "2026-04-01T09:02:00+00:00", "A panel that meets."),
            ("", "", "not useful", "1", "", "2026-04-01T09:03:00+00:00", "Too long."),
        ]
        assert {(row["resource"], row["resource_kind"]) for row in rows} == {("panel", "guide")}
        hidden = export("toolkit", pseudonymised=True)
        assert {row["text"] for row in hidden} == {""}
        assert len({row["person"] for row in hidden if row["act"] == "viewed"}) == 2

    def test_tells_where_somebody_was_on_the_day(
        self, make: Make, work: Working, browse: Browse, export: Export, resource: Resource
    ) -> None:
        amina = make.account(organisation=make.organisation("Brent"), sector=Sector.COUNCILLOR)
        browse.sign_in(amina).get(f"/toolkit/{resource.slug}")
        camden = make.organisation("Camden")
        with work() as unit:
            moved = update(Affiliation).where(Affiliation.person_id == amina.id)
            unit.session.execute(moved.values(organisation_id=camden.id, sector=Sector.RESIDENT))
        assert [(row["organisation"], row["sector"]) for row in export("toolkit")] == [("Brent", "councillor")]

    def test_names_the_event_that_a_resource_came_out_of(self, make: Make, export: Export, evidence: Evidence) -> None:
        visit = make.visit()
        evidence.resource_used(make.person(), event_id=visit.id)
        assert [(row["event"], row["event_kind"]) for row in export("toolkit")] == [(visit.slug, "visit")]


class TestWhoMayExport:
    @pytest.mark.usefixtures("chain")
    @pytest.mark.parametrize("kind", ["attendance", *KINDS])
    def test_evaluators_get_pseudonyms_whatever_they_ask(self, make: Make, reading: Reads, kind: str) -> None:
        evaluator = make.person("Eva")
        make.grant(evaluator, Role.EVALUATOR, programme=make.programme())
        with reading(make.actor(evaluator)) as read:
            text = b"".join(exporting.table(read, kind=kind, programme_slug=SLUG, pseudonymised=False)).decode()
        assert len(text.splitlines()) > 1
        assert not [secret for secret in SECRETS if secret in text]

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("role", [Role.FACILITATOR, Role.REVIEWER, Role.HOST, Role.ADMIN, Role.EVALUATOR])
    def test_nobody_else_does(self, make: Make, reading: Reads, evidence: Evidence, kind: str, role: Role) -> None:
        """Facilitators and reviewers of the programme, and admins and evaluators of an event or of another one."""
        person, course = make.person(), evidence.course()
        if role in {Role.ADMIN, Role.EVALUATOR}:
            make.grant(person, role, event=course)
            make.grant(person, role, programme=make.programme("another"))
        else:
            make.grant(person, role, programme=make.programme())
        with reading(make.actor(person)) as read:
            for one in (exporting.table, exporting.codebook):
                with pytest.raises(NotFound):
                    one(read, kind=kind, programme_slug=SLUG, pseudonymised=True)

    def test_nobody_gets_a_kind_that_is_none(self, make: Make, reading: Reads, browse: Browse) -> None:
        make.programme()
        with reading() as read, pytest.raises(NotFound):
            exporting.table(read, kind="secrets", programme_slug=SLUG, pseudonymised=False)
        browse.sign_in(make.admin())
        for path in ("secrets.csv", "secrets-codebook.csv", "attendance-codebook-codebook.csv"):
            assert browse.get(f"/evaluation/exports/{path}", programme=SLUG).status == 404


class TestTheCommand:
    @pytest.mark.usefixtures("chain")
    def test_writes_the_bytes_that_the_page_gives(
        self, app: Flask, settings: Settings, make: Make, browse: Browse, tmp_path: Path
    ) -> None:
        browse.sign_in(make.admin())
        environment = {
            "PATH": os.environ["PATH"],
            "COP_DATA_DIR": str(tmp_path),
            "DATABASE_URL": settings.database_url,
            "SECRET_KEY": settings.secret_key,
            "COP_ENCRYPTION_KEYS": ",".join(settings.encryption_keys),
        }
        for kind in KINDS:
            out = tmp_path / f"{kind}.csv"
            cop = str(Path(sys.executable).with_name("cop"))
            subprocess.run(  # noqa: S603  our own
                [cop, "export", kind, "--programme", SLUG, "--format", "csv", "--pseudonymised", "--out", str(out)],
                env=environment,
                check=True,
                capture_output=True,
            )
            asked = {"programme": SLUG, "pseudonymised": 1}
            assert browse.get(f"/evaluation/exports/{kind}.csv", **asked).response.data == out.read_bytes()
            book = out.with_name(f"{kind}-codebook.csv").read_bytes()
            assert browse.get(f"/evaluation/exports/{kind}-codebook.csv", **asked).response.data == book


class TestADownload:
    @pytest.mark.parametrize("kind", KINDS)
    def test_is_noted_with_who_took_it(self, browse: Browse, make: Make, reading: Reads, kind: str) -> None:
        evaluator = make.account("Eva")
        make.grant(evaluator, Role.EVALUATOR, programme=make.programme())
        browse.sign_in(evaluator).get(f"/evaluation/exports/{kind}.csv", programme=SLUG)
        with reading() as read:
            (note,) = read.session.scalars(select(Observation))
        assert (note.kind, note.person_id, note.subject_id) == (f"{kind} exported", evaluator.id, make.programme().id)
