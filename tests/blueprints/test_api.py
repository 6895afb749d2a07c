"""What programs read: the same as the exports, page by page, and only what has changed."""

import csv
import io
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from cop import exporting
from cop.blueprints.api.resources import LISTINGS
from cop.core.access import TokenScope
from cop.exporting.columns import written
from cop.models.events import Attendance, Event, EventKind, EventState, Visibility
from cop.models.evidence import Indicator, IndicatorValue, Unit
from cop.models.organisations import Membership, Organisation
from cop.models.surveys import Mode
from cop.models.toolkit import Step
from cop.services import toolkit_use
from cop.services.events import booking
from tests.support.api import EVERY_SCOPE, PROGRAMME, Program, Tokens
from tests.support.browse import Browse
from tests.support.clock import START, FixedClock
from tests.support.evidence import Evidence
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.surveys import Surveys
from tests.support.toolkit import Toolkit
from tests.support.waiting import Line

BELOW = f"/programmes/{PROGRAMME}"

Exported = Callable[..., list[dict[str, str]]]


@pytest.fixture
def tokens(app: Flask, make: Make) -> Tokens:
    make.programme()
    return Tokens(app, make)


@pytest.fixture
def program(tokens: Tokens) -> Program:
    """Reads everything, and everybody under a pseudonym."""
    return tokens.program()


@pytest.fixture
def evidence(app: Flask, make: Make) -> Evidence:
    return Evidence(app, make)


@pytest.fixture
def exported(reading: Reads) -> Exported:
    """The rows of an export as its CSV has them."""

    def rows(kind: str, *, pseudonymised: bool = True) -> list[dict[str, str]]:
        with reading() as read:
            chunks = exporting.table(read, kind=kind, programme_slug=PROGRAMME, pseudonymised=pseudonymised)
            return list(csv.DictReader(io.StringIO(b"".join(chunks).decode(), newline="")))

    return rows


