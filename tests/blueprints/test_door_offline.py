"""The door without a connection, as the service sees it: a page that names nobody, a list, and what is sent."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Attendance, Event, Mark
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads
from tests.support.queries import count_queries

FORBIDDEN = 403
DAY = 24 * 60 * 60


@pytest.fixture
def visit(make: Make) -> Event:
    visit = make.visit(slots=2)
    brent = make.organisation("Brent Council")
    make.booking(make.person("Amina Yusuf", organisation=brent, needs="A ramp"), visit, party_size=2)
    return visit


@pytest.fixture
def host(make: Make, visit: Event, browse: Browse, clock: FixedClock) -> Person:
    person = make.account("Hana Host")
    make.grant(person, Role.HOST, event=visit)
    browse.sign_in(person)
    clock.set(visit.parts[0].starts_at)
    return person


def the_list(browse: Browse, visit: Event) -> Any:
    return browse.get(f"/events/{visit.slug}/check-in/offline.json").response.get_json()


def send(browse: Browse, visit: Event, body: Any, token: str = "") -> TestResponse:
    return browse.client.post(
        f"/events/{visit.slug}/check-in/presses",
        json=body,
        headers={"X-CSRFToken": token or the_list(browse, visit)["token"]},
    )


def press(visit: Event, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "part": visit.parts[0].id, "seat": 1, "status": "attended", "ago": 60_000, **more}


def stands(reading: Reads) -> Sequence[Attendance]:
    with reading() as read:
        return read.session.scalars(select(Mark.status).where(Mark.superseded_at.is_(None))).all()


class TestTheList:
    def test_holds_todays_names_and_nothing_else_about_them(self, browse: Browse, visit: Event, host: Person) -> None:
        found = the_list(browse, visit)
        part, later = found["parts"]
        assert (part["id"], part["title"]) == (visit.parts[0].id, visit.parts[0].title)
        assert later["guests"] == []
        assert part["guests"] == [
            {"seat": 1, "name": "Amina Yusuf", "booker": "Amina Yusuf", "organisation": "Brent Council", "here": False},
            {"seat": 2, "name": None, "booker": "Amina Yusuf", "organisation": "Brent Council", "here": False},
        ]
        assert 0 < found["keep"] < DAY
        assert set(found) == {"by", "token", "keep", "parts"}

    def test_is_empty_on_another_day(self, browse: Browse, visit: Event, host: Person, clock: FixedClock) -> None:
        clock.move(timedelta(days=-1))
        assert the_list(browse, visit)["parts"] == []

    def test_tells_hosts_apart_without_naming_them(
        self, browse: Browse, make: Make, visit: Event, host: Person
    ) -> None:
        first = the_list(browse, visit)["by"]
        assert first == the_list(browse, visit)["by"]
        assert first != the_list(browse.sign_in(make.admin()), visit)["by"]

    def test_asks_the_database_as_often_for_three_as_for_one(
        self, browse: Browse, make: Make, visit: Event, host: Person, clock: FixedClock
    ) -> None:
        the_list(browse, visit)  # notes that this browser was seen
        counts = []
        for number in range(3):
            clock.move(timedelta(days=-20))
            make.booking(make.person(f"Person {number}"), visit)
            clock.set(visit.parts[0].starts_at)
            with count_queries() as statements:
                the_list(browse, visit)
            counts.append(len(statements))
        assert len(set(counts)) == 1


class TestThePage:
    def test_names_nobody(self, browse: Browse, visit: Event, host: Person) -> None:
        page = browse.get(f"/events/{visit.slug}/check-in").click("Without a connection")
        assert page.heading.startswith("Check in without a connection")
        assert "Amina" not in page.html
        assert "Hana" not in page.html

    def test_has_a_worker_for_doors_alone(self, browse: Browse, visit: Event, host: Person) -> None:
        answer = browse.client.get("/door-worker.js")
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-cache"
        again = browse.client.get("/door-worker.js", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
        assert answer.mimetype == "text/javascript"
        assert answer.headers["Service-Worker-Allowed"] == "/events/"
        page = browse.get(f"/events/{visit.slug}/check-in/offline")
        assert f'data-scope="/events/{visit.slug}/check-in"' in page.html


class TestWhatIsSent:
    def test_becomes_marks(self, browse: Browse, visit: Event, host: Person, reading: Reads) -> None:
        one, other = press(visit), press(visit, seat=2, ago=0)
        answer = send(browse, visit, {"presses": [one, other]})
        assert answer.get_json() == {"outcomes": {one["id"]: "marked", other["id"]: "marked"}}
        undo = press(visit, status="", ago=0)
        assert send(browse, visit, {"presses": [undo]}).get_json() == {"outcomes": {undo["id"]: "marked"}}
        assert len(stands(reading)) == 1
        assert [guest["here"] for guest in the_list(browse, visit)["parts"][0]["guests"]] == [False, True]

    def test_that_is_something_else_is_refused(
        self, browse: Browse, visit: Event, host: Person, reading: Reads
    ) -> None:
        bodies: list[Any] = [
            None,
            [],
            {},
            {"presses": {}},
            {"presses": ["x"]},
            {"presses": [press(visit, id="x")]},
            {"presses": [press(visit, seat="1")]},
            {"presses": [press(visit, part=True)]},
            {"presses": [press(visit, ago=-1)]},
            {"presses": [press(visit, seat=2**63)]},
            {"presses": [press(visit, status="dancing")]},
            {"presses": [press(visit)] * 201},
        ]
        for body in bodies:
            assert send(browse, visit, body).status_code == 422, body
        nested = browse.client.post(
            f"/events/{visit.slug}/check-in/presses",
            data="[" * 100_000,
            content_type="application/json",
            headers={"X-CSRFToken": the_list(browse, visit)["token"]},
        )
        assert nested.status_code == 422
        assert stands(reading) == []
        assert send(browse, visit, {"presses": [press(visit, ago=2**62)]}).status_code == 200
        assert stands(reading) == []

    def test_needs_the_token(self, browse: Browse, visit: Event, host: Person, reading: Reads) -> None:
        the_list(browse, visit)
        assert send(browse, visit, {"presses": [press(visit)]}, token="forged").status_code == FORBIDDEN  # noqa: S106
        assert stands(reading) == []

    def test_by_strangers_is_refused(self, browse: Browse, make: Make, visit: Event, host: Person) -> None:
        token = the_list(browse, visit)["token"]
        browse.sign_in(make.account("Stranger"))
        for path in ("offline", "offline.json"):
            assert browse.get(f"/events/{visit.slug}/check-in/{path}").status == 404
        assert send(browse, visit, {"presses": []}, token=token).status_code == FORBIDDEN
        other = browse.another()
        assert other.get(f"/events/{visit.slug}/check-in/offline.json", follow=False).status == 302
