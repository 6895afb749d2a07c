"""The audit as admins read it, and everybody else does not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from cop.core.access import Actor, Role
from cop.models.accounts import Person
from cop.models.audit import PersonKey
from cop.models.events import Event, Part
from cop.models.tasks import Task
from cop.web import observe
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Working
from tests.support.queries import count_queries

PAGES = ("/admin/audit/", "/admin/audit/reads")


@pytest.fixture
def admin(make: Make, browse: Browse) -> Person:
    person = make.admin("Ada Quill")
    browse.sign_in(person)
    return person


@pytest.fixture
def move(work: Working) -> Callable[[Actor, Event, str], None]:
    """``move(actor, visit, "Hitchin")`` is one change by somebody."""

    def moving(actor: Actor, visit: Event, place: str) -> None:
        with work(actor) as unit:
            unit.session.get_one(Event, visit.id).place = place

    return moving


class TestTheList:
    def test_says_in_plain_words_who_changed_what(
        self, make: Make, work: Working, browse: Browse, admin: Person
    ) -> None:
        visit = make.visit("Healthy Hub", slots=1, capacity=10)
        with work(make.actor(admin)) as unit:
            unit.because("A larger room")
            unit.session.get_one(Part, visit.parts[0].id).capacity = 12
        page = browse.get("/admin/audit/")
        assert "Ada Quill changed a part of the event Healthy Hub : Visit at 10:00" in page.text
        assert "places: 10 → became 12" in page.text
        assert "Reason: A larger room" in page.text

    def test_says_so_where_nothing_was_changed_yet(self, make: Make, work: Working, browse: Browse) -> None:
        admin = make.admin()
        with work() as unit:
            unit.session.execute(update(PersonKey).values(key=None))
        assert browse.sign_in(admin).get("/admin/audit/", what="Nothing at all").text.count("No change fits") == 1

    def test_is_narrowed_by_who_what_kind_and_day(
        self,
        make: Make,
        browse: Browse,
        admin: Person,
        clock: FixedClock,
        move: Callable[[Actor, Event, str], None],
    ) -> None:
        hub, farm = make.visit("Healthy Hub"), make.visit("City Farm")
        ben = make.account("Ben Okoro")
        clock.move(timedelta(days=1))
        move(make.actor(admin), hub, "Hitchin")
        clock.move(timedelta(days=1))
        move(make.actor(ben), farm, "Baldock")

        def shown(**asked: str) -> tuple[bool, bool]:
            text = browse.get("/admin/audit/", **asked).text
            return "Hitchin" in text, "Baldock" in text

        assert shown() == (True, True)
        assert shown(q="ada") == (True, False)
        assert shown(q="okoro") == (False, True)
        assert shown(what="farm") == (False, True)
        assert shown(kind="event") == (True, True)
        assert shown(kind="person") == (False, False)
        assert shown(**{"on-day": "3", "on-month": "3", "on-year": "2026"}) == (True, False)
        assert shown(**{"on-day": "31", "on-month": "2", "on-year": "2026"}) == (True, True)  # nonsense asks nothing

    def test_goes_on_with_what_is_older_and_keeps_the_question(
        self, make: Make, browse: Browse, admin: Person, move: Callable[[Actor, Event, str], None]
    ) -> None:
        visit = make.visit("Healthy Hub")
        for number in range(51):
            move(make.actor(admin), visit, f"Room {number}")
        page = browse.get("/admin/audit/", what="Healthy")
        assert ("Room 50" in page.text, "→ became Room 0" in page.text) == (True, False)
        older = page.click("Older")
        assert "what=Healthy" in older.path
        assert "→ became Room 0" in older.text

    def test_asks_the_same_number_of_questions_however_long_it_is(
        self, make: Make, browse: Browse, admin: Person, move: Callable[[Actor, Event, str], None]
    ) -> None:
        counts = []
        for number in (1, 3):
            for title in range(number):
                move(make.actor(admin), make.visit(f"Visit {title}"), "Hitchin")
            for path in PAGES:
                with count_queries() as sent:
                    browse.get(path)
                counts.append(len(sent))
        assert counts[:2] == counts[2:]


class TestTheHistoryOfARecord:
    def test_is_a_link_away_from_its_staff_pages(self, make: Make, browse: Browse, admin: Person) -> None:
        visit, hitchin, ben = make.visit("Healthy Hub"), make.organisation("Hitchin"), make.person("Ben Okoro")
        for path, name in (
            (f"/admin/events/{visit.slug}", "Healthy Hub"),
            (f"/admin/organisations/{hitchin.slug}", "Hitchin"),
            (f"/admin/people/{ben.public_id}", "Ben Okoro"),
        ):
            page = browse.get(path).click("History of changes")
            assert name in page.heading
            assert f"added the {'record of' if name == 'Ben Okoro' else ''}".strip() in page.text

    def test_of_a_person_holds_whatever_is_about_them(self, make: Make, browse: Browse, admin: Person) -> None:
        ben = make.account("Ben Okoro")
        make.booking(ben, make.visit("Healthy Hub"))
        page = browse.get(f"/admin/audit/person/{ben.id}")
        assert "Ben Okoro added the booking of Ben Okoro (Healthy Hub)" in page.text

    def test_can_be_read_after_the_key_was_forgotten(
        self, make: Make, work: Working, browse: Browse, admin: Person
    ) -> None:
        ben = make.person("Ben", phone="01438 555555")
        with work() as unit:
            unit.session.get_one(Person, ben.id).phone = "01438 666666"
        page = browse.get(f"/admin/audit/person/{ben.id}")
        assert "phone: 01438 555555 → became 01438 666666" in page.text
        with work() as unit:
            unit.session.get_one(PersonKey, ben.id).key = None
        for path in (f"/admin/audit/person/{ben.id}", "/admin/audit/"):
            page = browse.get(path)
            assert "phone: changed; what it said was forgotten at the person’s wish" in page.text
            assert "666666" not in page.text

    @pytest.mark.parametrize("path", ["event/999", "nothing/1", f"event/{2**63}", f"person/{2**63 - 1}", "part/1"])
    def test_of_nothing_is_not_found(self, browse: Browse, admin: Person, make: Make, path: str) -> None:
        make.visit()
        assert browse.get(f"/admin/audit/{path}").status == 404


class TestSensitiveReads:
    def test_are_listed_with_who_when_and_of_what(
        self, make: Make, browse: Browse, admin: Person, clock: FixedClock
    ) -> None:
        visit, host = make.visit("Healthy Hub"), make.account("Hal Host")
        make.grant(host, Role.HOST, event=visit)
        browse.another().sign_in(host).get(f"/events/{visit.slug}/bookings")
        page = browse.get("/admin/audit/reads")
        assert "2 March 2026 at 9am Hal Host Access needs read Healthy Hub" in page.text
        assert "Hal Host" in browse.get("/admin/audit/reads", q="hal", kind="access needs read").text
        assert "Nothing fits this search" in browse.get("/admin/audit/reads", q="ada").text
        assert "Nothing fits this search" in browse.get("/admin/audit/reads", kind="diets read").text

    def test_hold_what_long_work_made_and_not_the_files_of_events(
        self, app: Flask, browse: Browse, admin: Person, work: Working
    ) -> None:
        with work() as unit:
            made = Task(kind="export", params={}, asked_at=unit.now)
            unit.session.add(made)
        with app.app_context():
            observe("downloaded", "task", made.id, actor=Actor(admin.id))
            observe("downloaded", "file", made.id, actor=Actor(admin.id))
        assert browse.get("/admin/audit/reads").text.count("Ada Quill Downloaded export") == 1

    def test_are_not_what_anybody_may_see(self, make: Make, browse: Browse, admin: Person) -> None:
        assert "Nobody has opened anything sensitive yet" in browse.get("/admin/audit/reads").text


@pytest.mark.parametrize("path", [*PAGES, "/admin/audit/person/1", "/admin/operations"])
@pytest.mark.parametrize("role", [*Role, "admin of the programme", None])
def test_only_admins_of_the_whole_service_read_it(make: Make, browse: Browse, path: str, role: str | None) -> None:
    """Chairs, reviewers and evaluators would find here what they must not know."""
    person, programme, organisation = make.account(), make.programme(), make.organisation()
    if role == "admin of the programme":
        make.grant(person, Role.ADMIN, programme=programme)
    elif role == Role.LEAD:
        make.grant(person, Role.LEAD, organisation=organisation)
    elif role is not None and role != Role.ADMIN:
        make.grant(person, Role(role), programme=programme)
    elif role == Role.ADMIN:
        make.grant(person, Role.ADMIN)
    assert browse.sign_in(person).get(path).status == (200 if role == Role.ADMIN else 404)