def as_exported(items: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Items as a CSV would have them."""
    return [dict(zip(item, written(item.values()), strict=True)) for item in items]


def in_order(rows: list[dict[str, str]]) -> list[list[tuple[str, str]]]:
    return sorted(sorted(row.items()) for row in rows)


def people_at_a_visit(app: Flask, make: Make, work: Working, clock: FixedClock) -> Event:
    """Parties, marks, cancellations and a waiting list."""
    council = make.organisation("Brent", region="London", membership=Membership.ASSOCIATE)
    visit = make.visit(slots=2, capacity=9, party_max=3)
    amina = make.person("Amina", "amina@brent.example", organisation=council)
    held = make.booking(amina, visit, party_size=3, names=["Ben Okri"])
    gone = make.booking(make.account("Gone"), visit, slot=1)
    make.booking(make.person("Dora", None), visit, slot=1, party_size=3)
    full = make.visit("Full", capacity=1)
    make.booking(make.account("Early"), full)
    Line(app, make, full).join(make.account("Waits"), slots=(0,))
    Line(app, make, full).join(make.account("Waits, too"), slots=(0, 1))
    with work() as unit:
        booking.cancel(unit, public_id=gone.public_id)
    Evidence(app, make).mark(held, visit.parts[0], Attendance.PARTIAL, seat=1)
    clock.move(timedelta(minutes=1))
    return visit


class TestTheSameAsTheExports:
    @pytest.mark.parametrize("kind", ["attendance", "bookings"])
    @pytest.mark.parametrize("named", [False, True])
    def test_attendance_and_bookings(
        self,
        kind: str,
        *,
        named: bool,
        tokens: Tokens,
        app: Flask,
        make: Make,
        work: Working,
        clock: FixedClock,
        exported: Exported,
    ) -> None:
        people_at_a_visit(app, make, work, clock)
        elsewhere = make.visit("Elsewhere", programme=make.programme("another"))
        make.booking(make.person("Somebody else"), elsewhere)
        program = tokens.program(None, *EVERY_SCOPE) if named else tokens.program()
        items = program.items(f"{BELOW}/{kind}")
        rows = exported(kind, pseudonymised=not named)
        assert in_order(as_exported(items)) == in_order(rows)
        assert len(rows) == {"attendance": 10, "bookings": 4}[kind]
        assert list(items[0]) == list(rows[0])

    def test_attendance_without_parts_and_of_several(
        self, program: Program, evidence: Evidence, make: Make, exported: Exported
    ) -> None:
        course = evidence.course(half_days=3)
        evidence.alumnus(make.person("Alma", organisation=make.organisation()), course)
        items = program.items(f"{BELOW}/attendance")
        assert in_order(as_exported(items)) == in_order(exported("attendance"))
        assert [item["session"] for item in items] == ["Part 1", "Part 2", "Part 3"]

    @pytest.mark.parametrize("named", [False, True])
    def test_posts_of_the_forum(
        self, tokens: Tokens, evidence: Evidence, make: Make, exported: Exported, clock: FixedClock, *, named: bool
    ) -> None:
        author = make.person("Amina Yusuf", organisation=make.organisation("Brent"))
        topic = evidence.topic(evidence.space(), author)
        clock.move(timedelta(hours=3))
        evidence.post(topic, make.person("Ben"), "Begin *small*.")
        evidence.post(topic, author, "Gone", deleted_at=clock.now())
        program = tokens.program(None, *EVERY_SCOPE) if named else tokens.program()
        items = program.items(f"{BELOW}/forum")
        assert in_order(as_exported(items)) == in_order(exported("forum", pseudonymised=not named))
        assert [item["reply_hours"] for item in items] == [None, 3.0]
        assert ["Begin *small*." in str(item) for item in items] == [False, named]

    @pytest.mark.parametrize("named", [False, True])
    def test_answers_to_surveys(
        self,
        *,
        named: bool,
        tokens: Tokens,
        app: Flask,
        evidence: Evidence,
        make: Make,
        exported: Exported,
        clock: FixedClock,
    ) -> None:
        surveys, visit = Surveys(app, make, clock), make.visit(capacity=None)
        people = [make.account(f"Person {number}") for number in range(6)]
        for person in people:
            make.booking(person, visit)
        for number, person in enumerate(people[:3]):
            evidence.ask(person, visit, {"confidence": number, "ways": ["alone", "both"], "why": "Because"})
        for asked in surveys.put(people, visit, Mode.PANEL):
            surveys.answer(asked)
        program = tokens.program(None, *EVERY_SCOPE) if named else tokens.program()
        sheets = program.items(f"{BELOW}/surveys")
        flat = [
            {**{name: cell for name, cell in sheet.items() if name != "answers"}, **answer}
            for sheet in sheets
            for answer in sheet["answers"]
        ]
        rows = exported("surveys", pseudonymised=not named)
        assert in_order(as_exported(flat)) == in_order(rows)
        assert len(sheets) == 9
        assert ["Because" in json.dumps(sheet) for sheet in sheets[:3]] == [named] * 3

    def test_toolkit_and_its_use(
        self, tokens: Tokens, app: Flask, make: Make, work: Working, exported: Exported
    ) -> None:
        toolkit = Toolkit(make, work)
        resource = toolkit.resource("A guide")
        toolkit.draft("Nobody sees this")
        people = [make.account(organisation=make.organisation()) for _ in range(5)]
        for person in people[:4]:
            with work(make.actor(person)) as unit:
                toolkit_use.tell_use(unit, slug=resource.slug, step=Step.USED, words="We began small.")
        (hidden,) = tokens.program().items(f"{BELOW}/toolkit")
        (shown,) = tokens.program(None, *EVERY_SCOPE).items(f"{BELOW}/toolkit")
        assert hidden["slug"] == resource.slug == shown["slug"]
        assert (hidden["used"], shown["used"]) == (None, 4)
        assert (hidden["organisations"], shown["organisations"]) == (None, 4)
        assert sum(row["act"] == "used" for row in exported("toolkit", pseudonymised=False)) == 4


class TestEvents:
    def test_tell_what_the_page_tells(self, program: Program, make: Make) -> None:
        series = make.series()
        visit = make.visit("A morning at the hub", slots=2, capacity=7, series_id=series.id)
        make.booking(make.person(), visit, party_size=1)
        told = program.call(f"{BELOW}/events/{visit.slug}").get_json()
        assert program.items(f"{BELOW}/events") == [told]
        assert (told["slug"], told["series"], told["kind"], told["state"]) == (
            visit.slug,
            series.slug,
            "visit",
            "published",
        )
        assert told["address"].endswith(f"/visits/{visit.slug}")
        assert [(part["capacity"], part["seats_taken"]) for part in told["parts"]] == [(7, 1), (7, 0)]
        assert told["parts"][0]["starts_at"] == visit.parts[0].starts_at.isoformat()

    def test_leave_out_drafts_and_addresses_of_meetings(self, program: Program, make: Make, work: Working) -> None:
        draft, called_off, webinar = make.visit("Draft"), make.visit("Off"), make.visit("Online")
        with work() as unit:
            unit.session.get_one(Event, draft.id).state = EventState.DRAFT
            off = unit.session.get_one(Event, called_off.id)
            off.state, off.visibility = EventState.CANCELLED, Visibility.UNLISTED
            online = unit.session.merge(webinar.parts[0])
            online.join_url = "https://meet.example/secret"
        assert program.call(f"{BELOW}/events/{draft.slug}").status_code == 404
        found = program.items(f"{BELOW}/events")
        assert [(one["title"], one["state"]) for one in found] == [("Off", "cancelled"), ("Online", "published")]
        assert "meet.example" not in json.dumps(found)

    def test_of_one_kind(self, program: Program, make: Make, evidence: Evidence) -> None:
        make.visit()
        course = evidence.course()
        assert [one["slug"] for one in program.items(f"{BELOW}/events?kind=cohort")] == [course.slug]
        assert program.items(f"{BELOW}/events?kind={EventKind.SUMMIT}") == []


class TestOtherLists:
    def test_organisations_without_doubles(self, program: Program, make: Make, work: Working) -> None:
        kept, double = make.organisation("Brent", region="London"), make.organisation("Brent Council")
        with work() as unit:
            unit.session.get_one(Organisation, double.id).merged_into = kept.id
        (found,) = program.items("/organisations")
        assert (found["slug"], found["name"], found["membership"], found["joined_on"]) == (
            kept.slug,
            "Brent",
            "full",
            None,
        )

    def test_series_of_the_programme(self, program: Program, make: Make) -> None:
        make.series("ours")
        make.series("theirs", programme=make.programme("another"))
        assert [one["slug"] for one in program.items(f"{BELOW}/series")] == ["ours"]

    def test_the_programme(self, program: Program, make: Make) -> None:
        programme = make.programme()
        (found,) = program.items("/programmes")
        assert (found["slug"], found["starts_on"]) == (programme.slug, programme.starts_on.isoformat())
        assert "pseudonym_key" not in found

    def test_indicators_with_their_newest_value(self, tokens: Tokens, make: Make, work: Working) -> None:
        with work() as unit:
            one = Indicator(
                programme_id=make.programme().id,
                code="pledges",
                name="Pledges",
                definition="Pledges that were made",
                unit=Unit.COUNT,
                source="Pledges",
            )
            unit.session.add(one)
            unit.session.flush()
            for days, value in ((0, 12), (1, 3)):
                at = unit.now + timedelta(days=days)
                unit.session.add(
                    IndicatorValue(indicator_id=one.id, on_date=at.date(), value=value, recorded_at=unit.now)
                )
        (hidden,) = tokens.program().items(f"{BELOW}/indicators")
        (shown,) = tokens.program(None, *EVERY_SCOPE).items(f"{BELOW}/indicators")
        assert (shown["code"], shown["value"], shown["on"], shown["hidden"]) == ("pledges", 3.0, "2026-03-03", False)
        assert (hidden["value"], hidden["hidden"]) == (None, True)

    def test_the_index_says_what_the_token_is_good_for(self, tokens: Tokens, make: Make) -> None:
        told = tokens.program(None, TokenScope.SURVEYS, TokenScope.ORGANISATIONS).call("/").get_json()
        assert told["scopes"] == ["organisations", "surveys"]
        assert set(told["lists"]) == {"organisations", "surveys"}
        assert told["lists"]["surveys"].endswith(f"/api/v1{BELOW}/surveys")
        assert told["expires_at"] == (START + timedelta(days=30)).isoformat()
        assert tokens.program(make.admin(), programme=None).call("/").get_json()["programme"] is None

    @pytest.mark.parametrize("rule", [one.rule for one in LISTINGS if one.name != "programmes"])
    def test_an_empty_list_is_an_answer(self, rule: str, program: Program) -> None:
        assert program.call(rule.replace("<slug>", PROGRAMME)).get_json() == {"items": [], "next": None}


class TestPages:
    def test_walking_meets_each_row_once_while_others_are_added(
        self, tokens: Tokens, app: Flask, make: Make, work: Working, clock: FixedClock
    ) -> None:
        program = tokens.program(None, *EVERY_SCOPE)
        visit = people_at_a_visit(app, make, work, clock)
        before = program.items(f"{BELOW}/attendance")
        walked: list[dict[str, Any]] = []
        for page in program.pages(f"{BELOW}/attendance?limit=1"):
            walked += page
            if len(walked) in {2, 5}:
                make.booking(make.person("Late"), make.visit("Another"))
                make.booking(make.person("Late"), visit, slot=1)
        assert [row for row in walked if row["name"] != "Late"] == before
        assert len(walked) == len(before) + 4

    @pytest.mark.parametrize("limit", [1, 2, 3, 500])
    @pytest.mark.parametrize("name", ["attendance", "bookings", "surveys", "forum"])
    def test_the_size_of_a_page_changes_nothing(
        self,
        name: str,
        limit: int,
        program: Program,
        app: Flask,
        make: Make,
        work: Working,
        clock: FixedClock,
        evidence: Evidence,
    ) -> None:
        visit = people_at_a_visit(app, make, work, clock)
        surveys = Surveys(app, make, clock)
        people = [make.account(f"Person {number}") for number in range(5)]
        for asked in surveys.put(people, visit, Mode.PANEL):
            surveys.answer(asked)
        topic = evidence.topic(evidence.space(), people[0])
        for person in people:
            evidence.ask(person, visit, {"confidence": 3})
            evidence.post(topic, person)
        pages = list(program.pages(f"{BELOW}/{name}?limit={limit}"))
        assert [item for page in pages for item in page] == program.items(f"{BELOW}/{name}")
        assert {len(page) for page in pages[:-1]} <= {limit}
        assert 0 < len(pages[-1]) <= limit

    def test_the_smaller_lists_walk_too(self, program: Program, make: Make, work: Working) -> None:
        toolkit = Toolkit(make, work)
        for number in range(3):
            make.organisation()
            make.series(f"series-{number}")
            make.visit()
            toolkit.resource(f"Guide {number}", slug=f"guide-{number}")
        for address in ("/organisations", f"{BELOW}/series", f"{BELOW}/events", f"{BELOW}/toolkit"):
            pages = list(program.pages(f"{address}?limit=2"))
            assert [len(page) for page in pages] == [2, 1]
            assert [item["slug"] for page in pages for item in page] == [
                item["slug"] for item in program.items(address)
            ]

    def test_a_page_of_one_event(
        self, program: Program, app: Flask, make: Make, work: Working, clock: FixedClock
    ) -> None:
        visit = people_at_a_visit(app, make, work, clock)
        for name in ("attendance", "bookings"):
            every = program.items(f"{BELOW}/{name}")
            of_it = [item for page in program.pages(f"{BELOW}/{name}?event={visit.slug}&limit=2") for item in page]
            assert of_it == [item for item in every if item["event"] == visit.slug]
            assert 0 < len(of_it) < len(every)

    def test_a_cursor_is_good_for_its_own_list_and_filters(
        self, program: Program, app: Flask, make: Make, work: Working, clock: FixedClock
    ) -> None:
        visit = people_at_a_visit(app, make, work, clock)
        following = program.call(f"{BELOW}/attendance?limit=1").get_json()["next"]
        cursor = following.rpartition("cursor=")[2]
        middle = len(cursor) // 2
        forged = cursor[:middle] + ("A" if cursor[middle] != "A" else "B") + cursor[middle + 1 :]
        for address in (
            f"{BELOW}/bookings?cursor={cursor}",
            f"{BELOW}/attendance?cursor={cursor}&event={visit.slug}",
            f"{BELOW}/attendance?cursor={forged}",
            f"{BELOW}/attendance?cursor=",
            f"{BELOW}/attendance?cursor={cursor}!",
            f"{BELOW}/attendance?cursor=%F0%9F%99%82",
        ):
            answer = program.call(address)
            assert answer.status_code == 422, address
            assert answer.get_json()["errors"] == [
                {"parameter": "cursor", "detail": "This is no cursor of this list. Begin without one."}
            ]
        assert program.call(f"{BELOW}/attendance?cursor={cursor}").status_code == 200

    def test_a_cursor_tells_nothing_of_our_numbers(
        self, program: Program, app: Flask, make: Make, work: Working, clock: FixedClock
    ) -> None:
        people_at_a_visit(app, make, work, clock)
        following = program.call(f"{BELOW}/bookings?limit=1").get_json()["next"]
        again = program.call(f"{BELOW}/bookings?limit=1").get_json()["next"]
        assert following == again
        sealed = urlsafe_b64decode(following.rpartition("cursor=")[2] + "==")
        assert not sealed.endswith(b"]")

    @pytest.mark.parametrize("name", [one.name for one in LISTINGS])
    def test_the_number_of_statements_stays_the_same(
        self,
        name: str,
        program: Program,
        app: Flask,
        make: Make,
        work: Working,
        clock: FixedClock,
        evidence: Evidence,
    ) -> None:
        address = next(one.rule for one in LISTINGS if one.name == name).replace("<slug>", PROGRAMME)

        def fill() -> None:
            author = make.person()
            visit = people_at_a_visit_of(make)
            evidence.ask(author, visit, {"confidence": 3})
            evidence.topic(evidence.space(f"space-{visit.id}"), author)
            evidence.resource_used(author)
            make.series(f"series-{visit.id}")

        def people_at_a_visit_of(make: Make) -> Event:
            visit = make.visit(slots=2)
            make.booking(make.person(organisation=make.organisation()), visit)
            return visit

        fill()
        program.call(address)
        with count_queries() as one:
            program.call(address)
        for _ in range(3):
            fill()
        with count_queries() as many:
            assert program.call(address).status_code == 200
        assert len(one) == len(many)


class TestAskingAgain:
    def test_nothing_comes_where_nothing_has_changed(self, program: Program, make: Make) -> None:
        make.organisation("Brent")
        first = program.call("/organisations")
        tag = first.headers["ETag"]
        assert not tag.startswith("W/")
        again = program.call("/organisations", headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag
        make.organisation("Leeds")
        changed = program.call("/organisations", headers={"If-None-Match": tag})
        assert changed.status_code == 200
        assert changed.headers["ETag"] != tag

    def test_nobody_else_may_keep_it(self, program: Program) -> None:
        answer = program.call("/organisations")
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "Authorization" in answer.headers["Vary"]
        assert "Set-Cookie" not in answer.headers
        assert not [name for name, _value in answer.headers if name.startswith("Access-Control")]

    def test_head_tells_the_tag_alone(self, program: Program, make: Make) -> None:
        make.organisation()
        whole, head = program.call("/organisations"), program.call("/organisations", method="HEAD")
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["ETag"] == whole.headers["ETag"]
        assert head.headers["Content-Length"] == whole.headers["Content-Length"]


class TestWhatIsNotUnderstood:
    @pytest.mark.parametrize(
        ("question", "parameter"),
        [
            ("limit=0", "limit"),
            ("limit=501", "limit"),
            ("limit=-1", "limit"),
            ("limit=ten", "limit"),
            ("limit=", "limit"),
            ("limit=1.0", "limit"),
            ("limit=%D9%A1", "limit"),
            ("limit=1&limit=2", "limit"),
            (f"limit={'9' * 400}", "limit"),
            ("kind=party", "kind"),
            ("kind=", "kind"),
            ("page=2", "page"),
            ("access_token=abc", "access_token"),
            ("Limit=1", "Limit"),
        ],
    )
    def test_is_refused_by_name(self, question: str, parameter: str, program: Program) -> None:
        answer = program.call(f"{BELOW}/events?{question}")
        assert answer.status_code == 422
        assert answer.content_type == "application/problem+json"
        (error,) = answer.get_json()["errors"]
        assert error["parameter"] == parameter
        assert error["detail"]

    def test_all_that_is_wrong_is_said_at_once(self, program: Program) -> None:
        answer = program.call("/organisations?limit=0&foo=1&bar=2")
        assert [error["parameter"] for error in answer.get_json()["errors"]] == ["limit", "foo", "bar"]

    @pytest.mark.parametrize("path", ["/", "/openapi.json", f"{BELOW}/events/any"])
    def test_what_takes_no_parameters_says_so(self, path: str, program: Program) -> None:
        assert program.call(f"{path}?limit=1").status_code == 422

    @pytest.mark.parametrize("path", ["/nothing", "/programmes/x/y", f"{BELOW}/nothing", "/organisations/"])
    def test_what_is_not_there(self, path: str, program: Program) -> None:
        answer = program.call(path)
        assert answer.status_code == 404
        assert answer.content_type == "application/problem+json"

    def test_a_null_is_no_address(self, program: Program) -> None:
        assert program.call("/organisations?cursor=%00").status_code == 404

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_nothing_can_be_changed(self, method: str, program: Program) -> None:
        answer = program.call("/organisations", method=method)
        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]
        assert answer.get_json()["title"] == "Method Not Allowed"


class TestThePage:
    def test_explains_itself_and_leads_to_the_document(self, browse: Browse) -> None:
        page = browse.get("/api/")
        assert page.heading == "For programs"
        for one in LISTINGS:
            assert f"/api/v1{one.rule}" in page.text
        page.click("OpenAPI 3.1")
        assert page.response.get_json()["openapi"] == "3.1.0"

    def test_the_document_may_be_kept(self, browse: Browse) -> None:
        answer = browse.get("/api/v1/openapi.json").response
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        again = browse.client.get("/api/v1/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
