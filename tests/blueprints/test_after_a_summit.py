"""What stays of a summit: notes of its tables, actions that people take home, and what came of it."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Event
from cop.queries.actions import link_token
from cop.services import actions
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.seating import Tables

PUBLIC = "/summits/roundtable-summit"
STAFF = "/admin/summits/roundtable-summit"

BY = {"by_on-day": "1", "by_on-month": "6", "by_on-year": "2026"}


@pytest.fixture
def tables(make: Make, work: Working, reading: Reads) -> Tables:
    found = Tables(make, work, reading)
    found.set_up(4, 4, rounds=2)
    return found


@pytest.fixture
def there(tables: Tables, clock: FixedClock) -> Mapping[str, Person]:
    names = {"Amina": "Brent Council", "Ben": "", "Cara": ""}
    people = dict(zip(names, tables.come(names), strict=True))
    clock.set(tables.event.parts[0].starts_at)
    return people


@pytest.fixture
def host(make: Make, tables: Tables) -> Person:
    person = make.account("Hana Host")
    make.grant(person, Role.HOST, event=tables.event)
    return person


def add(work: Working, summit: Event, person: Person, what: str = "Meet the tenants.") -> str:
    with work() as opened:
        owner = f"person {person.public_id}"
        return actions.add_action(opened, event_id=summit.id, owner=owner, what=what, by_on=date(2026, 6, 1)).public_id


class TestNotes:
    def test_are_written_by_hosts_and_become_actions(
        self, browse: Browse, there: Mapping[str, Person], host: Person
    ) -> None:
        page = browse.sign_in(host).get(STAFF).click("What the tables wrote down")
        page.click("Write (Table 2, round 1)").submit("Write it down", words="Damp flats make children ill.")
        assert "It is written down." in page.text
        assert "Hana Host, " in page.text
        page.click("Make an action of it (Table 2, round 1)")
        assert "Damp flats make children ill." in page.text
        page.submit("Note it", owner=f"person {there['Ben'].public_id}", what="Ask the caretaker.", **BY)
        assert "It is noted." in page.text
        assert "Ask the caretaker." in page.text

    def test_written_by_two_at_once_stand_side_by_side(self, browse: Browse, there: object, host: Person) -> None:
        page = browse.sign_in(host).get(f"{STAFF}/notes/1/1")
        other = browse.another().sign_in(host).get(f"{STAFF}/notes/1/1")
        page.submit("Write it down", words="First.")
        other.submit("Write it down", words="Second.")
        assert other.status == 422
        assert "Saved now First." in other.text
        assert "Second." in other.html
        other.submit("Write it down", words="First. Second.")
        assert "First. Second." in other.text

    def test_are_for_staff_of_a_summit_with_tables(
        self, browse: Browse, make: Make, there: Mapping[str, Person], host: Person
    ) -> None:
        browse.sign_in(host)
        for path in ("3/1", "1/3", "0/1", "1/0"):
            assert browse.get(f"{STAFF}/notes/{path}").status == 404
        assert browse.sign_in(there["Amina"]).get(f"{STAFF}/notes").status == 404
        visit = make.visit()
        assert browse.sign_in(make.admin()).get(f"/admin/summits/{visit.slug}/notes").status == 404


class TestActions:
    def test_are_taken_on_said_and_changed_by_those_who_came(
        self, browse: Browse, there: Mapping[str, Person], work: Working, tables: Tables
    ) -> None:
        page = browse.sign_in(there["Amina"]).get(PUBLIC).click("Who does what by when")
        assert "Nobody has taken anything on yet." in page.text
        page.click("Take something on").submit("Note it", what="", **BY)
        assert page.errors == ["Choose who takes it on", "Say what will be done"]
        [ours] = [str(one["value"]) for one in page.soup.select("option") if one.text == "Brent Council"]
        page.submit("Note it", owner=ours, what="A fund for tenants.", **BY)
        assert "Brent Council Not begun yet" in page.text
        page.click("Say how it stands (Brent Council, A fund for tenants.)")
        assert page.submit("Write it down", state="stuck").errors == ["Say in a few words what stood in the way"]
        page.submit("Write it down", state="stuck", what_happened="No money.")
        assert "Brent Council Stuck" in page.text
        page.click("Change (Brent Council, A fund for tenants.)").submit("Save", what="A small fund.")
        assert "A small fund." in page.text
        page.get("/plans/")
        assert "Taken home from summits" in page.text
        page = browse.sign_in(there["Ben"]).get(f"{PUBLIC}/actions")
        assert ("A small fund." in page.text, "Change" in page.text) == (True, False)

    def test_are_not_lost_where_two_change_one(
        self, browse: Browse, there: Mapping[str, Person], work: Working, tables: Tables
    ) -> None:
        public_id = add(work, tables.event, there["Ben"])
        page = browse.sign_in(there["Ben"]).get(f"{PUBLIC}/actions/{public_id}/edit")
        browse.another().sign_in(there["Ben"]).get(f"{PUBLIC}/actions/{public_id}/check").submit(state="done")
        page.submit("Save", what="Meet them twice.")
        assert page.status == 422
        assert "The action was changed meanwhile" in page.errors[0]
        assert "Meet them twice." in page.html
        page.submit("Save")
        assert "Meet them twice." in page.text

    def test_are_for_nobody_who_was_not_there(
        self, browse: Browse, make: Make, there: Mapping[str, Person], work: Working, tables: Tables
    ) -> None:
        public_id = add(work, tables.event, there["Ben"])
        browse.sign_in(make.account())
        assert "Who does what" not in browse.get(PUBLIC).text
        for path in ("", "/new", f"/{public_id}/edit", f"/{public_id}/check"):
            assert browse.get(f"{PUBLIC}/actions{path}").status == 404
        browse.sign_in(there["Cara"])
        for word in ("edit", "check", "remove"):
            assert browse.get(f"{PUBLIC}/actions/{public_id}/{word}").status == 404

    def test_wait_for_the_day(
        self, browse: Browse, there: Mapping[str, Person], clock: FixedClock, tables: Tables
    ) -> None:
        clock.set(tables.event.parts[0].starts_at - timedelta(hours=1))
        page = browse.sign_in(there["Ben"]).get(PUBLIC)
        assert "Who does what" not in page.text
        assert "from when the day begins" in page.get(f"{PUBLIC}/actions").text
        assert "from when the day begins" in page.get(f"{PUBLIC}/actions/new").text

    def test_noted_by_mistake_are_removed_by_staff(
        self, browse: Browse, there: Mapping[str, Person], host: Person, work: Working, tables: Tables
    ) -> None:
        public_id = add(work, tables.event, there["Ben"])
        page = browse.sign_in(host).get(f"{PUBLIC}/actions/{public_id}/remove")
        page.submit("Yes, remove it")
        assert "It is removed." in page.text
        assert "Meet the tenants." not in page.text

    def test_are_answered_by_the_link_of_the_mail_while_it_is_good(
        self,
        browse: Browse,
        there: Mapping[str, Person],
        reading: Reads,
        clock: FixedClock,
        work: Working,
        tables: Tables,
    ) -> None:
        ben = there["Ben"]
        add(work, tables.event, ben)
        forged = [link_token(ben, 2), link_token(there["Cara"], 1), "x"]
        for token in forged:
            assert browse.get(f"/actions/{token}").status == 404
        page = browse.get(f"/actions/{link_token(ben, 1)}").submit("Write it down", state="under way")
        assert "Thank you It is written down." in page.text
        page.submit("Write it down", state="done", what_happened="We met.")
        clock.move(timedelta(days=42 + 60))
        assert browse.get(f"/actions/{link_token(ben, 1)}").status == 200
        clock.move(timedelta(days=1))
        assert browse.get(f"/actions/{link_token(ben, 1)}").status == 404

    def test_ask_the_database_as_often_for_three_as_for_one(
        self, browse: Browse, there: Mapping[str, Person], host: Person, work: Working, tables: Tables
    ) -> None:
        browse.sign_in(host)
        counted = []
        for names in (["Amina"], ["Ben", "Cara"]):
            for name in names:
                add(work, tables.event, there[name])
            with count_queries() as statements:
                browse.get(f"{PUBLIC}/actions")
            counted.append(len(statements))
        assert counted[0] == counted[1]


class TestOutcomes:
    def test_stand_on_the_public_page(self, browse: Browse, make: Make, tables: Tables) -> None:
        make.organisation("Brent Council")
        editor = make.account("Femi Facilitator")
        make.grant(editor, Role.FACILITATOR, programme=make.programme())
        page = browse.sign_in(editor).get(STAFF).click("What came of it: reports and decisions")
        page.click("Add a report or a decision")
        page.submit("Save", kind="report", title="What we heard", url="cop.example/report")
        assert page.errors == ["Enter a whole web address that begins with https://"]
        page.submit("Save", url="https://cop.example/report")
        page.click("Add a report or a decision")
        about = {"title": "A fund for tenants", "organisation": "Brent Council", "words": "Ten thousand pounds."}
        page.submit("Save", kind="decision", follows="1", **about)
        public = browse.another().get(PUBLIC)
        for words in (
            "What came of it",
            "Report 1: What we heard",
            "Decision 1: A fund for tenants",
            "Follows from Report 1, “What we heard”",
            "Brent Council",
        ):
            assert words in public.text
        page.click("Change (Decision 1)")
        assert [str(one["value"]) for one in page.soup.select("option")] == ["", "1"]
        page.submit("Save", title="A larger fund")
        page.click("Remove (Report 1)").submit("Yes, remove it")
        assert "Decision 1: A larger fund" in page.text
        assert "Follows from the summit" in page.text

    def test_are_refused_where_somebody_else_was_faster(
        self, browse: Browse, make: Make, clock: FixedClock, tables: Tables
    ) -> None:
        page = browse.sign_in(make.admin()).get(f"{STAFF}/outcomes/new")
        other = browse.another().sign_in(make.admin("Otto")).get(f"{STAFF}/outcomes/new")
        clock.move(timedelta(seconds=1))
        page.submit("Save", kind="report", title="What we heard")
        other.submit("Save", kind="report", title="What we saw")
        assert other.status == 422
        other.submit("Save")
        assert "Report 2: What we saw" in other.text
        assert other.get(f"{STAFF}/outcomes/3").status == 404
