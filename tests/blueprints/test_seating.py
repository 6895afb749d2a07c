"""The pages of the tables of a summit, for staff, and what guests see of them."""

from collections.abc import Callable

import pytest
from flask import Flask

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import EventState
from scheduled import run_tasks
from tests.support import pdf
from tests.support.browse import Browse
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.seating import Tables
from tests.support.summits import invitation_of, link_to

BASE = "/admin/summits/roundtable-summit/tables"
SIX = {"Ana": "Leeds", "Ben": "Leeds", "Cleo": "Wigan", "Dora": "Wigan", "Emil": "Derby", "Femi": "Derby"}


@pytest.fixture
def tables(make: Make, work: Working, reading: Reads) -> Tables:
    return Tables(make, work, reading)


@pytest.fixture
def carry_out(app: Flask) -> Callable[[], str]:
    def run() -> str:
        with app.app_context():
            return run_tasks.run()

    return run


@pytest.fixture
def fay(make: Make, tables: Tables) -> Person:
    person = make.account("Fay Facilitator")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return person


@pytest.fixture
def hugh(make: Make, tables: Tables) -> Person:
    person = make.account("Hugh Host")
    make.grant(person, Role.HOST, event=tables.event)
    return person


def seated(tables: Tables, rounds: int = 2) -> list[Person]:
    people = tables.come(SIX)
    tables.set_up(4, 4, rounds=rounds)
    tables.seat()
    return list(people)


def typed(page: Browse) -> str:
    return str(page.soup.select("textarea")[0].text).strip()


def test_are_set_up_computed_and_published(
    browse: Browse, tables: Tables, fay: Person, carry_out: Callable[[], str]
) -> None:
    people = tables.come(SIX)
    page = browse.sign_in(fay).get("/admin/summits/roundtable-summit").click("Tables: who sits where")
    assert "Coming: 6 people" in page.text
    page.click("Set up the tables").submit("Save the tables", tables="2 x 4\nnonsense", rounds="2")
    assert (page.status, page.errors) == (422, ["Line 2 has to look like “20 x 8” or like “Top table: 10”"])
    page.submit("Save the tables", tables="1 x 4\nTop table: 4", rounds="2")
    assert "2 with 8 seats in all" in page.text
    page.submit("Seat everybody")
    assert page.heading == "Tables: Roundtable summit"
    carry_out()
    page.get(page.path).click("Go on to the tables")
    assert "Colleagues at one table 0 pairs" in page.text
    assert "Top table" in page.text
    guest = browse.another().sign_in(people[0]).get("/account/bookings").click("Roundtable summit")
    assert "Your table" not in guest.text
    page.submit("Publish the tables")
    assert "Those who come see their table now." in page.text
    table = tables.table_of("Ana", 1)
    assert f"round 2: {table}" in guest.get(guest.path).text
    page.submit("Hide the tables again")
    assert "Your table" not in guest.get(guest.path).text


def test_guests_see_their_table_by_the_link_in_the_letter(
    browse: Browse, tables: Tables, fay: Person, reading: Reads
) -> None:
    people = seated(tables, rounds=1)
    link = link_to(invitation_of(reading, tables.event, people[0]))
    assert "Your table" not in browse.get(link).text
    browse.another().sign_in(fay).get(BASE).submit("Publish the tables")
    assert f"Your table {tables.table_of('Ana')}" in browse.get(link).text


def test_somebody_is_moved_and_pinned(browse: Browse, tables: Tables, hugh: Person) -> None:
    seated(tables)
    page = browse.sign_in(hugh).get(f"{BASE}?round=2")
    here = tables.table_of("Ana", 1)
    page.click("Ana")
    page.submit("Move", table="", other="")
    assert page.errors == ["Choose a table or somebody to change places with, one of the two"]
    table = 1 if here == "Table 1" else 0
    page.submit("Move", table=str(table))
    assert f"Ana sits at “Table {table + 1}” now." in page.text
    assert "Pinned" in page.text
    assert [str(item.text) for item in page.soup.select("[aria-current=page]")] == ["Round 2"]
    page.click("Ana").submit("Let them be moved again")
    assert "They may be moved." in page.text
    page.click("Ana").submit("Pin them where they are")
    assert "They stay there" in page.text
    other = next(name for name in tables.at(1)[here or ""])
    page.click("Ana").submit("Move", other=str(tables.seat_of(other)))
    assert f"Ana sits at “{here}” now." in page.text
    assert tables.table_of(other, 1) == f"Table {table + 1}"


def test_a_move_on_an_old_page_is_refused_and_keeps_what_was_chosen(
    browse: Browse, tables: Tables, hugh: Person
) -> None:
    seated(tables)
    path = f"{BASE}/move/1/{tables.seat_of('Ana')}"
    page, other = browse.sign_in(hugh).get(path), browse.another().sign_in(hugh).get(path)
    chosen = str(page.soup.select("select[name=other] option:not([value=''])")[0]["value"])
    other.submit("Pin them where they are")
    page.submit("Move", other=chosen)
    assert page.status == 422
    assert "Somebody else changed the tables meanwhile" in page.text
    assert [option["value"] for option in page.soup.select("select[name=other] option[selected]")] == [chosen]
    page.submit("Move")
    assert "now." in page.text


def test_latecomers_get_a_place_in_one_press(browse: Browse, tables: Tables, hugh: Person) -> None:
    seated(tables)
    tables.come({"Late": "York"})
    page = browse.sign_in(hugh).get(BASE)
    assert "Without a place" in page.text
    page.submit("Find a place for 1 person")
    assert "1 person has a place now." in page.text
    assert "Without a place" not in page.text


def test_a_press_on_an_old_page_is_refused(browse: Browse, tables: Tables, fay: Person) -> None:
    tables.come(SIX)
    tables.set_up(4, 4)
    page = browse.sign_in(fay).get(BASE)
    tables.set_up(6, 6)
    page.submit("Seat everybody")
    assert page.status == 422
    assert "Somebody else changed the tables meanwhile" in page.text
    page.submit("Seat everybody")
    assert page.heading == "Tables: Roundtable summit"


def test_setting_up_on_an_old_page_shows_how_it_is_now(browse: Browse, tables: Tables, fay: Person) -> None:
    tables.set_up(4, 4)
    page = browse.sign_in(fay).get(f"{BASE}/set-up")
    assert typed(page) == "2 x 4"
    tables.set_up(7)
    page.submit("Save the tables", tables="3 x 5", rounds="1")
    assert page.status == 422
    assert "Table 1: 7" in page.text
    assert typed(page) == "3 x 5"
    page.submit("Save the tables")
    assert "3 with 15 seats in all" in page.text


def test_rules_are_made_by_search_and_removed(browse: Browse, tables: Tables, fay: Person, hugh: Person) -> None:
    seated(tables)
    page = browse.sign_in(fay).get(BASE).click("Who sits together, and who apart")
    assert "There is no rule yet." in page.text
    page.submit("Find", q="nobody")
    assert "Nobody who comes fits “nobody”." in page.text
    page.click("Show everybody").submit("Find", q="ana, wigan")
    assert [box["value"] for box in page.soup.select("input[name=people]")] == [
        str(tables.seat_of(name)) for name in ("Ana", "Cleo", "Dora")
    ]
    page.submit("Add the rule", company="together")
    assert page.errors == ["Choose two people or more"]
    ids = [str(tables.seat_of(name)) for name in ("Ana", "Cleo", "Dora")]
    page.submit("Add the rule", people=ids)
    assert page.errors == []
    assert "Ana sits with Cleo" in page.text
    assert "Cleo sits with Dora" in page.text
    index = page.get(BASE)
    assert "Rules kept" in index.text
    assert "Not kept in round" in index.text
    assert "Rules kept" not in browse.another().sign_in(hugh).get(BASE).text
    page.get(f"{BASE}/rules").submit("Remove (Ana sits with Cleo)")
    assert "The rule is removed." in page.text
    assert "Ana sits with Cleo" not in page.text


def test_removing_a_rule_on_an_old_page_is_refused(browse: Browse, tables: Tables, fay: Person) -> None:
    seated(tables)
    page = browse.sign_in(fay).get(f"{BASE}/rules")
    page.submit("Add the rule", company="apart", people=[str(tables.seat_of(name)) for name in ("Ana", "Cleo")])
    tables.seat()
    page.submit("Remove (Ana does not sit with Cleo)")
    assert page.status == 422
    assert "Somebody else changed the tables meanwhile" in page.text
    page.submit("Remove (Ana does not sit with Cleo)")
    assert "The rule is removed." in page.text


def test_papers_are_printed(browse: Browse, tables: Tables, hugh: Person) -> None:
    assert browse.sign_in(hugh).get(f"{BASE}/lists.pdf").status == 404
    seated(tables)
    words = pdf.words(browse.get(f"{BASE}/lists.pdf").response.get_data())
    assert words.startswith("Tables: Roundtable summit")
    assert words.count("Ana") == 3
    assert [words.count(heading) for heading in ("By name", "Round 1", "Round 2")] == [1, 2, 2]
    words = pdf.words(browse.get(f"{BASE}/cards.pdf").response.get_data())
    assert "Ana" in words
    assert f"Round 2: {tables.table_of('Ana', 1)}" in words


def test_a_cancelled_summit_only_shows_them(browse: Browse, tables: Tables, fay: Person, work: Working) -> None:
    seated(tables)
    with work() as unit:
        unit.session.get_one(type(tables.event), tables.event.id).state = EventState.CANCELLED
    page = browse.sign_in(fay).get(BASE)
    assert "Ana" in page.text
    assert not page.soup.select("main form")
    assert page.get(f"{BASE}/move/1/{tables.seat_of('Ana')}").status == 404


def test_nothing_of_it_is_for_others(browse: Browse, tables: Tables, make: Make, hugh: Person) -> None:
    people = seated(tables)
    for path in ("", "/set-up", "/rules", f"/move/1/{tables.seat_of('Ana')}", "/lists.pdf", "/cards.pdf"):
        assert browse.another().sign_in(people[0]).get(BASE + path).status == 404
    for path in ("/set-up", "/rules"):
        assert browse.another().sign_in(hugh).get(BASE + path).status == 404
    for path in ("/move/0/1", "/move/7/1", "/move/1/999999"):
        assert browse.another().sign_in(hugh).get(BASE + path).status == 404


def test_the_page_takes_as_many_statements_for_one_as_for_many(browse: Browse, tables: Tables, fay: Person) -> None:
    tables.come({"Ana": "Leeds"})
    tables.set_up(4, 4)
    tables.seat()
    page = browse.sign_in(fay).get(BASE)
    with count_queries() as few:
        page.get(BASE)
    tables.come({"Ben": "Derby", "Cleo": "Wigan", "Dora": "", "Emil": ""})
    tables.seat()
    with count_queries() as many:
        page.get(BASE)
    assert len(many) == len(few)
